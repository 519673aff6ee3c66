//! An account's actor or the supervisor panics: the bank stops, and every acknowledged command survives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::executor::block_on;
use jangbu_actors::check::{self, Options};
use jangbu_actors::clock::{Clock, SystemClock};
use jangbu_actors::command::{CashPosting, OpenAccount, Transfer};
use jangbu_actors::ledger::{AccountNumber, Amount, OwnerId, Timestamp};
use jangbu_actors::{Bank, BankError, Error};

/// A clock that panics on request: when an account's actor reads it, as a watched one does within the handler of a
/// message, or when the supervisor does, with every message.
#[derive(Default)]
struct Trap {
    is_set: AtomicBool,
    is_for_supervisor: bool,
}

impl Clock for Trap {
    fn now(&self) -> Timestamp {
        // The supervisor has its own thread beside several workers.
        let by_supervisor = std::thread::current().name() == Some("jangbu-actors");
        let falls = by_supervisor == self.is_for_supervisor && self.is_set.swap(false, Ordering::SeqCst);
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

/// As the sender, an account panics before the transfer has a record; as the receiver, when everything is decided.
#[test]
fn a_panic_in_an_actor_stops_the_bank_and_loses_no_acknowledged_command() {
    for (panics, watched) in [("account A", "A"), ("account B", "B"), ("the supervisor", "A")] {
        let directory = tempfile::tempdir().unwrap();
        let is_for_supervisor = panics == "the supervisor";
        let trap = Arc::new(Trap { is_set: AtomicBool::new(false), is_for_supervisor });
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
        assert_eq!(block_on(bank.watch_account(number(watched))).unwrap(), Some(Vec::new()), "{watched} is watched");

        trap.is_set.store(true, Ordering::SeqCst);
        let unknown = block_on(bank.transfer(cut_off.clone())).unwrap_err();
        assert_eq!(unknown, Error::Bank(BankError::OutcomeUnknown), "{panics}");
        assert!(!trap.is_set.load(Ordering::SeqCst), "{panics} did not panic");
        let stopped = BankError::Failed(format!("{panics} panicked: as planned"));
        // The caller can learn of the panic a moment before the bank has stopped; later commands are then lost with the
        // rest.
        let refused = || block_on(bank.transfer(pay(1))).unwrap_err();
        let error = std::iter::repeat_with(refused).find(|error| *error != Error::Bank(BankError::OutcomeUnknown));
        assert_eq!(error, Some(Error::Bank(stopped.clone())));
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
