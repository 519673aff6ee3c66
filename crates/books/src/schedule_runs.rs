//! The runs of a schedule, read from the journal. Each record of a schedule refers to the previous one.

use crate::books::BooksHandle;
use crate::page::page_size;
use crate::views::{Page, ScheduledRun};
use jangbu_journal::JournalReader;
use jangbu_ledger::{Body, CommandId, Position, Refusal};
use jangbu_runtime::unreadable;
use jangbu_runtime::{BankError, Error};

/// Returns a page of the runs of the schedule `id`, newest first, before the position `before`.
pub fn schedule_runs(
    reader: &dyn JournalReader,
    books: &BooksHandle,
    id: CommandId,
    before: Option<Position>,
    limit: usize,
) -> Result<Page<ScheduledRun, Position>, Error> {
    let limit = page_size(limit);
    let order = books.ask_and_wait(move |books| books.standing_order(id)).ok_or(BankError::Closed)?;
    let order = order.ok_or(Refusal::ScheduleUnknown { schedule: id })?;
    let mut data = Vec::new();
    // The previous page ended with a record of this schedule, from which this one continues.
    let mut at = match before {
        None => order.position,
        Some(before) => previous(reader, id, before)?.ok_or(Refusal::ScheduleUnknown { schedule: id })?,
    };
    while at != Position::START && data.len() < limit {
        let record = reader.read(at).map_err(unreadable)?;
        at = match record.body {
            Body::ScheduleRun(run) if run.schedule == id => {
                let (occurrence, outcome) = (run.occurrence, run.outcome);
                data.push(ScheduledRun { position: at, recorded_at: record.recorded_at, occurrence, outcome });
                run.previous
            }
            Body::ScheduleChanged(changed) if changed.schedule == id => changed.previous,
            // The creation of the schedule, which is its first record.
            _ => Position::START,
        };
    }
    let next = if at == Position::START { None } else { data.last().map(|run: &ScheduledRun| run.position) };
    Ok(Page { data, next })
}

/// Returns the schedule's record before the one at `position`, or `None` if that is not one of its records.
fn previous(reader: &dyn JournalReader, id: CommandId, position: Position) -> Result<Option<Position>, BankError> {
    if position == Position::START || position > reader.end() {
        return Ok(None);
    }
    Ok(match reader.read(position).map_err(unreadable)?.body {
        Body::ScheduleRun(run) if run.schedule == id => Some(run.previous),
        Body::ScheduleChanged(changed) if changed.schedule == id => Some(changed.previous),
        _ => None,
    })
}
