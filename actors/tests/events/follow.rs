//! One subscription: from any position, across a restart, lagging, for one account.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::executor::block_on;
use jangbu_actors::command::{CashPosting, Transfer};
use jangbu_actors::ledger::Position;
use jangbu_actors::{Bank, BankError, Event, EventError, Subscription, blocking};

use crate::bank::{ACCOUNTS, RandomBank, amount, number, records};

fn next(subscription: &mut Subscription) -> Event {
    block_on(subscription.next()).unwrap().unwrap()
}

/// Returns the events from a position to the durable end.
fn through_end(bank: &Bank, from: Position) -> Vec<Event> {
    let end = bank.stats().durable;
    let mut subscription = bank.subscribe(from).unwrap();
    let first = from.get().max(1);
    (first..=end.get()).map(|_| next(&mut subscription)).collect()
}

/// Returns whether an answer is available at once.
fn is_pending(subscription: &mut Subscription) -> bool {
    let future = pin!(subscription.next());
    matches!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Pending)
}

#[test]
fn all_events_together_are_the_journal_from_any_position() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = RandomBank::new(31, Some(directory.path()));
    random.run(1_800);
    let bank = &random.bank;
    let all = through_end(bank, Position::START);
    for from in [1, 2, 511, 512, 513, 514, 1_024, 1_500, all.len() as u64] {
        let place = usize::try_from(from - 1).unwrap();
        assert_eq!(through_end(bank, Position::new(from)), all[place..], "from {from}");
    }
    let (mut paged, mut from) = (Vec::new(), Some(Position::START));
    while let Some(position) = from {
        let page = block_on(bank.events(position, 700)).unwrap();
        paged.extend(page.data);
        from = page.next;
    }
    assert_eq!(paged, all);
    block_on(random.bank.close()).unwrap();
    let records = records(directory.path());
    assert_eq!(records.len(), all.len());
    for (event, record) in all.iter().zip(&records) {
        assert_eq!(
            (event.position, event.id, event.recorded_at, event.date),
            (record.position, record.id, record.recorded_at, record.date)
        );
    }
}

#[test]
fn a_restart_leaves_no_gap() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = RandomBank::new(32, Some(directory.path()));
    random.run(300);
    let mut subscription = random.bank.subscribe(Position::START).unwrap();
    let mut all: Vec<Event> = (0..200).map(|_| next(&mut subscription)).collect();
    let now_ns = random.now_ns;
    block_on(random.bank.close()).unwrap();
    // Events that were read ahead are still returned; then the subscription ends.
    while let Some(event) = block_on(subscription.next()) {
        all.push(event.unwrap());
    }
    assert!(block_on(subscription.next()).is_none());
    let bank = RandomBank::reopened(directory.path(), now_ns);
    block_on(bank.deposit(CashPosting::new(number("A"), amount(7)))).unwrap();
    all.extend(through_end(&bank, subscription.position()));
    let positions: Vec<u64> = all.iter().map(|event| event.position.get()).collect();
    assert_eq!(positions, (1..=all.len() as u64).collect::<Vec<_>>());
    // Holds may have expired in the meantime.
    assert_eq!(all, through_end(&bank, Position::START)[..all.len()]);
}

#[test]
fn events_arrive_live_and_closing_ends_the_wait() {
    let random = RandomBank::new(33, None);
    let bank = random.bank.clone();
    let begin = bank.stats().durable.next();
    let mut events = blocking::Bank::from(bank.clone()).subscribe(begin).unwrap();
    let follower = std::thread::spawn(move || events.by_ref().map(|event| event.unwrap().id).collect::<Vec<_>>());
    let mut sent = Vec::new();
    for units in 1..=200 {
        let transfer = Transfer::new(number("A"), number("B"), amount(units % 3 + 1));
        sent.push(transfer.id);
        block_on(bank.transfer(transfer)).unwrap();
    }
    // However far it is: closing lets it have everything durable.
    block_on(bank.close()).unwrap();
    assert_eq!(follower.join().unwrap(), sent);
    assert!(matches!(random.bank.subscribe(begin), Err(BankError::Closed)));
}

#[test]
fn a_subscription_receives_the_newest_events_after_the_bank_is_closed() {
    let bank = RandomBank::new(37, None).bank;
    let begin = bank.stats().durable.next();
    let mut never_asked = bank.subscribe(begin).unwrap();
    let mut of_account = bank.subscribe_account(number("B"), begin).unwrap();
    let mut asked_once = bank.subscribe(begin).unwrap();
    let mut reading = bank.subscribe(begin).unwrap();
    assert!(is_pending(&mut asked_once));
    let transfers = (1..=200).map(|units| Transfer::new(number("A"), number("B"), amount(units % 3 + 1)));
    let sent: Vec<_> = transfers.map(|transfer| block_on(bank.transfer(transfer)).unwrap().id).collect();
    let _perhaps_read = is_pending(&mut reading);
    block_on(bank.close()).unwrap();
    for subscription in [&mut never_asked, &mut of_account, &mut asked_once] {
        let rest: Vec<_> =
            std::iter::from_fn(|| block_on(subscription.next())).map(|event| event.unwrap().id).collect();
        assert_eq!(rest, sent);
    }
    let rest = std::iter::from_fn(|| block_on(reading.next())).count();
    assert!((199..=200).contains(&rest), "{rest}");
}

#[test]
fn an_account_has_its_own_events_and_those_of_refused_commands_that_name_it() {
    let mut random = RandomBank::new(34, None);
    random.run(1_500);
    let bank = &random.bank;
    let all = through_end(bank, Position::START);
    for (text, _) in ACCOUNTS {
        let account = number(text);
        let expected: Vec<Event> = all.iter().filter(|event| event.accounts.contains(&account)).cloned().collect();
        assert!(!expected.is_empty(), "{text}");
        let mut subscription = bank.subscribe_account(account, Position::START).unwrap();
        let found: Vec<Event> = expected.iter().map(|_| next(&mut subscription)).collect();
        assert_eq!(found, expected, "{text}");
    }
    // Events of other accounts may wake it, but it returns none of them.
    let mut subscription = bank.subscribe_account(number("A"), bank.stats().durable.next()).unwrap();
    assert!(is_pending(&mut subscription));
    block_on(bank.transfer(Transfer::new(number("C"), number("D"), amount(1))))
        .unwrap_or_else(|error| panic!("{error}"));
    let deposit = CashPosting::new(number("A"), amount(5));
    let id = deposit.id;
    block_on(bank.deposit(deposit)).unwrap();
    assert_eq!(next(&mut subscription).id, id);
}

#[test]
fn a_lagging_subscription_reports_it_once_and_continues_without_a_gap() {
    let mut random = RandomBank::new(35, None);
    let begin = random.bank.stats().durable.next();
    let mut subscription = random.bank.subscribe(begin).unwrap().with_most_behind(100);
    random.run(90);
    let mut found = vec![next(&mut subscription)];
    random.run(400);
    // The books know the bank's own records of expired holds a moment before they are events.
    while subscription.position().plus(subscription.behind()) <= random.bank.stats().durable {
        std::thread::sleep(Duration::from_millis(1));
    }
    let behind = subscription.behind();
    assert!(behind > 100);
    let resume = subscription.position();
    let told = block_on(subscription.next()).unwrap();
    assert_eq!(told, Err(EventError::Lagging { behind, resume }));
    found.extend((0..behind).map(|_| next(&mut subscription)));
    assert_eq!(found, through_end(&random.bank, begin));
    assert_eq!(subscription.behind(), 0);
    // It had caught up, so it reports lagging again.
    random.run(400);
    assert!(matches!(block_on(subscription.next()), Some(Err(EventError::Lagging { .. }))));
    let resume = subscription.position();
    assert_eq!(next(&mut subscription).position, resume);
    // A subscription that starts far behind on purpose does not report it.
    let mut late = random.bank.subscribe(Position::START).unwrap().with_most_behind(100);
    assert_eq!(next(&mut late).position.get(), 1);
}

#[test]
fn a_subscription_waits_for_the_next_event() {
    let random = RandomBank::new(36, None);
    let bank = random.bank.clone();
    let last = bank.stats().durable;
    let mut subscription = bank.subscribe(last.next()).unwrap();
    std::thread::sleep(Duration::from_millis(5));
    assert!(is_pending(&mut subscription));
    let receipt = block_on(bank.deposit(CashPosting::new(number("A"), amount(3)))).unwrap();
    assert_eq!(next(&mut subscription).position, receipt.position);
    assert_eq!(receipt.position, last.next());
}

#[test]
fn subscriptions_end_with_the_error_when_the_bank_stops() {
    use jangbu_actors::journal::disk::{Fault, FaultDisk};
    let directory = tempfile::tempdir().unwrap();
    let disk = Arc::new(FaultDisk::new());
    let bank = Bank::builder().disk(Arc::clone(&disk) as _).open(directory.path()).unwrap();
    let mut subscription = bank.subscribe(Position::new(2)).unwrap();
    assert!(is_pending(&mut subscription));
    let waiting = std::thread::spawn(move || {
        let told = block_on(subscription.next());
        (told, block_on(subscription.next()))
    });
    disk.fail_from(disk.operations(), Fault::Io);
    let open = jangbu_actors::command::OpenAccount::new(crate::bank::owner("ann"));
    assert!(block_on(bank.open_account(open)).is_err());
    let (told, after) = waiting.join().unwrap();
    assert!(matches!(told, Some(Err(EventError::Bank(BankError::Failed(_))))), "{told:?}");
    assert!(after.is_none());
}
