//! One reader of an event stream.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use actix_web::web::Bytes;
use jangbu::{AccountNumber, BankError, Cursor, CursorError, EventError, EventKind, Position, Subscription};
use tokio::time::{Instant, sleep_until};

use super::hub::{Joined, Slot, Streams};
use super::message::{self, Money, Side, Viewer, When};

/// A reader this close to the end joins those who have kept up.
const JOIN_DISTANCE: u64 = 64;
/// The number of events read before other tasks get their turn.
const READS_PER_TURN: u64 = 256;

/// The next item of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Messages to send.
    Messages(Bytes),
    /// The bank is closed or has stopped.
    End,
}

/// The event after which a stream continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    /// The event of a cursor, if this bank has it.
    Cursor(Cursor),
    /// The event at a position.
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

/// A reader that follows from a given event on: it gets everything that it may see, in order, without gaps or
/// duplicates.
pub(crate) struct Following {
    streams: Streams,
    viewer: Viewer,
    /// The position of the next event.
    next: Position,
    /// The event after which the stream begins; `None` to begin now.
    after: Option<Resume>,
    source: Source,
    /// When the last piece from the hub was sent.
    sent: Option<Instant>,
    _slot: Slot,
}

/// The source of the next event.
enum Source {
    /// Nothing was sent yet.
    Start,
    /// The reader's own subscription.
    Own(Box<CatchUp>),
    /// The hub, after what the reader's own subscription still has to bring.
    Joined(Joined, Option<Box<CatchUp>>),
}

struct CatchUp {
    events: Subscription,
    own: HashMap<AccountNumber, Money>,
    read: u64,
}

impl Following {
    /// Creates a reader that follows from now on, or from after the named event.
    pub(crate) fn new(streams: &Streams, slot: Slot, viewer: Viewer, after: Option<Resume>) -> Following {
        let (streams, next) = (streams.clone(), Position::START);
        Following { streams, viewer, after, next, source: Source::Start, sent: None, _slot: slot }
    }

    /// Returns the next item. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Next {
        loop {
            let step = match &mut self.source {
                Source::Start => self.begin().await,
                Source::Own(_) => self.catch_up().await,
                Source::Joined(_, Some(_)) => self.read_up_to_hub().await,
                Source::Joined(_, None) => self.read_from_hub().await,
            };
            match step {
                Ok(Some(messages)) => return Next::Messages(messages),
                Ok(None) => {}
                Err(_) => return Next::End,
            }
        }
    }

    /// Sends where the journal ends and whose stream it is. If the event to continue after is not in this bank's
    /// history, says so first.
    async fn begin(&mut self) -> Result<Option<Bytes>, BankError> {
        let bank = self.streams.bank();
        let found = match self.after {
            None => None,
            Some(Resume::Position(position)) => Some(bank.subscribe(position.next())),
            Some(Resume::Cursor(cursor)) => Some(bank.subscribe_after(cursor).await),
        };
        let is_gone = match (found, self.after) {
            (Some(Err(BankError::BeyondEnd { .. } | BankError::AnotherHistory { .. })), _) => true,
            (Some(events), Some(after)) => {
                let end = bank.stats().durable;
                let own = CatchUp::over(events?, &self.streams, self.viewer).await?;
                self.next = own.events.position();
                self.source = Source::Own(own);
                return Ok(Some(message::ready(after, end, self.viewer).into()));
            }
            _ => false,
        };
        let joined = self.streams.join(self.viewer).await?;
        let at = joined.from;
        self.next = at.next();
        self.source = Source::Joined(joined, None);
        let reset = if is_gone { message::reset(at) } else { String::new() };
        Ok(Some((reset + &message::ready(at, at, self.viewer)).into()))
    }

    /// Reads from the reader's own subscription, and joins the hub once the reader is close to the end.
    async fn catch_up(&mut self) -> Result<Option<Bytes>, BankError> {
        let Source::Own(own) = &mut self.source else { return Ok(None) };
        if own.events.behind() > JOIN_DISTANCE {
            let messages = own.read(self.viewer).await?;
            self.next = own.events.position();
            return Ok(messages);
        }
        let joined = self.streams.join(self.viewer).await?;
        if let Source::Own(own) = std::mem::replace(&mut self.source, Source::Start) {
            self.source = Source::Joined(joined, Some(own));
        }
        Ok(None)
    }

    /// Reads the events that the hub had routed before the reader joined. They are durable, so there is nothing to wait
    /// for.
    async fn read_up_to_hub(&mut self) -> Result<Option<Bytes>, BankError> {
        let Source::Joined(joined, rest) = &mut self.source else { return Ok(None) };
        let Some(own) = rest else { return Ok(None) };
        if own.events.position() > joined.from {
            self.next = own.events.position();
            *rest = None;
            return Ok(None);
        }
        let messages = own.read(self.viewer).await?;
        self.next = own.events.position();
        Ok(messages)
    }

    /// Reads from the hub.
    async fn read_from_hub(&mut self) -> Result<Option<Bytes>, BankError> {
        let Source::Joined(joined, _) = &mut self.source else { return Ok(None) };
        // The first text is sent at once. Texts that come soon after a piece are sent together.
        if let Some(sent) = self.sent {
            tokio::select! {
                () = sleep_until(sent + self.streams.interval()) => {}
                () = joined.pending.crowded() => {}
            }
            // Do not wait again if the future is dropped from here on.
            self.sent = None;
        }
        // Events that the reader's own subscription delivered are skipped.
        let Some((together, last)) = joined.pending.take(self.next).await else {
            // The reader was too slow, or the bank is closed, which the new subscription reports.
            let own = CatchUp::new(&self.streams, self.viewer, self.next).await?;
            self.source = Source::Own(own);
            return Ok(Some(message::lagging(self.next)));
        };
        self.next = last.next();
        self.sent = Some(Instant::now());
        Ok(Some(together))
    }
}

impl CatchUp {
    /// Starts reading at `from`.
    async fn new(streams: &Streams, viewer: Viewer, from: Position) -> Result<Box<CatchUp>, BankError> {
        // Subscribes to all events, so that what was read has no gaps. It takes no longer than one account's events.
        CatchUp::over(streams.bank().subscribe(from)?, streams, viewer).await
    }

    /// Starts reading the events of a subscription.
    async fn over(events: Subscription, streams: &Streams, viewer: Viewer) -> Result<Box<CatchUp>, BankError> {
        let events = events.with_most_behind(u64::MAX);
        let own = streams.accounts(viewer).await?.into_iter().collect();
        Ok(Box::new(CatchUp { events, own, read: 0 }))
    }

    /// Returns the next message, if the next event has one for the viewer.
    async fn read(&mut self, viewer: Viewer) -> Result<Option<Bytes>, BankError> {
        self.read = self.read.wrapping_add(1);
        if self.read.is_multiple_of(READS_PER_TURN) {
            // A reader of years of events must let other tasks run in between.
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
        let written =
            message::write(&event, &When::of(&event), &side, |number| self.own.get(&number).copied(), &mut text);
        Ok(written.map(|()| text.into()))
    }
}
