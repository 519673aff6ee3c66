//! Commands coming in: new ones, repetitions, ids used before.

use std::collections::VecDeque;

use smallvec::SmallVec;

use crate::account::{SeatIndex, Ticket};
use crate::command::{Command, DrawReceipt, HoldReceipt, Outcome, Receipt};
use crate::ledger::{
    Amount, Body, BusinessDate, ContentHash, HoldId, Links, Position, Posted, Record, Refusal, Refused,
};
use crate::plant::{Bug, is_planted};

use super::ahead::AT_ONCE;
use super::appender::Draft;
use super::batches::{Answer, Batches};
use super::core::Core;
use super::effects::{Asker, Effect, LookUp};
use super::flights::{AnswerTo, Flight, Stage};
use super::groups::Group;
use super::input::Found;
use super::known::Mark;
use super::reversals::undone;

/// Stands for sender and receiver until they are routed to.
const NOWHERE: SeatIndex = SeatIndex(u32::MAX);

/// So many commands in flight are no reason to leave others waiting. Beyond that number they are taken in as those before
/// them are decided: the table of commands in flight and their messages then stay small enough for the cache that is a
/// processor's own, and the first records of a batch go to the disk while its last commands are still being decided.
pub(super) const ENOUGH_IN_FLIGHT: usize = 512;

/// What a record is fetched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To answer a repetition as the first time.
    Repetition,
    /// To tell how that hold ended.
    HoldEnd(HoldId),
    /// To reverse it.
    Original,
    /// To count what was reversed before.
    Reversals,
    /// To put right what was reversed before, once that is durable.
    Repair,
}

/// A command that waits for a record to be durable, and what for.
pub(super) struct Awaiting {
    position: Position,
    ticket: Ticket,
}

/// The rest of a batch that is being taken in.
pub(super) struct Intake {
    commands: Part,
    /// Parts of the batch that came since.
    more: VecDeque<Part>,
    batch: Asker,
    next: usize,
}

/// A part of a batch.
type Part = std::vec::IntoIter<(Command, ContentHash)>;

impl Core {
    /// Takes a batch, or its beginning, in line.
    pub(super) fn submit(&mut self, commands: Vec<(Command, ContentHash)>, size: usize, from: Asker) {
        if let Some(error) = self.timekeeper.objection() {
            return self.effects.push(Effect::TurnAway { to: from, size, error });
        }
        self.batches.begin(from, size);
        self.intake.push_back(Intake { commands: commands.into_iter(), more: VecDeque::new(), batch: from, next: 0 });
    }

    /// Takes more of a batch in line.
    pub(super) fn submit_more(&mut self, commands: Vec<(Command, ContentHash)>, first: usize, from: Asker) {
        let commands = commands.into_iter();
        match self.intake.iter_mut().find(|intake| intake.batch == from) {
            Some(intake) => intake.more.push_back(commands),
            None => self.intake.push_back(Intake { commands, more: VecDeque::new(), batch: from, next: first }),
        }
    }

    /// Takes in some commands while few enough are in flight: those of one batch in their order, and of several batches some
    /// of each in turn, so that a large one holds up nobody. Returns whether there is more to take in.
    pub(super) fn take_in(&mut self) -> bool {
        let mut taken = 0usize;
        while self.flights.len() < ENOUGH_IN_FLIGHT {
            if taken == AT_ONCE {
                return true;
            }
            if let Some(intake) = self.intake.front()
                && intake.next.is_multiple_of(AT_ONCE)
            {
                self.prefetch_commands(intake.commands.as_slice());
            }
            let Some(intake) = self.intake.front_mut() else { break };
            let slot = Batches::slot(intake.batch, intake.next);
            let Some((command, content)) = intake.commands.next() else {
                match intake.more.pop_front() {
                    Some(part) => intake.commands = part,
                    None => {
                        self.intake.pop_front();
                        // A batch of repetitions may be complete at once.
                        self.release_answers();
                    }
                }
                continue;
            };
            intake.next = intake.next.saturating_add(1);
            let is_turn_over = intake.next.is_multiple_of(AT_ONCE) && !is_planted(Bug::BatchHogsIntake);
            if is_turn_over && self.intake.len() > 1 {
                self.intake.rotate_left(1);
            }
            self.admit(command, content, AnswerTo::Caller(slot));
            taken = taken.saturating_add(1);
        }
        false
    }

    /// Begins a command, whose answer goes to `answer_to`; a repetition gets the first answer again.
    pub(super) fn admit(&mut self, command: Command, content: ContentHash, answer_to: AnswerTo) {
        let id = command.id();
        match self.known.get(id) {
            Some(Mark::InFlight(first)) => self.join(first, content, answer_to),
            Some(Mark::Recorded(position)) => {
                let ticket = self.take_off(command, content, answer_to, Stage::Repeating);
                self.fetch(ticket, position, Purpose::Repetition);
            }
            None if self.sealed.may_contain(id) => {
                let ticket = self.take_off(command, content, answer_to, Stage::LookingUp);
                self.keep_place(ticket);
                self.begin_line(ticket);
                self.effects.look_up(ticket, LookUp::Id(id));
            }
            None => {
                let ticket = self.take_off(command, content, answer_to, Stage::Admitted);
                if !self.waits_in_line(ticket) {
                    self.start(ticket);
                }
            }
        }
    }

    /// Puts a command into flight; a new one's id is taken from now on.
    pub(super) fn take_off(
        &mut self,
        command: Command,
        content: ContentHash,
        answer_to: AnswerTo,
        stage: Stage,
    ) -> Ticket {
        // What callers ask is checked before, and what the bank asks of itself is made of texts that were.
        debug_assert!(command.check().is_ok(), "a command of the bank's own is not sound: {command:?}");
        let id = command.id();
        let ticket = self.flights.insert(Flight {
            stage,
            command,
            content,
            answer_to,
            joined: None,
            decided_at: self.now,
            known: None,
            from: NOWHERE,
            to: NOWHERE,
            amount: Amount::ZERO,
            waits_at: SmallVec::new(),
            fee: Amount::ZERO,
            date: BusinessDate::default(),
            limited: false,
            counted: false,
        });
        if stage != Stage::Repeating {
            let known = self.known.begin(id, ticket);
            if let Some(flight) = self.flights.get_mut(ticket) {
                flight.known = Some(known);
            }
        }
        ticket
    }

    /// Attaches a repetition to the command in flight, whose answer it will get too.
    fn join(&mut self, first: Ticket, content: ContentHash, answer_to: AnswerTo) {
        match self.flights.get_mut(first) {
            Some(flight) => flight.joined.get_or_insert_default().0.push((answer_to, content)),
            None => self.broken("an id is in flight without its command"),
        }
    }

    /// Fetches the record at `position` once it is durable.
    pub(super) fn fetch(&mut self, ticket: Ticket, position: Position, purpose: Purpose) {
        if purpose != Purpose::Repetition
            && let Some(flight) = self.flights.get_mut(ticket)
        {
            flight.stage = Stage::Seeking(purpose);
        }
        self.awaiting.push(Awaiting { position, ticket });
        self.fetch_durable();
    }

    /// Fetches the records that are waited for, as far as those are durable.
    pub(super) fn fetch_durable(&mut self) {
        if self.awaiting.is_empty() {
            return;
        }
        let durable = self.appender.durable();
        let (ready, waiting) = self.awaiting.drain(..).partition(|awaiting| awaiting.position <= durable);
        self.awaiting = waiting;
        let ready: Vec<_> = ready;
        for Awaiting { position, ticket } in ready {
            self.effects.look_up(ticket, LookUp::Record(position));
        }
    }

    /// A look-up is back.
    pub(super) fn looked_up(&mut self, ticket: Ticket, found: Result<Found, String>) {
        let found = match found {
            Ok(found) => found,
            Err(error) => return self.broken(&error),
        };
        let Some(stage) = self.flights.get(ticket).map(|flight| flight.stage) else { return };
        let found = match found {
            Found::Recorded(record) => Some(record),
            Found::Nothing => None,
            Found::Archived(position) => return self.archived_found(ticket, stage, position),
        };
        match stage {
            Stage::Seeking(Purpose::HoldEnd(hold)) => self.hold_end_found(ticket, hold, found.as_deref()),
            Stage::Seeking(Purpose::Original) => self.original_found(ticket, found.as_deref()),
            Stage::Seeking(Purpose::Reversals) => self.reversal_found(ticket, found.as_deref()),
            Stage::Seeking(Purpose::Repair) => self.begin_reversals(ticket, Group::default()),
            _ => self.repetition_found(ticket, found.as_deref()),
        }
    }

    /// What was looked for is archived: a repetition cannot be compared or answered, and is not executed again; what is
    /// about something archived cannot be decided.
    fn archived_found(&mut self, ticket: Ticket, stage: Stage, position: Position) {
        let refusal = Refusal::Archived { position };
        match stage {
            Stage::Seeking(Purpose::HoldEnd(hold)) => self.refuse_for_hold(ticket, hold, refusal),
            Stage::Seeking(_) => self.refuse_reversal(ticket, refusal),
            _ => {
                self.leave_queues(ticket);
                self.leave_puts(ticket);
                let Some(flight) = self.flights.remove(ticket) else { return };
                if let Some(began) = flight.known {
                    self.known.end(began, position);
                }
                let end = self.appender.end();
                let id = flight.command.id();
                for (to, _) in flight.asked() {
                    self.tell(to, Err(refusal.clone()), false, end);
                }
                self.release_answers();
                self.follow(id);
                self.serve_queues();
            }
        }
    }

    /// The command was recorded before and is answered again, or it is new and starts.
    fn repetition_found(&mut self, ticket: Ticket, found: Option<&Record>) {
        let Some(record) = found else {
            return self.start_in_turn(ticket);
        };
        self.leave_queues(ticket);
        self.leave_puts(ticket);
        let Some(flight) = self.flights.remove(ticket) else { return };
        if let Some(began) = flight.known {
            self.known.end(began, record.position);
        }
        let first = first_answer(record);
        let end = self.appender.end();
        // Each is held against the record: one that joined may be the repetition when the first is not.
        let id = flight.command.id();
        for (to, content) in flight.asked() {
            let (answer, replayed) = repeated(&first, content == record.content);
            self.tell(to, answer, replayed, end);
        }
        self.release_answers();
        self.follow(id);
        self.serve_queues();
    }

    /// Answers a command whose record is queued, and every repetition that joined it, and takes it out of flight.
    pub(super) fn land(&mut self, flight: Flight, answer: Answer) {
        let end = self.appender.end();
        if let Some(began) = flight.known {
            self.known.end(began, end);
        }
        for (to, content) in flight.joined.into_iter().flat_map(|joined| joined.0) {
            let (answer, replayed) = repeated(&answer, content == flight.content);
            self.tell(to, answer, replayed, end);
        }
        self.tell(flight.answer_to, answer, false, end);
        self.follow(flight.command.id());
    }

    /// Hands an answer, which rests on nothing beyond `end`, to whom it is for.
    fn tell(&mut self, to: AnswerTo, answer: Answer, replayed: bool, end: Position) {
        match to {
            AnswerTo::Caller(slot) => self.batches.answer(slot, answer, replayed, end),
            AnswerTo::Schedule(schedule) => self.schedule_answered(schedule, answer),
            AnswerTo::Nobody => {}
        }
    }

    /// Records a refusal and answers with it.
    pub(super) fn refuse(&mut self, ticket: Ticket, refusal: Refusal) {
        self.leave_queues(ticket);
        let Some(mut flight) = self.flights.remove(ticket) else { return };
        self.meters.count_refusal(&refusal);
        let (id, undone) = (flight.command.id(), undone(&flight.command));
        // The record keeps the command; the flight needs only its id from here on.
        let emptied = Command::PutRecords { id, puts: Vec::new() };
        let command = std::mem::replace(&mut flight.command, emptied);
        let date = self.registry.day.date_of(self.now);
        let draft = Draft {
            decided_at: flight.decided_at,
            date,
            id,
            content: flight.content,
            body: Body::Refused(Box::new(Refused { command, refusal: refusal.clone() })),
            links: Links::new(),
        };
        self.appender.push(self.now, draft);
        self.land(flight, Err(refusal));
        self.serve_queues();
        self.end_turns(&undone, ticket);
    }

    /// Sends a command that is new on its way.
    pub(super) fn start(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        match &flight.command {
            Command::Transfer(transfer) if transfer.at_most => self.begin_group(ticket),
            Command::Transfer(_) | Command::Deposit(_) | Command::Withdrawal(_) | Command::PlaceHold(_) => {
                self.route(ticket);
            }
            Command::SettleHold(_) | Command::VoidHold(_) | Command::ExpireHold { .. } => self.draw_hold(ticket),
            Command::Linked(_) | Command::AmendHold(_) | Command::Sweep(_) => self.begin_group(ticket),
            Command::Reverse(_) | Command::RepairReversals(_) => self.begin_reversals(ticket, Group::default()),
            Command::OpenAccount(_) => self.request_opening(ticket),
            Command::ChangeAccount(change) => {
                let number = change.account;
                self.queue_at(number, ticket);
            }
            Command::SetType { .. } | Command::SetOwner { .. } | Command::AddCurrency { .. } => {
                self.decide_shared(ticket);
            }
            Command::SetSchedule(_) => self.route(ticket),
            Command::ChangeSchedule(_) => self.change_schedule(ticket),
            Command::PutRecords { .. } => self.put(ticket),
        }
    }
}

/// What a command under an id that is taken is answered, and whether that is a repetition: the first answer again, when it
/// is the same command.
fn repeated(first: &Answer, is_same: bool) -> (Answer, bool) {
    match is_same {
        true => (first.clone(), true),
        false => (Err(Refusal::IdReused), false),
    }
}

/// The answer that was given when the record was made.
fn first_answer(record: &Record) -> Answer {
    let Record { position, recorded_at, date, id, .. } = *record;
    let balance = |leg: usize| record.links.get(leg).map(|link| link.balance).unwrap_or_default();
    let (sender_balance, receiver_balance) = (balance(0), balance(1));
    let receipt = |posted: &Posted| {
        let (amount, fee) = (posted.amount, posted.fee);
        Receipt { id, position, recorded_at, date, amount, fee, sender_balance, receiver_balance }
    };
    Ok(match &record.body {
        Body::Refused(refused) => return Err(refused.refusal.clone()),
        Body::AccountOpened(opened) => Outcome::Opened { number: opened.number, position },
        Body::Posted(posted) => Outcome::Posted(receipt(posted)),
        Body::Reversed(reversed) => Outcome::Posted(receipt(&reversed.posted)),
        Body::ReversalsRepaired(repaired) => match &repaired.posted {
            Some(posted) => Outcome::Posted(receipt(posted)),
            None => Outcome::Recorded { position },
        },
        Body::Held(placed) => {
            let (amount, fee, expires_at) = (placed.amount, placed.fee, placed.expires_at);
            Outcome::Held(HoldReceipt { id, position, recorded_at, date, amount, fee, expires_at })
        }
        Body::Drawn(drawn) => {
            let receipt = DrawReceipt::of(id, drawn.hold, position, recorded_at, &drawn.drawn);
            Outcome::Drawn(DrawReceipt { sender_balance, receiver_balance, ..receipt })
        }
        _ => Outcome::Recorded { position },
    })
}
