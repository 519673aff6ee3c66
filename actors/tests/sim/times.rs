//! The clients' commands about future times.

use std::time::Duration;

use jangbu_actors::command::{ChangeSchedule, Command, SetSchedule};
use jangbu_actors::ledger::{
    BusinessDate, CatchUp, CommandId, End, MIN_RETRY_INTERVAL_S, Retry, Rule, Schedule, ScheduleChange, TimeOfDay,
    Timestamp, Weekday, Weekdays,
};
use jangbu_sim::World;

use crate::notes::Notes;
use crate::promises::one_of_late;
use crate::texts;
use crate::workload::{any_amount, any_most_fee, any_pair};

pub(crate) fn set_schedule(world: &World, _: &Notes, id: CommandId) -> Command {
    let ((from, to), rule) = (any_pair(world), rule(world));
    let schedule = Schedule::new(from, to, any_amount(world), rule);
    let mut schedule = if world.below(2) == 0 { schedule.up_to() } else { schedule };
    schedule.details = texts::details(world);
    schedule.most_fee = any_most_fee(world);
    if !matches!(rule, Rule::Once(_)) {
        schedule.end = match world.below(4) {
            0 => End::AfterRuns(1 + u32::try_from(world.below(3)).unwrap()),
            1 => End::Until(date(world)),
            _ => End::Never,
        };
        schedule.start = (world.below(3) == 0).then(|| date(world));
    }
    let catch_up = [CatchUp::All, CatchUp::Latest, CatchUp::Skip][usize::try_from(world.below(3)).unwrap()];
    let (attempts, interval_s) =
        (u8::try_from(world.below(4)).unwrap(), MIN_RETRY_INTERVAL_S + u32::try_from(world.below(3)).unwrap());
    let schedule = schedule.with_catch_up(catch_up).with_retry(Retry { attempts, interval_s });
    Command::SetSchedule(Box::new(SetSchedule::new(schedule).with_id(id)))
}

fn rule(world: &World) -> Rule {
    let every = u16::try_from(1 + world.below(2)).unwrap();
    let at = TimeOfDay::new(u8::try_from(world.below(24)).unwrap(), u8::try_from(world.below(60)).unwrap()).unwrap();
    match world.below(6) {
        0 => Rule::Daily { every, at },
        1 => {
            let all = [Weekday::Monday, Weekday::Thursday, Weekday::Friday, Weekday::Saturday, Weekday::Sunday];
            let days: Weekdays = all.into_iter().filter(|_| world.below(2) == 0).collect();
            let days = if days.is_empty() { all.into_iter().collect() } else { days };
            Rule::Weekly { every, days, at }
        }
        2 => Rule::Monthly { every, day: u8::try_from(1 + world.below(31)).unwrap(), at },
        _ => Rule::Once(soon(world)),
    }
}

/// A day close to today.
fn date(world: &World) -> BusinessDate {
    let today = world.now().as_ns() / 86_400_000_000_000;
    BusinessDate::from_days(i32::try_from(today).unwrap() - 1 + i32::try_from(world.below(4)).unwrap())
}

pub(crate) fn change_schedule(world: &World, notes: &Notes, id: CommandId) -> Command {
    let schedule = one_of_late(world, notes, |command| matches!(command, Command::SetSchedule(_)));
    let change = match world.below(5) {
        0 | 1 => ScheduleChange::Pause,
        2 | 3 => ScheduleChange::Resume,
        _ => ScheduleChange::Cancel,
    };
    Command::ChangeSchedule(ChangeSchedule { id, schedule, change })
}

/// A moment that comes while the clients work, or when the clock jumps; occasionally a past one.
pub(crate) fn soon(world: &World) -> Timestamp {
    let most = [Duration::from_millis(20), Duration::from_secs(2), Duration::from_secs(20 * 3_600)];
    let most = most[usize::try_from(world.below(3)).unwrap()];
    let now = if world.below(12) == 0 { world.now().as_ns() - 1_000_000_000 } else { world.now().as_ns() };
    Timestamp::from_ns(now).after(Duration::from_micros(world.below(u64::try_from(most.as_micros()).unwrap())))
}
