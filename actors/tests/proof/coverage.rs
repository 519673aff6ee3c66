//! The random scripts cover everything they are meant for: scripts that never settle a hold would prove nothing.

use std::collections::BTreeMap;

use jangbu_actors::command::Command;
use jangbu_actors::ledger::{Refusal, ScheduleStatus, Timestamp};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::declared::Drawn;
use crate::model::{self, Expected, Model};
use crate::orders::{self, schedule_id};
use crate::promises::{aim, hold_id, is_movement, placed_by, start};
use crate::script::{Step, beginning, scripts, with_id};
use crate::support::id;
use crate::verdicts;

fn name(command: &Command, answer: &Expected) -> String {
    let kind = match command {
        Command::Transfer(transfer) if transfer.at_most => "at_most",
        Command::Transfer(_) => "transfer",
        Command::PlaceHold(placed) if placed.verify => "place to verify",
        Command::PlaceHold(_) => "place",
        Command::SettleHold(settle) if settle.hold.step().is_some() => "drawn of linked",
        Command::SettleHold(_) => "settle",
        Command::VoidHold(_) => "void",
        Command::AmendHold(_) => "amend",
        Command::ExpireHold { .. } => "expire",
        Command::Linked(_) => "linked",
        Command::Reverse(_) => "reverse",
        Command::Sweep(_) => "sweep",
        Command::ChangeAccount(_) => "change",
        Command::SetSchedule(_) => "schedule",
        Command::ChangeSchedule(_) => "change schedule",
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

/// Fields for which the scripts have only one value, and the reasons.
const NOT_DRAWN: [(&str, &str); 4] = [
    ("command.change_schedule.change was never account_closed", "nobody can ask for that"),
    ("command.open_account.number", "the model does not generate numbers"),
    ("command was never repair_reversals", "no script leads to what it repairs; the simulator's clients ask for it"),
    ("command.set_type.account_type.currency", "a type without a currency is malformed, and no script's"),
];

/// What was covered, and how often.
type Met = BTreeMap<String, u32>;

/// Does what is due, in an order of its own, because there is no bank.
fn catch_up(model: &mut Model, now: Timestamp, met: &mut Met) {
    for hold in model.due(now) {
        model.expire(hold, now);
        *met.entry("expired".into()).or_default() += 1;
    }
    while let Some(schedule) = model.due_schedules(now).first().copied() {
        let what = match model.what_is_due(schedule, now) {
            (_, model::Step::Skip(_)) => {
                model.skip(schedule, now);
                "skip".into()
            }
            (_, model::Step::Attempt(number)) => {
                let answer = model.attempt(schedule, id(9_000_000 + model.position), now);
                model.settle_attempt(schedule, &answer, now);
                let which = if number > 1 { "retry" } else { "run" };
                match answer {
                    Expected::Refused(refusal) => format!("{which} {}", refusal.code()),
                    _ => format!("{which} done"),
                }
            }
        };
        *met.entry(what).or_default() += 1;
        let standing = &model.schedules[&schedule];
        if !standing.is_live() {
            *met.entry(format!("schedule {}", standing.status)).or_default() += 1;
        }
    }
}

#[test]
fn the_scripts_cover_everything() {
    let mut runner = TestRunner::deterministic();
    let (mut met, mut drawn) = (Met::new(), Drawn::default());
    for _ in 0..1_200 {
        let script = scripts(120).new_tree(&mut runner).unwrap().current();
        let (mut model, mut now) = (Model::new("Asia/Seoul", start()), start());
        let (mut holds, mut schedules, mut movements) = (Vec::new(), 0, Vec::new());
        for (count, step) in beginning().into_iter().map(Step::Do).chain(script).enumerate() {
            match step {
                Step::Do(command) => {
                    let command = aim(orders::aim(command, schedules), &holds, &movements);
                    let name_of = match command {
                        Command::PlaceHold(_) => hold_id(holds.len()),
                        Command::SetSchedule(_) => schedule_id(schedules),
                        _ => id(count as u64),
                    };
                    schedules += u64::from(matches!(command, Command::SetSchedule(_)));
                    let command = with_id(command, name_of);
                    holds.extend(placed_by(&command));
                    movements.extend(is_movement(&command).then(|| command.id()));
                    let answer = model.execute(&command, now);
                    *met.entry(name(&command, &answer)).or_default() += 1;
                    if matches!(command, Command::Linked(_)) && !placed_by(&command).is_empty() {
                        *met.entry(name(&command, &answer).replace("linked", "linked hold")).or_default() += 1;
                    }
                    let ended = model.schedules.values().any(|it| it.status == ScheduleStatus::AccountClosed);
                    *met.entry("schedule account closed".into()).or_default() += u32::from(ended);
                    drawn.note("command", &command);
                }
                Step::Verdict(index, approve) => {
                    let waiting = model.to_verify();
                    if !waiting.is_empty() {
                        let command = verdicts::command(*index.get(&waiting), approve, id(count as u64));
                        model.execute(&command, now);
                        movements.push(command.id());
                        *met.entry(if approve { "approved" } else { "rejected" }.into()).or_default() += 1;
                    }
                }
                Step::Expire => {
                    if let Some((over, hold)) = model.next_expiry() {
                        now = over;
                        let command = Command::ExpireHold { id: id(count as u64), hold };
                        let answer = model.execute(&command, now);
                        *met.entry(name(&command, &answer)).or_default() += 1;
                    }
                }
                Step::Clock(minutes) | Step::Downtime(minutes) => {
                    now = Timestamp::from_ns(now.as_ns() + minutes * 60_000_000_000);
                }
                _ => {}
            }
            catch_up(&mut model, now, &mut met);
        }
        model.check_sums();
    }
    let wanted = [
        "expired",
        "place done",
        "place to verify done",
        "approved",
        "rejected",
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
        "expire done",
        "expire hold_not_due",
        "expire hold_expired",
        "expire hold_settled",
        "expire hold_unknown",
        "amend done",
        "amend hold_lowered",
        "amend hold_awaits_verification",
        "amend expiry_passed",
        "amend insufficient_funds",
        "amend limit_per_day",
        "linked done",
        "linked hold done",
        "linked hold limit_per_day",
        "linked hold insufficient_funds",
        "linked hold expiry_passed",
        "linked hold fee_too_high",
        "drawn of linked done",
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
        "transfer fee_too_high",
        "at_most fee_too_high",
        "place fee_too_high",
        "change overdraft_in_use",
        "change not_empty",
        "schedule done",
        "schedule schedule_never_runs",
        "schedule currency_mismatch",
        "schedule account_closed",
        "change schedule done",
        "change schedule schedule_ended",
        "change schedule schedule_unknown",
        "run done",
        "run insufficient_funds",
        "run limit_per_day",
        "run account_frozen",
        "retry done",
        "retry insufficient_funds",
        "skip",
        "schedule completed",
        "schedule account closed",
    ];
    let missing: Vec<_> = wanted.iter().filter(|name| met.get(**name).copied().unwrap_or(0) == 0).collect();
    assert!(missing.is_empty(), "{missing:?} of {met:#?}");
    let lacking: Vec<_> =
        drawn.lacking().into_iter().filter(|it| !NOT_DRAWN.iter().any(|(field, _)| it.starts_with(field))).collect();
    assert!(lacking.is_empty(), "never drawn:\n{}", lacking.join("\n"));
}
