//! One of several linked steps.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::stored::Leeway;
use super::{Reverse, Transfer};
use crate::{AccountNumber, Amount, CommandId, Details, HoldId, Timestamp};

/// One of several linked steps. New kinds are added at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Moves money between two accounts, on the same terms as a transfer by itself.
    Transfer {
        /// The sender.
        from: AccountNumber,
        /// The receiver.
        to: AccountNumber,
        /// What the receiver gets.
        amount: Amount,
        /// Whether less is moved where less is available.
        at_most: bool,
        /// The largest fee that the sender agrees to for this step; a larger one is
        /// [`Refusal::FeeTooHigh`](crate::Refusal::FeeTooHigh). `None` for whatever is due.
        most_fee: Option<Amount>,
        /// Labels, reference, metadata.
        details: Option<Box<Details>>,
    },
    /// Settles a hold, which an earlier command placed.
    Settle {
        /// The hold.
        hold: HoldId,
        /// How much; `None` for all that is left.
        amount: Option<Amount>,
        /// Whether what is left after it goes back.
        last: bool,
    },
    /// Voids a hold, which an earlier command placed.
    Void {
        /// The hold.
        hold: HoldId,
    },
    /// Takes an earlier movement back, as [`Reverse`] does by itself. What is taken back can itself not be reversed, nor can
    /// what another step of the same command moves.
    Reverse {
        /// The id of the command that led to the original.
        original: CommandId,
        /// Which movement of the original, counted from 0, when it has several.
        step: u8,
        /// How much; `None` for all that is not reversed yet.
        amount: Option<Amount>,
        /// Labels, reference, metadata.
        details: Option<Box<Details>>,
    },
    /// Sets money aside for a receiver, on the same terms as a hold by itself. It is known by the id of the command and the
    /// number of the step ([`HoldId::of_step`]). It never waits for a verification, whose verdict would settle or void it
    /// apart from what the other steps did.
    Hold {
        /// The sender.
        from: AccountNumber,
        /// The receiver.
        to: AccountNumber,
        /// What the receiver may get; the sender pays the fee on top.
        amount: Amount,
        /// From when on it can no longer be settled, and is given back; `None` for a hold that stays until it is ended.
        expires_at: Option<Timestamp>,
        /// The largest fee that the sender agrees to for this step; a larger one is
        /// [`Refusal::FeeTooHigh`](crate::Refusal::FeeTooHigh). `None` for whatever is due.
        most_fee: Option<Amount>,
        /// Labels, reference, metadata.
        details: Option<Box<Details>>,
    },
}

impl Step {
    /// A transfer of exactly `amount`, without labels.
    pub const fn transfer(from: AccountNumber, to: AccountNumber, amount: Amount) -> Step {
        Step::Transfer { from, to, amount, at_most: false, most_fee: None, details: None }
    }

    /// Settles all that is left of `hold`.
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

    /// A hold of `amount` that does not expire, without labels.
    pub const fn hold(from: AccountNumber, to: AccountNumber, amount: Amount) -> Step {
        Step::Hold { from, to, amount, expires_at: None, most_fee: None, details: None }
    }

    /// Reverses all that is left of movement `step` of `original`, counted from 0.
    pub const fn reverse(original: CommandId, step: u8) -> Step {
        Step::Reverse { original, step, amount: None, details: None }
    }

    /// Reverses `amount` of movement `step` of `original`, counted from 0.
    pub const fn reverse_part(original: CommandId, step: u8, amount: Amount) -> Step {
        Step::Reverse { original, step, amount: Some(amount), details: None }
    }

    /// Sets the largest fee that the sender of a transfer or a hold agrees to.
    #[must_use]
    pub fn with_most_fee(mut self, agreed: Amount) -> Step {
        if let Step::Transfer { most_fee, .. } | Step::Hold { most_fee, .. } = &mut self {
            *most_fee = Some(agreed);
        }
        self
    }

    /// Sets the moment from which on a hold can no longer be settled.
    #[must_use]
    pub const fn with_expiry(mut self, at: Timestamp) -> Step {
        if let Step::Hold { expires_at, .. } = &mut self {
            *expires_at = Some(at);
        }
        self
    }

    /// Sets what each side of a transfer, a hold or a reversal reads on its statement, up to 10 characters each. What is taken
    /// from a hold has the hold's.
    #[must_use]
    pub fn with_labels(mut self, sender: &str, receiver: &str) -> Step {
        if let Some(details) = self.details_mut() {
            details.sender_label = sender.into();
            details.receiver_label = receiver.into();
        }
        self
    }

    /// Sets the reference of a transfer, a hold or a reversal, up to 140 characters. What is taken from a hold has the hold's.
    #[must_use]
    pub fn with_reference(mut self, reference: &str) -> Step {
        if let Some(details) = self.details_mut() {
            details.reference = reference.into();
        }
        self
    }

    /// Which movement of which command the step reverses.
    pub const fn reversed(&self) -> Option<(CommandId, u8)> {
        match self {
            Step::Reverse { original, step, .. } => Some((*original, *step)),
            Step::Transfer { .. } | Step::Settle { .. } | Step::Void { .. } | Step::Hold { .. } => None,
        }
    }

    /// The hold that the step draws on.
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

    /// What people read of it, as far as it says something by itself.
    pub(super) fn details(&self) -> Option<&Details> {
        match self {
            Step::Transfer { details, .. } | Step::Reverse { details, .. } | Step::Hold { details, .. } => {
                details.as_deref()
            }
            Step::Settle { .. } | Step::Void { .. } => None,
        }
    }
}

/// As a step of several, on the same terms. The id is that of the whole command then.
impl From<Transfer> for Step {
    fn from(it: Transfer) -> Step {
        let Transfer { from, to, amount, at_most, most_fee, details, .. } = it;
        Step::Transfer { from, to, amount, at_most, most_fee, details }
    }
}

/// As a step of several. The id is that of the whole command then.
impl From<Reverse> for Step {
    fn from(it: Reverse) -> Step {
        let Reverse { original, step, amount, details, .. } = it;
        Step::Reverse { original, step, amount, details }
    }
}

/// A step as people and programs outside read it.
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

/// A step as it is stored and hashed. The numbers of the variants are part of the format.
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
