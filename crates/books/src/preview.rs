//! The results of dry runs: what a command would lead to if it came now.

use serde::{Deserialize, Serialize};

use jangbu_ledger::{Amount, BusinessDate, Position, Refusal, Timestamp};

/// The expected outcome of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preview {
    /// It would be granted.
    Granted(Quote),
    /// It would be refused.
    Refused(Objection),
    /// It was already carried out under the same id. It would have no effect and return the first answer.
    Repeated {
        /// The position of its record in the journal.
        position: Position,
    },
}

/// The figures of a command that would be granted. For linked steps, the amounts are sums and the other figures are
/// those of the last step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The amount that the receiver would get, or may get from a hold.
    pub amount: Amount,
    /// The fee that the bank would charge.
    pub fee: Amount,
    /// Amount and fee together: what the sender would pay.
    pub total: Amount,
    /// The business date for which it would count.
    pub date: BusinessDate,
    /// The amount that the sender can spend beforehand; for a deposit, that of the receiving account.
    pub available_before: Amount,
    /// The sender's remaining funds and limits afterwards; for a deposit, those of the receiving account.
    pub headroom: Headroom,
    /// The position in the journal to which the figures refer.
    pub position: Position,
}

/// An account's remaining funds and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headroom {
    /// The amount that can be spent.
    pub available: Amount,
    /// The largest amount of one transfer; `None` means no limit.
    pub per_transfer: Option<Amount>,
    /// The amount that the day's transfers may still move; `None` means no limit.
    pub left_today: Option<Amount>,
    /// The number of the day's transfers that are still free.
    pub free_transfers_left: u32,
}

/// Why a command would be refused, and what would be accepted instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// The reason, with its figures.
    pub refusal: Refusal,
    /// The largest amount that would be accepted now, for a transfer, a hold, a raise, a settlement, a deposit, a
    /// withdrawal or a reversal. `None` if no amount would be accepted, and for commands without an amount.
    pub largest: Option<Amount>,
    /// The earliest moment at which the same command would be accepted, if only the daily limit prevents it.
    pub earliest: Option<Timestamp>,
}
