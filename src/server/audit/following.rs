//! Following the audit log: every entry once, in the order in which the journal has them.
//!
//! The entries are sorted by their times, and one can come into the journal after another one with a later time. So who
//! follows goes by the journal: what is behind a cursor of it is complete.

use std::time::Duration;

use jangbu::events::{Cursor, Event, EventError, EventKind, Subscription};
use tokio::time::{Instant, timeout_at};

use super::entry::KIND;
use super::{Audit, AuditError, Found, Query};
use crate::server::stopping::Stopping;

/// How many records of the journal one question looks at; the page it gives may then be shorter, and says where to go on.
const LOOKED_AT: usize = 50_000;

/// Behind what the entries are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Behind {
    /// Behind everything that is there.
    Now,
    /// Behind this place.
    Place(Cursor),
}

/// A page of entries, the oldest first.
#[derive(Debug)]
pub(crate) struct Followed {
    /// The entries.
    pub(crate) entries: Vec<Found>,
    /// Behind what the next page begins.
    pub(crate) next: Cursor,
    /// Whether there is more already.
    pub(crate) has_more: bool,
}

impl Audit {
    /// The entries behind a place that fit, the oldest first. When there are none, waits for one.
    ///
    /// # Errors
    /// 409 `another_history` for a place of another bank, 410 when what follows is archived, and as the bank's.
    pub(crate) async fn follow(
        &self,
        query: &Query,
        behind: Behind,
        wait: Duration,
        stopping: &Stopping,
    ) -> Result<Followed, AuditError> {
        let until = Instant::now().checked_add(wait).unwrap_or_else(Instant::now);
        let mut next = match behind {
            Behind::Place(place) => place,
            Behind::Now => self.end().await?,
        };
        let mut events = self.bank.subscribe_after(next).await?;
        let mut entries = Vec::new();
        for _ in 0..LOOKED_AT {
            // What is durable already comes without a wait for anything but the disk.
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

    /// The place behind everything that is durable.
    async fn end(&self) -> Result<Cursor, AuditError> {
        let page = self.bank.events(self.bank.stats().durable, 1).await?;
        Ok(page.data.first().map_or(Cursor::START, Event::cursor))
    }

    /// Takes the entries of an event that fit.
    async fn take(&self, query: &Query, event: &Event, entries: &mut Vec<Found>) -> Result<(), AuditError> {
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

/// The next event; `None` when there is none in time, or the service is stopping.
async fn await_event(
    events: &mut Subscription,
    until: Instant,
    stopping: &Stopping,
) -> Result<Option<Event>, AuditError> {
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
            // It is behind, which is why it asks.
            Some(Err(EventError::Lagging { .. })) => {}
            Some(Err(EventError::Bank(error))) => return Err(error.into()),
            Some(Err(_)) | None => return Ok(None),
        }
    }
}
