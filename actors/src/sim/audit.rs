//! What must hold of every simulated bank, whatever the application is: found out from the disk alone.

use std::path::Path;
use std::time::Duration;

use rustc_hash::FxHashSet;

use super::machine::JOURNAL;
use super::store::SimStore;
use crate::books::{Auditor, ReplayLimits};
use crate::journal::disk::{Disk, FaultDisk};
use crate::journal::{JournalError, verify};
use crate::ledger::{Body, Position, Record, Timestamp};

/// What is on a disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Audited {
    pub(super) end: Position,
    pub(super) cleanly_closed: bool,
}

/// Why an audit did not end well.
#[derive(Debug, thiserror::Error)]
enum AuditError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("the record at position {0}: {1}")]
    Record(Position, String),
}

/// Reads the journal from its beginning: every frame is sound, every record adds up to zero and has an id of its own,
/// no account is below its overdraft after any of them, and the stored state is what they lead to. No record is later than
/// the one before by more than `longest_pause`, but for those that say that the clock was accepted.
///
/// Keeps no more in memory than `limits` say.
pub(super) fn audit(
    disk: &FaultDisk,
    store: &SimStore,
    limits: ReplayLimits,
    longest_pause: Duration,
) -> Result<Audited, String> {
    if disk.list(Path::new(JOURNAL)).is_err() {
        // A crash came before the directory was there to stay.
        return Ok(Audited::default());
    }
    let mut auditor = Auditor::over(Some(Box::new(store.clone()))).with_limits(limits);
    let mut ids = FxHashSet::default();
    let mut before: Option<Timestamp> = None;
    let visit = |record: Record| {
        let wrong = |what| AuditError::Record(record.position, what);
        match record.body.imbalance() {
            0 => {}
            sum => return Err(wrong(format!("its legs add up to {sum}"))),
        }
        if let Some(before) = before.replace(record.recorded_at) {
            let latest = match &record.body {
                Body::ClockAccepted(accepted) => accepted.until.max(before.after(Duration::from_nanos(1))),
                _ => before.after(longest_pause),
            };
            if record.recorded_at > latest {
                return Err(wrong(format!("it is dated {}, which nobody accepted", record.recorded_at)));
            }
        }
        if !ids.insert(record.id) {
            return Err(wrong(format!("the id {} was used before", record.id)));
        }
        auditor.apply(&record).map_err(wrong)?;
        auditor.exceeded(limits).map_or(Ok(()), |what| Err(wrong(what)))
    };
    let verified = verify(disk, Path::new(JOURNAL), visit).map_err(|error| error.to_string())?;
    auditor.compare()?;
    for total in auditor.totals()? {
        let sum = total.customers + total.cash + total.fees;
        if sum != 0 {
            return Err(format!("all balances in {} add up to {sum}", total.currency));
        }
    }
    Ok(Audited { end: Position::new(verified.records), cleanly_closed: verified.cleanly_closed })
}
