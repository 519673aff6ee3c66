//! The status of movements. Only this module names the outcome of a hold.

use serde::{Deserialize, Serialize};

use jangbu_ledger::{Amount, HoldEnd};

/// The status of a movement. Exactly the movements with status [`Posted`](MovementStatus::Posted) moved money, each its
/// own amount. The change of an account's balance is therefore what it received minus what it sent and its fees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MovementStatus {
    /// Money moved.
    Posted,
    /// A transfer awaits verification.
    Pending,
    /// A transfer was cancelled while it awaited verification.
    Cancelled,
    /// The verifier rejected the transfer.
    Rejected,
    /// A hold is open.
    Held,
    /// A hold ended, and its receiver got all of it.
    Settled,
    /// A hold ended, and its receiver got part of it. The rest went back.
    PartlySettled,
    /// A hold was voided before its receiver got anything. For a release: the reason for it.
    Voided,
    /// A hold or pending transfer expired before its receiver got anything. For a release: the reason for it.
    Expired,
    /// The ledger refused the command, and nothing moved.
    Refused,
}

impl MovementStatus {
    /// Returns the status of a hold, or of a transfer that awaits verification. `end` is how it ended, if it did; its
    /// receiver may get `amount` in total and has got `captured`.
    pub const fn of_hold(
        requires_verification: bool,
        end: Option<HoldEnd>,
        amount: Amount,
        captured: Amount,
    ) -> MovementStatus {
        match end {
            None if requires_verification => MovementStatus::Pending,
            None => MovementStatus::Held,
            Some(end) if captured.is_zero() => MovementStatus::of_release(requires_verification, end),
            Some(_) if requires_verification => MovementStatus::Posted,
            Some(_) if captured.minor_units() >= amount.minor_units() => MovementStatus::Settled,
            Some(_) => MovementStatus::PartlySettled,
        }
    }

    /// Returns the status of a release.
    pub const fn of_release(requires_verification: bool, end: HoldEnd) -> MovementStatus {
        match end {
            HoldEnd::Settled => MovementStatus::Settled,
            HoldEnd::Voided if requires_verification => MovementStatus::Cancelled,
            HoldEnd::Voided => MovementStatus::Voided,
            HoldEnd::Rejected => MovementStatus::Rejected,
            HoldEnd::Expired => MovementStatus::Expired,
        }
    }

    /// Returns whether the movement can still change.
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
