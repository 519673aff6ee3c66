//! The answers of a bank about archived records.

use jangbu_actors::command::{Command, Linked, Outcome, Reverse, SettleHold, Transfer, VoidHold};
use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{FileJournal, FileOptions, Journal, JournalError};
use jangbu_actors::ledger::{Position, Refusal, Timestamp};
use jangbu_actors::{BankError, Error, HistoryQuery};

use crate::archive::{Archived, TRANSFERS, without_state};
use crate::support::{amount, checked, hold, id, number, open, picture, position, transfer};

#[test]
fn an_archived_id_is_known_and_never_executed_again() {
    let bank = Archived::new();
    let (old, new) = bank.old_and_new();
    for round in 0..2 {
        let opened = open(&bank.data());
        let before = (picture(&opened), opened.stats().durable);
        let archived = Refusal::Archived { position: bank.places[old as usize] };
        for _ in 0..3 {
            assert_eq!(opened.transfer(transfer(old)), Err(Error::Refused(archived.clone())), "round {round}");
        }
        // Whether its content differs is unknown, and it is not executed either.
        let other = Transfer::new(number(0), number(2), amount(3)).with_id(id(old));
        assert_eq!(opened.transfer(other), Err(Error::Refused(archived.clone())));
        // In one batch: archived, recorded, new.
        let batch = [transfer(old), transfer(new), transfer(old)].map(Command::Transfer).to_vec();
        let answers = opened.submit(batch).unwrap();
        assert_eq!((&answers[0], &answers[2]), (&Err(archived.clone()), &Err(archived.clone())));
        assert!(matches!(&answers[1], Ok(Outcome::Posted(receipt)) if receipt.position == bank.places[new as usize]));
        assert_eq!((picture(&opened), opened.stats().durable), before, "something was executed again");
        for n in 0..TRANSFERS {
            let answer = opened.transfer(transfer(n));
            match bank.places[n as usize] < bank.first() {
                true => assert!(answer.unwrap_err().to_string().contains("archived")),
                false => assert_eq!(answer.unwrap().position, bank.places[n as usize]),
            }
        }
        assert_eq!((picture(&opened), opened.stats().durable), before);
        opened.close().unwrap();
        without_state(&bank.data());
    }
}

#[test]
fn commands_about_archived_records_are_refused_and_open_holds_still_work() {
    let bank = Archived::new();
    let (old, new) = bank.old_and_new();
    for round in 0..2 {
        let opened = open(&bank.data());
        // The contents of these records are no longer there.
        let archived = |error: Error| assert!(matches!(error, Error::Refused(Refusal::Archived { .. })), "{error}");
        archived(opened.settle_hold(SettleHold::all(hold("ended"))).unwrap_err());
        archived(opened.void_hold(VoidHold::new(hold("ended"))).unwrap_err());
        let both = Linked::settle_all([hold("used"), hold("ended")]);
        let answers = opened.submit(vec![Command::Linked(both)]).unwrap();
        let [Err(Refusal::Linked { step: 1, refusal })] = &answers[..] else { panic!("{answers:?}") };
        archived(Error::Refused((**refusal).clone()));
        archived(opened.reverse(Reverse::all(id(old))).unwrap_err());
        opened.reverse(Reverse::part(id(new), amount(1))).unwrap();
        // The books have open holds, except for what only their records contain.
        let [seen] = &opened.holds(number(2)).unwrap()[..] else { panic!("one hold is open") };
        assert_eq!((seen.id, seen.amount, seen.remaining), (hold("open").into(), amount(900), amount(900)));
        if round == 1 {
            opened.settle_hold(SettleHold::all(hold("used"))).unwrap();
            opened.void_hold(VoidHold::new(hold("open"))).unwrap();
            assert!(opened.holds(number(2)).unwrap().is_empty());
        }
        opened.close().unwrap();
        checked(&bank.data());
        without_state(&bank.data());
    }
}

#[test]
fn reading_archived_history_returns_archived() {
    let bank = Archived::new();
    let (old, new) = bank.old_and_new();
    let first = bank.first();
    let opened = open(&bank.data());
    let is_archived = |error: &BankError| matches!(error, BankError::Archived { first: said, .. } if *said == first);
    // A movement.
    assert!(opened.movement(id(new)).unwrap().is_some());
    let error = opened.movement(id(old)).unwrap_err();
    assert_eq!(error, BankError::Archived { position: bank.places[old as usize], first });
    // An account's entries: page by page up to the boundary; everything before it is archived.
    for limit in [1, 7, 1_000] {
        let mut query = HistoryQuery { limit, ..HistoryQuery::default() };
        let mut seen = Vec::new();
        let error = loop {
            match opened.history(number(1), query) {
                Ok(page) => {
                    assert!(!page.data.is_empty() && page.data.len() <= limit);
                    seen.extend(page.data);
                    query.before = Some(page.next.expect("there is more, though not here"));
                }
                Err(error) => break error,
            }
        };
        assert!(matches!(&error, Error::Bank(error) if is_archived(error)), "{error}");
        assert!(seen.iter().all(|entry| entry.position >= first));
        let expected = (0..TRANSFERS).filter(|n| n % 4 == 1 || n % 4 == 0);
        let expected = expected.filter(|n| bank.places[*n as usize] >= first).count();
        assert_eq!(seen.len(), expected, "entries are missing, page size {limit}");
    }
    // A period that starts after the boundary is complete.
    let newest = opened.history(number(1), HistoryQuery { limit: 1, ..HistoryQuery::default() }).unwrap().data;
    let from = Some(newest[0].recorded_at);
    let page = opened.history(number(1), HistoryQuery { from, ..HistoryQuery::default() }).unwrap();
    assert_eq!((page.data.len(), page.next), (1, None));
    // For a period that ends before the boundary, everything is archived.
    let to = Some(Timestamp::from_ns(newest[0].recorded_at.as_ns() - 3_600_000_000_000));
    let error = opened.history(number(1), HistoryQuery { to, ..HistoryQuery::default() }).unwrap_err();
    assert!(matches!(&error, Error::Bank(error) if is_archived(error)), "{error}");
    // Movements by position and time.
    assert!(is_archived(&opened.movements(None, None, None, 10).unwrap_err()));
    assert!(is_archived(&opened.movements(to, None, None, 10).unwrap_err()));
    let before_first = Some(bank.report.position);
    let there = opened.movements(None, None, before_first, 1_000).unwrap().data;
    assert_eq!(there.len(), bank.places.iter().filter(|place| **place >= first).count());
    assert_eq!(opened.movements(from, None, None, 10).unwrap().data.first().unwrap().position, newest[0].position);
    opened.close().unwrap();
}

#[test]
fn the_journal_reports_archived_positions() {
    let bank = Archived::new();
    let first = bank.first();
    let options = FileOptions { in_background: false, ..FileOptions::default() };
    let journal = FileJournal::open(std::sync::Arc::new(RealDisk), &bank.data().join("journal"), options).unwrap();
    let reader = journal.reader();
    assert_eq!(reader.first(), first);
    let archived = |result: Result<(), JournalError>, asked: Position| {
        assert!(
            matches!(result, Err(JournalError::Archived { position, first: said }) if (position, said) == (asked, first)),
            "{result:?}"
        );
    };
    for asked in [position(1), position(2), bank.report.position] {
        archived(reader.read(asked).map(drop), asked);
        let mut scan = reader.scan(asked);
        archived(scan.next().unwrap().map(drop), asked);
        assert!(scan.next().is_none());
    }
    let left: Vec<_> = reader.scan(first).map(Result::unwrap).collect();
    assert_eq!((left[0].position, left.last().unwrap().position), (first, reader.end()));
    assert!(matches!(reader.read(reader.end().next()), Err(JournalError::OutOfRange(_))));
    archived(reader.first_at(Timestamp::from_ns(0)).map(drop), bank.report.position);
    assert_eq!(reader.first_at(left[0].recorded_at).unwrap(), first);
    assert_eq!(reader.first_at(left[1].recorded_at).unwrap(), first.next());
    for n in 0..20 {
        assert!(reader.may_contain(id(n)));
        assert_eq!(reader.find(id(n)).unwrap(), Some(bank.places[n as usize]));
    }
}
