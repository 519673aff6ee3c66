//! What can happen to one account.

use serde::{Deserialize, Serialize};

use super::{Amended, Change, Debited, Drawn, Role};
use crate::{AccountId, AccountNumber, Amount, Currency, OwnerId, Timestamp, TypeCode};

/// What happens to one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// It comes into being.
    Opened(&'a AccountOpened),
    /// Money goes out.
    Debited(Debited),
    /// Money comes in.
    Credited(Amount),
    /// Something else about it changes.
    Changed(&'a Change),
    /// Money is set aside for a hold.
    Held(Debited),
    /// A hold of another account may bring this.
    Expected(Amount),
    /// Money leaves one of its holds.
    Drawn(Drawn),
    /// A hold of another account brings money, or will not bring what was expected.
    Brought {
        /// What comes in.
        amount: Amount,
        /// What is expected no longer.
        released: Amount,
    },
    /// One of its holds is extended or raised.
    Amended(Amended),
}

/// The opening of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountOpened {
    /// The engine's id, counting up.
    pub account: AccountId,
    /// The number, given or generated.
    pub number: AccountNumber,
    /// The owner.
    pub owner: OwnerId,
    /// The account type.
    pub kind: TypeCode,
    /// The currency.
    pub currency: Currency,
    /// Whom the account serves.
    pub role: Role,
    /// How far below zero the balance may go.
    pub overdraft: Amount,
    /// When it was opened.
    pub opened_at: Timestamp,
}
