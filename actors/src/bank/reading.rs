//! Reads. They are answered from durable state, never by the account actors.

use tokio::sync::oneshot;

use super::Bank;
use crate::books::{Books, SnapshotTime};
use crate::history;
use crate::ledger::{AccountNumber, AccountType, CommandId, Currency, OwnerId, Position, Refusal};
use crate::plant::{Spot, panic_if_planted};
use crate::supervisor::Locate;
use crate::views::{ApplicationRecord, Entry, HistoryQuery, Page, Snapshot};
use jangbu_runtime::{BankError, Error};

impl Bank {
    /// Returns the account after its last durable record.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let snapshot = bank.snapshot(mina).await?;
    /// assert_eq!(snapshot.posted.minor_units(), 10_000);
    /// assert_eq!(snapshot.free_transfers_left, 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`] if the account does not exist.
    pub async fn snapshot(&self, number: AccountNumber) -> Result<Snapshot, Error> {
        let at = self.snapshot_time();
        let found = self.ask(move |books| books.snapshot(&number, at)).await?;
        found.ok_or_else(|| Refusal::AccountUnknown { number }.into())
    }

    /// Returns up to `limit` accounts in the order of their numbers, after `after`, including the bank's own.
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn accounts(
        &self,
        after: Option<AccountNumber>,
        limit: usize,
    ) -> Result<Page<Snapshot, AccountNumber>, BankError> {
        let (at, limit) = (self.snapshot_time(), jangbu_books::page_size(limit));
        self.ask(move |books| books.accounts_after(after, limit, at)).await
    }

    /// Returns a page of an account's entries, newest first, each with the balance after it.
    ///
    /// If older entries are archived, the page ends before them and has a next one, which returns
    /// [`BankError::Archived`].
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// # use jangbu_actors::HistoryQuery;
    /// let page = bank.history(mina, HistoryQuery { limit: 1, ..HistoryQuery::default() }).await?;
    /// assert_eq!(page.data[0].balance.minor_units(), 10_000);
    /// let older = bank.history(mina, HistoryQuery { before: page.next, ..HistoryQuery::default() }).await?;
    /// assert_eq!(older.data.len(), 1, "the opening of the account");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Where older entries are archived, a page ends with what there is and has a next one, which is
    /// [`BankError::Archived`].
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`] if the account does not exist; [`BankError::Archived`] if all requested entries are,
    /// or may be, archived.
    pub async fn history(&self, number: AccountNumber, query: HistoryQuery) -> Result<Page<Entry, Position>, Error> {
        let sources = self.sources();
        self.on_reader(move || history::history(&sources, number, query)).await?
    }

    /// Returns the position of the command with that id, also if it was refused; `None` if the id has not been used.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// let id = CommandId::random();
    /// assert_eq!(bank.position_of(id).await?, None);
    /// bank.open_account(OpenAccount::new(OwnerId::new("mina")?).with_id(id)).await?;
    /// assert!(bank.position_of(id).await?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn position_of(&self, id: CommandId) -> Result<Option<Position>, BankError> {
        self.inner.check_open()?;
        let (reply, answer) = oneshot::channel();
        self.inner.supervisor.do_send(Locate { id, reply });
        if let Some(recent) = answer.await.map_err(|_| self.inner.ended())? {
            return Ok(Some(recent));
        }
        let reader = self.inner.reader.clone();
        self.on_reader(move || reader.find(id).map_err(jangbu_runtime::unreadable)).await?
    }

    /// Returns an application record, or `None` if there is none.
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn record(&self, kind: &str, key: &str) -> Result<Option<ApplicationRecord>, BankError> {
        let (kind, key) = (kind.to_owned(), key.to_owned());
        self.ask(move |books| books.record(&kind, &key)).await
    }

    /// Returns up to `limit` application records of a kind whose keys begin with `prefix`, in key order, after `after`.
    ///
    /// After many recent deletions a page can be shorter than `limit`, or empty, although there is more. Continue until
    /// `next` is `None`.
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn records(
        &self,
        kind: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<ApplicationRecord, String>, BankError> {
        let (kind, prefix, after) = (kind.to_owned(), prefix.to_owned(), after.map(str::to_owned));
        let limit = jangbu_books::page_size(limit);
        self.ask(move |books| books.records(&kind, &prefix, after.as_deref(), limit)).await
    }

    /// Returns all account types in the order of their codes, including the built-in one.
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn account_types(&self) -> Result<Vec<AccountType>, BankError> {
        self.ask(|books| books.account_types()).await
    }

    /// Returns the owners with their own number of free transfers per account and business day, in the order of their
    /// ids. All other owners have [`FREE_TRANSFERS_PER_DAY`](crate::ledger::FREE_TRANSFERS_PER_DAY).
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn free_transfers(&self) -> Result<Vec<(OwnerId, u32)>, BankError> {
        self.ask(|books| books.free_transfers()).await
    }

    /// Returns a currency's number of decimals as the bank uses it, or else that of ISO 4217; `None` for a code that is
    /// in neither.
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn currency_scale(&self, currency: Currency) -> Result<Option<u8>, BankError> {
        let of_bank = self.ask(move |books| books.scale_of(currency)).await?;
        Ok(of_bank.or_else(|| currency.iso_scale()))
    }

    /// Returns the IANA name of the time zone whose midnight begins the business day. It is fixed when the bank is
    /// created.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::Bank;
    /// let bank = Bank::builder().time_zone("Europe/Berlin").in_memory()?;
    /// assert_eq!(bank.time_zone().await?, "Europe/Berlin");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn time_zone(&self) -> Result<String, BankError> {
        let made = self.ask(|books| books.made().map(|made| made.time_zone.clone())).await?;
        made.ok_or_else(|| BankError::Unreadable("the bank has no time zone".into()))
    }

    /// Returns the number of the account that a person means by `typed`, as [`AccountNumber::typed`] reads it: the
    /// account with that number, or the only one whose number differs just in case and separators. `None` if there is
    /// no such account, or several.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// let number = AccountNumber::new("110-1001")?;
    /// bank.open_account(OpenAccount::new(OwnerId::new("mina")?).with_number(number)).await?;
    /// assert_eq!(bank.find_account(AccountNumber::typed("１１０ １００１")?).await?, Some(number));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn find_account(&self, typed: AccountNumber) -> Result<Option<AccountNumber>, BankError> {
        self.ask(move |books| books.meant_by(typed)).await
    }

    /// Returns an identifier of this bank: 16 hexadecimal digits that never change and are the same in its copies. It
    /// reveals nothing else about the bank.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::Bank;
    /// let (one, other) = (Bank::in_memory()?, Bank::in_memory()?);
    /// assert_ne!(one.fingerprint().await?, other.fingerprint().await?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn fingerprint(&self) -> Result<String, BankError> {
        let bank = self.ask(|books| books.made().map(|made| made.bank)).await?;
        let bank = bank.ok_or_else(|| BankError::Unreadable("the bank has no id".into()))?;
        // The bank's id itself stays secret, because the ids of scheduled transfers can be derived from it.
        let hash = blake3::derive_key("jangbu 2026-11-30 fingerprint of a bank", &bank.to_be_bytes());
        Ok(hash.iter().take(8).fold(String::new(), |digits, byte| format!("{digits}{byte:02x}")))
    }

    pub(super) fn snapshot_time(&self) -> SnapshotTime {
        SnapshotTime(self.inner.clock.now())
    }

    /// Runs a query on the books' thread.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Books) -> T + Send + 'static,
    ) -> Result<T, BankError> {
        self.inner.check_open()?;
        let (reply, answer) = oneshot::channel();
        self.inner.books.ask(ask, move |found| drop(reply.send(found)));
        answer.await.map_err(|_| self.inner.ended())
    }

    /// Runs a function that blocks or reads files on a reading thread.
    pub(super) async fn on_reader<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, BankError> {
        self.inner.check_open()?;
        let (reply, answer) = oneshot::channel();
        self.inner.readers.run(move || {
            panic_if_planted(Spot::Read);
            drop(reply.send(read()));
        });
        answer.await.map_err(|_| self.inner.ended())
    }
}
