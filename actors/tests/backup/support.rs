//! Banks with tiny segments, on the machine's disk or on a failing one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jangbu_actors::backup::{BackupError, BackupOptions, BackupReport, Beside, BesideFile};
use jangbu_actors::blocking::Bank;
use jangbu_actors::check::{self, Report};
use jangbu_actors::command::{CashPosting, Command, OpenAccount, PlaceHold, SettleHold, Transfer, VoidHold};
use jangbu_actors::journal::disk::{Disk, FaultDisk, RealDisk};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, CommandId, Currency, OwnerId, Position, RecordPut, TypeCode,
};
use jangbu_actors::{ApplicationRecord, Snapshot};

pub(crate) fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).unwrap()
}

pub(crate) fn number(n: u64) -> AccountNumber {
    AccountNumber::new(&format!("A{n}")).unwrap()
}

/// Returns the id of the `n`th transfer.
pub(crate) fn id(n: u64) -> CommandId {
    CommandId::derived(format!("transfer {n}").as_bytes())
}

/// Returns the id of the hold with that name.
pub(crate) fn hold(name: &str) -> CommandId {
    CommandId::derived(name.as_bytes())
}

/// Returns the `n`th transfer.
pub(crate) fn transfer(n: u64) -> Transfer {
    let transfer = Transfer::new(number(n % 4), number((n + 1) % 4), amount(n % 50 + 1)).with_id(id(n));
    if n.is_multiple_of(3) { transfer.with_reference("the rent of the month") } else { transfer }
}

/// Opens a bank with tiny segments on `disk`.
pub(crate) fn open_on(disk: Arc<dyn Disk>, directory: &Path) -> Bank {
    let opened = jangbu_actors::Bank::builder().segment_bytes(16 * 1024).disk(disk).open(directory);
    opened.unwrap_or_else(|error| panic!("{}: {error}", directory.display())).into()
}

pub(crate) fn open(directory: &Path) -> Bank {
    open_on(Arc::new(RealDisk), directory)
}

/// Makes a backup with these keys, and repairs existing copies if requested.
pub(crate) fn back_up(bank: &Bank, to: &Path, keys: &str, repair: bool) -> Result<BackupReport, BackupError> {
    let file = BesideFile { name: "keys".to_owned(), bytes: keys.as_bytes().to_vec() };
    let beside: Beside = Box::new(move |complete| complete(vec![file]));
    bank.backup_with(to, BackupOptions { repair, beside: Some(beside) })
}

/// Creates something of every kind that a bank can contain.
pub(crate) fn found(bank: &Bank) {
    let mut dear = AccountType::new(TypeCode::new("dear").unwrap(), "dear", Currency::krw());
    dear.fee = amount(2);
    bank.set_type(dear).unwrap();
    bank.set_owner(OwnerId::new("mina").unwrap(), 1).unwrap();
    bank.add_currency(Currency::new("PTS").unwrap(), 2).unwrap();
    for n in 0..4 {
        let open = OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number(n));
        let open = if n == 3 { open.with_type(TypeCode::new("dear").unwrap()) } else { open };
        bank.open_account(open).unwrap();
        bank.deposit(CashPosting::new(number(n), amount(1_000_000))).unwrap();
    }
    // Ended, used in part, and untouched.
    for (n, name) in [(0, "ended"), (1, "used"), (2, "open")] {
        let hold = PlaceHold::new(number(n), number(3), amount(900)).with_id(hold(name)).with_labels("held", "held");
        bank.place_hold(hold).unwrap();
    }
    bank.void_hold(VoidHold::new(hold("ended"))).unwrap();
    bank.settle_hold(SettleHold::part(hold("used"), amount(300)).keeping_rest()).unwrap();
    put(bank, "kept", Some(b"as it is"));
    put(bank, "gone", Some(b"for now"));
    put(bank, "gone", None);
}

pub(crate) fn put(bank: &Bank, key: &str, value: Option<&[u8]>) {
    let (kind, key, value) = ("note".to_owned(), key.to_owned(), value.map(<[u8]>::to_vec));
    bank.put_records(vec![RecordPut { kind, key, value, expected: None }]).unwrap();
}

/// Submits the transfers with these numbers in batches, each of which is a frame.
pub(crate) fn pay(bank: &Bank, numbers: std::ops::Range<u64>) {
    let numbers: Vec<u64> = numbers.collect();
    for batch in numbers.chunks(7) {
        let answers = bank.submit(batch.iter().map(|n| Command::Transfer(transfer(*n))).collect()).unwrap();
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }
}

/// Returns everything that a bank shows of its state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    pub(crate) accounts: Vec<Snapshot>,
    notes: Vec<ApplicationRecord>,
    types: Vec<AccountType>,
    scale: Option<u8>,
}

pub(crate) fn picture(bank: &Bank) -> Picture {
    let accounts = bank.accounts(None, 1_000).unwrap().data;
    for currency in [Currency::krw(), Currency::new("PTS").unwrap()] {
        let of_currency = accounts.iter().filter(|account| account.currency == currency);
        assert_eq!(of_currency.map(|account| account.posted).sum::<i128>(), 0, "money was made or destroyed");
    }
    Picture {
        accounts,
        notes: bank.records("note", "", None, 1_000).unwrap().data,
        types: bank.account_types().unwrap(),
        scale: bank.currency_scale(Currency::new("PTS").unwrap()).unwrap(),
    }
}

/// Checks a closed directory thoroughly.
#[track_caller]
pub(crate) fn checked(directory: &Path) -> Report {
    check::check(directory, check::Options { deep: true }).unwrap()
}

/// Returns the files of the journal in `directory` with this extension, in order.
pub(crate) fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory.join("journal")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|is| is == extension)).collect();
    files.sort();
    files
}

/// Copies the contents of a failing disk below `directory` to the machine's disk, below `to`.
pub(crate) fn dump(disk: &FaultDisk, directory: &Path, to: &Path) {
    for (path, bytes) in disk.files() {
        let Ok(below) = path.strip_prefix(directory) else { continue };
        let target = to.join(below);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, bytes).unwrap();
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

pub(crate) fn position(position: u64) -> Position {
    Position::new(position)
}
