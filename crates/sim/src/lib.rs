//! The simulator: a bank and the application that uses it, in one thread, with everything random determined by a seed.
//!
//! The accounts, the supervisor, the rules, the journal, its recovery and the books are the real ones. What they run on
//! is simulated: scheduling, the clock, the disk, new ids. At each step, a [`Simulation`] chooses among everything that
//! can happen next: an actor or the application continues, a batch becomes durable, the books apply a record, a read
//! completes, a checkpoint writes a chunk. The clock jumps, the disk fails, the program is killed, the power is cut.
//! After a crash, the bank is opened again from what the disk kept, and the application is started again.
//!
//! ```
//! use std::{cell::Cell, rc::Rc};
//! # use jangbu_actors::{command::*, ledger::*};
//! # mod jangbu { pub use jangbu_actors::Error; pub use jangbu_sim as sim; }
//! use jangbu::{Error, sim};
//!
//! for seed in sim::seeds(20) {
//!     // The application keeps this in a file, so it survives a crash.
//!     let payments = Rc::new(Cell::new(0u32));
//!     let report = sim::Simulation::new(seed)
//!         .run(move |bank, world| {
//!             let payments = Rc::clone(&payments);
//!             async move {
//!                 let till = AccountNumber::new("TILL").unwrap();
//!                 let open = OpenAccount::new(OwnerId::new("shop").unwrap()).with_number(till);
//!                 // The id is derived from the purpose, so a repetition after a crash does nothing.
//!                 bank.open_account(open.with_id(CommandId::derived(b"open the till"))).await?;
//!                 while payments.get() < 5 {
//!                     let id = CommandId::derived(&payments.get().to_le_bytes());
//!                     bank.deposit(CashPosting::new(till, Amount::new(100).unwrap()).with_id(id)).await?;
//!                     payments.set(payments.get() + 1);
//!                     world.sleep(std::time::Duration::from_millis(1)).await;
//!                 }
//!                 Ok::<_, Error>(bank.snapshot(till).await?.posted)
//!             }
//!         })
//!         .unwrap();
//!     assert_eq!(report.output.minor_units(), 500);
//! }
//! ```
//!
//! # What is checked
//!
//! After every crash and at the end, the journal is read from its beginning: every frame is sound, every record adds up
//! to zero, every id is unique, no account is below its overdraft after any record, and the stored state equals the
//! replay. Everything that was durable survives a crash. A bank stops only after its disk has failed. A closed journal
//! survives a power cut. When nothing is left to do, the application has returned. Any violation is a [`Failure`], and
//! so is an error that the application returns although its disk has not failed.
//!
//! The application has to check what only it knows: for example, that answers it received are still given, and that
//! each purchase was paid for once.
//!
//! # Repeating a seed
//!
//! Failures and panics print the seed. If the environment variable `JANGBU_SIM_SEED` contains it, [`seeds`] returns
//! only that seed. The same seed, application and program repeat the simulation exactly, down to the bytes of the
//! journal. For that, the application must take time and randomness from its [`World`] and use no threads. It must not
//! use tokio's timers, tasks or I/O either, because there is no runtime. Ids drawn by `CommandId::random` during a
//! simulation are seeded.
//!
//! # Limits
//!
//! A batch is written, synced and acknowledged in one step, which only a crash or a failure interrupts. The store is a
//! map that a crash takes back to some moment since its last sync. Each of its calls can fail, and it accepts no larger
//! values than sled does; sled's own failures are not simulated. Nothing is archived during a simulation. A verifier in
//! the settings is not called: the transfers that it would verify stay held.
//!
//! This module must never draw anything from elsewhere than the seed, or treat the engine differently from its threads.

mod audit;
mod chance;
mod clock;
mod copies;
mod machine;
mod report;
mod run;
mod store;
mod world;

use std::fmt::Display;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

pub use report::{Failure, Report, SEED_VARIABLE, seeds};
pub use world::{Task, World};

use jangbu_actors::{Bank, Builder};

/// The default limit is sufficient for any application that terminates.
const USUAL_STEPS: u64 = 1_000_000;

/// A simulation of an application and its bank. It can be run once.
#[must_use = "a simulation does nothing until it is run"]
pub struct Simulation {
    seed: u64,
    crashes: bool,
    disk_failures: bool,
    clock_leaps: bool,
    false_clocks: bool,
    steps: u64,
    settings: Box<dyn Fn(Builder) -> Builder>,
}

impl Simulation {
    /// Creates a simulation in which `seed` determines everything random.
    pub fn new(seed: u64) -> Simulation {
        Simulation {
            seed,
            crashes: true,
            disk_failures: true,
            clock_leaps: true,
            false_clocks: false,
            steps: USUAL_STEPS,
            settings: Box::new(|builder| builder),
        }
    }

    /// Sets whether the machine crashes a few times: the program is killed, or the power is cut. Occasionally, the bank
    /// continues from a backup that is made then. The default is `true`.
    pub fn crashes(mut self, crashes: bool) -> Simulation {
        self.crashes = crashes;
        self
    }

    /// Sets whether the journal's disk or the store occasionally fails, or a thread panics, which stops the bank; calls
    /// then return a `BankError`. The default is `true`.
    pub fn disk_failures(mut self, failures: bool) -> Simulation {
        self.disk_failures = failures;
        self
    }

    /// Sets whether the clock occasionally jumps: up to a day ahead, as after a suspension of the machine, or some
    /// seconds back. The default is `true`.
    pub fn clock_leaps(mut self, leaps: bool) -> Simulation {
        self.clock_leaps = leaps;
        self
    }

    /// Sets whether the clock occasionally reads a false time, days or years ahead, and is corrected later. An
    /// application then meets `BankError::ClockAhead`, and may wait or accept the
    /// clock. The default is `false`; the bank then trusts every reading.
    pub fn false_clocks(mut self, false_clocks: bool) -> Simulation {
        self.false_clocks = false_clocks;
        self
    }

    /// Sets the maximum number of steps before the simulation fails as endless; 1,000,000 by default.
    pub fn steps(mut self, steps: u64) -> Simulation {
        self.steps = steps;
        self
    }

    /// Changes the bank's settings. They start with small segments, frequent checkpoints and few active accounts,
    /// depending on the seed. The clock and the disk are always simulated.
    pub fn bank(mut self, settings: impl Fn(Builder) -> Builder + 'static) -> Simulation {
        self.settings = Box::new(settings);
        self
    }

    /// Runs the application until it returns `Ok`.
    ///
    /// It is started with the handle of an open bank, and again after every crash. Whatever `application` captures
    /// survives crashes, like the files of a real program. An `Err` after a disk failure ends the program, which is
    /// then started again as after a crash. Any other `Err` is a failure of the simulation.
    ///
    /// # Errors
    /// [`Failure`] with what is wrong with the bank, its journal or the application.
    ///
    /// # Panics
    /// If the application panics. The seed is printed first.
    pub fn run<T, E, F, Fut>(self, application: F) -> Result<Report<T>, Failure>
    where
        T: 'static,
        E: Display + 'static,
        F: FnMut(Bank, World) -> Fut,
        Fut: Future<Output = Result<T, E>> + 'static,
    {
        let seed = self.seed;
        let ran = catch_unwind(AssertUnwindSafe(|| run::Run::new(self).run(application)));
        ran.unwrap_or_else(|panic| {
            jangbu_runtime::tasks::forget_started();
            eprintln!("the simulation of seed {seed} panicked; run it alone with {SEED_VARIABLE}={seed}");
            resume_unwind(panic)
        })
    }
}
