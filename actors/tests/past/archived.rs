//! Queries about the past after its beginning was archived.

use futures::executor::block_on;
use jangbu_actors::archive::{Which, archive};
use jangbu_actors::ledger::{Balance, Details, Position};
use jangbu_actors::{BankError, Error, Moment, Movement, Order, TransferQuery};

use crate::bank::{RandomBank, number};

/// A settlement lacks its hold's texts once the record of the placement is archived.
fn without_texts_of_holds(mut movements: Vec<Movement>) -> Vec<Movement> {
    movements
        .iter_mut()
        .filter(|movement| movement.hold.is_some())
        .for_each(|movement| movement.details = Details::default());
    movements
}

#[test]
fn recent_history_is_readable_and_older_history_is_archived() {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("data");
    let mut random = RandomBank::new(51, Some(&data));
    random.verifies = false;
    random.run(3_000);
    let (now_ns, end) = (random.now_ns, random.bank.stats().durable);
    let query = TransferQuery { limit: 1_000, ..TransferQuery::default() };
    let of_account = TransferQuery { account: Some(number("A")), ..query.clone() };
    let before = [query.clone(), of_account.clone()].map(|query| block_on(random.bank.transfers(query)).unwrap().data);
    block_on(random.bank.close()).unwrap();
    // Without a stored state, the books start with the one that stands in for archived records.
    std::fs::remove_dir_all(data.join("state")).unwrap();
    let first = archive(&data, scratch.path().join("archive"), Which::AllBut(2)).unwrap().position.next();
    let bank = RandomBank::reopened(&data, now_ns);
    for (query, before) in [query.clone(), of_account].into_iter().zip(before) {
        let rest: Vec<Movement> = before.into_iter().filter(|movement| movement.position >= first).collect();
        assert!(rest.len() > 20, "{} movements are left", rest.len());
        let page = block_on(bank.transfers(query.clone())).unwrap();
        assert_eq!(without_texts_of_holds(page.data.clone()), without_texts_of_holds(rest));
        let more = block_on(bank.transfers(TransferQuery { after: page.next, ..query }));
        assert!(matches!(more, Err(Error::Bank(BankError::Archived { .. }))), "{more:?}");
    }
    let oldest = block_on(bank.transfers(TransferQuery { order: Order::OldestFirst, ..query }));
    assert!(matches!(oldest, Err(Error::Bank(BankError::Archived { .. }))), "{oldest:?}");
    // Balances and sums need only later records.
    let trial = block_on(bank.trial_balance_at(Moment::Position(first))).unwrap();
    assert!(trial.is_balanced());
    let cash = block_on(bank.balance_at(number("CASH-KRW"), Moment::Position(first))).unwrap();
    let cash = cash.map(Balance::minor_units).map(i128::from);
    assert_eq!(cash, Some(trial.currencies[0].cash));
    let now = block_on(bank.trial_balance_at(Moment::Position(end))).unwrap();
    let posted = block_on(bank.snapshot(number("CASH-KRW"))).unwrap().posted;
    assert_eq!(now.currencies[0].cash, i128::from(posted.minor_units()));
    let owned = block_on(bank.accounts_of(crate::bank::owner("ann"), None, 10)).unwrap().data;
    assert_eq!(owned.iter().map(|account| account.number).collect::<Vec<_>>(), [number("A"), number("B")]);
    let lost = block_on(bank.subscribe(Position::START).unwrap().next()).unwrap();
    assert!(lost.is_err(), "{lost:?}");
    let kept = block_on(bank.subscribe(first).unwrap().next()).unwrap().unwrap();
    assert_eq!(kept.position, first);
    // Closing returns the newest events, which no longer include archived ones.
    let mut follower = bank.subscribe(first).unwrap();
    let end = bank.stats().durable;
    block_on(bank.close()).unwrap();
    let rest = std::iter::from_fn(|| block_on(follower.next())).map(|event| event.unwrap().position.get());
    assert!(rest.eq(first.get()..=end.get()));
    let report = jangbu_actors::check::check(&data, jangbu_actors::check::Options::default()).unwrap();
    assert!(report.state.contains("agrees"), "{}", report.state);
}
