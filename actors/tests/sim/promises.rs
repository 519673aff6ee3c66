//! What clients ask of holds, of several accounts at once, and of times to come.

use std::time::Duration;

use jangbu_actors::command::{
    AmendHold, ChangeSchedule, Command, Linked, PlaceHold, Reverse, SetSchedule, SettleHold, Step, Sweep, Transfer,
    VoidHold,
};
use jangbu_actors::ledger::{
    Amount, Balance, CatchUp, CommandId, End, Retry, Rule, Schedule, ScheduleChange, TimeOfDay, Timestamp,
};
use jangbu_actors::sim::World;

use crate::notes::Notes;
use crate::workload::{any_account, any_amount};

pub(crate) fn at_most(world: &World, _: &Notes, id: CommandId) -> Command {
    Command::Transfer(Transfer::at_most(any_account(world), any_account(world), any_amount(world)).with_id(id))
}

pub(crate) fn place(world: &World, _: &Notes, id: CommandId) -> Command {
    let expires_at = (world.below(3) > 0).then(|| soon(world));
    let place = PlaceHold::new(any_account(world), any_account(world), any_amount(world)).with_id(id);
    let verify = world.below(3) == 0;
    Command::PlaceHold(Box::new(PlaceHold { expires_at, verify, ..place }))
}

pub(crate) fn settle(world: &World, notes: &Notes, id: CommandId) -> Command {
    let (hold, amount, last) = (a_hold(world, notes), part(world), world.below(2) == 0);
    Command::SettleHold(SettleHold { id, hold, amount, last })
}

pub(crate) fn void(world: &World, notes: &Notes, id: CommandId) -> Command {
    let void = VoidHold { rejected: world.below(2) == 0, ..VoidHold::new(a_hold(world, notes)).with_id(id) };
    Command::VoidHold(void.because("no rooms left"))
}

pub(crate) fn amend(world: &World, notes: &Notes, id: CommandId) -> Command {
    let hold = a_hold(world, notes);
    let raise_to = (world.below(2) == 0).then(|| any_amount(world));
    let expires_at = (world.below(2) == 0).then(|| soon(world));
    Command::AmendHold(Box::new(AmendHold { id, hold, raise_to, expires_at }))
}

pub(crate) fn linked(world: &World, notes: &Notes, id: CommandId) -> Command {
    let step = |_| match world.below(5) {
        0 => Step::Void { hold: a_hold(world, notes) },
        1 => Step::Settle { hold: a_hold(world, notes), amount: part(world), last: world.below(2) == 0 },
        _ => {
            let (from, to, at_most) = (any_account(world), any_account(world), world.below(3) == 0);
            Step::Transfer { from, to, amount: any_amount(world), at_most, details: None }
        }
    };
    Command::Linked(Linked::new((0..1 + world.below(3)).map(step).collect()).with_id(id))
}

pub(crate) fn reverse(world: &World, notes: &Notes, id: CommandId) -> Command {
    let moves = |command: &Command| {
        matches!(command, Command::Transfer(_) | Command::SettleHold(_) | Command::Linked(_) | Command::Sweep(_))
    };
    let original = one_of_late(world, notes, moves);
    let reverse = Reverse { amount: part(world), ..Reverse::all(original).with_id(id) };
    Command::Reverse(Box::new(reverse))
}

pub(crate) fn sweep(world: &World, _: &Notes, id: CommandId) -> Command {
    let target = Balance::new(i64::try_from(world.below(3) * 100).unwrap()).unwrap();
    let sweep = Sweep::to_zero(any_account(world), any_account(world)).with_target(target).with_id(id);
    Command::Sweep(Box::new(sweep))
}

pub(crate) fn set_schedule(world: &World, _: &Notes, id: CommandId) -> Command {
    let rule = match world.below(3) {
        0 => Rule::daily(TimeOfDay::new(u8::try_from(world.below(24)).unwrap(), 0).unwrap()),
        _ => Rule::Once(soon(world)),
    };
    let schedule = Schedule::new(any_account(world), any_account(world), any_amount(world), rule);
    let mut schedule = if world.below(2) == 0 { schedule.up_to() } else { schedule };
    if !matches!(rule, Rule::Once(_)) && world.below(2) == 0 {
        schedule = schedule.with_end(End::AfterRuns(1 + u32::try_from(world.below(3)).unwrap()));
    }
    let catch_up = [CatchUp::All, CatchUp::Latest, CatchUp::Skip][usize::try_from(world.below(3)).unwrap()];
    let retry = Retry { attempts: u8::try_from(world.below(4)).unwrap(), interval_s: 1 };
    Command::SetSchedule(Box::new(SetSchedule::new(schedule.with_catch_up(catch_up).with_retry(retry)).with_id(id)))
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

/// A moment that comes while the clients work, or when the clock leaps.
fn soon(world: &World) -> Timestamp {
    let most = [Duration::from_millis(20), Duration::from_secs(2), Duration::from_secs(20 * 3_600)];
    let most = most[usize::try_from(world.below(3)).unwrap()];
    world.now().after(Duration::from_micros(world.below(u64::try_from(most.as_micros()).unwrap())))
}

fn part(world: &World) -> Option<Amount> {
    (world.below(2) == 0).then(|| Amount::new(world.below(60)).unwrap())
}

fn a_hold(world: &World, notes: &Notes) -> CommandId {
    one_of_late(world, notes, |command| matches!(command, Command::PlaceHold(_)))
}

/// The id of one of the last few commands of a kind that were asked, answered or not; now and then one that nobody has.
fn one_of_late(world: &World, notes: &Notes, kind: impl Fn(&Command) -> bool) -> CommandId {
    let late: Vec<CommandId> =
        notes.asked.iter().rev().filter(|command| kind(command)).take(8).map(Command::id).collect();
    let chosen = usize::try_from(world.below(late.len() as u64)).unwrap();
    late.get(chosen).copied().filter(|_| world.below(30) > 0).unwrap_or_else(|| CommandId::derived(b"nothing"))
}
