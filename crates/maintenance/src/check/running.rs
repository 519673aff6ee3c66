//! The check of a running bank: everything that is durable when it starts.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::{CheckError, Options, Report, audit_with, balanced, check_reversals, visit};
use jangbu_books::books::Auditor;
use jangbu_journal::{JournalError, JournalReader};
use jangbu_ledger::{Position, Record};

/// Checks files like [`check`](super::check), and counts the checked records in `progress`. The stored state is left
/// out, because the running bank writes to it.
///
/// # Errors
/// Those of [`check`](super::check).
#[doc(hidden)]
pub fn check_running(reader: &dyn JournalReader, progress: &AtomicU64) -> Result<Report, CheckError> {
    match reader.as_files() {
        Some(files) => {
            let sequence = files.durable_files()?;
            Ok(audit_with(files.disk(), &sequence, Path::new(""), Options::default(), || count(progress))?.0)
        }
        None => check_records(|| reader.scan(Position::START), reader.end(), progress),
    }
}

/// Replays the records of a journal that is not in files, through `end`. `records` starts with the first record each
/// time.
///
/// # Errors
/// Those of [`check`](super::check).
fn check_records<R: Iterator<Item = Result<Record, JournalError>>>(
    records: impl Fn() -> R,
    end: Position,
    progress: &AtomicU64,
) -> Result<Report, CheckError> {
    let mut auditor = Auditor::over(None);
    let walk = |visit: &mut dyn FnMut(&Record) -> Result<(), CheckError>| {
        for record in records() {
            let record = record.map_err(CheckError::from)?;
            if record.position > end {
                break;
            }
            visit(&record)?;
        }
        Ok(())
    };
    walk(&mut |record| {
        visit(&mut auditor, record).map_err(|what| CheckError::Fault { position: record.position, what })?;
        count(progress);
        Ok(())
    })?;
    let fault = |what| CheckError::Fault { position: end, what };
    let taken_back = auditor.finish().map_err(fault)?;
    check_reversals(&auditor, taken_back, walk)?;
    let currencies = balanced(&auditor).map_err(fault)?;
    let (accounts, holds_open) = (auditor.accounts(), auditor.open_holds().map_err(fault)?);
    Ok(Report { records: end.get(), accounts, holds_open, end, currencies, ..Report::default() })
}

fn count(progress: &AtomicU64) {
    progress.fetch_add(1, Relaxed);
}
