//! What the final journal must contain: a record for every answer, and nothing that nobody requested.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jangbu_actors::command::{Command, Outcome};
use jangbu_actors::journal::{JournalError, verify};
use jangbu_actors::ledger::{Body, CommandId, HoldEnd, HoldId, Position, Record, RunOutcome, Timestamp};
use jangbu_sim::Report;

use crate::notes::{Answer, Notes};

/// Checks that every answer has its record in the final journal, no command has two, and the bank's own work was done
/// in time and once.
pub(crate) fn check(report: &Report<()>, notes: &Notes) {
    let mut records: BTreeMap<CommandId, Record> = BTreeMap::new();
    let (mut by_itself, mut back) = (ByItself::default(), Back::default());
    let verified = verify::<JournalError>(&report.disk, Path::new("/bank/journal"), |record| {
        by_itself.take_in(&record, &records);
        back.take_in(&record);
        assert!(records.insert(record.id, record).is_none(), "an id is there twice");
        Ok(())
    });
    assert_eq!(verified.unwrap().records, report.end.get());
    for (id, answer) in &notes.received {
        let record = records.get(id).unwrap_or_else(|| panic!("{id} was answered and has no record: {answer:?}"));
        assert!(agrees(answer, record), "{id} was answered {answer:?}, and the journal has {record:?}");
    }
    for command in &notes.asked {
        // The answers do not contain these.
        match (command, records.get(&command.id()).map(|record| &record.body)) {
            (Command::PlaceHold(asked), Some(Body::Held(placed))) => {
                assert_eq!(placed.requires_verification, asked.verify)
            }
            (Command::VoidHold(asked), Some(Body::Drawn(body))) => {
                let end = if asked.rejected { HoldEnd::Rejected } else { HoldEnd::Voided };
                assert_eq!(body.drawn.end, Some(end), "{command:?}");
            }
            _ => {}
        }
    }
    let asked: BTreeSet<CommandId> = notes.asked.iter().map(Command::id).collect();
    for record in records.values() {
        let moves = matches!(record.body, Body::Posted(_) | Body::Held(_) | Body::Linked(_) | Body::Reversed(_));
        let wanted = asked.contains(&record.id) || by_itself.attempts.contains(&record.id);
        assert!(!moves || wanted, "nobody asked for {record:?}, and it is no schedule's that is known of it");
    }
}

/// Returns whether a record matches an answer.
fn agrees(answer: &Answer, record: &Record) -> bool {
    let balance = |leg: usize| record.links[leg].balance;
    match (answer, &record.body) {
        (Err(refusal), Body::Refused(refused)) => *refusal == refused.refusal,
        (Err(_), _) | (Ok(_), Body::Refused(_)) => false,
        (Ok(outcome), _) if outcome.position() != record.position => false,
        (Ok(Outcome::Posted(receipt)), body) => {
            let posted = match body {
                Body::Posted(posted) => posted,
                Body::Reversed(reversed) => &reversed.posted,
                _ => return false,
            };
            (receipt.amount, receipt.fee) == (posted.amount, posted.fee)
                && (receipt.sender_balance, receipt.receiver_balance) == (balance(0), balance(1))
        }
        (Ok(Outcome::Held(receipt)), Body::Held(placed)) => {
            (receipt.amount, receipt.fee, receipt.expires_at) == (placed.amount, placed.fee, placed.expires_at)
        }
        (Ok(Outcome::Drawn(receipt)), Body::Drawn(body)) => {
            let drawn = &body.drawn;
            (receipt.hold, receipt.amount, receipt.fee, receipt.captured, receipt.remaining, receipt.end)
                == (body.hold, drawn.amount, drawn.fee, drawn.captured, drawn.remaining, drawn.end)
                && (receipt.sender_balance, receipt.receiver_balance) == (balance(0), balance(1))
        }
        (Ok(Outcome::Held(_) | Outcome::Drawn(_)), _) => false,
        (Ok(_), _) => true,
    }
}

/// The reversals, in journal order.
#[derive(Default)]
struct Back {
    /// The last reversal of any movement of each command.
    last: BTreeMap<CommandId, Position>,
    /// The total reversed of each movement.
    reversed: BTreeMap<(CommandId, u8), u64>,
}

impl Back {
    /// Checks that each reversal refers to the previous one and counts those of its own step.
    fn take_in(&mut self, record: &Record) {
        record.body.for_each_reversal(|reversed| {
            let previous = self.last.get(&reversed.original).copied().unwrap_or_default();
            assert_eq!(reversed.previous, previous, "{record:?}");
            let sum = self.reversed.entry((reversed.original, reversed.step)).or_default();
            *sum += reversed.posted.amount.minor_units();
            assert_eq!(reversed.reversed.minor_units(), *sum, "{record:?}");
        });
        record.body.for_each_undone(|original| {
            self.last.insert(original, record.position);
        });
    }
}

/// The bank's own work, in journal order.
#[derive(Default)]
struct ByItself {
    /// The open holds and their expiries.
    open: BTreeMap<HoldId, Option<Timestamp>>,
    /// The holds that await, or awaited, verification.
    requires_verification: BTreeSet<HoldId>,
    /// The transfers that schedules tried to make.
    attempts: BTreeSet<CommandId>,
    /// The occurrences of schedules for which money moved.
    posted: BTreeSet<(CommandId, Timestamp)>,
}

impl ByItself {
    fn take_in(&mut self, record: &Record, before: &BTreeMap<CommandId, Record>) {
        record.body.for_each_hold(|drawn| {
            let expires_at = self.open.get(&drawn.hold).unwrap_or_else(|| panic!("no such hold is open: {record:?}"));
            if drawn.drawn.end == Some(HoldEnd::Expired) {
                assert!(
                    expires_at.is_some_and(|at| at <= record.recorded_at),
                    "over at {expires_at:?}, and expired too early: {record:?}"
                );
            }
            if drawn.drawn.end.is_some() {
                self.open.remove(&drawn.hold);
            }
        });
        record.for_each_placed(|id, placed, _| {
            self.open.insert(id, placed.expires_at);
            self.requires_verification.extend(placed.requires_verification.then_some(id));
        });
        match &record.body {
            Body::Amended(amended) => {
                let open = self.open.get_mut(&amended.hold);
                *open.unwrap_or_else(|| panic!("no such hold is open: {record:?}")) = amended.amended.expires_at;
                let raised = !amended.amended.raised.is_zero();
                assert!(
                    !raised || !self.requires_verification.contains(&amended.hold),
                    "raised while it was requires_verification: {record:?}"
                );
            }
            Body::ScheduleRun(run) => {
                assert!(run.occurrence <= record.recorded_at, "ran too early: {record:?}");
                let attempt = match &run.outcome {
                    RunOutcome::Posted { attempt, .. } | RunOutcome::Refused { attempt, .. } => attempt.id,
                    RunOutcome::Accepted { .. } => panic!("nobody verifies: {record:?}"),
                    RunOutcome::Skipped { .. } => return,
                };
                let transfer = before.get(&attempt).unwrap_or_else(|| panic!("never attempted: {record:?}"));
                match (&run.outcome, &transfer.body) {
                    (RunOutcome::Posted { position, .. }, Body::Posted(_)) => {
                        assert_eq!(*position, transfer.position);
                        assert!(self.posted.insert((run.schedule, run.occurrence)), "moved money twice: {record:?}");
                    }
                    (RunOutcome::Refused { refusal, .. }, Body::Refused(refused)) => {
                        assert_eq!(*refusal, refused.refusal);
                    }
                    _ => panic!("{record:?} is about {transfer:?}"),
                }
                self.attempts.insert(attempt);
            }
            _ => {}
        }
    }
}
