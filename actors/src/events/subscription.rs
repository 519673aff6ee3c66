//! One who follows: a cursor, and what was read ahead.

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

/// So many records behind the newest one a subscription is told that it lags, when nothing else is set.
const USUAL_LAG: u64 = 100_000;

/// What a subscription can have to say beside events.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The subscription fell behind. Nothing is lost: the next event is that at `resume`, whether it is asked for now or
    /// later. Told once, and again only after it had caught up.
    #[error("the subscription is {behind} records behind the newest one; it goes on at position {resume}")]
    Lagging {
        /// So many records are durable that it has not come to.
        behind: u64,
        /// Where it goes on.
        resume: Position,
    },
    /// The bank stopped, or what the subscription has come to cannot be read. It ends with that.
    #[error(transparent)]
    Bank(#[from] BankError),
}

/// A stream of events without a gap, in journal order, of the whole bank or of one account.
///
/// It ends when the bank is closed, and hands out what is durable first if it is no more than some thousand events behind.
/// Whoever wants to go on then keeps [`Subscription::position`] and subscribes from there when the bank is open again.
/// Dropping it is all that it takes to end it.
#[must_use = "a subscription does nothing unless it is asked for events"]
pub struct Subscription {
    hub: Arc<Hub>,
    number: u64,
    account: Option<AccountNumber>,
    /// Where the event to look for next stands.
    next: Position,
    /// Events that were read ahead.
    ready: Option<Arc<Batch>>,
    reading: Option<Reading>,
    most_behind: u64,
    /// Whether it has to be told when it lags: it has kept up since the last time.
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

    /// Sets how many records behind the newest one it is told that it lags: 100,000 by default.
    pub fn with_most_behind(mut self, records: u64) -> Subscription {
        self.most_behind = records;
        self.is_lag_news = self.behind() <= records;
        self
    }

    /// Where it goes on: everything before this position was handed out, as far as it is of the account.
    pub const fn position(&self) -> Position {
        self.next
    }

    /// How many durable records it has not come to.
    pub fn behind(&self) -> u64 {
        self.hub.end().next().get().saturating_sub(self.next.get())
    }

    /// The next event; `None` when the bank is closed. Waits until there is one.
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`EventError::Lagging`] once when it falls behind; it can be asked again. [`EventError::Bank`] ends it.
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
                    // The reading thread gave up: the bank is closed or being dropped. What is kept is still to be had.
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

    /// The next event of what was read ahead, or word that the subscription lags.
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
        // Only well within the bounds, so that it is not told again and again at their edge.
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

/// A [`Subscription`] for programs without an async runtime: an iterator that waits.
#[derive(Debug)]
#[must_use = "iterators do nothing unless they are asked for items"]
pub struct Events(Subscription);

impl Events {
    /// Sets how many records behind the newest one it is told that it lags: 100,000 by default.
    pub fn with_most_behind(self, records: u64) -> Events {
        Events(self.0.with_most_behind(records))
    }

    /// Where it goes on: see [`Subscription::position`].
    pub const fn position(&self) -> Position {
        self.0.position()
    }

    /// How many durable records it has not come to.
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
