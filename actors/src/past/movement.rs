//! What a movement of money is to who reads it, and how movements are asked for.

use serde::{Deserialize, Serialize};

use crate::ledger::{AccountNumber, Amount, BusinessDate, CommandId, Details, OwnerId, Position, Refusal, Timestamp};

/// A movement of money as the journal has it: posted, held, given back, or refused.
///
/// A record has several where several were linked: they share id and position, and `step` tells them apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// The id of the command.
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
    /// Of a hold: what its receiver got so far. Zero for everything else.
    pub captured: Amount,
    /// Of a settlement: what went back to the sender with it. Zero for everything else.
    pub released: Amount,
    /// Of a hold: whether it waits, or waited, for its verification.
    pub verified: bool,
    /// The hold that a settlement or release is of.
    pub hold: Option<CommandId>,
    /// The id of the command that led to what a reversal takes back.
    pub original: Option<CommandId>,
    /// Why it was refused; `None` when it was not.
    pub refusal: Option<Refusal>,
    /// Labels, reference, metadata. The reason for which a hold was voided stands as the release's reference.
    pub details: Details,
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

/// How a movement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MovementStatus {
    /// Money moved.
    Posted,
    /// The hold is open.
    Open,
    /// The hold was settled, in whole or with the last capture.
    Settled,
    /// The hold was voided by command; for a release, that is why.
    Voided,
    /// The hold was voided because its verification rejected it; for a release, that is why.
    Rejected,
    /// The hold's time was over; for a release, that is why.
    Expired,
    /// The ledger said no, and nothing moved.
    Refused,
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

impl std::fmt::Display for MovementStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            MovementStatus::Posted => "posted",
            MovementStatus::Open => "open",
            MovementStatus::Settled => "settled",
            MovementStatus::Voided => "voided",
            MovementStatus::Rejected => "rejected",
            MovementStatus::Expired => "expired",
            MovementStatus::Refused => "refused",
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

/// Which movements to find: all that fit everything that is given.
///
/// What an account or owner sent and received is found along the chains of the accounts, and what lies in a period by its
/// positions: both take milliseconds, whatever the size of the journal. Everything else is looked for record by record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Of this kind.
    pub kind: Option<MovementKind>,
    /// With this text in a label or in the reference, in upper or lower case.
    pub text: Option<String>,
    /// In which order.
    pub order: Order,
    /// Only what comes behind this position in that order: the `next` of the page before.
    pub after: Option<Position>,
    /// How many movements a page has, 1 to 1,000; 0 means 50. The movements of one record stay together, so that a page can
    /// have up to 63 more.
    pub limit: usize,
}
