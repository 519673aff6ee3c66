//! Subscriptions to events.

use super::Bank;
use crate::events::{Cursor, Event, Subscription};
use crate::ledger::{AccountNumber, Position};
use crate::views::Page;
use jangbu_runtime::BankError;

impl Bank {
    /// Subscribes to everything that happens in the bank, from the record at `from` on; [`Position::START`] starts with
    /// the first record ever. Each record gives one event, so the positions have no gaps. Only durable records are
    /// delivered.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, EventKind, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// let mut events = bank.subscribe(bank.stats().durable.next())?;
    /// let receipt = bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let event = events.next().await.unwrap()?;
    /// assert_eq!(event.position, receipt.position);
    /// assert!(matches!(event.what, EventKind::Posted { to, .. } if to == mina));
    /// bank.close().await?;
    /// assert!(events.next().await.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`BankError::BeyondEnd`] if the bank has not reached the record before `from`, and as for every call.
    pub fn subscribe(&self, from: Position) -> Result<Subscription, BankError> {
        self.check_reached(from)?;
        Subscription::new(&self.inner.hub, None, from)
    }

    /// Subscribes to the events of one account, from the record at `from` on: records that touch it, its schedules, and
    /// refused commands that name it or one of its schedules. The account need not exist yet.
    ///
    /// A refused command about a hold or a movement names no account. It appears only in the stream of the whole bank.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, EventKind, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// bank.deposit(CashPosting::new(joon, Amount::new(500)?)).await?;
    /// let mut events = bank.subscribe_account(joon, Position::START)?;
    /// assert!(matches!(events.next().await.unwrap()?.what, EventKind::Opened { .. }));
    /// assert!(matches!(events.next().await.unwrap()?.what, EventKind::Posted { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Those of [`Bank::subscribe`].
    pub fn subscribe_account(&self, number: AccountNumber, from: Position) -> Result<Subscription, BankError> {
        self.check_reached(from)?;
        Subscription::new(&self.inner.hub, Some(number), from)
    }

    /// Continues after the event that `cursor` belongs to ([`Event::cursor`]), if that event is part of this bank's
    /// history. Subscribers that store their position across restarts use this.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, BankError, command::*, ledger::*};
    /// # let (bank, other) = (Bank::in_memory()?, Bank::in_memory()?);
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// let first = bank.subscribe(Position::START)?.next().await.unwrap()?;
    /// let mut rest = bank.subscribe_after(first.cursor()).await?;
    /// assert_eq!(rest.next().await.unwrap()?.position, first.position.next());
    /// // Another bank has an event at that position, too.
    /// let refused = other.subscribe_after(first.cursor()).await;
    /// assert!(matches!(refused, Err(BankError::AnotherHistory { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError::AnotherHistory`] for a cursor of another bank, or of a history that was lost by restoring a backup;
    /// [`BankError::BeyondEnd`] for a cursor beyond the last record; [`BankError::Archived`] if the records after it
    /// are archived.
    pub async fn subscribe_after(&self, cursor: Cursor) -> Result<Subscription, BankError> {
        self.check_history(cursor).await?;
        self.subscribe(cursor.position().next())
    }

    /// Continues after `cursor` for one account.
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// Those of [`Bank::subscribe_after`].
    pub async fn subscribe_account_after(
        &self,
        number: AccountNumber,
        cursor: Cursor,
    ) -> Result<Subscription, BankError> {
        self.check_history(cursor).await?;
        self.subscribe_account(number, cursor.position().next())
    }

    /// Returns an error unless `from` is at most the position after the last record.
    fn check_reached(&self, from: Position) -> Result<(), BankError> {
        self.inner.check_open()?;
        let end = self.inner.hub.end();
        if from > end.next() { Err(BankError::BeyondEnd { from, end }) } else { Ok(()) }
    }

    /// Returns an error unless the record at the cursor's position is the one that the cursor belongs to.
    async fn check_history(&self, cursor: Cursor) -> Result<(), BankError> {
        let position = cursor.position();
        if cursor == Cursor::START {
            return Ok(());
        }
        self.check_reached(position.next())?;
        let reader = self.inner.reader.clone();
        let found = self.on_reader(move || match reader.base().filter(|base| base.position == position) {
            Some(base) => Ok(Cursor::behind(position, base.last_id, base.recorded_at)),
            None => reader.read(position).map(|record| Cursor::behind(position, record.id, record.recorded_at)),
        });
        if found.await?.map_err(jangbu_runtime::unreadable)? == cursor {
            Ok(())
        } else {
            Err(BankError::AnotherHistory { position })
        }
    }

    /// Returns up to `limit` events that have happened, from the record at `from` on. The page's `next` is where the
    /// next page starts.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// let page = bank.events(Position::START, 2).await?;
    /// assert_eq!(page.data.len(), 2, "the bank was made, and dealt in a first currency");
    /// let rest = bank.events(page.next.unwrap(), 100).await?;
    /// assert_eq!(rest.data[0].accounts, [mina]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError::BeyondEnd`] if the bank has not reached the record before `from`, and as for every call.
    pub async fn events(&self, from: Position, limit: usize) -> Result<Page<Event, Position>, BankError> {
        self.check_reached(from)?;
        let (hub, limit) = (std::sync::Arc::clone(&self.inner.hub), jangbu_books::page_size(limit));
        let (data, next) = self.on_reader(move || hub.page(from, limit)).await??;
        Ok(Page { data, next })
    }
}
