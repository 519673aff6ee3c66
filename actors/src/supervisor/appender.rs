//! The one appender: gives each record its position and its time, and hands batches to the journal.
//!
//! Group commit: whatever gathers while a batch is being synced goes out as the next one.

use crate::ledger::{Body, BusinessDate, CommandId, ContentHash, Links, Position, Record, Timestamp};
use crate::plant::{Bug, is_planted};

/// The records that are queued, and how far the journal has come with those before.
pub(super) struct Appender {
    queued: Vec<Record>,
    /// The position of the last record that was queued.
    end: Position,
    durable: Position,
    last_recorded_at: Timestamp,
    /// Nothing from now on is recorded as earlier.
    not_before: Timestamp,
    writing: bool,
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
    pub(super) fn new(end: Position, last_recorded_at: Timestamp) -> Appender {
        Appender {
            queued: Vec::new(),
            end,
            durable: end,
            last_recorded_at,
            not_before: last_recorded_at,
            writing: false,
        }
    }

    pub(super) const fn end(&self) -> Position {
        self.end
    }

    /// The position that the next record will have.
    pub(super) const fn next(&self) -> Position {
        self.end.next()
    }

    /// The moment of the last record, or a later one before which nothing is recorded.
    pub(super) fn last_recorded_at(&self) -> Timestamp {
        self.last_recorded_at.max(self.not_before)
    }

    /// Sees to it that nothing from now on is recorded as earlier than `moment`: something is done because that has come.
    pub(super) fn not_before(&mut self, moment: Timestamp) {
        self.not_before = self.not_before.max(moment);
    }

    pub(super) const fn durable(&self) -> Position {
        self.durable
    }

    /// Queues a record; `now` is the clock's reading. Returns the time under which it is recorded, which is later than
    /// that of every record before and not earlier than the decision, whatever the clock does.
    pub(super) fn push(&mut self, now: Timestamp, draft: Draft) -> Timestamp {
        let Draft { decided_at, date, id, content, body, links } = draft;
        let after_last = Timestamp::from_ns(self.last_recorded_at.as_ns().saturating_add(1));
        // The clock may have gone back since the decision. A hold that was found to be over must not have expired, by the
        // journal, before its time.
        let recorded_at = now.max(decided_at).max(after_last).max(self.not_before);
        self.last_recorded_at = recorded_at;
        self.end = self.end.next();
        self.queued.push(Record { position: self.end, recorded_at, decided_at, date, id, content, body, links });
        recorded_at
    }

    /// Takes what is queued, to be handed to the journal; `None` when it is busy with the batch before, or there is nothing.
    ///
    /// `spare` gives the empty list for the records to come.
    #[must_use]
    pub(super) fn take_batch(&mut self, spare: impl FnOnce() -> Vec<Record>) -> Option<Vec<Record>> {
        if self.writing || self.queued.is_empty() {
            return None;
        }
        self.writing = true;
        let mut records = std::mem::replace(&mut self.queued, spare());
        if is_planted(Bug::CausalOrderBroken) {
            swap_last(&mut records);
        }
        Some(records)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_later_than_the_one_before_and_not_earlier_than_its_decision() {
        let mut appender = Appender::new(Position::new(7), Timestamp::from_ns(50));
        let draft = |decided_at| Draft {
            decided_at: Timestamp::from_ns(decided_at),
            date: BusinessDate::default(),
            id: CommandId::derived(b"any"),
            content: ContentHash::of(&[]),
            body: Body::RecordsPut(Vec::new()),
            links: Links::new(),
        };
        let mut push = |now, decided_at| appender.push(Timestamp::from_ns(now), draft(decided_at)).as_ns();
        assert_eq!(push(60, 55), 60);
        assert_eq!(push(58, 58), 61, "the clock went back");
        assert_eq!(push(65, 70), 70, "the clock went back since the decision");
        assert_eq!(push(80, 79), 80);
        appender.not_before(Timestamp::from_ns(90));
        assert_eq!(appender.push(Timestamp::from_ns(85), draft(84)).as_ns(), 90, "something fell due at 90");
    }
}
