//! The random scripts meet everything that they are for: a proof by scripts that never settle a hold proves nothing.

use std::collections::BTreeMap;

use jangbu_actors::command::Command;
use jangbu_actors::ledger::{Refusal, Timestamp};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::model::{Expected, Model};
use crate::promises::{aim, hold_id, is_movement, start};
use crate::script::{Step, beginning, scripts, with_id};
use crate::support::id;

fn name(command: &Command, answer: &Expected) -> String {
    let kind = match command {
        Command::Transfer(transfer) if transfer.at_most => "at_most",
        Command::Transfer(_) => "transfer",
        Command::PlaceHold(_) => "place",
        Command::SettleHold(_) => "settle",
        Command::VoidHold(_) => "void",
        Command::AmendHold(_) => "amend",
        Command::Linked(_) => "linked",
        Command::Reverse(_) => "reverse",
        Command::Sweep(_) => "sweep",
        Command::ChangeAccount(_) => "change",
        _ => "other",
    };
    let what = match answer {
        Expected::Refused(Refusal::Linked { refusal, .. }) => refusal.code(),
        Expected::Refused(refusal) => refusal.code(),
        Expected::Drawn { end: None, .. } => "in part",
        Expected::Drawn { fee, .. } if *fee > 0 => "with a fee",
        _ => "done",
    };
    format!("{kind} {what}")
}

#[test]
fn the_scripts_meet_everything() {
    let mut runner = TestRunner::deterministic();
    let mut met: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..800 {
        let script = scripts(120).new_tree(&mut runner).unwrap().current();
        let (mut model, mut now, mut holds) = (Model::new("Asia/Seoul", start()), start(), 0);
        let mut movements = Vec::new();
        for (count, step) in beginning().into_iter().map(Step::Do).chain(script).enumerate() {
            match step {
                Step::Do(command) => {
                    let is_hold = matches!(command, Command::PlaceHold(_));
                    holds += u64::from(is_hold);
                    let command = aim(command, holds, &movements);
                    let command = with_id(command, if is_hold { hold_id(holds - 1) } else { id(count as u64) });
                    movements.extend(is_movement(&command).then(|| command.id()));
                    let answer = model.execute(&command, now);
                    *met.entry(name(&command, &answer)).or_default() += 1;
                }
                Step::Clock(minutes) => {
                    now = Timestamp::from_ns(now.as_ns() + minutes * 60_000_000_000);
                    for hold in model.due(now) {
                        model.expire(hold, now);
                        *met.entry("expired".into()).or_default() += 1;
                    }
                }
                _ => {}
            }
        }
        model.check_sums();
    }
    let wanted = [
        "expired",
        "place done",
        "place limit_per_day",
        "place insufficient_funds",
        "place expiry_passed",
        "settle done",
        "settle in part",
        "settle with a fee",
        "settle capture_too_large",
        "settle hold_settled",
        "settle hold_voided",
        "settle hold_expired",
        "settle hold_unknown",
        "void done",
        "void hold_settled",
        "void hold_voided",
        "amend done",
        "amend hold_lowered",
        "amend expiry_passed",
        "amend insufficient_funds",
        "amend limit_per_day",
        "linked done",
        "linked insufficient_funds",
        "linked hold_settled",
        "linked hold_voided",
        "linked capture_too_large",
        "linked system_account",
        "linked currency_mismatch",
        "linked account_frozen",
        "reverse done",
        "reverse reversal_too_large",
        "reverse not_reversible",
        "reverse insufficient_funds",
        "sweep done",
        "sweep insufficient_funds",
        "sweep nothing_to_sweep",
        "at_most done",
        "change overdraft_in_use",
        "change not_empty",
    ];
    let missing: Vec<_> = wanted.iter().filter(|name| met.get(**name).copied().unwrap_or(0) < 2).collect();
    assert!(missing.is_empty(), "{missing:?} of {met:#?}");
}
