//! A run of a schedule, as its owner and staff see it.

use jangbu::schedules::{RunOutcome, ScheduledRun};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::server::http::Problem;

/// A run of a schedule.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ScheduleRun {
    /// The moment given by the rule.
    occurrence: String,
    /// When it was recorded.
    recorded_at: String,
    /// `posted`, `refused`, `skipped`, or `accepted` if the transfer is verified before it is posted.
    outcome: &'static str,
    /// The id of the attempted transfer.
    transfer: Option<String>,
    /// The number of the attempt within the occurrence.
    attempt: Option<u32>,
    /// The reason of a refusal: `code`, `detail`, `figures`.
    #[schema(value_type = Option<Object>)]
    refusal: Option<Value>,
    /// How many occurrences were skipped.
    missed: Option<u32>,
    /// The journal position of the record.
    position: u64,
}

impl From<ScheduledRun> for ScheduleRun {
    fn from(run: ScheduledRun) -> Self {
        let (outcome, attempt, refusal, missed) = match run.outcome {
            RunOutcome::Posted { attempt, .. } => ("posted", Some(attempt), None, None),
            RunOutcome::Accepted { attempt, .. } => ("accepted", Some(attempt), None, None),
            RunOutcome::Refused { attempt, refusal } => {
                let mut refusal = Problem::from(refusal).to_value();
                if let Some(fields) = refusal.as_object_mut() {
                    fields.retain(|name, _| matches!(name.as_str(), "code" | "detail" | "figures"));
                }
                ("refused", Some(attempt), Some(refusal), None)
            }
            RunOutcome::Skipped { missed } => ("skipped", None, None, Some(missed)),
        };
        ScheduleRun {
            occurrence: run.occurrence.to_string(),
            recorded_at: run.recorded_at.to_string(),
            outcome,
            transfer: attempt.map(|attempt| attempt.id.to_string()),
            attempt: attempt.map(|attempt| attempt.number),
            refusal,
            missed,
            position: run.position.get(),
        }
    }
}
