//! Random commands about holds, groups, reversals and sweeps.
//!
//! They refer to holds and movements by numbers, which [`aim`] replaces by those that a script has by then, except for
//! a few that refer to something that does not exist.

use std::collections::BTreeSet;

use jangbu_actors::command::{AmendHold, Command, Linked, PlaceHold, Reverse, SettleHold, Step, Sweep, VoidHold};
use jangbu_actors::ledger::{Amount, Balance, CommandId, HoldId, Timestamp};
use proptest::prelude::*;

use crate::script::{NO_ID, amounts, most_fees, pair, texts};
use crate::support::{id, moment, won};

/// The origin of expiries, at which scripts start: ten minutes and half a second before midnight in Seoul. So the clock
/// never shows the moment of an occurrence, or an hour after it, where a nanosecond would decide.
pub(crate) fn start() -> Timestamp {
    moment("2026-11-21T14:50:00.5Z")
}

/// The id of a command that places a hold, by the number of earlier holds in its script.
pub(crate) fn hold_id(count: usize) -> CommandId {
    id(5_000_000 + count as u64)
}

/// The holds that a command places if it is carried out.
pub(crate) fn placed_by(command: &Command) -> Vec<HoldId> {
    let is_hold = |(step, number): (&Step, u8)| matches!(step, Step::Hold { .. }).then_some(number);
    match command {
        Command::PlaceHold(placed) => vec![placed.id.into()],
        Command::Linked(linked) => {
            let steps = linked.steps.iter().zip(0..).filter_map(is_hold);
            steps.map(|step| HoldId::of_step(linked.id, step)).collect()
        }
        _ => Vec::new(),
    }
}

/// The maximum number of holds in a script.
const NAMES: usize = 64;

/// Mostly a hold that the script will have.
fn names() -> impl Strategy<Value = CommandId> {
    prop_oneof![30 => (0..NAMES).prop_map(hold_id), 1 => (0..100u64).prop_map(id)]
}

/// The same, or a step of a command that placed none.
fn holds() -> impl Strategy<Value = HoldId> {
    (names(), prop::option::weighted(0.02, 0..64u8)).prop_map(|(command, step)| match step {
        Some(step) => HoldId::of_step(command, step),
        None => HoldId::new(command),
    })
}

/// Returns the command, directed at one of the last holds placed so far and at one of `movements`.
pub(crate) fn aim(mut command: Command, holds: &[HoldId], movements: &[CommandId]) -> Command {
    let aim = |hold: &mut HoldId| {
        let name = (0..NAMES).find(|name| *hold == hold_id(*name));
        if let Some(name) = name.filter(|_| !holds.is_empty()) {
            *hold = holds[holds.len().saturating_sub(1 + name % 8)];
        }
    };
    let aim_back = |original: &mut CommandId| {
        let name = (0..NAMES).find(|name| hold_id(*name) == *original);
        if let Some(name) = name.filter(|_| !movements.is_empty()) {
            *original = movements[movements.len().saturating_sub(1 + name % 12)];
        }
    };
    match &mut command {
        Command::SettleHold(settle) => aim(&mut settle.hold),
        Command::VoidHold(void) => aim(&mut void.hold),
        Command::AmendHold(amend) => aim(&mut amend.hold),
        Command::ExpireHold { hold, .. } => aim(hold),
        Command::Linked(linked) => {
            linked.steps.iter_mut().for_each(|step| match step {
                Step::Settle { hold, .. } | Step::Void { hold } => aim(hold),
                Step::Reverse { original, .. } => aim_back(original),
                _ => {}
            });
            // A command cannot draw on its own hold.
            for step in &mut linked.steps {
                if let Step::Settle { hold, .. } | Step::Void { hold } = step
                    && hold.command() == linked.id
                {
                    *hold = HoldId::new(linked.id);
                }
            }
            // A command cannot reverse a movement twice.
            let mut reversed = BTreeSet::new();
            linked.steps.retain(|step| match step {
                Step::Reverse { original, step, .. } => reversed.insert((*original, *step)),
                _ => true,
            });
        }
        Command::Reverse(reverse) => aim_back(&mut reverse.original),
        _ => {}
    }
    command
}

/// Returns whether a command may be the original of a reversal.
pub(crate) const fn is_movement(command: &Command) -> bool {
    matches!(command, Command::Transfer(_) | Command::SettleHold(_) | Command::Linked(_) | Command::Sweep(_))
}

fn expiry() -> impl Strategy<Value = Timestamp> {
    prop_oneof![1 => -30..60i64, 3 => 60..9_000i64]
        .prop_map(|minutes| Timestamp::from_ns(start().as_ns() + minutes * 60_000_000_000))
}

fn some_amount() -> impl Strategy<Value = Option<Amount>> {
    prop_oneof![2 => Just(None), 3 => (0..80u64).prop_map(|units| Some(won(units)))]
}

/// Commands that place, settle, void, amend and expire holds, some of which await verification.
pub(crate) fn hold_commands() -> impl Strategy<Value = Command> {
    let verify = prop_oneof![2 => Just(false), 1 => Just(true)];
    let place = (pair(), amounts(), prop::option::of(expiry()), verify, most_fees(), texts()).prop_map(
        |((from, to), amount, expires_at, verify, most_fee, details)| {
            let placed = PlaceHold { expires_at, verify, most_fee, details, ..PlaceHold::new(from, to, won(amount)) };
            Command::PlaceHold(Box::new(placed.with_id(id(NO_ID))))
        },
    );
    let settle = (holds(), some_amount(), any::<bool>())
        .prop_map(|(hold, amount, last)| Command::SettleHold(SettleHold { id: id(NO_ID), hold, amount, last }));
    let reasons = prop::option::of(prop::sample::select(&["no rooms left", "no guests came"]));
    let void = (holds(), any::<bool>(), reasons).prop_map(|(hold, rejected, reason)| {
        let void = VoidHold { rejected, ..VoidHold::new(hold).with_id(id(NO_ID)) };
        Command::VoidHold(match reason {
            Some(reason) => void.because(reason),
            None => void,
        })
    });
    let raise = prop_oneof![2 => Just(None), 3 => (0..900u64).prop_map(|units| Some(won(units)))];
    let amend = (holds(), raise, prop::option::of(expiry())).prop_map(|(hold, raise_to, expires_at)| {
        Command::AmendHold(Box::new(AmendHold { id: id(NO_ID), hold, raise_to, expires_at }))
    });
    let expire = holds().prop_map(|hold| Command::ExpireHold { id: id(NO_ID), hold });
    prop_oneof![12 => place, 6 => settle, 3 => void, 5 => amend, 1 => expire]
}

fn step() -> impl Strategy<Value = Step> {
    let transfer = (pair(), 1..250u64, any::<bool>(), most_fees(), texts()).prop_map(
        |((from, to), amount, at_most, most_fee, details)| Step::Transfer {
            from,
            to,
            amount: won(amount),
            at_most,
            most_fee,
            details,
        },
    );
    let hold = (pair(), amounts(), prop::option::of(expiry()), most_fees(), texts()).prop_map(
        |((from, to), amount, expires_at, most_fee, details)| Step::Hold {
            from,
            to,
            amount: won(amount),
            expires_at,
            most_fee,
            details,
        },
    );
    let reverse = (names(), 0..3u8, some_amount(), texts())
        .prop_map(|(original, step, amount, details)| Step::Reverse { original, step, amount, details });
    prop_oneof![
        8 => transfer,
        4 => reverse,
        4 => (holds(), some_amount(), any::<bool>()).prop_map(|(hold, amount, last)| Step::Settle { hold, amount, last }),
        2 => holds().prop_map(|hold| Step::Void { hold }),
        4 => hold,
    ]
}

/// Linked steps, reversals, sweeps.
pub(crate) fn group_commands() -> impl Strategy<Value = Command> {
    let linked =
        prop::collection::vec(step(), 1..5).prop_map(|steps| Command::Linked(Linked::new(steps).with_id(id(NO_ID))));
    let reverse = (names(), prop_oneof![4 => Just(0u8), 1 => 1..4u8], some_amount(), texts()).prop_map(
        |(name, step, amount, details)| {
            Command::Reverse(Box::new(Reverse { step, amount, details, ..Reverse::all(name).with_id(id(NO_ID)) }))
        },
    );
    let target = prop_oneof![2 => Just(0i64), 3 => -60..900i64, 1 => Just(9_007_199_254_740_991)];
    let sweep = (pair(), target, texts()).prop_map(|((account, against), target, details)| {
        let sweep = Sweep::to_zero(account, against).with_target(Balance::new(target).unwrap());
        Command::Sweep(Box::new(Sweep { details, ..sweep.with_id(id(NO_ID)) }))
    });
    prop_oneof![4 => linked, 4 => reverse, 2 => sweep]
}
