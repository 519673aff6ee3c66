//! The results of a batch of transfers.

use jangbu::{Amount, BusinessDate, CommandId, Position, Receipt, Timestamp, holds::HoldReceipt};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Moment, TransferStatus};
use crate::server::http::Problem;

/// The result of one transfer of a batch.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BatchAnswer {
    /// The status that the transfer would have received on its own.
    pub(crate) status: u16,
    /// The transfer, for 201 and 202.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transfer: Option<BatchTransfer>,
    /// The problem, for all other statuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(crate) problem: Option<Value>,
}

/// What the bank adds to a transfer of a batch.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct BatchTransfer {
    /// The transfer's id.
    #[schema(value_type = String, format = Uuid)]
    id: CommandId,
    /// `posted` or `pending`.
    status: TransferStatus,
    /// What the receiver gets.
    #[schema(value_type = u64)]
    amount: Amount,
    /// The bank's fee.
    #[schema(value_type = u64)]
    fee: Amount,
    /// When it was recorded.
    created_at: Moment,
    /// The business date on which it counts.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = Date)]
    date: BusinessDate,
    /// The position of its record in the journal.
    #[schema(value_type = u64)]
    position: Position,
}

impl BatchAnswer {
    /// A posted transfer.
    pub(crate) fn posted(receipt: &Receipt) -> BatchAnswer {
        let Receipt { id, position, recorded_at, date, amount, fee, .. } = *receipt;
        BatchAnswer::done(201, TransferStatus::Posted, id, (amount, fee), (recorded_at, date, position))
    }

    /// A transfer that waits for verification.
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
