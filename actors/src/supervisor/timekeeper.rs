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

use actix::{Context, Handler, Message};
use tokio::sync::oneshot;

use super::Supervisor;
use super::appender::Draft;
use crate::clock::{Clock, ClockStanding, ClockState};
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
    clock: Arc<dyn Clock>,
    lead: Duration,
    /// The time of the last record, and the clock's uptime when that was queued or, for one of an earlier life, found.
    last: Timestamp,
    last_at: Duration,
    /// The last look at the clock.
    reading: Timestamp,
    uptime: Duration,
    standing: ClockStanding,
    meters: Arc<Meters>,
    /// Who waits for an acceptance to be durable.
    accepting: Vec<(Position, oneshot::Sender<Result<ClockState, BankError>>)>,
}

/// Say what the bank makes of its clock.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct TellClock(pub(crate) oneshot::Sender<ClockState>);

/// An operator says that the clock is right, if it reads no later than `until`.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct AcceptClock {
    pub(crate) until: Timestamp,
    pub(crate) reply: oneshot::Sender<Result<ClockState, BankError>>,
}

impl Timekeeper {
    /// Goes on after a last record of that time.
    pub(super) fn new(clock: Arc<dyn Clock>, lead: Duration, last: Timestamp, meters: Arc<Meters>) -> Timekeeper {
        let uptime = clock.uptime();
        meters.set_clock(ClockStanding::Trusted);
        Timekeeper {
            clock,
            lead,
            last,
            last_at: uptime,
            reading: last,
            uptime,
            standing: ClockStanding::Trusted,
            meters,
            accepting: Vec::new(),
        }
    }

    /// Looks at the clock. `last` is the time before which nothing is recorded from now on.
    ///
    /// Returns the time to go by: the clock's reading, or the trusted time where that cannot be believed.
    pub(super) fn look(&mut self, last: Timestamp) -> Timestamp {
        if last > self.last {
            // It was queued since the look before, by which it was dated.
            (self.last, self.last_at) = (last, self.uptime);
        }
        (self.reading, self.uptime) = (self.clock.now(), self.clock.uptime());
        let standing = self.judged();
        if standing != self.standing {
            self.standing = standing;
            self.raise_alarm();
        }
        match standing {
            ClockStanding::Ahead => self.trusted(),
            _ => self.reading,
        }
    }

    fn judged(&self) -> ClockStanding {
        if self.reading > self.trusted().after(self.lead) && !is_planted(Bug::ClockLeadIgnored) {
            return ClockStanding::Ahead;
        }
        if self.reading.after(BEHIND_TOLERANCE) < self.last {
            return ClockStanding::Behind;
        }
        ClockStanding::Trusted
    }

    /// The last record's time, and what has passed since.
    fn trusted(&self) -> Timestamp {
        self.last.after(self.uptime.saturating_sub(self.last_at))
    }

    /// What the clock read at the last look, believed or not.
    pub(super) const fn reading(&self) -> Timestamp {
        self.reading
    }

    /// The longest that may pass without a look at the clock.
    pub(super) fn patience(&self) -> Duration {
        self.clock.patience()
    }

    pub(super) fn is_ahead(&self) -> bool {
        self.standing == ClockStanding::Ahead
    }

    /// The error for who wants something decided while the clock is ahead.
    pub(super) fn objection(&self) -> Option<BankError> {
        let ClockState { reading, trusted, lead, .. } = self.state();
        self.is_ahead().then_some(BankError::ClockAhead { last: trusted, now: reading, lead })
    }

    fn state(&self) -> ClockState {
        ClockState { reading: self.reading, trusted: self.trusted(), lead: self.lead, standing: self.standing }
    }

    fn raise_alarm(&self) {
        let (reading, trusted) = (self.reading, self.trusted());
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
    pub(super) fn release(&mut self, durable: Position) {
        let state = self.state();
        for (_, reply) in self.accepting.extract_if(.., |(position, _)| *position <= durable) {
            // Who asked may have given up; the acceptance stands.
            let _ = reply.send(Ok(state));
        }
    }

    /// Leaves everybody unanswered: the bank stopped.
    pub(super) fn abandon(&mut self) {
        self.accepting.clear();
    }
}

impl Supervisor {
    /// Records the operator's word that the clock is right, unless it reads later than the operator has seen.
    fn accept_clock(&mut self, AcceptClock { until, reply }: AcceptClock) {
        let keeper = &self.timekeeper;
        let Some(objection) = keeper.objection() else {
            let _ = reply.send(Ok(keeper.state()));
            return;
        };
        let (reading, trusted) = (keeper.reading, keeper.trusted());
        // What the operator saw on the clock is a little less than what it reads by now.
        if reading > until.after(keeper.lead) {
            let _ = reply.send(Err(objection));
            return;
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
        self.timekeeper.accepting.push((self.appender.end(), reply));
        self.now = self.timekeeper.look(self.appender.last_recorded_at());
        // Verifications wait while the clock is ahead.
        self.verify_durable();
    }
}

impl Handler<TellClock> for Supervisor {
    type Result = ();
    fn handle(&mut self, TellClock(reply): TellClock, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let _ = reply.send(supervisor.timekeeper.state());
        });
    }
}

impl Handler<AcceptClock> for Supervisor {
    type Result = ();
    fn handle(&mut self, accept: AcceptClock, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.accept_clock(accept));
    }
}
