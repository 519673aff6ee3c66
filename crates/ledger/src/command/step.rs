//! One of several linked steps.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::stored::Leeway;
use super::{Reverse, Transfer};
use crate::{AccountNumber, Amount, CommandId, Details, HoldId, Timestamp};

/// One of several linked steps. New variants are added at the end, because steps are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Moves money between two accounts, on the same terms as a separate transfer.
    Transfer {
        /// The sender.
        from: AccountNumber,
        /// The receiver.
        to: AccountNumber,
        /// The amount that the receiver gets.
        amount: Amount,
        /// Whether a smaller amount is moved if less is available.
        at_most: bool,
        /// The largest fee that the sender accepts for this step; a higher fee is refused with
        /// [`Refusal::FeeTooHigh`](crate::Refusal::FeeTooHigh). `None` accepts any fee.
        most_fee: Option<Amount>,
        /// Labels, reference, metadata.
        details: Option<Box<Details>>,
    },
    /// Settles a hold that an earlier command placed.
    Settle {
        /// The hold.
        hold: HoldId,
        /// The amount; `None` for everything that is left.
        amount: Option<Amount>,
        /// Whether the rest goes back to the sender.
        last: bool,
    },
    /// Voids a hold that an earlier command placed.
    Void {
        /// The hold.
        hold: HoldId,
    },
    /// Reverses an earlier movement, as [`Reverse`] does. A reversal cannot be reversed, nor can a movement of another
    /// step of the same command.
    Reverse {
        /// The id of the command that made the original movement.
        original: CommandId,
        /// The number of the movement, counted from 0, if the original has several.
        step: u8,
        /// The amount; `None` for everything that is not reversed yet.
        amount: Option<Amount>,
        /// Labels, reference, metadata.
        details: Option<Box<Details>>,
    },
    /// Sets money aside for a receiver, on the same terms as a separate hold. Its id consists of the command's id and
    /// the number of the step ([`HoldId::of_step`]). It never awaits verification, because a verdict would settle or
    /// void it independently of the other steps.
    Hold {
        /// The sender.
        from: AccountNumber,
        /// The receiver.
        to: AccountNumber,
        /// The amount that the receiver may get. The sender pays the fee on top.
        amount: Amount,
        /// The moment from which the hold can no longer be settled and its money returns to the sender; `None` if it
        /// does not expire.
        expires_at: Option<Timestamp>,
        /// The largest fee that the sender accepts for this step; a higher fee is refused with
        /// [`Refusal::FeeTooHigh`](crate::Refusal::FeeTooHigh). `None` accepts any fee.
        most_fee: Option<Amount>,
        /// Labels, reference, metadata.
        details: Option<Box<Details>>,
    },
}

impl Step {
    /// Creates a transfer of exactly `amount`, without labels.
    pub const fn transfer(from: AccountNumber, to: AccountNumber, amount: Amount) -> Step {
        Step::Transfer { from, to, amount, at_most: false, most_fee: None, details: None }
    }

    /// Settles everything that is left of `hold`.
    pub fn settle(hold: impl Into<HoldId>) -> Step {
        Step::Settle { hold: hold.into(), amount: None, last: true }
    }

    /// Captures `amount` of `hold` and keeps the rest held.
    pub fn settle_part(hold: impl Into<HoldId>, amount: Amount) -> Step {
        Step::Settle { hold: hold.into(), amount: Some(amount), last: false }
    }

    /// Voids `hold`.
    pub fn void(hold: impl Into<HoldId>) -> Step {
        Step::Void { hold: hold.into() }
    }

    /// Creates a hold of `amount` that does not expire, without labels.
    pub const fn hold(from: AccountNumber, to: AccountNumber, amount: Amount) -> Step {
        Step::Hold { from, to, amount, expires_at: None, most_fee: None, details: None }
    }

    /// Reverses everything that is left of movement `step` of `original`, counted from 0.
    pub const fn reverse(original: CommandId, step: u8) -> Step {
        Step::Reverse { original, step, amount: None, details: None }
    }

    /// Reverses `amount` of movement `step` of `original`, counted from 0.
    pub const fn reverse_part(original: CommandId, step: u8, amount: Amount) -> Step {
        Step::Reverse { original, step, amount: Some(amount), details: None }
    }

    /// Sets the largest fee that the sender of a transfer or hold accepts.
    #[must_use]
    pub fn with_most_fee(mut self, agreed: Amount) -> Step {
        if let Step::Transfer { most_fee, .. } | Step::Hold { most_fee, .. } = &mut self {
            *most_fee = Some(agreed);
        }
        self
    }

    /// Sets the moment from which a hold can no longer be settled.
    #[must_use]
    pub const fn with_expiry(mut self, at: Timestamp) -> Step {
        if let Step::Hold { expires_at, .. } = &mut self {
            *expires_at = Some(at);
        }
        self
    }

    /// Sets the texts on the statements of both sides of a transfer, hold or reversal, up to 10 characters each. A
    /// settlement has the texts of its hold, so this has no effect on it.
    #[must_use]
    pub fn with_labels(mut self, sender: &str, receiver: &str) -> Step {
        if let Some(details) = self.details_mut() {
            details.sender_label = sender.into();
            details.receiver_label = receiver.into();
        }
        self
    }

    /// Sets the reference of a transfer, hold or reversal, up to 140 characters. A settlement has the reference of its
    /// hold, so this has no effect on it.
    #[must_use]
    pub fn with_reference(mut self, reference: &str) -> Step {
        if let Some(details) = self.details_mut() {
            details.reference = reference.into();
        }
        self
    }

    /// Returns the movement that the step reverses: the original's command and the number of the movement.
    pub const fn reversed(&self) -> Option<(CommandId, u8)> {
        match self {
            Step::Reverse { original, step, .. } => Some((*original, *step)),
            Step::Transfer { .. } | Step::Settle { .. } | Step::Void { .. } | Step::Hold { .. } => None,
        }
    }

    /// Returns the hold on which the step draws.
    pub const fn drawn_on(&self) -> Option<HoldId> {
        match self {
            Step::Settle { hold, .. } | Step::Void { hold } => Some(*hold),
            Step::Transfer { .. } | Step::Reverse { .. } | Step::Hold { .. } => None,
        }
    }

    fn details_mut(&mut self) -> Option<&mut Details> {
        match self {
            Step::Transfer { details, .. } | Step::Reverse { details, .. } | Step::Hold { details, .. } => {
                Some(details.get_or_insert_default())
            }
            Step::Settle { .. } | Step::Void { .. } => None,
        }
    }

    /// Returns the step's own texts, if it can have any.
    pub(super) fn details(&self) -> Option<&Details> {
        match self {
            Step::Transfer { details, .. } | Step::Reverse { details, .. } | Step::Hold { details, .. } => {
                details.as_deref()
            }
            Step::Settle { .. } | Step::Void { .. } => None,
        }
    }
}

/// Makes the transfer a step on the same terms. Its id is dropped, because the step has the id of the whole command.
impl From<Transfer> for Step {
    fn from(it: Transfer) -> Step {
        let Transfer { from, to, amount, at_most, most_fee, details, .. } = it;
        Step::Transfer { from, to, amount, at_most, most_fee, details }
    }
}

/// Makes the reversal a step. Its id is dropped, because the step has the id of the whole command.
impl From<Reverse> for Step {
    fn from(it: Reverse) -> Step {
        let Reverse { original, step, amount, details, .. } = it;
        Step::Reverse { original, step, amount, details }
    }
}

/// The JSON form of a step.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Step", rename = "Step", rename_all = "snake_case")]
enum Readable {
    Transfer {
        from: AccountNumber,
        to: AccountNumber,
        amount: Amount,
        at_most: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most_fee: Option<Amount>,
        details: Option<Box<Details>>,
    },
    Settle {
        hold: HoldId,
        amount: Option<Amount>,
        last: bool,
    },
    Void {
        hold: HoldId,
    },
    Reverse {
        original: CommandId,
        step: u8,
        amount: Option<Amount>,
        details: Option<Box<Details>>,
    },
    Hold {
        from: AccountNumber,
        to: AccountNumber,
        amount: Amount,
        expires_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most_fee: Option<Amount>,
        details: Option<Box<Details>>,
    },
}

/// The stored form of a step, which is also hashed. The order of the variants is part of the format.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Step")]
enum Stored<D> {
    Transfer {
        from: AccountNumber,
        to: AccountNumber,
        amount: Amount,
        at_most: Leeway,
        details: D,
    },
    Settle {
        hold: HoldId,
        amount: Option<Amount>,
        last: bool,
    },
    Void {
        hold: HoldId,
    },
    Reverse {
        original: CommandId,
        step: u8,
        amount: Option<Amount>,
        details: D,
    },
    Hold {
        from: AccountNumber,
        to: AccountNumber,
        amount: Amount,
        expires_at: Option<Timestamp>,
        most_fee: Option<Amount>,
        details: D,
    },
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return Readable::serialize(self, serializer);
        }
        let stored = match self {
            Step::Transfer { from, to, amount, at_most, most_fee, details } => {
                let at_most = Leeway::new(*at_most, *most_fee);
                Stored::Transfer { from: *from, to: *to, amount: *amount, at_most, details }
            }
            Step::Settle { hold, amount, last } => Stored::Settle { hold: *hold, amount: *amount, last: *last },
            Step::Void { hold } => Stored::Void { hold: *hold },
            Step::Reverse { original, step, amount, details } => {
                Stored::Reverse { original: *original, step: *step, amount: *amount, details }
            }
            Step::Hold { from, to, amount, expires_at, most_fee, details } => {
                let (from, to, amount, expires_at, most_fee) = (*from, *to, *amount, *expires_at, *most_fee);
                Stored::Hold { from, to, amount, expires_at, most_fee, details }
            }
        };
        stored.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Step, D::Error> {
        if deserializer.is_human_readable() {
            return Readable::deserialize(deserializer);
        }
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Transfer { from, to, amount, at_most, details } => {
                let (at_most, most_fee) = at_most.parts();
                Step::Transfer { from, to, amount, at_most, most_fee, details }
            }
            Stored::Settle { hold, amount, last } => Step::Settle { hold, amount, last },
            Stored::Void { hold } => Step::Void { hold },
            Stored::Reverse { original, step, amount, details } => Step::Reverse { original, step, amount, details },
            Stored::Hold { from, to, amount, expires_at, most_fee, details } => {
                Step::Hold { from, to, amount, expires_at, most_fee, details }
            }
        })
    }
}
