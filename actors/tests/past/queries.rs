//! Movements by every combination of what can be asked, in both orders, page by page: what a filter over all of them finds.

use futures::executor::block_on;
use jangbu_actors::ledger::{OwnerId, Refusal, Timestamp};
use jangbu_actors::{Bank, Error, HistoryQuery, Movement, MovementKind, MovementStatus, Order, TransferQuery};
use proptest::prelude::*;

use crate::bank::{ACCOUNTS, Dice, RandomBank, START_NS, STEP_NS, amount, number, owner};

/// All movements, refused ones among them, oldest first.
fn everything(bank: &Bank) -> Vec<Movement> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = block_on(bank.movements(None, None, after, 1_000)).unwrap();
        all.extend(page.data);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// All pages of a query, one behind the other.
fn pages(bank: &Bank, mut query: TransferQuery) -> Vec<Movement> {
    let mut found = Vec::new();
    loop {
        let page = block_on(bank.transfers(query.clone())).unwrap();
        let limit = if query.limit == 0 { 50 } else { query.limit };
        assert!(page.data.len() < limit + 64, "a page has {} movements", page.data.len());
        found.extend(page.data);
        query.after = page.next;
        if query.after.is_none() {
            return found;
        }
    }
}

fn owner_of(text: &str) -> OwnerId {
    let found = ACCOUNTS.iter().find(|(account, _)| *account == text);
    owner(found.map_or("bank", |(_, name)| name))
}

/// The naive reading of a query.
fn fits(movement: &Movement, query: &TransferQuery) -> bool {
    let parties: Vec<_> = movement.from.iter().chain(&movement.to).collect();
    let text = query.text.as_deref().unwrap_or_default().to_lowercase();
    let details = &movement.details;
    let texts = [&details.sender_label, &details.receiver_label, &details.reference];
    match query.status {
        Some(status) if movement.status != status => return false,
        None if movement.status == MovementStatus::Refused => return false,
        _ => {}
    }
    query.account.is_none_or(|account| parties.contains(&&account))
        && query.owner.is_none_or(|owner| parties.iter().any(|party| owner_of(party.as_str()) == owner))
        && query.from.is_none_or(|from| movement.recorded_at >= from)
        && query.to.is_none_or(|to| movement.recorded_at < to)
        && query.least.is_none_or(|least| movement.amount >= least)
        && query.most.is_none_or(|most| movement.amount <= most)
        && query.kind.is_none_or(|kind| movement.kind == kind)
        && (text.is_empty() || texts.iter().any(|label| label.to_lowercase().contains(&text)))
}

fn random_query(dice: &mut Dice, last_ns: i64) -> TransferQuery {
    use MovementKind::{Deposit, Hold, Release, Reversal, Settlement, Sweep, Transfer, Withdrawal};
    use MovementStatus::{Expired, Open, Posted, Refused, Rejected, Settled, Voided};
    let mut query = TransferQuery::default();
    if dice.chance(2) {
        query.account = Some(number(dice.pick(&["A", "B", "C", "F", "CASH-KRW"])));
    }
    if dice.chance(3) {
        query.owner = Some(owner(dice.pick(&["ann", "bob", "cho", "nobody"])));
    }
    let span = u64::try_from(last_ns - START_NS + 3 * STEP_NS).unwrap();
    let mut moment = || Timestamp::from_ns(START_NS - STEP_NS + i64::try_from(dice.below(span)).unwrap());
    let (from, to) = (moment(), moment());
    if dice.chance(3) {
        query.from = Some(from);
    }
    if dice.chance(3) {
        query.to = Some(to);
    }
    if dice.chance(4) {
        query.least = Some(amount(dice.below(300)));
    }
    if dice.chance(4) {
        query.most = Some(amount(dice.below(300)));
    }
    if dice.chance(3) {
        query.status = Some(dice.pick(&[Posted, Open, Settled, Voided, Rejected, Expired, Refused]));
    }
    if dice.chance(3) {
        query.kind = Some(dice.pick(&[Transfer, Deposit, Withdrawal, Sweep, Reversal, Hold, Settlement, Release]));
    }
    if dice.chance(3) {
        query.text = Some(dice.pick(&["rent", "TEA", "über", "invoice 7", "none such"]).to_owned());
    }
    query.order = dice.pick(&[Order::NewestFirst, Order::OldestFirst]);
    query.limit = usize::try_from(dice.pick(&[0, 1, 3, 17, 1_000])).unwrap();
    query
}

fn compare(bank: &Bank, dice: &mut Dice, queries: usize) {
    let all = everything(bank);
    let last_ns = all.last().unwrap().recorded_at.as_ns();
    for _ in 0..queries {
        let query = random_query(dice, last_ns);
        let mut expected: Vec<Movement> = all.iter().filter(|movement| fits(movement, &query)).cloned().collect();
        if query.order == Order::NewestFirst {
            expected.reverse();
        }
        let found = pages(bank, query.clone());
        assert_eq!(found.len(), expected.len(), "{query:?}");
        assert_eq!(found, expected, "{query:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn every_query_finds_what_a_filter_over_everything_finds(seed in any::<u64>()) {
        let mut random = RandomBank::new(seed, None);
        random.run(400);
        compare(&random.bank, &mut Dice::new(!seed), 60);
    }
}

#[test]
fn a_long_history_is_found_in_both_orders_in_files_and_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = RandomBank::new(7, Some(directory.path()));
    random.run(4_000);
    let mut dice = Dice::new(8);
    compare(&random.bank, &mut dice, 30);
    block_on(random.bank.close()).unwrap();
    let bank = RandomBank::builder().open(directory.path()).unwrap();
    compare(&bank, &mut dice, 60);
    block_on(bank.close()).unwrap();
    let report = jangbu_actors::check::check(directory.path(), jangbu_actors::check::Options::default()).unwrap();
    assert!(report.state.contains("agrees"), "{}", report.state);
}

#[test]
fn an_account_that_does_not_exist_is_refused_but_for_refused_movements() {
    let mut random = RandomBank::new(3, None);
    random.run(1_500);
    let query = TransferQuery { account: Some(number("X")), ..TransferQuery::default() };
    let unknown = Error::Refused(Refusal::AccountUnknown { number: number("X") });
    assert_eq!(block_on(random.bank.transfers(query.clone())), Err(unknown));
    let refused = pages(&random.bank, TransferQuery { status: Some(MovementStatus::Refused), ..query });
    assert!(!refused.is_empty());
}

#[test]
fn a_statement_of_an_old_period_is_that_of_the_whole_history() {
    let mut random = RandomBank::new(11, None);
    random.run(3_000);
    let bank = &random.bank;
    let history = |query: HistoryQuery| {
        let (mut entries, mut query) = (Vec::new(), HistoryQuery { limit: 100, ..query });
        loop {
            let page = block_on(bank.history(number("A"), query)).unwrap();
            entries.extend(page.data);
            query.before = page.next;
            if query.before.is_none() {
                return entries;
            }
        }
    };
    let all = history(HistoryQuery::default());
    assert!(all.len() > 512, "long enough for milestones: {}", all.len());
    for place in (0..all.len()).step_by(37) {
        let to = all[place].recorded_at;
        let expected: Vec<_> = all.iter().filter(|entry| entry.recorded_at < to).cloned().collect();
        assert_eq!(history(HistoryQuery { to: Some(to), ..HistoryQuery::default() }), expected);
    }
    // A cursor that is no record of the account.
    let expected: Vec<_> = all.iter().filter(|entry| entry.position.get() < 20).cloned().collect();
    let before = Some(jangbu_actors::ledger::Position::new(20));
    assert_eq!(history(HistoryQuery { before, ..HistoryQuery::default() }), expected);
}

#[test]
fn owners_have_their_accounts_in_the_order_of_their_opening_stored_or_not() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = RandomBank::new(5, Some(directory.path()));
    let check = |bank: &Bank| {
        for (name, expected) in
            [("ann", vec!["A", "B"]), ("bob", vec!["C", "D"]), ("cho", vec!["E"]), ("nobody", vec![])]
        {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = block_on(bank.accounts_of(owner(name), after, 1)).unwrap();
                found.extend(page.data.iter().map(|account| account.number.to_string()));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(found, expected, "{name}");
        }
    };
    check(&random.bank);
    block_on(random.bank.checkpoint()).unwrap();
    check(&random.bank);
    random.run(200);
    drop(random);
    let bank = RandomBank::builder().open(directory.path()).unwrap();
    check(&bank);
}
