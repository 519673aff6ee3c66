//! Prefetches the memory of accounts that the next records need (decision 0020).

use std::hint::black_box;

use super::Books;
use jangbu_ledger::Record;

/// The number of records that are prefetched at a time.
pub(super) const AT_ONCE: usize = 16;

impl Books {
    /// Prefetches what these records will be applied to. Prefetching for several records takes hardly longer than for
    /// one.
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
