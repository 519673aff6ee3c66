//! Commands about several accounts: linked steps, reversals, sweeps.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Step;
use crate::{AccountNumber, Amount, Balance, CommandId, Details, HoldId};

/// Carries out up to 64 steps in order, all or none, as one record. [`MAX_COMMAND_BYTES`](super::MAX_COMMAND_BYTES)
/// bounds all steps together: with 64 transfers, each has room for 1,000 bytes of texts.
///
/// A step sees the effects of the steps before it: the second may spend what the first brought. Nobody else sees them
/// before all steps are decided. Steps can reverse several movements of one earlier command, each at most once. The id
/// of a hold that a step places consists of the command's id and the number of the step ([`HoldId`]). Later commands
/// can draw on it, but no step of the same command can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The id under which all steps together take effect at most once.
    pub id: CommandId,
    /// The steps.
    pub steps: Vec<Step>,
}

impl Linked {
    /// Links `steps` under a new id.
    pub fn new(steps: Vec<Step>) -> Linked {
        Linked { id: CommandId::random(), steps }
    }

    /// Settles everything that is left of all `holds`, or of none.
    pub fn settle_all<H: Into<HoldId>>(holds: impl IntoIterator<Item = H>) -> Linked {
        Linked::new(holds.into_iter().map(Step::settle).collect())
    }

    /// Voids all `holds`, or none.
    pub fn void_all<H: Into<HoldId>>(holds: impl IntoIterator<Item = H>) -> Linked {
        Linked::new(holds.into_iter().map(Step::void).collect())
    }

    /// Sets the id.
    #[must_use]
    pub fn with_id(mut self, id: CommandId) -> Linked {
        self.id = id;
        self
    }

    /// Returns whether two steps reverse the same movement.
    pub(super) fn reverses_twice(&self) -> bool {
        let mut seen = BTreeSet::new();
        self.steps.iter().filter_map(Step::reversed).any(|movement| !seen.insert(movement))
    }

    /// Returns whether a step draws on a hold that another step places.
    pub(super) fn draws_on_own(&self) -> bool {
        self.steps.iter().filter_map(Step::drawn_on).any(|hold| hold.command() == self.id && self.places(hold))
    }

    /// Returns whether the command places `hold`.
    pub fn places(&self, hold: HoldId) -> bool {
        let step = hold.step().and_then(|step| self.steps.get(usize::from(step)));
        hold.command() == self.id && matches!(step, Some(Step::Hold { .. }))
    }

    /// Returns whether no step draws on a hold or reverses a movement. Such a command waits only for its accounts.
    pub fn is_about_accounts(&self) -> bool {
        self.steps.iter().all(|step| step.drawn_on().is_none() && step.reversed().is_none())
    }
}

/// Reverses an earlier movement, completely or in part, without a fee and without using limits or free transfers.
///
/// A transfer, a sweep, a settlement or one step of linked ones can be reversed. All reversals of a movement together
/// never exceed what its receiver got. The bank keeps the fee of the original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reverse {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The id of the command that made the original movement.
    pub original: CommandId,
    /// The number of the movement, counted from 0, if the original has several.
    pub step: u8,
    /// The amount; `None` for everything that is not reversed yet.
    pub amount: Option<Amount>,
    /// Labels, reference, metadata.
    pub details: Option<Box<Details>>,
}

impl Reverse {
    /// Reverses everything that is left of `original`.
    pub fn all(original: CommandId) -> Reverse {
        Reverse { id: CommandId::random(), original, step: 0, amount: None, details: None }
    }

    /// Reverses `amount` of `original`.
    pub fn part(original: CommandId, amount: Amount) -> Reverse {
        Reverse { amount: Some(amount), ..Reverse::all(original) }
    }

    /// Selects another movement of the original, counted from 0.
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

/// Corrects a movement of `original` that was reversed by more than its amount: the excess goes back from the
/// original's sender, who got too much, to its receiver, without a fee and without using limits or free transfers.
///
/// No command of this version leads to such a journal. Versions before the first release could reverse a step of a
/// linked command twice if reversals of several of its steps were requested at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairReversals {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The id of the command that made the original movement.
    pub original: CommandId,
    /// The number of the movement, counted from 0, if the original has several.
    pub step: u8,
}

impl RepairReversals {
    /// Repairs the reversals of the first movement of `original`.
    pub fn of(original: CommandId) -> RepairReversals {
        RepairReversals { id: CommandId::random(), original, step: 0 }
    }

    /// Selects another movement of the original, counted from 0.
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

/// Brings the balance of `account` to `target` in one step. An excess goes to `against`; a shortfall comes from there.
/// A sweep costs no fee and uses no limit and no free transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The account to bring to the target.
    pub account: AccountNumber,
    /// The account that receives the excess or pays the shortfall.
    pub against: AccountNumber,
    /// The balance to reach; zero empties the account.
    pub target: Balance,
    /// Labels, reference, metadata.
    pub details: Option<Box<Details>>,
}

impl Sweep {
    /// Brings `account` to a balance of zero.
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
