//! More records than a page examines: indexed movements are still found at once, and others page by page.
//! `benches/queries.rs` measures the time of both.

use futures::executor::block_on;
use jangbu_actors::command::{CashPosting, Command, OpenAccount, Transfer};
use jangbu_actors::ledger::{AccountNumber, Position, Timestamp};
use jangbu_actors::{Bank, HistoryQuery, Moment, Order, TransferQuery};

use crate::bank::{amount, number, owner};

/// A page examines at most 200,000 records, so this takes several pages.
const OTHERS: usize = 500_000;
const BATCH: usize = 8_000;
/// A full page, and a few more.
const FEW: usize = 60;

fn pay(bank: &Bank, count: usize, (from, to): (AccountNumber, AccountNumber)) {
    for begun in (0..count).step_by(BATCH) {
        let batch = (begun..count.min(begun + BATCH)).map(|_| Command::Transfer(Transfer::new(from, to, amount(1))));
        let answers = block_on(bank.submit(batch.collect())).unwrap();
        assert!(answers.iter().all(Result::is_ok));
    }
}

/// A bank in which one pair of accounts was active at the beginning, another at the end, and others all the time in
/// between.
struct Town {
    bank: Bank,
    first: AccountNumber,
    last: AccountNumber,
    /// When the first and the last transfer between others were recorded.
    between: [Timestamp; 2],
}

fn town() -> Town {
    let bank = Bank::in_memory().unwrap();
    let numbers: Vec<_> = (0..6).map(|at| number(&format!("{at:06}"))).collect();
    for (at, account) in numbers.iter().enumerate() {
        let open = OpenAccount::new(owner(&format!("o{}", at / 2))).with_number(*account);
        block_on(bank.open_account(open)).unwrap();
        block_on(bank.deposit(CashPosting::new(*account, amount(1_000_000)))).unwrap();
    }
    let [a, b, c, d, e, f] = *numbers else { unreachable!() };
    pay(&bank, FEW, (a, b));
    let begun = bank.stats().durable.get();
    pay(&bank, OTHERS, (c, d));
    let ended = bank.stats().durable.get();
    pay(&bank, FEW, (e, f));
    let time = |position| block_on(bank.events(Position::new(position), 1)).unwrap().data[0].recorded_at;
    let between = [time(begun), time(ended - 1)];
    Town { bank, first: a, last: f, between }
}

impl Town {
    /// Returns the movements on the first page, and whether there is another page.
    fn page(&self, query: TransferQuery) -> (usize, bool) {
        let page = block_on(self.bank.transfers(query)).unwrap();
        (page.data.len(), page.next.is_some())
    }
}

#[test]
fn indexed_movements_are_found_among_half_a_million_others() {
    let town = town();
    let [begun, ended] = town.between;
    let newest = TransferQuery::default();
    let oldest = TransferQuery { order: Order::OldestFirst, ..TransferQuery::default() };
    for query in [
        TransferQuery { account: Some(town.first), ..newest.clone() },
        TransferQuery { account: Some(town.last), ..oldest.clone() },
        TransferQuery { owner: Some(owner("o0")), ..newest.clone() },
        TransferQuery { owner: Some(owner("o2")), ..oldest.clone() },
        TransferQuery { to: Some(begun), ..newest.clone() },
        TransferQuery { from: Some(ended), ..oldest },
        TransferQuery { account: Some(town.first), to: Some(begun), ..newest },
    ] {
        assert_eq!(town.page(query.clone()), (50, true), "{query:?}");
    }
    let history = HistoryQuery { to: Some(ended), ..HistoryQuery::default() };
    assert_eq!(block_on(town.bank.history(town.first, history)).unwrap().data.len(), 50);
    let middle = block_on(town.bank.balance_at(town.last, Moment::Time(begun))).unwrap();
    assert_eq!(middle.unwrap().minor_units(), 1_000_000);
    for moment in [begun, ended] {
        assert!(block_on(town.bank.trial_balance_at(Moment::Time(moment))).unwrap().is_balanced());
    }
    block_on(town.bank.close()).unwrap();
}

#[test]
fn a_search_without_an_index_pauses_and_continues() {
    let town = town();
    let query = TransferQuery { text: Some("nowhere".into()), ..TransferQuery::default() };
    let (mut pages, mut after) = (0, None);
    loop {
        let page = block_on(town.bank.transfers(TransferQuery { after, ..query.clone() })).unwrap();
        assert_eq!(page.data, []);
        (pages, after) = (pages + 1, page.next);
        if after.is_none() {
            break;
        }
    }
    assert!((OTHERS / 200_000..=OTHERS / 200_000 + 2).contains(&pages), "{pages} pages");
    block_on(town.bank.close()).unwrap();
}
