//! Random scripts, one command at a time: every answer, every balance and every figure is the naive model's, in memory
//! and on a disk, whatever is retired, reloaded, checkpointed and reopened meanwhile.

use std::path::Path;
use std::sync::Arc;

use futures::executor::block_on;
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::Command;
use jangbu_actors::ledger::Timestamp;
use jangbu_actors::{Bank, Builder};
use proptest::prelude::*;

use crate::compare::check_answer;
use crate::model::Model;
use crate::script::{Step, beginning, scripts, with_id};
use crate::support::{accounts, ask, id, moment};

const ZONE: &str = "Asia/Seoul";

fn start() -> Timestamp {
    // Ten minutes before midnight in Seoul.
    moment("2026-11-21T14:50:00Z")
}

fn builder(clock: &Arc<SteppedClock>) -> Builder {
    Bank::builder().clock(Arc::clone(clock) as _).time_zone(ZONE)
}

/// Few active accounts, small segments and a checkpoint every few records, so that all of it happens all the time.
fn restless(clock: &Arc<SteppedClock>, path: &Path) -> Bank {
    let builder = builder(clock).max_active_accounts(4).segment_bytes(16 * 1024).checkpoint_records(7);
    builder.open(path).unwrap()
}

/// Runs a script against the bank and the model; `reopen` closes the bank and opens it again.
fn follow(mut bank: Bank, clock: &SteppedClock, script: &[Step], reopen: impl Fn(Bank) -> Bank) {
    let mut model = Model::new(ZONE);
    let mut now = start();
    let mut done: Vec<Command> = Vec::new();
    let mut last_recorded_at = Timestamp::default();
    let begin = beginning().into_iter().map(Step::Do);
    for (count, step) in begin.chain(script.iter().cloned()).enumerate() {
        let command = match step {
            Step::Do(command) => with_id(command, id(count as u64)),
            Step::Again(index) => index.get(&done).clone(),
            Step::Reuse(index, command) => with_id(command, index.get(&done).id()),
            Step::Clock(minutes) => {
                now = Timestamp::from_ns(now.as_ns() + minutes * 60_000_000_000);
                clock.set(now);
                continue;
            }
            Step::Reopen => {
                bank = reopen(bank);
                model.check_accounts(&accounts(&bank), now);
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
    assert_eq!(bank.stats().durable.get(), model.position, "one record for each command, and none besides");
    let bank = reopen(bank);
    model.check_accounts(&accounts(&bank), now);
    block_on(bank.close()).unwrap();
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, max_shrink_iters: 2_000, ..ProptestConfig::with_source_file(file!()) }
}

proptest! {
    #![proptest_config(config(150))]

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
