//! Movements of money as people read them, and queries for them.

use serde::{Deserialize, Serialize};

use super::sight::Viewer;
use crate::status::MovementStatus;
use jangbu_ledger::{
    AccountNumber, Amount, BusinessDate, CommandId, Details, HoldId, OwnerId, Position, PostingKind, Refusal, Timestamp,
};

/// A movement of money in the journal: posted, held, returned or refused.
///
/// A record of linked steps has several movements. They share position and command, and `step` distinguishes them.
///
/// A transfer that awaits verification is one movement, of kind [`Transfer`](MovementKind::Transfer) and under the id
/// of the command that requested it. It is listed at the record of that command while it is pending, and at the record
/// that ended it from then on, so a list contains it once. Any other hold is a movement of its own, and so are each of
/// its settlements and its release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// The id of the command; for a verified transfer, the command that requested it.
    pub id: CommandId,
    /// The position of the record in the journal.
    pub position: Position,
    /// The number of the linked movement, counted from 0; `None` for a movement that a command made alone.
    pub step: Option<u8>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The business date for which it counts.
    pub date: BusinessDate,
    /// The kind of movement.
    pub kind: MovementKind,
    /// The status; for a hold, its present status.
    pub status: MovementStatus,
    /// The sender; the bank's cash for a deposit. `None` if the command was refused and does not name it.
    pub from: Option<AccountNumber>,
    /// The receiver; the bank's cash for a withdrawal. `None` if the command was refused and does not name it.
    pub to: Option<AccountNumber>,
    /// The amount that the receiver got or would have got. For a hold, the total that it may get, raises included. For
    /// a release, the part of it that went back. Zero if the command was refused and does not name it.
    pub amount: Amount,
    /// The fee that the bank charged. For a hold, the fee charged with the first capture.
    pub fee: Amount,
    /// For a hold or a verified transfer, the amount that its receiver has got so far; otherwise zero.
    pub captured: Amount,
    /// For a settlement, the amount that went back to the sender with it; otherwise zero.
    pub released: Amount,
    /// Whether a verification is, or was, to settle or void it.
    pub requires_verification: bool,
    /// For a verified transfer, when it was requested.
    pub asked_at: Option<Timestamp>,
    /// For a hold or a verified transfer, when it ended.
    pub ended_at: Option<Timestamp>,
    /// For a settlement or release, its hold.
    pub hold: Option<HoldId>,
    /// For a verified transfer, the command that settled it. Its record and its reversals have this id.
    pub settlement: Option<CommandId>,
    /// For a reversal, the id of the command that made the original movement.
    pub original: Option<CommandId>,
    /// The number of the movement, counted from 0, if the original has several.
    pub original_step: Option<u8>,
    /// The amount that reversals have taken back from it.
    pub reversed: Amount,
    /// The last reversals of it, newest first, at most 20.
    pub reversals: Vec<CommandId>,
    /// The reason for the refusal; `None` if it was not refused.
    pub refusal: Option<Refusal>,
    /// Labels, reference, metadata. A settlement or release has those of its hold's placement, unless that record is
    /// archived.
    pub details: Details,
    /// The reason for a void or rejection, for the bank's staff.
    pub reason: String,
    /// The reason for a void or rejection, for the sender.
    pub customer_text: String,
}

impl Movement {
    /// Creates a movement of which only the record is known: without accounts, amounts, texts and links.
    pub fn blank(
        (id, position, recorded_at): (CommandId, Position, Timestamp),
        date: BusinessDate,
        kind: MovementKind,
        status: MovementStatus,
    ) -> Movement {
        Movement {
            id,
            position,
            step: None,
            recorded_at,
            date,
            kind,
            status,
            from: None,
            to: None,
            amount: Amount::ZERO,
            fee: Amount::ZERO,
            captured: Amount::ZERO,
            released: Amount::ZERO,
            requires_verification: false,
            asked_at: None,
            ended_at: None,
            hold: None,
            settlement: None,
            original: None,
            original_step: None,
            reversed: Amount::ZERO,
            reversals: Vec::new(),
            refusal: None,
            details: Details::default(),
            reason: String::new(),
            customer_text: String::new(),
        }
    }

    /// Returns the hold's id, for a movement of kind [`Hold`](MovementKind::Hold) or a transfer that awaits
    /// verification.
    pub const fn as_hold(&self) -> HoldId {
        match self.step {
            None => HoldId::new(self.id),
            Some(step) => HoldId::of_step(self.id, step),
        }
    }
}

/// The kind of a movement of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MovementKind {
    /// From account to account.
    Transfer,
    /// Cash paid in.
    Deposit,
    /// Cash paid out.
    Withdrawal,
    /// From account to account, to bring one of them to a target balance.
    Sweep,
    /// Back from the receiver of an earlier movement to its sender.
    Reversal,
    /// Money set aside for a receiver.
    Hold,
    /// Money from a hold to its receiver.
    Settlement,
    /// Money from a hold back to its sender.
    Release,
}

impl From<PostingKind> for MovementKind {
    fn from(kind: PostingKind) -> Self {
        match kind {
            PostingKind::Transfer => MovementKind::Transfer,
            PostingKind::Deposit => MovementKind::Deposit,
            PostingKind::Withdrawal => MovementKind::Withdrawal,
            PostingKind::Sweep => MovementKind::Sweep,
            PostingKind::Reversal => MovementKind::Reversal,
        }
    }
}

impl std::fmt::Display for MovementKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            MovementKind::Transfer => "transfer",
            MovementKind::Deposit => "deposit",
            MovementKind::Withdrawal => "withdrawal",
            MovementKind::Sweep => "sweep",
            MovementKind::Reversal => "reversal",
            MovementKind::Hold => "hold",
            MovementKind::Settlement => "settlement",
            MovementKind::Release => "release",
        })
    }
}

/// The order of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// From the end of the journal to its beginning.
    #[default]
    NewestFirst,
    /// From the beginning of the journal to its end.
    OldestFirst,
}

/// The direction of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the account or owner.
    In,
    /// From the account or owner.
    Out,
}

/// A query for movements. A movement must match every field that is set.
///
/// Movements of an account or owner are found along the chains of their accounts, and periods by position. Both take
/// milliseconds, whatever the size of the journal. Other fields are compared record by record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransferQuery {
    /// Sent or received by this account.
    pub account: Option<AccountNumber>,
    /// Sent or received by an account of this owner.
    pub owner: Option<OwnerId>,
    /// Recorded at or after this moment.
    pub from: Option<Timestamp>,
    /// Recorded before this moment.
    pub to: Option<Timestamp>,
    /// At least this amount, in minor units of any currency.
    pub least: Option<Amount>,
    /// At most this amount, in minor units of any currency.
    pub most: Option<Amount>,
    /// With this status. `None` matches everything except refused movements. Those match only if they are requested,
    /// and are searched record by record.
    pub status: Option<MovementStatus>,
    /// Of one of these kinds; empty for all.
    pub kinds: Vec<MovementKind>,
    /// In this direction, as seen from the given account, or else from the owner. Ignored without either.
    pub direction: Option<Direction>,
    /// About this hold: its settlements and its release, or the transfer that was verified under this id.
    pub hold: Option<HoldId>,
    /// With this text in a label, in the reference or in a reason, ignoring case.
    pub text: Option<String>,
    /// With all of these metadata pairs.
    pub metadata: Vec<(String, String)>,
    /// The viewer. Parts of a movement that the viewer does not see are neither returned nor searched.
    pub viewer: Viewer,
    /// The order of the results.
    pub order: Order,
    /// Only movements after this position in that order, which is the `next` of the previous page.
    pub after: Option<Position>,
    /// The number of movements on a page, 1 to 1,000; 0 means 50. The movements of one record stay together, so a page
    /// can have up to 63 more.
    pub limit: usize,
}
