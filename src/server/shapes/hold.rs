//! A hold, as its sender and staff see it.

use jangbu::{AccountNumber, HoldId, HoldView, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Moment, TransferStatus};

/// Money that is set aside. Amounts are in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Hold {
    /// The id of the command that placed it; of one that linked steps placed, with the number of the step behind a dot.
    #[schema(value_type = String)]
    pub(crate) id: HoldId,
    /// How it stands: `held`, or `pending` for a transfer that waits for its verification.
    pub(crate) status: TransferStatus,
    /// The account that pays.
    #[schema(value_type = String)]
    pub(crate) from: AccountNumber,
    /// The receiver.
    #[schema(value_type = String)]
    pub(crate) to: AccountNumber,
    /// What the receiver may get in all.
    pub(crate) amount: u64,
    /// What the receiver got of it.
    pub(crate) captured: u64,
    /// What the receiver may still get.
    pub(crate) remaining: u64,
    /// What the bank takes with the first capture.
    pub(crate) fee: u64,
    /// When it was placed.
    pub(crate) placed_at: Moment,
    /// The business date for which it was placed.
    #[schema(format = Date)]
    pub(crate) date: String,
    /// From when on it can no longer be settled.
    pub(crate) expires_at: Option<Moment>,
    /// For how many seconds it has been there.
    pub(crate) age_s: u64,
    /// Whether it waits, or waited, for its verification.
    pub(crate) verified: bool,
    /// When it ended.
    pub(crate) ended_at: Option<Moment>,
    /// Why it was voided or rejected, as its sender is told.
    pub(crate) customer_text: Option<String>,
    /// The place of its record in the journal.
    pub(crate) position: u64,
}

impl Hold {
    /// A hold at the moment `now`.
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
            verified: hold.verified,
            ended_at: hold.ended_at.map(Moment),
            customer_text: (!hold.customer_text.is_empty()).then(|| hold.customer_text.clone()),
            position: hold.position.get(),
        }
    }
}
