//! How movements stand: the one place where the end of a hold gets its word.

use serde::{Deserialize, Serialize};

use jangbu_ledger::{Amount, HoldEnd};

/// How a movement stands. Those that are [`Posted`](MovementStatus::Posted) moved money, each the amount that it says, and
/// nothing else did: what an account received less what it sent and was charged is the change of its balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MovementStatus {
    /// Money moved.
    Posted,
    /// A transfer waits for its verification.
    Pending,
    /// A transfer was cancelled while it waited for its verification.
    Cancelled,
    /// The verification said no.
    Rejected,
    /// A hold is open.
    Held,
    /// A hold ended, and its receiver got all of it.
    Settled,
    /// A hold ended, and its receiver got a part of it. The rest went back.
    PartlySettled,
    /// A hold was voided before its receiver got anything; of a release, that this is why.
    Voided,
    /// The time of a hold or of a transfer that waited was over before its receiver got anything; of a release, that this
    /// is why.
    Expired,
    /// The ledger said no, and nothing moved.
    Refused,
}

impl MovementStatus {
    /// How a hold stands, or a transfer that is verified, which is one: with `end` once it ended, of so much that its
    /// receiver may get, or might have got, and of which it got so much.
    pub const fn of_hold(verified: bool, end: Option<HoldEnd>, amount: Amount, captured: Amount) -> MovementStatus {
        match end {
            None if verified => MovementStatus::Pending,
            None => MovementStatus::Held,
            Some(end) if captured.is_zero() => MovementStatus::of_release(verified, end),
            Some(_) if verified => MovementStatus::Posted,
            Some(_) if captured.minor_units() >= amount.minor_units() => MovementStatus::Settled,
            Some(_) => MovementStatus::PartlySettled,
        }
    }

    /// How what went back to the sender stands.
    pub const fn of_release(verified: bool, end: HoldEnd) -> MovementStatus {
        match end {
            HoldEnd::Settled => MovementStatus::Settled,
            HoldEnd::Voided if verified => MovementStatus::Cancelled,
            HoldEnd::Voided => MovementStatus::Voided,
            HoldEnd::Rejected => MovementStatus::Rejected,
            HoldEnd::Expired => MovementStatus::Expired,
        }
    }

    /// Whether something is still to become of it.
    pub const fn is_open(self) -> bool {
        matches!(self, MovementStatus::Pending | MovementStatus::Held)
    }
}

impl std::fmt::Display for MovementStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            MovementStatus::Posted => "posted",
            MovementStatus::Pending => "pending",
            MovementStatus::Cancelled => "cancelled",
            MovementStatus::Rejected => "rejected",
            MovementStatus::Held => "held",
            MovementStatus::Settled => "settled",
            MovementStatus::PartlySettled => "partly_settled",
            MovementStatus::Voided => "voided",
            MovementStatus::Expired => "expired",
            MovementStatus::Refused => "refused",
        })
    }
}
