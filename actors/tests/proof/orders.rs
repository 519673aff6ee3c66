//! Random schedules, and commands about them. They refer to schedules by numbers, which [`aim`] replaces by those that
//! the script has by then.

use jangbu_actors::command::{ChangeSchedule, Command, SetSchedule};
use jangbu_actors::ledger::{
    BusinessDate, CatchUp, CommandId, End, Retry, Rule, Schedule, ScheduleChange, TimeOfDay, Timestamp, Weekday,
    Weekdays,
};
use proptest::prelude::*;

use crate::promises::start;
use crate::script::{NO_ID, amounts, most_fees, pair, texts};
use crate::support::{id, won};

/// The maximum number of schedules in a script.
const NAMES: u64 = 16;

/// Returns the id of the n-th schedule of a script.
pub(crate) fn schedule_id(count: u64) -> CommandId {
    id(7_000_000 + count)
}

/// Returns the command, directed at one of the last of the `schedules` created so far.
pub(crate) fn aim(mut command: Command, schedules: u64) -> Command {
    if let Command::ChangeSchedule(change) = &mut command {
        let name = (0..NAMES).find(|name| schedule_id(*name) == change.schedule);
        if let Some(name) = name.filter(|_| schedules > 0) {
            change.schedule = schedule_id(schedules.saturating_sub(1 + name % 6));
        }
    }
    command
}

fn days_after_start(days: impl Strategy<Value = i32>) -> impl Strategy<Value = BusinessDate> {
    let first = BusinessDate::from("2026-11-21".parse::<jiff::civil::Date>().unwrap()).as_days();
    days.prop_map(move |days| BusinessDate::from_days(first + days))
}

fn rules() -> impl Strategy<Value = Rule> {
    let at = || {
        (0..24u8, prop::sample::select(&[0u8, 10, 59])).prop_map(|(hour, minute)| TimeOfDay::new(hour, minute).unwrap())
    };
    let all = [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Saturday, Weekday::Sunday];
    let days = prop::sample::subsequence(all.to_vec(), 1..4).prop_map(|days| days.into_iter().collect::<Weekdays>());
    let moment = (-60..6_000i64)
        .prop_map(|minutes| Timestamp::from_ns(start().as_ns() + minutes * 60_000_000_000 - 500_000_000));
    prop_oneof![
        2 => moment.prop_map(Rule::Once),
        4 => (1..3u16, at()).prop_map(|(every, at)| Rule::Daily { every, at }),
        2 => (1..3u16, days, at()).prop_map(|(every, days, at)| Rule::Weekly { every, days, at }),
        2 => (1..3u16, prop::sample::select(&[1u8, 22, 23, 24, 25, 26, 31]), at())
            .prop_map(|(every, day, at)| Rule::Monthly { every, day, at }),
    ]
}

/// Commands that create, pause, resume and cancel schedules.
pub(crate) fn schedule_commands() -> impl Strategy<Value = Command> {
    let starts = prop::option::weighted(0.2, days_after_start(-3..4));
    let ends = prop_oneof![
        4 => Just(End::Never),
        2 => (1..4u32).prop_map(End::AfterRuns),
        1 => days_after_start(-1..6).prop_map(End::Until),
    ];
    let catch_up = prop::sample::select(&[CatchUp::All, CatchUp::Latest, CatchUp::Skip]);
    let retry = (0..4u8, prop::sample::select(&[600u32, 3_600, 40_000]))
        .prop_map(|(attempts, interval_s)| Retry { attempts, interval_s });
    let said = (most_fees(), texts());
    let set = (pair(), amounts(), any::<bool>(), rules(), starts, ends, catch_up, retry, said).prop_map(
        |((from, to), amount, up_to, rule, start, end, catch_up, retry, (most_fee, details))| {
            let once = matches!(rule, Rule::Once(_));
            let schedule = Schedule::new(from, to, won(amount), rule).with_catch_up(catch_up).with_retry(retry);
            let schedule = Schedule {
                most_fee,
                details,
                start: start.filter(|_| !once),
                end: if once { End::Never } else { end },
                ..if up_to { schedule.up_to() } else { schedule }
            };
            Command::SetSchedule(Box::new(SetSchedule::new(schedule).with_id(id(NO_ID))))
        },
    );
    let names = prop_oneof![20 => (0..NAMES).prop_map(schedule_id), 1 => (0..100u64).prop_map(id)];
    let kinds = prop_oneof![
        4 => Just(ScheduleChange::Pause),
        4 => Just(ScheduleChange::Resume),
        1 => Just(ScheduleChange::Cancel),
    ];
    let change = (names, kinds)
        .prop_map(|(schedule, change)| Command::ChangeSchedule(ChangeSchedule { id: id(NO_ID), schedule, change }));
    prop_oneof![3 => set, 2 => change]
}
