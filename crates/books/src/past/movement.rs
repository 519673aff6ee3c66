//! What a movement of money is to who reads it, and how movements are asked for.

use serde::{Deserialize, Serialize};

use super::sight::Viewer;
use crate::status::MovementStatus;
use jangbu_ledger::{
    AccountNumber, Amount, BusinessDate, CommandId, Details, HoldId, OwnerId, Position, PostingKind, Refusal, Timestamp,
};

/// A movement of money as the journal has it: posted, held, given back, or refused.
///
/// A record has several where several were linked: they share position and command, and `step` tells them apart.
///
/// A transfer that is verified is one movement, of kind [`Transfer`](MovementKind::Transfer) and under the id of the command
/// that asked for it. It stands at the record of that command while it is pending, and at the record that ended it from then
/// on: a list has it once. A hold is a movement, and what becomes of it are others: each settlement, and the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// The id of the command; of a transfer that is verified that of the command that asked for it.
    pub id: CommandId,
    /// The place of the record in the journal.
    pub position: Position,
    /// Which of several linked movements it is, counted from 0; `None` for one that stands alone.
    pub step: Option<u8>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The business date for which it counts.
    pub date: BusinessDate,
    /// What kind of movement.
    pub kind: MovementKind,
    /// How it stands. For a hold, how it stands now.
    pub status: MovementStatus,
    /// The sender; the bank's cash for a deposit. `None` where the command was refused and does not name it.
    pub from: Option<AccountNumber>,
    /// The receiver; the bank's cash for a withdrawal. `None` where the command was refused and does not name it.
    pub to: Option<AccountNumber>,
    /// What the receiver got, or would have got. For a hold: what it may get in all, raises included. For a release: what
    /// went back of that. Zero where the command was refused and does not name it.
    pub amount: Amount,
    /// What the bank took for it. For a hold: what it takes with the first capture.
    pub fee: Amount,
    /// Of a hold, and of a transfer that is verified: what its receiver got so far. Zero for everything else.
    pub captured: Amount,
    /// Of a settlement: what went back to the sender with it. Zero for everything else.
    pub released: Amount,
    /// Whether it waits, or waited, for its verification.
    pub verified: bool,
    /// Of a transfer that was verified: when it was asked for.
    pub asked_at: Option<Timestamp>,
    /// Of a hold, and of a transfer that is verified: when it ended.
    pub ended_at: Option<Timestamp>,
    /// The hold that a settlement or release is of.
    pub hold: Option<HoldId>,
    /// Of a transfer that was verified: the command that settled it, by which its record and its reversals know it.
    pub settlement: Option<CommandId>,
    /// The id of the command that led to what a reversal takes back.
    pub original: Option<CommandId>,
    /// Which of the original's movements, counted from 0, when it has several.
    pub original_step: Option<u8>,
    /// How much of it was taken back by reversals.
    pub reversed: Amount,
    /// The last reversals of it, at most 20 of them, the newest first.
    pub reversals: Vec<CommandId>,
    /// Why it was refused; `None` when it was not.
    pub refusal: Option<Refusal>,
    /// Labels, reference, metadata. What becomes of a hold has those that the hold was placed with, unless the record of that
    /// is archived.
    pub details: Details,
    /// Why a hold was given back, for the bank's staff.
    pub reason: String,
    /// Why a hold was given back, for its sender.
    pub customer_text: String,
}

impl Movement {
    /// A movement of a command's record, of which no more is known yet: without accounts, amounts, texts and links.
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
            verified: false,
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

    /// The id of the hold that it is, where it is one: of kind [`Hold`](MovementKind::Hold), or a transfer that is verified.
    pub const fn as_hold(&self) -> HoldId {
        match self.step {
            None => HoldId::new(self.id),
            Some(step) => HoldId::of_step(self.id, step),
        }
    }
}

/// What kind of movement of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MovementKind {
    /// From account to account.
    Transfer,
    /// Cash coming in.
    Deposit,
    /// Cash going out.
    Withdrawal,
    /// From account to account, to bring one of them to a target.
    Sweep,
    /// Back from the receiver of an earlier movement to its sender.
    Reversal,
    /// Set aside for a receiver.
    Hold,
    /// From a hold to its receiver.
    Settlement,
    /// From a hold back to its sender.
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

/// In which order to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// From the end of the journal to its beginning.
    #[default]
    NewestFirst,
    /// From the beginning of the journal to its end.
    OldestFirst,
}

/// Which way money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the account or owner.
    In,
    /// From the account or owner.
    Out,
}

/// Which movements to find: all that fit everything that is given.
///
/// What an account or owner sent and received is found along the chains of the accounts, and what lies in a period by its
/// positions: both take milliseconds, whatever the size of the journal. Everything else is looked for record by record.
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
    /// Of at least this amount, in minor units of whatever currency.
    pub least: Option<Amount>,
    /// Of at most this amount, in minor units of whatever currency.
    pub most: Option<Amount>,
    /// Standing so. `None` finds everything but what was refused: that is found only when it is asked for, and is looked for
    /// record by record.
    pub status: Option<MovementStatus>,
    /// Of one of these kinds; empty for all.
    pub kinds: Vec<MovementKind>,
    /// Coming in or going out, as seen from the account that is asked for, else from the owner. Without either it means
    /// nothing.
    pub direction: Option<Direction>,
    /// Of this hold: its settlements and its release; or the transfer that was verified under this id.
    pub hold: Option<HoldId>,
    /// With this text in a label, in the reference or in a reason, in upper or lower case.
    pub text: Option<String>,
    /// With all of these pairs among their metadata.
    pub metadata: Vec<(String, String)>,
    /// Whose eyes it is for: what they do not see of a movement is not told and not looked at.
    pub viewer: Viewer,
    /// In which order.
    pub order: Order,
    /// Only what comes behind this position in that order: the `next` of the page before.
    pub after: Option<Position>,
    /// How many movements a page has, 1 to 1,000; 0 means 50. The movements of one record stay together, so that a page can
    /// have up to 63 more.
    pub limit: usize,
}
