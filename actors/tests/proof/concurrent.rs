//! Scripts submitted by several callers concurrently: the outcome is that of the naive model for the same commands in
//! journal order, to the last figure, and every prefix of that order is sound.

use std::collections::BTreeMap;

use futures::executor::block_on;
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::Command;
use jangbu_actors::ledger::{CommandId, Position, Refusal, Timestamp};
use jangbu_actors::{Bank, check};
use proptest::prelude::*;

use crate::compare::check_answer;
use crate::model::{Answer, Expected, Model};
use crate::promises::{aim, hold_id, is_movement, placed_by};
use crate::script::{account_commands, beginning, with_id};
use crate::support::{accounts, ask, cases, id, moment};

const NOON: &str = "2026-11-21T03:00:00Z";

/// Submits each caller's commands in batches of 8, all callers concurrently.
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

/// Returns the journal positions of refused movements.
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

fn proves(builder: jangbu_actors::Builder, callers: &[Vec<Command>], directory: Option<&std::path::Path>) {
    let now = moment(NOON);
    let builder = builder.clock(SteppedClock::starting_at(now));
    let open = || match directory {
        Some(path) => builder.clone().open(path).unwrap(),
        None => builder.clone().in_memory().unwrap(),
    };
    let bank = open();
    let mut model = Model::new("Asia/Seoul", now);
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
            // A refused change of an account moved nothing, and no call returns its position.
            Err(_) => refused.get(&command.id()).copied(),
        };
        first.extend(position.map(|position| (position, (command.clone(), answer.clone()))));
    }
    for (command, answer) in answers.iter().filter(|(_, answer)| *answer == Err(Refusal::IdReused)) {
        assert_ne!(&by_id[&command.id()].0, command, "{answer:?}");
    }
    for (position, (command, answer)) in &first {
        model.position = position.get() - 1;
        let before = model.clone();
        let expected = model.execute(command, now);
        if answer.as_ref().err().is_some_and(|refusal| expected != Expected::Refused(refusal.clone()))
            && is_behind(&before, command, answer, now)
        {
            model = before;
        } else {
            check_answer(command, answer, &expected);
        }
        model.check_sums();
    }
    model.check_accounts(&accounts(&bank), now);
    model.check_holds(&bank);
    if directory.is_some() {
        block_on(bank.close()).unwrap();
        let bank = open();
        model.check_accounts(&accounts(&bank), now);
        model.check_holds(&bank);
        block_on(bank.close()).unwrap();
    }
    if let Some(path) = directory {
        let report = check::check(path, check::Options { deep: true }).unwrap();
        assert!(report.state.contains("agrees with a replay from zero"), "{}", report.state);
        let open = model.holds.values().filter(|hold| hold.end.is_none()).count() as u64;
        assert_eq!((report.holds_placed, report.holds_open), (model.holds.len() as u64, open));
    }
}

/// Commands for four callers. One id in sixteen is also used by another command.
fn callers() -> impl Strategy<Value = Vec<Vec<Command>>> {
    let shared = || prop_oneof![15 => Just(None), 1 => (0..6u64).prop_map(Some)];
    let caller = prop::collection::vec((account_commands(), shared()), 20..120);
    prop::collection::vec(caller, 4).prop_map(|callers| {
        // Holds are counted across all callers, so that each caller also draws on those of the others.
        let mut holds = 0;
        let mut name = |caller: usize, count: usize, command: Command, shared: Option<u64>| {
            let own = if matches!(command, Command::PlaceHold(_)) {
                holds += 1;
                hold_id(holds - 1)
            } else {
                id((caller * 1_000 + count + 100) as u64)
            };
            with_id(command, shared.map_or(own, id))
        };
        let mut named: Vec<Vec<Command>> = Vec::new();
        for (caller, commands) in callers.into_iter().enumerate() {
            let commands = commands.into_iter().enumerate();
            named.push(commands.map(|(count, (command, shared))| name(caller, count, command, shared)).collect());
        }
        let movements: Vec<_> =
            named.iter().flatten().filter(|command| is_movement(command)).map(Command::id).collect();
        let holds: Vec<_> = named.iter().flatten().flat_map(placed_by).collect();
        let aimed = |(place, command): (usize, Command)| {
            // Those near the same place in the scripts, which are in flight at the same time.
            let (holds, movements) =
                (&holds[..holds.len() * (place + 4).min(60) / 60], &movements[..movements.len().min(place * 4 + 1)]);
            aim(command, holds, movements)
        };
        named.into_iter().map(|commands| commands.into_iter().enumerate().map(aimed).collect()).collect()
    })
}

/// Returns whether a refusal comes from an account that did not include the proceeds of the last few holds yet, and was
/// right without them.
///
/// The account that pays a hold decides a draw alone, and the draw is recorded at once, so the sender may spend what
/// came back. The receiver gets its part directly afterwards, and may have refused another command just before, whose
/// record comes later. Nobody had been told of the draw by then, and a refusal changes nothing: if it is ordered before
/// the draw, everything is as answered (decision 0017).
fn is_behind(model: &Model, command: &Command, answer: &Answer, now: Timestamp) -> bool {
    let account = match (command, answer) {
        (Command::Transfer(asked), Err(Refusal::InsufficientFunds { .. })) if !asked.at_most => asked.from,
        (Command::Withdrawal(asked), Err(Refusal::InsufficientFunds { .. })) => asked.account,
        (Command::PlaceHold(asked), Err(Refusal::InsufficientFunds { .. })) => asked.from,
        (
            Command::Transfer(_) | Command::Deposit(_) | Command::PlaceHold(_),
            Err(Refusal::BalanceLimit { number, .. }),
        ) => *number,
        _ => return false,
    };
    model.behind(account).any(|mut earlier| match (earlier.execute(command, now), answer) {
        (Expected::Refused(expected), Err(refusal)) => expected == *refusal,
        _ => false,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(60), max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn callers_at_once_are_a_serial_order(callers in callers(), workers in prop::sample::select(vec![1, 3])) {
        proves(Bank::builder().workers(workers), &callers, None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(10), max_shrink_iters: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn so_they_are_while_accounts_come_and_go(callers in callers(), workers in prop::sample::select(vec![1, 3])) {
        let directory = tempfile::tempdir().unwrap();
        let builder = Bank::builder().workers(workers).max_active_accounts(4).segment_bytes(16 * 1024).checkpoint_records(20);
        proves(builder, &callers, Some(directory.path()));
    }
}
