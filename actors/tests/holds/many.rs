//! The limit of open holds in the whole bank.

use jangbu_actors::blocking::Bank;
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::{CashPosting, ChangeAccount, Command, OpenAccount, PlaceHold, VoidHold};
use jangbu_actors::ledger::{Change, CommandId, Freeze, OwnerId, Refusal};

use crate::support::{builder, noon, number, refused, won};

/// A bank with this limit of open holds, and accounts A and B, of which A has 100.
fn bank(most: usize) -> Bank {
    let bank: Bank = builder(&SteppedClock::starting_at(noon())).max_open_holds(most).in_memory().unwrap().into();
    for text in ["A", "B"] {
        let owner = OwnerId::new(text).unwrap();
        bank.open_account(OpenAccount::new(owner).with_number(number(text))).unwrap();
    }
    bank.deposit(CashPosting::new(number("A"), won(100))).unwrap();
    bank
}

fn hold(amount: u64) -> PlaceHold {
    PlaceHold::new(number("A"), number("B"), won(amount))
}

/// Requests holds of these amounts concurrently. Returns the code of each refusal, or `held`.
fn place(bank: &Bank, amounts: &[u64]) -> Vec<String> {
    let commands = amounts.iter().map(|amount| Command::PlaceHold(Box::new(hold(*amount)))).collect();
    let told = |answer: Result<_, Refusal>| answer.map_or_else(|refusal| refusal.code().to_owned(), |_| "held".into());
    bank.submit(commands).unwrap().into_iter().map(told).collect()
}

#[test]
fn the_limit_of_open_holds_is_kept_under_concurrency() {
    let bank = bank(3);
    let answers = place(&bank, &[1; 10]);
    assert_eq!(answers.iter().filter(|answer| *answer == "held").count(), 3, "{answers:?}");
    assert!(answers.iter().all(|answer| answer == "held" || answer == "too_many"), "{answers:?}");
    assert_eq!(bank.holds(number("A")).unwrap().len(), 3);
    assert_eq!(refused(bank.place_hold(hold(1))), Refusal::TooMany { most: 3 });
}

#[test]
fn an_ended_or_refused_hold_frees_its_slot() {
    let bank = bank(2);
    let first = bank.place_hold(hold(1)).unwrap().id;
    assert_eq!(place(&bank, &[1_000]), ["insufficient_funds"]);
    bank.place_hold(hold(1)).unwrap();
    bank.void_hold(VoidHold::new(first)).unwrap();
    assert_eq!(place(&bank, &[1, 1]), ["held", "too_many"]);
}

#[test]
fn a_hold_refused_by_the_receiver_uses_no_slot() {
    let bank = bank(1);
    let freeze = |credits| {
        let change = Change::Freeze(Freeze { debits: false, credits });
        bank.change_account(ChangeAccount { id: CommandId::random(), account: number("B"), change }).unwrap();
    };
    freeze(true);
    for _ in 0..3 {
        assert_eq!(place(&bank, &[2]), ["account_frozen"]);
    }
    freeze(false);
    assert_eq!(place(&bank, &[2]), ["held"]);
}

#[test]
fn holds_are_listed_in_pages_from_memory_and_from_the_store() {
    let directory = tempfile::tempdir().unwrap();
    let clock = SteppedClock::starting_at(noon());
    let open = || -> Bank { builder(&clock).open(directory.path()).unwrap().into() };
    let bank = open();
    for text in ["A", "B", "C"] {
        bank.open_account(OpenAccount::new(OwnerId::new(text).unwrap()).with_number(number(text))).unwrap();
    }
    bank.deposit(CashPosting::new(number("A"), won(100))).unwrap();
    assert_eq!(place(&bank, &[1, 2, 3, 4, 5, 6, 7]), ["held"; 7]);
    let pages = |bank: &Bank| {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let page = bank.holds_after(number("A"), after, 3).unwrap();
            pages.push(page.data.iter().map(|hold| hold.amount.minor_units()).collect::<Vec<_>>());
            after = page.next;
            if after.is_none() {
                return pages;
            }
        }
    };
    let expected = [vec![1, 2, 3], vec![4, 5, 6], vec![7]];
    assert_eq!(pages(&bank), expected);
    bank.close().unwrap();
    let bank = open();
    assert_eq!(pages(&bank), expected);
    assert_eq!(bank.holds_after(number("C"), None, 3).unwrap().data, []);
    bank.close().unwrap();
}
