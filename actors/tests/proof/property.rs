//! Random scripts, one command at a time: every answer, balance and figure equals the naive model's, in memory and on a
//! disk, while accounts are retired and reloaded and the bank is checkpointed and reopened. A dry run before each
//! command predicts its outcome.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use jangbu_actors::check::{Options, check};
use jangbu_actors::clock::{Clock, SteppedClock};
use jangbu_actors::command::Command;
use jangbu_actors::ledger::{CommandId, HoldId, Timestamp};
use jangbu_actors::{Bank, Builder};
use proptest::prelude::*;

use crate::by_itself::{let_due_happen, let_due_happen_with};
use crate::compare::check_answer;
use crate::forecasts::Forecast;
use crate::model::Model;
use crate::orders::{self, schedule_id};
use crate::promises::{aim, hold_id, is_movement, placed_by, start};
use crate::script::{Step, beginning, scripts, with_id};
use crate::support::{accounts, ask, cases, id};
use crate::verdicts::Court;

const ZONE: &str = "Asia/Seoul";

/// A clock set by hand that is read often.
struct Watched(Arc<SteppedClock>);

impl Clock for Watched {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(1)
    }
}

fn builder(clock: &Arc<SteppedClock>, court: &Court) -> Builder {
    // The model does not limit how long a bank was closed.
    let builder = Bank::builder().clock(Arc::new(Watched(Arc::clone(clock)))).clock_lead(Duration::MAX);
    builder.time_zone(ZONE).verifier(court.clone())
}

/// Few active accounts, small segments and a checkpoint every few records, so that everything happens often.
fn restless(clock: &Arc<SteppedClock>, court: &Court, path: &Path) -> Bank {
    let builder = builder(clock, court).max_active_accounts(4).segment_bytes(16 * 1024).checkpoint_records(7);
    builder.open(path).unwrap()
}

/// A bank and its model.
struct Pair<'a, R> {
    bank: Bank,
    model: Model,
    clock: &'a SteppedClock,
    now: Timestamp,
    /// Closes the bank, does what it is given, and opens the bank again.
    reopen: R,
    court: Court,
    /// Whether the verifier is asked about one hold at a time, so that verdicts come in the order of placement.
    one_at_a_time: bool,
    /// The holds, and the number of schedules, that were requested.
    holds: Vec<HoldId>,
    schedules: u64,
    done: Vec<Command>,
    /// Commands that may have moved money, including scheduled transfers.
    movements: Vec<CommandId>,
    last_recorded_at: Timestamp,
}

impl<R: Fn(Bank, &dyn Fn()) -> Bank> Pair<'_, R> {
    fn step(self, count: usize, step: Step) -> Self {
        match step {
            Step::Do(command @ Command::PlaceHold(_)) => {
                let id = hold_id(self.holds.len());
                self.ask(with_id(command, id))
            }
            Step::Do(command @ Command::SetSchedule(_)) => {
                let id = schedule_id(self.schedules);
                Pair { schedules: self.schedules + 1, ..self }.ask(with_id(command, id))
            }
            Step::Do(command) => {
                let command = aim(orders::aim(command, self.schedules), &self.holds, &self.movements);
                self.ask(with_id(command, id(count as u64)))
            }
            Step::Again(index) => {
                let command = index.get(&self.done).clone();
                self.ask(command)
            }
            Step::Reuse(index, command) => {
                let id = index.get(&self.done).id();
                self.ask(with_id(command, id))
            }
            Step::Verdict(index, approve) => self.verdict(index, approve).catch_up(),
            Step::Expire => self.expire(id(count as u64)),
            Step::Clock(minutes) => {
                let now = Timestamp::from_ns(self.now.as_ns() + minutes * 60_000_000_000);
                self.clock.set(now);
                Pair { now, ..self }.catch_up()
            }
            Step::Downtime(minutes) => {
                let now = Timestamp::from_ns(self.now.as_ns() + minutes * 60_000_000_000);
                let bank = (self.reopen)(self.bank, &|| self.clock.set(now));
                Pair { bank, now, ..self }.catch_up().compare()
            }
            Step::Reopen => {
                let bank = (self.reopen)(self.bank, &|| ());
                Pair { bank, ..self }.compare()
            }
        }
    }

    fn ask(mut self, command: Command) -> Self {
        let forecast = Forecast::of(&self.bank, &command);
        let answer = ask(&self.bank, &command);
        if let Some(forecast) = forecast {
            forecast.check(&self.bank, &command, &answer);
        }
        let is_new = self.done.iter().all(|earlier| earlier.id() != command.id());
        check_answer(&command, &answer, &self.model.execute(&command, self.now));
        if let (true, Ok(jangbu_actors::command::Outcome::Posted(receipt))) = (is_new, &answer) {
            assert!(receipt.recorded_at > self.last_recorded_at, "times of recording increase");
            self.last_recorded_at = receipt.recorded_at;
        }
        self.movements.extend(is_movement(&command).then(|| command.id()));
        self.holds.extend(placed_by(&command));
        self.done.push(command);
        // A record can advance the bank's time if the clock was set back.
        self.catch_up()
    }

    fn verdict(mut self, index: prop::sample::Index, approve: bool) -> Self {
        let waiting = self.model.to_verify();
        if !waiting.is_empty() {
            let chosen = if self.one_at_a_time { waiting[0] } else { *index.get(&waiting) };
            let done = self.court.decide(&self.bank, &mut self.model, chosen, approve, self.now);
            self.movements.push(done);
        }
        self
    }

    /// The only open question concerns the first waiting hold, whatever happened to others in the meantime.
    fn check_question(&self) {
        if self.one_at_a_time {
            self.court.is_asked_about_the_first_alone(&self.model.to_verify());
        }
    }

    /// At the moment a hold expires, a caller requests its expiry. The bank does the same on its own, and either may
    /// come first; it happens once.
    fn expire(mut self, id: CommandId) -> Self {
        let Some((over, hold)) = self.model.next_expiry() else { return self };
        self.now = over;
        self.clock.set(over);
        let command = Command::ExpireHold { id, hold };
        let answer = ask(&self.bank, &command);
        let tried = let_due_happen_with(&self.bank, &mut self.model, self.now, Some((&command, &answer)));
        self.movements.extend(tried);
        self.done.push(command);
        self.catch_up()
    }

    fn catch_up(mut self) -> Self {
        let tried = let_due_happen(&self.bank, &mut self.model, self.now);
        self.movements.extend(tried);
        self
    }

    fn compare(self) -> Self {
        self.model.check_accounts(&accounts(&self.bank), self.now);
        self.model.check_holds(&self.bank);
        self.model.check_to_verify(&self.bank);
        self.check_question();
        self.model.check_schedules(&self.bank);
        let durable = self.bank.stats().durable.get();
        assert_eq!(durable, self.model.position, "one record for each command, and none besides");
        self
    }
}

/// Runs a script against the bank and the model.
fn follow(bank: Bank, court: &Court, clock: &SteppedClock, script: &[Step], reopen: impl Fn(Bank, &dyn Fn()) -> Bank) {
    run(beginning_with(bank, court, clock, reopen), script);
}

/// A new bank.
fn beginning_with<'a, R>(bank: Bank, court: &Court, clock: &'a SteppedClock, reopen: R) -> Pair<'a, R> {
    let mut model = Model::new(ZONE, start());
    model.verifies = true;
    Pair {
        bank,
        model,
        clock,
        now: start(),
        reopen,
        court: court.clone(),
        one_at_a_time: false,
        holds: Vec::new(),
        schedules: 0,
        done: Vec::new(),
        movements: Vec::new(),
        last_recorded_at: Timestamp::default(),
    }
}

fn run<R: Fn(Bank, &dyn Fn()) -> Bank>(mut pair: Pair<'_, R>, script: &[Step]) {
    let begin = beginning().into_iter().map(Step::Do);
    for (count, step) in begin.chain(script.iter().cloned()).enumerate() {
        pair = pair.step(count, step);
        pair.check_question();
    }
    let pair = pair.compare().step(0, Step::Reopen);
    block_on(pair.bank.close()).unwrap();
}

fn config(usual: u32) -> ProptestConfig {
    ProptestConfig { cases: cases(usual), max_shrink_iters: 2_000, ..ProptestConfig::with_source_file(file!()) }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn a_bank_in_memory_is_the_naive_model(script in scripts(120)) {
        let (clock, court) = (SteppedClock::starting_at(start()), Court::default());
        let reopen = |bank: Bank, meanwhile: &dyn Fn()| {
            meanwhile();
            bank
        };
        follow(builder(&clock, &court).in_memory().unwrap(), &court, &clock, &script, reopen);
    }
}

proptest! {
    #![proptest_config(config(20))]

    /// Every hold awaits a verifier that is asked about one at a time, while others settle, void and amend holds, and
    /// some expire.
    #[test]
    fn holds_are_verified_one_at_a_time(mut script in scripts(100)) {
        for step in &mut script {
            if let Step::Do(Command::PlaceHold(place)) = step {
                place.verify = true;
            }
        }
        let (clock, court) = (SteppedClock::starting_at(start()), Court::default());
        let reopen = |bank: Bank, meanwhile: &dyn Fn()| {
            meanwhile();
            bank
        };
        let bank = builder(&clock, &court).max_verifying(1).in_memory().unwrap();
        run(Pair { one_at_a_time: true, ..beginning_with(bank, &court, &clock, reopen) }, &script);
    }
}

proptest! {
    #![proptest_config(config(16))]

    #[test]
    fn a_restless_bank_on_disk_is_the_naive_model(script in scripts(80)) {
        let directory = tempfile::tempdir().unwrap();
        let (clock, court) = (SteppedClock::starting_at(start()), Court::default());
        let path = directory.path().join("bank");
        let reopen = |bank: Bank, meanwhile: &dyn Fn()| {
            block_on(bank.close()).unwrap();
            meanwhile();
            restless(&clock, &court, &path)
        };
        follow(restless(&clock, &court, &path), &court, &clock, &script, reopen);
        // After every record of the journal: no money is created, nobody is below the overdraft, every hold is covered.
        let report = check(&path, Options { deep: true }).unwrap();
        prop_assert!(report.state.contains("agrees with a replay from zero"), "{}", report.state);
    }
}
