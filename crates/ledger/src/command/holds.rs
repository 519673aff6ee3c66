//! Commands about holds, and their receipts.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Transfer;
use super::stored::Leeway;
use crate::{
    AccountNumber, Amount, Balance, BusinessDate, CommandId, Details, Drawn, HoldEnd, HoldId, Position, Reason,
    Timestamp,
};

/// Sets money aside for a receiver: the first half of a two-phase transfer, at most once per `id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceHold {
    /// The id under which it takes effect at most once. It becomes the id of the hold.
    pub id: CommandId,
    /// The sender.
    pub from: AccountNumber,
    /// The receiver.
    pub to: AccountNumber,
    /// The amount that the receiver may get. The sender pays the fee on top.
    pub amount: Amount,
    /// The moment from which the hold can no longer be settled and its money returns to the sender; `None` if it does
    /// not expire.
    pub expires_at: Option<Timestamp>,
    /// Whether the bank's verifier is to settle or void it.
    pub verify: bool,
    /// The largest fee that the sender accepts; a higher fee is refused with
    /// [`Refusal::FeeTooHigh`](crate::Refusal::FeeTooHigh). `None` accepts any fee.
    pub most_fee: Option<Amount>,
    /// Labels, reference, metadata.
    pub details: Option<Box<Details>>,
}

impl PlaceHold {
    /// Creates a hold with a new id that does not expire.
    pub fn new(from: AccountNumber, to: AccountNumber, amount: Amount) -> PlaceHold {
        let id = CommandId::random();
        PlaceHold { id, from, to, amount, expires_at: None, verify: false, most_fee: None, details: None }
    }

    /// Creates a hold from `transfer` that the bank's verifier settles or voids.
    pub fn for_verification(transfer: Transfer) -> PlaceHold {
        let Transfer { id, from, to, amount, most_fee, details, .. } = transfer;
        PlaceHold { id, from, to, amount, expires_at: None, verify: true, most_fee, details }
    }

    /// Sets the id.
    #[must_use]
    pub fn with_id(mut self, id: CommandId) -> PlaceHold {
        self.id = id;
        self
    }

    /// Sets the largest fee that the sender accepts, for example the fee that a person was shown beforehand.
    #[must_use]
    pub fn with_most_fee(mut self, most_fee: Amount) -> PlaceHold {
        self.most_fee = Some(most_fee);
        self
    }

    /// Sets the moment from which it can no longer be settled.
    #[must_use]
    pub fn with_expiry(mut self, expires_at: Timestamp) -> PlaceHold {
        self.expires_at = Some(expires_at);
        self
    }

    /// Sets the texts on the statements of sender and receiver, up to 10 characters each.
    #[must_use]
    pub fn with_labels(mut self, sender: &str, receiver: &str) -> PlaceHold {
        let details = self.details.get_or_insert_default();
        details.sender_label = sender.into();
        details.receiver_label = receiver.into();
        self
    }

    /// Sets the reference, up to 140 characters.
    #[must_use]
    pub fn with_reference(mut self, reference: &str) -> PlaceHold {
        self.details.get_or_insert_default().reference = reference.into();
        self
    }
}

/// The JSON form of a hold.
#[derive(Serialize, Deserialize)]
#[serde(remote = "PlaceHold", rename = "PlaceHold")]
struct Readable {
    id: CommandId,
    from: AccountNumber,
    to: AccountNumber,
    amount: Amount,
    expires_at: Option<Timestamp>,
    verify: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    most_fee: Option<Amount>,
    details: Option<Box<Details>>,
}

/// The stored form of a hold, which is also hashed.
#[derive(Serialize, Deserialize)]
struct Stored<D> {
    id: CommandId,
    from: AccountNumber,
    to: AccountNumber,
    amount: Amount,
    expires_at: Option<Timestamp>,
    verify: Leeway,
    details: D,
}

impl Serialize for PlaceHold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return Readable::serialize(self, serializer);
        }
        let PlaceHold { id, from, to, amount, expires_at, verify, most_fee, details } = self;
        let verify = Leeway::new(*verify, *most_fee);
        let (id, from, to, amount, expires_at) = (*id, *from, *to, *amount, *expires_at);
        Stored { id, from, to, amount, expires_at, verify, details }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PlaceHold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PlaceHold, D::Error> {
        if deserializer.is_human_readable() {
            return Readable::deserialize(deserializer);
        }
        let Stored { id, from, to, amount, expires_at, verify, details } = Stored::deserialize(deserializer)?;
        let (verify, most_fee) = verify.parts();
        Ok(PlaceHold { id, from, to, amount, expires_at, verify, most_fee, details })
    }
}

/// Settles a hold, completely or in part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettleHold {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The hold.
    pub hold: HoldId,
    /// The amount that the receiver gets; `None` for everything that is left.
    pub amount: Option<Amount>,
    /// Whether the rest goes back to the sender. Otherwise it stays held for another capture.
    pub last: bool,
}

impl SettleHold {
    /// Settles everything that is left of `hold`.
    pub fn all(hold: impl Into<HoldId>) -> SettleHold {
        SettleHold { id: CommandId::random(), hold: hold.into(), amount: None, last: true }
    }

    /// Captures `amount` of `hold` and returns the rest to the sender.
    pub fn part(hold: impl Into<HoldId>, amount: Amount) -> SettleHold {
        SettleHold { id: CommandId::random(), hold: hold.into(), amount: Some(amount), last: true }
    }

    /// Keeps the rest held for another capture.
    #[must_use]
    pub fn keeping_rest(mut self) -> SettleHold {
        self.last = false;
        self
    }

    /// Sets the id.
    #[must_use]
    pub fn with_id(mut self, id: CommandId) -> SettleHold {
        self.id = id;
        self
    }
}

/// Voids a hold: the rest of it goes back to the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidHold {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The hold.
    pub hold: HoldId,
    /// Whether the verification rejected the hold.
    pub rejected: bool,
    /// The reason, in the stored form of [`Reason`]: one text for the bank's staff and one for the sender, up to 140
    /// characters each.
    pub reason: Option<Box<str>>,
}

impl VoidHold {
    /// Voids `hold`.
    pub fn new(hold: impl Into<HoldId>) -> VoidHold {
        VoidHold { id: CommandId::random(), hold: hold.into(), rejected: false, reason: None }
    }

    /// Sets the id.
    #[must_use]
    pub fn with_id(mut self, id: CommandId) -> VoidHold {
        self.id = id;
        self
    }

    /// Sets the reason that only the bank's staff can read.
    #[must_use]
    pub fn because(mut self, reason: &str) -> VoidHold {
        self.reason = Reason { internal: reason, ..Reason::of(self.reason.as_deref()) }.stored();
        self
    }

    /// Sets the reason that the sender can read.
    #[must_use]
    pub fn telling(mut self, text: &str) -> VoidHold {
        self.reason = Reason { customer: text, ..Reason::of(self.reason.as_deref()) }.stored();
        self
    }
}

/// Extends or raises a hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmendHold {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The hold.
    pub hold: HoldId,
    /// The new total amount, including what was captured; `None` to leave it.
    pub raise_to: Option<Amount>,
    /// The new expiry; `None` to leave it.
    pub expires_at: Option<Timestamp>,
}

impl AmendHold {
    /// Raises `hold` to the total `amount`, including what was captured.
    pub fn raise(hold: impl Into<HoldId>, amount: Amount) -> AmendHold {
        AmendHold { id: CommandId::random(), hold: hold.into(), raise_to: Some(amount), expires_at: None }
    }

    /// Moves the expiry of `hold` to `expires_at`.
    pub fn extend(hold: impl Into<HoldId>, expires_at: Timestamp) -> AmendHold {
        AmendHold { id: CommandId::random(), hold: hold.into(), raise_to: None, expires_at: Some(expires_at) }
    }

    /// Sets the moment from which it can no longer be settled.
    #[must_use]
    pub const fn with_expiry(mut self, expires_at: Timestamp) -> AmendHold {
        self.expires_at = Some(expires_at);
        self
    }

    /// Sets the id.
    #[must_use]
    pub const fn with_id(mut self, id: CommandId) -> AmendHold {
        self.id = id;
        self
    }
}

/// Confirms that money is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldReceipt {
    /// The id of the command and of the hold.
    pub id: CommandId,
    /// The position of its record in the journal.
    pub position: Position,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The business date whose limit it uses.
    pub date: BusinessDate,
    /// The amount that the receiver may get.
    pub amount: Amount,
    /// The fee charged with the first capture.
    pub fee: Amount,
    /// The moment from which it can no longer be settled; `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
}

/// Confirms that money left a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawReceipt {
    /// The id of the command.
    pub id: CommandId,
    /// The hold.
    pub hold: HoldId,
    /// The position of its record in the journal.
    pub position: Position,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The amount that the receiver got.
    pub amount: Amount,
    /// The fee that the bank charged.
    pub fee: Amount,
    /// The amount that went back to the sender, fee included.
    pub released: Amount,
    /// The total that the receiver has got from the hold.
    pub captured: Amount,
    /// The amount that the receiver may still get.
    pub remaining: Amount,
    /// How the hold ended; `None` if it is still open.
    pub end: Option<HoldEnd>,
    /// The sender's balance after it, in journal order.
    pub sender_balance: Balance,
    /// The receiver's balance after it, in journal order.
    pub receiver_balance: Balance,
}

impl DrawReceipt {
    /// Returns the receipt of `drawn`. The balances are zero until the caller sets them.
    pub fn of(id: CommandId, hold: HoldId, position: Position, recorded_at: Timestamp, drawn: &Drawn) -> DrawReceipt {
        DrawReceipt {
            id,
            hold,
            position,
            recorded_at,
            amount: drawn.amount,
            fee: drawn.fee,
            released: drawn.released.saturating_add(drawn.fee_released),
            captured: drawn.captured,
            remaining: drawn.remaining,
            end: drawn.end,
            sender_balance: Balance::ZERO,
            receiver_balance: Balance::ZERO,
        }
    }
}
