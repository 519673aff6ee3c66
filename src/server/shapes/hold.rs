//! A hold, as its sender and staff see it.

use jangbu::{AccountNumber, HoldId, Timestamp, queries::HoldView};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Moment, TransferStatus};

/// A hold. Amounts are in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Hold {
    /// The id of the command that placed it; for a hold placed by linked steps, followed by a dot and the step number.
    #[schema(value_type = String)]
    pub(crate) id: HoldId,
    /// The status: `held`, or `pending` for a transfer that waits for verification.
    pub(crate) status: TransferStatus,
    /// The account that pays.
    #[schema(value_type = String)]
    pub(crate) from: AccountNumber,
    /// The receiver.
    #[schema(value_type = String)]
    pub(crate) to: AccountNumber,
    /// What the receiver can get in all.
    pub(crate) amount: u64,
    /// What the receiver has got.
    pub(crate) captured: u64,
    /// What the receiver can still get.
    pub(crate) remaining: u64,
    /// The fee, charged with the first settlement.
    pub(crate) fee: u64,
    /// When it was placed.
    pub(crate) placed_at: Moment,
    /// The business date on which it was placed.
    #[schema(format = Date)]
    pub(crate) date: String,
    /// From when on it can no longer be settled.
    pub(crate) expires_at: Option<Moment>,
    /// The age of the hold, in seconds.
    pub(crate) age_s: u64,
    /// Whether it waits, or waited, for its verification.
    pub(crate) requires_verification: bool,
    /// When it ended.
    pub(crate) ended_at: Option<Moment>,
    /// Why it was voided or rejected, as given to the sender.
    pub(crate) customer_text: Option<String>,
    /// The position of its record in the journal.
    pub(crate) position: u64,
}

impl Hold {
    /// Makes the answer for a hold at the moment `now`.
    pub(crate) fn of(hold: &HoldView, now: Timestamp) -> Hold {
        let age_ns = now.as_ns().saturating_sub(hold.placed_at.as_ns());
        Hold {
            id: hold.id,
            status: TransferStatus::of(hold.standing()),
            from: hold.from,
            to: hold.to,
            amount: hold.amount.minor_units(),
            captured: hold.captured.minor_units(),
            remaining: hold.remaining.minor_units(),
            fee: hold.fee.minor_units(),
            placed_at: Moment(hold.placed_at),
            date: hold.date.to_string(),
            expires_at: hold.expires_at.map(Moment),
            age_s: u64::try_from(age_ns / 1_000_000_000).unwrap_or(0),
            requires_verification: hold.requires_verification,
            ended_at: hold.ended_at.map(Moment),
            customer_text: (!hold.customer_text.is_empty()).then(|| hold.customer_text.clone()),
            position: hold.position.get(),
        }
    }
}
