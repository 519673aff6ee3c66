//! What a dry run tells: what a command would lead to if it came now.

use serde::{Deserialize, Serialize};

use jangbu_ledger::{Amount, BusinessDate, Position, Refusal, Timestamp};

/// What would come of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preview {
    /// It would be granted.
    Granted(Quote),
    /// It would be refused.
    Refused(Objection),
    /// It was carried out before, under the same id: it would be answered as it was then, and do nothing.
    Repeated {
        /// The place in the journal of what it did.
        position: Position,
    },
}

/// The figures of a command that would be granted. Of linked steps the sums, and the rest of the last step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// What the receiver would get, or may get of a hold.
    pub amount: Amount,
    /// What the bank would take for it.
    pub fee: Amount,
    /// Both together: what the sender would pay.
    pub total: Amount,
    /// The business date for which it would count.
    pub date: BusinessDate,
    /// What the sender can spend before it; of a deposit, the account that it is paid into.
    pub available_before: Amount,
    /// What the sender would have left after it; of a deposit, the account that it is paid into.
    pub headroom: Headroom,
    /// The place in the journal that the figures are of.
    pub position: Position,
}

/// What an account has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headroom {
    /// What can be spent.
    pub available: Amount,
    /// The most that one transfer may move; `None` for no limit.
    pub per_transfer: Option<Amount>,
    /// What the day's transfers may still move; `None` for no limit.
    pub left_today: Option<Amount>,
    /// The day's transfers that are still free.
    pub free_transfers_left: u32,
}

/// Why a command would be refused, and what would pass instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// Why, with the figures.
    pub refusal: Refusal,
    /// For a transfer, a hold, a raise or a settlement of one, cash, and a reversal: the largest amount that would pass now;
    /// `None` when none would, and for a command without an amount.
    pub largest: Option<Amount>,
    /// The earliest moment at which the same would pass, if only the limit of the day is in the way.
    pub earliest: Option<Timestamp>,
}
