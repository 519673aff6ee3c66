//! Occurrences while the bank was closed, and clocks that go back.

use jangbu_actors::command::{CashPosting, Command, SetSchedule, Transfer};
use jangbu_actors::ledger::{CatchUp, CommandId, Rule};

use crate::support::{Scene, balance, daily, number, order, refusal, set, standing, time, told, won};

#[test]
fn occurrences_missed_in_a_month_run_according_to_catch_up() {
    let (scene, bank) = Scene::new();
    let [all, latest, skip] =
        [CatchUp::All, CatchUp::Latest, CatchUp::Skip].map(|policy| set(&bank, daily().with_catch_up(policy)));
    let bank = scene.reopen_at(bank, "2026-12-01T12:00+09:00");
    bank.run_due().unwrap();
    // From 2 November to 1 December.
    assert_eq!(told(&bank, all).len(), 30);
    assert!(told(&bank, all).iter().all(|run| run.ends_with("09:00 posted 1")));
    assert_eq!(told(&bank, latest), ["11-02 09:00 skipped 29", "12-01 09:00 posted 1"]);
    assert_eq!(told(&bank, skip), ["11-02 09:00 skipped 30"]);
    assert_eq!(balance(&bank, "B"), 31_000);
    scene.go_to(&bank, "2026-12-02T09:30+09:00");
    assert_eq!(balance(&bank, "B"), 34_000, "all go on");
    scene.end(bank);
}

#[test]
fn slightly_late_occurrences_are_not_missed() {
    let (scene, bank) = Scene::new();
    let skip = set(&bank, daily().with_catch_up(CatchUp::Skip));
    let bank = scene.reopen_at(bank, "2026-11-02T10:00+09:00");
    bank.run_due().unwrap();
    assert_eq!(told(&bank, skip), ["11-02 09:00 posted 1"]);
    scene.end(bank);
}

#[test]
fn nothing_runs_again_when_the_clock_goes_back() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, daily());
    scene.go_to(&bank, "2026-11-03T09:00+09:00");
    assert_eq!(balance(&bank, "B"), 1_000);
    scene.go_to(&bank, "2026-11-01T12:00+09:00");
    let bank = scene.reopen_at(bank, "2026-11-02T09:00+09:00");
    for moment in ["2026-11-02T09:00+09:00", "2026-11-03T09:00+09:00", "2026-11-04T08:59+09:00"] {
        scene.go_to(&bank, moment);
        assert_eq!(balance(&bank, "B"), 1_000, "{moment}");
    }
    scene.go_to(&bank, "2026-11-04T09:00+09:00");
    assert_eq!(told(&bank, id), ["11-02 09:00 skipped 1", "11-03 09:00 posted 1", "11-04 09:00 posted 1"]);
    scene.end(bank);
}

#[test]
fn many_orders_that_are_due_at_once_all_run_beside_callers() {
    let (scene, bank) = Scene::new();
    bank.deposit(CashPosting::new(number("A"), won(100_000_000))).unwrap();
    let orders: Vec<SetSchedule> = (0..5_000).map(|_| SetSchedule::new(daily())).collect();
    let ids: Vec<CommandId> = orders.iter().map(|order| order.id).collect();
    bank.submit(orders.into_iter().map(|order| Command::SetSchedule(Box::new(order))).collect()).unwrap();
    let bank = scene.reopen_at(bank, "2026-11-02T12:00+09:00");
    // Callers are answered while the orders run.
    for _ in 0..20 {
        bank.transfer(Transfer::new(number("A"), number("B"), won(1))).unwrap();
    }
    bank.run_due().unwrap();
    assert_eq!(balance(&bank, "B"), 5_000_000 + 20);
    assert!(ids.iter().all(|id| standing(&bank, *id).progress.posted == 1));
    scene.end(bank);
}

#[test]
fn schedules_use_the_latest_recorded_time() {
    let (scene, bank) = Scene::new();
    scene.clock.set(time("2026-11-03T12:00+09:00"));
    bank.deposit(CashPosting::new(number("A"), won(1))).unwrap();
    scene.clock.set(time("2026-11-01T12:00+09:00"));
    let past = SetSchedule::new(order(Rule::Once(time("2026-11-02T12:00+09:00"))));
    assert_eq!(refusal(bank.schedule(past)).code(), "schedule_never_runs");
    let id = set(&bank, daily());
    let pending = standing(&bank, id).progress.pending.unwrap();
    assert_eq!(pending.at, time("2026-11-04T09:00+09:00"));
    scene.end(bank);
}
