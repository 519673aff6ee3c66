//! Schedules created before retries were limited: they continue as they were created.
//!
//! `tests/fixtures/bank-impatient/journal` has an order of 1,000 from A to B every day at nine, which is retried up to
//! a hundred times, a second apart. A has no money, and two attempts were made on 2 November 2026.

use std::path::Path;

use jangbu_actors::Error;
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::{CashPosting, InvalidCommand, SetSchedule};
use jangbu_actors::ledger::{CommandId, Retry, ScheduleError};

use crate::support::{daily, number, open_later, sound, standing, time, told, won};

fn copied() -> tempfile::TempDir {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bank-impatient/journal");
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("journal")).unwrap();
    for file in std::fs::read_dir(fixture).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), directory.path().join("journal").join(file.file_name())).unwrap();
    }
    directory
}

#[test]
fn an_order_with_an_outdated_interval_continues_but_cannot_be_created() {
    let directory = copied();
    let clock = SteppedClock::starting_at(time("2026-11-02T09:00:02+09:00"));
    let bank = open_later(directory.path(), &clock, "Asia/Seoul");
    let orders = bank.schedules(None, 10).unwrap().data;
    let [order] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!(order.schedule.retry, Retry { attempts: 100, interval_s: 1 });
    bank.run_due().unwrap();
    bank.deposit(CashPosting::new(number("A"), won(1_000))).unwrap();
    clock.set(time("2026-11-02T09:00:03+09:00"));
    bank.run_due().unwrap();
    let refused = |attempt: u32| format!("11-02 09:00 insufficient_funds {attempt}");
    let expected = [refused(1), refused(2), refused(3), "11-02 09:00 posted 4".into()];
    assert_eq!(told(&bank, order.id), expected);
    let again = SetSchedule::new(order.schedule.clone()).with_id(CommandId::random());
    let invalid = bank.schedule(again).unwrap_err();
    assert!(matches!(invalid, Error::Invalid(InvalidCommand::Schedule(ScheduleError::Retry))), "{invalid:?}");
    let bounded = daily().with_retry(Retry { attempts: 10, interval_s: 600 });
    bank.schedule(SetSchedule::new(bounded)).unwrap();
    assert_eq!(standing(&bank, order.id).progress.posted, 1);
    bank.close().unwrap();
    sound(directory.path());
}
