//! Commands that wait for each other, name each other or come in crowds: each is answered, and nothing deadlocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures::executor::block_on;
use jangbu_actors::Bank;
use jangbu_actors::clock::Clock;
use jangbu_actors::command::{AmendHold, Command, Linked, PlaceHold, Reverse, SettleHold, Step, VoidHold};
use jangbu_actors::ledger::{CommandId, Refusal, Timestamp};

use crate::model::Answer;
use crate::support::{ask, currency, deposit, hold, id, number, open, opening, pay, refused, run, settle, sum, won};

fn bank() -> Bank {
    let bank = Bank::in_memory().unwrap();
    run(&bank, ["A", "B", "C"].map(|text| opening(open(text))));
    run(&bank, [deposit("A", 1_000), deposit("B", 1_000)]);
    bank
}

/// Submits a batch on a separate thread and gives up after half a minute, because a command that is never answered
/// would block the test forever.
fn in_time(bank: &Bank, batch: Vec<Command>) -> Vec<Answer> {
    let (done, answers) = std::sync::mpsc::channel();
    let handle = bank.clone();
    std::thread::spawn(move || done.send(block_on(handle.submit(batch)).unwrap()));
    answers.recv_timeout(std::time::Duration::from_secs(30)).expect("an answer")
}

fn why(answer: &Answer) -> &'static str {
    match answer {
        Err(Refusal::Linked { refusal, .. }) => refusal.code(),
        Err(refusal) => refusal.code(),
        Ok(_) => "done",
    }
}

#[test]
fn commands_that_name_each_other_as_holds_are_all_answered() {
    let bank = bank();
    let (linked, settled) = (id(1), id(2));
    let placed = hold("A", "B", 10);
    let steps = [placed.id(), settled].map(Step::settle);
    let batch = vec![
        placed,
        Command::Linked(Linked::new(steps.to_vec()).with_id(linked)),
        Command::SettleHold(SettleHold::all(linked).with_id(settled)),
    ];
    let answers = in_time(&bank, batch);
    assert_eq!(answers.iter().map(why).collect::<Vec<_>>(), ["done", "hold_unknown", "hold_unknown"]);
    block_on(bank.close()).unwrap();
}

#[test]
fn commands_that_name_themselves_are_refused() {
    let bank = bank();
    let own = |count| id(count);
    let itself = Step::void(own(3));
    let cases = [
        ("hold_unknown", Command::SettleHold(SettleHold::all(own(1)).with_id(own(1)))),
        ("hold_unknown", Command::VoidHold(VoidHold::new(own(2)).with_id(own(2)))),
        ("hold_unknown", Command::Linked(Linked::new(vec![itself]).with_id(own(3)))),
        ("not_reversible", Command::Reverse(Box::new(Reverse::all(own(4)).with_id(own(4))))),
        ("not_reversible", Command::Linked(Linked::new(vec![Step::reverse(own(6), 0)]).with_id(own(6)))),
        (
            "hold_unknown",
            Command::AmendHold(Box::new(AmendHold {
                id: own(5),
                hold: own(5).into(),
                raise_to: None,
                expires_at: None,
            })),
        ),
    ];
    for (code, command) in cases {
        assert_eq!(in_time(&bank, vec![command.clone()]).iter().map(why).collect::<Vec<_>>(), [code], "{command:?}");
    }
    block_on(bank.close()).unwrap();
}

#[test]
fn commands_that_reverse_each_other_are_all_answered() {
    let bank = bank();
    let group = |name, steps: &[(u64, u8)]| {
        let steps = steps.iter().map(|(original, step)| Step::reverse(id(*original), *step));
        let steps = [Step::transfer(number("A"), number("B"), won(1))].into_iter().chain(steps);
        Command::Linked(Linked::new(steps.collect()).with_id(id(name)))
    };
    let reverse = |name, original| Command::Reverse(Box::new(Reverse::all(id(original)).with_id(id(name))));
    run(&bank, [group(1, &[]), group(2, &[])]);
    let batch = vec![
        // Each reverses a movement of the other, for which it cannot wait. Both are in flight, because another original
        // is looked up first.
        group(3, &[(1, 0), (4, 0)]),
        group(4, &[(2, 0), (3, 0)]),
        // The same two originals in either order, and each alone.
        group(5, &[(1, 0), (2, 0)]),
        group(6, &[(2, 0), (1, 0)]),
        reverse(7, 1),
        reverse(8, 2),
    ];
    let answers = in_time(&bank, batch);
    let expected =
        ["not_reversible", "not_reversible", "done", "reversal_too_large", "reversal_too_large", "reversal_too_large"];
    assert_eq!(answers.iter().map(why).collect::<Vec<_>>(), expected);
    block_on(bank.close()).unwrap();
}

#[test]
fn a_long_chain_of_commands_about_each_other_does_not_exhaust_the_stack() {
    let bank = bank();
    // The first is placed from an account that has to be loaded or refused; each of the others names the previous one.
    let mut batch = vec![hold("C", "B", 10)];
    for _ in 0..2_000 {
        let before = batch.last().unwrap().id();
        batch.push(settle(before));
    }
    let answers = in_time(&bank, batch);
    assert_eq!(why(&answers[0]), "insufficient_funds");
    assert!(answers[1..].iter().all(|answer| why(answer) == "hold_unknown"));
    block_on(bank.close()).unwrap();
}

#[test]
fn a_crowd_of_refused_groups_behind_one_account_does_not_exhaust_the_stack() {
    let directory = tempfile::tempdir().unwrap();
    let bank = Bank::open(directory.path()).unwrap();
    run(&bank, ["A", "B"].map(|text| opening(open(text))));
    run(&bank, [opening(open("D").with_currency(currency("USD"))), deposit("A", 10)]);
    block_on(bank.close()).unwrap();
    let bank = Bank::open(directory.path()).unwrap();
    // All wait for the account to be loaded, and are refused as soon as it is.
    let mixed = || Command::Linked(Linked::new(vec![Step::transfer(number("A"), number("D"), won(1))]));
    let answers = in_time(&bank, (0..2_000).map(|_| mixed()).collect());
    assert!(answers.iter().all(|answer| why(answer) == "currency_mismatch"));
    block_on(bank.close()).unwrap();
}

#[test]
fn a_crowd_of_groups_about_one_hold_settles_it_once() {
    let bank = bank();
    let placed = hold("A", "B", 10);
    let group = || Command::Linked(Linked::settle_all([placed.id()]));
    let mut batch = vec![placed.clone()];
    batch.extend((0..2_000).map(|_| group()));
    let answers = in_time(&bank, batch);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 2);
    assert!(answers[2..].iter().all(|answer| why(answer) == "hold_settled"));
    block_on(bank.close()).unwrap();
}

#[test]
fn a_group_that_names_the_cash_account_does_not_wait_for_it_to_be_idle() {
    // With separate workers, the accounts are rarely all idle at once.
    let bank = Bank::builder().workers(3).in_memory().unwrap();
    run(&bank, ["A", "B"].map(|text| opening(open(text))));
    let mut positions = Vec::new();
    for _ in 0..8 {
        let to_cash = Command::Linked(Linked::new(vec![Step::transfer(number("A"), number("CASH-KRW"), won(1))]));
        let mut batch: Vec<_> = (0..2_000).map(|_| deposit("B", 1)).collect();
        // After the group, in the queue of the account that it has locked.
        batch.extend([to_cash, deposit("A", 1)]);
        batch.extend((0..6_000).map(|_| deposit("B", 1)));
        let before = bank.stats().durable.get();
        let answers = in_time(&bank, batch);
        assert_eq!(why(&answers[2_000]), "system_account");
        positions.push(answers[2_001].as_ref().unwrap().position().get() - before);
    }
    // A busy machine can delay a worker's thread for some thousand deposits, but not time after time.
    let early = positions.iter().filter(|position| **position < 6_000).count();
    assert!(early >= 4, "the other deposits came first: {positions:?}");
    block_on(bank.close()).unwrap();
}

#[test]
fn a_step_can_use_the_room_made_by_an_earlier_step() {
    const MOST: u64 = (1 << 53) - 1;
    let bank = Bank::in_memory().unwrap();
    run(&bank, ["A", "B"].map(|text| opening(open(text))));
    run(&bank, [deposit("A", MOST)]);
    let step = |from: &str, to: &str| Step::transfer(number(from), number(to), won(10));
    let there_and_back = Command::Linked(Linked::new(vec![step("A", "B"), step("B", "A")]));
    assert_eq!(why(&ask(&bank, &there_and_back)), "done");
    assert_eq!(sum(&bank), 0);
    block_on(bank.close()).unwrap();
}

#[test]
fn an_amendment_into_the_past_is_refused_first() {
    let bank = bank();
    let placed = hold("A", "B", 10);
    run(&bank, [placed.clone()]);
    let past = "2020-01-01T00:00:00Z".parse().unwrap();
    let amend = |hold: CommandId, raise_to: u64| {
        let hold = hold.into();
        let raise_to = Some(won(raise_to));
        Command::AmendHold(Box::new(AmendHold { id: CommandId::random(), hold, raise_to, expires_at: Some(past) }))
    };
    assert_eq!(refused(ask(&bank, &amend(placed.id(), 1))).code(), "expiry_passed", "not hold_lowered");
    assert_eq!(refused(ask(&bank, &amend(id(77), 1))).code(), "expiry_passed", "not hold_unknown");
    block_on(bank.close()).unwrap();
}

#[test]
fn two_active_accounts_are_enough_for_groups_of_many() {
    for workers in [1, 3] {
        let directory = tempfile::tempdir().unwrap();
        let bank = Bank::builder().workers(workers).max_active_accounts(2).open(directory.path()).unwrap();
        let names: Vec<String> = (0..20).map(|count| format!("N{count}")).collect();
        run(&bank, names.iter().map(|name| opening(open(name))));
        run(&bank, names.iter().map(|name| deposit(name, 100)));
        // Groups over all accounts in both directions, and transfers and holds between them.
        let chain = |names: &[String], forth: bool| {
            let step = |pair: &[String]| {
                let (from, to) = if forth { (&pair[0], &pair[1]) } else { (&pair[1], &pair[0]) };
                Step::transfer(number(from), number(to), won(1))
            };
            Command::Linked(Linked::new(names.windows(2).map(step).collect()))
        };
        let mut batch = Vec::new();
        for round in 0..20 {
            batch.push(chain(&names, round % 2 == 0));
            batch.push(pay(&names[round % 20], &names[(round * 7 + 1) % 20], 1));
            let placed = hold(&names[(round * 3) % 20], &names[(round * 5 + 1) % 20], 1);
            batch.push(placed.clone());
            batch.push(Command::Linked(Linked::settle_all([placed.id()])));
        }
        let answers = in_time(&bank, batch.clone());
        for (command, answer) in batch.iter().zip(&answers) {
            assert!(["done", "same_account", "hold_unknown"].contains(&why(answer)), "{command:?}: {answer:?}");
        }
        assert_eq!(sum(&bank), 0);
        block_on(bank.close()).unwrap();
    }
}

#[test]
fn sixty_four_steps_over_three_accounts_are_one_record() {
    let bank = bank();
    let ring = ["A", "B", "C"];
    let step = |count: usize| Step::transfer(number(ring[count % 3]), number(ring[(count + 1) % 3]), won(3));
    let linked = |count: usize| Command::Linked(Linked::new((0..count).map(step).collect()));
    let before = bank.stats().durable;
    run(&bank, [linked(64)]);
    assert_eq!(bank.stats().durable, before.next());
    assert!(block_on(bank.submit(vec![linked(65)])).is_err() && block_on(bank.submit(vec![linked(0)])).is_err());
    assert_eq!(sum(&bank), 0);
    block_on(bank.close()).unwrap();
}

#[test]
fn a_raised_hold_waits_its_turn_behind_debits_under_way() {
    let bank = bank();
    let placed = hold("A", "B", 100);
    run(&bank, [placed.clone()]);
    let raise =
        |to| AmendHold { id: CommandId::random(), hold: placed.id().into(), raise_to: Some(won(to)), expires_at: None };
    let batch =
        vec![pay("A", "B", 500), Command::AmendHold(Box::new(raise(500))), Command::AmendHold(Box::new(raise(501)))];
    let answers = in_time(&bank, batch);
    assert_eq!(answers.iter().map(why).collect::<Vec<_>>(), ["done", "done", "insufficient_funds"]);
    let placed = PlaceHold::new(number("A"), number("B"), won(1));
    assert_eq!(why(&ask(&bank, &Command::PlaceHold(Box::new(placed)))), "insufficient_funds");
    block_on(bank.close()).unwrap();
}

/// A clock that is an hour ahead for some readings, and then back for some.
struct Unsteady(AtomicI64);

impl Clock for Unsteady {
    fn now(&self) -> Timestamp {
        let looks = self.0.fetch_add(1, Ordering::SeqCst);
        Timestamp::from_ns((1_800_000_000 + looks * 10 + i64::from(looks % 7 < 3) * 3_600) * 1_000_000_000)
    }
}

#[test]
fn a_hold_is_stored_as_answered_even_if_the_clock_goes_back() {
    let directory = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(Unsteady(AtomicI64::new(0)));
    let reopened = || Bank::builder().clock(Arc::clone(&clock)).open(directory.path()).unwrap();
    let bank = reopened();
    run(&bank, ["A", "B"].map(|text| opening(open(text))));
    run(&bank, [deposit("A", 100)]);
    run(&bank, (0..20).map(|_| hold("A", "B", 1)));
    let holds = block_on(bank.holds(number("A"))).unwrap();
    let snapshot = block_on(bank.snapshot(number("A"))).unwrap();
    block_on(bank.close()).unwrap();
    // From the journal alone.
    std::fs::remove_dir_all(directory.path().join("state")).unwrap();
    let bank = reopened();
    assert_eq!(block_on(bank.holds(number("A"))).unwrap(), holds);
    assert_eq!(block_on(bank.snapshot(number("A"))).unwrap().holds, snapshot.holds);
    block_on(bank.close()).unwrap();
}

/// A clock that advances with every reading.
struct Rushing(AtomicI64);

impl Clock for Rushing {
    fn now(&self) -> Timestamp {
        Timestamp::from_ns(self.0.fetch_add(1_000_000, Ordering::SeqCst))
    }

    fn patience(&self) -> std::time::Duration {
        std::time::Duration::from_millis(1)
    }
}

#[test]
fn a_closing_bank_starts_nothing_that_falls_due() {
    let began = 1_800_000_000_000_000_000;
    for _ in 0..12 {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(Rushing(AtomicI64::new(began)));
        let bank = Bank::builder().clock(Arc::clone(&clock) as _).open(directory.path()).unwrap();
        run(&bank, ["A", "B"].map(|text| opening(open(text))));
        run(&bank, [deposit("A", 1_000)]);
        let now = clock.now();
        // From now on, something falls due with nearly every reading.
        let batch = (10..800).map(|ms| match hold("A", "B", 1) {
            Command::PlaceHold(placed) => {
                Command::PlaceHold(Box::new(placed.with_expiry(Timestamp::from_ns(now.as_ns() + ms * 1_000_000))))
            }
            other => other,
        });
        block_on(bank.submit(batch.collect())).unwrap();
        assert_eq!(block_on(bank.close()), Ok(()));
    }
}
