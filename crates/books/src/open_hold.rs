//! Open holds, and accounts with their open holds, as the engine loads them from the books.

use jangbu_ledger::{Account, AccountNumber, Amount, Hold, Position, Refusal, Timestamp};

/// An open hold whose record is queued or durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenHold {
    /// The account that pays.
    pub from: AccountNumber,
    /// The receiver.
    pub to: AccountNumber,
    /// The total amount that the receiver may get, which is what a verifier is asked about.
    pub amount: Amount,
    /// The position of the hold's record in the journal.
    pub placed: Position,
    /// When the hold expires, if ever. From then on it cannot be settled.
    pub expires_at: Option<Timestamp>,
    /// Whether the hold awaits its verification.
    pub verified: bool,
}

/// The number of holds that can still be opened in the bank.
#[derive(Clone, Copy, Debug)]
pub struct HoldRoom {
    /// The number of further holds.
    pub left: usize,
    /// The maximum number of open holds in the bank.
    pub most: u32,
}

impl HoldRoom {
    /// Checks that one more hold can be opened when `before` others come first.
    pub const fn check(self, before: usize) -> Result<(), Refusal> {
        if before < self.left { Ok(()) } else { Err(Refusal::TooMany { most: self.most }) }
    }
}

/// An account and its open holds.
#[derive(Debug)]
pub struct LoadedAccount {
    /// The account.
    pub account: Account,
    /// Its open holds.
    pub holds: Vec<Hold>,
}
