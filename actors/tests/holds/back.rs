//! Linked steps that reverse earlier movements, all or none.

use jangbu_actors::Error;
use jangbu_actors::command::{
    CashPosting, Command, InvalidCommand, Linked, OpenAccount, PlaceHold, Reverse, SettleHold, Step, Transfer,
};
use jangbu_actors::ledger::{CommandId, Currency, OwnerId, Refusal};
use jangbu_actors::preview::Preview;

use crate::support::{Town, number, refused, won};

fn step(from: &str, to: &str, amount: u64) -> Step {
    Step::transfer(number(from), number(to), won(amount))
}

fn of_step(step: u8, refusal: Refusal) -> Refusal {
    Refusal::Linked { step, refusal: Box::new(refusal) }
}

#[test]
fn both_halves_of_an_exchange_are_reversed_together_or_not_at_all() {
    let town = Town::new(5);
    let usd = Currency::new("USD").unwrap();
    for (text, owner) in [("E", "a"), ("F", "d")] {
        let open = OpenAccount::new(OwnerId::new(owner).unwrap()).with_number(number(text)).with_currency(usd);
        town.bank.open_account(open).unwrap();
    }
    town.deposit("A", 1_000);
    town.bank.deposit(CashPosting::new(number("F"), won(20))).unwrap();
    let exchange = Linked::new(vec![step("A", "D", 900), step("F", "E", 9)]);
    let original = exchange.id;
    town.bank.linked(exchange).unwrap();
    town.bank.transfer(Transfer::new(number("E"), number("F"), won(1))).unwrap();
    let back = || Linked::new(vec![Step::reverse(original, 0), Step::reverse(original, 1)]);
    let poor = refused(town.bank.linked(back()));
    assert_eq!(poor, of_step(1, Refusal::InsufficientFunds { available: won(8), needed: won(9) }));
    assert_eq!((town.figures("A").0, town.figures("D").0), (95, 900));
    town.bank.deposit(CashPosting::new(number("E"), won(1))).unwrap();
    let done = back();
    let id = done.id;
    town.bank.linked(done.clone()).unwrap();
    assert_eq!([town.figures("A").0, town.figures("D").0, town.figures("E").0, town.figures("F").0], [995, 0, 0, 21]);
    town.bank.linked(done).unwrap();
    let too_large = Refusal::ReversalTooLarge { left: won(0), requested: won(900) };
    assert_eq!(refused(town.bank.linked(back())), of_step(0, too_large.clone()));
    assert_eq!(refused(town.bank.reverse(Reverse::all(original))), too_large);
    let moved = town.bank.movements_of(original).unwrap();
    let reversed: Vec<_> = moved.iter().map(|it| (it.reversed, it.reversals.clone())).collect();
    assert_eq!(reversed, [(won(900), vec![id]), (won(9), vec![id])]);
    assert_eq!(town.bank.reversible(original, 1).unwrap(), Some(won(0)));
    // A reversal cannot be reversed.
    let forth = Linked::new(vec![step("A", "B", 1), Step::reverse(id, 1)]);
    assert_eq!(refused(town.bank.linked(forth)), of_step(1, Refusal::NotReversible { original: id }));
    assert_eq!(refused(town.bank.reverse(Reverse::all(id))), Refusal::NotReversible { original: id });
}

#[test]
fn single_and_linked_reversals_count_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let mut town = Town::kept(0, directory.path());
    town.deposit("A", 100);
    let linked = Linked::new(vec![step("A", "B", 60), step("A", "C", 40)]);
    let original = linked.id;
    town.bank.linked(linked).unwrap();
    let single = |town: &Town, step, amount| {
        town.bank.reverse(Reverse { step, ..Reverse::part(original, won(amount)) }).map(drop)
    };
    let both = |town: &Town, first, second| {
        let steps = [(0, first), (1, second)].map(|(step, amount)| Step::reverse_part(original, step, won(amount)));
        town.bank.linked(Linked::new(steps.to_vec())).map(drop)
    };
    single(&town, 1, 10).unwrap();
    both(&town, 20, 10).unwrap();
    town = town.reopened(directory.path());
    single(&town, 0, 20).unwrap();
    both(&town, 10, 10).unwrap();
    let left = |left, requested| Refusal::ReversalTooLarge { left: won(left), requested: won(requested) };
    assert_eq!(refused(both(&town, 11, 10)), of_step(0, left(10, 11)));
    assert_eq!(refused(both(&town, 10, 11)), of_step(1, left(10, 11)));
    assert_eq!(refused(single(&town, 1, 11)), left(10, 11));
    town = town.reopened(directory.path());
    both(&town, 10, 10).unwrap();
    assert_eq!([town.figures("A").0, town.figures("B").0, town.figures("C").0], [100, 0, 0]);
    town.bank.close().unwrap();
    jangbu_actors::check::check(directory.path(), jangbu_actors::check::Options::default()).unwrap();
}

#[test]
fn a_group_reverses_settlements_and_spends_the_money() {
    let town = Town::new(5);
    town.deposit("A", 100);
    let hold = town.bank.place_hold(PlaceHold::new(number("A"), number("B"), won(50))).unwrap();
    let settled = town.bank.settle_hold(SettleHold::all(hold.id)).unwrap();
    let transfer = town.bank.transfer(Transfer::new(number("A"), number("C"), won(20))).unwrap();
    let steps =
        |first: Step| vec![first.with_labels("back", "returned"), Step::reverse(transfer.id, 0), step("A", "D", 85)];
    let nothing = Refusal::NotReversible { original: hold.id };
    let of_hold = Linked::new(steps(Step::reverse(hold.id, 0)));
    assert_eq!(refused(town.bank.linked(of_hold)), of_step(0, nothing));
    let done = Linked::new(steps(Step::reverse(settled.id, 0)));
    let preview = town.bank.preview(&Command::Linked(done.clone())).unwrap();
    assert!(matches!(&preview, Preview::Granted(quote) if quote.fee == won(5)), "{preview:?}");
    town.bank.linked(done).unwrap();
    assert_eq!([town.figures("A").0, town.figures("B").0, town.figures("C").0, town.figures("D").0], [0, 0, 0, 85]);
    let entry = &town.bank.history(number("B"), Default::default()).unwrap().data[0];
    assert_eq!((entry.label.as_str(), entry.change.minor_units(), entry.step), ("back", -50, Some(0)));
}

#[test]
fn one_command_reverses_a_movement_at_most_once() {
    let town = Town::new(0);
    town.deposit("A", 100);
    let paid = town.bank.transfer(Transfer::new(number("A"), number("B"), won(80))).unwrap();
    let part = |step, amount| Step::reverse_part(paid.id, step, won(amount));
    let twice = town.bank.linked(Linked::new(vec![part(0, 10), step("A", "C", 1), part(0, 10)]));
    assert!(matches!(twice, Err(Error::Invalid(InvalidCommand::ReversedTwice))), "{twice:?}");
    assert_eq!(refused(town.bank.linked(Linked::new(vec![part(0, 0)]))), of_step(0, Refusal::AmountZero));
    let unknown = CommandId::random();
    let missing = Linked::new(vec![part(0, 10), Step::reverse(unknown, 0)]);
    assert_eq!(refused(town.bank.linked(missing)), of_step(1, Refusal::NotReversible { original: unknown }));
    assert_eq!((town.figures("A").0, town.figures("B").0), (20, 80));
}

#[test]
fn the_largest_accepted_fee_of_a_step_binds_the_whole_command() {
    let town = Town::new(5);
    town.deposit("A", 100);
    let steps = |most_fee| vec![step("A", "B", 10), step("A", "C", 10).with_most_fee(won(most_fee))];
    let dear = Refusal::FeeTooHigh { fee: won(5), most_fee: won(4) };
    assert_eq!(refused(town.bank.linked(Linked::new(steps(4)))), of_step(1, dear.clone()));
    let preview = town.bank.preview(&Command::Linked(Linked::new(steps(4)))).unwrap();
    assert!(matches!(&preview, Preview::Refused(objection) if objection.refusal == of_step(1, dear)), "{preview:?}");
    assert_eq!(town.figures("A").0, 100);
    town.bank.linked(Linked::new(steps(5))).unwrap();
    assert_eq!((town.figures("A").0, town.fees().0), (70, 10));
}
