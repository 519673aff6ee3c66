//! One who follows.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use actix_web::web::Bytes;
use jangbu::{
    AccountNumber, BankError, Position,
    events::{Cursor, CursorError, EventError, EventKind, Subscription},
};
use tokio::time::{Instant, sleep_until};

use super::event_json::{self, Money, Side, Viewer, When};
use super::hub::{Joined, Place, Streams};

/// Whoever is so close behind joins those who have kept up.
const CLOSE: u64 = 64;
/// As many events are read before others get their turn.
const READ_IN_ONE_GO: u64 = 256;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// Messages.
    Told(Bytes),
    /// The bank is closed or stopped.
    Over,
}

/// Behind which event a stream goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    /// That of a cursor, if this bank has it.
    Cursor(Cursor),
    /// Whichever is at the position.
    Position(Position),
}

impl FromStr for Resume {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        match text.parse::<u64>() {
            Ok(position) => Ok(Resume::Position(Position::new(position))),
            Err(_) => text.parse().map(Resume::Cursor),
        }
    }
}

impl fmt::Display for Resume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Resume::Cursor(cursor) => cursor.fmt(f),
            Resume::Position(position) => position.fmt(f),
        }
    }
}

/// One who follows, from a place on: everything that may be seen, in order, without gap or duplicate.
pub(crate) struct Following {
    streams: Streams,
    viewer: Viewer,
    /// Where the next event is looked for.
    next: Position,
    /// The event behind which it begins; `None` to begin now.
    behind: Option<Resume>,
    means: Means,
    /// When the last piece from the hub was sent.
    sent: Option<Instant>,
    _place: Place,
}

/// Where the next event comes from.
enum Means {
    /// Nothing was said yet.
    Begin,
    /// By a subscription of its own.
    Alone(Box<Alone>),
    /// By the hub, behind what a subscription of its own still has to bring.
    Joined(Joined, Option<Box<Alone>>),
}

struct Alone {
    events: Subscription,
    own: HashMap<AccountNumber, Money>,
    read: u64,
}

impl Following {
    /// Follows from now on, or behind the event that is named.
    pub(crate) fn new(streams: &Streams, place: Place, viewer: Viewer, behind: Option<Resume>) -> Following {
        let (streams, next) = (streams.clone(), Position::START);
        Following { streams, viewer, behind, next, means: Means::Begin, sent: None, _place: place }
    }

    /// What comes next. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> News {
        loop {
            let step = match &mut self.means {
                Means::Begin => self.begin().await,
                Means::Alone(_) => self.read_alone().await,
                Means::Joined(_, Some(_)) => self.read_up_to_hub().await,
                Means::Joined(_, None) => self.hear().await,
            };
            match step {
                Ok(Some(told)) => return News::Told(told),
                Ok(None) => {}
                Err(_) => return News::Over,
            }
        }
    }

    /// Says where the journal ends, and whose stream it is; before that, whether the event behind which it was to begin is not of
    /// this bank's history.
    async fn begin(&mut self) -> Result<Option<Bytes>, BankError> {
        let bank = self.streams.bank();
        let found = match self.behind {
            None => None,
            Some(Resume::Position(position)) => Some(bank.subscribe(position.next())),
            Some(Resume::Cursor(cursor)) => Some(bank.subscribe_after(cursor).await),
        };
        let is_gone = match (found, self.behind) {
            (Some(Err(BankError::BeyondEnd { .. } | BankError::AnotherHistory { .. })), _) => true,
            (Some(events), Some(behind)) => {
                let end = bank.stats().durable;
                let alone = Alone::over(events?, &self.streams, self.viewer).await?;
                self.next = alone.events.position();
                self.means = Means::Alone(alone);
                return Ok(Some(event_json::ready(behind, end, self.viewer).into()));
            }
            _ => false,
        };
        let joined = self.streams.join(self.viewer).await?;
        let at = joined.from;
        self.next = at.next();
        self.means = Means::Joined(joined, None);
        let reset = if is_gone { event_json::reset(at) } else { String::new() };
        Ok(Some((reset + &event_json::ready(at, at, self.viewer)).into()))
    }

    /// Reads on by a subscription of its own, and joins the others once it is close behind.
    async fn read_alone(&mut self) -> Result<Option<Bytes>, BankError> {
        let Means::Alone(alone) = &mut self.means else { return Ok(None) };
        if alone.events.behind() > CLOSE {
            let told = alone.read(self.viewer).await?;
            self.next = alone.events.position();
            return Ok(told);
        }
        let joined = self.streams.join(self.viewer).await?;
        if let Means::Alone(alone) = std::mem::replace(&mut self.means, Means::Begin) {
            self.means = Means::Joined(joined, Some(alone));
        }
        Ok(None)
    }

    /// Reads what the hub had routed before it was joined; that is durable, so there is nothing to wait for.
    async fn read_up_to_hub(&mut self) -> Result<Option<Bytes>, BankError> {
        let Means::Joined(joined, rest) = &mut self.means else { return Ok(None) };
        let Some(alone) = rest else { return Ok(None) };
        if alone.events.position() > joined.from {
            self.next = alone.events.position();
            *rest = None;
            return Ok(None);
        }
        let told = alone.read(self.viewer).await?;
        self.next = alone.events.position();
        Ok(told)
    }

    /// Hears from the hub.
    async fn hear(&mut self) -> Result<Option<Bytes>, BankError> {
        let Means::Joined(joined, _) = &mut self.means else { return Ok(None) };
        // The first text is sent at once, and those that come soon after a piece go together.
        if let Some(sent) = self.sent {
            tokio::select! {
                () = sleep_until(sent + self.streams.apart()) => {}
                () = joined.pending.crowded() => {}
            }
            // Not waited for again if the future is dropped from here on.
            self.sent = None;
        }
        // What a subscription of its own brought before is not told again.
        let Some((together, last)) = joined.pending.take(self.next).await else {
            // Too slow, or the bank is closed: then this is the end.
            let alone = Alone::new(&self.streams, self.viewer, self.next).await?;
            self.means = Means::Alone(alone);
            return Ok(Some(event_json::lagging(self.next)));
        };
        self.next = last.next();
        self.sent = Some(Instant::now());
        Ok(Some(together))
    }
}

impl Alone {
    /// Begins to read at `from`.
    async fn new(streams: &Streams, viewer: Viewer, from: Position) -> Result<Box<Alone>, BankError> {
        // Everything, so that what was read has no gaps; it takes no longer than what touches one account.
        Alone::over(streams.bank().subscribe(from)?, streams, viewer).await
    }

    /// Reads the events of a subscription.
    async fn over(events: Subscription, streams: &Streams, viewer: Viewer) -> Result<Box<Alone>, BankError> {
        let events = events.with_most_behind(u64::MAX);
        let own = streams.accounts(viewer).await?.into_iter().collect();
        Ok(Box::new(Alone { events, own, read: 0 }))
    }

    /// The next message, if the next event has one.
    async fn read(&mut self, viewer: Viewer) -> Result<Option<Bytes>, BankError> {
        self.read = self.read.wrapping_add(1);
        if self.read.is_multiple_of(READ_IN_ONE_GO) {
            // Whoever reads years of events leaves the thread to others in between.
            tokio::task::yield_now().await;
        }
        let event = match self.events.next().await {
            Some(Ok(event)) => event,
            Some(Err(EventError::Bank(error))) => return Err(error),
            Some(Err(_)) => return Ok(None),
            None => return Err(BankError::Closed),
        };
        if let (Viewer::Owner(owner), EventKind::Opened { account, owner: of, currency, .. }) = (viewer, &event.what)
            && owner == *of
        {
            let scale = currency.iso_scale().unwrap_or_default();
            self.own.entry(*account).or_insert(Money { currency: *currency, scale });
        }
        let own: Vec<_> = event.accounts.iter().filter(|account| self.own.contains_key(account)).copied().collect();
        if own.is_empty() {
            return Ok(None);
        }
        let side = Side { own, is_staff: matches!(viewer, Viewer::Staff(_)) };
        let mut text = Vec::new();
        let told =
            event_json::write(&event, &When::of(&event), &side, |number| self.own.get(&number).copied(), &mut text);
        Ok(told.map(|()| text.into()))
    }
}
