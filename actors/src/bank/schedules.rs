//! Scheduled and standing orders through the handle.

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
    /// Makes a schedule: from now on the bank makes its transfers by itself, each at most once, when it is open.
    ///
    /// The schedule is known by the id of the command. Each attempt is a transfer with an id of its own, which
    /// [`Bank::schedule_runs`] tells and [`Bank::movement`] finds.
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
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same. Asked for again
    /// with the same id, it is answered as it was the first time.
    ///
    /// # Errors
    /// [`Error::Refused`]: the accounts are unknown, the same, the bank's own or of different currencies, the amount is
    /// zero, [`Refusal::ScheduleNeverRuns`], or [`Refusal::TooMany`] beyond a million schedules that can still run.
    pub async fn schedule(&self, order: SetSchedule) -> Result<Position, Error> {
        Ok(self.one(Command::SetSchedule(Box::new(order))).await?.position())
    }

    /// Pauses, resumes or cancels a schedule. An attempt that is under way comes first.
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
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same. Asked for again
    /// with the same id, it is answered as it was the first time.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::ScheduleUnknown`] and [`Refusal::ScheduleEnded`].
    pub async fn change_schedule(&self, change: ChangeSchedule) -> Result<Position, Error> {
        Ok(self.one(Command::ChangeSchedule(change)).await?.position())
    }

    /// A schedule and where it stands, also when it has ended; `None` when there never was one of that id.
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
    /// Dropping the future ends the wait, and nothing else.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn standing_order(&self, id: CommandId) -> Result<Option<StandingOrder>, BankError> {
        self.ask(move |books| books.standing_order(id)).await
    }

    /// Up to `limit` schedules that can still run, in the order of their ids, after `after`.
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
    /// Dropping the future ends the wait, and nothing else.
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

    /// Up to `limit` schedules that can still run and pay from or to `account`, in the order of their ids, after `after`.
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
    /// Dropping the future ends the wait, and nothing else.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`] when there is no such account.
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

    /// What a schedule did, newest first, before the position `before`: what was posted, refused and skipped.
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
    /// Dropping the future ends the wait, and nothing else.
    ///
    /// # Errors
    /// [`Refusal::ScheduleUnknown`] when there never was one of that id, or the record at `before` is not one of it.
    pub async fn schedule_runs(
        &self,
        id: CommandId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Page<ScheduledRun, Position>, Error> {
        let (reader, books) = (self.inner.reader.clone(), self.inner.books.clone());
        self.on_reader(move || schedule_runs(&*reader, &books, id, before, limit)).await?
    }

    /// Runs schedules by themselves from now on, as fast as `pace` says, also in a bank that was opened without running any
    /// ([`Builder::run_schedules`](crate::Builder::run_schedules)).
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
    /// [`BankError`] when the bank is closed, has stopped, or is only read.
    pub fn run_schedules(&self, pace: Arc<dyn Pace>) -> Result<(), BankError> {
        self.inner.check_writable()?;
        self.inner.supervisor.do_send(RunSchedules(pace));
        Ok(())
    }

    /// Runs what is due, and waits until no schedule is due and everything that schedules did is durable.
    ///
    /// A bank runs what is due by itself, and there is only something to wait for. What is put off ([`Pace`]) is not waited for. One that does not
    /// ([`Builder::run_schedules`](crate::Builder::run_schedules)) runs what is due now, and then nothing again.
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
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same.
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
