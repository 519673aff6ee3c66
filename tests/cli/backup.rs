//! `jangbu backup`, `restore`, `verify-backup` and `archive`.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use jangbu::{Amount, CashPosting, OpenAccount, OwnerId, Transfer};

use super::program::Scratch;

/// A bank of several segments.
fn segmented() -> Scratch {
    let scratch = Scratch::new();
    let bank = jangbu::Bank::builder().segment_bytes(16 * 1024).open(scratch.data()).unwrap();
    let bank = jangbu::blocking::Bank::from(bank);
    let open = |name| {
        let open = OpenAccount::new(OwnerId::new(name).unwrap());
        bank.open_account(open.with_number(jangbu::AccountNumber::new(name).unwrap())).unwrap()
    };
    let (mina, joon) = (open("mina"), open("joon"));
    bank.deposit(CashPosting::new(mina, Amount::new(1_000_000).unwrap())).unwrap();
    for sum in 1..400 {
        bank.transfer(Transfer::new(mina, joon, Amount::new(sum).unwrap())).unwrap();
    }
    bank.close().unwrap();
    scratch
}

/// The line of the output that begins with this word.
fn line<'a>(output: &'a str, word: &str) -> &'a str {
    output.lines().find(|line| line.starts_with(word)).unwrap_or_else(|| panic!("no {word} in {output}"))
}

/// Runs the program with another directory as the bank's.
fn run_there(scratch: &Scratch, data: &str, arguments: &[&str]) -> super::program::Ran {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_jangbu"));
    command.current_dir(scratch.path()).args(arguments).args(["--data", data]).env_remove("JANGBU_LOG");
    let output = command.output().unwrap();
    super::program::Ran {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn the_key_file_goes_with_the_journal_there_and_back() {
    use std::os::unix::fs::PermissionsExt;

    let bank = segmented();
    let without = bank.run(&["backup", "copies"]).succeeded();
    assert!(!without.contains("keys"), "{without}");
    fs::write(bank.data().join("keys"), "one key").unwrap();
    let with = bank.run(&["backup", "copies"]).succeeded();
    assert_eq!(line(&with, "keys"), "keys        copied");
    // What is destroyed in the bank goes from the copy with the next backup.
    fs::write(bank.data().join("keys"), "erased").unwrap();
    bank.run(&["backup", "copies"]).succeeded();
    run_there(&bank, "restored", &["restore", "copies"]).succeeded();
    for copy in ["copies/keys", "restored/keys"] {
        let path = bank.path().join(copy);
        assert_eq!(fs::read_to_string(&path).unwrap(), "erased", "{copy}");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{copy}");
    }
}

#[test]
fn a_key_file_that_is_damaged_or_another_banks_is_found() {
    let bank = segmented();
    let boss = ["admin", "create", "boss", "--name", "The Boss", "--email", "boss@example.com"];
    bank.run(&["backup", "copies"]).succeeded();
    let without = bank.run(&["verify-backup", "copies"]).succeeded();
    assert!(line(&without, "keys").starts_with("keys        none"), "{without}");
    bank.run(&boss).succeeded();
    bank.run(&["backup", "copies"]).succeeded();
    let whole = bank.run(&["verify-backup", "copies"]).succeeded();
    assert_eq!(line(&whole, "keys"), "keys        of 1 members, 0 erased");
    let path = bank.path().join("copies/keys");
    let other = segmented();
    other.run(&boss).succeeded();
    fs::copy(other.data().join("keys"), &path).unwrap();
    let foreign = bank.run(&["verify-backup", "copies"]);
    assert_eq!(foreign.status, 1, "{}", foreign.stdout);
    assert!(foreign.stderr.contains("another bank's"), "{}", foreign.stderr);
    fs::copy(bank.data().join("keys"), &path).unwrap();
    let mut keys = fs::read_to_string(&path).unwrap();
    // A digit of the member's key, on the last line.
    let at = keys.trim_end().len() - 20;
    let other = if keys[at..].starts_with('0') { "1" } else { "0" };
    keys.replace_range(at..=at, other);
    keys.push_str("erased nobody 0\n");
    fs::write(&path, keys).unwrap();
    let damaged = bank.run(&["verify-backup", "copies"]);
    assert_eq!(damaged.status, 1, "{}", damaged.stdout);
    assert!(damaged.stderr.contains("damaged in line 3"), "{}", damaged.stderr);
}

#[test]
fn a_backup_is_made_verified_and_restored() {
    let bank = segmented();
    let balances = bank.balances();
    let first = bank.run(&["backup", "copies"]).succeeded();
    assert!(line(&first, "segments").ends_with(" copied, 0 kept"), "{first}");
    let checked = bank.run(&["check", "--deep"]).succeeded();
    let verified = bank.run(&["verify-backup", "copies"]).succeeded();
    for word in ["records", "accounts", "movements", "KRW"] {
        assert_eq!(line(&verified, word), line(&checked, word));
    }
    assert!(verified.ends_with("ok\n"), "{verified}");
    bank.run(&["deposit", "mina", "5"]).succeeded();
    let second = bank.run(&["backup", "copies"]).succeeded();
    assert!(line(&second, "segments").starts_with("segments    1 copied"), "{second}");

    bank.run(&["transfer", "mina", "joon", "7"]).succeeded();
    let restored = run_there(&bank, "restored", &["restore", "copies"]).succeeded();
    assert!(restored.ends_with("ok\n"), "{restored}");
    let report = run_there(&bank, "restored", &["check", "--deep"]).succeeded();
    assert_eq!(line(&report, "records"), line(&restored, "records"));
    assert_eq!(line(&report, "KRW"), line(&restored, "KRW"));
    let mina = run_there(&bank, "restored", &["account", "mina", "--format", "json"]).json();
    let before = balances.iter().find(|(number, _)| number == "mina").unwrap().1;
    assert_eq!(mina["posted"].as_i64().unwrap(), before + 5, "as of the second backup");
}

#[test]
fn wrong_use_of_backups_is_said_in_one_line() {
    let bank = segmented();
    let other = segmented();
    other.run(&["backup", "copies"]).succeeded();
    let of_other = other.path().join("copies").to_string_lossy().into_owned();
    fs::create_dir(bank.path().join("notes")).unwrap();
    fs::write(bank.path().join("notes/todo"), "buy milk").unwrap();
    for (arguments, status, said) in [
        (&["backup", "data"][..], 3, "within the bank's own directory"),
        (&["backup", "data/copies"], 3, "within the bank's own directory"),
        (&["backup", "notes"], 3, "notes is not empty"),
        (&["backup", &of_other], 3, "copies of another bank"),
        (&["backup", "no/such/place"], 3, "cannot create no/such/place: No such file"),
        (&["verify-backup", "nowhere"], 3, "there is no backup in nowhere"),
        (&["verify-backup", "notes"], 3, "there is no backup in notes"),
        (&["restore", &of_other], 3, "data is not empty"),
        (&["restore", "nowhere"], 3, "there is no backup in nowhere"),
        (&["archive", "data/old", "--keep-segments", "0"], 3, "within the bank's own directory"),
        (&["archive", "notes", "--keep-segments", "0"], 3, "notes is not empty"),
        (&["check", "--archive", "nowhere"], 3, "there is no archive in nowhere"),
    ] {
        let error = bank.run(arguments).failed(status);
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
    for arguments in [
        &["backup"][..],
        &["restore"],
        &["verify-backup"],
        &["archive", "old"],
        &["archive", "old", "--before", "9", "--keep-segments", "1"],
        &["archive", "old", "--before", "first"],
        &["archive", "--keep-segments", "1"],
    ] {
        let ran = bank.run(arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}: {ran:?}");
    }
    assert_eq!(fs::read_dir(bank.path().join("notes")).unwrap().count(), 1);
    bank.run(&["check"]).succeeded();
    other.run(&["verify-backup", "copies"]).succeeded();
}

#[test]
fn a_damaged_backup_is_neither_verified_nor_restored() {
    let bank = segmented();
    bank.run(&["backup", "copies"]).succeeded();
    let mut files: Vec<_> =
        fs::read_dir(bank.path().join("copies/journal")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.push(bank.path().join("copies/manifest"));
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let mut damaged = bytes.clone();
        let place = bytes.len() / 3;
        damaged[place] ^= 0x10;
        fs::write(&file, &damaged).unwrap();
        let fault = bank.run(&["verify-backup", "copies"]).failed(1);
        assert!(fault.starts_with("fault"), "{fault}");
        let fault = run_there(&bank, "restored", &["restore", "copies"]).failed(1);
        assert!(fault.starts_with("fault"), "{fault}");
        assert!(!bank.path().join("restored").exists());
        fs::write(&file, bytes).unwrap();
    }
    bank.run(&["verify-backup", "copies"]).succeeded();
}

#[test]
fn old_segments_are_archived_and_the_rest_goes_on() {
    let bank = segmented();
    let balances = bank.balances();
    let segments = |dir: &Path| {
        let names = fs::read_dir(dir.join("journal")).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".segment")).count()
    };
    let all = segments(&bank.data());
    assert!(all >= 4, "{all}");
    assert_eq!(bank.run(&["archive", "old", "--before", "1"]).succeeded(), "archived    nothing\n");
    let done = bank.run(&["archive", "old", "--keep-segments", "1"]).succeeded();
    assert!(done.starts_with(&format!("archived    {} segments", all - 2)), "{done}");
    assert_eq!((segments(&bank.data()), segments(&bank.path().join("old"))), (2, all - 2));
    fs::remove_dir_all(bank.data().join("state")).unwrap();
    assert_eq!(bank.balances(), balances);
    let part = bank.run(&["check"]).succeeded();
    assert!(line(&part, "archived").contains("up to position"), "{part}");
    let whole = bank.run(&["check", "--deep", "--archive", "old"]).succeeded();
    assert!(!whole.contains("archived"), "{whole}");
    assert_eq!(line(&whole, "KRW"), line(&part, "KRW"));
    // What there is of the statement is printed, and then that there is more.
    let ran = bank.run(&["statement", "mina", "--format", "json"]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stderr.contains("is archived; the first that can be read is at "), "{ran:?}");
    let entries: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(entries.as_array().is_some_and(|entries| entries.len() > 10), "{ran:?}");
    // A damaged archive.
    let segment = bank.path().join("old/journal/000000000001.segment");
    let mut bytes = fs::read(&segment).unwrap();
    bytes[9_000] ^= 1;
    fs::write(&segment, bytes).unwrap();
    bank.run(&["check", "--archive", "old"]).failed(1);
    bank.run(&["check"]).succeeded();
}
