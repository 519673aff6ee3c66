//! Commands about several accounts: linked steps, reversals, sweeps, and transfers of at most an amount.

use jangbu_actors::command::{Command, Linked, PlaceHold, Reverse, SettleHold, Step, Sweep, Transfer, VoidHold};
use jangbu_actors::ledger::{Balance, CommandId, Refusal};

use crate::support::{Town, number, refused, won};

fn step(from: &str, to: &str, amount: u64) -> Step {
    Step::transfer(number(from), number(to), won(amount))
}

#[test]
fn later_steps_spend_what_the_first_step_brings_and_pay_their_fees() {
    let town = Town::new(5);
    town.deposit("A", 100);
    town.bank.linked(Linked::new(vec![step("A", "B", 90), step("B", "C", 80), step("C", "A", 70)])).unwrap();
    assert_eq!([town.figures("A").0, town.figures("B").0, town.figures("C").0], [75, 5, 5]);
    assert_eq!(town.fees().0, 15);
    let history = town.bank.history(number("B"), Default::default()).unwrap();
    let balances: Vec<_> = history.data.iter().map(|entry| entry.balance.minor_units()).collect();
    assert_eq!(balances, [5, 90, 0], "both legs of the account, newest first, and its opening");
}

#[test]
fn one_refused_step_undoes_all_steps() {
    let town = Town::new(5);
    town.deposit("A", 100);
    let linked = Linked::new(vec![step("A", "B", 90), step("B", "C", 80), step("C", "A", 76)]);
    let why = Refusal::InsufficientFunds { available: won(80), needed: won(81) };
    assert_eq!(refused(town.bank.linked(linked)), Refusal::Linked { step: 2, refusal: Box::new(why) });
    assert_eq!([town.figures("A"), town.figures("B"), town.figures("C")], [(100, 0, 0), (0, 0, 0), (0, 0, 0)]);
    assert_eq!((town.fees(), town.left_today("A")), ((0, 0, 0), 1_000));
    let unknown = Linked::new(vec![step("A", "B", 1), step("A", "Z", 1)]);
    let why = Refusal::AccountUnknown { number: number("Z") };
    assert_eq!(refused(town.bank.linked(unknown)), Refusal::Linked { step: 1, refusal: Box::new(why) });
    // Nothing is locked any more.
    town.bank.transfer(Transfer::new(number("A"), number("B"), won(1))).unwrap();
}

#[test]
fn holds_are_settled_together_or_not_at_all() {
    let town = Town::new(0);
    town.deposit("A", 100);
    town.deposit("B", 100);
    let place =
        |from: &str, to: &str| town.bank.place_hold(PlaceHold::new(number(from), number(to), won(60))).unwrap().id;
    let (first, second) = (place("A", "C"), place("B", "C"));
    let missing = CommandId::random();
    let group = Linked::settle_all([first, missing, second]);
    let why = Refusal::HoldUnknown { hold: missing.into() };
    assert_eq!(refused(town.bank.linked(group)), Refusal::Linked { step: 1, refusal: Box::new(why) });
    assert_eq!(town.figures("C"), (0, 0, 120));
    let twice = Linked::settle_all([first, second, first]);
    let why = Refusal::HoldSettled { hold: first.into() };
    assert_eq!(refused(town.bank.linked(twice)), Refusal::Linked { step: 2, refusal: Box::new(why) });
    assert_eq!(town.figures("C"), (0, 0, 120));
    town.bank.linked(Linked::settle_all([first, second])).unwrap();
    assert_eq!([town.figures("A"), town.figures("B"), town.figures("C")], [(40, 0, 0), (40, 0, 0), (120, 0, 0)]);
    assert_eq!(refused(town.bank.settle_hold(SettleHold::all(first))), Refusal::HoldSettled { hold: first.into() });
    let third = place_more(&town);
    town.bank.linked(Linked::void_all([third])).unwrap();
    assert_eq!(town.figures("A"), (40, 0, 0));
}

#[test]
fn linked_steps_are_refused_for_the_first_hold_that_is_no_longer_open() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::kept(0, directory.path());
    town.deposit("A", 100);
    town.deposit("B", 100);
    let place =
        |town: &Town, from: &str| town.bank.place_hold(PlaceHold::new(number(from), number("C"), won(1))).unwrap().id;
    let over = place(&town, "B");
    town.bank.settle_hold(SettleHold::all(over)).unwrap();
    // From now on the journal is asked how it ended, and others proceed in the meantime.
    let town = town.reopened(directory.path());
    let mut was_overtaken = false;
    for _ in 0..1_000 {
        let open = place(&town, "A");
        let linked = Linked::settle_all([open, over]);
        let (linked_id, void) = (linked.id, VoidHold::new(open));
        let answers = town.bank.submit(vec![Command::Linked(linked), Command::VoidHold(void)]).unwrap();
        let voided = answers[1].as_ref().unwrap().position();
        let refused = town.bank.movement(linked_id).unwrap().unwrap().position;
        let (step, why) = match refused > voided {
            true => (0, Refusal::HoldVoided { hold: open.into() }),
            false => (1, Refusal::HoldSettled { hold: over.into() }),
        };
        assert_eq!(answers[0], Err(Refusal::Linked { step, refusal: Box::new(why) }));
        was_overtaken |= refused > voided;
        if was_overtaken {
            return;
        }
    }
    panic!("no hold ended while the other one's end was looked up");
}

fn place_more(town: &Town) -> CommandId {
    town.bank.place_hold(PlaceHold::new(number("A"), number("C"), won(10))).unwrap().id
}

#[test]
fn reversals_never_exceed_the_original_and_bear_no_fee() {
    let town = Town::new(5);
    town.deposit("A", 100);
    let transfer = Transfer::new(number("A"), number("B"), won(80));
    let original = transfer.id;
    town.bank.transfer(transfer).unwrap();
    let back = town.bank.reverse(Reverse::part(original, won(30))).unwrap();
    assert_eq!((back.amount, back.fee), (won(30), won(0)));
    let too_large = refused(town.bank.reverse(Reverse::part(original, won(51))));
    assert_eq!(too_large, Refusal::ReversalTooLarge { left: won(50), requested: won(51) });
    town.bank.reverse(Reverse::all(original)).unwrap();
    assert_eq!([town.figures("A").0, town.figures("B").0, town.fees().0], [95, 0, 5]);
    let again = refused(town.bank.reverse(Reverse::all(original)));
    assert_eq!(again, Refusal::ReversalTooLarge { left: won(0), requested: won(80) });
    let unknown = CommandId::random();
    assert_eq!(refused(town.bank.reverse(Reverse::all(unknown))), Refusal::NotReversible { original: unknown });
}

#[test]
fn each_linked_step_is_reversed_separately() {
    let town = Town::new(0);
    town.deposit("A", 100);
    let linked = Linked::new(vec![step("A", "B", 60), step("A", "C", 40)]);
    let original = linked.id;
    town.bank.linked(linked).unwrap();
    let reverse = |step, amount| Reverse { step, ..Reverse::part(original, won(amount)) };
    town.bank.reverse(reverse(1, 40)).unwrap();
    town.bank.reverse(reverse(0, 10)).unwrap();
    let too_large = refused(town.bank.reverse(reverse(1, 1)));
    assert_eq!(too_large, Refusal::ReversalTooLarge { left: won(0), requested: won(1) });
    town.bank.reverse(reverse(0, 50)).unwrap();
    assert_eq!([town.figures("A").0, town.figures("B").0, town.figures("C").0], [100, 0, 0]);
    assert_eq!(refused(town.bank.reverse(reverse(2, 1))), Refusal::NotReversible { original });
}

#[test]
fn a_sweep_brings_an_account_to_its_target_from_either_side() {
    let town = Town::new(5);
    town.deposit("A", 100);
    let sweep = |target: i64| Sweep::to_zero(number("A"), number("B")).with_target(Balance::new(target).unwrap());
    assert_eq!(town.bank.sweep(sweep(0)).unwrap().amount, won(100));
    assert_eq!((town.figures("A").0, town.figures("B").0), (0, 100));
    assert_eq!(town.bank.sweep(sweep(30)).unwrap().amount, won(30));
    assert_eq!((town.figures("A").0, town.figures("B").0), (30, 70));
    assert_eq!(refused(town.bank.sweep(sweep(30))), Refusal::NothingToSweep { target: Balance::new(30).unwrap() });
    let poor = refused(town.bank.sweep(sweep(101)));
    assert_eq!(poor, Refusal::InsufficientFunds { available: won(70), needed: won(71) });
    assert_eq!(town.fees().0, 0);
}

#[test]
fn at_most_moves_what_is_available_after_the_fee() {
    let town = Town::new(5);
    town.deposit("A", 100);
    let at_most = |amount| Transfer::at_most(number("A"), number("B"), won(amount));
    assert_eq!(town.bank.transfer(at_most(20)).unwrap().amount, won(20));
    let moved = town.bank.transfer(at_most(500)).unwrap();
    assert_eq!((moved.amount, moved.fee), (won(70), won(5)));
    assert_eq!((town.figures("A").0, town.figures("B").0, town.fees().0), (0, 90, 10));
    let nothing = refused(town.bank.transfer(at_most(500)));
    assert_eq!(nothing, Refusal::InsufficientFunds { available: won(0), needed: won(6) });
}
