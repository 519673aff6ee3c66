//! A blocking interface for programs without an async runtime. Each call waits for its answer.
//!
//! Do not use it on the threads of an async runtime: it would block them.

use std::path::Path;
use std::sync::Arc;

use futures::executor::block_on;

use crate::Builder;
use crate::backup::{BackupError, BackupOptions, BackupReport};
use crate::command::{
    AmendHold, Answered, CashPosting, ChangeAccount, ChangeSchedule, Command, DrawReceipt, HoldReceipt, Linked,
    OpenAccount, Outcome, PlaceHold, Receipt, RepairReversals, Reverse, SetSchedule, SettleHold, Sweep, Transfer,
    VoidHold,
};
use crate::events::{Cursor, Event, Events};
use crate::ledger::{
    AccountNumber, AccountType, Amount, Balance, CommandId, Currency, HoldId, OwnerId, Position, RecordPut, Refusal,
    Timestamp,
};
use crate::pace::Pace;
use crate::past::{AccountBalance, Moment, Movement, TransferQuery, TrialBalance};
use crate::preview::Preview;
use crate::verification::Queued;
use crate::views::{ApplicationRecord, Entry, HistoryQuery, HoldView, Page, ScheduledRun, Snapshot, StandingOrder};
use jangbu_runtime::Stats;
use jangbu_runtime::clock::ClockState;
use jangbu_runtime::{BankError, Error, OpenError};

/// A handle of an open bank with blocking calls.
#[derive(Clone, Debug)]
pub struct Bank {
    bank: crate::Bank,
}

impl From<crate::Bank> for Bank {
    fn from(bank: crate::Bank) -> Self {
        Bank { bank }
    }
}

/// Defines blocking methods that wait for the async method of the same name.
macro_rules! waiting {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        impl Bank {
            $(
                #[doc = concat!("Waits for [`Bank::", stringify!($name), "`](crate::Bank::", stringify!($name), ").")]
                ///
                /// # Errors
                /// Those of the method that it waits for.
                pub fn $name(&self, $($argument: $type),*) -> $result {
                    block_on(self.bank.$name($($argument),*))
                }
            )*
        }
    };
}

waiting! {
    execute(command: Command) -> Result<Answered, Error>;
    execute_all(commands: Vec<Command>) -> Result<Vec<Answered>, Error>;
    submit(commands: Vec<Command>) -> Result<Vec<Result<Outcome, Refusal>>, Error>;
    transfer(transfer: Transfer) -> Result<Receipt, Error>;
    deposit(cash: CashPosting) -> Result<Receipt, Error>;
    withdraw(cash: CashPosting) -> Result<Receipt, Error>;
    open_account(open: OpenAccount) -> Result<AccountNumber, Error>;
    change_account(change: ChangeAccount) -> Result<Position, Error>;
    set_type(account_type: AccountType) -> Result<Position, Error>;
    set_owner(owner: OwnerId, free_transfers_per_day: u32) -> Result<Position, Error>;
    add_currency(currency: Currency, scale: u8) -> Result<Position, Error>;
    put_records(puts: Vec<RecordPut>) -> Result<Position, Error>;
    set_type_with_id(id: CommandId, account_type: AccountType) -> Result<Position, Error>;
    set_owner_with_id(id: CommandId, owner: OwnerId, free_transfers_per_day: u32) -> Result<Position, Error>;
    add_currency_with_id(id: CommandId, currency: Currency, scale: u8) -> Result<Position, Error>;
    put_records_with_id(id: CommandId, puts: Vec<RecordPut>) -> Result<Position, Error>;
    place_hold(hold: PlaceHold) -> Result<HoldReceipt, Error>;
    accept(transfer: Transfer) -> Result<HoldReceipt, Error>;
    pending_verifications(after: Option<Position>, limit: usize)
        -> Result<(Page<Queued, Position>, u64), BankError>;
    settle_hold(settle: SettleHold) -> Result<DrawReceipt, Error>;
    void_hold(void: VoidHold) -> Result<DrawReceipt, Error>;
    amend_hold(amend: AmendHold) -> Result<Position, Error>;
    linked(linked: Linked) -> Result<Position, Error>;
    reverse(reverse: Reverse) -> Result<Receipt, Error>;
    repair_reversals(repair: RepairReversals) -> Result<Outcome, Error>;
    sweep(sweep: Sweep) -> Result<Receipt, Error>;
    hold(id: impl Into<HoldId>) -> Result<Option<HoldView>, BankError>;
    preview(command: &Command) -> Result<Preview, Error>;
    reversible(original: CommandId, step: u8) -> Result<Option<Amount>, BankError>;
    holds(number: AccountNumber) -> Result<Vec<HoldView>, Error>;
    holds_after(number: AccountNumber, after: Option<Position>, limit: usize) -> Result<Page<HoldView, Position>, Error>;
    snapshot(number: AccountNumber) -> Result<Snapshot, Error>;
    accounts(after: Option<AccountNumber>, limit: usize) -> Result<Page<Snapshot, AccountNumber>, BankError>;
    history(number: AccountNumber, query: HistoryQuery) -> Result<Page<Entry, Position>, Error>;
    position_of(id: CommandId) -> Result<Option<Position>, BankError>;
    movement(id: CommandId) -> Result<Option<Movement>, BankError>;
    movements_of(id: CommandId) -> Result<Vec<Movement>, BankError>;
    transfers(query: TransferQuery) -> Result<Page<Movement, Position>, Error>;
    accounts_of(owner: OwnerId, after: Option<AccountNumber>, limit: usize)
        -> Result<Page<Snapshot, AccountNumber>, BankError>;
    balance_at(number: AccountNumber, moment: Moment) -> Result<Option<Balance>, Error>;
    trial_balance_at(moment: Moment) -> Result<TrialBalance, BankError>;
    balances_at(position: Position, after: Option<AccountNumber>, limit: usize)
        -> Result<Page<AccountBalance, AccountNumber>, BankError>;
    movements(from: Option<Timestamp>, to: Option<Timestamp>, after: Option<Position>, limit: usize)
        -> Result<Page<Movement, Position>, BankError>;
    record(kind: &str, key: &str) -> Result<Option<ApplicationRecord>, BankError>;
    records(kind: &str, prefix: &str, after: Option<&str>, limit: usize)
        -> Result<Page<ApplicationRecord, String>, BankError>;
    account_types() -> Result<Vec<AccountType>, BankError>;
    free_transfers() -> Result<Vec<(OwnerId, u32)>, BankError>;
    currency_scale(currency: Currency) -> Result<Option<u8>, BankError>;
    events(from: Position, limit: usize) -> Result<Page<Event, Position>, BankError>;
    checkpoint() -> Result<Position, BankError>;
    time_zone() -> Result<String, BankError>;
    fingerprint() -> Result<String, BankError>;
    find_account(typed: AccountNumber) -> Result<Option<AccountNumber>, BankError>;
    schedule(order: SetSchedule) -> Result<Position, Error>;
    change_schedule(change: ChangeSchedule) -> Result<Position, Error>;
    standing_order(id: CommandId) -> Result<Option<StandingOrder>, BankError>;
    schedules(after: Option<CommandId>, limit: usize) -> Result<Page<StandingOrder, CommandId>, BankError>;
    schedules_of(account: AccountNumber, after: Option<CommandId>, limit: usize)
        -> Result<Page<StandingOrder, CommandId>, Error>;
    schedule_runs(id: CommandId, before: Option<Position>, limit: usize)
        -> Result<Page<ScheduledRun, Position>, Error>;
    run_due() -> Result<(), BankError>;
    clock_state() -> Result<ClockState, BankError>;
    accept_clock(until: Timestamp) -> Result<ClockState, BankError>;
    backup(directory: &Path) -> Result<BackupReport, BackupError>;
    backup_with(directory: &Path, options: BackupOptions) -> Result<BackupReport, BackupError>;
}

impl Bank {
    /// Starts setting up a bank. The builder opens the async handle; `Bank::from` converts it into this one.
    ///
    /// ```
    /// # use jangbu_actors as jangbu;
    /// use jangbu::blocking::Bank;
    ///
    /// let bank = Bank::from(Bank::builder().time_zone("Europe/Berlin").in_memory()?);
    /// assert_eq!(bank.time_zone()?, "Europe/Berlin");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder() -> Builder {
        crate::Bank::builder()
    }

    /// Opens the bank in the directory `path`, or creates one there.
    ///
    /// # Errors
    /// Those of [`Bank::open`](crate::Bank::open).
    pub fn open(path: impl AsRef<Path>) -> Result<Bank, OpenError> {
        crate::Bank::open(path).map(Bank::from)
    }

    /// Creates a bank in memory.
    ///
    /// # Errors
    /// Those of [`Bank::in_memory`](crate::Bank::in_memory).
    pub fn in_memory() -> Result<Bank, OpenError> {
        crate::Bank::in_memory().map(Bank::from)
    }

    /// Follows everything that happens in the bank, from the record at `from` on.
    ///
    /// ```
    /// # use jangbu_actors::{self as jangbu, command::*, ledger::*};
    /// use jangbu::blocking::Bank;
    ///
    /// let bank = Bank::in_memory()?;
    /// let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?))?;
    /// let mut names = Vec::new();
    /// for event in bank.subscribe(Position::START)?.take(3) {
    ///     names.push(event?.what.name());
    /// }
    /// assert_eq!(names, ["bank_created", "currency_added", "opened"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Bank::subscribe`](crate::Bank::subscribe).
    pub fn subscribe(&self, from: Position) -> Result<Events, BankError> {
        self.bank.subscribe(from).map(Events::from)
    }

    /// Subscribes to the events of one account, from the record at `from` on.
    ///
    /// # Errors
    /// Those of [`Bank::subscribe_account`](crate::Bank::subscribe_account).
    pub fn subscribe_account(&self, number: AccountNumber, from: Position) -> Result<Events, BankError> {
        self.bank.subscribe_account(number, from).map(Events::from)
    }

    /// Continues after the event that `cursor` belongs to, if it is part of this bank's history.
    ///
    /// # Errors
    /// Those of [`Bank::subscribe_after`](crate::Bank::subscribe_after).
    pub fn subscribe_after(&self, cursor: Cursor) -> Result<Events, BankError> {
        block_on(self.bank.subscribe_after(cursor)).map(Events::from)
    }

    /// The same for one account.
    ///
    /// # Errors
    /// Those of [`Bank::subscribe_after`](crate::Bank::subscribe_after).
    pub fn subscribe_account_after(&self, number: AccountNumber, cursor: Cursor) -> Result<Events, BankError> {
        block_on(self.bank.subscribe_account_after(number, cursor)).map(Events::from)
    }

    /// Lets the bank run schedules on its own from now on, at the rate of `pace`, as
    /// [`Bank::run_schedules`](crate::Bank::run_schedules) does.
    ///
    /// # Errors
    /// Those of [`Bank::run_schedules`](crate::Bank::run_schedules).
    pub fn run_schedules(&self, pace: Arc<dyn Pace>) -> Result<(), BankError> {
        self.bank.run_schedules(pace)
    }

    /// Returns what the engine is doing and has done since it was opened.
    pub fn stats(&self) -> Stats {
        self.bank.stats()
    }

    /// Closes the bank and waits until everything is stored.
    ///
    /// # Errors
    /// Those of [`Bank::close`](crate::Bank::close).
    pub fn close(self) -> Result<(), BankError> {
        block_on(self.bank.close())
    }
}
