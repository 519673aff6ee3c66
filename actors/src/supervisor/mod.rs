//! The supervisor: admits commands, routes debit then credit, appends the records, answers when they are durable.
//!
//! # Contract
//!
//! - It owns everything in flight, and the order of the journal: which record comes next, and with it each account's
//!   previous record and balance in that order. No balance is decided here.
//! - A transfer is one record, queued when the receiver's account has taken the credit. Before that nothing happened,
//!   after that everything did.
//! - It never waits: for an account, for the books, for the journal it leaves the command in flight and goes on.
//! - A hold that is recorded is drawn on by its account's word alone; the receiver gets its part when that is recorded.
//! - A change of an account overlaps with nothing of that account; commands that come meanwhile queue behind it. A group has
//!   all its accounts to itself in the same way.
//! - No answer leaves before the journal is durable up to what it rests on.
//!
//! What it must never do: touch a file, block, or answer after the fuse is blown.

mod accounts;
mod admission;
mod ahead;
mod appender;
mod attempts;
mod batches;
mod conclusion;
mod due;
mod flights;
mod groups;
mod holds;
mod id_table;
mod known;
mod lines;
mod looking;
mod messages;
mod open_holds;
mod pacing;
mod plans;
mod puts;
mod queues;
mod referred;
mod registry;
mod repairs;
mod replies;
mod reversals;
mod routing;
mod schedules;
mod seats;
mod shared;
mod timekeeper;
mod turns;
mod verifying;
mod workers;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Context, Handler};
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

pub(crate) use attempts::{AttemptKind, begun};
pub(crate) use batches::{Answers, ReplyTo};
pub(crate) use looking::{LookAt, WatchAccount};
pub(crate) use messages::*;
pub(crate) use open_holds::HoldRoom;
pub(crate) use pacing::RunSchedules;
pub(crate) use schedules::RunDue;
pub(crate) use timekeeper::{AcceptClock, TellClock};

use crate::account::{Collect, Outbox, Place, Reply, SeatIndex, Ticket};
use crate::books::BooksHandle;
use crate::clock::Clock;
use crate::fuse::Fuse;
use crate::journal::panic_text;
use crate::journal::{JournalReader, UnsealedIds};
use crate::ledger::{AccountId, CommandId, Position, Timestamp};
use crate::meters::Meters;
use crate::plant::{Bug, Spot, is_planted, panic_if_planted};
use crate::readers::Readers;
use crate::verification::{Driver, Submission};
use admission::{Awaiting, Intake};
use appender::Appender;
use batches::Batches;
use due::DueList;
use flights::Flights;
use groups::Group;
use known::KnownIds;
use lines::Lines;
use open_holds::OpenHolds;
use puts::Puts;
use referred::{LastWord, Referred, Unproven};
use registry::Registry;
use schedules::Schedules;
use seats::Seats;
use timekeeper::Timekeeper;
use turns::Turns;
use workers::Worker;

/// What the supervisor starts from.
pub(crate) struct Start {
    pub(crate) max_active_accounts: usize,
    pub(crate) clock: Arc<dyn Clock>,
    /// How far past the trusted time the clock may read.
    pub(crate) clock_lead: Duration,
    pub(crate) fuse: Arc<Fuse>,
    pub(crate) meters: Arc<Meters>,
    pub(crate) books: BooksHandle,
    /// For look-ups that commands wait for.
    pub(crate) look_ups: Readers,
    /// For what reads long.
    pub(crate) readers: Readers,
    pub(crate) reader: Arc<dyn JournalReader>,
    /// Commands admitted and not answered, shared with the handle that admits them.
    pub(crate) admitted: Arc<AtomicUsize>,
    /// One per worker, at least one.
    pub(crate) places: Vec<Place>,
    pub(crate) journal: std::sync::mpsc::Sender<crate::journal_writer::ToJournal>,
    pub(crate) last_recorded_at: Timestamp,
    pub(crate) facts: crate::books::Facts,
    pub(crate) unsealed_ids: UnsealedIds,
    pub(crate) max_open_holds: usize,
    /// Whether nothing may be written: what falls due stays due.
    pub(crate) read_only: bool,
    /// Whether schedules are run when they are due.
    pub(crate) run_schedules: bool,
    /// Schedules whose pending attempt the journal knows.
    pub(crate) begun: FxHashMap<CommandId, AttemptKind>,
    /// What the attempts of schedules are.
    pub(crate) attempts: AttemptKind,
}

/// The supervisor's state.
pub(crate) struct Supervisor {
    max_active_accounts: usize,
    read_only: bool,
    timekeeper: Timekeeper,
    fuse: Arc<Fuse>,
    meters: Arc<Meters>,
    books: BooksHandle,
    look_ups: Readers,
    readers: Readers,
    reader: Arc<dyn JournalReader>,
    admitted: Arc<AtomicUsize>,
    address: Addr<Supervisor>,
    workers: Vec<Worker>,
    /// Emptied answers' memory, exchanged with an outbox's.
    spare_replies: Vec<Reply>,
    /// Submitted commands that are not looked at yet.
    intake: VecDeque<Intake>,
    seats: Seats,
    flights: Flights,
    batches: Batches,
    known: KnownIds,
    registry: Registry,
    appender: Appender,
    /// The time to go by when the message being handled arrived: what the clock read, where that is believed.
    now: Timestamp,
    next_account: AccountId,
    /// The sequence from which the next account number is generated.
    next_number: u64,
    /// Commands that wait for a record to be durable.
    awaiting: Vec<Awaiting>,
    open_holds: OpenHolds,
    /// How many holds may be open.
    max_open_holds: usize,
    referred: Referred,
    unproven: Unproven,
    /// Who verifies holds, if anybody does.
    verification: Option<Driver>,
    /// Holds that are to be verified, in the order of their places.
    to_verify: VecDeque<Submission>,
    /// Commands with several accounts to themselves, or about to.
    groups: FxHashMap<Ticket, Group>,
    /// Commands that wait for what becomes of the command of that id.
    followers: FxHashMap<CommandId, Vec<Ticket>>,
    turns: Turns,
    lines: Lines,
    /// Application records that are being written.
    puts: Puts,
    due: DueList,
    /// Seats whose queues may move, and whether they are being served.
    to_serve: VecDeque<SeatIndex>,
    is_serving: bool,
    schedules: Schedules,
    drained: Option<oneshot::Sender<()>>,
    /// Whether the bank closes: nothing begins by itself any more.
    is_closing: bool,
    /// Whether everything was answered and the journal may be closed: nothing happens any more.
    is_over: bool,
}

impl Supervisor {
    /// Makes a supervisor that goes on where the books stand, with the bank's own accounts active.
    pub(crate) fn new(start: Start, context: &mut Context<Supervisor>) -> Supervisor {
        // Admission is bounded in the handle; the mailbox itself must never make a sender wait.
        context.set_mailbox_capacity(1 << 20);
        let address = context.address();
        let worker = |(index, place): (usize, Place)| {
            let outbox = Outbox::new(index, address.clone().recipient());
            Worker { crew: place.crew(outbox.clone(), start.meters.add_worker()), outbox }
        };
        let workers = start.places.into_iter().enumerate().map(worker).collect();
        let facts = start.facts;
        let mut supervisor = Supervisor {
            max_active_accounts: start.max_active_accounts,
            timekeeper: Timekeeper::new(
                start.clock,
                start.clock_lead,
                start.last_recorded_at,
                Arc::clone(&start.meters),
            ),
            fuse: start.fuse,
            meters: start.meters,
            books: start.books,
            look_ups: start.look_ups,
            readers: start.readers,
            reader: start.reader,
            admitted: start.admitted,
            read_only: start.read_only,
            workers,
            address,
            spare_replies: Vec::new(),
            intake: VecDeque::new(),
            seats: Seats::default(),
            flights: Flights::default(),
            batches: Batches::default(),
            known: KnownIds::new(),
            registry: Registry::new(facts.day, facts.types, facts.owners),
            appender: Appender::new(facts.end, start.last_recorded_at, start.journal),
            now: start.last_recorded_at,
            next_account: facts.next_account,
            next_number: facts.next_account.get(),
            awaiting: Vec::new(),
            open_holds: OpenHolds::default(),
            max_open_holds: start.max_open_holds,
            referred: Referred::default(),
            unproven: Unproven::default(),
            verification: None,
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
            drained: None,
            is_closing: false,
            is_over: false,
        };
        let forgets = is_planted(Bug::IdForgotten);
        for (id, position) in start.unsealed_ids.own.into_iter().filter(|_| !forgets) {
            supervisor.known.remember(id, position);
        }
        supervisor.adopt_schedules(facts.schedules, &start.begun);
        for (id, position) in start.unsealed_ids.references {
            supervisor.referred.note(id, LastWord { position, end: None });
        }
        for (id, hold) in facts.holds.into_iter().filter(|_| !is_planted(Bug::HoldForgotten)) {
            supervisor.open_hold(id, hold);
        }
        for currency in facts.currencies {
            supervisor.seat_currency(currency.currency, currency.scale, currency.cash, currency.fees);
        }
        supervisor.look_at_due();
        supervisor
    }

    /// Runs a handler, unless the bank has stopped; a panic in it stops the bank. What was decided in a message in which the
    /// bank stopped is not recorded.
    fn guarded(&mut self, handle: impl FnOnce(&mut Self)) {
        if self.is_over {
            return;
        }
        if !self.fuse.is_blown() {
            let handled = catch_unwind(AssertUnwindSafe(|| {
                self.now = self.timekeeper.look(self.appender.last_recorded_at());
                panic_if_planted(Spot::Supervisor);
                handle(self);
                self.serve_due();
                self.take_in();
                self.serve_lines();
                self.tell_workers();
            }));
            let stopped = self.fuse.is_blown() && !is_planted(Bug::CommitAfterPanic);
            if let Err(panic) = handled {
                self.fuse.blow(&format!("the supervisor panicked: {}", panic_text(&panic)));
            } else if !stopped && !self.appender.commit(|| self.books.spare_list()) {
                self.fuse.blow("the journal's thread has ended");
            }
            if is_planted(Bug::AnswerBeforeSync) {
                self.batches.release(self.appender.end());
            }
        }
        if self.fuse.is_blown() {
            self.batches.abandon();
            self.intake.clear();
            self.puts = Puts::default();
            self.flights = Flights::default();
            self.schedules.abandon();
            self.groups.clear();
            self.followers.clear();
            self.timekeeper.abandon();
            self.unproven.abandon();
            self.turns = Turns::default();
            self.lines = Lines::default();
            self.verification = None;
            self.drained = None;
        } else if self.intake.is_empty()
            && self.flights.is_empty()
            && self.batches.is_empty()
            && self.appender.is_idle()
            && (self.admitted.load(Ordering::SeqCst) == 0 || is_planted(Bug::CloseOverlooksAdmitted))
            && let Some(drained) = self.drained.take()
        {
            self.is_over = !is_planted(Bug::CloseOverlooksAdmitted);
            let _ = drained.send(());
        }
    }

    /// Stops the bank because of something that cannot be.
    fn broken(&self, what: &str) {
        self.fuse.blow(what);
    }
}

impl Actor for Supervisor {
    type Context = Context<Self>;

    /// Begins with what fell due while nobody was there.
    fn started(&mut self, _: &mut Context<Self>) {
        self.guarded(|_| ());
    }
}

impl Handler<Submit> for Supervisor {
    type Result = ();
    fn handle(&mut self, submit: Submit, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.submit(submit));
    }
}

impl Handler<SubmitMore> for Supervisor {
    type Result = ();
    fn handle(&mut self, more: SubmitMore, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.submit_more(more));
    }
}

impl Handler<TakenBack> for Supervisor {
    type Result = ();
    fn handle(&mut self, TakenBack: TakenBack, _: &mut Context<Self>) {
        self.guarded(|_| ());
    }
}

impl Handler<Collect> for Supervisor {
    type Result = ();
    fn handle(&mut self, Collect { worker }: Collect, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.collect(worker));
    }
}

impl Handler<Durable> for Supervisor {
    type Result = ();
    fn handle(&mut self, Durable(through): Durable, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.durable(through));
    }
}

impl Handler<Loaded> for Supervisor {
    type Result = ();
    fn handle(&mut self, Loaded { seat, found }: Loaded, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.loaded(seat, found));
    }
}

impl Handler<LookedUp> for Supervisor {
    type Result = ();
    fn handle(&mut self, LookedUp { ticket, found }: LookedUp, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.looked_up(ticket, found));
    }
}

impl Handler<Verified> for Supervisor {
    type Result = ();
    fn handle(&mut self, Verified(ready): Verified, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.verdict(ready));
    }
}

impl Handler<VerifyWith> for Supervisor {
    type Result = ();
    fn handle(&mut self, VerifyWith(driver): VerifyWith, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.verify_with(driver));
    }
}

impl Handler<Named> for Supervisor {
    type Result = ();
    fn handle(&mut self, Named { ticket, numbers }: Named, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.named(ticket, &numbers));
    }
}

impl Handler<Versions> for Supervisor {
    type Result = ();
    fn handle(&mut self, Versions { ticket, found }: Versions, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.compared(ticket, &found));
    }
}

impl Handler<Failed> for Supervisor {
    type Result = ();
    fn handle(&mut self, Failed(reason): Failed, _: &mut Context<Self>) {
        self.fuse.blow(&reason);
        self.guarded(|_| ());
    }
}

impl Handler<Locate> for Supervisor {
    type Result = ();
    fn handle(&mut self, Locate { id, reply }: Locate, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let _ = reply.send(supervisor.recorded(id));
        });
    }
}

impl Handler<TellCircumstances> for Supervisor {
    type Result = ();
    fn handle(&mut self, TellCircumstances { id, reply }: TellCircumstances, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let (recorded, now) = (supervisor.recorded(id), supervisor.schedule_time());
            let date = supervisor.registry.day.date_of(supervisor.now);
            let (hold_room, clock) = (supervisor.hold_room(), supervisor.timekeeper.objection());
            let _ = reply.send(Circumstances { recorded, now, date, hold_room, clock });
        });
    }
}

impl Handler<LocateReference> for Supervisor {
    type Result = ();
    fn handle(&mut self, LocateReference { id, reply }: LocateReference, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let word = supervisor.referred.get(id).map(|word| word.position);
            supervisor.unproven.answer(word, supervisor.appender.durable(), reply);
        });
    }
}

impl Handler<Drain> for Supervisor {
    type Result = ();
    fn handle(&mut self, Drain(done): Drain, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            supervisor.drained = Some(done);
            supervisor.is_closing = true;
        });
    }
}

impl Supervisor {
    /// Where the command of an id is recorded durably, as far as the sealed part of the journal does not say so.
    fn recorded(&self, id: CommandId) -> Option<Position> {
        match self.known.get(id) {
            Some(known::Mark::Recorded(position)) if position <= self.appender.durable() => Some(position),
            _ => None,
        }
    }

    /// Sends every answer that rests on nothing but what is durable.
    fn release_answers(&mut self) {
        let answered = self.batches.release(self.appender.durable());
        self.admitted.fetch_sub(answered, Ordering::AcqRel);
    }

    /// Everything through `through` is durable: answers that rest on it leave.
    fn durable(&mut self, through: Position) {
        self.appender.committed(through);
        let sealed = self.reader.sealed_through();
        self.known.forget_through(sealed);
        self.referred.forget_through(sealed);
        self.release_answers();
        self.timekeeper.release(through);
        self.unproven.release(through);
        self.meters.set_in_flight(self.flights.len());
        self.fetch_durable();
        self.verify_durable();
        self.compare_durable_puts();
        self.schedules.forget_through(through);
    }
}
