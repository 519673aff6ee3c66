//! The simulator: a bank and the application that uses it, in one thread, with everything that is left to chance drawn
//! from a seed.
//!
//! The accounts, the supervisor, the rules, the journal, its recovery and the books are the live ones. What is simulated
//! is what they run on: whose turn it is, the clock, the disk, new ids. A [`Simulation`] draws at each step what happens
//! next among all that could: an actor or the application goes on, a batch becomes durable, the books take a record, a
//! read is done, a checkpoint writes a chunk. The clock leaps, the disk fails, the program is killed, the power goes.
//! After a crash the bank is opened again from what the disk kept, and the application is started again.
//!
//! ```
//! use std::{cell::Cell, rc::Rc};
//! # use jangbu_actors::{self as jangbu, command::*, ledger::*};
//! use jangbu::{Error, sim};
//!
//! for seed in sim::seeds(20) {
//!     // What the application keeps in a file of its own: it is still there after a crash.
//!     let payments = Rc::new(Cell::new(0u32));
//!     let report = sim::Simulation::new(seed)
//!         .run(move |bank, world| {
//!             let payments = Rc::clone(&payments);
//!             async move {
//!                 let till = AccountNumber::new("TILL").unwrap();
//!                 let open = OpenAccount::new(OwnerId::new("shop").unwrap()).with_number(till);
//!                 // An id that follows from what is meant: after a crash, the same again does nothing.
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
//! # What is checked, whatever the application
//!
//! After every crash and at the end, the journal is read from its beginning: every frame is sound, every record adds up to
//! zero, no id is there twice, no account is below its overdraft after any record, and the stored state is what the
//! journal leads to. What was durable is there after the crash. A bank stops only when its disk has failed. A closed
//! journal survives a power cut. When nothing is left to do, the application has returned. What is not so is a
//! [`Failure`], and so is an error that the application returns while its disk is in order.
//!
//! What the application knows and the bank does not, it has to check itself: that an answer it got is still given, that
//! what it bought was paid for once.
//!
//! # Running one seed again
//!
//! A failure and a panic tell the seed. With the environment variable `JANGBU_SIM_SEED` set to it, [`seeds`] gives that
//! one alone. The same seed, application and program do the same, down to the bytes of the journal; for that, the
//! application must take time and randomness from its [`World`] and use no threads. It must not use tokio's timers, tasks
//! or input and output either: there is no runtime. Ids drawn by `CommandId::random` while a simulation runs are seeded.
//!
//! # Limits
//!
//! A batch is written, synced and told in one step, which only a crash or a failure divides. The stored state is a map that
//! a crash takes back to some moment since its last sync. Each of its calls can fail, and it takes no larger values than
//! sled does; how sled fails by itself is not simulated. Nothing is archived while an application is simulated. A
//! verifier that the settings name is not asked: what it would verify stays held.
//!
//! What this module must never do: draw anything from elsewhere than the seed, or treat the engine otherwise than its
//! threads do.

mod audit;
mod chance;
mod clock;
mod copies;
mod machine;
mod report;
mod run;
mod store;
mod tasks;
mod world;

use std::fmt::Display;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

pub use report::{Failure, Report, SEED_VARIABLE, seeds};
pub use world::{Task, World};

pub(crate) use clock::sleep_until;
pub(crate) use machine::CloseRequests;
pub(crate) use tasks::{start_caller, start_task};

use crate::{Bank, Builder};

/// So many steps are enough for any application that does not go round in circles.
const USUAL_STEPS: u64 = 1_000_000;

/// A simulation of an application and its bank, to be run once.
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
    /// A simulation in which everything that is left to chance is drawn from `seed`.
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

    /// Whether the machine crashes a few times, by the seed: the program is killed, or the power is cut. Now and then the bank
    /// goes on from a backup that is made of it then. It does so unless told otherwise.
    pub fn crashes(mut self, crashes: bool) -> Simulation {
        self.crashes = crashes;
        self
    }

    /// Whether the journal's disk or the stored state fails now and then, or a thread panics, which stops the bank: calls get
    /// [`BankError`](crate::BankError).
    /// It does so unless told otherwise.
    pub fn disk_failures(mut self, failures: bool) -> Simulation {
        self.disk_failures = failures;
        self
    }

    /// Whether the clock leaps now and then: up to a day ahead, as after a pause of the machine, or some seconds back. It
    /// does so unless told otherwise.
    pub fn clock_leaps(mut self, leaps: bool) -> Simulation {
        self.clock_leaps = leaps;
        self
    }

    /// Whether the clock reads a false time now and then, days or years ahead, and is corrected later. It does not unless
    /// told so: an application then meets [`BankError::ClockAhead`](crate::BankError::ClockAhead), and may wait or accept
    /// the clock. Without this, the bank believes its clock whatever it reads.
    pub fn false_clocks(mut self, false_clocks: bool) -> Simulation {
        self.false_clocks = false_clocks;
        self
    }

    /// How many steps the simulation may take (1,000,000 by default) before it is said to have no end.
    pub fn steps(mut self, steps: u64) -> Simulation {
        self.steps = steps;
        self
    }

    /// Changes the bank's settings. What it is handed has small segments, frequent checkpoints and few active accounts,
    /// by the seed. Clock and disk are the simulation's, whatever is set.
    pub fn bank(mut self, settings: impl Fn(Builder) -> Builder + 'static) -> Simulation {
        self.settings = Box::new(settings);
        self
    }

    /// Runs the application until it returns `Ok`.
    ///
    /// It is started with the handle of an open bank, and again after every crash: what it keeps over them, and what a
    /// real program would keep on a disk of its own, is what `application` captures. An `Err` after the disk failed
    /// ends the program, which is then started again as after a crash; any other is a failure of the simulation.
    ///
    /// # Errors
    /// [`Failure`] with what is wrong: with the bank, with its journal, or with the application.
    ///
    /// # Panics
    /// When the application does; the seed is printed before.
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
            tasks::forget_started();
            eprintln!("the simulation of seed {seed} panicked; run it alone with {SEED_VARIABLE}={seed}");
            resume_unwind(panic)
        })
    }
}
