//! Scripts submitted by several callers at once: what comes out is what the naive model says of the same commands in the
//! order of the journal, to the last figure, and every prefix of that order is sound.

use std::collections::BTreeMap;

use futures::executor::block_on;
use jangbu_actors::Bank;
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::Command;
use jangbu_actors::ledger::{CommandId, Position, Refusal};
use proptest::prelude::*;

use crate::compare::check_answer;
use crate::model::{Answer, Model};
use crate::script::{account_commands, beginning, with_id};
use crate::support::{accounts, ask, id, moment};

const NOON: &str = "2026-11-21T03:00:00Z";

/// Submits each caller's commands in batches of 8, all callers at once.
fn submit_at_once(bank: &Bank, callers: &[Vec<Command>]) -> Vec<(Command, Answer)> {
    let submit = |commands: &Vec<Command>| {
        let batches = commands.chunks(8).map(<[Command]>::to_vec);
        let answers = batches.flat_map(|batch| block_on(bank.submit(batch)).unwrap());
        commands.iter().cloned().zip(answers).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = callers.iter().map(|commands| scope.spawn(move || submit(commands))).collect();
        running.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    })
}

/// Where the journal has each refused movement.
fn refused_movements(bank: &Bank) -> BTreeMap<CommandId, Position> {
    let (mut found, mut after) = (BTreeMap::new(), None);
    loop {
        let page = block_on(bank.movements(None, None, after, 1_000)).unwrap();
        let refused = page.data.iter().filter(|movement| movement.refusal.is_some());
        found.extend(refused.map(|movement| (movement.id, movement.position)));
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

fn check(builder: jangbu_actors::Builder, callers: &[Vec<Command>], directory: Option<&std::path::Path>) {
    let now = moment(NOON);
    let builder = builder.clock(SteppedClock::starting_at(now));
    let open = || match directory {
        Some(path) => builder.clone().open(path).unwrap(),
        None => builder.clone().in_memory().unwrap(),
    };
    let bank = open();
    let mut model = Model::new("Asia/Seoul");
    for command in beginning() {
        check_answer(&command, &ask(&bank, &command), &model.execute(&command, now));
    }
    let refused = refused_movements(&bank);
    assert!(refused.is_empty());
    let answers = submit_at_once(&bank, callers);
    let refused = refused_movements(&bank);
    let mut first: BTreeMap<Position, (Command, Answer)> = BTreeMap::new();
    let mut by_id: BTreeMap<CommandId, (Command, Answer)> = BTreeMap::new();
    for (command, answer) in answers.iter().filter(|(_, answer)| *answer != Err(Refusal::IdReused)) {
        let (same, again) = by_id.entry(command.id()).or_insert_with(|| (command.clone(), answer.clone()));
        assert_eq!((&*same, &*again), (command, answer), "one command and one answer for an id");
        let position = match answer {
            Ok(outcome) => Some(outcome.position()),
            // A refused change of an account moved nothing, and no call tells where the journal has it.
            Err(_) => refused.get(&command.id()).copied(),
        };
        first.extend(position.map(|position| (position, (command.clone(), answer.clone()))));
    }
    for (command, answer) in answers.iter().filter(|(_, answer)| *answer == Err(Refusal::IdReused)) {
        assert_ne!(&by_id[&command.id()].0, command, "{answer:?}");
    }
    for (position, (command, answer)) in &first {
        model.position = position.get() - 1;
        check_answer(command, answer, &model.execute(command, now));
        model.check_sums();
    }
    model.check_accounts(&accounts(&bank), now);
    if directory.is_some() {
        block_on(bank.close()).unwrap();
        let bank = open();
        model.check_accounts(&accounts(&bank), now);
        block_on(bank.close()).unwrap();
    }
}

/// Commands for four callers. One id in sixteen is one that another command has too.
fn callers() -> impl Strategy<Value = Vec<Vec<Command>>> {
    let shared = || prop_oneof![15 => Just(None), 1 => (0..6u64).prop_map(Some)];
    let caller = prop::collection::vec((account_commands(), shared()), 20..120);
    prop::collection::vec(caller, 4).prop_map(|callers| {
        let name = |(caller, commands): (usize, Vec<(Command, Option<u64>)>)| {
            let own = |count: usize| id((caller * 1_000 + count + 100) as u64);
            let commands = commands.into_iter().enumerate();
            commands.map(|(count, (command, shared))| with_id(command, shared.map_or(own(count), id))).collect()
        };
        callers.into_iter().enumerate().map(name).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn callers_at_once_are_a_serial_order(callers in callers(), workers in prop::sample::select(vec![1, 3])) {
        check(Bank::builder().workers(workers), &callers, None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn so_they_are_while_accounts_come_and_go(callers in callers(), workers in prop::sample::select(vec![1, 3])) {
        let directory = tempfile::tempdir().unwrap();
        let builder = Bank::builder().workers(workers).max_active_accounts(4).segment_bytes(16 * 1024).checkpoint_records(20);
        check(builder, &callers, Some(directory.path()));
    }
}
