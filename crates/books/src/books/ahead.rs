//! Accounts' memory that the next records need, asked for ahead (decision 0020).

use std::hint::black_box;

use super::Books;
use jangbu_ledger::Record;

/// For so many records at once.
pub(super) const AT_ONCE: usize = 16;

impl Books {
    /// Asks for what these records will be applied to. For several of them at once it comes in hardly more time than for one.
    pub(super) fn look_at(&self, records: &[Record]) {
        for record in records {
            record.body.for_each_leg(record.date, |account, _| {
                if let Some(held) = self.accounts.get(&account) {
                    black_box((held.account.version, held.account.open_holds, held.dirty, held.holds.len()));
                }
            });
        }
    }
}
