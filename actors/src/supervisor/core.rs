//! The core: everything that the supervisor decides. It is handed inputs and the clock's reading, and says in effects what it
//! wants done. It knows no actix, channel, thread, file or clock.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::admission::{Awaiting, Intake};
use super::appender::Appender;
use super::attempts::AttemptKind;
use super::batches::Batches;
use super::due::DueList;
use super::effects::Effects;
use super::flights::Flights;
use super::groups::Group;
use super::input::Input;
use super::known::{KnownIds, Mark};
use super::lines::Lines;
use super::messages::Circumstances;
use super::open_holds::OpenHolds;
use super::puts::Puts;
use super::referred::{LastWord, Referred, Unproven};
use super::registry::Registry;
use super::schedules::Schedules;
use super::sealed::SealedPart;
use super::seats::Seats;
use super::timekeeper::{Reading, Timekeeper};
use super::turns::Turns;
use crate::account::{SeatIndex, Ticket, ToAccount};
use crate::clock::ClockState;
use crate::journal::UnsealedIds;
use crate::ledger::{AccountId, AccountNumber, CommandId, HoldId, Position, Record, Timestamp};
use crate::meters::Meters;
use crate::plant::{Bug, is_planted};
use crate::verification::Submission;
use crate::views::Activation;

/// What the core starts from.
pub(super) struct CoreStart {
    pub(super) max_active_accounts: usize,
    pub(super) max_open_holds: usize,
    /// Whether nothing may be written: what falls due stays due.
    pub(super) read_only: bool,
    /// How far past the trusted time the clock may read.
    pub(super) clock_lead: Duration,
    /// The clock's uptime now.
    pub(super) uptime: Duration,
    pub(super) meters: Arc<Meters>,
    pub(super) sealed: SealedPart,
    pub(super) last_recorded_at: Timestamp,
    pub(super) facts: crate::books::Facts,
    pub(super) unsealed_ids: UnsealedIds,
    /// Whether schedules are run when they are due.
    pub(super) run_schedules: bool,
    /// Schedules whose pending attempt the journal knows.
    pub(super) begun: FxHashMap<CommandId, AttemptKind>,
    /// What the attempts of schedules are.
    pub(super) attempts: AttemptKind,
}

/// The supervisor's state.
pub(super) struct Core {
    pub(super) max_active_accounts: usize,
    pub(super) read_only: bool,
    pub(super) timekeeper: Timekeeper,
    pub(super) meters: Arc<Meters>,
    pub(super) sealed: SealedPart,
    /// What is to be done.
    pub(super) effects: Effects,
    /// Submitted commands that are not looked at yet.
    pub(super) intake: VecDeque<Intake>,
    pub(super) seats: Seats,
    pub(super) flights: Flights,
    pub(super) batches: Batches,
    pub(super) known: KnownIds,
    pub(super) registry: Registry,
    pub(super) appender: Appender,
    /// The time to go by when the input being handled arrived: what the clock read, where that is believed.
    pub(super) now: Timestamp,
    pub(super) next_account: AccountId,
    /// The sequence from which the next account number is generated.
    pub(super) next_number: u64,
    /// Commands that wait for a record to be durable.
    pub(super) awaiting: Vec<Awaiting>,
    pub(super) open_holds: OpenHolds,
    /// How many holds may be open.
    pub(super) max_open_holds: usize,
    pub(super) referred: Referred,
    pub(super) unproven: Unproven,
    /// Whether there is a verifier.
    pub(super) verifies: bool,
    /// Holds that are to be verified, in the order of their places.
    pub(super) to_verify: VecDeque<Submission>,
    /// Commands with several accounts to themselves, or about to.
    pub(super) groups: FxHashMap<Ticket, Group>,
    /// Commands that wait for what becomes of the command of that id.
    pub(super) followers: FxHashMap<CommandId, Vec<Ticket>>,
    pub(super) turns: Turns,
    pub(super) lines: Lines,
    /// Application records that are being written.
    pub(super) puts: Puts,
    pub(super) due: DueList,
    /// Seats whose queues may move, and whether they are being served.
    pub(super) to_serve: VecDeque<SeatIndex>,
    pub(super) is_serving: bool,
    pub(super) schedules: Schedules,
    /// Whether the bank closes: nothing begins by itself any more.
    pub(super) is_closing: bool,
}

impl Core {
    /// Goes on where the books stand, with the bank's own accounts active.
    pub(super) fn new(start: CoreStart) -> Core {
        let facts = start.facts;
        let last = start.last_recorded_at;
        let mut core = Core {
            max_active_accounts: start.max_active_accounts,
            read_only: start.read_only,
            timekeeper: Timekeeper::new(start.uptime, start.clock_lead, last, Arc::clone(&start.meters)),
            meters: start.meters,
            sealed: start.sealed,
            effects: Effects::default(),
            intake: VecDeque::new(),
            seats: Seats::default(),
            flights: Flights::default(),
            batches: Batches::default(),
            known: KnownIds::new(),
            registry: Registry::new(facts.day, facts.types, facts.owners),
            appender: Appender::new(facts.end, last),
            now: last,
            next_account: facts.next_account,
            next_number: facts.next_account.get(),
            awaiting: Vec::new(),
            open_holds: OpenHolds::default(),
            max_open_holds: start.max_open_holds,
            referred: Referred::default(),
            unproven: Unproven::default(),
            verifies: false,
            to_verify: VecDeque::new(),
            groups: FxHashMap::default(),
            followers: FxHashMap::default(),
            turns: Turns::default(),
            lines: Lines::default(),
            puts: Puts::default(),
            due: DueList::default(),
            to_serve: VecDeque::new(),
            is_serving: false,
            schedules: Schedules::new(facts.bank, start.attempts, start.run_schedules),
            is_closing: false,
        };
        let forgets = is_planted(Bug::IdForgotten);
        for (id, position) in start.unsealed_ids.own.into_iter().filter(|_| !forgets) {
            core.known.remember(id, position);
        }
        core.adopt_schedules(facts.schedules, &start.begun);
        for (id, position) in start.unsealed_ids.references {
            core.referred.note(id, LastWord { position, end: None });
        }
        for (id, hold) in facts.holds.into_iter().filter(|_| !is_planted(Bug::HoldForgotten)) {
            core.open_hold(id, hold);
        }
        for currency in facts.currencies {
            core.seat_currency(currency.currency, currency.scale, currency.cash, currency.fees);
        }
        core
    }

    /// Goes by this reading of the clock until the next one.
    pub(super) fn look(&mut self, reading: Reading) {
        self.now = self.timekeeper.look(reading, self.appender.last_recorded_at());
    }

    /// Handles what happened.
    pub(super) fn handle(&mut self, input: Input) {
        match input {
            Input::Submit { commands, size, from } => self.submit(commands, size, from),
            Input::SubmitMore { commands, first, from } => self.submit_more(commands, first, from),
            Input::Durable(through) => self.durable(through),
            Input::Loaded { seat, found } => self.loaded(seat, found),
            Input::LookedUp { ticket, found } => self.looked_up(ticket, found),
            Input::Tallied { ticket, original, tally } => self.tallied(ticket, *original, tally),
            Input::Versions { ticket, found } => self.compared(ticket, &found),
            Input::Named { ticket, numbers } => self.named(ticket, &numbers),
            Input::ScheduleFound { ticket, found } => self.schedule_found(ticket, found),
            Input::PayerFound { schedule, owner } => self.payer_found(schedule, owner),
            Input::BeginToVerify => self.begin_to_verify(),
            Input::Verdict(ready) => self.verdict(ready),
            Input::Wake { number } => self.due.woken(number),
            Input::RunDue(from) => self.run_due(from),
            Input::RunSchedules(pace) => self.run_by_itself(pace),
            Input::AcceptClock { until, from } => self.accept_clock(until, from),
            Input::FindReference { id, from } => {
                let word = self.referred.get(id).map(|word| word.position);
                self.unproven.answer(word, self.appender.durable(), from, &mut self.effects);
            }
            Input::Close => self.is_closing = true,
        }
    }

    /// Whether everything that was submitted is answered, and everything that was decided is durable.
    pub(super) fn is_idle(&self) -> bool {
        self.intake.is_empty() && self.flights.is_empty() && self.batches.is_empty() && self.appender.is_idle()
    }

    /// The records to hand to the journal now, if it is not busy with those before. `spare` gives an empty list for the
    /// records to come.
    pub(super) fn take_batch(&mut self, spare: impl FnOnce() -> Vec<Record>) -> Option<Vec<Record>> {
        self.appender.take_batch(spare)
    }

    /// Stops the bank because of something that cannot be.
    pub(super) fn broken(&mut self, what: &str) {
        self.effects.stop(what);
    }

    /// Sends a message to an account that can be routed to.
    pub(super) fn send(&mut self, index: SeatIndex, message: impl Into<ToAccount>) {
        self.send_about(None, index, message);
    }

    /// Sends a message that asks about a hold of the account.
    pub(super) fn send_about(&mut self, hold: Option<HoldId>, index: SeatIndex, message: impl Into<ToAccount>) {
        if self.seats.active(index).is_some() {
            self.effects.send_about(hold, index, message);
        }
    }

    /// Where the command of an id is recorded durably, as far as the sealed part of the journal does not say so.
    pub(super) fn recorded(&self, id: CommandId) -> Option<Position> {
        match self.known.get(id) {
            Some(Mark::Recorded(position)) if position <= self.appender.durable() => Some(position),
            _ => None,
        }
    }

    /// What a dry run of the command of an id rests on.
    pub(super) fn circumstances(&mut self, id: CommandId) -> Circumstances {
        Circumstances {
            recorded: self.recorded(id),
            now: self.schedule_time(),
            date: self.registry.day.date_of(self.now),
            hold_room: self.hold_room(),
            clock: self.timekeeper.objection(),
        }
    }

    pub(super) fn clock_state(&self) -> ClockState {
        self.timekeeper.state()
    }

    /// The seat of an account whose actor runs.
    pub(super) fn active_seat(&self, number: &AccountNumber) -> Option<SeatIndex> {
        self.seats.find(number).filter(|seat| self.seats.active(*seat).is_some())
    }

    /// How an account stands between the store and its actor.
    pub(super) fn activation(&self, number: &AccountNumber) -> Activation {
        let seat = self.seats.find(number).and_then(|index| self.seats.get(index));
        let Some(seat) = seat else { return Activation::default() };
        let occupant = seat.active();
        Activation {
            is_active: occupant.is_some(),
            legs: seat.legs.into(),
            queued: seat.queued() as u64,
            undecided: occupant.map_or(0, |occupant| occupant.undecided).into(),
            is_waiting: occupant.is_some_and(|occupant| occupant.has_waiting),
            is_changing: seat.changing,
        }
    }

    /// Sends every answer that rests on nothing but what is durable.
    pub(super) fn release_answers(&mut self) {
        self.batches.release(self.appender.durable(), &mut self.effects);
    }

    /// Sends answers before what they rest on is durable: a bug that tests plant.
    pub(super) fn release_early(&mut self) {
        self.batches.release(self.appender.end(), &mut self.effects);
    }

    /// Everything through `through` is durable: answers that rest on it leave.
    fn durable(&mut self, through: Position) {
        self.appender.committed(through);
        let sealed = self.sealed.through();
        self.known.forget_through(sealed);
        self.referred.forget_through(sealed);
        self.release_answers();
        self.timekeeper.release(through, &mut self.effects);
        self.unproven.release(through, &mut self.effects);
        self.meters.set_in_flight(self.flights.len());
        self.fetch_durable();
        self.verify_durable();
        self.compare_durable_puts();
        self.schedules.forget_through(through);
    }
}

#[cfg(test)]
impl Core {
    pub(super) fn number_of(&self, seat: SeatIndex) -> AccountNumber {
        self.seats.get(seat).map(super::seats::Seat::number).unwrap()
    }

    pub(super) fn command_of(&self, ticket: Ticket) -> Option<CommandId> {
        self.flights.get(ticket).map(|flight| flight.command.id())
    }
}
