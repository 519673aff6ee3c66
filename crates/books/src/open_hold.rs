//! What the engine takes over from the books: open holds, and accounts with theirs.

use jangbu_ledger::{Account, AccountNumber, Amount, Hold, Position, Timestamp};

/// Where an open hold is, once its record is queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenHold {
    /// The account that pays, which has the hold.
    pub from: AccountNumber,
    /// The receiver.
    pub to: AccountNumber,
    /// What the receiver may get in all, which is what a verifier is asked about.
    pub amount: Amount,
    /// The place of the hold's record in the journal.
    pub placed: Position,
    /// From when on it can no longer be settled.
    pub expires_at: Option<Timestamp>,
    /// Whether it waits for its verification.
    pub verified: bool,
}

/// An account and its open holds.
#[derive(Debug)]
pub struct LoadedAccount {
    /// The account.
    pub account: Account,
    /// Its open holds.
    pub holds: Vec<Hold>,
}
