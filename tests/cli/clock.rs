//! A bank that was closed for a long time, or whose clock is wrong: refusals, and acceptance by the operator.

use std::time::Duration;

use jangbu::blocking::Bank;
use jangbu::clock::{Clock, SystemClock};
use jangbu::{AccountNumber, Amount, CashPosting, OpenAccount, OwnerId, Timestamp};

use super::program::Scratch;

/// The machine's clock, some days in the past.
struct Ago(u64);

impl Clock for Ago {
    fn now(&self) -> Timestamp {
        let days = i64::try_from(Duration::from_secs(self.0 * 24 * 60 * 60).as_nanos()).expect("not that long ago");
        Timestamp::from_ns(SystemClock.now().as_ns() - days)
    }
}

/// Creates a bank that was last used some days ago, with 1,000 won on A and nothing on B.
fn of_days_ago(days: u64) -> Scratch {
    let scratch = Scratch::new();
    let builder = jangbu::Bank::builder().clock(std::sync::Arc::new(Ago(days)));
    let bank = Bank::from(builder.open(scratch.data()).expect("a new bank"));
    for number in ["A", "B"] {
        let number = AccountNumber::new(number).expect("a number");
        bank.open_account(OpenAccount::new(OwnerId::new("mina").expect("an owner")).with_number(number))
            .expect("opened");
    }
    let cash = CashPosting::new(AccountNumber::new("A").expect("a number"), Amount::new(1_000).expect("an amount"));
    bank.deposit(cash).expect("paid in");
    bank.close().expect("closed");
    scratch
}

#[test]
fn a_bank_closed_for_a_week_names_the_command_that_accepts_the_clock() {
    let bank = of_days_ago(7);
    let pay = ["transfer", "A", "B", "10"];
    let before = bank.run(&["check"]).succeeded();
    let error = bank.run(&pay).failed(3);
    assert!(error.starts_with("the clock reads ") && error.contains("more than 24 h past"), "{error}");
    bank.run(&["account", "A"]).succeeded();
    let told = bank.run(&["clock", "--format", "json"]).json();
    assert_eq!((&told["standing"], &told["lead_s"]), (&"ahead".into(), &86_400.into()));
    assert!(bank.run(&["clock"]).succeeded().contains("jangbu clock accept --until"));
    bank.run(&["clock", "accept", "--until", "2020-01-01T00:00:00Z"]).failed(3);
    let records = |told: &str| told.lines().find(|line| line.contains("records")).map(str::to_owned);
    assert_eq!(records(&bank.run(&["check"]).succeeded()), records(&before), "nothing was recorded");

    let command = error.split('`').nth(1).expect("a command to run");
    let arguments: Vec<&str> = command.split(' ').skip(1).collect();
    let accepted = bank.run(&[&arguments[..], &["--format", "json"]].concat()).json();
    assert_eq!(accepted["standing"], "trusted");
    bank.run(&pay).succeeded();
    assert_eq!(bank.run(&["clock", "accept", "--format", "json"]).json()["standing"], "trusted", "nothing to accept");
    let events = bank.run(&["events"]).succeeded();
    assert_eq!(events.matches("\"event\":\"clock_accepted\"").count(), 1, "{events}");
    bank.run(&["check", "--deep"]).succeeded();
}

#[test]
fn the_lead_can_be_set_beside_the_bank_or_for_one_command() {
    let bank = of_days_ago(7);
    let pay = ["transfer", "A", "B", "10"];
    let status =
        |lead: &str| bank.command(&pay).env("JANGBU_CLOCK_LEAD_S", lead).output().expect("it runs").status.code();
    assert_eq!(status("1000"), Some(3));
    assert_eq!(status("soon"), Some(2));
    assert_eq!(status("864000"), Some(0));
    let bank = of_days_ago(7);
    std::fs::write(bank.data().join("jangbu.toml"), "clock_lead_s = 864000\n").expect("written");
    bank.run(&pay).succeeded();
    let bank = of_days_ago(0);
    bank.run(&pay).succeeded();
}
