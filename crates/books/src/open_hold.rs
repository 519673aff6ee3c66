//! Open holds, and accounts with their open holds, as the engine loads them from the books.

use jangbu_ledger::{Account, AccountNumber, Amount, Hold, Position, Timestamp};

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
    pub requires_verification: bool,
}

/// An account and its open holds.
#[derive(Debug)]
pub struct LoadedAccount {
    /// The account.
    pub account: Account,
    /// Its open holds.
    pub holds: Vec<Hold>,
}
