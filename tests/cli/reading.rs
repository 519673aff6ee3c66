//! Read-only commands change nothing: no file's name, bytes or times, whatever they find.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use jangbu::{CashPosting, OpenAccount, OwnerId, blocking::Bank};

use super::program::Scratch;

const READING: &[&[&str]] = &[
    &["accounts"],
    &["account", "110-1001"],
    &["statement", "110-1001"],
    &["transfers"],
    &["events"],
    &["balance", "110-1001"],
    &["trial-balance"],
    &["schedule", "list"],
    &["schedule", "runs", "0192f0c1-2345-7abc-8def-0123456789ab"],
    &["hold", "list", "110-1001"],
    &["hold", "show", "0192f0c1-2345-7abc-8def-0123456789ab"],
    &["transfer", "110-1001", "110-1002", "1", "--dry-run"],
    &["check"],
    &["check", "--deep"],
    &["recover"],
];

/// What is compared of a file or directory: name, permissions, time of the last change, and bytes.
type Seen = (PathBuf, u32, (i64, i64), Option<Vec<u8>>);

fn snapshot(at: &Path, seen: &mut Vec<Seen>) {
    let metadata = fs::symlink_metadata(at).unwrap();
    let bytes = metadata.is_file().then(|| fs::read(at).unwrap());
    seen.push((at.to_path_buf(), metadata.mode(), (metadata.mtime(), metadata.mtime_nsec()), bytes));
    if metadata.is_dir() {
        let mut names: Vec<PathBuf> = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names.iter().for_each(|path| snapshot(path, seen));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

/// Makes a directory read-only, except for root.
fn forbid_writing(at: &Path) {
    for entry in fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => forbid_writing(&path),
            false => fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap(),
        }
    }
    fs::set_permissions(at, fs::Permissions::from_mode(0o500)).unwrap();
}

/// Returns a bank that was killed: its journal ends in a whole frame.
fn killed() -> Scratch {
    let (made, left) = (Scratch::new(), Scratch::new());
    let bank = Bank::from(jangbu::Bank::builder().segment_bytes(16 * 1024).open(made.data()).unwrap());
    for number in ["110-1001", "110-1002"] {
        let number = jangbu::AccountNumber::new(number).unwrap();
        bank.open_account(OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number)).unwrap();
        for _ in 0..60 {
            bank.deposit(CashPosting::new(number, jangbu::Amount::new(1).unwrap())).unwrap();
        }
    }
    bank.checkpoint().unwrap();
    for part in ["journal", "state"] {
        copy(&made.data().join(part), &left.data().join(part));
    }
    bank.close().unwrap();
    left
}

/// Returns the segment being written.
fn last_segment(data: &Path) -> PathBuf {
    let names = fs::read_dir(data.join("journal")).unwrap().map(|entry| entry.unwrap().path());
    names.filter(|path| path.extension().is_some_and(|end| end == "segment")).max().unwrap()
}

fn change(data: &Path, change: impl FnOnce(&mut Vec<u8>, usize)) {
    let path = last_segment(data);
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    change(&mut bytes, end);
    fs::write(path, bytes).unwrap();
}

#[test]
fn read_only_commands_change_nothing() {
    type Prepare = fn(&Path);
    let kinds: [(&str, bool, Prepare); 9] = [
        ("sound", true, |_| ()),
        ("without a sidecar", true, |data| fs::remove_file(data.join("journal/000000000001.index")).unwrap()),
        ("torn", true, |data| change(data, |bytes, end| bytes[(end / 512 + 2) * 512] = 1)),
        ("damaged", false, |data| change(data, |bytes, end| bytes[end] ^= 1)),
        ("shorter than its state", false, |data| change(data, |bytes, end| bytes[end / 512 * 512 - 512..].fill(0))),
        ("without a state", true, |data| fs::remove_dir_all(data.join("state")).unwrap()),
        ("with a state that failed", true, |data| fs::write(data.join("state.distrusted"), b"it failed").unwrap()),
        ("with an empty journal", false, |data| {
            fs::remove_dir_all(data.join("journal")).unwrap();
            fs::create_dir(data.join("journal")).unwrap();
        }),
        ("with an empty journal and nothing else", false, |data| {
            for part in ["journal", "state"] {
                fs::remove_dir_all(data.join(part)).unwrap();
            }
            fs::create_dir(data.join("journal")).unwrap();
        }),
    ];
    for (what, opens, prepare) in kinds {
        let bank = killed();
        prepare(&bank.data());
        forbid_writing(&bank.data());
        let mut before = Vec::new();
        snapshot(&bank.data(), &mut before);
        for arguments in READING {
            let ran = bank.run(arguments);
            let mut after = Vec::new();
            snapshot(&bank.data(), &mut after);
            assert!(before == after, "{what}: {arguments:?} changed something");
            let refused_anyway =
                matches!(arguments, ["hold", "show", ..] | ["schedule", "runs", ..] | ["transfer", ..]);
            if !opens || !refused_anyway {
                assert_eq!(ran.status == 0, opens, "{what}: {arguments:?}: {ran:?}");
            }
        }
    }
}

#[test]
fn a_missing_journal_is_not_replaced_by_a_new_bank() {
    let bank = killed();
    fs::rename(bank.data().join("journal"), bank.path().join("elsewhere")).unwrap();
    fs::create_dir(bank.data().join("journal")).unwrap();
    let error = bank.run(&["open", "--owner", "mina"]).failed(3);
    assert!(error.contains("is its volume mounted?"), "{error}");
    assert_eq!(fs::read_dir(bank.data().join("journal")).unwrap().count(), 0);
    fs::remove_dir(bank.data().join("journal")).unwrap();
    fs::rename(bank.path().join("elsewhere"), bank.data().join("journal")).unwrap();
    assert_eq!(bank.run(&["open", "--owner", "mina"]).status, 0);
}

#[test]
fn a_loss_is_reported_and_accepted_at_its_position() {
    let bank = killed();
    change(&bank.data(), |bytes, end| bytes[end] ^= 1);
    let error = bank.run(&["deposit", "110-1001", "1"]).failed(3);
    assert!(error.contains("the journal is damaged after position") && error.contains("jangbu recover"), "{error}");
    let fault = bank.run(&["recover"]).failed(1);
    let position = fault.strip_prefix("fault at position ").unwrap().split_once(':').unwrap().0;
    let error = bank.run(&["recover", "--accept-loss-after", "7"]).failed(3);
    assert!(error.contains(&format!("sound up to position {position}, not 7")), "{error}");
    let ran = bank.run(&["recover", "--accept-loss-after", position]);
    assert!(ran.status == 0 && ran.stdout.contains("lost-after-"), "{ran:?}");
    bank.run(&["recover"]).succeeded();
    bank.run(&["check", "--deep"]).succeeded();
    bank.run(&["deposit", "110-1001", "1"]).succeeded();
}

/// A bank's files are private to its owner, whatever the umask.
#[test]
fn a_banks_files_are_private() {
    let bank = Scratch::new();
    let program = env!("CARGO_BIN_EXE_jangbu");
    let script = format!(
        "umask 000; {program} --data new/data import {0} && {program} --data new/data backup new/copies \
         && {program} --data new/data archive new/old --keep-segments 0 && {program} --data back restore new/copies",
        super::program::examples()
    );
    let ran = std::process::Command::new("sh").args(["-c", &script]).current_dir(bank.path()).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let mut seen = Vec::new();
    for made in ["new", "back"] {
        snapshot(&bank.path().join(made), &mut seen);
    }
    assert!(seen.len() > 12, "{} files", seen.len());
    for (path, mode, _, bytes) in seen {
        let expected = if bytes.is_some() { 0o600 } else { 0o700 };
        assert_eq!(mode & 0o777, expected, "{}", path.display());
    }
}
