//! Reads records from the journal and converts them to events.

use std::sync::Arc;

use super::batch::Batch;
use super::event::Event;
use super::hub::{BATCH, Feed, Hub};
use super::telling::{self, Known, Placements, Schedules};
use crate::books::Books;
use crate::journal::JournalError;
use crate::ledger::{AccountId, CommandId, Position, Record};
use jangbu_runtime::BankError;
use jangbu_runtime::unreadable;

/// The maximum number of cached account numbers. The cache is cleared when full.
const MOST_NUMBERS: usize = 65_536;

impl Hub {
    /// Reads a batch from `first` on, up to `end` at most.
    pub(super) fn read(&self, feed: &Feed, first: Position, end: Position) -> Result<Arc<Batch>, BankError> {
        let last = Position::new(first.get().saturating_add(BATCH).saturating_sub(1)).min(end);
        let mut records: Vec<Record> = Vec::new();
        for record in feed.reader.scan(first) {
            let record = record.map_err(unreadable)?;
            let is_last = record.position >= last;
            records.push(record);
            if is_last {
                break;
            }
        }
        if records.last().map(|record| record.position) != Some(last) {
            return Err(BankError::Unreadable(format!("the journal ends before position {last}, which is durable")));
        }
        let events = self.tell(feed, &records)?;
        Ok(Arc::new(Batch::new(first, last, events)))
    }

    /// Returns the events of records, in order.
    fn tell(&self, feed: &Feed, records: &[Record]) -> Result<Vec<Event>, BankError> {
        self.learn(feed, records)?;
        let schedules = schedules_of(feed, records)?;
        let placements = placements_of(feed, records)?;
        let numbers = self.numbers.lock();
        let known = Known { numbers: &numbers, schedules: &schedules, placements: &placements };
        let each = records.iter().map(|record| {
            let unnamed = || BankError::Unreadable(format!("the record at {} names unknown accounts", record.position));
            telling::event(record, &known).ok_or_else(unnamed)
        });
        each.collect()
    }

    /// Asks the books for account numbers that are not cached.
    fn learn(&self, feed: &Feed, records: &[Record]) -> Result<(), BankError> {
        let mut unknown: Vec<AccountId> = Vec::new();
        let mut numbers = self.numbers.lock();
        if numbers.len() > MOST_NUMBERS {
            numbers.clear();
        }
        for record in records {
            telling::named(record, |id| {
                if !numbers.contains_key(&id) {
                    unknown.push(id);
                }
            });
        }
        if unknown.is_empty() {
            return Ok(());
        }
        unknown.sort_unstable();
        unknown.dedup();
        let asked = unknown.clone();
        // Other readers wait for this lookup; most of them need the same numbers.
        let found = feed.books.ask_and_wait(move |books| books.numbers_of(&asked)).ok_or(BankError::Closed)?;
        numbers.extend(unknown.into_iter().zip(found).filter_map(|(id, number)| Some((id, number?))));
        Ok(())
    }
}

/// Returns the placements of the holds that the records are about. Most were placed shortly before, in the same or
/// recent records. Archived placements are left out.
fn placements_of(feed: &Feed, records: &[Record]) -> Result<Placements, BankError> {
    let mut placements = Placements::default();
    let mut failed = None;
    for record in records {
        telling::named_holds(record, |place| {
            if placements.contains_key(&place) || failed.is_some() {
                return;
            }
            let here = records.binary_search_by_key(&place.position, |record| record.position).ok();
            let placed = match here.and_then(|at| records.get(at)) {
                Some(record) => telling::placement(record, place.step),
                None => match feed.reader.read(place.position) {
                    Ok(record) => telling::placement(&record, place.step),
                    Err(JournalError::Archived { .. }) => None,
                    Err(error) => {
                        failed = Some(unreadable(error));
                        None
                    }
                },
            };
            placements.extend(placed.map(|placed| (place, placed)));
        });
    }
    failed.map_or(Ok(placements), Err)
}

/// Returns the accounts of the schedules that the records name. Such records are rare, so the accounts are not cached.
fn schedules_of(feed: &Feed, records: &[Record]) -> Result<Schedules, BankError> {
    let mut named: Vec<CommandId> = records.iter().filter_map(telling::named_schedule).collect();
    if named.is_empty() {
        return Ok(Schedules::default());
    }
    named.sort_unstable();
    named.dedup();
    let parties = move |books: &mut Books| {
        let of_one = |id| Some((id, books.standing_order(id)?.schedule));
        let found = named.into_iter().filter_map(of_one);
        found.map(|(id, schedule)| (id, [schedule.from, schedule.to])).collect()
    };
    feed.books.ask_and_wait(parties).ok_or(BankError::Closed)
}
