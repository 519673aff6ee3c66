//! A small bank of several segments after a kill: nothing was closed, and everything was acknowledged.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jangbu_actors::blocking::Bank;
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::{CashPosting, Command, OpenAccount, Outcome, PlaceHold, Transfer};
use jangbu_actors::journal::disk::{Disk, FaultDisk};
use jangbu_actors::ledger::{AccountNumber, Amount, CommandId, OwnerId, Refusal, Timestamp};
use jangbu_actors::{Builder, OpenError};
use tempfile::TempDir;

/// Small enough for three segments in a few dozen commands.
pub(crate) const SEGMENT_BYTES: u64 = 8 * 1_024;
const TRANSFERS: u64 = 60;
/// The stored state is complete up to this position; only the journal has the rest.
const CHECKPOINT_AFTER: u64 = 50;

/// The commands in order, and their answers.
pub(crate) type Told = Vec<(Command, Result<Outcome, Refusal>)>;

/// Files by their paths in the bank's directory.
pub(crate) type Files = Vec<(PathBuf, Vec<u8>)>;

pub(crate) struct Killed {
    /// Every file of the journal.
    pub(crate) journal: Files,
    /// Every file of the stored state.
    pub(crate) state: Files,
    pub(crate) told: Told,
}

/// An open bank and its directory.
pub(crate) struct Opened {
    pub(crate) bank: Bank,
    pub(crate) directory: TempDir,
}

pub(crate) fn builder() -> Builder {
    let noon: Timestamp = "2026-11-22T03:00:00Z".parse().unwrap();
    let clock = SteppedClock::starting_at(noon);
    jangbu_actors::Bank::builder().clock(clock).segment_bytes(SEGMENT_BYTES).max_active_accounts(4)
}

fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

fn commands() -> Vec<Command> {
    let id = |n: u64| CommandId::derived(&n.to_le_bytes());
    let owner = OwnerId::new("mina").unwrap();
    let open =
        |(n, text)| Command::OpenAccount(Box::new(OpenAccount::new(owner).with_number(number(text)).with_id(id(n))));
    let mut commands: Vec<Command> = [(1_000, "A"), (1_001, "B"), (1_002, "C")].map(open).into();
    commands.push(Command::Deposit(CashPosting::new(number("A"), won(900)).with_id(id(1_003))));
    for n in 0..TRANSFERS {
        let (from, to) = if n.is_multiple_of(3) { ("A", "B") } else { ("B", "C") };
        let transfer = Transfer::new(number(from), number(to), won(1 + n)).with_id(id(n));
        commands.push(match n % 10 {
            9 => Command::PlaceHold(Box::new(PlaceHold::new(number(from), number(to), won(1)).with_id(id(n)))),
            _ => Command::Transfer(transfer.with_reference(&"r".repeat(usize::try_from(n).unwrap()))),
        });
    }
    commands
}

/// Returns a disk with these files in a bank's directory.
pub(crate) fn disk_with(directory: &Path, files: &Files) -> FaultDisk {
    let disk = FaultDisk::new();
    for (path, bytes) in files {
        disk.put_file(&directory.join(path), bytes.clone());
    }
    disk
}

/// Creates the bank and leaves it as a kill would.
pub(crate) fn killed() -> Killed {
    let scratch = tempfile::tempdir().unwrap();
    let (directory, disk) = (scratch.path(), FaultDisk::new());
    let bank: Bank = builder().disk(Arc::new(disk.clone())).open(directory).unwrap().into();
    let mut told = Told::new();
    let mut state = Vec::new();
    for (n, command) in (0..).zip(commands()) {
        told.push((command.clone(), bank.submit(vec![command]).unwrap().remove(0)));
        if n == CHECKPOINT_AFTER {
            bank.checkpoint().unwrap();
            state = stored(directory);
        }
    }
    let within = |(path, bytes): (PathBuf, Vec<u8>)| (path.strip_prefix(directory).unwrap().to_path_buf(), bytes);
    let journal: Files = disk.power_cut(0).files().into_iter().map(within).collect();
    let full = journal
        .iter()
        .filter(|(path, bytes)| path.extension().is_some_and(|it| it == "segment") && bytes.len() > 4_608);
    assert!(full.count() >= 3, "{:?}", journal.iter().map(|(path, _)| path).collect::<Vec<_>>());
    assert!(!state.is_empty());
    drop(bank);
    Killed { journal, state, told }
}

/// Returns the files of the stored state in a bank's directory.
pub(crate) fn stored(directory: &Path) -> Files {
    let (mut found, mut open) = (Vec::new(), vec![directory.join("state")]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push((path.strip_prefix(directory).unwrap().to_path_buf(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

impl Killed {
    /// Returns the journal's files, one of which is changed or missing.
    pub(crate) fn with(&self, damaged: &Path, bytes: Option<&[u8]>) -> Files {
        let changed = |(path, sound): &(PathBuf, Vec<u8>)| match bytes {
            _ if path != damaged => Some((path.clone(), sound.clone())),
            Some(bytes) => Some((path.clone(), bytes.to_vec())),
            None => None,
        };
        self.journal.iter().filter_map(changed).collect()
    }

    /// Opens the bank with these files of the journal and of the stored state.
    pub(crate) fn open(&self, journal: &Files, state: &Files) -> Result<Opened, OpenError> {
        let directory = tempfile::tempdir().unwrap();
        for (path, bytes) in state {
            let path = directory.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let disk: Arc<dyn Disk> = Arc::new(disk_with(directory.path(), journal));
        let bank = builder().disk(disk).open(directory.path())?.into();
        Ok(Opened { bank, directory })
    }
}
