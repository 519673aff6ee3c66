//! A bank with two accounts and a clock.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jangbu_actors::blocking::Bank;
use jangbu_actors::check::{self, check};
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::{CashPosting, ChangeSchedule, OpenAccount, SetSchedule};
use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{JournalError, verify};
use jangbu_actors::ledger::{
    AccountNumber, Amount, CommandId, OwnerId, Record, Refusal, Rule, RunOutcome, Schedule, ScheduleChange, TimeOfDay,
    Timestamp,
};
use jangbu_actors::{Builder, Error, Pace, ScheduledRun, StandingOrder};

/// A bank on a disk, closed or open, and its clock.
pub(crate) struct Scene {
    pub(crate) clock: Arc<SteppedClock>,
    pub(crate) zone: &'static str,
    directory: tempfile::TempDir,
}

impl Scene {
    /// A new bank in Seoul at noon on 1 November 2026, with 1,000,000 on account A and nothing on B.
    pub(crate) fn new() -> (Scene, Bank) {
        Scene::at("Asia/Seoul", "2026-11-01T12:00+09:00")
    }

    pub(crate) fn at(zone: &'static str, start: &str) -> (Scene, Bank) {
        let clock = SteppedClock::starting_at(time(start));
        let scene = Scene { clock, zone, directory: tempfile::tempdir().unwrap() };
        let bank = scene.open();
        for account in ["A", "B"] {
            bank.open_account(OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number(account))).unwrap();
        }
        bank.deposit(CashPosting::new(number("A"), won(1_000_000))).unwrap();
        (scene, bank)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("bank")
    }

    pub(crate) fn open(&self) -> Bank {
        open(&self.path(), &self.clock, self.zone)
    }

    /// Closes the bank, lets the time pass, and opens it again; an operator accepts the clock if necessary.
    pub(crate) fn reopen_at(&self, bank: Bank, moment: &str) -> Bank {
        bank.close().unwrap();
        self.clock.set(time(moment));
        let bank = self.open();
        bank.accept_clock(time(moment)).unwrap();
        bank
    }

    /// Sets the clock and waits for what is due.
    pub(crate) fn go_to(&self, bank: &Bank, moment: &str) {
        self.clock.set(time(moment));
        bank.run_due().unwrap();
    }

    /// Closes the bank and checks everything on the disk.
    pub(crate) fn end(&self, bank: Bank) {
        bank.close().unwrap();
        sound(&self.path());
    }
}

fn open(path: &Path, clock: &Arc<SteppedClock>, zone: &str) -> Bank {
    Bank::from(builder(clock, zone).open(path).unwrap())
}

/// The bank of a journal that may end long before the clock's time, which is trusted anyway.
pub(crate) fn open_later(path: &Path, clock: &Arc<SteppedClock>, zone: &str) -> Bank {
    Bank::from(builder(clock, zone).clock_lead(Duration::MAX).open(path).unwrap())
}

/// The same, with schedules that run at the given pace.
pub(crate) fn open_paced(path: &Path, clock: &Arc<SteppedClock>, pace: Arc<dyn Pace>) -> Bank {
    let builder = builder(clock, "Asia/Seoul").clock_lead(Duration::MAX).run_schedules(false);
    let bank = Bank::from(builder.open(path).unwrap());
    bank.run_schedules(pace).unwrap();
    bank
}

fn builder(clock: &Arc<SteppedClock>, zone: &str) -> Builder {
    let builder = jangbu_actors::Bank::builder().segment_bytes(64 * 1024).checkpoint_records(150);
    builder.clock(Arc::clone(clock) as _).time_zone(zone)
}

/// Checks that everything on the disk is consistent.
pub(crate) fn sound(path: &Path) {
    check(path, check::Options { deep: true }).unwrap();
}

/// Returns every record of a closed bank.
pub(crate) fn records(path: &Path) -> Vec<Record> {
    let mut records = Vec::new();
    verify(&RealDisk, &path.join("journal"), |record| {
        records.push(record);
        Ok::<(), JournalError>(())
    })
    .unwrap();
    records
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn won(amount: u64) -> Amount {
    Amount::new(amount).unwrap()
}

pub(crate) fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

pub(crate) fn nine() -> TimeOfDay {
    TimeOfDay::new(9, 0).unwrap()
}

/// Returns a schedule of 1,000 from A to B by a rule.
pub(crate) fn order(rule: Rule) -> Schedule {
    Schedule::new(number("A"), number("B"), won(1_000), rule)
}

/// Returns a schedule of 1,000 from A to B every day at nine.
pub(crate) fn daily() -> Schedule {
    order(Rule::daily(nine()))
}

pub(crate) fn set(bank: &Bank, schedule: Schedule) -> CommandId {
    let set = SetSchedule::new(schedule);
    let id = set.id;
    bank.schedule(set).unwrap();
    id
}

pub(crate) fn change(bank: &Bank, id: CommandId, change: ScheduleChange) {
    bank.change_schedule(ChangeSchedule::new(id, change)).unwrap();
}

pub(crate) fn standing(bank: &Bank, id: CommandId) -> StandingOrder {
    bank.standing_order(id).unwrap().unwrap()
}

pub(crate) fn balance(bank: &Bank, account: &str) -> i64 {
    bank.snapshot(number(account)).unwrap().posted.minor_units()
}

/// Returns the runs of a schedule, oldest first.
pub(crate) fn runs(bank: &Bank, id: CommandId) -> Vec<ScheduledRun> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        // Small pages, so that there are several.
        let page = bank.schedule_runs(id, before, 3).unwrap();
        all.extend(page.data);
        before = page.next;
        if before.is_none() {
            all.reverse();
            return all;
        }
    }
}

/// Returns the runs of a schedule in words: the moment in Seoul, and the outcome.
pub(crate) fn told(bank: &Bank, id: CommandId) -> Vec<String> {
    told_in(bank, id, "Asia/Seoul")
}

pub(crate) fn told_in(bank: &Bank, id: CommandId, zone: &str) -> Vec<String> {
    let in_words = |run: &ScheduledRun| {
        let moment = run.occurrence.to_jiff().in_tz(zone).unwrap().strftime("%m-%d %H:%M").to_string();
        match &run.outcome {
            RunOutcome::Posted { attempt, .. } => format!("{moment} posted {}", attempt.number),
            RunOutcome::Accepted { attempt, .. } => format!("{moment} accepted {}", attempt.number),
            RunOutcome::Refused { attempt, refusal } => format!("{moment} {} {}", refusal.code(), attempt.number),
            RunOutcome::Skipped { missed } => format!("{moment} skipped {missed}"),
        }
    };
    runs(bank, id).iter().map(in_words).collect()
}

pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}
