//! Dry runs: the command then does exactly what they say.

use std::sync::atomic::{AtomicU64, Ordering};

use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{
    AmendHold, CashPosting, Command, Linked, OpenAccount, PlaceHold, Reverse, SettleHold, Step, Sweep, Transfer,
    VoidHold,
};
use jangbu_actors::ledger::{Amount, Balance, CommandId, OwnerId, Refusal};
use jangbu_actors::preview::{Objection, Preview, Quote};

use crate::support::{Town, moment, number, won};

fn transfer(amount: u64) -> Command {
    Command::Transfer(Transfer::new(number("A"), number("B"), won(amount)))
}

fn quote(town: &Town, command: &Command) -> Quote {
    match town.bank.preview(command).unwrap() {
        Preview::Granted(quote) => quote,
        other => panic!("{other:?}"),
    }
}

fn objection(town: &Town, command: &Command) -> Objection {
    match town.bank.preview(command).unwrap() {
        Preview::Refused(objection) => objection,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_quote_has_the_figures_of_the_later_transfer() {
    let town = Town::new(5);
    town.deposit("A", 500);
    let asked = quote(&town, &transfer(300));
    assert_eq!((asked.amount, asked.fee, asked.total, asked.available_before), (won(300), won(5), won(305), won(500)));
    assert_eq!((asked.headroom.available, asked.headroom.left_today), (won(195), Some(won(700))));
    assert_eq!(town.figures("A"), (500, 0, 0), "nothing happened");
    let receipt = town.bank.transfer(Transfer::new(number("A"), number("B"), won(300))).unwrap();
    assert_eq!((receipt.amount, receipt.fee), (asked.amount, asked.fee));
    assert_eq!(town.bank.snapshot(number("A")).unwrap().available, asked.headroom.available);
    let all = Command::Transfer(Transfer::at_most(number("A"), number("B"), Amount::MAX));
    assert_eq!(quote(&town, &all).amount, won(190));
}

#[test]
fn an_objection_states_what_would_be_accepted_instead() {
    let town = Town::new(5);
    town.deposit("A", 500);
    let poor = objection(&town, &transfer(496));
    assert_eq!(poor.refusal, Refusal::InsufficientFunds { available: won(500), needed: won(501) });
    assert_eq!((poor.largest, poor.earliest), (Some(won(495)), None));
    town.deposit("A", 10_000);
    let limited = objection(&town, &transfer(1_001));
    assert_eq!((limited.largest, limited.earliest), (Some(won(1_000)), None), "no day would do");
    town.bank.transfer(Transfer::new(number("A"), number("B"), won(400))).unwrap();
    let limited = objection(&town, &transfer(700));
    assert_eq!(limited.refusal, Refusal::LimitPerDay { limit: won(1_000), used: won(400), requested: won(700) });
    assert_eq!((limited.largest, limited.earliest), (Some(won(600)), Some(moment("2026-11-22T15:00:00Z"))));
    // A hold can have expired by then.
    let until = |moment| PlaceHold::new(number("A"), number("B"), won(700)).with_expiry(moment);
    for (expires_at, earliest) in [("2026-11-22T14:59:59Z", None), ("2026-11-22T15:00:01Z", limited.earliest)] {
        let hold = Command::PlaceHold(Box::new(until(moment(expires_at))));
        assert_eq!(objection(&town, &hold).earliest, earliest, "{expires_at}");
    }
    let unknown = Command::Transfer(Transfer::new(number("A"), number("Z"), won(1)));
    assert_eq!(objection(&town, &unknown).largest, None);
}

#[test]
fn raises_settlements_cash_and_reversals_have_a_largest_amount_too() {
    let town = Town::new(0);
    town.deposit("A", 500);
    let paid = town.bank.transfer(Transfer::new(number("A"), number("B"), won(100))).unwrap().id;
    let hold = town.bank.place_hold(PlaceHold::new(number("A"), number("B"), won(60))).unwrap().id;
    town.bank.withdraw(CashPosting::new(number("B"), won(30))).unwrap();
    let raise = AmendHold { id: CommandId::random(), hold: hold.into(), raise_to: Some(won(401)), expires_at: None };
    // What the bank's cash account already owes.
    let owed = 500 - 30;
    for (command, largest) in [
        (Command::AmendHold(Box::new(raise)), 400),
        (Command::SettleHold(SettleHold::part(hold, won(61)).keeping_rest()), 60),
        (Command::Withdrawal(CashPosting::new(number("A"), won(341))), 340),
        (Command::Deposit(CashPosting::new(number("A"), Amount::MAX)), Amount::MAX.minor_units() - owed),
        (Command::Reverse(Box::new(Reverse::part(paid, won(71)))), 70),
    ] {
        assert_eq!(objection(&town, &command).largest, Some(won(largest)), "{command:?}");
    }
}

#[test]
fn a_preview_equals_the_real_decision() {
    let town = Town::new(5);
    town.deposit("A", 500);
    town.deposit("C", 40);
    let original = Transfer::new(number("A"), number("B"), won(100));
    let hold = PlaceHold::new(number("A"), number("B"), won(60));
    let (paid, held) = (original.id, hold.id);
    town.bank.transfer(original).unwrap();
    town.bank.place_hold(hold).unwrap();
    let step = |from: &str, to: &str, amount| Step::transfer(number(from), number(to), won(amount));
    let settle = |amount| Command::SettleHold(SettleHold::part(held, won(amount)).keeping_rest());
    let commands = [
        transfer(0),
        transfer(331),
        transfer(330),
        Command::Deposit(CashPosting::new(number("D"), won(7))),
        Command::Withdrawal(CashPosting::new(number("C"), won(41))),
        Command::PlaceHold(Box::new(PlaceHold::new(number("C"), number("D"), won(36)))),
        settle(61),
        settle(20),
        Command::VoidHold(VoidHold::new(CommandId::random())),
        Command::Linked(Linked::new(vec![step("B", "D", 90), step("D", "C", 80), Step::Void { hold: held.into() }])),
        Command::Linked(Linked::new(vec![
            step("B", "D", 90),
            Step::Void { hold: held.into() },
            Step::Void { hold: held.into() },
        ])),
        Command::SettleHold(SettleHold::all(held)),
        Command::Reverse(Box::new(Reverse::part(paid, won(101)))),
        Command::Reverse(Box::new(Reverse::part(paid, won(5)))),
        Command::Sweep(Box::new(Sweep::to_zero(number("C"), number("D")).with_target(Balance::new(11).unwrap()))),
        Command::Sweep(Box::new(Sweep::to_zero(number("C"), number("D")).with_target(Balance::new(11).unwrap()))),
    ];
    for command in commands {
        let expected = town.bank.preview(&command).unwrap();
        let found = town.bank.submit(vec![command.clone()]).unwrap().remove(0);
        match (expected, found) {
            (Preview::Refused(objection), Err(refusal)) => assert_eq!(objection.refusal, refusal, "{command:?}"),
            (Preview::Granted(_), Ok(_)) => {}
            (expected, found) => panic!("{command:?}: {expected:?}, then {found:?}"),
        }
    }
}

#[test]
fn a_dry_run_reports_a_used_id() {
    let scratch = tempfile::tempdir().unwrap();
    let mut town = Town::kept(0, scratch.path());
    town.deposit("A", 500);
    let made = Transfer::new(number("A"), number("B"), won(100));
    let refused = Transfer::new(number("A"), number("B"), won(900));
    let receipt = town.bank.transfer(made.clone()).unwrap();
    town.bank.transfer(refused.clone()).unwrap_err();
    // Now there would be enough, but the first answer is repeated.
    town.deposit("A", 500);
    for is_first in [true, false] {
        let poor = objection(&town, &Command::Transfer(refused.clone()));
        assert_eq!(poor.refusal, Refusal::InsufficientFunds { available: won(400), needed: won(900) });
        let again = town.bank.preview(&Command::Transfer(made.clone())).unwrap();
        assert_eq!(again, Preview::Repeated { position: receipt.position });
        let other = Command::Transfer(Transfer::new(number("A"), number("B"), won(1)).with_id(made.id));
        assert_eq!(objection(&town, &other).refusal, Refusal::IdReused);
        if is_first {
            town = town.reopened(scratch.path());
        }
    }
}

#[test]
fn a_dry_run_of_a_hold_considers_open_and_expired_holds() {
    let town = Town::with(0, |settings| settings.max_open_holds(1));
    town.deposit("A", 500);
    let hold = || PlaceHold::new(number("A"), number("B"), won(1));
    let ask = |hold: PlaceHold| Command::PlaceHold(Box::new(hold));
    quote(&town, &ask(hold()));
    // The clock is set back: a hold that has expired by the last record stays expired.
    let passed = town.bank.snapshot(number("A")).unwrap().opened_at;
    town.clock.set(moment("2020-01-01T00:00:00Z"));
    assert_eq!(
        objection(&town, &ask(hold().with_expiry(passed))).refusal,
        Refusal::ExpiryPassed { expires_at: passed }
    );
    town.bank.place_hold(hold()).unwrap();
    assert_eq!(objection(&town, &ask(hold())).refusal, Refusal::TooMany { most: 1 });
    assert_eq!(town.bank.place_hold(hold()).unwrap_err().to_string(), Refusal::TooMany { most: 1 }.to_string());
}

#[test]
fn a_deposit_quote_shows_the_receiving_account() {
    let town = Town::new(5);
    town.deposit("A", 500);
    let asked = quote(&town, &Command::Deposit(CashPosting::new(number("A"), won(7))));
    assert_eq!((asked.amount, asked.fee, asked.available_before), (won(7), won(0), won(500)));
    assert_eq!((asked.headroom.available, asked.headroom.left_today), (won(507), Some(won(1_000))));
}

#[test]
fn only_movements_have_a_preview() {
    let town = Town::new(0);
    let records = Command::AddCurrency { id: CommandId::random(), currency: "XTS".parse().unwrap(), scale: 2 };
    assert!(town.bank.preview(&records).is_err());
}

#[test]
fn the_reversible_amount_counts_every_answered_reversal() {
    const MOVED: u64 = 2_000;
    const REVERSALS: u64 = 200;
    let directory = tempfile::tempdir().unwrap();
    let bank = Bank::open(directory.path().join("bank")).unwrap();
    for name in ["A", "B"] {
        bank.open_account(OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number(name))).unwrap();
    }
    bank.deposit(CashPosting::new(number("A"), won(MOVED))).unwrap();
    let paid = bank.transfer(Transfer::new(number("A"), number("B"), won(MOVED))).unwrap().id;
    let answered = AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..REVERSALS {
                bank.reverse(Reverse::part(paid, won(1))).unwrap();
                answered.fetch_add(1, Ordering::SeqCst);
            }
        });
        loop {
            let before = answered.load(Ordering::SeqCst);
            let left = bank.reversible(paid, 0).unwrap().unwrap();
            // The newest reversal may be decided but not durable at this moment.
            assert!(left <= won(MOVED - before), "{left:?} is left after {before} reversals");
            if before == REVERSALS {
                break;
            }
        }
    });
}
