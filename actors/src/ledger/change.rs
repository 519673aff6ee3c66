//! Changes to an account other than to its balance.

use serde::{Deserialize, Serialize};

use super::{Account, Amount, Freeze, Refusal, TypeCode};

/// An account's own limit, in place of its type's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitException {
    /// The type's default holds.
    #[default]
    Inherit,
    /// This amount holds; zero blocks all transfers.
    At(Amount),
    /// No limit holds, whatever the type says.
    Unlimited,
}

impl LimitException {
    /// The limit in force when the type's default is `default`; `None` for no limit.
    pub const fn over(self, default: Option<Amount>) -> Option<Amount> {
        match self {
            LimitException::Inherit => default,
            LimitException::At(limit) => Some(limit),
            LimitException::Unlimited => None,
        }
    }
}

/// A change to one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// Freezes or unfreezes debits and credits.
    Freeze(Freeze),
    /// Closes the account, for ever, which must be at zero and have no part in an open hold.
    Close,
    /// Sets how far below zero the balance may go.
    Overdraft(Amount),
    /// Sets the account's own limit per transfer.
    LimitPerTransfer(LimitException),
    /// Sets the account's own limit per day.
    LimitPerDay(LimitException),
    /// Moves the account to another type of the same currency.
    Type(TypeCode),
}

/// Decides whether `change` may happen to `account`, none of whose debits is undecided.
///
/// That the new type of [`Change::Type`] exists and has the account's currency is for the caller to see to.
///
/// # Errors
/// [`Refusal::SystemAccount`], [`Refusal::AccountClosed`], [`Refusal::NotEmpty`], [`Refusal::HoldsOpen`],
/// [`Refusal::OverdraftInUse`].
pub fn decide_change(account: &Account, change: &Change) -> Result<(), Refusal> {
    if account.role.is_system() {
        return Err(Refusal::SystemAccount { number: account.number });
    }
    if account.closed {
        return Err(Refusal::AccountClosed { number: account.number });
    }
    let posted = account.posted;
    match *change {
        Change::Close if posted.minor_units() != 0 => Err(Refusal::NotEmpty { posted }),
        Change::Close if !account.held.is_zero() || !account.pending_in.is_zero() => {
            Err(Refusal::HoldsOpen { held: account.held, pending_in: account.pending_in })
        }
        Change::Overdraft(overdraft) if posted.is_below(overdraft) || account.held > posted.available(overdraft) => {
            Err(Refusal::OverdraftInUse { posted, overdraft })
        }
        _ => Ok(()),
    }
}
