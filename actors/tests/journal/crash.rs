//! Operations fail and the power is cut, at every point: everything acknowledged is there, and nothing but a prefix of
//! what was appended.

use jangbu_actors::journal::disk::{Fault, FaultDisk};
use jangbu_actors::journal::{Journal, JournalError, verify};
use jangbu_actors::ledger::Position;

use crate::support::{all, append, dir, disk, id, open, records, reopen, tiny};

/// What a run achieved before an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Run {
    acknowledged: u64,
    attempted: u64,
    /// Whether the last thing acknowledged was a close.
    closed: bool,
}

/// Opens the journal, appends batches of these sizes, closes it for a batch of 0 and opens it again after that. Ends
/// with the first error, after which nothing may be acknowledged.
fn run(disk: &FaultDisk, mut run: Run, batches: &[u64]) -> Run {
    let mut journal = None;
    for count in batches {
        if journal.is_none() {
            let Ok(opened) = open(disk) else { return run };
            assert!(opened.end().get() >= run.acknowledged, "{run:?}, but {} after opening", opened.end());
            run.attempted = opened.end().get();
            run.acknowledged = run.attempted;
            journal = Some(opened);
        }
        let Some(opened) = &mut journal else { return run };
        if *count == 0 {
            if opened.close().is_err() {
                stays_stopped(opened, run.acknowledged);
                return run;
            }
            run.closed = true;
            journal = None;
            continue;
        }
        run.closed = false;
        let batch = records(run.acknowledged + 1..=run.acknowledged + count);
        run.attempted = run.acknowledged + count;
        if append(opened, batch).is_err() {
            stays_stopped(opened, run.attempted);
            return run;
        }
        run.acknowledged = run.attempted;
    }
    run
}

fn stays_stopped(journal: &mut dyn Journal, end: u64) {
    let position = end + 1;
    for _ in 0..2 {
        assert!(append(journal, records(position..=position)).is_err(), "appended after an error");
    }
    assert!(journal.close().is_err(), "closed after an error");
}

/// Checks that the disk has what a run requires, and that a journal on it continues.
fn check(disk: &FaultDisk, run: Run, what: &dyn Fn() -> String) {
    let verified = verify(disk, &dir(), |_| Ok::<(), JournalError>(()));
    // Before the directory itself is durable, there is nothing to verify.
    if run.attempted > 0 {
        let verified = verified.unwrap_or_else(|error| panic!("{}: verify: {error}", what()));
        assert!(verified.records >= run.acknowledged, "{}: {verified:?}", what());
    }
    let mut journal = open(disk).unwrap_or_else(|error| panic!("{}: open: {error}", what()));
    let found = all(&journal);
    let end = found.len() as u64;
    assert!(run.acknowledged <= end && end <= run.attempted, "{}: {end} of {run:?}", what());
    assert!(found == records(1..=end), "{}: other records", what());
    let reader = journal.reader();
    for position in 1..=reader.sealed_through().get() {
        assert_eq!(reader.find(id(position)).unwrap(), Some(Position::new(position)), "{}", what());
    }
    append(&mut journal, records(end + 1..=end + 3)).unwrap();
    drop(journal);
    assert_eq!(reopen(disk).end().get(), end + 3, "{}", what());
}

/// Fills two segments and starts a third, with a clean close in between.
const SHORT: [u64; 14] = [1, 2, 60, 1, 30, 0, 1, 50, 60, 1, 0, 2, 40, 1];

fn operations_of(batches: &[u64]) -> u64 {
    let disk = disk();
    let done = run(&disk, Run::default(), batches);
    assert_eq!(done.acknowledged, batches.iter().sum::<u64>());
    let segments = disk.files().iter().filter(|(path, _)| path.extension().is_some_and(|is| is == "segment")).count();
    assert!(segments >= 3, "{segments} segments");
    disk.operations()
}

#[test]
fn any_operation_may_fail() {
    for operation in 0..operations_of(&SHORT) {
        for fault in [Fault::Io, Fault::NoSpace, Fault::ShortWrite] {
            for lasting in [false, true] {
                let disk = disk();
                match lasting {
                    true => disk.fail_from(operation, fault),
                    false => disk.fail_once(operation, fault),
                }
                let done = run(&disk, Run::default(), &SHORT);
                disk.heal();
                let what = || format!("{fault:?} at operation {operation}, lasting: {lasting}");
                for seed in 0..4 {
                    check(&disk.power_cut(seed), done, &|| format!("{}, power cut {seed}", what()));
                }
                check(&disk, done, &what);
                for seed in 4..6 {
                    let after = Run { acknowledged: done.acknowledged, attempted: done.attempted + 3, closed: false };
                    check(&disk.power_cut(seed), after, &|| format!("{}, power cut {seed} later", what()));
                }
            }
        }
    }
}

/// Opening may fail anywhere too, and the power may be cut after the next attempt.
#[test]
fn opening_can_be_interrupted_anywhere() {
    let total = operations_of(&SHORT);
    let mut torn = 0;
    for operation in (0..total).step_by(2) {
        let first = disk();
        first.fail_from(operation, Fault::ShortWrite);
        let done = run(&first, Run::default(), &SHORT);
        let crashed = first.power_cut(operation);
        for step in 0.. {
            let disk = crashed.power_cut(0);
            disk.fail_once(step, Fault::Io);
            let interrupted = open(&disk).is_err();
            disk.heal();
            torn += disk.files().iter().filter(|(path, _)| path.to_string_lossy().contains("torn")).count();
            let what = || format!("cut at {operation}, opening fails at {step}");
            check(&disk.power_cut(step), done, &|| format!("{}, power cut", what()));
            // Not by a power cut, but by the program alone: written data still reads the same, durable or not.
            let went_on = run(&disk, done, &[2, 1, 0]);
            assert!(went_on.closed, "{}", what());
            check(&disk.power_cut(step), went_on, &|| format!("{}, went on", what()));
            if !interrupted {
                break;
            }
        }
    }
    assert!(torn > 40, "only {torn} torn tails: the test tests little");
}

#[test]
fn power_may_be_cut_at_any_operation_of_a_short_run() {
    for operation in 0..operations_of(&SHORT) {
        let disk = disk();
        disk.fail_from(operation, Fault::Io);
        let done = run(&disk, Run::default(), &SHORT);
        for seed in 0..12 {
            let image = disk.power_cut(operation * 1000 + seed);
            check(&image, done, &|| format!("cut at operation {operation}, seed {seed}"));
        }
    }
}

#[test]
fn power_may_be_cut_at_random_moments_of_a_long_run() {
    let batches: Vec<u64> = (0..56).map(|round| [1, 7, 0, 25, 2, 60, 3][round % 7]).collect();
    let total = operations_of(&batches);
    let mut state = 1u64;
    for seed in 0..900 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let operation = (state >> 33) % total;
        let disk = disk();
        disk.fail_from(operation, Fault::ShortWrite);
        let done = run(&disk, Run::default(), &batches);
        for seed in [seed, seed + 10_000, seed + 20_000] {
            check(&disk.power_cut(seed), done, &|| format!("cut at operation {operation}, seed {seed}"));
        }
    }
}

/// With the segment thread, operations come in a different order each time; the promise is the same.
#[test]
fn power_may_be_cut_while_the_segment_thread_works() {
    let options = jangbu_actors::journal::FileOptions { in_background: true, ..tiny() };
    for seed in 0..300 {
        let disk = disk();
        disk.fail_from(20 + seed, Fault::ShortWrite);
        let mut done = Run::default();
        if let Ok(mut journal) =
            jangbu_actors::journal::FileJournal::open(std::sync::Arc::new(disk.clone()), &dir(), options.clone())
        {
            loop {
                assert!(done.acknowledged < 100_000, "appends go on after the disk failed for good");
                let count = seed % 40 + 1;
                done.attempted = done.acknowledged + count;
                if append(&mut journal, records(done.acknowledged + 1..=done.attempted)).is_err() {
                    break;
                }
                done.acknowledged = done.attempted;
            }
        }
        check(&disk.power_cut(seed), done, &|| format!("seed {seed}"));
    }
}
