//! The bank stops after any record of its journal, and is opened again on the rest.
//!
//! Every prefix of a journal is what some crash can leave. From each, the bank must reach the same end: every
//! occurrence ran once, none is forgotten, and all of it is recorded.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;

use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{CashPosting, ChangeSchedule, OpenAccount};
use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{FileJournal, FileOptions, Journal};
use jangbu_actors::ledger::{
    Body, CatchUp, CommandId, End, OwnerId, Position, Record, Retry, Rule, RunOutcome, ScheduleChange, ScheduleStatus,
    Timestamp,
};

use crate::support::{
    Scene, balance, change, daily, nine, number, open_later, order, records, runs, set, sound, standing, time, won,
};

/// Writes a journal of these records, as a killed bank leaves it.
pub(crate) fn write(path: &Path, records: &[Record]) {
    let journal = path.join("journal");
    std::fs::create_dir_all(&journal).unwrap();
    let mut journal =
        FileJournal::open(Arc::new(RealDisk), &journal, FileOptions { segment_bytes: 64 * 1024, in_background: false })
            .unwrap();
    let (done, result) = channel();
    let durable = move |appended: Result<Vec<Record>, _>| done.send(appended.map(drop)).unwrap();
    journal.append(Position::new(1), records.to_vec(), Box::new(durable));
    result.recv().unwrap().unwrap();
}

/// Returns how much each occurrence of a schedule moved, according to the transfers in the journal.
fn moved(bank: &Bank, id: CommandId) -> BTreeMap<Timestamp, Vec<u64>> {
    let mut moved: BTreeMap<Timestamp, Vec<u64>> = BTreeMap::new();
    for run in runs(bank, id) {
        let amounts = moved.entry(run.occurrence).or_default();
        if let RunOutcome::Posted { attempt, position } = run.outcome {
            let movement = bank.movement(attempt.id).unwrap().unwrap();
            assert_eq!(movement.position, position);
            amounts.push(movement.amount.minor_units());
        }
    }
    moved
}

fn posted(records: &[Record]) -> u64 {
    records.iter().filter(|record| matches!(record.body, Body::Posted(_))).count() as u64
}

#[test]
fn whatever_is_left_of_the_journal_each_occurrence_runs_once() {
    let (scene, bank) = Scene::new();
    let twice = set(&bank, daily().with_end(End::AfterRuns(3)).with_catch_up(CatchUp::All));
    // Of an account without money, until some arrives.
    bank.open_account(OpenAccount::new(OwnerId::new("joon").unwrap()).with_number(number("P"))).unwrap();
    let mut retried = order(Rule::monthly(2, nine())).with_end(End::AfterRuns(1));
    retried.from = number("P");
    let retried = set(&bank, retried.with_retry(Retry { attempts: 5, interval_s: 600 }));
    let prepared = standing(&bank, retried).position.get() as usize;
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    scene.go_to(&bank, "2026-11-02T09:10+09:00");
    bank.deposit(CashPosting::new(number("P"), won(100_000))).unwrap();
    scene.go_to(&bank, "2026-11-02T09:20+09:00");
    scene.go_to(&bank, "2026-11-20T00:00+09:00");
    assert_eq!(balance(&bank, "B"), 4_000);
    bank.close().unwrap();
    let all = records(&scene.path());
    let mut between = 0;
    for cut in prepared..all.len() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("bank");
        write(&path, &all[..cut]);
        if let Body::ScheduleRun(run) = &all[cut].body
            && !matches!(run.outcome, RunOutcome::Skipped { .. })
        {
            between += 1;
        }
        // Whether the clock advances or is behind, the past does not change.
        let back = cut % 2 == 0;
        scene.clock.set(if back { time("2026-11-01T12:00+09:00") } else { time("2026-11-20T00:00+09:00") });
        let bank = open_later(&path, &scene.clock, scene.zone);
        bank.deposit(CashPosting::new(number("P"), won(100_000))).unwrap();
        // A repeated attempt is answered from the journal, and its retry counts from then.
        bank.run_due().unwrap();
        scene.go_to(&bank, "2026-11-30T00:00+09:00");
        assert_eq!(balance(&bank, "B"), 4_000, "cut after {cut}");
        assert_eq!(moved(&bank, twice).into_values().collect::<Vec<_>>(), [[1_000], [1_000], [1_000]], "cut {cut}");
        assert_eq!(moved(&bank, retried).into_values().collect::<Vec<_>>(), [[1_000]], "cut {cut}");
        for id in [twice, retried] {
            let progress = standing(&bank, id).progress;
            assert_eq!((progress.status, progress.skipped), (ScheduleStatus::Completed, 0), "cut {cut}");
        }
        bank.close().unwrap();
        sound(&path);
        assert_eq!(
            posted(&records(&path)),
            posted(&all[..prepared]) + 4 + cash(&records(&path), prepared),
            "cut {cut}"
        );
    }
    assert!(between >= 4, "only {between} cuts between an attempt and its record");
}

/// Movements of cash after the first `prepared` records.
fn cash(records: &[Record], prepared: usize) -> u64 {
    let is_cash = |record: &&Record| match &record.body {
        Body::Posted(posted) => posted.kind != jangbu_actors::ledger::PostingKind::Transfer,
        _ => false,
    };
    records[prepared..].iter().filter(is_cash).count() as u64
}

/// The journal of a bank that was killed after the transfer of an attempt and before the record of its outcome.
fn killed_between(schedule: jangbu_actors::ledger::Schedule, moment: &str) -> (Scene, CommandId) {
    let (scene, bank) = Scene::new();
    let id = set(&bank, schedule);
    scene.go_to(&bank, moment);
    bank.close().unwrap();
    let all = records(&scene.path());
    let run = all.iter().rposition(|record| matches!(record.body, Body::ScheduleRun(_))).unwrap();
    assert!(matches!(all[run - 1].body, Body::Posted(_)), "the transfer comes right before");
    std::fs::remove_dir_all(scene.path()).unwrap();
    write(&scene.path(), &all[..run]);
    (scene, id)
}

#[test]
fn an_attempt_that_was_made_is_not_skipped_however_late_it_is_found() {
    let skip = daily().with_catch_up(CatchUp::Skip);
    for policy in [skip.clone(), skip.with_catch_up(CatchUp::Latest)] {
        let (scene, id) = killed_between(policy, "2026-11-02T09:00+09:00");
        scene.clock.set(time("2026-11-02T23:00+09:00"));
        let bank = scene.open();
        bank.run_due().unwrap();
        let progress = standing(&bank, id).progress;
        assert_eq!((balance(&bank, "B"), progress.posted, progress.skipped), (1_000, 1, 0));
        scene.end(bank);
    }
}

#[test]
fn a_command_comes_after_an_attempt_that_was_made() {
    for (command, run) in [
        (ScheduleChange::Cancel, true),
        (ScheduleChange::Pause, true),
        (ScheduleChange::Cancel, false),
        (ScheduleChange::Pause, false),
    ] {
        let (scene, id) = killed_between(daily(), "2026-11-02T09:00+09:00");
        // The clock is behind the journal.
        scene.clock.set(time("2026-11-01T12:00+09:00"));
        let builder = jangbu_actors::Bank::builder().run_schedules(run).clock(Arc::clone(&scene.clock) as _);
        let bank = Bank::from(builder.open(scene.path()).unwrap());
        bank.change_schedule(ChangeSchedule::new(id, command)).unwrap();
        let progress = standing(&bank, id).progress;
        assert_eq!((balance(&bank, "B"), progress.posted), (1_000, 1), "{command:?}, run {run}");
        assert!(progress.status != ScheduleStatus::Active);
        scene.end(bank);
    }
}

#[test]
fn a_stored_state_of_any_moment_leads_to_the_same_schedules() {
    let (scene, bank) = Scene::new();
    let ids = [set(&bank, daily()), set(&bank, daily().with_end(End::AfterRuns(2))), set(&bank, daily())];
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    bank.checkpoint().unwrap();
    change(&bank, ids[0], ScheduleChange::Cancel);
    scene.go_to(&bank, "2026-11-03T09:00+09:00");
    let bank = scene.reopen_at(bank, "2026-11-03T09:00+09:00");
    change(&bank, ids[2], ScheduleChange::Pause);
    let told = |bank: &Bank| ids.map(|id| standing(bank, id));
    let before = told(&bank);
    bank.close().unwrap();
    sound(&scene.path());
    let bank = scene.open();
    assert_eq!(told(&bank), before, "from the last checkpoint");
    bank.close().unwrap();
    std::fs::remove_dir_all(scene.path().join("state")).unwrap();
    let bank = scene.open();
    assert_eq!(told(&bank), before, "from the journal alone");
    scene.end(bank);
}
