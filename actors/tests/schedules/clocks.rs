//! Clocks that read a false time: what is refused, what waits, what an operator accepts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use futures::future::BoxFuture;
use jangbu_actors::blocking::Bank;
use jangbu_actors::clock::{Clock, ClockStanding, ClockState, SteppedClock};
use jangbu_actors::command::{AmendHold, Command, PlaceHold, SettleHold, Transfer};
use jangbu_actors::ledger::{Body, CatchUp, CommandId, Record};
use jangbu_actors::verification::{Pending, Verdict, Verifier};
use jangbu_actors::{BankError, Error, HoldStatus};

use crate::support::{Scene, balance, daily, number, records, set, sound, time, told, won};

const TEN_YEARS_LATER: &str = "2036-11-01T12:00+09:00";

fn pay() -> Transfer {
    Transfer::new(number("A"), number("B"), won(1))
}

fn ahead<T: std::fmt::Debug>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::Bank(BankError::ClockAhead { .. })))
}

fn last(scene: &Scene) -> Record {
    records(&scene.path()).pop().unwrap()
}

#[test]
fn one_false_reading_posts_nothing_and_dates_nothing() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, daily());
    let hold = bank.place_hold(PlaceHold::new(number("A"), number("B"), won(5)).with_expiry(time("2026-11-05T12:00Z")));
    let hold = hold.unwrap().id;
    let before = bank.stats().durable;
    scene.clock.leap(time(TEN_YEARS_LATER));
    let transfer = pay();
    let error = bank.transfer(transfer.clone()).unwrap_err();
    let expected = BankError::ClockAhead {
        last: time("2026-11-01T12:00+09:00"),
        now: time(TEN_YEARS_LATER),
        lead: Duration::from_secs(24 * 60 * 60),
    };
    assert!(
        matches!(&error, Error::Bank(BankError::ClockAhead { now, .. }) if *now == time(TEN_YEARS_LATER)),
        "{error}"
    );
    let words = error.to_string();
    for word in ["2036-11-01T03:00:00Z", "24 h", "`jangbu clock accept --until 2036-11-01T03:00:00Z`"] {
        assert!(words.contains(word) && expected.to_string().contains(word), "{words}");
    }
    assert!(matches!(bank.run_due(), Err(BankError::ClockAhead { .. })));
    assert!(ahead(bank.preview(&Command::Transfer(pay()))));
    assert!(ahead(bank.settle_hold(SettleHold::all(hold))));
    // A batch of several parts is refused as a whole, and leaves room for the next.
    for _ in 0..10 {
        assert!(ahead(bank.submit((0..8_192).map(|_| Command::Transfer(pay())).collect())));
    }
    assert_eq!((bank.stats().durable, bank.stats().in_flight), (before, 0), "nothing was recorded");
    assert_eq!(bank.position_of(transfer.id).unwrap(), None);
    assert_eq!(bank.clock_state().unwrap().standing, ClockStanding::Ahead);
    scene.clock.leap(time("2026-11-01T12:00:10+09:00"));
    bank.transfer(transfer).unwrap();
    scene.go_to(&bank, "2026-11-02T10:00+09:00");
    assert_eq!(told(&bank, id), ["11-02 09:00 posted 1"]);
    assert_eq!(bank.hold(hold).unwrap().unwrap().status, HoldStatus::Open);
    scene.end(bank);
    assert!(last(&scene).recorded_at < time("2026-11-02T10:01+09:00"));
}

#[test]
fn an_accepted_clock_stays_trusted_after_a_restart() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, daily().with_catch_up(CatchUp::All));
    scene.clock.leap(time("2026-11-04T10:00+09:00"));
    assert!(ahead(bank.transfer(pay())));
    // The operator saw a slightly earlier time than the present reading.
    let state = bank.accept_clock(time("2026-11-04T09:59:58+09:00")).unwrap();
    assert_eq!(state.standing, ClockStanding::Trusted);
    bank.transfer(pay()).unwrap();
    bank.run_due().unwrap();
    assert_eq!(told(&bank, id).len(), 3);
    let before = bank.stats().durable;
    assert_eq!(bank.accept_clock(time(TEN_YEARS_LATER)).unwrap().standing, ClockStanding::Trusted);
    assert_eq!(bank.stats().durable, before, "there was nothing to accept");
    bank.close().unwrap();
    let accepted = records(&scene.path()).into_iter().find_map(|record| match record.body {
        Body::ClockAccepted(accepted) => Some((record.recorded_at, accepted.reading)),
        _ => None,
    });
    assert_eq!(accepted, Some((time("2026-11-04T09:59:58+09:00"), time("2026-11-04T10:00+09:00"))));
    let bank = scene.open();
    bank.transfer(pay()).unwrap();
    scene.clock.leap(time(TEN_YEARS_LATER));
    assert!(ahead(bank.transfer(pay())), "the next leap needs a word of its own");
    scene.end(bank);
}

#[test]
fn a_clock_that_reads_later_than_the_operator_saw_is_not_accepted() {
    let (scene, bank) = Scene::new();
    let before = bank.stats().durable;
    scene.clock.leap(time(TEN_YEARS_LATER));
    let refused = bank.accept_clock(time("2026-11-04T10:00+09:00"));
    assert!(matches!(refused, Err(BankError::ClockAhead { now, .. }) if now == time(TEN_YEARS_LATER)), "{refused:?}");
    assert_eq!(bank.stats().durable, before);
    // A moment beyond the reading does not extend what is trusted.
    bank.accept_clock(time("2099-01-01T00:00Z")).unwrap();
    scene.clock.leap(time("2090-01-01T00:00Z"));
    assert!(ahead(bank.transfer(pay())));
    scene.end(bank);
    assert_eq!(last(&scene).recorded_at, time(TEN_YEARS_LATER));
}

#[test]
fn an_open_idle_bank_knows_the_time_that_passed_but_a_closed_one_does_not() {
    let (scene, bank) = Scene::new();
    scene.clock.set(time("2026-12-01T12:00+09:00"));
    assert_eq!(bank.clock_state().unwrap().standing, ClockStanding::Trusted);
    bank.transfer(pay()).unwrap();
    bank.close().unwrap();
    scene.clock.set(time("2026-12-02T11:59+09:00"));
    let bank = scene.open();
    bank.transfer(pay()).unwrap();
    bank.close().unwrap();
    scene.clock.set(time("2026-12-04T12:00+09:00"));
    let bank = scene.open();
    assert!(ahead(bank.transfer(pay())));
    assert_eq!(
        bank.snapshot(number("A")).unwrap().posted.minor_units(),
        999_998,
        "whoever only reads is not turned away"
    );
    bank.close().unwrap();
    let builder = jangbu_actors::Bank::builder().clock(scene.clock.clone()).clock_lead(Duration::MAX);
    let bank = Bank::from(builder.open(scene.path()).unwrap());
    bank.transfer(pay()).unwrap();
    bank.close().unwrap();
    sound(&scene.path());
}

#[test]
fn a_clock_set_back_is_reported_and_times_still_increase() {
    let (scene, bank) = Scene::new();
    scene.go_to(&bank, "2026-11-02T08:59+09:00");
    let id = set(&bank, daily());
    let end = time("2026-11-02T09:30+09:00");
    let hold = bank.place_hold(PlaceHold::new(number("A"), number("B"), won(5)).with_expiry(end)).unwrap().id;
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    assert_eq!(balance(&bank, "B"), 1_000);
    scene.clock.leap(time("2026-11-02T08:59:30+09:00"));
    assert_eq!(bank.clock_state().unwrap().standing, ClockStanding::Trusted, "a correction like others");
    scene.clock.leap(time("2026-10-30T12:00+09:00"));
    assert_eq!(bank.clock_state().unwrap().standing, ClockStanding::Behind);
    let (one, two) = (bank.transfer(pay()).unwrap(), bank.transfer(pay()).unwrap());
    assert!(one.recorded_at >= time("2026-11-02T09:00+09:00") && one.recorded_at < two.recorded_at);
    bank.run_due().unwrap();
    assert_eq!(told(&bank, id), ["11-02 09:00 posted 1"], "not twice");
    let later = time("2026-11-02T10:00+09:00");
    let amend = AmendHold { id: CommandId::random(), hold: hold.into(), raise_to: None, expires_at: Some(later) };
    bank.amend_hold(amend).unwrap();
    scene.clock.leap(time("2026-11-02T09:59+09:00"));
    bank.run_due().unwrap();
    assert_eq!(bank.hold(hold).unwrap().unwrap().status, HoldStatus::Open);
    scene.go_to(&bank, "2026-11-02T10:00+09:00");
    // Expiries are recorded along with what is due; a command about the hold waits for them.
    assert!(bank.settle_hold(SettleHold::all(hold)).is_err());
    scene.end(bank);
    let times: Vec<_> = records(&scene.path()).iter().map(|record| record.recorded_at).collect();
    assert!(times.is_sorted_by(|earlier, later| earlier < later));
}

#[test]
fn a_restored_machine_catches_up_after_confirmation() {
    // The machine and its disk return to a snapshot of three days ago; then its clock is corrected.
    let (scene, bank) = Scene::new();
    set(&bank, daily());
    scene.clock.leap(time("2026-11-04T12:00+09:00"));
    let ClockState { standing, trusted, .. } = bank.clock_state().unwrap();
    assert_eq!(standing, ClockStanding::Ahead);
    assert!(trusted < time("2026-11-01T12:01+09:00"));
    bank.accept_clock(time("2026-11-04T12:00+09:00")).unwrap();
    bank.run_due().unwrap();
    assert_eq!(balance(&bank, "B"), 1_000, "the latest of the three");
    scene.end(bank);
}

/// A verifier that rejects what has waited for five minutes by its clock, and approves nothing before some hour of the
/// day.
struct Punctual {
    clock: Arc<SteppedClock>,
    rejections: Arc<AtomicUsize>,
}

impl Verifier for Punctual {
    fn verify(&self, pending: Pending) -> BoxFuture<'static, Verdict> {
        let verdict = match self.clock.now() {
            late if late >= pending.placed_at.after(Duration::from_secs(300)) => {
                self.rejections.fetch_add(1, SeqCst);
                Verdict::Reject { reason: "too late".into(), customer_text: None }
            }
            soon if soon > pending.placed_at => Verdict::Approve,
            _ => Verdict::AskAgain { after: Duration::from_millis(1) },
        };
        Box::pin(std::future::ready(verdict))
    }
}

#[test]
fn a_verdict_by_a_false_clock_decides_nothing() {
    let (scene, bank) = Scene::new();
    bank.close().unwrap();
    let rejections = Arc::new(AtomicUsize::new(0));
    let verifier = Punctual { clock: Arc::clone(&scene.clock), rejections: Arc::clone(&rejections) };
    let builder = jangbu_actors::Bank::builder().clock(scene.clock.clone()).verifier(verifier);
    let bank = Bank::from(builder.open(scene.path()).unwrap());
    let hold = bank.accept(pay()).unwrap().id;
    scene.clock.leap(time(TEN_YEARS_LATER));
    while rejections.load(SeqCst) == 0 {
        std::thread::yield_now();
    }
    // Long enough for the verdict to arrive.
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(bank.clock_state().unwrap().standing, ClockStanding::Ahead);
    scene.clock.leap(time("2026-11-01T12:00:01+09:00"));
    while bank.hold(hold).unwrap().unwrap().status == HoldStatus::Open {
        bank.clock_state().unwrap();
    }
    assert_eq!(bank.hold(hold).unwrap().unwrap().status, HoldStatus::Settled);
    assert_eq!(rejections.load(SeqCst), 1);
    scene.end(bank);
}
