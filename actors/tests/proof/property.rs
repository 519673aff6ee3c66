//! Random scripts, one command at a time: every answer, every balance and every figure is the naive model's, in memory
//! and on a disk, whatever is retired, reloaded, checkpointed and reopened meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use jangbu_actors::clock::{Clock, SteppedClock};
use jangbu_actors::command::Command;
use jangbu_actors::ledger::Timestamp;
use jangbu_actors::{Bank, Builder};
use proptest::prelude::*;

use crate::compare::check_answer;
use crate::model::Model;
use crate::promises::{aim, hold_id, is_movement, start};
use crate::script::{Step, beginning, scripts, with_id};
use crate::support::{accounts, ask, id};

const ZONE: &str = "Asia/Seoul";

/// A clock moved by hand that is looked at often.
struct Watched(Arc<SteppedClock>);

impl Clock for Watched {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(1)
    }
}

fn builder(clock: &Arc<SteppedClock>) -> Builder {
    Bank::builder().clock(Arc::new(Watched(Arc::clone(clock)))).time_zone(ZONE)
}

/// Waits until the bank has given back every hold whose time is over, which it does by itself, and lets the model do the
/// same. In which order the bank came to those of one moment, only the bank can tell.
fn let_expire(bank: &Bank, model: &mut Model, now: Timestamp) {
    let mut due = model.due(now);
    let end = model.position + due.len() as u64;
    for _ in 0..5_000 {
        if bank.stats().durable.get() >= end {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(bank.stats().durable.get(), end, "one record for each hold that is over: {due:?}");
    due.sort_by_key(|hold| block_on(bank.hold(*hold)).unwrap().unwrap().ended_at);
    for hold in due {
        model.expire(hold, now);
    }
}

/// Few active accounts, small segments and a checkpoint every few records, so that all of it happens all the time.
fn restless(clock: &Arc<SteppedClock>, path: &Path) -> Bank {
    let builder = builder(clock).max_active_accounts(4).segment_bytes(16 * 1024).checkpoint_records(7);
    builder.open(path).unwrap()
}

/// Runs a script against the bank and the model; `reopen` closes the bank and opens it again.
fn follow(mut bank: Bank, clock: &SteppedClock, script: &[Step], reopen: impl Fn(Bank) -> Bank) {
    let mut now = start();
    let mut model = Model::new(ZONE, now);
    let mut holds = 0;
    let mut done: Vec<Command> = Vec::new();
    let mut last_recorded_at = Timestamp::default();
    let begin = beginning().into_iter().map(Step::Do);
    for (count, step) in begin.chain(script.iter().cloned()).enumerate() {
        let command = match step {
            Step::Do(command @ Command::PlaceHold(_)) => {
                holds += 1;
                with_id(command, hold_id(holds - 1))
            }
            Step::Do(command) => {
                let movements: Vec<_> = done.iter().filter(|done| is_movement(done)).map(Command::id).collect();
                with_id(aim(command, holds, &movements), id(count as u64))
            }
            Step::Again(index) => index.get(&done).clone(),
            Step::Reuse(index, command) => with_id(command, index.get(&done).id()),
            Step::Clock(minutes) => {
                now = Timestamp::from_ns(now.as_ns() + minutes * 60_000_000_000);
                clock.set(now);
                let_expire(&bank, &mut model, now);
                continue;
            }
            Step::Reopen => {
                bank = reopen(bank);
                model.check_accounts(&accounts(&bank), now);
                model.check_holds(&bank);
                continue;
            }
        };
        let answer = ask(&bank, &command);
        let is_new = done.iter().all(|earlier| earlier.id() != command.id());
        check_answer(&command, &answer, &model.execute(&command, now));
        if let (true, Ok(jangbu_actors::command::Outcome::Posted(receipt))) = (is_new, &answer) {
            assert!(receipt.recorded_at > last_recorded_at, "times of recording increase");
            last_recorded_at = receipt.recorded_at;
        }
        done.push(command);
    }
    model.check_accounts(&accounts(&bank), now);
    model.check_holds(&bank);
    assert_eq!(bank.stats().durable.get(), model.position, "one record for each command, and none besides");
    let bank = reopen(bank);
    model.check_accounts(&accounts(&bank), now);
    model.check_holds(&bank);
    block_on(bank.close()).unwrap();
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, max_shrink_iters: 2_000, ..ProptestConfig::with_source_file(file!()) }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn a_bank_in_memory_is_the_naive_model(script in scripts(120)) {
        let clock = SteppedClock::starting_at(start());
        follow(builder(&clock).in_memory().unwrap(), &clock, &script, |bank| bank);
    }
}

proptest! {
    #![proptest_config(config(16))]

    #[test]
    fn a_restless_bank_on_disk_is_the_naive_model(script in scripts(80)) {
        let directory = tempfile::tempdir().unwrap();
        let clock = SteppedClock::starting_at(start());
        let path = directory.path().join("bank");
        let reopen = |bank: Bank| {
            block_on(bank.close()).unwrap();
            restless(&clock, &path)
        };
        follow(restless(&clock, &path), &clock, &script, reopen);
    }
}
