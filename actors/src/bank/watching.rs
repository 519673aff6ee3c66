//! Monitoring: transfers awaiting verification, the engine's activity, the messages of one account.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::Bank;
use crate::account::Watch;
use crate::ledger::{AccountNumber, CommandId, Position, Timestamp};
use crate::supervisor::{LookAt, TellQueued, VerifyAgain, WatchAccount};
use crate::verification::Queued;
use crate::views::{Activation, Page, WatchedMessage};
use jangbu_books::page_size;
use jangbu_runtime::Activity;
use jangbu_runtime::BankError;
use jangbu_runtime::unreadable;

/// The maximum number of busiest accounts that are returned.
const HOTTEST: usize = 10;
/// How long after the last call the messages of an account are still recorded.
const WATCHED_FOR: Duration = Duration::from_secs(15);

impl Bank {
    /// Returns up to `limit` transfers that await verification, in the order of their acceptance, after the position
    /// `after`, and how many there are in total.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let accepted = bank.accept(Transfer::new(mina, joon, Amount::new(700)?)).await?;
    /// let (queue, total) = bank.pending_verifications(None, 50).await?;
    /// assert_eq!((queue.data[0].hold, total), (accepted.id, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn pending_verifications(
        &self,
        after: Option<Position>,
        limit: usize,
    ) -> Result<(Page<Queued, Position>, u64), BankError> {
        self.inner.check_open()?;
        let limit = page_size(limit);
        let (reply, answer) = oneshot::channel();
        let after = after.unwrap_or(Position::START);
        self.inner.supervisor.do_send(TellQueued { after, limit: limit.saturating_add(1), reply });
        let (mut data, total) = answer.await.map_err(|_| self.inner.ended())?;
        let more = data.len() > limit;
        data.truncate(limit);
        let next = data.last().map(|queued| queued.position).filter(|_| more);
        Ok((Page { data, next }, u64::try_from(total).unwrap_or(u64::MAX)))
    }

    /// Verifies a transfer again from the start, whatever its verification is waiting for. Returns `false` if the
    /// transfer does not await verification or the bank has no verifier.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, ledger::CommandId};
    /// # let bank = Bank::in_memory()?;
    /// assert!(!bank.verify_again(CommandId::random()).await?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// After the first poll, dropping the future only stops the wait: the operation is carried out regardless.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn verify_again(&self, hold: CommandId) -> Result<bool, BankError> {
        self.inner.check_open()?;
        let (reply, answer) = oneshot::channel();
        self.inner.supervisor.do_send(VerifyAgain { hold, reply });
        answer.await.map_err(|_| self.inner.ended())
    }

    /// Returns the present state of the actors of these accounts. An account that does not exist is reported as
    /// inactive.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// assert!(bank.activations(vec![mina]).await?[0].is_active);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn activations(&self, accounts: Vec<AccountNumber>) -> Result<Vec<Activation>, BankError> {
        self.inner.check_open()?;
        let (reply, answer) = oneshot::channel();
        self.inner.supervisor.do_send(LookAt { accounts, reply });
        answer.await.map_err(|_| self.inner.ended())
    }

    /// Returns the number of accounts, including the bank's own and closed ones.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// assert_eq!(bank.account_count().await?, 3, "with the bank's cash and fees");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn account_count(&self) -> Result<u64, BankError> {
        self.ask(|books| books.account_count()).await
    }

    /// Returns the last messages to an account's actor, up to 64, oldest first. Recording starts with the first call
    /// and ends 15 seconds after the last one. `None` if the actor is not running; recording then starts with the first
    /// call after it was woken.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, WatchedMessageKind, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// assert_eq!(bank.watch_account(mina).await?, Some(vec![]));
    /// bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let heard = bank.watch_account(mina).await?.unwrap();
    /// assert_eq!((heard[0].kind, heard[0].posted.minor_units()), (WatchedMessageKind::Credit, 10_000));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn watch_account(&self, account: AccountNumber) -> Result<Option<Vec<WatchedMessage>>, BankError> {
        self.inner.check_open()?;
        let (reply, answer) = oneshot::channel();
        let clock = Arc::clone(&self.inner.clock);
        let until = clock.now().after(WATCHED_FOR);
        self.inner.supervisor.do_send(WatchAccount { account, watch: Watch { clock, until, reply } });
        match answer.await {
            Ok(heard) => Ok(Some(heard)),
            // The actor is gone, or the bank is.
            Err(_) => self.inner.check_open().map(|()| None),
        }
    }

    /// Returns when the first record was recorded that the stored state does not include yet; `None` if the state is
    /// complete, and for a bank in memory, which stores none.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let directory = tempfile::tempdir()?;
    /// let bank = Bank::open(directory.path())?;
    /// bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// assert!(bank.unstored_since().await?.is_some());
    /// bank.checkpoint().await?;
    /// assert_eq!(bank.unstored_since().await?, None);
    /// # bank.close().await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn unstored_since(&self) -> Result<Option<Timestamp>, BankError> {
        let stats = self.stats();
        let is_stored = self.inner.store.upgrade().is_some_and(|store| store.is_kept());
        if !is_stored || stats.checkpoint >= stats.durable {
            return Ok(None);
        }
        let reader = Arc::clone(&self.inner.reader);
        let first = stats.checkpoint.next();
        let record = self.on_reader(move || reader.read(first).map_err(unreadable)).await??;
        Ok(Some(record.recorded_at))
    }

    /// Returns what the engine has done since it was opened. The difference between two calls gives rates. The busiest
    /// accounts, up to 10, are counted since the previous call, so only one caller should use them. Counting starts
    /// with the first call and ends with [`Bank::stop_watching`].
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// let before = bank.activity().await?;
    /// bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let after = bank.activity().await?;
    /// assert_eq!((after.posted - before.posted, after.waits.since(&before.waits).count()), (1, 1));
    /// assert_eq!(after.hottest, [(mina, 1)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn activity(&self) -> Result<Activity, BankError> {
        // Two of them can be the bank's own.
        let hot = self.inner.meters.activity.take_hot(HOTTEST.saturating_mul(2));
        let ids: Vec<_> = hot.iter().map(|(account, _)| *account).collect();
        let numbers = self.ask(move |books| books.numbers_of(&ids)).await?;
        let named = numbers.into_iter().zip(hot).filter_map(|(number, (_, count))| Some((number?, count)));
        let hottest = named.filter(|(number, _)| !number.is_reserved()).take(HOTTEST).collect();
        Ok(self.inner.meters.activity.snapshot(hottest))
    }

    /// Stops counting the busiest accounts.
    pub fn stop_watching(&self) {
        self.inner.meters.activity.stop_watching();
    }
}
