//! The outcome of a row.

use jangbu::{CommandId, Refusal};

use super::identity::{self, FIRST};
use super::plan::{Plan, Unit, Verdict};

/// The status of a row after an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// This import carried out the row.
    Done,
    /// An earlier import carried it out.
    Before,
    /// The ledger refused it now.
    Refused,
    /// The ledger refused it in an earlier import, and it was not tried again.
    RefusedBefore,
    /// A different row with the same identity was imported before.
    Reused,
    /// The outcome is archived. The row is not carried out again.
    Archived,
    /// The row cannot be read.
    Unreadable,
    /// The import ended before this row.
    NotTried,
}

impl Status {
    /// Returns the status as reports spell it. `done` is the word for an imported row.
    pub(super) fn word(self, done: &str) -> String {
        match self {
            Status::Done => done.into(),
            Status::Before => format!("{done}_before"),
            Status::Refused => "refused".into(),
            Status::RefusedBefore => "refused_before".into(),
            Status::Reused => "id_reused".into(),
            Status::Archived => "archived".into(),
            Status::Unreadable => "unreadable".into(),
            Status::NotTried => "not_tried".into(),
        }
    }
}

/// The outcome of a row, the number of the attempt, and the reason if it failed.
#[derive(Clone, Debug)]
pub(super) struct RowOutcome {
    pub(super) status: Status,
    pub(super) attempt: u32,
    pub(super) reason: Option<Box<Reason>>,
}

/// Why a row was not imported.
#[derive(Clone, Debug)]
pub(super) struct Reason {
    /// For programs; empty if the row cannot be read.
    pub(super) code: &'static str,
    pub(super) words: String,
}

impl RowOutcome {
    /// Returns an outcome without a reason.
    pub(super) const fn plain(status: Status, attempt: u32) -> RowOutcome {
        RowOutcome { status, attempt, reason: None }
    }

    /// Returns the outcome of a row that was not imported.
    pub(super) fn because(status: Status, attempt: u32, code: &'static str, words: String) -> RowOutcome {
        RowOutcome { status, attempt, reason: Some(Box::new(Reason { code, words })) }
    }

    /// Returns the outcome of a row that the ledger refused.
    pub(super) fn refused(status: Status, attempt: u32, refusal: &Refusal, unit: Unit) -> RowOutcome {
        RowOutcome::because(status, attempt, refusal.code(), refusal.in_decimals(unit.currency, unit.scale))
    }

    /// Returns the outcomes of a plan's rows before anything is submitted.
    pub(super) fn before(plan: &Plan) -> Vec<RowOutcome> {
        let of = |verdict: &Verdict| match verdict {
            Verdict::Bad(bad) => RowOutcome::because(Status::Unreadable, FIRST, "", bad.to_string()),
            Verdict::Exists => RowOutcome::plain(Status::Before, FIRST),
            Verdict::Ask(_) => RowOutcome::plain(Status::NotTried, FIRST),
        };
        plan.verdicts.iter().map(of).collect()
    }

    /// Returns the id of the movement that a row led to or was refused as.
    pub(super) fn movement(&self, verdict: &Verdict) -> Option<CommandId> {
        match (self.status, verdict) {
            (Status::NotTried | Status::Unreadable, _) | (_, Verdict::Bad(_) | Verdict::Exists) => None,
            (_, Verdict::Ask(task)) => Some(identity::attempt(task.id, self.attempt)),
        }
    }

    /// Returns whether the row has not been imported, now or before.
    pub(super) const fn is_failed(&self) -> bool {
        !matches!(self.status, Status::Done | Status::Before)
    }
}
