//! What became of a row.

use jangbu::{CommandId, Refusal};

use super::identity::{self, FIRST};
use super::plan::{Plan, Unit, Verdict};

/// How a row stands after an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// This import did what it asks for.
    Done,
    /// That was done before.
    Before,
    /// The ledger said no now.
    Refused,
    /// The ledger said no before, and was not asked again.
    RefusedBefore,
    /// Another row was imported before under what this one is known by.
    Reused,
    /// What came of it is archived: it is not carried out again, and nothing can be said about it.
    Archived,
    /// It cannot be read.
    Unreadable,
    /// The import ended before its turn came.
    NotTried,
}

impl Status {
    /// The status as the report has it; `done` is what is done to such rows.
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

/// What became of a row, at which attempt, and why.
#[derive(Clone, Debug)]
pub(super) struct Fate {
    pub(super) status: Status,
    pub(super) attempt: u32,
    pub(super) reason: Option<Box<Reason>>,
}

/// Why a row was not imported.
#[derive(Clone, Debug)]
pub(super) struct Reason {
    /// For programs; empty where the row cannot be read.
    pub(super) code: &'static str,
    /// For people.
    pub(super) words: String,
}

impl Fate {
    /// A row of which nothing needs to be said.
    pub(super) const fn plain(status: Status, attempt: u32) -> Fate {
        Fate { status, attempt, reason: None }
    }

    /// A row that was not imported, and why.
    pub(super) fn because(status: Status, attempt: u32, code: &'static str, words: String) -> Fate {
        Fate { status, attempt, reason: Some(Box::new(Reason { code, words })) }
    }

    /// A row to which the ledger said no.
    pub(super) fn refused(status: Status, attempt: u32, refusal: &Refusal, unit: Unit) -> Fate {
        Fate::because(status, attempt, refusal.code(), refusal.in_decimals(unit.currency, unit.scale))
    }

    /// The fates of rows before the bank was asked.
    pub(super) fn before(plan: &Plan) -> Vec<Fate> {
        let of = |verdict: &Verdict| match verdict {
            Verdict::Bad(bad) => Fate::because(Status::Unreadable, FIRST, "", bad.to_string()),
            Verdict::Exists => Fate::plain(Status::Before, FIRST),
            Verdict::Ask(_) => Fate::plain(Status::NotTried, FIRST),
        };
        plan.verdicts.iter().map(of).collect()
    }

    /// The id of the movement that a row led to, or was refused as.
    pub(super) fn movement(&self, verdict: &Verdict) -> Option<CommandId> {
        match (self.status, verdict) {
            (Status::NotTried | Status::Unreadable, _) | (_, Verdict::Bad(_) | Verdict::Exists) => None,
            (_, Verdict::Ask(task)) => Some(identity::attempt(task.id, self.attempt)),
        }
    }

    /// Whether the row is not imported, now or before.
    pub(super) const fn is_failed(&self) -> bool {
        !matches!(self.status, Status::Done | Status::Before)
    }
}
