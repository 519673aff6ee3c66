//! A service whose bank was closed for a long time: it serves, reports its clock, and lets the operator accept it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jangbu::clock::{Clock, SystemClock};
use jangbu::{
    Currency, Timestamp,
    accounts::{AccountType, TypeCode},
};

use super::service::{PATIENCE, Scratch};

/// The machine's clock, a week in the past.
struct WeekAgo;

impl Clock for WeekAgo {
    fn now(&self) -> Timestamp {
        let week = i64::try_from(Duration::from_secs(7 * 24 * 60 * 60).as_nanos()).expect("not that long");
        Timestamp::from_ns(SystemClock.now().as_ns() - week)
    }
}

#[test]
fn an_operator_accepts_the_clock_of_a_running_service() {
    let scratch = Scratch::new();
    let bank = jangbu::Bank::builder().clock(Arc::new(WeekAgo)).open(scratch.data()).expect("a new bank");
    let bank = jangbu::blocking::Bank::from(bank);
    let code = TypeCode::new("plain").expect("a code");
    bank.set_type(AccountType::new(code, "Plain", Currency::krw())).expect("set");
    bank.close().expect("closed");

    let service = scratch.serve(&[]);
    let ready = service.get("/readyz");
    assert_eq!((ready.status, ready.problem().1.as_str()), (503, "clock_ahead"), "{}", ready.body);
    assert_eq!(service.get("/healthz").status, 200);
    let alarm = |clock: &str| {
        let metrics = service.get("/metrics").body;
        metrics
            .lines()
            .find(|line| line.contains(&format!("jangbu_clock_alarm{{clock=\"{clock}\"}}")))
            .map(str::to_owned)
    };
    assert_eq!(alarm("ahead").as_deref(), Some("jangbu_clock_alarm{clock=\"ahead\"} 1"));
    assert_eq!(alarm("behind").as_deref(), Some("jangbu_clock_alarm{clock=\"behind\"} 0"));
    let (status, told, errors) = scratch.run(&["clock"]);
    assert!(status == 0 && told.contains("ahead"), "{told} {errors}");
    let (status, _, errors) = scratch.run(&["clock", "accept", "--until", "2020-01-01T00:00:00Z"]);
    assert!(status == 1 && errors.contains("clock_ahead"), "{errors}");
    let (status, told, errors) = scratch.run(&["clock", "accept"]);
    assert!(status == 0 && told.contains("trusted"), "{told} {errors}");
    assert_eq!(service.get("/readyz").status, 200);
    let begun = Instant::now();
    while alarm("ahead").as_deref() != Some("jangbu_clock_alarm{clock=\"ahead\"} 0") {
        assert!(begun.elapsed() < PATIENCE, "the alarm stays");
    }
    let (_, log) = service.stop();
    let alarms = log.iter().filter(|line| line.contains("too far ahead to be believed")).count();
    assert_eq!(alarms, 1, "once: {log:?}");
}
