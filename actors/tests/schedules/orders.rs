//! Creating, pausing, resuming, cancelling and listing schedules.

use std::sync::Arc;

use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{ChangeSchedule, Command, OpenAccount, SetSchedule};
use jangbu_actors::ledger::{
    BusinessDate, CommandId, Currency, End, OwnerId, Refusal, Rule, ScheduleChange, ScheduleStatus,
};
use jangbu_actors::{Error, StandingOrder};

use crate::support::{Scene, balance, change, daily, nine, number, order, refusal, set, standing, time, told, won};

#[test]
fn the_same_order_twice_is_one() {
    let (scene, bank) = Scene::new();
    let order = SetSchedule::new(daily());
    let first = bank.schedule(order.clone()).unwrap();
    assert_eq!(bank.schedule(order.clone()).unwrap(), first);
    let bank = scene.reopen_at(bank, "2026-11-02T10:00+09:00");
    assert_eq!(bank.schedule(order.clone()).unwrap(), first);
    bank.run_due().unwrap();
    let other = SetSchedule { schedule: daily().up_to(), ..order };
    assert_eq!(refusal(bank.schedule(other)), Refusal::IdReused);
    assert_eq!((bank.schedules(None, 10).unwrap().data.len(), balance(&bank, "B")), (1, 1_000));
    scene.end(bank);
}

#[test]
fn a_paused_schedule_does_nothing_and_skips_its_occurrences() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, daily());
    change(&bank, id, ScheduleChange::Pause);
    scene.go_to(&bank, "2026-11-03T10:00+09:00");
    let bank = scene.reopen_at(bank, "2026-11-05T10:00+09:00");
    bank.run_due().unwrap();
    assert_eq!((balance(&bank, "B"), standing(&bank, id).progress.status), (0, ScheduleStatus::Paused));
    change(&bank, id, ScheduleChange::Resume);
    bank.run_due().unwrap();
    assert_eq!((balance(&bank, "B"), standing(&bank, id).progress.skipped), (0, 4));
    scene.go_to(&bank, "2026-11-06T09:00+09:00");
    assert_eq!(told(&bank, id), ["11-06 09:00 posted 1"]);
    scene.end(bank);
}

#[test]
fn pausing_and_resuming_before_the_moment_changes_nothing_however_often() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, daily());
    // Enough that the due-list is cleaned up.
    let both = [ScheduleChange::Pause, ScheduleChange::Resume];
    let changes = both.into_iter().cycle().take(4_000);
    let changes = changes.map(|change| Command::ChangeSchedule(ChangeSchedule::new(id, change))).collect();
    assert!(bank.submit(changes).unwrap().iter().all(Result::is_ok));
    // A change whose id has to be looked up is decided after later ones of its batch, so the last one may have been a
    // pause.
    bank.change_schedule(ChangeSchedule::new(id, ScheduleChange::Resume)).unwrap();
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    assert_eq!(told(&bank, id), ["11-02 09:00 posted 1"]);
    scene.end(bank);
}

#[test]
fn a_cancelled_schedule_never_runs_again_and_takes_no_more_changes() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, daily());
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    let cancel = ChangeSchedule::new(id, ScheduleChange::Cancel);
    let position = bank.change_schedule(cancel).unwrap();
    assert_eq!(bank.change_schedule(cancel).unwrap(), position, "the same command again");
    let ended = Refusal::ScheduleEnded { schedule: id };
    let again = |bank: &Bank| {
        for change in [ScheduleChange::Pause, ScheduleChange::Resume, ScheduleChange::Cancel] {
            assert_eq!(refusal(bank.change_schedule(ChangeSchedule::new(id, change))), ended);
        }
    };
    again(&bank);
    let bank = scene.reopen_at(bank, "2026-12-02T09:00+09:00");
    bank.run_due().unwrap();
    again(&bank);
    assert_eq!(told(&bank, id), ["11-02 09:00 posted 1"]);
    assert_eq!(standing(&bank, id).progress.status, ScheduleStatus::Cancelled);
    assert!(bank.schedules(None, 10).unwrap().data.is_empty());
    scene.end(bank);
}

#[test]
fn a_change_directly_after_the_end_of_a_schedule_is_refused() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, daily());
    let cancel = || Command::ChangeSchedule(ChangeSchedule::new(id, ScheduleChange::Cancel));
    let answers = bank.submit(vec![cancel(), cancel()]).unwrap();
    assert!(answers[0].is_ok());
    assert_eq!(answers[1], Err(Refusal::ScheduleEnded { schedule: id }));
    scene.end(bank);
}

#[test]
fn a_schedule_that_never_was_is_unknown() {
    let (scene, bank) = Scene::new();
    let schedule = CommandId::derived(b"nothing");
    let unknown = Refusal::ScheduleUnknown { schedule };
    let pause = ChangeSchedule::new(schedule, ScheduleChange::Pause);
    assert_eq!(refusal(bank.change_schedule(pause)), unknown);
    assert_eq!(refusal(bank.schedule_runs(schedule, None, 1)), unknown);
    assert_eq!(bank.standing_order(schedule).unwrap(), None);
    scene.end(bank);
}

#[test]
fn impossible_schedules_are_refused_at_once() {
    let (scene, bank) = Scene::new();
    let dollars = OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number("D"));
    bank.open_account(dollars.with_currency(Currency::new("USD").unwrap())).unwrap();
    let refused = |schedule| refusal(bank.schedule(SetSchedule::new(schedule))).code();
    let from = |account| {
        let mut schedule = daily();
        schedule.from = number(account);
        schedule
    };
    for (schedule, code) in [
        (from("NOBODY"), "account_unknown"),
        (from("B"), "same_account"),
        (from("CASH-KRW"), "system_account"),
        (from("D"), "currency_mismatch"),
        (order(Rule::Once(time("2026-11-01T12:00+09:00"))), "schedule_never_runs"),
        (daily().with_end(End::Until(BusinessDate::from_days(1))), "schedule_never_runs"),
    ] {
        assert_eq!(refused(schedule), code);
    }
    let mut nothing = daily();
    nothing.amount = jangbu_actors::ledger::ScheduledAmount::Exactly(won(0));
    assert_eq!(refused(nothing), "amount_zero");
    let wrong = bank.schedule(SetSchedule::new(daily().with_end(End::AfterRuns(0))));
    assert!(matches!(wrong, Err(Error::Invalid(_))));
    assert!(bank.schedules(None, 10).unwrap().data.is_empty());
    scene.end(bank);
}

#[test]
fn orders_are_listed_in_pages_and_by_account() {
    let (scene, bank) = Scene::new();
    bank.open_account(OpenAccount::new(OwnerId::new("joon").unwrap()).with_number(number("C"))).unwrap();
    let to = |account: &str| {
        let mut schedule = daily();
        schedule.to = number(account);
        schedule
    };
    let mut ids: Vec<CommandId> = (0..7).map(|n| set(&bank, to(if n % 2 == 0 { "B" } else { "C" }))).collect();
    change(&bank, ids.remove(6), ScheduleChange::Cancel);
    ids.sort();
    let listed = |bank: &Bank, account: Option<&str>| {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = match account {
                None => bank.schedules(after, 2).unwrap(),
                Some(account) => bank.schedules_of(number(account), after, 2).unwrap(),
            };
            found.extend(page.data);
            after = page.next;
            if after.is_none() {
                return found;
            }
        }
    };
    let names = |found: &[StandingOrder]| found.iter().map(|order| order.id).collect::<Vec<_>>();
    let before = listed(&bank, None);
    assert_eq!(names(&before), ids);
    let bank = scene.reopen_at(bank, "2026-11-01T13:00+09:00");
    assert_eq!(listed(&bank, None), before, "after a checkpoint");
    assert_eq!(names(&listed(&bank, Some("A"))), ids);
    let of_b: Vec<_> = before.iter().filter(|order| order.schedule.to == number("B")).cloned().collect();
    assert_eq!((of_b.len(), listed(&bank, Some("B"))), (3, of_b));
    let unknown = refusal(bank.schedules_of(number("X"), None, 1));
    assert_eq!(unknown, Refusal::AccountUnknown { number: number("X") });
    assert_eq!(before[0].schedule.start.unwrap().to_string(), "2026-11-01", "the day on which it was made");
    scene.end(bank);
}

#[test]
fn schedules_stay_due_in_a_bank_that_does_not_run_them() {
    let (scene, bank) = Scene::new();
    let (kept, cancelled) = (set(&bank, daily()), set(&bank, order(Rule::monthly(2, nine()))));
    bank.close().unwrap();
    scene.clock.set(time("2026-11-02T10:00+09:00"));
    let builder = jangbu_actors::Bank::builder().run_schedules(false).clock(Arc::clone(&scene.clock) as _);
    let bank = Bank::from(builder.open(scene.path()).unwrap());
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(balance(&bank, "B"), 0);
    change(&bank, cancelled, ScheduleChange::Cancel);
    bank.run_due().unwrap();
    assert_eq!((told(&bank, kept).len(), told(&bank, cancelled).len()), (1, 0));
    // Once, and then they stay due again.
    scene.clock.set(time("2026-11-03T10:00+09:00"));
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(balance(&bank, "B"), 1_000);
    bank.run_due().unwrap();
    assert_eq!(balance(&bank, "B"), 2_000);
    let bank = scene.reopen_at(bank, "2026-11-04T11:00+09:00");
    bank.run_due().unwrap();
    assert_eq!((told(&bank, kept).len(), told(&bank, cancelled).len()), (3, 0));
    scene.end(bank);
}
