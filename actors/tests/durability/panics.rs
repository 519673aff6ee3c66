//! An account's actor panics: the bank stops, and what it said holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::executor::block_on;
use jangbu_actors::check::{self, Options};
use jangbu_actors::clock::{Clock, SystemClock};
use jangbu_actors::command::{CashPosting, OpenAccount, Transfer};
use jangbu_actors::ledger::{AccountNumber, Amount, OwnerId, Timestamp};
use jangbu_actors::{Bank, BankError, Error};

/// A clock that panics once it is told to, where an account's actor asks it: one that is watched notes the time of a message
/// within the handler of the message.
#[derive(Default)]
struct Trap {
    is_set: AtomicBool,
}

impl Clock for Trap {
    fn now(&self) -> Timestamp {
        // The supervisor, which asks with every message, has a thread of its own beside several workers.
        let by_an_account = std::thread::current().name() != Some("jangbu-actors");
        let falls = by_an_account && self.is_set.swap(false, Ordering::SeqCst);
        assert!(!falls, "as planned");
        SystemClock.now()
    }
}

fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

fn pay(units: u64) -> Transfer {
    Transfer::new(number("A"), number("B"), won(units))
}

fn posted(bank: &Bank, text: &str) -> i64 {
    block_on(bank.snapshot(number(text))).unwrap().posted.minor_units()
}

/// As sender it panics before the transfer has a record; as receiver when all has been decided.
#[test]
fn a_bank_whose_account_panics_stops_and_keeps_its_word() {
    for panics in ["A", "B"] {
        let directory = tempfile::tempdir().unwrap();
        let trap = Arc::new(Trap::default());
        let clock: Arc<dyn Clock> = trap.clone();
        let open = || Bank::builder().workers(2).clock(Arc::clone(&clock)).open(directory.path()).unwrap();
        let bank = open();
        for text in ["A", "B"] {
            let account = OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number(text));
            block_on(bank.open_account(account)).unwrap();
        }
        block_on(bank.deposit(CashPosting::new(number("A"), won(1_000)))).unwrap();
        let (told, cut_off) = (pay(300), pay(200));
        let receipt = block_on(bank.transfer(told.clone())).unwrap();
        assert_eq!(block_on(bank.watch_account(number(panics))).unwrap(), Some(Vec::new()), "{panics} is watched");

        trap.is_set.store(true, Ordering::SeqCst);
        let unknown = block_on(bank.transfer(cut_off.clone())).unwrap_err();
        assert_eq!(unknown, Error::Bank(BankError::OutcomeUnknown), "{panics}");
        assert!(!trap.is_set.load(Ordering::SeqCst), "{panics} did not panic");
        let stopped = BankError::Failed(format!("account {panics} panicked: as planned"));
        assert_eq!(block_on(bank.transfer(pay(1))).unwrap_err(), Error::Bank(stopped.clone()));
        assert_eq!(block_on(bank.snapshot(number("A"))).unwrap_err(), Error::Bank(stopped.clone()));
        assert_eq!(block_on(bank.close()).unwrap_err(), stopped);

        let bank = open();
        assert_eq!(block_on(bank.transfer(told)).unwrap(), receipt, "{panics}");
        block_on(bank.transfer(cut_off)).unwrap();
        assert_eq!((posted(&bank, "A"), posted(&bank, "B")), (500, 500), "{panics}");
        block_on(bank.close()).unwrap();
        check::check(directory.path(), Options { deep: true }).unwrap();
    }
}
