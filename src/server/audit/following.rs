//! Follows the audit log: every entry once, in journal order.
//!
//! Entries sort by time, and an entry can enter the journal after another one with a later time. A follower therefore
//! uses the journal's order: everything before a cursor is complete.

use std::time::Duration;

use jangbu::{Cursor, Event, EventError, EventKind, Subscription};
use tokio::time::{Instant, timeout_at};

use super::entry::KIND;
use super::{Audit, Found, Query};
use crate::server::http::Problem;
use crate::server::stopping::Stopping;

/// The number of journal records read per request. A page can be shorter because of it, and then says where to
/// continue.
const MAX_RECORDS_READ: usize = 50_000;

/// Where following starts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum After {
    /// After everything that exists now.
    Now,
    /// After this cursor.
    Cursor(Cursor),
}

/// A page of entries, oldest first.
#[derive(Debug)]
pub(crate) struct Followed {
    /// The entries.
    pub(crate) entries: Vec<Found>,
    /// The cursor after which the next page begins.
    pub(crate) next: Cursor,
    /// Whether there are more records already.
    pub(crate) has_more: bool,
}

impl Audit {
    /// Returns the matching entries after a cursor, oldest first. If there are none, waits for one.
    ///
    /// # Errors
    /// 409 `another_history` for a cursor of another bank, 410 if the following records are archived, and those of the
    /// bank.
    pub(crate) async fn follow(
        &self,
        query: &Query,
        after: After,
        wait: Duration,
        stopping: &Stopping,
    ) -> Result<Followed, Problem> {
        let until = Instant::now().checked_add(wait).unwrap_or_else(Instant::now);
        let mut next = match after {
            After::Cursor(cursor) => cursor,
            After::Now => self.end().await?,
        };
        let mut events = self.bank.subscribe_after(next).await?;
        let mut entries = Vec::new();
        for _ in 0..MAX_RECORDS_READ {
            // Records that are durable already are read without further waiting.
            if events.behind() == 0 && (!entries.is_empty() || wait.is_zero()) {
                break;
            }
            let Some(event) = await_event(&mut events, until, stopping).await? else { break };
            self.take(query, &event, &mut entries).await?;
            next = event.cursor();
            if entries.len() >= query.limit {
                break;
            }
        }
        Ok(Followed { entries, next, has_more: events.behind() > 0 })
    }

    /// Returns the cursor after the last durable record.
    async fn end(&self) -> Result<Cursor, Problem> {
        let page = self.bank.events(self.bank.stats().durable, 1).await?;
        Ok(page.data.first().map_or(Cursor::START, Event::cursor))
    }

    /// Adds the matching entries of an event.
    async fn take(&self, query: &Query, event: &Event, entries: &mut Vec<Found>) -> Result<(), Problem> {
        let EventKind::RecordsPut { records } = &event.what else { return Ok(()) };
        for record in records.iter().filter(|record| record.kind == KIND && !record.deleted) {
            let kept = self.bank.record(KIND, &record.key).await?;
            let kept = kept.and_then(|kept| serde_json::from_slice(&kept.value).ok());
            if let Some(kept) = kept.filter(|kept| query.matches(kept)) {
                entries.push(self.show(record.key.clone(), kept).await?);
            }
        }
        Ok(())
    }
}

/// Returns the next event; `None` if there is none in time or the service stops.
async fn await_event(events: &mut Subscription, until: Instant, stopping: &Stopping) -> Result<Option<Event>, Problem> {
    loop {
        let is_there = events.behind() > 0;
        let next = tokio::select! {
            biased;
            next = events.next() => next,
            () = stopping.wait() => return Ok(None),
            _ = timeout_at(until, std::future::pending::<()>()), if !is_there => return Ok(None),
        };
        match next {
            Some(Ok(event)) => return Ok(Some(event)),
            // The follower is behind, as expected.
            Some(Err(EventError::Lagging { .. })) => {}
            Some(Err(EventError::Bank(error))) => return Err(error.into()),
            Some(Err(_)) | None => return Ok(None),
        }
    }
}
