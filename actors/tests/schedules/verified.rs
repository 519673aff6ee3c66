//! In a bank with a verifier, a scheduled attempt awaits verification like a requested transfer.

use std::sync::Arc;

use futures::future::BoxFuture;
use jangbu_actors::blocking::Bank;
use jangbu_actors::command::VoidHold;
use jangbu_actors::ledger::{Body, End, RunOutcome};
use jangbu_actors::verification::{NoVerification, Pending, Verdict, Verifier};

use crate::prefixes::write;
use crate::support::{Scene, balance, daily, number, records, runs, set, sound, standing, time, told, won};

/// A verifier that never reaches a verdict.
struct Endless;

impl Verifier for Endless {
    fn verify(&self, _: Pending) -> BoxFuture<'static, Verdict> {
        Box::pin(std::future::pending())
    }
}

fn open(scene: &Scene, verifier: impl Verifier) -> Bank {
    let builder = jangbu_actors::Bank::builder().clock(Arc::clone(&scene.clock) as _).verifier(verifier);
    Bank::from(builder.open(scene.path()).unwrap())
}

fn reopen(scene: &Scene, bank: Bank, verifier: impl Verifier) -> Bank {
    bank.close().unwrap();
    open(scene, verifier)
}

/// Waits until no hold awaits verification.
fn verified(bank: &Bank) {
    for _ in 0..10_000 {
        if bank.snapshot(number("A")).unwrap().held.minor_units() == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("the verifier has not come to its verdict");
}

#[test]
fn a_scheduled_transfer_moves_when_it_is_approved() {
    let (scene, bank) = Scene::new();
    let bank = reopen(&scene, bank, Endless);
    let id = set(&bank, daily().with_end(End::AfterRuns(2)));
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    assert_eq!(told(&bank, id), ["11-02 09:00 accepted 1"]);
    let sender = bank.snapshot(number("A")).unwrap();
    assert_eq!((sender.posted, sender.held), (won(1_000_000).into(), won(1_000)));
    assert_eq!(balance(&bank, "B"), 0, "nothing moves unverified");
    // The verification continues after the next open, and later attempts are verified too.
    let bank = reopen(&scene, bank, NoVerification);
    verified(&bank);
    assert_eq!(balance(&bank, "B"), 1_000);
    scene.go_to(&bank, "2026-11-03T09:00+09:00");
    verified(&bank);
    assert_eq!(told(&bank, id), ["11-02 09:00 accepted 1", "11-03 09:00 accepted 1"]);
    assert_eq!((balance(&bank, "B"), standing(&bank, id).progress.posted), (2_000, 2));
    let movement = |run: usize| match &runs(&bank, id)[run].outcome {
        RunOutcome::Accepted { attempt, position } => {
            let movement = bank.movement(attempt.id).unwrap().unwrap();
            assert!(movement.position > *position, "it stands where it ended");
            movement.amount
        }
        other => panic!("{other:?}"),
    };
    assert_eq!([movement(0), movement(1)], [won(1_000); 2]);
    scene.end(bank);
}

#[test]
fn a_schedule_of_at_most_an_amount_holds_all_of_it_or_is_refused() {
    let (scene, bank) = Scene::new();
    let bank = reopen(&scene, bank, Endless);
    let mut much = daily().with_end(End::AfterRuns(1)).up_to();
    much.amount = jangbu_actors::ledger::ScheduledAmount::UpTo(won(1_000_001));
    let much = set(&bank, much);
    let some = set(&bank, daily().with_end(End::AfterRuns(1)).up_to());
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    assert_eq!(told(&bank, much), ["11-02 09:00 insufficient_funds 1"]);
    assert_eq!(told(&bank, some), ["11-02 09:00 accepted 1"]);
    let RunOutcome::Accepted { attempt, .. } = runs(&bank, some)[0].outcome else { panic!("it is held") };
    bank.void_hold(VoidHold::new(attempt.id)).unwrap();
    assert_eq!((balance(&bank, "A"), balance(&bank, "B")), (1_000_000, 0));
    scene.end(bank);
}

/// A bank that was killed between an attempt and the record of its outcome, and the same schedule.
#[test]
fn a_repeated_attempt_is_the_same_attempt() {
    for was_held in [true, false] {
        let (scene, bank) = Scene::new();
        let bank = if was_held { reopen(&scene, bank, Endless) } else { bank };
        let id = set(&bank, daily().with_end(End::AfterRuns(1)));
        scene.go_to(&bank, "2026-11-02T09:00+09:00");
        bank.close().unwrap();
        let all = records(&scene.path());
        let run = all.iter().rposition(|record| matches!(record.body, Body::ScheduleRun(_))).unwrap();
        assert_eq!(matches!(all[run - 1].body, Body::Held(_)), was_held);
        std::fs::remove_dir_all(scene.path()).unwrap();
        write(&scene.path(), &all[..run]);
        scene.clock.set(time("2026-11-02T09:30+09:00"));
        // With a verifier where there was none, and without one where there was one.
        let bank = if was_held { scene.open() } else { open(&scene, Endless) };
        bank.run_due().unwrap();
        let outcome = if was_held { "accepted" } else { "posted" };
        assert_eq!(told(&bank, id), [format!("11-02 09:00 {outcome} 1")]);
        let sender = bank.snapshot(number("A")).unwrap();
        let (posted, held) = if was_held { (1_000_000, 1_000) } else { (999_000, 0) };
        assert_eq!((sender.posted.minor_units(), sender.held.minor_units()), (posted, held), "once");
        bank.close().unwrap();
        sound(&scene.path());
    }
}
