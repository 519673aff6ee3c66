//! Commands coming in: new ones, repetitions, ids used before.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::account::{SeatIndex, Ticket};
use crate::command::{Command, Outcome, Receipt};
use crate::fuse::panic_text;
use crate::ledger::{Amount, Body, BusinessDate, ContentHash, Record, Refusal};

use super::batches::{Answer, Batches, Slot};
use super::flights::{Flight, Stage};
use super::known::Mark;
use super::{LookedUp, Submit, Supervisor};

/// Stands for sender and receiver until they are routed to.
const NOWHERE: SeatIndex = SeatIndex(u32::MAX);

/// So many commands in flight are no reason to leave others waiting. Beyond that number they are taken in as those before
/// them are decided: the table of commands in flight then stays small enough for the processor's cache, and the first
/// records of a batch go to the disk while its last commands are still being decided.
const ENOUGH_IN_FLIGHT: usize = 2_048;

/// The rest of a batch that is being taken in.
pub(super) struct Intake {
    commands: std::vec::IntoIter<(Command, ContentHash)>,
    batch: u32,
    next: usize,
}

impl Supervisor {
    pub(super) fn submit(&mut self, Submit { commands, reply }: Submit) {
        let batch = self.batches.begin(commands.len(), reply);
        self.intake.push_back(Intake { commands: commands.into_iter(), batch, next: 0 });
    }

    /// Takes in commands, in the order in which they were submitted, while few enough are in flight.
    pub(super) fn take_in(&mut self) {
        while self.flights.len() < ENOUGH_IN_FLIGHT {
            let Some(intake) = self.intake.front_mut() else { break };
            let slot = Batches::slot(intake.batch, intake.next);
            let Some((command, content)) = intake.commands.next() else {
                self.intake.pop_front();
                // A batch of repetitions may be complete at once.
                self.release_answers();
                continue;
            };
            intake.next = intake.next.saturating_add(1);
            self.admit(command, content, slot);
        }
    }

    fn admit(&mut self, command: Command, content: ContentHash, slot: Slot) {
        let id = command.id();
        match self.known.get(id) {
            Some(Mark::InFlight(first)) => self.join(first, content, slot),
            Some(Mark::Recorded(position)) => {
                let ticket = self.take_off(command, content, slot, Stage::Repeating);
                self.repeats.push((position, ticket));
                self.repeat_durable();
            }
            None if self.reader.may_contain(id) => {
                let ticket = self.take_off(command, content, slot, Stage::LookingUp);
                let reader = std::sync::Arc::clone(&self.reader);
                self.look_up(ticket, move || match reader.find(id)? {
                    Some(position) => reader.read(position).map(Some),
                    None => Ok(None),
                });
            }
            None => {
                let ticket = self.take_off(command, content, slot, Stage::Admitted);
                self.start(ticket);
            }
        }
    }

    /// Puts a command into flight; a new one's id is taken from now on.
    fn take_off(&mut self, command: Command, content: ContentHash, slot: Slot, stage: Stage) -> Ticket {
        let id = command.id();
        let ticket = self.flights.insert(Flight {
            stage,
            command,
            content,
            slot,
            joined: Vec::new(),
            decided_at: self.now,
            known: None,
            from: NOWHERE,
            to: NOWHERE,
            keeps: None,
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
    fn join(&mut self, first: Ticket, content: ContentHash, slot: Slot) {
        match self.flights.get_mut(first) {
            Some(flight) => flight.joined.push((slot, content)),
            None => self.broken("an id is in flight without its command"),
        }
    }

    /// Runs a look-up on a reader's thread.
    fn look_up(
        &self,
        ticket: Ticket,
        find: impl FnOnce() -> Result<Option<Record>, crate::journal::JournalError> + Send + 'static,
    ) {
        let supervisor = self.address.clone();
        self.readers.run(move || {
            // A panic must stop the bank as an error does: the command would wait for ever.
            let found = match catch_unwind(AssertUnwindSafe(find)) {
                Ok(found) => found.map(|record| record.map(Box::new)).map_err(|error| error.to_string()),
                Err(panic) => Err(format!("a look-up panicked: {}", panic_text(&panic))),
            };
            supervisor.do_send(LookedUp { ticket, found });
        });
    }

    /// Fetches the records of repetitions, as far as those are durable.
    pub(super) fn repeat_durable(&mut self) {
        if self.repeats.is_empty() {
            return;
        }
        let durable = self.appender.durable();
        let (ready, waiting) = self.repeats.drain(..).partition(|(position, _)| *position <= durable);
        self.repeats = waiting;
        let ready: Vec<_> = ready;
        for (position, ticket) in ready {
            let reader = std::sync::Arc::clone(&self.reader);
            self.look_up(ticket, move || reader.read(position).map(Some));
        }
    }

    /// A look-up is back: the command was recorded before and is answered again, or it is new and starts.
    pub(super) fn looked_up(&mut self, ticket: Ticket, found: Result<Option<Box<Record>>, String>) {
        match found {
            Err(error) => self.broken(&error),
            Ok(None) => {
                if let Some(flight) = self.flights.get_mut(ticket) {
                    flight.stage = Stage::Admitted;
                    self.start(ticket);
                }
            }
            Ok(Some(record)) => {
                let Some(flight) = self.flights.remove(ticket) else { return };
                if let Some(began) = flight.known {
                    self.known.end(began, record.position);
                }
                let first = first_answer(&record);
                let end = self.appender.end();
                // Each is held against the record: one that joined may be the repetition when the first is not.
                for (slot, content) in std::iter::once((flight.slot, flight.content)).chain(flight.joined) {
                    let same = content == record.content;
                    self.batches.answer(slot, if same { first.clone() } else { Err(Refusal::IdReused) }, end);
                }
                self.release_answers();
            }
        }
    }

    /// Answers a command whose record is queued, and every repetition that joined it, and takes it out of flight.
    pub(super) fn land(&mut self, flight: Flight, answer: Answer) {
        let end = self.appender.end();
        if let Some(began) = flight.known {
            self.known.end(began, end);
        }
        for (slot, content) in flight.joined {
            let same = content == flight.content;
            self.batches.answer(slot, if same { answer.clone() } else { Err(Refusal::IdReused) }, end);
        }
        self.batches.answer(flight.slot, answer, end);
    }

    fn start(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        match &flight.command {
            Command::Transfer(_) | Command::Deposit(_) | Command::Withdrawal(_) => self.route(ticket, None),
            Command::OpenAccount(_) => self.request_opening(ticket),
            Command::ChangeAccount(change) => {
                let number = change.account;
                self.queue_at(number, ticket);
            }
            Command::SetType { .. } | Command::SetOwner { .. } | Command::AddCurrency { .. } => {
                self.decide_shared(ticket);
            }
            Command::PutRecords { .. } => {
                self.puts.push_back(ticket);
                self.advance_puts();
            }
        }
    }
}

/// The answer that was given when the record was made.
fn first_answer(record: &Record) -> Answer {
    let position = record.position;
    match &record.body {
        Body::Refused(refused) => Err(refused.refusal.clone()),
        Body::AccountOpened(opened) => Ok(Outcome::Opened { number: opened.number, position }),
        Body::Posted(posted) => {
            let balance = |leg: usize| record.links.get(leg).map(|link| link.balance).unwrap_or_default();
            Ok(Outcome::Posted(Receipt {
                id: record.id,
                position,
                recorded_at: record.recorded_at,
                date: record.date,
                amount: posted.amount,
                fee: posted.fee,
                sender_balance: balance(0),
                receiver_balance: balance(1),
            }))
        }
        _ => Ok(Outcome::Recorded { position }),
    }
}
