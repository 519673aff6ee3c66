//! Memory that is needed soon, asked for ahead.
//!
//! What a command or an answer needs of its accounts is seldom in the processor's nearer caches, and each step waits for the
//! one before. For several of them at once it comes in hardly more time than for one (decision 0020).

use arrayvec::ArrayVec;

use crate::account::Reply;
use crate::command::Command;
use crate::ledger::{AccountNumber, ContentHash, HoldId};

use super::core::Core;

/// For so many commands or answers at once.
pub(super) const AT_ONCE: usize = 16;

impl Core {
    /// Asks for what the first commands to be taken in next will need.
    pub(super) fn prefetch_commands(&self, coming: &[(Command, ContentHash)]) {
        let mut accounts: ArrayVec<AccountNumber, { 2 * AT_ONCE }> = ArrayVec::new();
        for (command, _) in coming.iter().take(AT_ONCE) {
            self.known.prefetch(command.id());
            let (from, to) = match command {
                Command::Transfer(transfer) => (Some(transfer.from), Some(transfer.to)),
                Command::PlaceHold(hold) => (Some(hold.from), Some(hold.to)),
                Command::Deposit(cash) => (None, Some(cash.account)),
                Command::Withdrawal(cash) => (Some(cash.account), None),
                Command::SettleHold(settle) => self.accounts_of(settle.hold),
                Command::VoidHold(void) => self.accounts_of(void.hold),
                _ => (None, None),
            };
            accounts.extend(from.into_iter().chain(to));
        }
        let seats: ArrayVec<_, { 2 * AT_ONCE }> =
            accounts.iter().filter_map(|number| self.seats.find(number)).collect();
        for seat in seats {
            self.seats.prefetch(seat);
        }
    }

    fn accounts_of(&self, hold: HoldId) -> (Option<AccountNumber>, Option<AccountNumber>) {
        self.referred.prefetch(hold.key());
        self.open_holds.get(hold).map_or((None, None), |open| (Some(open.from), Some(open.to)))
    }

    /// Asks for what the first answers to be taken up next will need.
    pub(super) fn prefetch_replies(&self, coming: &[Reply]) {
        for reply in coming.iter().take(AT_ONCE) {
            let (Reply::Debited { ticket, .. } | Reply::Credited { ticket } | Reply::Drawn { ticket, .. }) = reply
            else {
                continue;
            };
            if let Some(flight) = self.flights.get(*ticket) {
                self.seats.prefetch(flight.from);
                self.seats.prefetch(flight.to);
            }
        }
    }
}
