//! Changes to an account other than to its balance.

use serde::{Deserialize, Serialize};

use crate::{Account, Amount, Freeze, Refusal, TypeCode};

/// An account's own limit, in place of its type's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitException {
    /// The type's limit applies.
    #[default]
    Inherit,
    /// This limit applies. Zero blocks all transfers.
    At(Amount),
    /// No limit applies, whatever the type's limit is.
    Unlimited,
}

impl LimitException {
    /// Returns the limit in force, where `default` is the type's limit. `None` means no limit.
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
    /// Closes the account permanently. Its balance must be zero, and it must not be part of an open hold.
    Close,
    /// Sets how far below zero the balance may go.
    Overdraft(Amount),
    /// Sets the account's own limit per transfer.
    LimitPerTransfer(LimitException),
    /// Sets the account's own limit per day.
    LimitPerDay(LimitException),
    /// Moves the account to another type of the same currency.
    Type(TypeCode),
    /// Makes several changes together: either all take effect, or none.
    Several(Changes),
}

/// Changes to one account that take effect together. Fields that are `None` stay as they are.
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
    /// Returns the changes one by one.
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
    /// Returns the type to which the account moves, if any.
    pub const fn new_type(&self) -> Option<TypeCode> {
        match *self {
            Change::Type(code) | Change::Several(Changes { kind: Some(code), .. }) => Some(code),
            _ => None,
        }
    }

    /// Applies a change that [`decide_change`] has allowed.
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

/// Decides whether `change` is allowed for `account`, which must have no undecided debit.
///
/// The caller checks that the new type ([`Change::new_type`]) exists and has the account's currency.
///
/// # Errors
/// The first that applies of [`Refusal::SystemAccount`], [`Refusal::AccountClosed`], [`Refusal::NotEmpty`],
/// [`Refusal::HoldsOpen`] and [`Refusal::OverdraftInUse`].
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
        // Each part is checked against the account as it is, because no part changes what another depends on.
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

    /// The encoding of each kind of change, as existing journals have it.
    #[test]
    fn changes_keep_their_stored_form() {
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
