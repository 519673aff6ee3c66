//! Errors are one clear line, with the documented exit status.

use std::fs;
use std::path::{Path, PathBuf};

use super::program::{Scratch, examples};

const READING: &[&[&str]] = &[
    &["accounts"],
    &["account", "110-1001"],
    &["statement", "110-1001"],
    &["transfer", "110-1001", "110-1002", "1"],
    &["deposit", "110-1001", "1"],
    &["withdraw", "110-1001", "1"],
    &["hold", "place", "110-1001", "110-1002", "1"],
    &["hold", "list", "110-1001"],
    &["hold", "show", "0192f0c1-2345-7abc-8def-0123456789ab"],
    &["reverse", "0192f0c1-2345-7abc-8def-0123456789ab"],
    &["sweep", "110-1001", "110-1002"],
    &["check"],
    &["backup", "copies"],
    &["archive", "old", "--keep-segments", "0"],
];

#[test]
fn unknown_accounts() {
    let bank = Scratch::with_examples();
    for arguments in [
        &["account", "nobody"][..],
        &["statement", "nobody"],
        &["transfer", "nobody", "110-1001", "1"],
        &["transfer", "110-1001", "nobody", "1"],
        &["deposit", "nobody", "1"],
        &["withdraw", "nobody", "1"],
    ] {
        let error = bank.run(arguments).failed(1);
        assert_eq!(error, "refused: there is no account nobody (account_unknown)", "{arguments:?}");
    }
}

#[test]
fn malformed_amounts() {
    let bank = Scratch::with_examples();
    let balances = bank.balances();
    for (from, to, amount, reason) in [
        ("110-1001", "110-1002", "1.0", "the amount has 1 decimal, its currency has 0"),
        ("330-0001", "330-0002", "1.005", "the amount has 3 decimals, its currency has 2"),
        ("110-1001", "110-1002", "-1", "the amount is negative"),
        ("330-0001", "330-0002", "-0.01", "the amount is negative"),
        ("110-1001", "110-1002", "9007199254740992", "the amount is over the maximum"),
        ("110-1001", "110-1002", "1,000", "the amount is not a number"),
        ("110-1001", "110-1002", "", "the amount is not a number"),
    ] {
        let error = bank.run(&["transfer", from, to, amount]).failed(2);
        assert!(error.starts_with(&format!("cannot read {amount:?}: {reason}")), "{error}");
        assert!(bank.run(&["deposit", from, amount]).failed(2).contains(reason));
        assert!(bank.run(&["withdraw", from, amount]).failed(2).contains(reason));
    }
    assert_eq!(bank.balances(), balances);
}

#[test]
fn refusals_name_the_reason() {
    let bank = Scratch::with_examples();
    for (arguments, code) in [
        (&["transfer", "110-1001", "110-1001", "1"][..], "same_account"),
        (&["transfer", "110-1001", "110-1002", "0"], "amount_zero"),
        (&["transfer", "110-1001", "330-0001", "1"], "currency_mismatch"),
        (&["transfer", "110-1001", "110-1002", "9007199254740991"], "insufficient_funds"),
        (&["open", "--owner", "mina", "--number", "110-1001"], "account_exists"),
        (&["open", "--owner", "mina", "--type", "gold"], "type_unknown"),
        (&["open", "--owner", "mina", "--currency", "WON", "--overdraft", "5"], "currency_unknown"),
    ] {
        let error = bank.run(arguments).failed(1);
        assert!(error.starts_with("refused: ") && error.ends_with(&format!("({code})")), "{arguments:?}: {error}");
    }
    let error = bank.run(&["transfer", "110-1001", "110-1002", "1", "--label", "more than ten"]).failed(2);
    assert!(error.contains("a label has at most 10 characters"), "{error}");
}

#[test]
fn a_wrong_command_line() {
    let bank = Scratch::new();
    for arguments in [
        &["account", "a+b"][..],
        &["transfer", "A", "B"],
        &["transfer", "A", "B", "1", "--id", "7"],
        &["statement", "A", "--from", "yesterday"],
        &["import", "x", "--month", "0"],
        &["bench", "--batch", "8193"],
        &["bench", "--accounts", "1"],
        &["interest"],
    ] {
        let ran = bank.run(arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.starts_with("error: "), "{ran:?}");
    }
}

#[test]
fn only_import_and_open_create_a_bank() {
    let bank = Scratch::new();
    for arguments in READING {
        let error = bank.run(arguments).failed(3);
        assert!(error.starts_with("there is no bank in ") && error.contains("no such directory"), "{error}");
        assert!(!bank.data().exists(), "{arguments:?} created a directory");
    }
    fs::create_dir(bank.data()).unwrap();
    for arguments in READING {
        let error = bank.run(arguments).failed(3);
        assert!(error.contains("it has no journal"), "{error}");
        assert_eq!(fs::read_dir(bank.data()).unwrap().count(), 0, "{arguments:?} made something");
    }
}

#[test]
fn a_file_in_place_of_the_directory() {
    let bank = Scratch::new();
    fs::write(bank.data(), "not a bank").unwrap();
    for arguments in READING {
        let error = bank.run(arguments).failed(3);
        assert!(error.contains("it is not a directory"), "{error}");
    }
    bank.run(&["open", "--owner", "mina"]).failed(3);
    bank.run(&["import", &examples()]).failed(3);
    assert_eq!(fs::read(bank.data()).unwrap(), b"not a bank");
}

#[test]
fn a_directory_that_cannot_be_written() {
    // Not even root can create a directory in /proc.
    let bank = Scratch::new();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_jangbu"));
    command.current_dir(bank.path()).args(["open", "--owner", "mina", "--data", "/proc/jangbu"]);
    let output = command.output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(error.starts_with("error: cannot ") && error.contains("/proc/jangbu"), "{error}");
}

#[test]
fn a_bank_in_use_by_another_process() {
    let bank = Scratch::with_examples();
    let held = jangbu::blocking::Bank::open(bank.data()).unwrap();
    for arguments in READING.iter().copied().chain([&["import", &examples()][..], &["open", "--owner", "mina"]]) {
        let error = bank.run(arguments).failed(3);
        assert!(error.contains("in use"), "{arguments:?}: {error}");
    }
    held.close().unwrap();
    bank.run(&["check"]).succeeded();
}

#[test]
fn a_damaged_journal() {
    let bank = Scratch::with_examples();
    let journal = largest_file(&bank.data().join("journal"));
    let mut bytes = fs::read(&journal).unwrap();
    // In the middle of the written part; the rest of a segment is zeros.
    let written = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[written / 2] ^= 0x40;
    fs::write(&journal, &bytes).unwrap();

    let fault = bank.run(&["check"]).failed(1);
    assert!(fault.starts_with("fault at position "), "{fault}");
    // The stored state is intact, but the journal cannot be replayed.
    let ran = bank.run(&["check", "--deep"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(bank.run(&["accounts"]).failed(3).contains("damaged"));
    assert_eq!(fs::read(&journal).unwrap(), bytes, "a damaged journal must be left as it is");
}

#[test]
fn a_journal_of_a_newer_version() {
    let bank = Scratch::with_examples();
    let journal = largest_file(&bank.data().join("journal"));
    let mut bytes = fs::read(&journal).unwrap();
    // docs/format.md: a segment begins with a block of 4 KiB that holds the version at byte 8 and ends with the
    // checksum of the rest of it, in every format to come.
    bytes[8..12].copy_from_slice(&1_000u32.to_le_bytes());
    let checksum = crc32c::crc32c(&bytes[..4_092]);
    bytes[4_092..4_096].copy_from_slice(&checksum.to_le_bytes());
    fs::write(&journal, &bytes).unwrap();

    for arguments in READING.iter().copied().chain([&["import", &examples()][..], &["open", "--owner", "mina"]]) {
        let error = bank.run(arguments).failed(3);
        assert!(error.contains("journal format 1000"), "{arguments:?}: {error}");
    }
    assert_eq!(fs::read(&journal).unwrap(), bytes, "a newer journal must be left as it is");
}

fn largest_file(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).expect("the journal's folder").flatten().map(|entry| entry.path());
    let bytes = |path: &PathBuf| path.metadata().map_or(0, |metadata| metadata.len());
    files.max_by_key(bytes).expect("a file of the journal")
}
