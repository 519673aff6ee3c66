//! What may be asked of several accounts at once: linked steps, reversals, sweeps.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Step;
use crate::{AccountNumber, Amount, Balance, CommandId, Details, HoldId};

/// Carries out up to 64 steps in their order, all or none, as one record. All steps together are bounded by
/// [`MAX_COMMAND_BYTES`](super::MAX_COMMAND_BYTES): of 64 transfers, each has room for 1,000 bytes of texts.
///
/// A step sees what the steps before it did: the second may spend what the first brought. Nobody else does before all are
/// decided. Steps can reverse several movements of one command, each of them at most once. The hold that a step places is
/// known by the command's id and the number of the step ([`HoldId`]); later commands draw on it, and no step of the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The id under which all of it takes effect at most once.
    pub id: CommandId,
    /// The steps.
    pub steps: Vec<Step>,
}

impl Linked {
    /// Links `steps` under a new id.
    pub fn new(steps: Vec<Step>) -> Linked {
        Linked { id: CommandId::random(), steps }
    }

    /// Settles all that is left of every hold, or of none.
    pub fn settle_all<H: Into<HoldId>>(holds: impl IntoIterator<Item = H>) -> Linked {
        Linked::new(holds.into_iter().map(Step::settle).collect())
    }

    /// Voids every hold, or none.
    pub fn void_all<H: Into<HoldId>>(holds: impl IntoIterator<Item = H>) -> Linked {
        Linked::new(holds.into_iter().map(Step::void).collect())
    }

    /// Sets the id.
    #[must_use]
    pub fn with_id(mut self, id: CommandId) -> Linked {
        self.id = id;
        self
    }

    /// Whether two steps reverse the same movement.
    pub(super) fn reverses_twice(&self) -> bool {
        let mut seen = BTreeSet::new();
        self.steps.iter().filter_map(Step::reversed).any(|movement| !seen.insert(movement))
    }

    /// Whether a step draws on a hold that another one places.
    pub(super) fn draws_on_own(&self) -> bool {
        self.steps.iter().filter_map(Step::drawn_on).any(|hold| hold.command() == self.id && self.places(hold))
    }

    /// Whether `hold` is one of those that the command places.
    pub fn places(&self, hold: HoldId) -> bool {
        let step = hold.step().and_then(|step| self.steps.get(usize::from(step)));
        hold.command() == self.id && matches!(step, Some(Step::Hold { .. }))
    }

    /// Whether every step is about accounts alone: none draws on a hold or reverses a movement, so that the command waits for
    /// no other one but at its accounts.
    pub fn is_about_accounts(&self) -> bool {
        self.steps.iter().all(|step| step.drawn_on().is_none() && step.reversed().is_none())
    }
}

/// Takes back an earlier movement, in whole or in part, without fee, limit or quota.
///
/// A transfer, a sweep, a settlement, or one step of linked ones can be reversed; all its reversals together never exceed
/// what its receiver got. The fee of the original stays with the bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reverse {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The id of the command that led to the original.
    pub original: CommandId,
    /// Which movement of the original, counted from 0, when it has several.
    pub step: u8,
    /// How much; `None` for all that is not reversed yet.
    pub amount: Option<Amount>,
    /// Labels, reference, metadata.
    pub details: Option<Box<Details>>,
}

impl Reverse {
    /// Reverses all that is left of `original`.
    pub fn all(original: CommandId) -> Reverse {
        Reverse { id: CommandId::random(), original, step: 0, amount: None, details: None }
    }

    /// Reverses `amount` of `original`.
    pub fn part(original: CommandId, amount: Amount) -> Reverse {
        Reverse { amount: Some(amount), ..Reverse::all(original) }
    }

    /// Chooses another movement of the original, counted from 0.
    #[must_use]
    pub const fn with_step(mut self, step: u8) -> Reverse {
        self.step = step;
        self
    }

    /// Sets the id.
    #[must_use]
    pub fn with_id(mut self, id: CommandId) -> Reverse {
        self.id = id;
        self
    }
}

/// Puts right what was reversed of one movement of `original` more often than it had moved: the excess goes back from the
/// original's sender, who got too much, to its receiver, without fee, limit or quota.
///
/// No command leads to such a journal. Versions of this engine before the first release could reverse a step of a linked
/// command twice, when reversals of several of its steps were asked for at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairReversals {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The id of the command that led to the original.
    pub original: CommandId,
    /// Which movement of the original, counted from 0, when it has several.
    pub step: u8,
}

impl RepairReversals {
    /// Repairs what was reversed of the first movement of `original`.
    pub fn of(original: CommandId) -> RepairReversals {
        RepairReversals { id: CommandId::random(), original, step: 0 }
    }

    /// Chooses another movement of the original, counted from 0.
    #[must_use]
    pub const fn step(mut self, step: u8) -> RepairReversals {
        self.step = step;
        self
    }

    /// Sets the id.
    #[must_use]
    pub const fn with_id(mut self, id: CommandId) -> RepairReversals {
        self.id = id;
        self
    }
}

/// Brings the balance of `account` to `target` in one step: what is above it goes to `against`, what is below it comes
/// from there. It bears no fee and uses no limit and no free transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The account to bring to the target.
    pub account: AccountNumber,
    /// The account that takes or gives the difference.
    pub against: AccountNumber,
    /// The balance to reach; zero empties the account.
    pub target: Balance,
    /// Labels, reference, metadata.
    pub details: Option<Box<Details>>,
}

impl Sweep {
    /// Brings `account` to zero.
    pub fn to_zero(account: AccountNumber, against: AccountNumber) -> Sweep {
        Sweep { id: CommandId::random(), account, against, target: Balance::ZERO, details: None }
    }

    /// Sets the target.
    #[must_use]
    pub fn with_target(mut self, target: Balance) -> Sweep {
        self.target = target;
        self
    }

    /// Sets the id.
    #[must_use]
    pub fn with_id(mut self, id: CommandId) -> Sweep {
        self.id = id;
        self
    }
}
