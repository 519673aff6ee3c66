//! The progress of schedules: one test per policy, and random answers and commands for what always holds.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::{
    Amount, CatchUp, End, Pending, Progress, Retry, Rule, Schedule, ScheduleChange, ScheduleStatus, Step, TimeOfDay,
    Timestamp,
};
use crate::{AccountNumber, Position, Refusal};

fn zone() -> TimeZone {
    TimeZone::get("Asia/Seoul").unwrap()
}

/// A moment of November 2026, in Seoul: day and hour.
fn nov(day: i64, hour: i64) -> Timestamp {
    let midnight: Timestamp = "2026-10-31T15:00:00Z".parse().unwrap();
    Timestamp::from_ns(midnight.as_ns() + ((day - 1) * 24 + hour) * 3_600_000_000_000)
}

fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

/// 1,000 from A to B every day at nine.
fn daily() -> Schedule {
    let rule = Rule::daily(TimeOfDay::new(9, 0).unwrap());
    Schedule::new(number("A"), number("B"), Amount::new(1_000).unwrap(), rule)
}

fn short(available: u64, needed: u64) -> Refusal {
    Refusal::InsufficientFunds { available: Amount::new(available).unwrap(), needed: Amount::new(needed).unwrap() }
}

fn begun(schedule: &Schedule) -> Progress {
    schedule.begin(&zone(), nov(1, 12)).unwrap()
}

fn occurrence(progress: &Progress) -> Option<Timestamp> {
    progress.pending.map(|pending| pending.occurrence)
}

fn posted(schedule: &Schedule, progress: &Progress) -> Progress {
    schedule.settle(progress, &zone(), nov(2, 9), Ok(Position::new(7)))
}

#[test]
fn a_schedule_begins_with_the_first_occurrence_to_come() {
    assert_eq!(occurrence(&begun(&daily())), Some(nov(2, 9)));
    let once = |moment| Schedule { rule: Rule::Once(moment), ..daily() };
    assert_eq!(once(nov(5, 1)).begin(&zone(), nov(5, 0)).and_then(|it| occurrence(&it)), Some(nov(5, 1)));
    assert_eq!(once(nov(5, 1)).begin(&zone(), nov(5, 1)), None, "it would never run");
}

#[test]
fn nothing_happens_before_the_moment_nor_while_paused() {
    let (schedule, progress) = (daily(), begun(&daily()));
    let before = Timestamp::from_ns(nov(2, 9).as_ns() - 1);
    assert_eq!(schedule.decide(&progress, &zone(), before, false), Step::Wait);
    assert!(matches!(schedule.decide(&progress, &zone(), nov(2, 9), false), Step::Attempt(_)));
    let paused = schedule.change(&progress, &zone(), nov(1, 13), ScheduleChange::Pause).unwrap();
    assert_eq!(schedule.decide(&paused, &zone(), nov(9, 9), false), Step::Wait);
}

#[test]
fn missed_occurrences_follow_the_catch_up_setting() {
    for (catch_up, now, missed, next) in [
        (CatchUp::All, nov(9, 10), 0, nov(2, 9)),
        (CatchUp::Latest, nov(9, 10), 7, nov(9, 9)),
        (CatchUp::Latest, nov(2, 23), 0, nov(2, 9)),
        (CatchUp::Skip, nov(9, 10), 7, nov(9, 9)),
        (CatchUp::Skip, nov(9, 11), 8, nov(10, 9)),
        (CatchUp::Skip, nov(2, 10), 0, nov(2, 9)),
    ] {
        let schedule = daily().with_catch_up(catch_up);
        match schedule.decide(&begun(&schedule), &zone(), now, false) {
            Step::Attempt(pending) => assert_eq!((0, next), (missed, pending.occurrence), "{catch_up:?} at {now}"),
            Step::Skip { missed: found, progress } => {
                assert_eq!((found, occurrence(&progress)), (missed, Some(next)), "{catch_up:?} at {now}");
                assert_eq!(progress.skipped, missed);
            }
            Step::Wait => panic!("{catch_up:?} waits at {now}"),
        }
    }
}

#[test]
fn an_attempt_that_may_be_recorded_is_never_skipped() {
    let schedule = daily().with_catch_up(CatchUp::Skip);
    let progress = begun(&schedule);
    assert_eq!(schedule.decide(&progress, &zone(), nov(9, 12), true), Step::Attempt(progress.pending.unwrap()));
}

#[test]
fn skipping_the_last_occurrence_ends_the_schedule() {
    let schedule = Schedule { rule: Rule::Once(nov(3, 0)), ..daily() }.with_catch_up(CatchUp::Skip);
    let Step::Skip { missed, progress } = schedule.decide(&begun(&schedule), &zone(), nov(3, 2), false) else {
        panic!("not skipped")
    };
    assert_eq!((missed, progress.status, progress.pending), (1, ScheduleStatus::Completed, None));
}

#[test]
fn a_schedule_ends_after_its_runs_whether_money_moved_or_not() {
    let schedule = daily().with_end(End::AfterRuns(2));
    let first = posted(&schedule, &begun(&schedule));
    assert_eq!((first.status, occurrence(&first)), (ScheduleStatus::Active, Some(nov(3, 9))));
    let second = schedule.settle(&first, &zone(), nov(3, 9), Err(&Refusal::AccountFrozen { number: number("B") }));
    assert_eq!((second.status, second.pending), (ScheduleStatus::Completed, None));
    assert_eq!((second.posted, second.failed), (1, 1));
}

#[test]
fn lack_of_money_is_retried_and_other_refusals_are_not() {
    let schedule = daily().with_retry(Retry { attempts: 2, interval_s: 3_600 });
    let progress = begun(&schedule);
    let refused = |progress: &Progress, now, refusal: &Refusal| schedule.settle(progress, &zone(), now, Err(refusal));
    let first = refused(&progress, nov(2, 9), &short(0, 1_000));
    let second = refused(&first, nov(2, 10), &short(0, 1_000));
    let expected =
        |attempt, hour: i64, retries| Pending { occurrence: nov(2, 9), attempt, at: nov(2, hour), retries, renamed: 0 };
    assert_eq!(first.pending, Some(expected(2, 10, 1)));
    assert_eq!(second.pending, Some(expected(3, 11, 2)));
    let third = refused(&second, nov(2, 11), &short(0, 1_000));
    assert_eq!((third.failed, occurrence(&third)), (1, Some(nov(3, 9))));
    let zero = Amount::ZERO;
    let of_day = Refusal::LimitPerDay { limit: zero, used: zero, requested: zero };
    assert_eq!(refused(&progress, nov(2, 9), &of_day).failed, 0, "tomorrow is another day");
    for final_one in [
        Refusal::AccountFrozen { number: number("A") },
        Refusal::LimitPerTransfer { limit: zero, requested: zero },
        Refusal::BalanceLimit { number: number("B"), posted: Default::default() },
    ] {
        let after = refused(&progress, nov(2, 9), &final_one);
        assert_eq!((after.failed, occurrence(&after)), (1, Some(nov(3, 9))), "{final_one}");
    }
}

#[test]
fn a_retry_never_meets_the_next_occurrence() {
    let day = 86_400;
    for (interval_s, retried) in [(day - 1, true), (day, false)] {
        let schedule = daily().with_retry(Retry { attempts: 1, interval_s });
        let after = schedule.settle(&begun(&schedule), &zone(), nov(2, 9), Err(&short(0, 1_000)));
        assert_eq!(occurrence(&after) == Some(nov(2, 9)), retried);
    }
}

#[test]
fn a_closed_account_ends_the_schedule() {
    for gone in [Refusal::AccountClosed { number: number("B") }, Refusal::AccountUnknown { number: number("B") }] {
        let after = daily().settle(&begun(&daily()), &zone(), nov(2, 9), Err(&gone));
        assert_eq!((after.status, after.pending, after.failed), (ScheduleStatus::AccountClosed, None, 1));
    }
}

#[test]
fn a_used_attempt_id_is_replaced_a_bounded_number_of_times() {
    let mut progress = begun(&daily());
    let mut attempts = 0;
    while progress.failed == 0 {
        attempts += 1;
        assert_eq!(progress.pending.unwrap().attempt, attempts);
        progress = daily().settle(&progress, &zone(), nov(2, 9), Err(&Refusal::IdReused));
    }
    assert_eq!((attempts, occurrence(&progress)), (17, Some(nov(3, 9))));
}

#[test]
fn a_pause_skips_occurrences() {
    let schedule = daily();
    let change = |progress: &Progress, now, change| schedule.change(progress, &zone(), now, change).unwrap();
    let paused = change(&begun(&schedule), nov(1, 13), ScheduleChange::Pause);
    let soon = change(&paused, nov(1, 14), ScheduleChange::Resume);
    assert_eq!((occurrence(&soon), soon.skipped), (Some(nov(2, 9)), 0));
    let late = change(&paused, nov(5, 12), ScheduleChange::Resume);
    assert_eq!((occurrence(&late), late.skipped, late.status), (Some(nov(6, 9)), 4, ScheduleStatus::Active));
    assert_eq!(change(&late, nov(9, 12), ScheduleChange::Resume), late, "one that runs misses nothing by it");
}

#[test]
fn a_pause_ends_the_retries_of_an_occurrence() {
    let schedule = daily().with_retry(Retry { attempts: 9, interval_s: 3_600 });
    let retrying = schedule.settle(&begun(&schedule), &zone(), nov(2, 9), Err(&short(0, 1_000)));
    let paused = schedule.change(&retrying, &zone(), nov(2, 9), ScheduleChange::Pause).unwrap();
    let resumed = schedule.change(&paused, &zone(), nov(4, 0), ScheduleChange::Resume).unwrap();
    assert_eq!((resumed.failed, resumed.skipped, occurrence(&resumed)), (1, 1, Some(nov(4, 9))));
}

#[test]
fn an_ended_schedule_takes_no_commands() {
    let schedule = daily();
    let cancelled = schedule.change(&begun(&schedule), &zone(), nov(2, 0), ScheduleChange::Cancel).unwrap();
    assert_eq!((cancelled.status, cancelled.pending), (ScheduleStatus::Cancelled, None));
    for change in [ScheduleChange::Pause, ScheduleChange::Resume, ScheduleChange::Cancel] {
        assert_eq!(schedule.change(&cancelled, &zone(), nov(2, 1), change), None);
    }
}

#[derive(Clone, Debug)]
enum Happening {
    Passes(u32),
    Answer(Result<(), Refusal>),
    Change(ScheduleChange),
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let refusal = prop_oneof![
        (0u64..1_200).prop_map(|available| short(available, 1_100)),
        Just(Refusal::IdReused),
        Just(Refusal::AccountFrozen { number: number("A") }),
    ];
    let change = prop_oneof![Just(ScheduleChange::Pause), Just(ScheduleChange::Resume)];
    let one = prop_oneof![
        4 => (0u32..400_000).prop_map(Happening::Passes),
        4 => prop_oneof![Just(Ok(())), refusal.prop_map(Err)].prop_map(Happening::Answer),
        1 => change.prop_map(Happening::Change),
    ];
    prop::collection::vec(one, 1..60)
}

proptest! {
    #[test]
    fn no_attempt_is_made_twice_and_no_occurrence_is_lost(
        happenings in happenings(),
        catch_up in prop::sample::select(vec![CatchUp::All, CatchUp::Latest, CatchUp::Skip]),
        retries in 0u8..4,
    ) {
        let schedule = daily().with_catch_up(catch_up).with_retry(Retry { attempts: retries, interval_s: 7_200 });
        let (zone, mut now) = (zone(), nov(1, 12));
        let mut progress = schedule.begin(&zone, now).unwrap();
        let mut last = (Timestamp::default(), 0);
        for happening in happenings {
            match happening {
                Happening::Passes(seconds) => now = now.after(std::time::Duration::from_secs(seconds.into())),
                Happening::Change(change) => progress = schedule.change(&progress, &zone, now, change).unwrap(),
                Happening::Answer(answer) => loop {
                    match schedule.decide(&progress, &zone, now, false) {
                        Step::Wait => break,
                        Step::Skip { missed, progress: after } => {
                            prop_assert!(missed > 0 && after.skipped == progress.skipped + missed);
                            progress = after;
                        }
                        Step::Attempt(pending) => {
                            prop_assert!(pending.at <= now && pending.occurrence <= pending.at);
                            prop_assert!((pending.occurrence, pending.attempt) > last, "made twice");
                            last = (pending.occurrence, pending.attempt);
                            let answer = answer.as_ref().map(|()| Position::new(1));
                            progress = schedule.settle(&progress, &zone, now, answer);
                            break;
                        }
                    }
                },
            }
            // Days are counted from the second: every one before the pending one was posted, failed or skipped.
            let pending = progress.pending.unwrap();
            let days = (pending.occurrence.as_ns() - nov(2, 9).as_ns()) / 86_400_000_000_000;
            prop_assert_eq!(days, i64::from(progress.posted + progress.failed + progress.skipped));
        }
    }
}

/// The journal has these variant indexes.
#[test]
fn changes_are_stored_by_their_variant_index() {
    let changes =
        [ScheduleChange::Pause, ScheduleChange::Resume, ScheduleChange::Cancel, ScheduleChange::AccountClosed];
    for (change, number) in changes.into_iter().zip(0u8..) {
        let mut stored = Vec::new();
        crate::codec::encode(&change, &mut stored).unwrap();
        assert_eq!(stored, [crate::codec::VERSION, number], "{change:?}");
    }
}
