//! A subscription: its position, and the events that were read ahead.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::Stream;
use futures::executor::block_on;

use super::batch::Batch;
use super::event::Event;
use super::hub::{Hub, More, Reading};
use crate::ledger::{AccountNumber, Position};
use jangbu_runtime::BankError;

/// The default number of records behind the newest one at which a subscription reports that it lags.
const USUAL_LAG: u64 = 100_000;

/// What a subscription can return besides events.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The subscription fell behind. Nothing is lost: the next event is the one at `resume`, whenever it is
    /// requested. Returned once, and again only after the subscription had caught up.
    #[error("the subscription is {behind} records behind the newest one; it continues at position {resume}")]
    Lagging {
        /// The number of durable records after its position.
        behind: u64,
        /// The position at which it continues.
        resume: Position,
    },
    /// The bank stopped, or the next records cannot be read. The subscription ends with this error.
    #[error(transparent)]
    Bank(#[from] BankError),
}

/// A stream of events of the whole bank or of one account, in journal order and without gaps.
///
/// It ends when the bank is closed. Before that, it returns everything that is durable if it is no more than a few
/// thousand events behind. To continue later, store [`Subscription::position`] and subscribe from there once the bank
/// is open again. Dropping the subscription ends it.
#[must_use = "a subscription does nothing unless it is asked for events"]
pub struct Subscription {
    hub: Arc<Hub>,
    number: u64,
    account: Option<AccountNumber>,
    /// The position of the next event to look for.
    next: Position,
    /// Events that were read ahead.
    ready: Option<Arc<Batch>>,
    reading: Option<Reading>,
    most_behind: u64,
    /// Whether lagging is to be reported: it has kept up since the last report.
    is_lag_news: bool,
    is_over: bool,
}

impl Subscription {
    pub(crate) fn new(
        hub: &Arc<Hub>,
        account: Option<AccountNumber>,
        from: Position,
    ) -> Result<Subscription, BankError> {
        let number = hub.join()?;
        let next = from.max(Position::START.next());
        let mut subscription = Subscription {
            hub: Arc::clone(hub),
            number,
            account,
            next,
            ready: None,
            reading: None,
            most_behind: USUAL_LAG,
            is_lag_news: false,
            is_over: false,
        };
        subscription.is_lag_news = subscription.behind() <= USUAL_LAG;
        Ok(subscription)
    }

    /// Sets how many records behind the newest one the subscription reports that it lags; 100,000 by default.
    pub fn with_most_behind(mut self, records: u64) -> Subscription {
        self.most_behind = records;
        self.is_lag_news = self.behind() <= records;
        self
    }

    /// Returns the position at which it continues. Every event of the stream before it was returned.
    pub const fn position(&self) -> Position {
        self.next
    }

    /// Returns the number of durable records after its position.
    pub fn behind(&self) -> u64 {
        self.hub.end().next().get().saturating_sub(self.next.get())
    }

    /// Returns the next event, or `None` once the bank is closed. Waits until there is one.
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`EventError::Lagging`] once when it falls behind; the subscription continues. [`EventError::Bank`] ends it.
    pub async fn next(&mut self) -> Option<Result<Event, EventError>> {
        poll_fn(|context| self.poll_event(context)).await
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Event, EventError>>> {
        loop {
            if let Some(event) = self.take_ready() {
                return Poll::Ready(Some(event));
            }
            if self.is_over {
                return Poll::Ready(None);
            }
            if let Some(reading) = &mut self.reading {
                let Poll::Ready(read) = Pin::new(reading).poll(context) else { return Poll::Pending };
                self.reading = None;
                match read {
                    Ok(Ok(batch)) => self.ready = Some(batch),
                    // The reading thread gave up because the bank is closed or being dropped. Batches that are still
                    // kept can be returned.
                    Ok(Err(BankError::Closed)) | Err(_) => match self.hub.kept(self.next) {
                        Some(batch) => self.ready = Some(batch),
                        None => return self.end(None),
                    },
                    Ok(Err(error)) => return self.end(Some(error)),
                }
                continue;
            }
            match self.hub.more(self.number, self.next, context.waker()) {
                More::Batch(batch) => self.ready = Some(batch),
                More::Reading(reading) => self.reading = Some(reading),
                More::Later => return Poll::Pending,
                More::Ended(error) => return self.end(error),
            }
        }
    }

    fn end(&mut self, error: Option<BankError>) -> Poll<Option<Result<Event, EventError>>> {
        self.is_over = true;
        Poll::Ready(error.map(|error| Err(EventError::Bank(error))))
    }

    /// Returns the next event that was read ahead, or the report that the subscription lags.
    fn take_ready(&mut self) -> Option<Result<Event, EventError>> {
        let batch = self.ready.as_ref()?;
        let place = batch.place_of(self.next);
        let place = match &self.account {
            Some(account) => batch.place_of_account(account, place),
            None => Some(place),
        };
        let Some(event) = place.and_then(|place| batch.events.get(place)) else {
            self.next = batch.next();
            self.ready = None;
            return None;
        };
        let behind = self.behind();
        if behind > self.most_behind && self.is_lag_news {
            self.is_lag_news = false;
            return Some(Err(EventError::Lagging { behind, resume: self.next }));
        }
        // Only well within the limit, so that a subscription at the limit does not report it again and again.
        self.is_lag_news |= behind <= self.most_behind / 2;
        let event = event.clone();
        self.next = event.position.next();
        Some(Ok(event))
    }
}

impl Stream for Subscription {
    type Item = Result<Event, EventError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_event(context)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.leave(self.number);
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Subscription { account, next, .. } = self;
        f.debug_struct("Subscription").field("account", account).field("next", next).finish_non_exhaustive()
    }
}

/// A [`Subscription`] for programs without an async runtime: a blocking iterator.
#[derive(Debug)]
#[must_use = "iterators do nothing unless they are asked for items"]
pub struct Events(Subscription);

impl Events {
    /// Sets how many records behind the newest one the subscription reports that it lags; 100,000 by default.
    pub fn with_most_behind(self, records: u64) -> Events {
        Events(self.0.with_most_behind(records))
    }

    /// Returns the position at which it continues: see [`Subscription::position`].
    pub const fn position(&self) -> Position {
        self.0.position()
    }

    /// Returns the number of durable records after its position.
    pub fn behind(&self) -> u64 {
        self.0.behind()
    }
}

impl From<Subscription> for Events {
    fn from(subscription: Subscription) -> Self {
        Events(subscription)
    }
}

impl Iterator for Events {
    type Item = Result<Event, EventError>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}
