//! The events of one account.

use serde::{Deserialize, Serialize};

use super::{Amended, Change, Debited, Drawn, Role};
use crate::{AccountId, AccountNumber, Amount, Currency, OwnerId, Timestamp, TypeCode};

/// A change to one account: one leg of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The account is opened.
    Opened(&'a AccountOpened),
    /// Money goes out.
    Debited(Debited),
    /// Money comes in.
    Credited(Amount),
    /// Something other than its balance changes.
    Changed(&'a Change),
    /// Money is set aside for one of its holds.
    Held(Debited),
    /// A hold of another account names it as the receiver of this amount.
    Expected(Amount),
    /// Money leaves one of its holds.
    Drawn(Drawn),
    /// A hold of another account brings money, or no longer will.
    Brought {
        /// The amount that arrives.
        amount: Amount,
        /// The amount that is no longer expected.
        released: Amount,
    },
    /// One of its holds is extended or raised.
    Amended(Amended),
}

/// The opening of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountOpened {
    /// The engine's id of the account. Ids count up.
    pub account: AccountId,
    /// The account number, given or generated.
    pub number: AccountNumber,
    /// The owner.
    pub owner: OwnerId,
    /// The account type.
    pub kind: TypeCode,
    /// The currency.
    pub currency: Currency,
    /// The account's role.
    pub role: Role,
    /// How far below zero the balance may go.
    pub overdraft: Amount,
    /// When the account was opened.
    pub opened_at: Timestamp,
}
