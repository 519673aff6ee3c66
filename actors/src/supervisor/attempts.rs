//! The attempts of schedules that were begun before the bank stopped.
//!
//! An attempt's transfer or hold comes to the journal before the record of what became of it. A crash between the two leaves
//! the attempt pending, and here it is found again when the bank opens.

use rustc_hash::FxHashMap;

use crate::books::KeptSchedule;
use crate::command::Command;
use crate::journal::{JournalError, JournalReader};
use crate::ledger::{Body, CommandId, Position, Timestamp, attempt_id};

/// What an attempt is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum AttemptKind {
    /// A transfer.
    #[default]
    Transfer,
    /// A hold that the bank's verifier settles or voids.
    Hold,
}

/// Which schedules have a pending attempt that the journal knows, and what it is: the bank stopped before what became of it
/// was recorded.
///
/// No attempt begins before it is due, nor is due later than the last record: all others are left out without a look.
///
/// # Errors
/// When the journal cannot be read.
pub(crate) fn begun(
    bank: u128,
    schedules: &[(CommandId, KeptSchedule)],
    last_recorded_at: Timestamp,
    unsealed: &[(CommandId, Position)],
    reader: &dyn JournalReader,
) -> Result<FxHashMap<CommandId, AttemptKind>, JournalError> {
    let unsealed: FxHashMap<CommandId, Position> = unsealed.iter().copied().collect();
    let mut found = FxHashMap::default();
    for (id, kept) in schedules {
        let Some(pending) = kept.progress.pending.filter(|pending| pending.at <= last_recorded_at) else { continue };
        let attempt = attempt_id(bank, *id, pending.occurrence, pending.attempt);
        let position = match unsealed.get(&attempt) {
            None if reader.may_contain(attempt) => reader.find(attempt)?,
            known => known.copied(),
        };
        if let Some(position) = position {
            let kind = match reader.read(position) {
                // What cannot be read any more cannot be begun again, as whatever it was.
                Err(JournalError::Archived { .. }) => AttemptKind::default(),
                record => AttemptKind::of(&record?.body),
            };
            found.insert(*id, kind);
        }
    }
    Ok(found)
}

impl AttemptKind {
    /// What the record of an attempt is of. A record of anything else makes no difference: the attempt is refused, as its id
    /// is used.
    fn of(body: &Body) -> AttemptKind {
        match body {
            Body::Held(_) => AttemptKind::Hold,
            Body::Refused(refused) if matches!(refused.command, Command::PlaceHold(_)) => AttemptKind::Hold,
            _ => AttemptKind::Transfer,
        }
    }
}
