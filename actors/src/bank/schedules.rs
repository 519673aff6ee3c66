//! Scheduled transfers and standing orders.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::Bank;
use crate::command::{ChangeSchedule, Command, SetSchedule};
use crate::ledger::{AccountNumber, CommandId, Position, Refusal};
use crate::pace::Pace;
use crate::schedule_runs::schedule_runs;
use crate::supervisor::{RunDue, RunSchedules};
use crate::views::{Page, ScheduledRun, StandingOrder};
use jangbu_books::page_size;
use jangbu_runtime::{BankError, Error};

impl Bank {
    /// Creates a schedule. From now on, the bank makes its transfers on its own while it is open, each at most once.
    ///
    /// The id of the command becomes the id of the schedule. Each attempt is a transfer with its own id, which
    /// [`Bank::schedule_runs`] returns and [`Bank::movement`] finds.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// let last_of_month = Rule::monthly(31, TimeOfDay::new(9, 0)?);
    /// let rent = SetSchedule::new(Schedule::new(mina, joon, Amount::new(500_000)?, last_of_month));
    /// let id = rent.id;
    /// bank.schedule(rent).await?;
    /// let order = bank.standing_order(id).await?.unwrap();
    /// assert_eq!(order.progress.status, ScheduleStatus::Active);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`] if the accounts are unknown, the same, the bank's own or in different currencies, or the
    /// amount is zero; [`Refusal::ScheduleNeverRuns`]; [`Refusal::TooMany`] beyond a million active and paused
    /// schedules.
    pub async fn schedule(&self, order: SetSchedule) -> Result<Position, Error> {
        Ok(self.one(Command::SetSchedule(Box::new(order))).await?.position())
    }

    /// Pauses, resumes or cancels a schedule. An attempt in progress is finished first.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # let daily = Rule::daily(TimeOfDay::new(9, 0)?);
    /// # let order = SetSchedule::new(Schedule::new(mina, joon, Amount::new(1)?, daily));
    /// # let id = order.id;
    /// # bank.schedule(order).await?;
    /// bank.change_schedule(ChangeSchedule::new(id, ScheduleChange::Cancel)).await?;
    /// let order = bank.standing_order(id).await?.unwrap();
    /// assert_eq!(order.progress.status, ScheduleStatus::Cancelled);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::ScheduleUnknown`] and [`Refusal::ScheduleEnded`].
    pub async fn change_schedule(&self, change: ChangeSchedule) -> Result<Position, Error> {
        Ok(self.one(Command::ChangeSchedule(change)).await?.position())
    }

    /// Returns a schedule and its progress, also if it has ended; `None` if there never was one with that id.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, ledger::CommandId};
    /// # let bank = Bank::in_memory()?;
    /// assert_eq!(bank.standing_order(CommandId::random()).await?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn standing_order(&self, id: CommandId) -> Result<Option<StandingOrder>, BankError> {
        self.ask(move |books| books.standing_order(id)).await
    }

    /// Returns up to `limit` active or paused schedules in the order of their ids, after `after`.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// let daily = Rule::daily(TimeOfDay::new(9, 0)?);
    /// bank.schedule(SetSchedule::new(Schedule::new(mina, joon, Amount::new(1)?, daily))).await?;
    /// assert_eq!(bank.schedules(None, 100).await?.data.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn schedules(
        &self,
        after: Option<CommandId>,
        limit: usize,
    ) -> Result<Page<StandingOrder, CommandId>, BankError> {
        let limit = page_size(limit);
        self.ask(move |books| books.standing_orders(None, after, limit)).await
    }

    /// Returns up to `limit` active or paused schedules that pay from or to `account`, in the order of their ids, after
    /// `after`.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # let daily = Rule::daily(TimeOfDay::new(9, 0)?);
    /// # bank.schedule(SetSchedule::new(Schedule::new(mina, joon, Amount::new(1)?, daily))).await?;
    /// let incoming = bank.schedules_of(joon, None, 100).await?;
    /// assert_eq!(incoming.data[0].schedule.from, mina);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`] if the account does not exist.
    pub async fn schedules_of(
        &self,
        account: AccountNumber,
        after: Option<CommandId>,
        limit: usize,
    ) -> Result<Page<StandingOrder, CommandId>, Error> {
        let limit = page_size(limit);
        let found = self.ask(move |books| {
            let known = books.account_by_number(&account).is_some();
            known.then(|| books.standing_orders(Some(account), after, limit))
        });
        found.await?.ok_or_else(|| Refusal::AccountUnknown { number: account }.into())
    }

    /// Returns what a schedule did, newest first, before the position `before`: attempts that were posted or refused,
    /// and skipped occurrences.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # let daily = Rule::daily(TimeOfDay::new(9, 0)?);
    /// # let order = SetSchedule::new(Schedule::new(mina, joon, Amount::new(1)?, daily));
    /// # let id = order.id;
    /// # bank.schedule(order).await?;
    /// for run in bank.schedule_runs(id, None, 50).await?.data {
    ///     println!("{}: {:?}", run.occurrence, run.outcome);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`Refusal::ScheduleUnknown`] if there never was one with that id, or the record at `before` is not about it.
    pub async fn schedule_runs(
        &self,
        id: CommandId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Page<ScheduledRun, Position>, Error> {
        let (reader, books) = (self.inner.reader.clone(), self.inner.books.clone());
        self.on_reader(move || schedule_runs(&*reader, &books, id, before, limit)).await?
    }

    /// Starts running schedules on the bank's own initiative, at the rate of `pace`, also in a bank that was opened
    /// with [`Builder::run_schedules`](crate::Builder::run_schedules) set to `false`.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use std::{sync::Arc, time::Duration};
    /// # use jangbu_actors::{Bank, Pace, ledger::{OwnerId, Timestamp}};
    /// struct Unhurried;
    /// impl Pace for Unhurried {
    ///     fn put_off(&self, _owner: &OwnerId, _now: Timestamp) -> Option<Duration> {
    ///         None
    ///     }
    /// }
    /// let bank = Bank::builder().run_schedules(false).in_memory()?;
    /// bank.run_schedules(Arc::new(Unhurried))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`BankError`] if the bank is closed, has stopped or is open read-only.
    pub fn run_schedules(&self, pace: Arc<dyn Pace>) -> Result<(), BankError> {
        self.inner.check_writable()?;
        self.inner.supervisor.do_send(RunSchedules(pace));
        Ok(())
    }

    /// Runs due schedules, and waits until none is due and everything that they did is durable. Schedules put off by
    /// [`Pace`] are not waited for.
    ///
    /// In a bank that runs schedules on its own, this only waits. In a bank opened with
    /// [`Builder::run_schedules`](crate::Builder::run_schedules) set to `false`, it runs what is due now and stops
    /// again.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::Bank;
    /// # let bank = Bank::in_memory()?;
    /// bank.run_due().await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// After the first poll, dropping the future only stops the wait: the operation is carried out regardless.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn run_due(&self) -> Result<(), BankError> {
        self.inner.check_writable()?;
        let (done, waiting) = oneshot::channel();
        self.inner.supervisor.do_send(RunDue(done));
        // Some of what was due may have run.
        waiting.await.map_err(|_| BankError::OutcomeUnknown)?
    }
}
