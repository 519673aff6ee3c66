//! A simulation from beginning to end, over all lives of its machine.

use std::cell::RefCell;
use std::fmt::Display;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::Simulation;
use super::audit::{Audited, audit};
use super::chance::{self, Chances, Failing};
use super::clock::{SeededIds, SimClock};
use super::copies;
use super::machine::{Machine, Work, is_injected};
use super::report::{Failure, Report};
use super::store::SimStore;
use super::world::World;
use jangbu_actors::Bank;
use jangbu_actors::parts::Config;
use jangbu_books::books::ReplayLimits;
use jangbu_journal::FileOptions;
use jangbu_journal::disk::{Fault, FaultDisk};
use jangbu_ledger::Position;
use jangbu_plant::Dice;
use jangbu_runtime::clock::{Clock, USUAL_CLOCK_LEAD};
use jangbu_runtime::tasks::{self, Owner};

/// The longest simulated time of a step, except for clock jumps.
const LONGEST_STEP_US: u64 = 400;

/// The maximum number of steps between the failure of a bank and the end of its program.
const STEPS_AFTER_FAILURE: usize = 300;

/// How far ahead a disk failure is planned, in disk operations.
const OPERATIONS_AHEAD: usize = 24;

/// One in this many crashes is followed by a restore from a backup.
const RESTORES: usize = 6;

/// How far ahead a failure of the store is planned, in its calls.
const CALLS_AHEAD: usize = 60;

/// How far ahead a panic of an actor is planned, in readings of the clock.
const READINGS_AHEAD: usize = 100;

/// A failure that is planned.
#[derive(Clone, Copy)]
enum Planned {
    /// The disk fails, or the machine halts, at this operation.
    Disk { operation: u64, halts: bool },
    /// The store fails.
    Store,
    /// An actor panics.
    Actor,
}

/// A running simulation.
pub(super) struct Run {
    options: Simulation,
    dice: Dice,
    chances: Chances,
    config: Config,
    clock: Arc<SimClock>,
    world: World,
    disk: FaultDisk,
    store: SimStore,
    planned: Option<Planned>,
    /// The step at which a failed bank is ended.
    give_up_at: Option<u64>,
    steps: u64,
    crashes: u32,
    disk_failures: u32,
    /// Everything up to this position was durable at some time.
    durable: Position,
    trace: blake3::Hasher,
    _ids: SeededIds,
}

/// How a life ended.
enum End {
    Closed,
    Crashed,
}

impl Run {
    pub(super) fn new(options: Simulation) -> Run {
        let mut dice = Dice::new(options.seed);
        let chances = Chances::draw(&mut dice);
        let clock = Arc::new(SimClock::new());
        let lead = if options.false_clocks { USUAL_CLOCK_LEAD } else { Duration::MAX };
        let builder = (options.settings)(chance::settings(&mut dice).clock_lead(lead));
        let config = builder.clock(Arc::clone(&clock) as Arc<dyn Clock>).into_config();
        let ids = SeededIds::begin(dice.branch(), Arc::clone(&clock));
        Run {
            world: World::new(Arc::clone(&clock), dice.branch()),
            options,
            dice,
            chances,
            config,
            clock,
            disk: FaultDisk::new(),
            store: SimStore::default(),
            planned: None,
            give_up_at: None,
            steps: 0,
            crashes: 0,
            disk_failures: 0,
            durable: Position::START,
            trace: blake3::Hasher::new(),
            _ids: ids,
        }
    }

    /// Runs the application until it has returned and its bank is closed.
    pub(super) fn run<T, E, F, Fut>(mut self, mut application: F) -> Result<Report<T>, Failure>
    where
        T: 'static,
        E: Display + 'static,
        F: FnMut(Bank, World) -> Fut,
        Fut: Future<Output = Result<T, E>> + 'static,
    {
        let output = Rc::new(RefCell::new(None));
        let mut finished = None;
        loop {
            self.world.begin_life(self.crashes);
            if self.dice.one_in(4) {
                self.plan_trouble();
            }
            let together = self.dice.one_in(2);
            let boot = || Machine::boot(&self.config, &self.disk, &self.store, together);
            let (mut machine, bank) = match catch_unwind(AssertUnwindSafe(boot)) {
                Ok(Ok(booted)) => booted,
                Ok(Err(_)) if self.has_trouble_come() => {
                    self.crash(None)?;
                    continue;
                }
                Ok(Err(error)) => return Err(self.failure(format!("the bank cannot be opened: {error}"))),
                Err(panic) if is_injected(&*panic) => {
                    self.crash(None)?;
                    continue;
                }
                Err(panic) => resume_unwind(panic),
            };
            if finished.is_none() {
                let (running, output) = (application(bank, self.world.clone()), Rc::clone(&output));
                tasks::start(Owner::Application, async move {
                    let returned = running.await;
                    *output.borrow_mut() = Some(returned);
                });
            }
            let end = self.live(&mut machine, &output, &mut finished);
            let durable = machine.durable();
            match end? {
                End::Crashed => self.crash(Some(machine))?,
                End::Closed => {
                    machine.stop();
                    self.disk.heal();
                    self.store.heal();
                    self.clock.disarm();
                    self.check_end(durable)?;
                    break;
                }
            }
        }
        match finished {
            Some(output) => Ok(self.report(output)),
            None => Err(self.failure("the application has not returned".into())),
        }
    }

    /// Runs one life of the machine, step by step.
    fn live<T, E: Display>(
        &mut self,
        machine: &mut Machine,
        output: &RefCell<Option<Result<T, E>>>,
        finished: &mut Option<T>,
    ) -> Result<End, Failure> {
        let mut work = Vec::new();
        loop {
            self.steps += 1;
            if self.steps > self.options.steps {
                return Err(self.failure(format!("no end after {} steps", self.options.steps)));
            }
            match output.take() {
                None => {}
                Some(Ok(returned)) => *finished = Some(returned),
                // A program may end because its disk has failed, and is started again.
                Some(Err(_)) if self.has_trouble_come() => return Ok(End::Crashed),
                Some(Err(error)) => return Err(self.failure(format!("the application ended with an error: {error}"))),
            }
            if self.must_stop(machine)? {
                return Ok(End::Crashed);
            }
            if finished.is_some() {
                machine.tasks.drop_all(Owner::Application);
                machine.close();
                match machine.closed() {
                    None => {}
                    Some(Ok(())) => return Ok(End::Closed),
                    Some(Err(_)) => return Ok(End::Crashed),
                }
            }
            self.let_time_pass(machine);
            machine.work(&mut work);
            match self.chances.choose(&work, &mut self.dice) {
                Some(chosen) => {
                    let task = machine.step(chosen);
                    self.note(chosen, task);
                    if let Some(what) = machine.broken_bound() {
                        return Err(self.failure(what));
                    }
                }
                None if self.give_up_at.is_some() => return Ok(End::Crashed),
                None if self.clock.advance_to_next() => {}
                None => return Err(self.failure("nothing is left to do, and the application waits".into())),
            }
        }
    }

    /// Returns whether the life is over, because of a crash or because the bank failed a while ago.
    fn must_stop(&mut self, machine: &Machine) -> Result<bool, Failure> {
        let trouble = self.has_trouble_come();
        if trouble && matches!(self.planned, Some(Planned::Disk { halts: true, .. })) {
            return Ok(true);
        }
        if let Some(why) = machine.fuse.error() {
            if !trouble {
                return Err(self.failure(format!("the bank stopped, and nothing had failed: {why}")));
            }
            let patience = self.dice.below(STEPS_AFTER_FAILURE) as u64;
            let give_up_at = *self.give_up_at.get_or_insert(self.steps + patience);
            if self.steps >= give_up_at {
                return Ok(true);
            }
        }
        if self.world.wants_crash() {
            return Ok(true);
        }
        if self.options.crashes && self.chances.troubles > 0 && self.dice.one_in(self.chances.crash) {
            self.chances.troubles -= 1;
            return Ok(true);
        }
        if self.dice.one_in(self.chances.fault) {
            self.plan_trouble();
        }
        Ok(false)
    }

    /// Plans a failure, or a halt of the machine, at one of the next operations.
    fn plan_trouble(&mut self) {
        let halts = match (self.options.crashes, self.options.disk_failures) {
            (true, true) => self.dice.heads(),
            (crashes, failures) => {
                if !crashes && !failures {
                    return;
                }
                crashes
            }
        };
        if self.planned.is_some() || self.chances.troubles == 0 {
            return;
        }
        self.chances.troubles -= 1;
        let operation = self.disk.operations() + self.dice.below(OPERATIONS_AHEAD) as u64;
        if halts {
            self.planned = Some(Planned::Disk { operation, halts });
            return self.disk.fail_from(operation, Fault::Halt);
        }
        self.disk_failures += 1;
        self.planned = Some(match chance::failure(&mut self.dice) {
            Failing::Disk(fault, lasting) => {
                match lasting {
                    true => self.disk.fail_from(operation, fault),
                    false => self.disk.fail_once(operation, fault),
                }
                Planned::Disk { operation, halts }
            }
            Failing::Store(fault) => {
                self.store.fail_after(self.dice.below(CALLS_AHEAD) as u64, fault);
                Planned::Store
            }
            Failing::Actor => {
                self.clock.trap_after(self.dice.below(READINGS_AHEAD) as u64);
                Planned::Actor
            }
        });
    }

    /// Returns whether the planned failure has happened.
    fn has_trouble_come(&self) -> bool {
        self.planned.is_some_and(|planned| match planned {
            Planned::Disk { operation, .. } => self.disk.operations() > operation,
            Planned::Store => self.store.has_failed(),
            Planned::Actor => self.clock.has_trapped(),
        })
    }

    fn let_time_pass(&mut self, machine: &Machine) {
        self.clock.advance(Duration::from_micros(self.dice.next() % LONGEST_STEP_US));
        if self.options.clock_leaps && self.dice.one_in(self.chances.leap) {
            match self.dice.one_in(4) {
                true => self.clock.set_back(chance::leap_back(&mut self.dice)),
                false => self.clock.advance(chance::leap_ahead(&mut self.dice)),
            }
        }
        if self.options.false_clocks && self.dice.one_in(self.chances.leap) {
            match self.dice.one_in(2) {
                true => self.clock.correct(),
                false => self.clock.mislead(chance::false_lead(&mut self.dice)),
            }
        }
        if self.dice.one_in(self.chances.checkpoint) {
            machine.ask_for_checkpoint();
        }
    }

    /// Ends a life: the disk and the store keep what a crash at this moment leaves.
    fn crash(&mut self, machine: Option<Machine>) -> Result<(), Failure> {
        if let Some(machine) = machine {
            self.durable = self.durable.max(machine.durable());
            machine.stop();
        }
        tasks::forget_started();
        self.clock.forget_sleepers();
        self.clock.disarm();
        self.disk.heal();
        (self.planned, self.give_up_at) = (None, None);
        self.crashes += 1;
        // A killed program leaves everything that it handed to the operating system; a power cut does not.
        if self.dice.heads() {
            self.disk = self.disk.power_cut(self.dice.next());
        }
        self.store.crash(&mut self.dice);
        self.trace_disk();
        let left = self.check_disk(self.durable)?;
        if left.end > Position::START && self.dice.one_in(RESTORES) {
            self.restore()?;
        }
        Ok(())
    }

    /// Continues from a backup of the bank, on another disk and without the stored state.
    fn restore(&mut self) -> Result<(), Failure> {
        let options = FileOptions { segment_bytes: self.config.segment_bytes, in_background: false };
        self.disk = copies::restored(&self.disk, &options, &mut self.dice).map_err(|what| self.failure(what))?;
        self.store = SimStore::default();
        self.trace_disk();
        self.check_disk(self.durable).map(drop)
    }

    fn check_disk(&self, durable: Position) -> Result<Audited, Failure> {
        let audited = audit(&self.disk, &self.store, self.limits(), self.longest_pause());
        let audited = audited.map_err(|what| self.failure(what))?;
        if audited.end < durable {
            let end = audited.end;
            return Err(self.failure(format!("the journal was durable through {durable}, and ends at {end}")));
        }
        Ok(audited)
    }

    /// Returns the limits that the bank itself uses while it replays.
    fn limits(&self) -> ReplayLimits {
        ReplayLimits::of(&self.config.habits())
    }

    /// Checks that a power cut after a clean close changes nothing.
    fn check_end(&mut self, durable: Position) -> Result<(), Failure> {
        self.durable = durable;
        let left = self.check_disk(durable)?;
        if !left.cleanly_closed {
            return Err(self.failure("the journal is not marked as closed".into()));
        }
        let cut = self.disk.power_cut(self.dice.next());
        match audit(&cut, &self.store, self.limits(), self.longest_pause()) {
            Ok(after) if after == left => Ok(()),
            Ok(after) => Err(self.failure(format!("a power cut after the close leaves {after:?} of {left:?}"))),
            Err(what) => Err(self.failure(format!("after the close and a power cut: {what}"))),
        }
    }

    /// Returns the longest time between two records, unless the clock was accepted: all the time that has passed, plus
    /// the lead.
    fn longest_pause(&self) -> Duration {
        self.clock.uptime().saturating_add(self.config.clock_lead)
    }

    fn note(&mut self, work: Work, task: u64) {
        let kind: u8 = match work {
            Work::Task(_) => 0,
            Work::Journal => 1,
            Work::Books => 2,
            Work::Store => 3,
            Work::Read(_) => 4,
            Work::Events => 5,
        };
        self.trace.update(&[kind]);
        self.trace.update(&task.to_le_bytes());
    }

    fn trace_disk(&mut self) {
        for (path, bytes) in self.disk.files() {
            self.trace.update(path.as_os_str().as_encoded_bytes());
            self.trace.update(&bytes);
        }
    }

    fn failure(&self, what: String) -> Failure {
        Failure { seed: self.options.seed, what }
    }

    fn report<T>(mut self, output: T) -> Report<T> {
        self.trace_disk();
        Report {
            seed: self.options.seed,
            output,
            crashes: self.crashes,
            disk_failures: self.disk_failures,
            steps: self.steps,
            end: self.durable,
            fingerprint: *self.trace.finalize().as_bytes(),
            disk: self.disk,
        }
    }
}
