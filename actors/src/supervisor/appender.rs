//! The one appender: gives each record its position and its time, and hands batches to the journal.
//!
//! Group commit: whatever gathers while a batch is being synced goes out as the next one.

use std::sync::mpsc::Sender;

use crate::journal_writer::ToJournal;
use crate::ledger::{Body, BusinessDate, CommandId, ContentHash, Links, Position, Record, Timestamp};
use crate::plant::{Bug, is_planted};

/// The records that are queued, and how far the journal has come with those before.
pub(super) struct Appender {
    queued: Vec<Record>,
    /// The position of the last record that was queued.
    end: Position,
    durable: Position,
    last_recorded_at: Timestamp,
    writing: bool,
    journal: Sender<ToJournal>,
}

/// What a record is made of, apart from what the appender adds.
pub(super) struct Draft {
    pub(super) decided_at: Timestamp,
    pub(super) date: BusinessDate,
    pub(super) id: CommandId,
    pub(super) content: ContentHash,
    pub(super) body: Body,
    pub(super) links: Links,
}

impl Appender {
    /// Goes on after the record at `end`, which was recorded at `last_recorded_at`.
    pub(super) fn new(end: Position, last_recorded_at: Timestamp, journal: Sender<ToJournal>) -> Appender {
        Appender { queued: Vec::new(), end, durable: end, last_recorded_at, writing: false, journal }
    }

    pub(super) const fn end(&self) -> Position {
        self.end
    }

    /// The position that the next record will have.
    pub(super) const fn next(&self) -> Position {
        self.end.next()
    }

    /// When the last record was recorded.
    pub(super) const fn last_recorded_at(&self) -> Timestamp {
        self.last_recorded_at
    }

    pub(super) const fn durable(&self) -> Position {
        self.durable
    }

    /// Queues a record; `now` is the clock's reading. Returns the time under which it is recorded, which is later than
    /// that of every record before, whatever the clock does.
    pub(super) fn push(&mut self, now: Timestamp, draft: Draft) -> Timestamp {
        let Draft { decided_at, date, id, content, body, links } = draft;
        let recorded_at = now.max(Timestamp::from_ns(self.last_recorded_at.as_ns().saturating_add(1)));
        // The clock may have gone back meanwhile. A decision is never recorded as later than its record, as which it could
        // not be stored.
        let decided_at = decided_at.min(recorded_at);
        self.last_recorded_at = recorded_at;
        self.end = self.end.next();
        self.queued.push(Record { position: self.end, recorded_at, decided_at, date, id, content, body, links });
        recorded_at
    }

    /// Hands what is queued to the journal, unless it is busy with the batch before.
    ///
    /// `spare` gives the empty list for the records to come. Returns whether the journal's thread is there to take it.
    #[must_use]
    pub(super) fn commit(&mut self, spare: impl FnOnce() -> Vec<Record>) -> bool {
        if self.writing || self.queued.is_empty() {
            return true;
        }
        self.writing = true;
        let mut records = std::mem::replace(&mut self.queued, spare());
        if is_planted(Bug::CausalOrderBroken) {
            swap_last(&mut records);
        }
        self.journal.send(ToJournal::Append(records)).is_ok()
    }

    /// Notes that everything handed over is durable.
    pub(super) fn committed(&mut self, through: Position) {
        self.writing = false;
        self.durable = through;
    }

    /// Whether everything queued is durable.
    pub(super) fn is_idle(&self) -> bool {
        !self.writing && self.queued.is_empty()
    }
}

/// The planted bug: the last two records change places, positions and times aside.
fn swap_last(records: &mut [Record]) {
    if let [.., one, other] = records {
        std::mem::swap(one, other);
        std::mem::swap(&mut one.position, &mut other.position);
        std::mem::swap(&mut one.recorded_at, &mut other.recorded_at);
    }
}
