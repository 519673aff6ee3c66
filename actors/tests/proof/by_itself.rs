//! The bank's own work: expiring holds and running schedules. The model learns of it from the bank's events.
//!
//! Only the bank determines the order of what is due at the same moment. The model checks everything else: that it is
//! due, what its outcome is, and that nothing is left.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::executor::block_on;
use jangbu_actors::command::Command;
use jangbu_actors::ledger::{CommandId, HoldEnd, HoldId, Position, RunOutcome, Timestamp};
use jangbu_actors::{Bank, Event, EventKind};

use crate::compare::check_answer;
use crate::model::{Answer, Expected, Model, Step};
use crate::support::ask;

/// Waits until the bank has done everything due at `now`, and does the same in the model. Returns the ids of the
/// transfers that schedules made or tried to make.
pub(crate) fn let_due_happen(bank: &Bank, model: &mut Model, now: Timestamp) -> Vec<CommandId> {
    let_due_happen_with(bank, model, now, None)
}

/// The same after a caller has requested something that the bank may also have done on its own, before or after what is
/// due.
pub(crate) fn let_due_happen_with(
    bank: &Bank,
    model: &mut Model,
    now: Timestamp,
    asked: Option<(&Command, &Answer)>,
) -> Vec<CommandId> {
    let holds = model.due(now);
    if asked.is_none() && holds.is_empty() && model.due_schedules(now).is_empty() {
        return Vec::new();
    }
    block_on(bank.run_due()).unwrap();
    // Nobody is notified when an expiry is complete.
    holds.iter().for_each(|hold| wait_until_ended(bank, *hold));
    let (events, mut tried) = (events_after(bank, model.position), Vec::new());
    let runs: BTreeMap<CommandId, CommandId> = events.iter().filter_map(attempt_of).collect();
    let mut answers: BTreeMap<CommandId, Expected> = BTreeMap::new();
    for event in &events {
        assert_eq!(event.position.get(), model.position + 1);
        match (&event.what, runs.get(&event.id)) {
            (..) if asked.is_some_and(|(command, _)| command.id() == event.id) => {
                let (command, answer) = asked.unwrap();
                check_answer(command, answer, &model.execute(command, now));
            }
            (EventKind::Released { hold, end: HoldEnd::Expired, .. }, None) => {
                assert!(holds.contains(hold), "{event:?}");
                model.expire(*hold, now);
            }
            (EventKind::Posted { .. } | EventKind::Held { .. } | EventKind::Refused { .. }, Some(schedule)) => {
                let attempted = model.attempted(*schedule, event.id);
                let answer = model.attempt(*schedule, event.id, now);
                check_answer(&attempted, &ask(bank, &attempted), &answer);
                answers.insert(*schedule, answer);
                tried.push(event.id);
            }
            (EventKind::ScheduleRun { schedule, occurrence, outcome, progress }, None) => {
                follow_run(model, (*schedule, *occurrence, outcome), answers.remove(schedule), now);
                assert_eq!(model.schedules[schedule].progress(), *progress, "{event:?}");
                model.schedules.get_mut(schedule).unwrap().runs.push((event.position, *occurrence, outcome.clone()));
            }
            _ => panic!("the bank did this by itself: {event:?}"),
        }
    }
    assert!(model.due(now).is_empty(), "not everything was done that was due");
    assert_eq!(model.due_schedules(now), [], "not everything was done that was due");
    tried
}

/// Returns the schedule of the attempt in an event, by the attempt's id.
fn attempt_of(event: &Event) -> Option<(CommandId, CommandId)> {
    match &event.what {
        EventKind::ScheduleRun {
            schedule,
            outcome:
                RunOutcome::Posted { attempt, .. }
                | RunOutcome::Accepted { attempt, .. }
                | RunOutcome::Refused { attempt, .. },
            ..
        } => Some((attempt.id, *schedule)),
        _ => None,
    }
}

/// Applies a run's record; `answer` is the model's answer to the preceding attempt.
fn follow_run(
    model: &mut Model,
    (schedule, occurrence, outcome): (CommandId, Timestamp, &RunOutcome),
    answer: Option<Expected>,
    now: Timestamp,
) {
    match (outcome, answer) {
        (RunOutcome::Skipped { missed }, None) => {
            assert_eq!(model.what_is_due(schedule, now), (occurrence, Step::Skip(*missed)));
            model.skip(schedule, now);
        }
        (RunOutcome::Posted { attempt, position }, Some(answer @ Expected::Posted { position: posted, .. })) => {
            assert_eq!((occurrence, attempt.number, position.get()), with_place(model, schedule, posted));
            model.settle_attempt(schedule, &answer, now);
        }
        (RunOutcome::Accepted { attempt, position }, Some(answer @ Expected::Held { position: placed, .. })) => {
            assert_eq!((occurrence, attempt.number, position.get()), with_place(model, schedule, placed));
            model.settle_attempt(schedule, &answer, now);
        }
        (RunOutcome::Refused { attempt, refusal }, Some(answer)) => {
            assert_eq!(answer, Expected::Refused(refusal.clone()));
            assert_eq!((occurrence, attempt.number, 0), with_place(model, schedule, 0));
            model.settle_attempt(schedule, &answer, now);
        }
        (outcome, answer) => panic!("{schedule} ran as {outcome:?} after {answer:?}"),
    }
}

/// Returns the occurrence and number of the pending attempt in the model, and a position.
fn with_place(model: &Model, schedule: CommandId, place: u64) -> (Timestamp, u32, u64) {
    let pending = model.schedules[&schedule].progress().pending.unwrap();
    (pending.occurrence, pending.attempt, place)
}

/// Waits until a hold has ended.
pub(crate) fn wait_until_ended(bank: &Bank, hold: impl Into<HoldId>) {
    let hold = hold.into();
    let ended = || block_on(bank.hold(hold)).unwrap().unwrap().ended_at.is_some();
    let waited = (0..10_000).find(|_| {
        ended() || {
            std::thread::sleep(Duration::from_millis(1));
            false
        }
    });
    assert!(waited.is_some(), "the hold {hold} should have ended, and is open");
}

/// Returns what happened after the record at `position`.
pub(crate) fn events_after(bank: &Bank, position: u64) -> Vec<Event> {
    // A page of events may be available a moment later than the state of a hold; a subscription waits for what is
    // missing.
    let end = bank.stats().durable.get();
    let mut following = bank.subscribe(Position::new(position + 1)).unwrap();
    (position..end).map(|_| block_on(following.next()).unwrap().unwrap()).collect()
}
