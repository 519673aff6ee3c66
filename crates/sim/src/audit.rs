//! The checks of every simulated bank, whatever the application is, based on the disk alone.

use std::path::Path;
use std::time::Duration;

use rustc_hash::FxHashSet;

use super::machine::JOURNAL;
use super::store::SimStore;
use jangbu_books::books::{Auditor, ReplayLimits};
use jangbu_journal::disk::{Disk, FaultDisk};
use jangbu_journal::verify;
use jangbu_ledger::{Body, Position, Timestamp};
use jangbu_maintenance::check::{CheckError, balanced, check_reversals, visit};

/// The contents of a disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Audited {
    pub(super) end: Position,
    pub(super) cleanly_closed: bool,
}

/// Reads the journal from its beginning like the offline check, and checks that every record has a unique id and that
/// the stored state equals the replay. No record may be dated more than `longest_pause` after the previous one, except
/// those that confirm the clock.
///
/// Keeps no more in memory than `limits` allow.
pub(super) fn audit(
    disk: &FaultDisk,
    store: &SimStore,
    limits: ReplayLimits,
    longest_pause: Duration,
) -> Result<Audited, String> {
    if disk.list(Path::new(JOURNAL)).is_err() {
        // A crash came before the directory was durable.
        return Ok(Audited::default());
    }
    let mut auditor = Auditor::over(Some(Box::new(store.clone()))).with_limits(limits);
    let mut ids = FxHashSet::default();
    let mut before: Option<Timestamp> = None;
    let verified = verify(disk, Path::new(JOURNAL), |record| {
        let fault = |what| CheckError::Fault { position: record.position, what };
        if let Some(before) = before.replace(record.recorded_at) {
            let latest = match &record.body {
                Body::ClockAccepted(accepted) => accepted.until.max(before.after(Duration::from_nanos(1))),
                _ => before.after(longest_pause),
            };
            if record.recorded_at > latest {
                return Err(fault(format!("it is dated {}, which nobody accepted", record.recorded_at)));
            }
        }
        if !ids.insert(record.id) {
            return Err(fault(format!("the id {} was used before", record.id)));
        }
        visit(&mut auditor, &record).map_err(fault)?;
        auditor.exceeded(limits).map_or(Ok(()), |what| Err(fault(what)))
    });
    let verified = verified.map_err(|error| error.to_string())?;
    let taken_back = auditor.finish()?;
    check_reversals(&auditor, taken_back, |visit| verify(disk, Path::new(JOURNAL), |record| visit(&record)).map(drop))
        .map_err(|error| error.to_string())?;
    auditor.compare()?;
    balanced(&auditor)?;
    Ok(Audited { end: Position::new(verified.records), cleanly_closed: verified.cleanly_closed })
}
