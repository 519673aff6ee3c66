//! A damaged bank as a whole: it never shows a wrong figure.

use std::path::PathBuf;

use jangbu_actors::blocking::Bank;
use jangbu_actors::ledger::AccountNumber;

use crate::killed::{Killed, Opened, killed, stored};
use crate::ways::{self, Dice};

/// The number of damages to try. Each opens a whole bank.
fn count() -> usize {
    if std::env::var_os("JANGBU_LONG").is_some_and(|value| value != "0") { 3_000 } else { 40 }
}

/// The balances of all accounts.
fn balances(bank: &Bank) -> Vec<i64> {
    let posted = |text| bank.snapshot(AccountNumber::new(text).unwrap()).unwrap().posted.minor_units();
    ["A", "B", "C", "CASH-KRW"].map(posted).into()
}

/// Checks that everything acknowledged is there and the figures add up. Returns `false` if the bank reports that it
/// cannot read something: a full segment is read only when it is needed.
fn holds(bank: &Bank, killed: &Killed, before: &[i64], what: &str) -> bool {
    assert_eq!(balances(bank), before, "{what}");
    for (command, told) in &killed.told {
        match bank.submit(vec![command.clone()]) {
            Ok(answers) => assert_eq!(answers, std::slice::from_ref(told), "{what}: {command:?}"),
            Err(_) => return false,
        }
    }
    true
}

fn sound(killed: &Killed) -> Vec<i64> {
    let Opened { bank, directory: _kept } = killed.open(&killed.journal, &killed.state).unwrap();
    let before = balances(&bank);
    assert!(holds(&bank, killed, &before, "nothing is damaged"));
    bank.close().unwrap();
    before
}

#[test]
fn a_bank_with_a_damaged_journal_repeats_every_answer_or_does_not_open() {
    let killed = killed();
    let before = sound(&killed);
    let (mut dice, mut noticed) = (Dice(99), 0);
    for seed in 0..count() {
        let (path, bytes) = &killed.journal[dice.below(killed.journal.len())];
        for way in ways::some(bytes, seed as u64 * 7 + 1, 1) {
            let what = format!("{way:?} of {}", path.display());
            let Some(damaged) = way.applied(bytes) else { continue };
            match killed.open(&killed.with(path, Some(&damaged)), &killed.state) {
                Ok(Opened { bank, directory: _kept }) => {
                    if holds(&bank, &killed, &before, &what) {
                        bank.close().unwrap();
                    } else {
                        noticed += 1;
                    }
                }
                Err(_) => noticed += 1,
            }
        }
    }
    assert!(noticed > 0, "no damage was noticed");
}

/// The stored state is derived: whatever happens to it, the bank opens and is correct.
#[test]
fn a_bank_with_a_damaged_state_answers_correctly() {
    let killed = killed();
    let before = sound(&killed);
    let mut dice = Dice(7);
    for seed in 0..count() {
        let chosen = dice.below(killed.state.len());
        let mut state = killed.state.clone();
        let (path, bytes) = &killed.state[chosen];
        let Some(way) = ways::some(bytes, seed as u64 * 11 + 1, 1).first().copied() else { continue };
        let what = format!("{way:?} of {}", path.display());
        let Some(damaged) = way.applied(bytes) else { continue };
        state[chosen].1 = damaged;
        let opened = killed.open(&killed.journal, &state);
        let Opened { bank, directory: _kept } = opened.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(holds(&bank, &killed, &before, &what), "{what}");
        bank.close().unwrap();
    }
}

/// The newest segment is gone, and the stored state includes its records.
#[test]
fn a_bank_without_its_newest_segment_does_not_open() {
    let killed = killed();
    let is_written = |(path, bytes): &&(PathBuf, Vec<u8>)| {
        let written = bytes.get(4_096..).is_some_and(|rest| rest.iter().any(|byte| *byte != 0));
        path.extension().is_some_and(|it| it == "segment") && written
    };
    let newest = &killed.journal.iter().rfind(is_written).unwrap().0;
    // The state must reach beyond what remains.
    let Opened { bank, directory } = killed.open(&killed.journal, &killed.state).unwrap();
    bank.checkpoint().unwrap();
    let state = stored(directory.path());
    drop(bank);
    let opened = killed.open(&killed.with(newest, None), &state);
    assert!(opened.is_err(), "it opened without {}", newest.display());
}
