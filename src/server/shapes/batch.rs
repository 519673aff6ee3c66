//! What came of many transfers in one request.

use jangbu::{Amount, BusinessDate, CommandId, HoldReceipt, Position, Receipt, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Moment, TransferStatus};
use crate::server::http::Problem;

/// What came of one transfer of a batch.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BatchAnswer {
    /// The status that the transfer would have been answered with by itself.
    pub(crate) status: u16,
    /// The transfer, for 201 and 202.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transfer: Option<BatchTransfer>,
    /// The problem, otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(crate) problem: Option<Value>,
}

/// What the client of a batch does not know of a transfer yet.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct BatchTransfer {
    /// The id of the transfer.
    #[schema(value_type = String, format = Uuid)]
    id: CommandId,
    /// `posted` or `pending`.
    status: TransferStatus,
    /// What the receiver got, or is to get.
    #[schema(value_type = u64)]
    amount: Amount,
    /// What the bank takes for it.
    #[schema(value_type = u64)]
    fee: Amount,
    /// When it was recorded.
    created_at: Moment,
    /// The business date for which it counts.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = Date)]
    date: BusinessDate,
    /// The place of its record in the journal.
    #[schema(value_type = u64)]
    position: Position,
}

impl BatchAnswer {
    /// A transfer that was posted.
    pub(crate) fn posted(receipt: &Receipt) -> BatchAnswer {
        let Receipt { id, position, recorded_at, date, amount, fee, .. } = *receipt;
        BatchAnswer::done(201, TransferStatus::Posted, id, (amount, fee), (recorded_at, date, position))
    }

    /// A transfer that waits for its verification.
    pub(crate) fn pending(receipt: &HoldReceipt) -> BatchAnswer {
        let HoldReceipt { id, position, recorded_at, date, amount, fee, .. } = *receipt;
        BatchAnswer::done(202, TransferStatus::Pending, id, (amount, fee), (recorded_at, date, position))
    }

    /// A transfer that was not made.
    pub(crate) fn failed(problem: &Problem) -> BatchAnswer {
        BatchAnswer { status: problem.status().as_u16(), transfer: None, problem: Some(problem.to_value()) }
    }

    fn done(
        code: u16,
        status: TransferStatus,
        id: CommandId,
        (amount, fee): (Amount, Amount),
        (recorded_at, date, position): (Timestamp, BusinessDate, Position),
    ) -> BatchAnswer {
        let created_at = Moment(recorded_at);
        let transfer = BatchTransfer { id, status, amount, fee, created_at, date, position };
        BatchAnswer { status: code, transfer: Some(transfer), problem: None }
    }
}

fn as_text<S: serde::Serializer>(date: &BusinessDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}
