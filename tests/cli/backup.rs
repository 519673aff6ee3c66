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

/// Returns the line of the output that begins with this word.
fn line<'a>(output: &'a str, word: &str) -> &'a str {
    output.lines().find(|line| line.starts_with(word)).unwrap_or_else(|| panic!("no {word} in {output}"))
}

/// Runs the program with another directory for the bank.
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

const BOSS: [&str; 7] = ["admin", "create", "boss", "--name", "The Boss", "--email", "boss@example.com"];

/// Returns the copies of the key file in a backup, first copies first.
fn copies_of_keys(backup: &Path) -> Vec<std::path::PathBuf> {
    let names = fs::read_dir(backup).unwrap().map(|entry| entry.unwrap().path());
    let is_key = |path: &std::path::PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("keys");
    let mut found: Vec<_> = names.filter(is_key).collect();
    found.sort();
    found
}

#[test]
fn the_key_file_is_backed_up_and_restored_with_the_journal() {
    use std::os::unix::fs::PermissionsExt;

    let bank = segmented();
    let without = bank.run(&["backup", "copies"]).succeeded();
    assert!(!without.contains("keys"), "{without}");
    let without = bank.run(&["verify-backup", "copies"]).succeeded();
    assert!(line(&without, "keys").starts_with("keys        none"), "{without}");
    bank.run(&BOSS).succeeded();
    let with = bank.run(&["backup", "copies"]).succeeded();
    assert_eq!(line(&with, "keys"), "keys        copied");
    let before = copies_of_keys(&bank.path().join("copies"));
    assert_eq!(before.len(), 2);
    // A key destroyed in the bank is removed from the copies by the next backup.
    bank.run(&["admin", "erase", "boss", "--yes"]);
    bank.run(&["admin", "create", "other", "--name", "O", "--email", "o@example.com"]).succeeded();
    bank.run(&["backup", "copies"]).succeeded();
    let after = copies_of_keys(&bank.path().join("copies"));
    assert!(after.len() == 2 && before.iter().all(|old| !after.contains(old)), "{before:?} {after:?}");
    run_there(&bank, "restored", &["restore", "copies"]).succeeded();
    let restored = ["restored/keys", "restored/keys.copy"].map(|name| bank.path().join(name));
    for path in after.iter().chain(&restored) {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
    assert!(run_there(&bank, "restored", &["admin", "list"]).succeeded().contains("other"));
}

#[test]
fn damaged_missing_and_foreign_keys_are_found() {
    let bank = segmented();
    bank.run(&BOSS).succeeded();
    bank.run(&["backup", "copies"]).succeeded();
    let whole = bank.run(&["verify-backup", "copies"]).succeeded();
    assert_eq!(line(&whole, "keys"), "keys        of 1 members, 0 erased");
    let copies = copies_of_keys(&bank.path().join("copies"));
    let bytes = fs::read(&copies[0]).unwrap();
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    // One of the two copies is damaged or missing: this is found, a restore works without it, and a repair replaces it.
    for (number, copy) in copies.iter().enumerate() {
        for missing in [false, true] {
            if missing {
                fs::remove_file(copy).unwrap()
            } else {
                fs::write(copy, &damaged).unwrap()
            }
            let found = bank.run(&["verify-backup", "copies"]);
            assert_eq!(found.status, 1, "{}", found.stdout);
            let to = format!("restored-{number}-{missing}");
            assert_eq!(run_there(&bank, &to, &["restore", "copies"]).status, 0);
            assert!(run_there(&bank, &to, &["admin", "list"]).succeeded().contains("boss"));
            bank.run(&["backup", "copies", "--repair"]).succeeded();
            bank.run(&["verify-backup", "copies"]).succeeded();
        }
    }
    // Both copies are damaged: nothing is restored.
    for copy in &copies {
        fs::write(copy, &damaged).unwrap();
    }
    assert_eq!(run_there(&bank, "none", &["restore", "copies"]).status, 1);
    assert!(!bank.path().join("none").exists());
    bank.run(&["backup", "copies"]).succeeded();
    bank.run(&["verify-backup", "copies"]).succeeded();
    // The bank's own keys are missing or belong to another bank: the backup copies what there is, and fails
    // verification.
    let other = segmented();
    other.run(&BOSS).succeeded();
    for name in ["keys", "keys.copy"] {
        fs::copy(other.data().join(name), bank.data().join(name)).unwrap();
    }
    bank.run(&["backup", "copies"]).succeeded();
    let foreign = bank.run(&["verify-backup", "copies"]);
    assert_eq!(foreign.status, 1, "{}", foreign.stdout);
    assert!(foreign.stderr.contains("another bank's"), "{}", foreign.stderr);
    assert_eq!(run_there(&bank, "foreign", &["restore", "copies"]).status, 1);
    assert_eq!(run_there(&bank, "foreign", &["balance", "mina"]).status, 3, "an incomplete restore is not a bank");
    for name in ["keys", "keys.copy"] {
        fs::remove_file(bank.data().join(name)).unwrap();
    }
    bank.run(&["backup", "without"]).succeeded();
    assert_eq!(bank.run(&["verify-backup", "without"]).status, 1);
    assert_eq!(run_there(&bank, "without-keys", &["restore", "without"]).status, 1);
}

/// A file that can be rebuilt from a segment does not prevent a restore.
#[test]
fn a_damaged_sidecar_is_found_repaired_and_rebuilt_by_a_restore() {
    let bank = segmented();
    bank.run(&["backup", "copies"]).succeeded();
    let index = bank.path().join("copies/journal/000000000001.index");
    let mut bytes = fs::read(&index).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&index, &bytes).unwrap();
    assert_eq!(bank.run(&["verify-backup", "copies"]).status, 1);
    let restored = run_there(&bank, "restored", &["restore", "copies"]);
    assert!(restored.status == 0 && restored.stderr.contains("it is rebuilt"), "{restored:?}");
    run_there(&bank, "restored", &["check", "--deep"]).succeeded();
    bank.run(&["backup", "copies"]).succeeded();
    assert_eq!(bank.run(&["verify-backup", "copies"]).status, 1, "a backup reads only the ends of existing copies");
    let repaired = bank.run(&["backup", "copies", "--repair"]).succeeded();
    assert_eq!(line(&repaired, "repaired"), "repaired    1 copies");
    bank.run(&["verify-backup", "copies"]).succeeded();
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
fn wrong_use_of_backups_is_one_line_of_error() {
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
    // A restore works without sidecars.
    files.retain(|file| file.extension().is_none_or(|is| is != "index"));
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
fn old_segments_are_archived_and_the_bank_continues() {
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
    // The entries that exist are printed, followed by the error that the rest is archived.
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
