//! Journals of an earlier version without some of today's rules: commands of unlimited size, and holds that were raised
//! during verification.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use futures::future::BoxFuture;
use jangbu_actors::archive::{Which, archive};
use jangbu_actors::backup::{restore, verify_backup};
use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{AmendHold, CashPosting, InvalidCommand, Linked, MAX_COMMAND_BYTES, PlaceHold, Step};
use jangbu_actors::ledger::{Amount, CommandId, Details};
use jangbu_actors::plant::{Bug, plant};
use jangbu_actors::verification::{Pending, Verdict, Verifier};
use jangbu_actors::{Builder, Error};

use crate::town::{audit, builder, clock, number, people, posted, won};

/// 64 transfers from `from` of one unit each, with this many bytes in each metadata value.
fn links(from: &str, value_bytes: usize, id: &str) -> Linked {
    let metadata = (0..8).map(|n| (format!("{n:040}"), "v".repeat(value_bytes))).collect();
    let details = Some(Box::new(Details { reference: "r".repeat(140), metadata, ..Details::default() }));
    let (from, to) = (number(from), number("C"));
    let step = Step::Transfer { from, to, amount: won(1), at_most: false, most_fee: None, details };
    Linked::new(vec![step; 64]).with_id(CommandId::derived(id.as_bytes()))
}

fn settings() -> Builder {
    builder(&clock()).segment_bytes(256 * 1024)
}

/// What the bank knows about them, whatever it was opened from.
fn shows_all(bank: &Bank) {
    assert_eq!((posted(bank, "A"), posted(bank, "C")), (10_500 - 6 * 64 * 6, 6 * 64));
    for n in 0..6 {
        let linked = links("A", 185, &format!("posted {n}"));
        assert_eq!(bank.movements_of(linked.id).unwrap().len(), 64);
        let refused = links("B", 185, &format!("refused {n}"));
        assert!(bank.movement(refused.id).unwrap().is_some_and(|movement| movement.refusal.is_some()));
    }
}

#[test]
fn oversized_records_are_read_checked_backed_up_and_archived() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    {
        // As an earlier version wrote it.
        let _planted = plant(Some(Bug::CommandsUnbounded));
        let bank: Bank = settings().open(path("bank")).unwrap().into();
        people(&bank);
        bank.deposit(CashPosting::new(number("A"), won(10_000))).unwrap();
        for n in 0..6 {
            bank.linked(links("A", 185, &format!("posted {n}"))).unwrap();
            assert!(matches!(bank.linked(links("B", 185, &format!("refused {n}"))), Err(Error::Refused(_))));
        }
        shows_all(&bank);
        bank.close().unwrap();
    }
    let _sound = plant(None);
    audit(&path("bank"));
    let bank: Bank = settings().open(path("bank")).unwrap().into();
    shows_all(&bank);
    let again = bank.linked(links("A", 185, "posted 0")).unwrap_err();
    assert!(matches!(again, Error::Invalid(InvalidCommand::TooLarge(bytes)) if bytes > MAX_COMMAND_BYTES), "{again}");
    bank.close().unwrap();
    std::fs::remove_dir_all(path("bank").join("state")).unwrap();
    let bank: Bank = settings().open(path("bank")).unwrap().into();
    shows_all(&bank);
    bank.backup(&path("backup")).unwrap();
    bank.close().unwrap();
    verify_backup(path("backup")).unwrap();
    restore(path("backup"), path("restored")).unwrap();
    audit(&path("restored"));
    let bank: Bank = settings().open(path("restored")).unwrap().into();
    shows_all(&bank);
    bank.close().unwrap();
    archive(path("bank"), path("archive"), Which::AllBut(1)).unwrap();
    audit(&path("bank"));
    let bank: Bank = settings().open(path("bank")).unwrap().into();
    bank.linked(links("A", 20, "a small one")).unwrap();
    assert_eq!(posted(&bank, "C"), 7 * 64);
    bank.close().unwrap();
}

/// A verifier that reports the amount it is asked about, and never reaches a verdict.
struct Curious(parking_lot::Mutex<Sender<Amount>>);

impl Verifier for Curious {
    fn verify(&self, pending: Pending) -> BoxFuture<'static, Verdict> {
        let _ = self.0.lock().send(pending.amount);
        Box::pin(std::future::pending())
    }
}

#[test]
fn a_hold_raised_during_verification_is_verified_with_its_new_amount() {
    let scratch = tempfile::tempdir().unwrap();
    {
        // As an earlier version wrote it.
        let _planted = plant(Some(Bug::VerifiedHoldRaised));
        let bank: Bank = settings().open(scratch.path()).unwrap().into();
        people(&bank);
        let hold = PlaceHold { verify: true, ..PlaceHold::new(number("A"), number("B"), won(100)) };
        let hold = bank.place_hold(hold).unwrap().id;
        let raise =
            AmendHold { id: CommandId::random(), hold: hold.into(), raise_to: Some(won(250)), expires_at: None };
        bank.amend_hold(raise).unwrap();
        bank.close().unwrap();
    }
    let _sound = plant(None);
    let (asked, questions) = channel();
    let curious = Curious(parking_lot::Mutex::new(asked));
    let bank: Bank = settings().verifier(curious).open(scratch.path()).unwrap().into();
    assert_eq!(questions.recv_timeout(Duration::from_secs(60)).unwrap(), won(250));
    bank.close().unwrap();
}
