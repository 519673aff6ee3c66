//! Changes to an account other than to its balance.

use serde::{Deserialize, Serialize};

use crate::{Account, Amount, Freeze, Refusal, TypeCode};

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
    /// Makes several changes together: all of them happen, or none.
    Several(Changes),
}

/// Changes to one account that happen together. What is `None` stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Freezes or unfreezes debits and credits.
    pub frozen: Option<Freeze>,
    /// Sets how far below zero the balance may go.
    pub overdraft: Option<Amount>,
    /// Sets the account's own limit per transfer.
    pub limit_per_transfer: Option<LimitException>,
    /// Sets the account's own limit per day.
    pub limit_per_day: Option<LimitException>,
    /// Moves the account to another type of the same currency.
    pub kind: Option<TypeCode>,
}

impl Changes {
    /// The changes, one by one.
    pub fn parts(self) -> impl Iterator<Item = Change> {
        let Changes { frozen, overdraft, limit_per_transfer, limit_per_day, kind } = self;
        [
            frozen.map(Change::Freeze),
            overdraft.map(Change::Overdraft),
            limit_per_transfer.map(Change::LimitPerTransfer),
            limit_per_day.map(Change::LimitPerDay),
            kind.map(Change::Type),
        ]
        .into_iter()
        .flatten()
    }
}

impl Change {
    /// The type that the account is moved to.
    pub const fn new_type(&self) -> Option<TypeCode> {
        match *self {
            Change::Type(code) | Change::Several(Changes { kind: Some(code), .. }) => Some(code),
            _ => None,
        }
    }

    /// Does what the change says to an account of which [`decide_change`] allowed it.
    pub(super) fn apply(self, account: &mut Account) {
        match self {
            Change::Freeze(frozen) => account.frozen = frozen,
            Change::Close => account.closed = true,
            Change::Overdraft(overdraft) => account.overdraft = overdraft,
            Change::LimitPerTransfer(limit) => account.limit_per_transfer = limit,
            Change::LimitPerDay(limit) => account.limit_per_day = limit,
            Change::Type(kind) => account.kind = kind,
            Change::Several(changes) => changes.parts().for_each(|change| change.apply(account)),
        }
    }
}

/// Decides whether `change` may happen to `account`, none of whose debits is undecided.
///
/// That the new type ([`Change::new_type`]) exists and has the account's currency is for the caller to see to.
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
        // Each of them may happen to the account as it is: none of them changes what another one rests on.
        Change::Several(changes) => changes.parts().try_for_each(|change| decide_change(account, &change)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;

    fn won(units: u64) -> Amount {
        Amount::new(units).unwrap()
    }

    /// The bytes of each kind of change, which journals have.
    #[test]
    fn changes_are_stored_as_they_ever_were() {
        let limit = LimitException::At(won(7));
        for (change, bytes) in [
            (Change::Freeze(Freeze { debits: true, credits: false }), &[0, 1, 0][..]),
            (Change::Close, &[1]),
            (Change::Overdraft(won(300)), &[2, 251, 44, 1]),
            (Change::LimitPerTransfer(limit), &[3, 1, 7]),
            (Change::LimitPerDay(LimitException::Unlimited), &[4, 2]),
            (Change::Type(TypeCode::new("std").unwrap()), &[5, 3, 115, 116, 100]),
            (Change::Several(Changes::default()), &[6, 0, 0, 0, 0, 0]),
            (
                Change::Several(Changes {
                    frozen: Some(Freeze { debits: false, credits: true }),
                    overdraft: Some(won(5)),
                    limit_per_transfer: Some(limit),
                    limit_per_day: Some(LimitException::Inherit),
                    kind: Some(TypeCode::new("std").unwrap()),
                }),
                &[6, 1, 0, 1, 1, 5, 1, 1, 7, 1, 0, 1, 3, 115, 116, 100],
            ),
        ] {
            let mut stored = Vec::new();
            codec::encode(&change, &mut stored).unwrap();
            assert_eq!(stored.split_first(), Some((&1, bytes)), "{change:?}");
            assert_eq!(codec::decode::<Change>(&stored).unwrap(), change);
        }
    }
}
