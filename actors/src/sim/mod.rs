//! A simulator.

mod audit;
mod chance;
mod clock;
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

pub(crate) use clock::draw_id;
pub(crate) use machine::CloseRequests;
pub(crate) use tasks::start_actor;

use crate::{Bank, Builder};

/// So many steps are enough for any application that does not go round in circles.
const USUAL_STEPS: u64 = 5_000_000;

/// A simulation of an application and its bank, to be run once.
#[must_use = "a simulation does nothing until it is run"]
pub struct Simulation {
    seed: u64,
    crashes: bool,
    disk_failures: bool,
    clock_leaps: bool,
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
            steps: USUAL_STEPS,
            settings: Box::new(|builder| builder),
        }
    }

    /// Whether the machine crashes a few times, by the seed: the program is killed, or the power is cut. It does so
    /// unless told otherwise.
    pub fn crashes(mut self, crashes: bool) -> Simulation {
        self.crashes = crashes;
        self
    }

    /// Whether the journal's disk fails now and then, which stops the bank: calls get [`BankError`](crate::BankError).
    /// It does so unless told otherwise.
    pub fn disk_failures(mut self, failures: bool) -> Simulation {
        self.disk_failures = failures;
        self
    }

    /// Whether the clock leaps now and then: up to a day ahead, or some seconds back. It does so unless told otherwise.
    pub fn clock_leaps(mut self, leaps: bool) -> Simulation {
        self.clock_leaps = leaps;
        self
    }

    /// How many steps the simulation may take (5,000,000 by default) before it is said to have no end.
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
