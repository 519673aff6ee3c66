//! A small bank whose clock is set by hand.

use std::sync::Arc;
use std::time::Duration;

use jangbu_actors::blocking::Bank;
use jangbu_actors::clock::{Clock, SteppedClock};
use jangbu_actors::command::{CashPosting, OpenAccount};
use jangbu_actors::ledger::{AccountNumber, AccountType, Amount, Currency, OwnerId, Refusal, Timestamp, TypeCode};
use jangbu_actors::{Builder, Error};

/// A bank, its clock, and accounts A to D of four owners, of a type with a fee of 5 and no free transfers.
pub(crate) struct Town {
    pub(crate) bank: Bank,
    pub(crate) clock: Arc<SteppedClock>,
}

pub(crate) fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

pub(crate) fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

pub(crate) fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Noon of 2026-11-22 in Seoul.
pub(crate) fn noon() -> Timestamp {
    moment("2026-11-22T03:00:00Z")
}

pub(crate) fn builder(clock: &Arc<SteppedClock>) -> Builder {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    jangbu_actors::Bank::builder().clock(clock)
}

impl Town {
    /// In memory, with a fee of `fee` and a daily limit of 1,000.
    pub(crate) fn new(fee: u64) -> Town {
        Town::with(fee, |settings| settings)
    }

    /// The same, with other settings of the bank.
    pub(crate) fn with(fee: u64, settings: impl FnOnce(Builder) -> Builder) -> Town {
        let clock = SteppedClock::starting_at(noon());
        let bank = settings(builder(&clock)).in_memory().unwrap().into();
        Town { bank, clock }.settled(fee)
    }

    /// The same, kept in `directory`.
    pub(crate) fn kept(fee: u64, directory: &std::path::Path) -> Town {
        let clock = SteppedClock::starting_at(noon());
        let bank = builder(&clock).open(directory).unwrap().into();
        Town { bank, clock }.settled(fee)
    }

    fn settled(self, fee: u64) -> Town {
        let code = TypeCode::new("plain").unwrap();
        let mut plain = AccountType::new(code, "plain", Currency::krw());
        plain.fee = won(fee);
        plain.limit_per_day = Some(won(1_000));
        self.bank.set_type(plain).unwrap();
        for text in ["A", "B", "C", "D"] {
            let owner = OwnerId::new(&text.to_lowercase()).unwrap();
            self.bank.set_owner(owner, 0).unwrap();
            self.bank.open_account(OpenAccount::new(owner).with_number(number(text)).with_type(code)).unwrap();
        }
        self
    }

    /// Closes the bank and opens it again.
    pub(crate) fn reopened(self, directory: &std::path::Path) -> Town {
        self.bank.close().unwrap();
        let bank = builder(&self.clock).open(directory).unwrap().into();
        Town { bank, clock: self.clock }
    }

    pub(crate) fn deposit(&self, to: &str, amount: u64) {
        self.bank.deposit(CashPosting::new(number(to), won(amount))).unwrap();
    }

    /// Posted, held, pending in.
    pub(crate) fn figures(&self, text: &str) -> (i64, u64, u64) {
        let snapshot = self.bank.snapshot(number(text)).unwrap();
        (snapshot.posted.minor_units(), snapshot.held.minor_units(), snapshot.pending_in.minor_units())
    }

    pub(crate) fn left_today(&self, text: &str) -> u64 {
        self.bank.snapshot(number(text)).unwrap().left_today.unwrap().minor_units()
    }

    pub(crate) fn fees(&self) -> (i64, u64, u64) {
        self.figures("FEES-KRW")
    }

    /// Sets the clock, and waits until the bank has noticed.
    pub(crate) fn wait_until(&self, moment: Timestamp, noticed: impl Fn(&Town) -> bool) {
        self.clock.set(moment);
        for _ in 0..1_000 {
            if noticed(self) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the bank did not notice what was due at {moment}");
    }
}

/// The refusal behind an error.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}
