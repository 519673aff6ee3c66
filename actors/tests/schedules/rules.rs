//! Each rule runs when it should.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jangbu_actors::blocking::Bank;
use jangbu_actors::clock::{Clock, SystemClock};
use jangbu_actors::command::{CashPosting, OpenAccount};
use jangbu_actors::ledger::{
    AccountType, BusinessDate, CatchUp, Currency, End, OwnerId, Refusal, Retry, Rule, RunOutcome, Schedule,
    ScheduleStatus, TimeOfDay, TypeCode,
};

use crate::support::{Scene, balance, daily, nine, number, order, runs, set, standing, time, told, told_in, won};

#[test]
fn a_transfer_at_a_future_moment_is_made_once() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, order(Rule::Once(time("2026-11-02T08:30+09:00"))));
    scene.go_to(&bank, "2026-11-02T08:29:59+09:00");
    assert_eq!(balance(&bank, "B"), 0);
    scene.go_to(&bank, "2026-11-02T08:30+09:00");
    assert_eq!(balance(&bank, "B"), 1_000);
    scene.go_to(&bank, "2027-11-02T08:30+09:00");
    assert_eq!((balance(&bank, "B"), told(&bank, id)), (1_000, vec!["11-02 08:30 posted 1".into()]));
    assert_eq!(standing(&bank, id).progress.status, ScheduleStatus::Completed);
    scene.end(bank);
}

#[test]
fn a_run_with_a_higher_fee_is_refused_and_the_schedule_continues() {
    let (scene, bank) = Scene::new();
    let (code, owner) = (TypeCode::new("dear").unwrap(), OwnerId::new("joon").unwrap());
    let dear = |fee| AccountType { fee: won(fee), ..AccountType::new(code, "dear", Currency::krw()) };
    bank.set_type(dear(5)).unwrap();
    bank.set_owner(owner, 0).unwrap();
    bank.open_account(OpenAccount::new(owner).with_number(number("D")).with_type(code)).unwrap();
    bank.deposit(CashPosting::new(number("D"), won(10_000))).unwrap();
    let retry = Retry { attempts: 3, interval_s: 600 };
    let rule = Rule::daily(nine());
    let order = Schedule::new(number("D"), number("B"), won(1_000), rule).with_most_fee(won(5)).with_retry(retry);
    let id = set(&bank, order);
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    bank.set_type(dear(6)).unwrap();
    scene.go_to(&bank, "2026-11-03T09:30+09:00");
    let bank = scene.reopen_at(bank, "2026-11-03T10:00+09:00");
    bank.set_type(dear(4)).unwrap();
    scene.go_to(&bank, "2026-11-04T09:00+09:00");
    let expected = ["11-02 09:00 posted 1", "11-03 09:00 fee_too_high 1", "11-04 09:00 posted 1"];
    assert_eq!(told(&bank, id), expected, "nothing that a retry could put right");
    let refused = runs(&bank, id).into_iter().nth(1).map(|run| run.outcome);
    let why = Refusal::FeeTooHigh { fee: won(6), most_fee: won(5) };
    assert!(matches!(&refused, Some(RunOutcome::Refused { refusal, .. }) if *refusal == why), "{refused:?}");
    assert_eq!((balance(&bank, "D"), balance(&bank, "B")), (10_000 - 2_000 - 9, 2_000));
    scene.end(bank);
}

#[test]
fn every_rule_runs_on_its_days() {
    let (scene, bank) = Scene::new();
    let all = |rule| order(rule).with_catch_up(CatchUp::All);
    let rules = [
        Rule::Daily { every: 4, at: nine() },
        Rule::weekly("mon,thu".parse().unwrap(), nine()),
        Rule::monthly(31, nine()),
    ];
    let [fourth, weekly, monthly] = rules.map(|rule| set(&bank, all(rule)));
    // A step of some hours, so that nothing is late.
    let mut now = time("2026-11-01T12:00+09:00");
    while now < time("2026-12-31T23:00+09:00") {
        now = now.after(Duration::from_secs(5 * 3_600));
        scene.clock.set(now);
        bank.run_due().unwrap();
    }
    let expected = |text: &str| text.split(' ').map(|day| format!("{day} 09:00 posted 1")).collect::<Vec<_>>();
    let days = "11-05 11-09 11-13 11-17 11-21 11-25 11-29 12-03 12-07 12-11 12-15 12-19 12-23 12-27 12-31";
    assert_eq!(told(&bank, fourth), expected(days));
    let days =
        "11-02 11-05 11-09 11-12 11-16 11-19 11-23 11-26 11-30 12-03 12-07 12-10 12-14 12-17 12-21 12-24 12-28 12-31";
    assert_eq!(told(&bank, weekly), expected(days));
    assert_eq!(told(&bank, monthly), expected("11-30 12-31"));
    assert_eq!(balance(&bank, "B"), 1_000 * (15 + 18 + 2));
    scene.end(bank);
}

#[test]
fn a_schedule_begins_and_ends_on_its_dates() {
    let (scene, bank) = Scene::new();
    let date = |text: &str| BusinessDate::from(text.parse::<jiff::civil::Date>().unwrap());
    let bounded = daily().with_start(date("2026-11-10")).with_end(End::Until(date("2026-11-12")));
    let bounded = set(&bank, bounded.with_catch_up(CatchUp::All));
    let counted = set(&bank, daily().with_end(End::AfterRuns(2)).with_catch_up(CatchUp::All));
    scene.go_to(&bank, "2026-12-01T00:00+09:00");
    let expected = |days: &[&str]| days.iter().map(|day| format!("{day} 09:00 posted 1")).collect::<Vec<_>>();
    assert_eq!(told(&bank, bounded), expected(&["11-10", "11-11", "11-12"]));
    assert_eq!(told(&bank, counted), expected(&["11-02", "11-03"]));
    for id in [bounded, counted] {
        assert_eq!(standing(&bank, id).progress.status, ScheduleStatus::Completed);
    }
    scene.end(bank);
}

#[test]
fn days_of_23_and_25_hours_have_one_run_each() {
    for (zone, at, start, gap, fold) in [
        ("America/New_York", (2, 30), "2026-03-06T12:00-05:00", "03-08 03:00", ""),
        ("America/New_York", (1, 30), "2026-10-30T12:00-04:00", "", "11-01 01:30"),
        ("Europe/Berlin", (2, 30), "2026-03-27T12:00+01:00", "03-29 03:00", ""),
        ("Europe/Berlin", (2, 30), "2026-10-23T12:00+02:00", "", "10-25 02:30"),
        ("Australia/Lord_Howe", (2, 15), "2026-10-02T12:00+10:30", "10-04 02:30", ""),
        ("Australia/Lord_Howe", (1, 45), "2026-04-03T12:00+11:00", "", "04-05 01:45"),
    ] {
        let (scene, bank) = Scene::at(zone, start);
        let at = TimeOfDay::new(at.0, at.1).unwrap();
        let id = set(&bank, order(Rule::daily(at)));
        let mut now = time(start);
        for _ in 0..5 * 24 * 4 {
            now = now.after(Duration::from_secs(900));
            scene.clock.set(now);
            bank.run_due().unwrap();
        }
        let told = told_in(&bank, id, zone);
        assert_eq!(told.len(), 5, "{zone}: {told:?}");
        let expected = if gap.is_empty() { fold } else { gap };
        assert!(told.contains(&format!("{expected} posted 1")), "{zone}: {told:?}");
        let others = told.iter().filter(|line| line.contains(&at.to_string())).count();
        assert_eq!(others, if gap.is_empty() { 5 } else { 4 }, "{zone}: {told:?}");
        scene.end(bank);
    }
}

/// Waits for money by querying only the books, which does not wake the engine.
fn comes(bank: &Bank, amount: i64, within: Duration) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < within {
        if balance(bank, "B") == amount {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

#[test]
fn an_idle_bank_notices_a_moved_clock() {
    let (scene, bank) = Scene::new();
    set(&bank, daily());
    assert!(!comes(&bank, 1_000, Duration::from_millis(60)));
    for day in 2..6 {
        scene.clock.set(time(&format!("2026-11-0{day}T09:00+09:00")));
        assert!(comes(&bank, 1_000 * (day - 1), Duration::from_secs(5)), "day {day}");
    }
    scene.end(bank);
}

#[test]
fn an_idle_bank_wakes_in_time_by_the_clock_of_the_machine() {
    let bank = Bank::from(jangbu_actors::Bank::builder().clock(Arc::new(SystemClock)).in_memory().unwrap());
    for account in ["A", "B"] {
        bank.open_account(OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number(account))).unwrap();
    }
    bank.deposit(CashPosting::new(number("A"), won(10_000))).unwrap();
    // A later one is already pending when the earlier one comes.
    let soon = |ms| Rule::Once(SystemClock.now().after(Duration::from_millis(ms)));
    set(&bank, order(soon(3_600_000)));
    set(&bank, order(soon(250)));
    let begin = Instant::now();
    assert!(comes(&bank, 1_000, Duration::from_secs(5)));
    assert!(begin.elapsed() >= Duration::from_millis(200), "too early: {:?}", begin.elapsed());
    assert!(begin.elapsed() < Duration::from_millis(800), "too late: {:?}", begin.elapsed());
}
