//! The actor around the core: the only part of the supervisor that knows actix, channels, other threads and the clock.
//!
//! A message becomes an input of the core. What the core wants done is carried out here, in one place, in the order in which
//! it asked for it: after each input, or after a few of those that come in crowds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Context};
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::ahead::AT_ONCE;
use super::askers::{Askers, Waiting};
use super::attempts::AttemptKind;
use super::core::{Core, CoreStart};
use super::effects::{Asker, Effect, LookUp};
use super::input::{Found, Input};
use super::repairs::tally;
use super::sealed::SealedPart;
use super::timekeeper::Reading;
use super::workers::{Worker, Workers};
use crate::account::{Outbox, Place, Reply};
use crate::books::BooksHandle;
use crate::clock::Clock;
use crate::fuse::Fuse;
use crate::journal::panic_text;
use crate::journal::{JournalError, JournalReader, UnsealedIds};
use crate::journal_writer::ToJournal;
use crate::ledger::{CommandId, Original, Timestamp};
use crate::meters::Meters;
use crate::plant::{Bug, Spot, is_planted, panic_if_planted};
use crate::readers::Readers;
use crate::verification::Driver;

/// What the supervisor starts from.
pub struct Start {
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
    pub places: Vec<Place>,
    /// The thread of the journal.
    pub journal: std::sync::mpsc::Sender<ToJournal>,
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

/// The supervisor's actor.
pub struct Supervisor {
    pub(super) core: Core,
    /// The memory of effects that were carried out.
    carried_out: Vec<Effect>,
    clock: Arc<dyn Clock>,
    pub(super) fuse: Arc<Fuse>,
    meters: Arc<Meters>,
    books: BooksHandle,
    look_ups: Readers,
    readers: Readers,
    reader: Arc<dyn JournalReader>,
    admitted: Arc<AtomicUsize>,
    journal: std::sync::mpsc::Sender<ToJournal>,
    address: Addr<Supervisor>,
    pub(super) workers: Workers,
    /// Emptied answers' memory, exchanged with an outbox's.
    spare_replies: Vec<Reply>,
    pub(super) askers: Askers,
    /// Who verifies holds, if anybody does.
    pub(super) verification: Option<Driver>,
    pub(super) drained: Option<oneshot::Sender<()>>,
    /// Whether everything was answered and the journal may be closed: nothing happens any more.
    is_over: bool,
}

impl Supervisor {
    /// Makes a supervisor that goes on where the books stand, with the bank's own accounts active.
    pub fn new(start: Start, context: &mut Context<Supervisor>) -> Supervisor {
        // Admission is bounded in the handle; the mailbox itself must never make a sender wait.
        context.set_mailbox_capacity(1 << 20);
        let address = context.address();
        let worker = |(index, place): (usize, Place)| {
            let outbox = Outbox::new(index, address.clone().recipient());
            Worker { crew: place.crew(outbox.clone(), start.meters.add_worker()), outbox }
        };
        let workers = Workers::new(start.places.into_iter().enumerate().map(worker).collect());
        let core = Core::new(CoreStart {
            max_active_accounts: start.max_active_accounts,
            max_open_holds: start.max_open_holds,
            read_only: start.read_only,
            clock_lead: start.clock_lead,
            uptime: start.clock.uptime(),
            meters: Arc::clone(&start.meters),
            sealed: SealedPart::new(Arc::clone(&start.reader)),
            last_recorded_at: start.last_recorded_at,
            facts: start.facts,
            unsealed_ids: start.unsealed_ids,
            run_schedules: start.run_schedules,
            begun: start.begun,
            attempts: start.attempts,
        });
        let mut supervisor = Supervisor {
            core,
            carried_out: Vec::new(),
            clock: start.clock,
            fuse: start.fuse,
            meters: start.meters,
            books: start.books,
            look_ups: start.look_ups,
            readers: start.readers,
            reader: start.reader,
            admitted: start.admitted,
            journal: start.journal,
            address,
            workers,
            spare_replies: Vec::new(),
            askers: Askers::default(),
            verification: None,
            drained: None,
            is_over: false,
        };
        supervisor.carry_out();
        // What fell due while the bank was not open has waited long enough.
        supervisor.address.do_send(Told(Input::Wake { number: 0 }));
        supervisor
    }

    fn reading(&self) -> Reading {
        Reading { now: self.clock.now(), uptime: self.clock.uptime(), patience: self.clock.patience() }
    }

    /// Hands the core an input.
    pub(super) fn handle_input(&mut self, input: Input) {
        self.guarded(|supervisor| supervisor.core.handle(input));
    }

    /// Runs a handler, unless the bank has stopped; a panic in it stops the bank. What was decided in a message in which the
    /// bank stopped is not recorded.
    pub(super) fn guarded(&mut self, handle: impl FnOnce(&mut Self)) {
        if self.is_over {
            return;
        }
        if !self.fuse.is_blown() {
            let handled = catch_unwind(AssertUnwindSafe(|| {
                let reading = self.reading();
                self.core.look(reading);
                panic_if_planted(Spot::Supervisor);
                handle(self);
                self.carry_out();
                self.go_on();
                self.workers.wake();
            }));
            if let Err(panic) = handled {
                self.fuse.blow(&format!("the supervisor panicked: {}", panic_text(&panic)));
            } else if !self.has_stopped() && !self.commit() {
                self.fuse.blow("the journal's thread has ended");
            }
            if is_planted(Bug::AnswerBeforeSync) {
                self.core.release_early();
                self.carry_out();
            }
        }
        if self.fuse.is_blown() {
            self.askers.abandon();
            self.verification = None;
            self.drained = None;
        } else if self.core.is_idle()
            && (self.admitted.load(Ordering::SeqCst) == 0 || is_planted(Bug::CloseOverlooksAdmitted))
            && let Some(drained) = self.drained.take()
        {
            self.is_over = !is_planted(Bug::CloseOverlooksAdmitted);
            let _ = drained.send(());
        }
    }

    /// Lets the core begin what is due and what waits to be taken in.
    fn go_on(&mut self) {
        if self.has_stopped() {
            return;
        }
        self.core.serve_due();
        self.carry_out();
        while self.core.take_in() {
            self.carry_out();
        }
        self.core.serve_lines();
        self.carry_out();
    }

    /// Whether nothing of the message that is being handled is recorded any more.
    fn has_stopped(&self) -> bool {
        self.fuse.is_blown() && !is_planted(Bug::CommitAfterPanic)
    }

    /// Hands the records that the core queued to the journal, unless it is busy with those before. Returns whether the
    /// journal's thread is there to take them.
    fn commit(&mut self) -> bool {
        match self.core.take_batch(|| self.books.spare_list()) {
            Some(records) => self.journal.send(ToJournal::Append(records)).is_ok(),
            None => true,
        }
    }

    /// Empties a worker's outbox.
    pub(super) fn collect(&mut self, worker: usize) {
        let mut replies = std::mem::take(&mut self.spare_replies);
        self.workers.take_replies(worker, &mut replies);
        self.meters.set_waiting_replies(replies.len());
        let mut coming = replies.drain(..);
        // An account that failed may have decided anything since.
        while !coming.as_slice().is_empty() && !self.has_stopped() {
            self.core.prefetch_replies(coming.as_slice());
            for reply in coming.by_ref().take(AT_ONCE) {
                self.core.take_up(reply);
                if self.core.effects.stopped().is_some() && !is_planted(Bug::CommitAfterPanic) {
                    break;
                }
            }
            self.carry_out();
        }
        drop(coming);
        self.spare_replies = replies;
    }

    /// Carries out what the core wants done. A bank that stops does nothing more.
    fn carry_out(&mut self) {
        if let Some(reason) = self.core.effects.stopped() {
            self.fuse.blow(reason);
        }
        let mut effects = std::mem::take(&mut self.carried_out);
        self.core.effects.swap(&mut effects);
        if self.has_stopped() {
            effects.clear();
        }
        let (mut coming, mut answered) = (effects.drain(..), 0usize);
        while !coming.as_slice().is_empty() {
            self.workers.prefetch(coming.as_slice());
            for effect in coming.by_ref().take(AT_ONCE) {
                match effect {
                    Effect::Send { seat, hold, message } => self.workers.send(seat, hold, message),
                    Effect::Answer { to, answers } => {
                        answered = answered.saturating_add(answers.answers.len());
                        self.askers.answer(to, answers);
                    }
                    other => self.carry_out_rare(other),
                }
            }
        }
        drop(coming);
        self.carried_out = effects;
        if answered > 0 {
            self.admitted.fetch_sub(answered, Ordering::AcqRel);
        }
    }

    fn carry_out_rare(&mut self, effect: Effect) {
        let address = self.address.clone();
        let tell = move |input| address.do_send(Told(input));
        match effect {
            Effect::Start { seat, account } => self.workers.start(seat, *account),
            Effect::Forget { seat } => self.workers.forget(seat),
            Effect::Load { seat, number } => {
                self.books.load(number, move |found| tell(Input::Loaded { seat, found }));
            }
            Effect::LookUp { ticket, look_up } => self.look_up(look_up, move |found| {
                tell(Input::LookedUp { ticket, found });
            }),
            Effect::Tally { ticket, original } => self.tally(original, move |original, tally| {
                tell(Input::Tallied { ticket, original, tally });
            }),
            Effect::Compare { ticket, keys } => {
                self.books.versions(keys, move |found| tell(Input::Versions { ticket, found }));
            }
            Effect::Name { ticket, accounts } => self
                .books
                .ask(move |books| books.numbers_of(&accounts), move |numbers| tell(Input::Named { ticket, numbers })),
            Effect::FindSchedule { ticket, schedule } => self.books.ask(
                move |books| books.standing_order(schedule).is_some(),
                move |found| tell(Input::ScheduleFound { ticket, found }),
            ),
            Effect::FindPayer { schedule, from } => self.books.ask(
                move |books| books.account_by_number(&from).map(|account| account.owner),
                move |owner| tell(Input::PayerFound { schedule, owner }),
            ),
            Effect::Verify(submission) => {
                if let Some(driver) = &self.verification {
                    driver.verify(submission);
                }
            }
            Effect::VerifyAgain(submission) => {
                if let Some(driver) = &self.verification {
                    driver.verify_again(submission);
                }
            }
            Effect::VerifyNoMore { hold } => {
                if let Some(driver) = &self.verification {
                    driver.forget(hold);
                }
            }
            Effect::Wake { number, at, sleep } => wake(at, sleep, move || tell(Input::Wake { number })),
            Effect::TurnAway { to, size, error } => {
                self.admitted.fetch_sub(size, Ordering::AcqRel);
                self.askers.turn_away(to, error);
            }
            Effect::AnswerDue { to, ran } => self.askers.answer_due(to, ran),
            Effect::AnswerReference { to, position } => self.askers.answer_reference(to, position),
            Effect::AnswerClock { to, state } => self.askers.answer_clock(to, state),
            // Carried out by the caller.
            Effect::Send { .. } | Effect::Answer { .. } => {}
        }
    }

    /// Runs a look-up on a thread of its own: it does not queue behind what users read.
    fn look_up(&self, look_up: LookUp, found: impl FnOnce(Result<Found, String>) + Send + 'static) {
        let reader = Arc::clone(&self.reader);
        self.look_ups.run(move || {
            // A panic must stop the bank as an error does: the command would wait for ever.
            let read = catch_unwind(AssertUnwindSafe(|| {
                panic_if_planted(Spot::LookUp);
                let position = match look_up {
                    LookUp::Id(id) => reader.find(id)?,
                    LookUp::Reference(id) => reader.find_reference(id)?,
                    LookUp::Record(position) => Some(position),
                };
                position.map(|position| reader.read(position)).transpose()
            }));
            found(match read {
                Ok(Ok(Some(record))) => Ok(Found::Recorded(Box::new(record))),
                Ok(Ok(None)) => Ok(Found::Nothing),
                Ok(Err(JournalError::Archived { position, .. })) => Ok(Found::Archived(position)),
                Ok(Err(error)) => Err(error.to_string()),
                Err(panic) => Err(format!("a look-up panicked: {}", panic_text(&panic))),
            });
        });
    }

    /// Reads every reversal of an original. Not with the look-ups of others: it reads everything behind the original.
    fn tally(&self, original: Box<Original>, tallied: impl FnOnce(Box<Original>, Tallied) + Send + 'static) {
        let reader = Arc::clone(&self.reader);
        self.readers.run(move || {
            let read = catch_unwind(AssertUnwindSafe(|| tally(&*reader, &original)));
            let tally = read.unwrap_or_else(|panic| {
                let what = format!("reading reversals panicked: {}", panic_text(&panic));
                Err(JournalError::Stopped(what))
            });
            tallied(original, tally);
        });
    }

    /// Gives somebody who waits a number for the core.
    pub(super) fn ask(&mut self, waiting: Waiting) -> Asker {
        self.askers.add(waiting)
    }
}

type Tallied = Result<Result<crate::ledger::Tally, crate::ledger::TallyError>, JournalError>;

/// Calls `woken` at `at`, or after `sleep` where nobody simulates the clock.
fn wake(at: Timestamp, sleep: Duration, woken: impl FnOnce() + 'static) {
    #[cfg(any(test, feature = "testing"))]
    if let Some(awake) = jangbu_runtime::tasks::sleep_until(at) {
        return jangbu_runtime::tasks::start_task(async move {
            awake.await;
            woken();
        });
    }
    #[cfg(not(any(test, feature = "testing")))]
    let _ = at;
    actix::spawn(async move {
        actix::clock::sleep(sleep).await;
        woken();
    });
}

/// An answer to something that the core asked for.
pub(super) struct Told(pub(super) Input);

impl Actor for Supervisor {
    type Context = Context<Self>;

    /// Begins with what fell due while nobody was there.
    fn started(&mut self, _: &mut Context<Self>) {
        self.guarded(|_| ());
    }
}
