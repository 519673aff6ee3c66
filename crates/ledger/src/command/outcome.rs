//! The answers to commands.

use serde::{Deserialize, Serialize};

use super::{DrawReceipt, HoldReceipt};
use crate::{AccountNumber, Amount, Balance, BusinessDate, CommandId, Position, Refusal, Timestamp};

/// Confirms that money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The id of the command.
    pub id: CommandId,
    /// The position of its record in the journal. The business date for which it counts.
    pub position: Position,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The business date for which it counts.
    pub date: BusinessDate,
    /// The amount that the receiver got.
    pub amount: Amount,
    /// The fee that the bank charged.
    pub fee: Amount,
    /// The sender's balance after it, in journal order.
    pub sender_balance: Balance,
    /// The receiver's balance after it, in journal order.
    pub receiver_balance: Balance,
}

/// The outcome of an accepted command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Money moved.
    Posted(Receipt),
    /// An account was opened.
    Opened {
        /// Its number.
        number: AccountNumber,
        /// The position of its record in the journal.
        position: Position,
    },
    /// Something else was recorded. For application records, the position is their version.
    Recorded {
        /// The position of its record in the journal.
        position: Position,
    },
    /// Money is held.
    Held(HoldReceipt),
    /// Money left a hold.
    Drawn(DrawReceipt),
}

/// The bank's answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The outcome (`granted` in its serialized form), or the reason for the refusal (`refused`).
    #[serde(with = "granted_or_refused")]
    pub answer: Result<Outcome, Refusal>,
    /// Whether the command had been answered before or was already in flight, so that this repeats the first answer.
    pub replayed: bool,
}

/// The serialized form of an answer: one key, `granted` or `refused`.
mod granted_or_refused {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Outcome;
    use crate::Refusal;

    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Written<'a> {
        Granted(&'a Outcome),
        Refused(&'a Refusal),
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Read {
        Granted(Box<Outcome>),
        Refused(Refusal),
    }

    pub(super) fn serialize<S: Serializer>(
        answer: &Result<Outcome, Refusal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match answer {
            Ok(outcome) => Written::Granted(outcome),
            Err(refusal) => Written::Refused(refusal),
        }
        .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Result<Outcome, Refusal>, D::Error> {
        Ok(match Read::deserialize(deserializer)? {
            Read::Granted(outcome) => Ok(*outcome),
            Read::Refused(refusal) => Err(refusal),
        })
    }
}

impl Outcome {
    /// Returns the position of the command's record in the journal.
    pub const fn position(&self) -> Position {
        match self {
            Outcome::Posted(receipt) => receipt.position,
            Outcome::Held(receipt) => receipt.position,
            Outcome::Drawn(receipt) => receipt.position,
            Outcome::Opened { position, .. } | Outcome::Recorded { position } => *position,
        }
    }
}
