//! What follows a refused attempt.

use jangbu_actors::command::{CashPosting, ChangeAccount, OpenAccount, Transfer};
use jangbu_actors::ledger::{
    AccountType, CatchUp, Change, CommandId, Currency, End, Freeze, OwnerId, Retry, ScheduleStatus, TypeCode,
};

use crate::support::{Scene, balance, daily, number, runs, set, standing, told, won};

const HOURLY: Retry = Retry { attempts: 3, interval_s: 3_600 };

fn poor() -> (Scene, jangbu_actors::blocking::Bank) {
    let (scene, bank) = Scene::new();
    bank.withdraw(CashPosting::new(number("A"), won(1_000_000))).unwrap();
    (scene, bank)
}

#[test]
fn an_attempt_without_money_is_retried_until_it_succeeds() {
    let (scene, bank) = poor();
    let id = set(&bank, daily().with_retry(HOURLY));
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    scene.go_to(&bank, "2026-11-02T09:59+09:00");
    // The bank is closed between two attempts.
    let bank = scene.reopen_at(bank, "2026-11-02T10:05+09:00");
    bank.run_due().unwrap();
    let bank = scene.reopen_at(bank, "2026-11-02T10:30+09:00");
    bank.deposit(CashPosting::new(number("A"), won(5_000))).unwrap();
    bank.run_due().unwrap();
    assert_eq!(balance(&bank, "B"), 0, "it is not yet time");
    scene.go_to(&bank, "2026-11-02T11:05+09:00");
    let expected = ["11-02 09:00 insufficient_funds 1", "11-02 09:00 insufficient_funds 2", "11-02 09:00 posted 3"];
    assert_eq!(told(&bank, id), expected);
    scene.go_to(&bank, "2026-11-03T09:00+09:00");
    assert_eq!(balance(&bank, "B"), 2_000);
    scene.end(bank);
}

#[test]
fn retries_end_and_the_next_occurrence_starts_afresh() {
    let (scene, bank) = poor();
    let id = set(&bank, daily().with_retry(Retry { attempts: 1, interval_s: 3_600 }).with_end(End::AfterRuns(2)));
    for hour in ["02T09", "02T10", "02T12", "03T09", "03T10", "04T09"] {
        scene.go_to(&bank, &format!("2026-11-{hour}:00+09:00"));
    }
    let expected = ["11-02 09:00 insufficient_funds 1", "11-02 09:00 insufficient_funds 2"];
    assert_eq!(told(&bank, id)[..2], expected);
    assert_eq!((told(&bank, id).len(), standing(&bank, id).progress.failed), (4, 2));
    assert_eq!(standing(&bank, id).progress.status, ScheduleStatus::Completed);
    scene.end(bank);
}

#[test]
fn other_refusals_end_the_occurrence() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, daily().with_retry(HOURLY));
    let freeze = |debits| {
        let change = Change::Freeze(Freeze { debits, credits: false });
        bank.change_account(ChangeAccount { id: CommandId::random(), account: number("A"), change }).unwrap();
    };
    freeze(true);
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    freeze(false);
    scene.go_to(&bank, "2026-11-02T12:00+09:00");
    assert_eq!(told(&bank, id), ["11-02 09:00 account_frozen 1"]);
    scene.go_to(&bank, "2026-11-03T09:00+09:00");
    assert_eq!(balance(&bank, "B"), 1_000);
    scene.end(bank);
}

#[test]
fn a_used_up_daily_limit_is_retried() {
    let (scene, bank) = Scene::new();
    let code = TypeCode::new("small").unwrap();
    let mut small = AccountType::new(code, "small", Currency::krw());
    small.limit_per_day = Some(won(1_500));
    bank.set_type(small).unwrap();
    let owner = OwnerId::new("joon").unwrap();
    bank.open_account(OpenAccount::new(owner).with_number(number("S")).with_type(code)).unwrap();
    bank.deposit(CashPosting::new(number("S"), won(10_000))).unwrap();
    let mut order = daily().with_retry(Retry { attempts: 1, interval_s: 16 * 3_600 });
    order.from = number("S");
    let id = set(&bank, order);
    scene.go_to(&bank, "2026-11-02T00:00+09:00");
    bank.transfer(Transfer::new(number("S"), number("A"), won(600))).unwrap();
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    scene.go_to(&bank, "2026-11-03T01:00+09:00");
    assert_eq!(told(&bank, id), ["11-02 09:00 limit_per_day 1", "11-02 09:00 posted 2"]);
    scene.end(bank);
}

#[test]
fn up_to_an_amount_moves_what_is_available() {
    let (scene, bank) = poor();
    let id = set(&bank, daily().up_to().with_catch_up(CatchUp::All).with_retry(HOURLY));
    bank.deposit(CashPosting::new(number("A"), won(1_300))).unwrap();
    scene.go_to(&bank, "2026-11-03T09:00+09:00");
    assert_eq!((balance(&bank, "A"), balance(&bank, "B")), (0, 1_300));
    let moved: Vec<_> = runs(&bank, id)
        .iter()
        .map(|run| match &run.outcome {
            jangbu_actors::ledger::RunOutcome::Posted { attempt, position } => {
                let movement = bank.movement(attempt.id).unwrap().unwrap();
                assert_eq!(movement.position, *position, "each attempt has an id of its own");
                movement.amount.minor_units()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(moved, [1_000, 300]);
    scene.go_to(&bank, "2026-11-04T09:00+09:00");
    assert_eq!(told(&bank, id)[2], "11-04 09:00 insufficient_funds 1", "nothing is less than one");
    scene.end(bank);
}
