//! What must hold at every moment.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use jangbu_actors::command::{ChangeSchedule, Command};
use jangbu_actors::ledger::{AccountNumber, CommandId, Currency, Position, Role, ScheduleChange};
use jangbu_actors::{Error, HistoryQuery, Snapshot};

use crate::clients::Desk;
use crate::model;
use crate::notes::Notes;

/// More accounts than there ever are, so that one query returns all of them at one moment.
pub(crate) const ALL: usize = 1_000;

/// Audits the bank repeatedly until it is stopped.
pub(crate) async fn watch(desk: &Desk, stop: &Cell<bool>) -> Result<(), Error> {
    while !stop.get() {
        let accounts = look(desk).await?;
        let place = usize::try_from(desk.world.below(accounts.len() as u64)).unwrap();
        if let Some(account) = accounts.get(place) {
            check_history(desk, account.number).await?;
        }
        desk.world.sleep(Duration::from_micros(desk.world.below(20_000))).await;
    }
    Ok(())
}

/// Checks all accounts at one moment: they add up to zero, none is below its overdraft, nothing that was seen
/// disappears, and nothing is shown that is not durable.
async fn look(desk: &Desk) -> Result<Vec<Snapshot>, Error> {
    desk.note_durable();
    let accounts = desk.bank.accounts(None, ALL).await?.data;
    let durable = desk.note_durable();
    let mut sums: BTreeMap<Currency, (i128, i128)> = BTreeMap::new();
    for account in &accounts {
        let (posted, held) = sums.entry(account.currency).or_default();
        *posted += i128::from(account.posted.minor_units());
        *held += i128::from(account.held.minor_units()) - i128::from(account.pending_in.minor_units());
    }
    for (currency, (posted, held)) in sums {
        assert_eq!(posted, 0, "{currency} was made or destroyed: {accounts:?}");
        assert_eq!(held, 0, "the {currency} that are held are not those that are expected: {accounts:?}");
    }
    let mut notes = desk.notes.borrow_mut();
    for account in &accounts {
        let below = account.role == Role::Customer && account.posted.is_below(account.overdraft);
        assert!(!below, "below its overdraft: {account:?}");
        let held: u64 = account.holds.iter().map(|hold| hold.held.minor_units()).sum();
        assert_eq!(held, account.held.minor_units(), "holds something else than its holds: {account:?}");
        let covered = account.posted.minor_units() + i64::try_from(account.overdraft.minor_units()).unwrap();
        let is_covered = account.role != Role::Customer || covered >= i64::try_from(held).unwrap();
        assert!(is_covered, "cannot keep its word: {account:?}");
        assert!(account.position <= durable, "ahead of what is durable, {durable}: {account:?}");
        let now = (account.position, account.version);
        let seen = notes.seen.insert(account.number, now).unwrap_or(now);
        assert!(seen.0 <= now.0 && seen.1 <= now.1, "was seen at {seen:?} before: {account:?}");
    }
    for number in notes.seen.keys() {
        assert!(accounts.iter().any(|account| account.number == *number), "account {number} is gone");
    }
    Ok(accounts)
}

/// Checks that the account's entries lead from zero to its balance.
async fn check_history(desk: &Desk, number: AccountNumber) -> Result<(), Error> {
    let mut query = HistoryQuery { limit: 7, ..HistoryQuery::default() };
    let mut newer: Option<(Position, i64)> = None;
    loop {
        let page = desk.bank.history(number, query).await?;
        for entry in page.data {
            if let Some((position, before)) = newer {
                // Linked steps can move money of one account several times in a record.
                assert!(entry.position <= position, "entries of {number} are in order");
                assert_eq!(entry.balance.minor_units(), before, "{number} before {position}");
            }
            newer = Some((entry.position, entry.balance.minor_units() - entry.change.minor_units()));
        }
        query.before = page.next;
        if query.before.is_none() {
            assert_eq!(newer.map(|(_, before)| before), Some(0), "{number} began at zero");
            return Ok(());
        }
    }
}

/// Checks that once everything is answered, the bank contains exactly what the answers add up to.
pub(crate) async fn closing_audit(desk: &Desk) -> Result<(), Error> {
    assert!(desk.notes.borrow().open().is_empty(), "everything has been answered");
    end_schedules(desk).await?;
    let accounts = look(desk).await?;
    let told = model::balances(desk).await?;
    for account in &accounts {
        let expected = told.get(&account.number).copied().unwrap_or(0);
        assert_eq!(account.posted.minor_units(), expected, "by what was told: {account:?}");
        check_history(desk, account.number).await?;
    }
    let kept = records(&desk.notes.borrow());
    for ((kind, key), value) in kept {
        let found = desk.bank.record(&kind, &key).await?;
        assert_eq!(found.map(|record| (record.version, record.value)), value, "{kind} {key}");
    }
    Ok(())
}

/// Waits until nothing is in flight and nothing new is started except by explicit requests.
async fn end_schedules(desk: &Desk) -> Result<(), Error> {
    let schedules = desk.notes.borrow().accepted(|command| matches!(command, Command::SetSchedule(_)));
    let cancel = |set: Command| {
        let id = CommandId::derived(format!("cancel {}", set.id()).as_bytes());
        Command::ChangeSchedule(ChangeSchedule { id, schedule: set.id(), change: ScheduleChange::Cancel })
    };
    desk.ask(schedules.into_iter().map(cancel).collect()).await
}

type Kept = Option<(Position, Vec<u8>)>;

/// Checks that application records are as the last command that wrote them left them.
fn records(notes: &Notes) -> BTreeMap<(String, String), Kept> {
    let mut puts = Vec::new();
    for command in &notes.asked {
        if let (Command::PutRecords { id, puts: put }, Some(Ok(outcome))) = (command, notes.told.get(&command.id())) {
            assert_eq!(command.id(), *id);
            puts.extend(put.iter().map(|put| (outcome.position(), put)));
        }
    }
    puts.sort_by_key(|(position, _)| *position);
    let mut versions = BTreeMap::new();
    for (position, put) in &puts {
        let version = versions.entry((&put.kind, &put.key)).or_default();
        assert!(put.expected.is_none_or(|expected| expected == *version), "written over {version}: {put:?}");
        *version = if put.value.is_some() { *position } else { Position::START };
    }
    let kept = |(position, put): (Position, &jangbu_actors::ledger::RecordPut)| {
        ((put.kind.clone(), put.key.clone()), put.value.clone().map(|value| (position, value)))
    };
    puts.into_iter().map(kept).collect()
}
