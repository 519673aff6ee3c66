//! The clients' commands about holds, and about several accounts at once.

use std::collections::BTreeSet;

use jangbu_actors::command::{
    AmendHold, Command, Linked, PlaceHold, RepairReversals, Reverse, SettleHold, Step, Sweep, Transfer, VoidHold,
};
use jangbu_actors::ledger::{Amount, Balance, CommandId, HoldId};
use jangbu_sim::World;

use crate::notes::Notes;
use crate::texts;
use crate::times::soon;
use crate::workload::{account, any_amount, any_most_fee, any_pair};

pub(crate) fn at_most(world: &World, _: &Notes, id: CommandId) -> Command {
    let (from, to) = any_pair(world);
    let transfer = Transfer::at_most(from, to, any_amount(world)).with_id(id);
    Command::Transfer(Transfer { most_fee: any_most_fee(world), ..transfer })
}

pub(crate) fn place(world: &World, _: &Notes, id: CommandId) -> Command {
    let (from, to) = any_pair(world);
    let expires_at = (world.below(3) > 0).then(|| soon(world));
    let place = PlaceHold::new(from, to, any_amount(world)).with_id(id);
    let verify = world.below(3) == 0;
    let (most_fee, details) = (any_most_fee(world), texts::details(world));
    Command::PlaceHold(Box::new(PlaceHold { expires_at, verify, most_fee, details, ..place }))
}

pub(crate) fn settle(world: &World, notes: &Notes, id: CommandId) -> Command {
    let (hold, amount, last) = (a_hold(world, notes), part(world), world.below(2) == 0);
    Command::SettleHold(SettleHold { id, hold, amount, last })
}

pub(crate) fn void(world: &World, notes: &Notes, id: CommandId) -> Command {
    let void = VoidHold { rejected: world.below(2) == 0, ..VoidHold::new(a_hold(world, notes)).with_id(id) };
    let reason = ["no rooms left", "no guests came"].get(usize::try_from(world.below(3)).unwrap());
    Command::VoidHold(reason.map_or(void.clone(), |reason| void.because(reason)))
}

pub(crate) fn amend(world: &World, notes: &Notes, id: CommandId) -> Command {
    let hold = a_hold(world, notes);
    let raise_to = (world.below(2) == 0).then(|| any_amount(world));
    let expires_at = (world.below(2) == 0).then(|| soon(world));
    Command::AmendHold(Box::new(AmendHold { id, hold, raise_to, expires_at }))
}

pub(crate) fn expire(world: &World, notes: &Notes, id: CommandId) -> Command {
    Command::ExpireHold { id, hold: a_hold(world, notes) }
}

pub(crate) fn linked(world: &World, notes: &Notes, id: CommandId) -> Command {
    let step = |_| match world.below(9) {
        7 | 8 => {
            let ((from, to), amount) = (any_pair(world), any_amount(world));
            let expires_at = (world.below(3) > 0).then(|| soon(world));
            let (most_fee, details) = (any_most_fee(world), texts::details(world));
            Step::Hold { from, to, amount, expires_at, most_fee, details }
        }
        5 | 6 => {
            let original = one_of_late(world, notes, moves);
            let step = u8::try_from(world.below(3)).unwrap();
            Step::Reverse { original, step, amount: part(world), details: texts::details(world) }
        }
        0 => Step::Void { hold: a_hold(world, notes) },
        1 => Step::Settle { hold: a_hold(world, notes), amount: part(world), last: world.below(2) == 0 },
        _ => {
            let ((from, to), at_most) = (any_pair(world), world.below(3) == 0);
            let (most_fee, details) = (any_most_fee(world), texts::details(world));
            Step::Transfer { from, to, amount: any_amount(world), at_most, most_fee, details }
        }
    };
    let mut steps: Vec<Step> = (0..1 + world.below(3)).map(step).collect();
    // A command cannot reverse a movement twice.
    let mut reversed = BTreeSet::new();
    steps.retain(|step| match step {
        Step::Reverse { original, step, .. } => reversed.insert((*original, *step)),
        _ => true,
    });
    Command::Linked(Linked::new(steps).with_id(id))
}

fn moves(command: &Command) -> bool {
    matches!(command, Command::Transfer(_) | Command::SettleHold(_) | Command::Linked(_) | Command::Sweep(_))
}

/// Reverses all that one command moved, completely or in part, or some of it: one record, or none.
pub(crate) fn take_back(world: &World, notes: &Notes, id: CommandId) -> Command {
    let (original, count) = late_steps(world, notes);
    let step = |step| Step::Reverse { original, step, amount: part(world), details: None };
    let steps = (0..u8::try_from(count).unwrap()).rev().map(step);
    Command::Linked(Linked::new(steps.collect()).with_id(id))
}

pub(crate) fn reverse(world: &World, notes: &Notes, id: CommandId) -> Command {
    let original = one_of_late(world, notes, moves);
    let reverse = Reverse { amount: part(world), details: texts::details(world), ..Reverse::all(original).with_id(id) };
    Command::Reverse(Box::new(reverse))
}

/// Reverses one of several linked steps, sometimes one that the command does not have.
pub(crate) fn reverse_step(world: &World, notes: &Notes, id: CommandId) -> Command {
    let (original, steps) = late_steps(world, notes);
    let step = u8::try_from(world.below(steps + u64::from(world.below(4) == 0))).unwrap();
    Command::Reverse(Box::new(Reverse { step, amount: part(world), ..Reverse::all(original).with_id(id) }))
}

/// Several reversals of one linked command, in part or completely, requested at once.
pub(crate) fn reversals_of_one(world: &World, notes: &Notes) -> Vec<Command> {
    let (original, steps) = late_steps(world, notes);
    let reverse = |_| {
        let step = u8::try_from(world.below(steps)).unwrap();
        let id = CommandId::derived(&world.random().to_le_bytes());
        if world.below(3) == 0 {
            return take_back(world, notes, id);
        }
        Command::Reverse(Box::new(Reverse { step, amount: part(world), ..Reverse::all(original).with_id(id) }))
    };
    (0..2 + world.below(3)).map(reverse).collect()
}

/// A repair, which no reversal of this bank can need.
pub(crate) fn repair(world: &World, notes: &Notes, id: CommandId) -> Command {
    let (original, steps) = late_steps(world, notes);
    let step = u8::try_from(world.below(steps)).unwrap();
    Command::RepairReversals(RepairReversals::of(original).step(step).with_id(id))
}

/// Returns a command that linked several steps, and their number.
fn late_steps(world: &World, notes: &Notes) -> (CommandId, u64) {
    let steps_of =
        |command: &Command| if let Command::Linked(linked) = command { linked.steps.len() as u64 } else { 1 };
    let original = one_of_late(world, notes, |command| steps_of(command) > 1);
    (original, notes.asked.iter().rev().find(|command| command.id() == original).map_or(1, steps_of))
}

/// Two steps between separate accounts, so that reversals of both could be decided at once.
pub(crate) fn disjoint(world: &World, _: &Notes, id: CommandId) -> Command {
    let accounts = [account(0), account(1), account(2), account(3)];
    let turn = usize::try_from(world.below(4)).unwrap();
    let at = |place: usize| accounts[(turn + place) % accounts.len()];
    let amount = Amount::new(1 + world.below(40)).unwrap();
    let steps = vec![Step::transfer(at(0), at(1), amount), Step::transfer(at(2), at(3), amount)];
    Command::Linked(Linked::new(steps).with_id(id))
}

pub(crate) fn sweep(world: &World, _: &Notes, id: CommandId) -> Command {
    let (account, against) = any_pair(world);
    let target = Balance::new(i64::try_from(world.below(4) * 100).unwrap() - 100).unwrap();
    let sweep = Sweep { details: texts::details(world), ..Sweep::to_zero(account, against).with_target(target) };
    Command::Sweep(Box::new(sweep.with_id(id)))
}

fn part(world: &World) -> Option<Amount> {
    (world.below(2) == 0).then(|| Amount::new(world.below(60)).unwrap())
}

/// Returns one of the last few holds that were requested, single or linked; occasionally a step that places none.
fn a_hold(world: &World, notes: &Notes) -> HoldId {
    let is_hold = |step: &Step| matches!(step, Step::Hold { .. });
    let places = |command: &Command| match command {
        Command::PlaceHold(_) => true,
        Command::Linked(linked) => linked.steps.iter().any(is_hold),
        _ => false,
    };
    let id = one_of_late(world, notes, places);
    match notes.asked.iter().rev().find(|command| command.id() == id) {
        Some(Command::Linked(linked)) => {
            let steps = linked.steps.iter().zip(0u8..).filter(|(step, _)| is_hold(step) || world.below(30) == 0);
            let steps: Vec<u8> = steps.map(|(_, number)| number).collect();
            let chosen = usize::try_from(world.below(steps.len().max(1) as u64)).unwrap();
            steps.get(chosen).map_or(HoldId::new(id), |step| HoldId::of_step(id, *step))
        }
        _ => HoldId::new(id),
    }
}

/// Returns the id of one of the last few commands of a kind, answered or not; occasionally an unused one.
pub(crate) fn one_of_late(world: &World, notes: &Notes, kind: impl Fn(&Command) -> bool) -> CommandId {
    let late: Vec<CommandId> =
        notes.asked.iter().rev().filter(|command| kind(command)).take(8).map(Command::id).collect();
    let chosen = usize::try_from(world.below(late.len() as u64)).unwrap();
    late.get(chosen).copied().filter(|_| world.below(30) > 0).unwrap_or_else(|| CommandId::derived(b"nothing"))
}
