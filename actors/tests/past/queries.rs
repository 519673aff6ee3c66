//! Movements by every combination of criteria, in both orders, page by page, compared with a filter over all movements.

use futures::executor::block_on;
use jangbu_actors::ledger::{AccountNumber, Amount, HoldId, OwnerId, Position, Refusal, Timestamp};
use jangbu_actors::{
    Bank, Direction, Error, HistoryQuery, Movement, MovementKind, MovementStatus, Order, TransferQuery, Viewer,
};
use proptest::prelude::*;

use crate::bank::{ACCOUNTS, Dice, RandomBank, START_NS, STEP_NS, amount, number, owner};

/// All movements, refused ones included, oldest first.
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

/// All pages of a query, concatenated.
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
    let Movement { reason, customer_text, .. } = movement;
    let texts = [&details.sender_label, &details.receiver_label, &details.reference, reason, customer_text];
    let is_of = |number: Option<AccountNumber>| match (query.account, query.owner) {
        (Some(account), _) => number == Some(account),
        (None, Some(owner)) => number.is_some_and(|number| owner_of(number.as_str()) == owner),
        (None, None) => true,
    };
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
        && (query.kinds.is_empty() || query.kinds.contains(&movement.kind))
        && query.direction.is_none_or(|way| is_of(if way == Direction::In { movement.to } else { movement.from }))
        && query
            .hold
            .is_none_or(|hold| movement.hold == Some(hold) || (hold == movement.id && movement.requires_verification))
        && query.metadata.iter().all(|pair| details.metadata.contains(pair))
        && (text.is_empty() || texts.iter().any(|label| label.to_lowercase().contains(&text)))
}

/// What a viewer may see of a movement, by the words of the rule.
fn seen(movement: &Movement, viewer: Viewer) -> Option<Movement> {
    let Viewer::Owner(owner) = viewer else { return Some(movement.clone()) };
    let owns = |number: Option<AccountNumber>| number.is_some_and(|number| owner_of(number.as_str()) == owner);
    let (sends, receives) = (owns(movement.from), owns(movement.to));
    let mut seen = movement.clone();
    seen.reason = String::new();
    if !receives {
        seen.details.receiver_label = String::new();
    }
    if !sends {
        if !receives || movement.refusal.is_some() {
            return None;
        }
        (seen.fee, seen.customer_text) = (amount(0), String::new());
        (seen.details.sender_label, seen.details.metadata) = (String::new(), Vec::new());
    }
    Some(seen)
}

fn random_query(dice: &mut Dice, last_ns: i64, holds: &[HoldId]) -> TransferQuery {
    use MovementKind::{Deposit, Hold, Release, Reversal, Settlement, Sweep, Transfer, Withdrawal};
    use MovementStatus::{
        Cancelled, Expired, Held, PartlySettled, Pending, Posted, Refused, Rejected, Settled, Voided,
    };
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
        let all = [Posted, Held, Pending, Settled, PartlySettled, Voided, Cancelled, Rejected, Expired, Refused];
        query.status = Some(dice.pick(&all));
    }
    if dice.chance(3) {
        let kinds = [Transfer, Deposit, Withdrawal, Sweep, Reversal, Hold, Settlement, Release];
        query.kinds = (0..=dice.below(2)).map(|_| dice.pick(&kinds)).collect();
    }
    if dice.chance(3) {
        query.text = Some(dice.pick(&["rent", "TEA", "über", "invoice 7", "no rooms", "none such"]).to_owned());
    }
    if dice.chance(4) {
        query.direction = Some(dice.pick(&[Direction::In, Direction::Out]));
    }
    if dice.chance(6) {
        query.metadata = vec![("order".to_owned(), dice.below(4).to_string())];
    }
    if dice.chance(8) {
        query.hold = Some(dice.pick(holds));
    }
    if dice.chance(3) {
        query.viewer = Viewer::Owner(owner(dice.pick(&["ann", "bob", "cho", "nobody"])));
    }
    query.order = dice.pick(&[Order::NewestFirst, Order::OldestFirst]);
    query.limit = usize::try_from(dice.pick(&[0, 1, 3, 17, 1_000])).unwrap();
    query
}

fn compare(bank: &Bank, dice: &mut Dice, queries: usize) {
    let all = everything(bank);
    let last_ns = all.last().unwrap().recorded_at.as_ns();
    let held = all.iter().filter(|movement| movement.requires_verification || movement.kind == MovementKind::Hold);
    let holds: Vec<HoldId> = held.map(Movement::as_hold).collect();
    for _ in 0..queries {
        let query = random_query(dice, last_ns, &holds);
        let visible = all.iter().filter_map(|movement| seen(movement, query.viewer));
        let mut expected: Vec<Movement> = visible.filter(|movement| fits(movement, &query)).collect();
        if query.order == Order::NewestFirst {
            expected.reverse();
        }
        let found = pages(bank, query.clone());
        assert_eq!(found.len(), expected.len(), "{query:?}");
        assert_eq!(found, expected, "{query:?}");
    }
}

/// Checks that posted amounts are what moved, and reversed amounts what reversals took back. Returns how many posted
/// transfers were verified.
fn add_up(bank: &Bank) -> usize {
    let all = everything(bank);
    let posted = |movement: &&Movement| movement.status == MovementStatus::Posted;
    for (text, _) in ACCOUNTS.into_iter().filter(|(text, _)| *text != "X") {
        let account = number(text);
        let found = pages(bank, TransferQuery { account: Some(account), limit: 100, ..TransferQuery::default() });
        let mut sum = 0_i64;
        for movement in found.iter().filter(posted) {
            let units = |amount: Amount| i64::try_from(amount.minor_units()).unwrap();
            if movement.to == Some(account) {
                sum += units(movement.amount);
            }
            if movement.from == Some(account) {
                sum -= units(movement.amount) + units(movement.fee);
            }
        }
        assert_eq!(sum, block_on(bank.snapshot(account)).unwrap().posted.minor_units(), "{text}");
    }
    let reversals: Vec<&Movement> =
        all.iter().filter(posted).filter(|movement| movement.kind == MovementKind::Reversal).collect();
    for movement in all.iter().filter(posted).filter(|movement| movement.kind != MovementKind::Reversal) {
        let known_as = Some(movement.settlement.unwrap_or(movement.id));
        let of_it = reversals.iter().filter(|reversal| {
            reversal.original == known_as && reversal.original_step == Some(movement.step.unwrap_or(0))
        });
        let (mut taken, mut ids) = (0, Vec::new());
        for reversal in of_it {
            taken += reversal.amount.minor_units();
            ids.insert(0, reversal.id);
        }
        assert_eq!((movement.reversed.minor_units(), &movement.reversals), (taken, &ids), "{movement:?}");
    }
    let verified =
        all.iter().filter(|movement| movement.requires_verification && movement.status == MovementStatus::Posted);
    let count = verified.clone().count();
    for movement in verified {
        assert_eq!(movement.kind, MovementKind::Transfer);
        let by_settlement = block_on(bank.movements_of(movement.settlement.unwrap())).unwrap();
        assert!(by_settlement.contains(movement), "{movement:?}: {by_settlement:?}");
        let [by_id] = &block_on(bank.movements_of(movement.id)).unwrap()[..] else { panic!("{movement:?}") };
        let is_open = by_id.status == MovementStatus::Pending;
        assert!(is_open || by_id.status == MovementStatus::Posted, "something of it was paid: {by_id:?}");
        if all.iter().filter(|other| other.id == movement.id).count() == 1 {
            assert_eq!(by_id, movement);
        }
    }
    count
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn every_query_finds_what_a_filter_over_everything_finds(seed in any::<u64>()) {
        let mut random = RandomBank::new(seed, None);
        random.run(400);
        compare(&random.bank, &mut Dice::new(!seed), 60);
        add_up(&random.bank);
    }
}

#[test]
fn a_long_history_is_found_in_both_orders_in_files_and_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = RandomBank::new(7, Some(directory.path()));
    random.run(4_000);
    let mut dice = Dice::new(8);
    compare(&random.bank, &mut dice, 30);
    assert!(add_up(&random.bank) > 20, "too few transfers were verified to say anything");
    let now_ns = random.now_ns;
    block_on(random.bank.close()).unwrap();
    let bank = RandomBank::reopened(directory.path(), now_ns);
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
fn the_statement_of_an_old_period_matches_the_whole_history() {
    let mut random = RandomBank::new(11, None);
    random.run(3_400);
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
    // And from the oldest on, one page at a time.
    for limit in [1, 7, 100] {
        let (mut found, mut since) = (Vec::new(), Position::new(1));
        loop {
            let query = HistoryQuery { since: Some(since), limit, ..HistoryQuery::default() };
            let page = block_on(bank.history(number("A"), query)).unwrap();
            let Some(newest) = page.data.first() else { break };
            assert!(page.data.len() >= limit || newest.position == all[0].position, "{} of {limit}", page.data.len());
            since = newest.position.next();
            found.splice(0..0, page.data);
        }
        assert_eq!(found, all, "{limit} at a time");
    }
    // A cursor that is not a record of the account.
    let expected: Vec<_> = all.iter().filter(|entry| entry.position.get() < 20).cloned().collect();
    let before = Some(Position::new(20));
    assert_eq!(history(HistoryQuery { before, ..HistoryQuery::default() }), expected);
}

#[test]
fn an_owners_accounts_are_listed_in_the_order_of_opening() {
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
    let now_ns = random.now_ns;
    drop(random);
    let bank = RandomBank::reopened(directory.path(), now_ns);
    check(&bank);
}
