//! Transfers that await verification, while everything else proceeds.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use jangbu_actors::blocking::Bank;
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::{AmendHold, CashPosting, OpenAccount, PlaceHold, SettleHold, Transfer, VoidHold};
use jangbu_actors::ledger::{CommandId, OwnerId, Refusal};
use jangbu_actors::verification::{NoVerification, Pending, RandomDelay, Verdict, VerificationStage, Verifier};
use jangbu_actors::{Builder, HoldStatus};

use crate::support::{builder, moment, noon, number, refused, won};

/// A verifier that never reaches a verdict.
#[derive(Clone, Default)]
struct Endless {
    asked: Arc<AtomicUsize>,
}

impl Verifier for Endless {
    fn verify(&self, _: Pending) -> BoxFuture<'static, Verdict> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::pending())
    }
}

/// A verifier that asks to be called again the first time, and then decides by the reference.
#[derive(Clone, Default)]
struct Strict {
    asked: Arc<AtomicUsize>,
}

impl Verifier for Strict {
    fn verify(&self, pending: Pending) -> BoxFuture<'static, Verdict> {
        let count = self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            match count {
                0 => Verdict::AskAgain { after: Duration::from_millis(1) },
                _ if pending.details.reference == "bad" => {
                    Verdict::Reject { reason: "bad\nreference".into(), customer_text: Some("Call\nus".into()) }
                }
                _ => Verdict::Approve,
            }
        })
    }
}

fn bank(settings: Builder) -> Bank {
    people(settings.in_memory().unwrap().into())
}

fn people(bank: Bank) -> Bank {
    for text in ["A", "B"] {
        let owner = OwnerId::new(&text.to_lowercase()).unwrap();
        bank.open_account(OpenAccount::new(owner).with_number(number(text))).unwrap();
    }
    bank.deposit(CashPosting::new(number("A"), won(100_000))).unwrap();
    bank
}

fn plain() -> Builder {
    builder(&SteppedClock::starting_at(noon()))
}

fn transfer(amount: u64) -> Transfer {
    Transfer::new(number("A"), number("B"), won(amount))
}

fn status(bank: &Bank, hold: CommandId) -> HoldStatus {
    bank.hold(hold).unwrap().unwrap().status
}

fn wait_until(what: &str, done: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("in vain: {what}");
}

#[test]
fn a_verdict_settles_or_voids() {
    let bank = bank(plain().verifier(Strict::default()));
    let good = bank.accept(transfer(300)).unwrap().id;
    wait_until("the good one settles", || status(&bank, good) == HoldStatus::Settled);
    let bad = bank.accept(transfer(500).with_reference("bad")).unwrap().id;
    wait_until("the bad one is rejected", || status(&bank, bad) == HoldStatus::Rejected);
    let rejected = bank.hold(bad).unwrap().unwrap();
    assert_eq!((rejected.reason.as_str(), rejected.customer_text.as_str()), ("badreference", "Callus"));
    let (a, b) = (bank.snapshot(number("A")).unwrap(), bank.snapshot(number("B")).unwrap());
    assert_eq!((a.posted.minor_units(), a.held, b.posted.minor_units()), (99_700, won(0), 300));
    bank.close().unwrap();
}

#[test]
fn pending_verifications_resume_once_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let endless = Endless::default();
    let opened = plain().verifier(endless.clone()).open(directory.path()).unwrap();
    let bank = people(opened.into());
    let waiting: Vec<_> = (1..=20).map(|amount| bank.accept(transfer(amount)).unwrap().id).collect();
    wait_until("all are asked about", || endless.asked.load(Ordering::SeqCst) == 20);
    bank.close().unwrap();
    // Without a verifier they stay held.
    let bank: Bank = plain().open(directory.path()).unwrap().into();
    assert_eq!(bank.snapshot(number("A")).unwrap().holds.len(), 20);
    bank.close().unwrap();
    let bank: Bank = plain().verifier(NoVerification).open(directory.path()).unwrap().into();
    wait_until("all are settled", || bank.snapshot(number("B")).unwrap().posted.minor_units() == 210);
    assert!(waiting.iter().all(|hold| status(&bank, *hold) == HoldStatus::Settled));
    bank.close().unwrap();
}

#[test]
fn a_thousand_pending_verifications_delay_nothing() {
    let hour = Duration::from_secs(3_600);
    let bank = bank(plain().verifier(RandomDelay::new(hour, hour, 0)));
    for _ in 0..1_000 {
        bank.accept(transfer(10)).unwrap();
    }
    for _ in 0..1_000 {
        bank.transfer(transfer(1)).unwrap();
    }
    let a = bank.snapshot(number("A")).unwrap();
    assert_eq!((a.posted.minor_units(), a.held, a.holds.len()), (99_000, won(10_000), 1_000));
    bank.close().unwrap();
}

/// A verifier that has no verdict the first time, and then does not answer for an hour.
#[derive(Clone, Default)]
struct Doubtful {
    asked: Arc<AtomicUsize>,
}

impl Verifier for Doubtful {
    fn verify(&self, _: Pending) -> BoxFuture<'static, Verdict> {
        let hour = Duration::from_secs(3_600);
        let verdict = match self.asked.fetch_add(1, Ordering::SeqCst) {
            0 => Verdict::AskAgain { after: hour },
            1 => return Box::pin(std::future::pending()),
            _ => Verdict::Approve,
        };
        Box::pin(std::future::ready(verdict))
    }
}

#[test]
fn pending_verifications_are_listed_and_restarted_on_demand() {
    let doubtful = Doubtful::default();
    let handle = plain().verifier(doubtful.clone()).in_memory().unwrap();
    let bank = people(handle.clone().into());
    let asked = || doubtful.asked.load(Ordering::SeqCst);
    let stage = || {
        let (queue, total) = futures::executor::block_on(handle.pending_verifications(None, 10)).unwrap();
        queue.data.first().map(|queued| (queued.hold, queued.stage, queued.asked, total))
    };
    let again = |hold| futures::executor::block_on(handle.verify_again(hold)).unwrap();
    assert_eq!(stage(), None);
    let hold = bank.accept(transfer(300)).unwrap().id;
    let waits = VerificationStage::WaitsToAskAgain;
    wait_until("it does not know", || stage() == Some((hold, waits, 1, 1)));
    assert!(again(hold));
    wait_until("it is asked again", || asked() == 2);
    wait_until("it is being asked", || stage() == Some((hold, VerificationStage::Asked, 2, 1)));
    assert!(again(hold), "what is being asked is broken off");
    wait_until("it is settled", || status(&bank, hold) == HoldStatus::Settled);
    assert_eq!((asked(), stage()), (3, None));
    assert!(!again(hold), "it waits no more");
    bank.close().unwrap();
}

fn raise(hold: CommandId, amount: u64) -> AmendHold {
    AmendHold { id: CommandId::random(), hold: hold.into(), raise_to: Some(won(amount)), expires_at: None }
}

#[test]
fn a_hold_awaiting_verification_cannot_be_raised_even_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let court = Endless::default();
    let bank = people(plain().verifier(court.clone()).open(directory.path()).unwrap().into());
    let hold = bank.accept(transfer(300)).unwrap().id;
    let awaits = Refusal::HoldAwaitsVerification { hold: hold.into() };
    assert_eq!(refused(bank.amend_hold(raise(hold, 301))), awaits);
    assert_eq!(refused(bank.amend_hold(raise(hold, 299))).code(), "hold_lowered", "which comes first");
    bank.amend_hold(raise(hold, 300)).unwrap();
    let later = AmendHold { raise_to: None, expires_at: Some(moment("2026-12-24T03:00:00Z")), ..raise(hold, 0) };
    bank.amend_hold(later).unwrap();
    bank.close().unwrap();
    // From the journal, from the stored state, and without a verifier.
    for settings in [plain().verifier(court), plain(), plain().verifier(NoVerification)] {
        let bank: Bank = settings.open(directory.path()).unwrap().into();
        let answer = bank.amend_hold(raise(hold, 400));
        match status(&bank, hold) {
            HoldStatus::Open => assert_eq!(refused(answer), awaits),
            ended => assert_eq!(ended, HoldStatus::Settled),
        }
        bank.close().unwrap();
    }
    let bank: Bank = plain().open(directory.path()).unwrap().into();
    wait_until("it is settled", || status(&bank, hold) == HoldStatus::Settled);
    assert_eq!(bank.snapshot(number("B")).unwrap().posted.minor_units(), 300);
    bank.close().unwrap();
}

#[test]
fn an_ended_hold_frees_its_verification_slot() {
    let clock = SteppedClock::starting_at(noon());
    let endless = Endless::default();
    let bank = bank(builder(&clock).verifier(endless.clone()).max_verifying(1));
    let asked = || endless.asked.load(Ordering::SeqCst);
    let over = moment("2026-11-22T04:00:00Z");
    let accept = |amount| bank.accept(transfer(amount)).unwrap().id;
    let (voided, settled) = (accept(1), accept(2));
    let expiring = PlaceHold { verify: true, ..PlaceHold::new(number("A"), number("B"), won(3)).with_expiry(over) };
    let expiring = bank.place_hold(expiring).unwrap().id;
    let (gone_before, last) = (accept(4), accept(5));
    bank.void_hold(VoidHold::new(gone_before)).unwrap();
    wait_until("the first is asked about", || asked() == 1);
    bank.void_hold(VoidHold::new(voided)).unwrap();
    wait_until("the second is asked about", || asked() == 2);
    bank.settle_hold(SettleHold::all(settled)).unwrap();
    wait_until("the third is asked about", || asked() == 3);
    clock.set(over);
    wait_until("it expires", || status(&bank, expiring) == HoldStatus::Expired);
    wait_until("the last is asked about, and not the one that ended before its turn", || asked() == 4);
    assert_eq!(status(&bank, last), HoldStatus::Open);
    bank.close().unwrap();
}
