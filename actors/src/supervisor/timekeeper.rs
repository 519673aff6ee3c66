//! Whether the clock can be believed: the guard between its reading and everything that is dated by it.
//!
//! Records' times never go back, so that one record under a false time would date everything after it. The *trusted time*
//! is that of the last record, and what has passed since by a clock that nobody sets. A reading further past it than the
//! lead allows is not gone by: nothing new is decided, nothing falls due, and what is in flight is dated by the trusted
//! time, until the clock is corrected or an operator accepts it. Accepting is a record like any other
//! ([`Body::ClockAccepted`]), under the time that was accepted: from it on that is the trusted time, now and after a
//! restart.
//!
//! What it must never do: change the state of anything else.

use std::sync::Arc;
use std::time::Duration;

use super::appender::Draft;
use super::core::Core;
use super::effects::{Asker, Effect, Effects};
use crate::clock::{ClockStanding, ClockState};
use crate::error::BankError;
use crate::ledger::{Body, ClockAccepted, CommandId, ContentHash, Links, Position, Timestamp};
use crate::meters::Meters;
use crate::plant::{Bug, is_planted};

/// A clock that reads less than the last record's time by no more than this is not worth an alarm: corrections of the
/// machine's clock are seldom larger.
const BEHIND_TOLERANCE: Duration = Duration::from_secs(60);

/// How often the clock is looked at while it is ahead and something waits for it to be believed.
pub(super) const WATCH_WHILE_AHEAD: Duration = Duration::from_secs(1);

/// Reads the clock, and knows how far to believe it.
pub(super) struct Timekeeper {
    lead: Duration,
    /// The time of the last record, and the clock's uptime when that was queued or, for one of an earlier life, found.
    last: Timestamp,
    last_at: Duration,
    /// The last look at the clock.
    look: Reading,
    standing: ClockStanding,
    meters: Arc<Meters>,
    /// Who waits for an acceptance to be durable.
    accepting: Vec<(Position, Asker)>,
}

/// What the clock reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) now: Timestamp,
    /// The time that has passed since some fixed moment. Nobody sets it.
    pub(super) uptime: Duration,
    /// The longest that may pass without another look.
    pub(super) patience: Duration,
}

impl Timekeeper {
    /// Goes on after a last record of that time.
    pub(super) fn new(uptime: Duration, lead: Duration, last: Timestamp, meters: Arc<Meters>) -> Timekeeper {
        meters.set_clock(ClockStanding::Trusted);
        Timekeeper {
            lead,
            last,
            last_at: uptime,
            look: Reading { now: last, uptime, patience: Duration::ZERO },
            standing: ClockStanding::Trusted,
            meters,
            accepting: Vec::new(),
        }
    }

    /// Looks at the clock. `last` is the time before which nothing is recorded from now on.
    ///
    /// Returns the time to go by: the clock's reading, or the trusted time where that cannot be believed.
    pub(super) fn look(&mut self, reading: Reading, last: Timestamp) -> Timestamp {
        if last > self.last {
            // It was queued since the look before, by which it was dated.
            (self.last, self.last_at) = (last, self.look.uptime);
        }
        self.look = reading;
        let standing = self.judged();
        if standing != self.standing {
            self.standing = standing;
            self.raise_alarm();
        }
        match standing {
            ClockStanding::Ahead => self.trusted(),
            _ => self.look.now,
        }
    }

    fn judged(&self) -> ClockStanding {
        if self.look.now > self.trusted().after(self.lead) && !is_planted(Bug::ClockLeadIgnored) {
            return ClockStanding::Ahead;
        }
        if self.look.now.after(BEHIND_TOLERANCE) < self.last {
            return ClockStanding::Behind;
        }
        ClockStanding::Trusted
    }

    /// The last record's time, and what has passed since.
    fn trusted(&self) -> Timestamp {
        self.last.after(self.look.uptime.saturating_sub(self.last_at))
    }

    /// What the clock read at the last look, believed or not.
    pub(super) const fn reading(&self) -> Timestamp {
        self.look.now
    }

    /// The last look at the clock.
    pub(super) const fn last_look(&self) -> Reading {
        self.look
    }

    /// The longest that may pass without a look at the clock.
    pub(super) fn patience(&self) -> Duration {
        self.look.patience
    }

    pub(super) fn is_ahead(&self) -> bool {
        self.standing == ClockStanding::Ahead
    }

    /// The error for who wants something decided while the clock is ahead.
    pub(super) fn objection(&self) -> Option<BankError> {
        let ClockState { reading, trusted, lead, .. } = self.state();
        self.is_ahead().then_some(BankError::ClockAhead { last: trusted, now: reading, lead })
    }

    pub(super) fn state(&self) -> ClockState {
        ClockState { reading: self.look.now, trusted: self.trusted(), lead: self.lead, standing: self.standing }
    }

    fn raise_alarm(&self) {
        let (reading, trusted) = (self.look.now, self.trusted());
        self.meters.set_clock(self.standing);
        match self.standing {
            ClockStanding::Ahead => tracing::error!(
                %reading, %trusted, lead_s = self.lead.as_secs(),
                "the clock is too far ahead to be believed: nothing new is decided until it is set right, or accepted \
                 with `jangbu clock accept`"
            ),
            ClockStanding::Behind => tracing::error!(
                %reading, last_record = %self.last,
                "the clock reads less than the time of the last record: until it has caught up, records are dated a \
                 nanosecond apart and what is due later waits"
            ),
            ClockStanding::Trusted => tracing::warn!(%reading, "the clock is believed again"),
        }
    }

    /// Answers those whose acceptances are durable.
    pub(super) fn release(&mut self, durable: Position, effects: &mut Effects) {
        let state = self.state();
        for (_, to) in self.accepting.extract_if(.., |(position, _)| *position <= durable) {
            effects.push(Effect::AnswerClock { to, state: Ok(state) });
        }
    }
}

impl Core {
    /// Records the operator's word that the clock is right, unless it reads later than the operator has seen.
    pub(super) fn accept_clock(&mut self, until: Timestamp, from: Asker) {
        let keeper = &self.timekeeper;
        let Some(objection) = keeper.objection() else {
            let state = Ok(keeper.state());
            return self.effects.push(Effect::AnswerClock { to: from, state });
        };
        let (reading, trusted) = (keeper.look.now, keeper.trusted());
        // What the operator saw on the clock is a little less than what it reads by now.
        if reading > until.after(keeper.lead) {
            return self.effects.push(Effect::AnswerClock { to: from, state: Err(objection) });
        }
        let accepted = until.min(reading);
        let draft = Draft {
            decided_at: accepted,
            date: self.registry.day.date_of(accepted),
            id: CommandId::random(),
            content: ContentHash::of(&[]),
            body: Body::ClockAccepted(ClockAccepted { until, reading, trusted }),
            links: Links::new(),
        };
        self.appender.push(accepted, draft);
        self.timekeeper.accepting.push((self.appender.end(), from));
        self.look(self.timekeeper.last_look());
        // Verifications wait while the clock is ahead.
        self.verify_durable();
    }
}
