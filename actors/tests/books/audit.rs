//! Records that no rule can have produced, each of which the check must detect.

use std::path::Path;

use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{
    AmendHold, CashPosting, Linked, OpenAccount, PlaceHold, Reverse, SettleHold, Step, Transfer, VoidHold,
};
use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{JournalError, verify};
use jangbu_actors::ledger::{
    AccountNumber, Amount, Body, CommandId, HoldEnd, LinkedMovement, OwnerId, Position, Record,
};
use jangbu_books::books::Auditor;
use jangbu_books::books::{Cases, TakenBack};

fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

/// The records of a bank with a hold of every outcome, linked steps and reversals.
fn records() -> Vec<Record> {
    let directory = tempfile::tempdir().unwrap();
    let bank = Bank::open(directory.path()).unwrap();
    let open = |text: &str| {
        let open = OpenAccount::new(OwnerId::new("ann").unwrap()).with_number(AccountNumber::new(text).unwrap());
        bank.open_account(open).unwrap()
    };
    let (a, b) = (open("A"), open("B"));
    let dollars = OpenAccount::new(OwnerId::new("ann").unwrap())
        .with_currency(jangbu_actors::ledger::Currency::new("USD").unwrap());
    bank.open_account(dollars).unwrap();
    bank.deposit(CashPosting::new(a, won(1_000))).unwrap();
    let place = |amount| bank.place_hold(PlaceHold::new(a, b, won(amount))).unwrap().id;
    let (first, second, third) = (place(100), place(200), place(300));
    bank.settle_hold(SettleHold::part(first, won(40)).keeping_rest()).unwrap();
    let raise = AmendHold { id: CommandId::random(), hold: second.into(), raise_to: Some(won(250)), expires_at: None };
    bank.amend_hold(raise).unwrap();
    bank.settle_hold(SettleHold::part(second, won(10))).unwrap();
    bank.void_hold(VoidHold::new(third)).unwrap();
    let transfer = Transfer::new(a, b, won(50));
    bank.transfer(transfer.clone()).unwrap();
    bank.reverse(Reverse::part(transfer.id, won(20))).unwrap();
    bank.reverse(Reverse::part(transfer.id, won(30))).unwrap();
    let settle = Step::settle_part(first, won(5));
    bank.linked(Linked::new(vec![Step::transfer(a, b, won(1)), settle])).unwrap();
    let transfer = bank.transfer(Transfer::new(a, b, won(70))).unwrap();
    bank.linked(Linked::new(vec![Step::transfer(a, b, won(2)), Step::reverse_part(transfer.id, 0, won(60))])).unwrap();
    let held = Linked::new(vec![Step::hold(a, b, won(31)), Step::hold(b, a, won(9)), Step::hold(a, b, won(32))]);
    let of_step = |step| jangbu_actors::ledger::HoldId::of_step(held.id, step);
    bank.linked(held.clone()).unwrap();
    bank.settle_hold(SettleHold::part(of_step(0), won(30)).keeping_rest()).unwrap();
    bank.linked(Linked::new(vec![Step::void(of_step(1)), Step::settle(of_step(2))])).unwrap();
    bank.close().unwrap();
    let mut records = Vec::new();
    let journal = directory.path().join("journal");
    verify::<JournalError>(&RealDisk, &journal, |record| {
        records.push(record);
        Ok(())
    })
    .unwrap();
    records
}

/// Returns the result of checking these records.
fn check(records: &[Record]) -> Result<(), String> {
    let mut auditor = Auditor::new(Path::new("there is no stored state"));
    for record in records {
        match (record.body.imbalance(), record.body.hold_imbalance()) {
            (0, 0) => auditor.apply(record)?,
            _ => return Err("imbalance".to_owned()),
        }
    }
    let mut taken_back: TakenBack = auditor.finish()?;
    let mut cases = Cases::default();
    records.iter().try_for_each(|record| taken_back.check_original(record, &mut cases))?;
    records.iter().for_each(|record| cases.note(record));
    if cases.is_empty() { Ok(()) } else { Err(auditor.tell(&cases).1) }
}

/// Changes the first record whose body `change` accepts, and returns the result of the check.
fn noticed(mut change: impl FnMut(&mut Body) -> bool) -> String {
    let mut records = records();
    assert_eq!(check(&records), Ok(()));
    assert!(records.iter_mut().any(|record| change(&mut record.body)), "there is a record to change");
    check(&records).expect_err("the checker notices")
}

#[test]
fn returning_a_fee_that_was_never_held_is_detected() {
    let what = noticed(|body| match body {
        Body::Drawn(drawn) if drawn.drawn.end == Some(HoldEnd::Voided) => {
            drawn.drawn.fee_released = won(1);
            true
        }
        _ => false,
    });
    assert_eq!(what, "a leg has no link", "the record has no leg of the fee account");
}

#[test]
fn a_capture_of_more_than_is_left_is_detected() {
    let what = noticed(|body| match body {
        Body::Drawn(drawn) if !drawn.drawn.amount.is_zero() => {
            drawn.drawn.amount = won(101);
            true
        }
        _ => false,
    });
    assert!(what.contains("the draw does not match the hold"), "{what}");
}

#[test]
fn an_ended_hold_that_keeps_a_part_is_detected() {
    let what = noticed(|body| match body {
        Body::Drawn(drawn) if drawn.drawn.end == Some(HoldEnd::Voided) => {
            drawn.drawn.released = won(299);
            true
        }
        _ => false,
    });
    assert!(what.contains("what is drawn is not what is in the hold"), "{what}");
}

#[test]
fn a_draw_on_a_hold_that_is_not_open_is_detected() {
    let what = noticed(|body| match body {
        Body::Drawn(drawn) => {
            drawn.placed = Position::new(1);
            true
        }
        _ => false,
    });
    assert!(what.contains("is not open"), "{what}");
}

#[test]
fn money_held_twice_is_detected() {
    let what = noticed(|body| match body {
        // Only the sum over the account's holds shows that this one took too much.
        Body::Amended(amended) => {
            amended.amended.raised = won(900);
            true
        }
        _ => false,
    });
    assert!(what.contains("900 is needed, but 400 is available"), "{what}");
}

#[test]
fn a_reversal_beyond_its_original_is_detected() {
    let mut seen = 0;
    let what = noticed(|body| match body {
        Body::Posted(posted) if posted.amount == won(50) => {
            seen += 1;
            posted.amount = won(49);
            true
        }
        _ => false,
    });
    assert!(seen == 1 && (what.contains("taken back") || what.contains("the record says otherwise")), "{what}");
    let what = noticed(|body| match body {
        Body::Reversed(reversed) if reversed.posted.amount == won(30) => {
            reversed.reversed = won(30);
            true
        }
        _ => false,
    });
    assert!(what.contains("do not add up"), "{what}");
    let what = noticed(|body| match body {
        Body::Reversed(reversed) if reversed.posted.amount == won(30) => {
            reversed.previous = Position::START;
            true
        }
        _ => false,
    });
    assert!(what.contains("do not follow from each other"), "{what}");
    let what = noticed(|body| match body {
        Body::Reversed(reversed) => {
            // Another movement, the deposit, could never be reversed.
            reversed.step = 1;
            reversed.posted.amount == won(30)
        }
        _ => false,
    });
    assert!(what.contains("taken back") || what.contains("add up"), "{what}");
}

#[test]
fn a_linked_reversal_with_a_wrong_total_is_detected() {
    let with = |change: fn(&mut jangbu_actors::ledger::Reversed)| {
        noticed(|body| match body {
            Body::Linked(steps) => steps.iter_mut().any(|step| match &mut step.movement {
                LinkedMovement::Reversed(reversed) => {
                    change(reversed);
                    true
                }
                LinkedMovement::Posted(_) | LinkedMovement::Drawn(_) | LinkedMovement::Held(_) => false,
            }),
            _ => false,
        })
    };
    for (what, said) in [
        (with(|reversed| reversed.reversed = won(59)), "do not add up"),
        (with(|reversed| reversed.previous = Position::new(5)), "do not follow from each other"),
        (with(|reversed| reversed.step = 1), "were taken back of its movement 1"),
        (with(|reversed| reversed.original = CommandId::derived(b"another")), "for the record of the command"),
        (with(|reversed| reversed.original_position = Position::new(9_999)), "before its original"),
    ] {
        assert!(what.contains(said), "{said}: {what}");
    }
}

#[test]
fn a_step_between_two_currencies_is_detected() {
    let dollars = jangbu_actors::ledger::AccountId::new(5);
    let what = noticed(|body| match body {
        Body::Linked(steps) => steps.iter_mut().any(|step| match &mut step.movement {
            LinkedMovement::Posted(posted) => {
                posted.to = dollars;
                true
            }
            LinkedMovement::Drawn(_) | LinkedMovement::Reversed(_) | LinkedMovement::Held(_) => false,
        }),
        _ => false,
    });
    assert!(what.contains("different currencies") || what.contains("before is at"), "{what}");
}
