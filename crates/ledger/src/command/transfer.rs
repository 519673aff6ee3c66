//! The transfer command.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::stored::Leeway;
use crate::{AccountNumber, Amount, CommandId, Details};

/// Moves money from one account to another, at most once per `id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The id under which the transfer takes effect at most once.
    pub id: CommandId,
    /// The sender.
    pub from: AccountNumber,
    /// The receiver.
    pub to: AccountNumber,
    /// The amount that the receiver gets. The sender pays the fee on top.
    pub amount: Amount,
    /// Whether a smaller amount is moved if less is available, down to one minor unit.
    pub at_most: bool,
    /// The largest fee that the sender accepts; a higher fee is refused with
    /// [`Refusal::FeeTooHigh`](crate::Refusal::FeeTooHigh). `None` accepts any fee.
    pub most_fee: Option<Amount>,
    /// Labels, reference, metadata.
    pub details: Option<Box<Details>>,
}

impl Transfer {
    /// Creates a transfer with a new id and without labels.
    pub fn new(from: AccountNumber, to: AccountNumber, amount: Amount) -> Transfer {
        Transfer { id: CommandId::random(), from, to, amount, at_most: false, most_fee: None, details: None }
    }

    /// Creates a transfer of the amount that is available after the fee, up to `amount`.
    pub fn at_most(from: AccountNumber, to: AccountNumber, amount: Amount) -> Transfer {
        Transfer { at_most: true, ..Transfer::new(from, to, amount) }
    }

    /// Sets the id. A caller that keeps it can repeat the transfer safely.
    #[must_use]
    pub fn with_id(mut self, id: CommandId) -> Transfer {
        self.id = id;
        self
    }

    /// Sets the largest fee that the sender accepts, for example the fee that a person was shown beforehand.
    #[must_use]
    pub fn with_most_fee(mut self, most_fee: Amount) -> Transfer {
        self.most_fee = Some(most_fee);
        self
    }

    /// Sets the texts on the statements of sender and receiver, up to 10 characters each.
    #[must_use]
    pub fn with_labels(mut self, sender: &str, receiver: &str) -> Transfer {
        let details = self.details.get_or_insert_default();
        details.sender_label = sender.into();
        details.receiver_label = receiver.into();
        self
    }

    /// Sets the reference, up to 140 characters.
    #[must_use]
    pub fn with_reference(mut self, reference: &str) -> Transfer {
        self.details.get_or_insert_default().reference = reference.into();
        self
    }
}

/// The JSON form of a transfer.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Transfer", rename = "Transfer")]
struct Readable {
    id: CommandId,
    from: AccountNumber,
    to: AccountNumber,
    amount: Amount,
    at_most: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    most_fee: Option<Amount>,
    details: Option<Box<Details>>,
}

/// The stored form of a transfer, which is also hashed.
#[derive(Serialize, Deserialize)]
struct Stored<D> {
    id: CommandId,
    from: AccountNumber,
    to: AccountNumber,
    amount: Amount,
    at_most: Leeway,
    details: D,
}

impl Serialize for Transfer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return Readable::serialize(self, serializer);
        }
        let Transfer { id, from, to, amount, at_most, most_fee, details } = self;
        let at_most = Leeway::new(*at_most, *most_fee);
        Stored { id: *id, from: *from, to: *to, amount: *amount, at_most, details }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Transfer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Transfer, D::Error> {
        if deserializer.is_human_readable() {
            return Readable::deserialize(deserializer);
        }
        let Stored { id, from, to, amount, at_most, details } = Stored::deserialize(deserializer)?;
        let (at_most, most_fee) = at_most.parts();
        Ok(Transfer { id, from, to, amount, at_most, most_fee, details })
    }
}
