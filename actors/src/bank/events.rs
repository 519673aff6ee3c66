//! Events through the handle.

use super::Bank;
use crate::error::BankError;
use crate::events::{Event, Subscription};
use crate::history;
use crate::ledger::{AccountNumber, Position};
use crate::views::Page;

impl Bank {
    /// Follows everything that happens in the bank, from the record at `from` on; [`Position::START`] for everything that
    /// ever happened. Each record has one event, so that positions have no gaps; none is told that is not durable.
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
    /// [`BankError`] as for every call.
    pub fn subscribe(&self, from: Position) -> Result<Subscription, BankError> {
        self.inner.check_open()?;
        Subscription::new(&self.inner.hub, None, from)
    }

    /// Follows what happens to one account, from the record at `from` on: what touches it, its schedules, and refused
    /// commands that name it or one of these. The account need not exist yet.
    ///
    /// A refused command about a hold or a movement names no account: it is in the stream of the whole bank alone.
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
    /// [`BankError`] as for every call.
    pub fn subscribe_account(&self, number: AccountNumber, from: Position) -> Result<Subscription, BankError> {
        self.inner.check_open()?;
        Subscription::new(&self.inner.hub, Some(number), from)
    }

    /// Up to `limit` events from the record at `from` on, as far as they have happened. The page's `next` is where the
    /// next one begins.
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
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn events(&self, from: Position, limit: usize) -> Result<Page<Event, Position>, BankError> {
        let (hub, limit) = (std::sync::Arc::clone(&self.inner.hub), history::page_size(limit));
        let (data, next) = self.on_reader(move || hub.page(from, limit)).await??;
        Ok(Page { data, next })
    }
}
