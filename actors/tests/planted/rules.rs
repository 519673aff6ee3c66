//! Bugs in rules and routing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{
    AmendHold, CashPosting, ChangeAccount, Command, Linked, OpenAccount, PlaceHold, Reverse, SettleHold, Step, VoidHold,
};
use jangbu_actors::ledger::{Change, CommandId, Freeze, OwnerId};
use jangbu_actors::plant::Bug;
use jangbu_actors::verification::{Pending, Verdict, Verifier};
use jangbu_actors::{BankError, Error};
use jangbu_sim::{Simulation, World};

use crate::flows::calm;
use crate::town::{audit, builder, clock, in_memory, moment, number, pay, people, posted, won};
use crate::{ANY, catches};

#[test]
fn a_lost_refund_is_caught() {
    catches(Bug::LostRefund, "InsufficientFunds", || {
        let bank = in_memory();
        let change = Change::Freeze(Freeze { debits: false, credits: true });
        bank.change_account(ChangeAccount { id: CommandId::random(), account: number("B"), change }).unwrap();
        assert!(bank.transfer(pay("A", "B", 495)).is_err());
        bank.transfer(pay("A", "C", 495)).unwrap();
    });
}

#[test]
fn a_double_credit_is_caught() {
    catches(Bug::DoubleCredit, "bank.transfer(pay(\"B\", \"C\", 101))", || {
        let bank = in_memory();
        bank.transfer(pay("A", "B", 100)).unwrap();
        assert!(bank.transfer(pay("B", "C", 101)).is_err());
    });
}

#[test]
fn an_expired_hold_that_still_settles_is_caught() {
    catches(Bug::ExpiredHoldSettles, "bank.settle_hold", || {
        let clock = clock();
        let bank: Bank = builder(&clock).in_memory().unwrap().into();
        people(&bank);
        let end = moment("2026-11-22T04:00:00Z");
        let hold = bank.place_hold(PlaceHold::new(number("A"), number("B"), won(100)).with_expiry(end)).unwrap();
        clock.set(end);
        assert!(bank.settle_hold(SettleHold::all(hold.id)).is_err());
    });
}

#[test]
fn a_fee_credited_to_nobody_is_caught() {
    catches(Bug::FeeNotCredited, ANY, || {
        let bank = in_memory();
        bank.transfer(pay("A", "B", 100)).unwrap();
        let all = ["A", "B", "C", "CASH-KRW", "FEES-KRW"];
        assert_eq!(all.iter().map(|text| posted(&bank, text)).sum::<i64>(), 0);
    });
}

#[test]
fn a_limit_that_is_not_returned_is_caught() {
    catches(Bug::LimitNotGivenBack, "left: Some(Amount(700))", || {
        let bank = in_memory();
        let hold = bank.place_hold(PlaceHold::new(number("A"), number("B"), won(300))).unwrap();
        bank.void_hold(VoidHold::new(hold.id)).unwrap();
        assert_eq!(bank.snapshot(number("A")).unwrap().left_today, Some(won(1_000)));
    });
}

#[test]
fn a_raise_during_verification_is_caught() {
    catches(Bug::VerifiedHoldRaised, "bank.amend_hold", || {
        let bank = in_memory();
        let hold = PlaceHold { verify: true, ..PlaceHold::new(number("A"), number("B"), won(100)) };
        let hold = bank.place_hold(hold).unwrap().id;
        let raise =
            AmendHold { id: CommandId::random(), hold: hold.into(), raise_to: Some(won(200)), expires_at: None };
        assert!(bank.amend_hold(raise).is_err());
    });
}

/// A verifier that counts its calls and never reaches a verdict.
#[derive(Clone, Default)]
struct Endless(Arc<AtomicUsize>);

impl Verifier for Endless {
    fn verify(&self, _: Pending) -> BoxFuture<'static, Verdict> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::pending())
    }
}

#[test]
fn an_ended_hold_that_keeps_its_slot_is_caught() {
    catches(Bug::EndedHoldsVerified, "2 were never asked about", || {
        let endless = Endless::default();
        let bank: Bank = builder(&clock()).verifier(endless.clone()).max_verifying(1).in_memory().unwrap().into();
        people(&bank);
        let wait_for = |count| {
            let mut looks = 0..1_000;
            while endless.0.load(Ordering::SeqCst) != count {
                assert!(looks.next().is_some(), "{count} were never asked about");
                std::thread::sleep(Duration::from_millis(2));
            }
        };
        let first = bank.accept(pay("A", "B", 100)).unwrap().id;
        bank.accept(pay("A", "B", 100)).unwrap();
        wait_for(1);
        bank.void_hold(VoidHold::new(first)).unwrap();
        wait_for(2);
    });
}

#[test]
fn a_partly_recorded_group_is_caught() {
    catches(Bug::HalfLink, "left: (395, 100, 0)", || {
        let bank = in_memory();
        let step = |from, to, amount| Step::transfer(number(from), number(to), won(amount));
        bank.linked(Linked::new(vec![step("A", "B", 100), step("B", "C", 95)])).unwrap();
        assert_eq!((posted(&bank, "A"), posted(&bank, "B"), posted(&bank, "C")), (395, 0, 95));
    });
}

/// Two members of staff concurrently reverse the two steps of one linked command, which have no account in common.
async fn reverse_both_twice(bank: jangbu_actors::Bank, world: World) -> Result<(), Error> {
    let id = |what: String| CommandId::derived(what.as_bytes());
    for text in ["A", "B", "C", "D"] {
        let owner = OwnerId::new(&text.to_lowercase()).unwrap();
        bank.open_account(OpenAccount::new(owner).with_number(number(text)).with_id(id(format!("open {text}"))))
            .await?;
        bank.deposit(CashPosting::new(number(text), won(1_000)).with_id(id(format!("deposit {text}")))).await?;
    }
    let step = |from, to| Step::transfer(number(from), number(to), won(100));
    bank.linked(Linked::new(vec![step("A", "B"), step("C", "D")]).with_id(id("linked".into()))).await?;
    let staff = |step: u8| {
        let bank = bank.clone();
        world.spawn(async move {
            for round in 0..3 {
                let reverse = Reverse::all(id("linked".into())).with_id(id(format!("back {step} {round}")));
                match bank.reverse(Reverse { step, ..reverse }).await {
                    Ok(_) | Err(Error::Refused(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })
    };
    let (first, second) = (staff(0), staff(1));
    first.await?;
    second.await
}

#[test]
fn reversals_of_several_steps_that_do_not_wait_for_each_other_are_caught() {
    // Caught by the audit of the disk, which ends every simulation.
    catches(Bug::TurnsByStep, "`jangbu repair reversal", || {
        for seed in 1..=20 {
            if let Err(failure) = calm(seed).run(reverse_both_twice) {
                panic!("{failure}");
            }
        }
    });
}

#[test]
fn a_business_day_with_the_wrong_midnight_is_caught() {
    catches(Bug::WrongDayBoundary, "left: Some(Amount(900))", || {
        let clock = clock();
        let bank: Bank = builder(&clock).in_memory().unwrap().into();
        people(&bank);
        // Midnight in Seoul is three in the afternoon in London.
        clock.set(moment("2026-11-22T14:59:59Z"));
        bank.transfer(pay("A", "B", 100)).unwrap();
        assert_eq!(bank.snapshot(number("A")).unwrap().left_today, Some(won(900)));
        clock.set(moment("2026-11-22T15:00:00Z"));
        assert_eq!(bank.snapshot(number("A")).unwrap().left_today, Some(won(1_000)));
    });
}

#[test]
fn a_clock_trusted_unconditionally_is_caught() {
    catches(Bug::ClockLeadIgnored, "which nobody accepted", || {
        for seed in 1..=20 {
            let run = |bank: jangbu_actors::Bank, world: World| async move {
                for _ in 0..60 {
                    world.sleep(Duration::from_secs(10)).await;
                    match bank.set_owner(OwnerId::new("mina").unwrap(), 0).await {
                        Ok(_) | Err(Error::Bank(BankError::ClockAhead { .. })) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            };
            Simulation::new(seed).false_clocks(true).clock_leaps(false).run(run).unwrap();
        }
    });
}

#[test]
fn a_fee_taken_twice_from_a_hold_is_caught() {
    catches(Bug::HoldFeeTwice, ANY, || {
        let bank = in_memory();
        let hold = bank.place_hold(PlaceHold::new(number("A"), number("B"), won(100))).unwrap();
        for _ in 0..2 {
            bank.settle_hold(SettleHold::part(hold.id, won(50)).keeping_rest()).unwrap();
        }
        assert_eq!((posted(&bank, "A"), posted(&bank, "FEES-KRW")), (395, 5));
    });
}

#[test]
fn records_out_of_their_causal_order_are_caught() {
    catches(Bug::CausalOrderBroken, ANY, || {
        let directory = tempfile::tempdir().unwrap();
        let bank: Bank = builder(&clock()).open(directory.path()).unwrap().into();
        people(&bank);
        let batch: Vec<_> = (0..50).map(|_| Command::Transfer(pay("A", "B", 1))).collect();
        for answer in bank.submit(batch).unwrap() {
            answer.unwrap();
        }
        bank.close().unwrap();
        audit(directory.path());
    });
}
