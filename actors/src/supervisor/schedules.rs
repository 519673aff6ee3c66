//! Scheduled and standing orders: which attempt is next, those under way, and what became of them.
//!
//! # Contract
//!
//! - An attempt is an ordinary transfer under an id that follows from the schedule, the occurrence and the attempt's
//!   number. Beginning it again gets the first answer again. In a bank with a verifier it is a hold that waits for it, as of
//!   a transfer that somebody asks for; one that is begun again is what it was, whether there is a verifier now or not.
//! - What an attempt led to is recorded as soon as it is known, with where the schedule stands then. A crash between the
//!   transfer's record and that one leaves the attempt pending: at the next opening it is found in the journal
//!   ([`begun`](super::attempts::begun)), begun again, and answered from there.
//! - What is skipped is recorded before what is run instead: the clock decides each thing once.
//! - A command on a schedule waits for the attempt under way. So no schedule is paused, cancelled or made to skip
//!   between a transfer and the record of what became of it.
//!
//! What it must never do: move money by other means than a transfer or a hold for one, or look at a balance.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::appender::Draft;
use super::attempts::AttemptKind;
use super::batches::Answer;
use super::core::Core;
use super::due::Due;
use super::effects::{Asker, Effect, Effects};
use super::flights::{AnswerTo, Stage};
use super::known::Mark;
use crate::account::Ticket;
use crate::books::KeptSchedule;
use crate::command::{Command, Outcome, PlaceHold};
use crate::error::BankError;
use crate::ledger::{
    AccountNumber, Attempt, Body, CommandId, ContentHash, Links, OwnerId, Position, Progress, Refusal, RunOutcome,
    Schedule, ScheduleChange, ScheduleChanged, ScheduleRun, ScheduleSet, ScheduleStatus, Step, Timestamp, attempt_id,
};
use crate::pace::Pace;

/// The most schedules that can still run: each takes some hundreds of bytes of memory, twice.
const MOST_SCHEDULES: usize = 1_000_000;

/// The schedules that can still run.
#[derive(Default)]
pub(super) struct Schedules {
    pub(super) live: FxHashMap<CommandId, Standing>,
    /// The accounts of those, either side, so that a closing account finds its schedules.
    by_account: BTreeSet<(AccountNumber, CommandId)>,
    /// Those that ended, until the books know of it.
    ended: VecDeque<(Position, CommandId)>,
    /// The bank's own id, which is part of every attempt's.
    bank: u128,
    /// What an attempt is that was not begun before.
    attempts: AttemptKind,
    /// Whether what is due is run by itself.
    pub(super) by_itself: bool,
    /// How fast, by somebody's word.
    pub(super) pace: Option<Arc<dyn Pace>>,
    /// Whether what is due is run for now: by itself, or because somebody asked for it.
    run: bool,
    /// How many attempts are under way, or about to be once it is known whose they are.
    pub(super) under_way: usize,
    /// Who waits until nothing is due.
    waiting: Vec<Asker>,
}

/// What the supervisor knows of a schedule.
pub(super) struct Standing {
    pub(super) schedule: Box<Schedule>,
    /// Whose account it pays from, once that was asked.
    pub(super) payer: Option<OwnerId>,
    /// Until when its attempt is put off, if it is.
    pub(super) put_off: Option<Timestamp>,
    progress: Progress,
    /// Its last record.
    last: Position,
    /// What the pending attempt is in the journal, if it is there already.
    pub(super) begun: Option<AttemptKind>,
    under_way: bool,
    /// Whether one of its accounts was closed while an attempt was under way: it ends with that.
    ends: bool,
    /// Commands on it that wait for the attempt under way.
    waiting: Vec<Ticket>,
}

impl Schedules {
    pub(super) fn new(bank: u128, attempts: AttemptKind, by_itself: bool) -> Schedules {
        Schedules { bank, attempts, by_itself, run: by_itself, ..Schedules::default() }
    }

    fn insert(&mut self, id: CommandId, standing: Standing) {
        let Schedule { from, to, .. } = *standing.schedule;
        self.by_account.extend([(from, id), (to, id)]);
        self.live.insert(id, standing);
    }

    fn remove(&mut self, id: CommandId) {
        if let Some(standing) = self.live.remove(&id) {
            let Schedule { from, to, .. } = *standing.schedule;
            self.by_account.remove(&(from, id));
            self.by_account.remove(&(to, id));
        }
    }

    /// The schedules that can still run and pay or are paid by an account, in the order of their ids.
    fn of_account(&self, number: AccountNumber) -> Vec<CommandId> {
        let first = (number, CommandId::new(uuid::Uuid::nil()));
        let own = self.by_account.range(first..).take_while(|(account, _)| *account == number);
        own.map(|(_, id)| *id).collect()
    }

    /// Whether the next attempt of a schedule shall be made at `at`, and is not under way.
    pub(super) fn waits_for(&self, id: CommandId, at: Timestamp) -> bool {
        self.run && self.live.get(&id).is_some_and(|standing| !standing.under_way && standing.awaited() == Some(at))
    }

    /// Everything through `durable` is known to the books.
    pub(super) fn forget_through(&mut self, durable: Position) {
        while self.ended.front().is_some_and(|(position, _)| *position <= durable) {
            self.ended.pop_front();
        }
    }

    /// Answers everyone who waits for due schedules with `error`: nothing is run.
    pub(super) fn turn_away(&mut self, error: &BankError, effects: &mut Effects) {
        if self.waiting.is_empty() {
            return;
        }
        for to in self.waiting.drain(..) {
            effects.push(Effect::AnswerDue { to, ran: Err(error.clone()) });
        }
        self.run = self.by_itself;
    }
}

impl Core {
    /// Takes in the schedules that the books know.
    pub(super) fn adopt_schedules(
        &mut self,
        kept: Vec<(CommandId, KeptSchedule)>,
        begun: &FxHashMap<CommandId, AttemptKind>,
    ) {
        for (id, KeptSchedule { schedule, progress, last }) in kept {
            let standing = Standing {
                schedule: Box::new(schedule),
                payer: None,
                put_off: None,
                progress,
                last,
                begun: begun.get(&id).copied(),
                under_way: false,
                ends: false,
                waiting: Vec::new(),
            };
            self.schedules.insert(id, standing);
            self.await_attempt(id);
        }
    }

    /// Makes a schedule whose accounts are there and fit together.
    pub(super) fn set_schedule(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let Command::SetSchedule(set) = &flight.command else { return };
        if self.schedules.live.len() >= MOST_SCHEDULES {
            let most = u32::try_from(MOST_SCHEDULES).unwrap_or(u32::MAX);
            return self.refuse(ticket, Refusal::TooMany { most });
        }
        let (id, now, mut schedule) = (set.id, self.schedule_time(), set.schedule.clone());
        if schedule.start.is_none() {
            schedule.start = Some(self.registry.day.date_of(now));
        }
        let Some(progress) = schedule.begin(self.registry.day.zone(), now) else {
            return self.refuse(ticket, Refusal::ScheduleNeverRuns { now });
        };
        let Some(flight) = self.flights.remove(ticket) else { return };
        let set = ScheduleSet { schedule: schedule.clone(), progress };
        let position = self.append(&flight, Body::ScheduleSet(Box::new(set)), Links::new());
        let schedule = Box::new(schedule);
        let standing = Standing {
            schedule,
            payer: None,
            put_off: None,
            progress,
            last: position,
            begun: None,
            under_way: false,
            ends: false,
            waiting: Vec::new(),
        };
        self.schedules.insert(id, standing);
        self.await_attempt(id);
        self.land(flight, Ok(Outcome::Recorded { position }));
    }

    /// Pauses, resumes or cancels a schedule, once no attempt is under way.
    pub(super) fn change_schedule(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let Command::ChangeSchedule(command) = flight.command else { return };
        let (id, now) = (command.schedule, self.schedule_time());
        let Some(standing) = self.schedules.live.get_mut(&id) else { return self.change_ended(ticket, id) };
        if standing.under_way || standing.begun.is_some() {
            standing.waiting.push(ticket);
            return self.begin_attempt(id);
        }
        let zone = self.registry.day.zone();
        let Some(progress) = standing.schedule.change(&standing.progress, zone, now, command.change) else {
            return self.broken("a schedule that has ended is kept as if it could run");
        };
        let (previous, before) = (standing.last, standing.progress);
        let Some(flight) = self.flights.remove(ticket) else { return };
        let changed = ScheduleChanged { schedule: id, change: command.change, previous, progress };
        let position = self.append(&flight, Body::ScheduleChanged(Box::new(changed)), Links::new());
        self.move_on(id, progress, position);
        if awaited(&before) != awaited(&progress) {
            if self.schedules.run && awaited(&before).is_some() {
                self.due.give_up();
            }
            self.await_attempt(id);
        }
        self.land(flight, Ok(Outcome::Recorded { position }));
    }

    /// Ends the schedules of an account that was just closed: none of them could ever run again.
    pub(super) fn end_schedules_of(&mut self, number: AccountNumber) {
        for id in self.schedules.of_account(number) {
            self.end_schedule(id);
        }
    }

    /// Ends a schedule one of whose accounts is closed, once no attempt is under way. The record's id is a new one: nobody
    /// asked for it.
    fn end_schedule(&mut self, id: CommandId) {
        let now = self.schedule_time();
        let Some(standing) = self.schedules.live.get_mut(&id) else { return };
        if standing.under_way || standing.begun.is_some() {
            standing.ends = true;
            return self.begin_attempt(id);
        }
        let (change, zone) = (ScheduleChange::AccountClosed, self.registry.day.zone());
        let Some(progress) = standing.schedule.change(&standing.progress, zone, now, change) else {
            return self.broken("a schedule that has ended is kept as if it could run");
        };
        let (previous, before) = (standing.last, standing.progress);
        let changed = ScheduleChanged { schedule: id, change, previous, progress };
        self.record_by_itself(Body::ScheduleChanged(Box::new(changed)));
        self.move_on(id, progress, self.appender.end());
        if self.schedules.run && awaited(&before).is_some() {
            self.due.give_up();
        }
    }

    /// A change of a schedule that cannot run any more, or that there never was: the books know which. One that is being made
    /// is waited for.
    fn change_ended(&mut self, ticket: Ticket, id: CommandId) {
        if let Some(Mark::InFlight(first)) = self.known.get(id)
            && self.is_in_flight(first, |command| matches!(command, Command::SetSchedule(_)))
        {
            return self.followers.entry(id).or_default().push(ticket);
        }
        if self.schedules.ended.iter().any(|(_, ended)| *ended == id) {
            return self.refuse(ticket, Refusal::ScheduleEnded { schedule: id });
        }
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.stage = Stage::Comparing;
        }
        self.effects.push(Effect::FindSchedule { ticket, schedule: id });
    }

    /// The books' answer for a schedule that is not among those that can still run.
    pub(super) fn schedule_found(&mut self, ticket: Ticket, found: bool) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let Command::ChangeSchedule(command) = flight.command else { return };
        let schedule = command.schedule;
        let ended = Refusal::ScheduleEnded { schedule };
        self.refuse(ticket, if found { ended } else { Refusal::ScheduleUnknown { schedule } });
    }

    /// A moment has come for which a schedule waited.
    pub(super) fn schedule_due(&mut self, id: CommandId, at: Timestamp) {
        // Of a schedule that was paused, resumed or cancelled, older entries of the list are left.
        if !self.schedules.waits_for(id, at) {
            return;
        }
        let now = self.schedule_time();
        let Some(standing) = self.schedules.live.get(&id) else { return };
        let zone = self.registry.day.zone();
        match standing.schedule.decide(&standing.progress, zone, now, standing.begun.is_some()) {
            Step::Wait => self.await_attempt(id),
            Step::Attempt(_) => {
                if self.is_put_off(id) {
                    return;
                }
                // The clock may go back before the transfer is recorded, which is not to be earlier than its occurrence.
                self.appender.not_before(now);
                self.begin_attempt(id);
            }
            Step::Skip { missed, progress } => {
                let occurrence = standing.progress.pending.map_or(at, |pending| pending.occurrence);
                self.record_run(id, occurrence, RunOutcome::Skipped { missed }, progress);
            }
        }
    }

    /// Puts the pending attempt into flight, unless it is there.
    fn begin_attempt(&mut self, id: CommandId) {
        let (bank, usual) = (self.schedules.bank, self.schedules.attempts);
        let Some(standing) = self.schedules.live.get_mut(&id) else { return };
        let Some(pending) = standing.progress.pending.filter(|_| !standing.under_way) else { return };
        standing.put_off = None;
        standing.under_way = true;
        self.schedules.under_way = self.schedules.under_way.saturating_add(1);
        let transfer = standing.schedule.transfer(bank, id, &pending);
        let command = match standing.begun.unwrap_or(usual) {
            AttemptKind::Transfer => Command::Transfer(transfer),
            AttemptKind::Hold => Command::PlaceHold(Box::new(PlaceHold::for_verification(transfer))),
        };
        let content = command.content();
        self.admit(command, content, AnswerTo::Schedule(id));
    }

    /// An attempt was answered: that is recorded, and the schedule goes on.
    pub(super) fn schedule_answered(&mut self, id: CommandId, answer: Answer) {
        let (now, bank) = (self.schedule_time(), self.schedules.bank);
        self.schedules.under_way = self.schedules.under_way.saturating_sub(1);
        let Some(standing) = self.schedules.live.get_mut(&id) else {
            return self.broken("an attempt was made for a schedule that cannot run");
        };
        (standing.under_way, standing.begun) = (false, None);
        let Some(pending) = standing.progress.pending else {
            return self.broken("an attempt was made for a schedule that waits for none");
        };
        let settled = answer.as_ref().map(Outcome::position);
        let progress = standing.schedule.settle(&standing.progress, self.registry.day.zone(), now, settled);
        let number = pending.attempt;
        let attempt = Attempt { number, id: attempt_id(bank, id, pending.occurrence, number) };
        let outcome = match answer {
            Ok(Outcome::Held(receipt)) => RunOutcome::Accepted { attempt, position: receipt.position },
            Ok(outcome) => RunOutcome::Posted { attempt, position: outcome.position() },
            Err(refusal) => RunOutcome::Refused { attempt, refusal },
        };
        let (waiting, ends) = (std::mem::take(&mut standing.waiting), standing.ends);
        self.record_run(id, pending.occurrence, outcome, progress);
        if ends {
            self.end_schedule(id);
        }
        for ticket in waiting {
            self.change_schedule(ticket);
        }
    }

    /// Records what became of an occurrence or an attempt.
    fn record_run(&mut self, id: CommandId, occurrence: Timestamp, outcome: RunOutcome, progress: Progress) {
        let Some(previous) = self.schedules.live.get(&id).map(|standing| standing.last) else { return };
        let run = ScheduleRun { schedule: id, occurrence, outcome, previous, progress };
        self.record_by_itself(Body::ScheduleRun(Box::new(run)));
        self.move_on(id, progress, self.appender.end());
        // The entry that led here is out of the list, also where the next attempt is due at the same moment.
        self.await_attempt(id);
    }

    /// Appends a record under a new id: nobody asked for it.
    fn record_by_itself(&mut self, body: Body) {
        let draft = Draft {
            decided_at: self.now,
            date: self.registry.day.date_of(self.now),
            id: CommandId::random(),
            content: ContentHash::of(&[]),
            body,
            links: Links::new(),
        };
        self.appender.push(self.now, draft);
    }

    /// The record at `position` says where a schedule stands now.
    fn move_on(&mut self, id: CommandId, progress: Progress, position: Position) {
        let Some(standing) = self.schedules.live.get_mut(&id) else { return };
        (standing.progress, standing.last, standing.begun, standing.put_off) = (progress, position, None, None);
        if progress.status.has_ended() {
            self.schedules.remove(id);
            self.schedules.ended.push_back((position, id));
        }
    }

    /// Enters the pending attempt of a schedule into the list of what falls due.
    fn await_attempt(&mut self, id: CommandId) {
        let Some(standing) = self.schedules.live.get(&id) else { return };
        if self.schedules.run
            && let Some(at) = standing.awaited()
        {
            self.due.add(at, Due::Schedule(id));
        }
    }

    /// Runs what is due, also where that does not happen by itself, and tells when it is done.
    pub(super) fn run_due(&mut self, from: Asker) {
        self.schedules.waiting.push(from);
        self.run_schedules();
    }

    /// Starts to run schedules, if they did not run so far: each that is live waits for its next attempt.
    pub(super) fn run_schedules(&mut self) {
        if !self.schedules.run {
            self.schedules.run = true;
            let all: Vec<CommandId> = self.schedules.live.keys().copied().collect();
            for id in all {
                self.await_attempt(id);
            }
        }
    }

    /// Tells those who wait for it that nothing is due, once everything that was done is durable.
    pub(super) fn tell_nothing_due(&mut self) {
        if self.schedules.waiting.is_empty()
            || self.schedules.under_way > 0
            || self.due.is_due(self.schedule_time())
            || !self.appender.is_idle()
        {
            return;
        }
        for to in self.schedules.waiting.drain(..) {
            self.effects.push(Effect::AnswerDue { to, ran: Ok(()) });
        }
        // What comes later is left again where nothing is run by itself; its entries in the list find nobody.
        self.schedules.run = self.schedules.by_itself;
    }
}

impl Standing {
    /// The moment at which the schedule is looked at next: that of its attempt, or until when that is put off.
    pub(super) fn awaited(&self) -> Option<Timestamp> {
        awaited(&self.progress).map(|at| self.put_off.map_or(at, |until| until.max(at)))
    }
}

/// The moment that a schedule waits for.
fn awaited(progress: &Progress) -> Option<Timestamp> {
    progress.pending.filter(|_| progress.status == ScheduleStatus::Active).map(|pending| pending.at)
}
