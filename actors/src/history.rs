//! Reading the past: an account's entries, movements by id and by time. Runs on the readers' threads.

use crate::books::BooksHandle;
use crate::command::Command;
use crate::error::{BankError, Error};
use crate::journal::{JournalError, JournalReader};
use crate::ledger::{
    AccountId, AccountNumber, Amount, Balance, Body, BusinessDate, Details, Event, HoldDrawn, HoldPlaced,
    LinkedMovement, Links, Position, Posted, PostingKind, Record, Refusal, Timestamp,
};
use crate::views::{Entry, EntryKind, HistoryQuery, Movement, Page};

/// How many entries a page has when the caller does not say.
const USUAL_PAGE: usize = 50;
/// How many entries a page has at most.
pub(crate) const LARGEST_PAGE: usize = 1_000;
/// How many records one page of movements looks at before it hands back where to go on.
const LARGEST_SCAN: usize = 200_000;

pub(crate) fn page_size(limit: usize) -> usize {
    if limit == 0 { USUAL_PAGE } else { limit.min(LARGEST_PAGE) }
}

/// A page of an account's entries, newest first.
///
/// Every record of an account names the one before, so that no index has to be kept, and a page costs as many reads as it
/// has entries.
pub(crate) fn history(
    reader: &dyn JournalReader,
    books: &BooksHandle,
    number: AccountNumber,
    query: HistoryQuery,
) -> Result<Page<Entry, Position>, Error> {
    let head = books.ask_and_wait(move |books| books.last_of(&number)).ok_or(BankError::Closed)?;
    let (account, last) = head.ok_or(Refusal::AccountUnknown { number })?;
    let mut position = match query.before {
        Some(before) => start_before(reader, account, last, before)?,
        None => last,
    };
    let limit = page_size(query.limit);
    let mut data: Vec<Entry> = Vec::new();
    let mut others = Vec::new();
    let mut next = None;
    while position != Position::START {
        let record = match reader.read(position) {
            // The page ends with what there is. Whoever asks for more hears that it is archived, unless none of it is
            // as new as what is asked for.
            Err(JournalError::Archived { .. }) if !data.is_empty() || is_all_older(reader, query.from) => {
                if !is_all_older(reader, query.from) {
                    next = data.last().map(|entry: &Entry| entry.position);
                }
                break;
            }
            read => read.map_err(unreadable)?,
        };
        let Some((lines, previous)) = entries(&record, account) else {
            let what = format!("the record at {position} is not one of account {number}");
            return Err(BankError::Unreadable(what).into());
        };
        if query.from.is_some_and(|from| record.recorded_at < from) {
            break;
        }
        if query.to.is_none_or(|to| record.recorded_at < to) {
            // The lines of one record stay together, so that a page begins behind a position.
            if data.len() >= limit {
                next = data.last().map(|entry| entry.position);
                break;
            }
            for (line, other) in lines.into_iter().rev() {
                data.push(line);
                others.push(other);
            }
        }
        position = previous;
    }
    let ids: Vec<AccountId> = others.iter().flatten().copied().collect();
    let mut numbers = books.ask_and_wait(move |books| books.numbers_of(&ids)).ok_or(BankError::Closed)?.into_iter();
    for (entry, other) in data.iter_mut().zip(others) {
        entry.counterparty = other.and_then(|_| numbers.next().flatten());
    }
    Ok(Page { data, next })
}

/// Whether everything that is archived was recorded before `from`.
fn is_all_older(reader: &dyn JournalReader, from: Option<Timestamp>) -> bool {
    from.is_some_and(|from| !matches!(reader.first_at(from), Err(JournalError::Archived { .. })))
}

/// The account's last record before `before`: usually a page's last entry, whose record tells it.
fn start_before(
    reader: &dyn JournalReader,
    account: AccountId,
    last: Position,
    before: Position,
) -> Result<Position, Error> {
    if before > last {
        return Ok(last);
    }
    if before != Position::START {
        let record = reader.read(before).map_err(unreadable)?;
        if let Some((_, previous)) = entries(&record, account) {
            return Ok(previous);
        }
    }
    let mut position = last;
    while position >= before && position != Position::START {
        let record = reader.read(position).map_err(unreadable)?;
        position = entries(&record, account).map_or(Position::START, |(_, previous)| previous);
    }
    Ok(position)
}

/// A line, and the other account.
type Line = (Entry, Option<AccountId>);

/// The account's lines of a record in the order of its legs, and the account's record before; `None` when it has no leg.
fn entries(record: &Record, account: AccountId) -> Option<(Vec<Line>, Position)> {
    let mut links = record.links.iter();
    let (mut lines, mut previous) = (Vec::new(), None);
    for part in parts(&record.body) {
        part.for_each_leg(record.date, |leg, event| {
            let Some(link) = links.next() else { return };
            if leg == account {
                previous = Some(link.previous);
                lines.extend(line(record, &part, account, event, link.balance));
            }
        });
    }
    previous.map(|previous| (lines, previous))
}

/// One movement, or something else that a record tells.
enum Part<'a> {
    Posted(&'a Posted, BusinessDate),
    Drawn(&'a HoldDrawn),
    Other(&'a Body),
}

fn parts(body: &Body) -> Vec<Part<'_>> {
    match body {
        Body::Linked(steps) => steps
            .iter()
            .map(|step| match &step.movement {
                LinkedMovement::Posted(posted) => Part::Posted(posted, step.date),
                LinkedMovement::Drawn(drawn) => Part::Drawn(drawn),
            })
            .collect(),
        other => vec![Part::Other(other)],
    }
}

impl Part<'_> {
    fn for_each_leg(&self, date: BusinessDate, visit: impl FnMut(AccountId, Event<'_>)) {
        let mut visit = visit;
        match self {
            Part::Posted(posted, date) => posted.for_each_leg(*date, &mut visit),
            Part::Drawn(drawn) => drawn.for_each_leg(&mut visit),
            Part::Other(body) => body.for_each_leg(date, visit),
        }
    }
}

/// What one leg changed, as the account's statement has it.
fn line(record: &Record, part: &Part<'_>, account: AccountId, event: Event<'_>, balance: Balance) -> Option<Line> {
    let zero = (Balance::ZERO, Amount::ZERO);
    let out = |amount: Amount, fee: Amount| {
        let total = amount.checked_add(fee).and_then(|total| Balance::ZERO.debit(total));
        total.map(|total| (total, fee))
    };
    let (change, fee) = match event {
        Event::Debited(debited) => out(debited.amount, debited.fee)?,
        Event::Drawn(drawn) => out(drawn.amount, drawn.fee)?,
        Event::Credited(amount) | Event::Brought { amount, .. } => (Balance::from(amount), Amount::ZERO),
        Event::Opened(_) | Event::Changed(_) | Event::Held(_) | Event::Expected(_) | Event::Amended(_) => zero,
    };
    let mut told = Told { what: EntryKind::Changed, other: None, label: String::new(), reference: String::new() };
    match part {
        Part::Posted(posted, _) => told.posted(posted, account),
        Part::Other(Body::Posted(posted)) => told.posted(posted, account),
        Part::Other(Body::Reversed(reversed)) => told.posted(&reversed.posted, account),
        Part::Drawn(drawn) => told.drawn(drawn, account),
        Part::Other(Body::Drawn(drawn)) => told.drawn(drawn, account),
        Part::Other(Body::Held(placed)) => told.held(placed, account),
        Part::Other(Body::Amended(amended)) => {
            told.what = EntryKind::Amended;
            told.other = Some(if amended.from == account { amended.to } else { amended.from });
        }
        Part::Other(Body::AccountOpened(_) | Body::CurrencyAdded { .. }) => told.what = EntryKind::Opened,
        Part::Other(_) => {}
    }
    let entry = Entry {
        position: record.position,
        id: record.id,
        recorded_at: record.recorded_at,
        date: record.date,
        what: told.what,
        counterparty: None,
        change,
        fee,
        balance,
        label: told.label,
        reference: told.reference,
    };
    Some((entry, told.other))
}

/// What a line says beside its figures.
struct Told {
    what: EntryKind,
    other: Option<AccountId>,
    label: String,
    reference: String,
}

impl Told {
    fn details(&mut self, details: Option<&Details>, sends: bool) {
        if let Some(details) = details {
            self.label.clone_from(if sends { &details.sender_label } else { &details.receiver_label });
            self.reference.clone_from(&details.reference);
        }
    }

    fn posted(&mut self, posted: &Posted, account: AccountId) {
        let sends = posted.from == account;
        self.what = match posted.kind {
            _ if posted.fees == account && posted.to != account && !sends => EntryKind::Fee,
            PostingKind::Deposit => EntryKind::Deposit,
            PostingKind::Withdrawal => EntryKind::Withdrawal,
            PostingKind::Sweep => EntryKind::Sweep,
            PostingKind::Reversal => EntryKind::Reversal,
            PostingKind::Transfer if sends => EntryKind::TransferOut,
            PostingKind::Transfer => EntryKind::TransferIn,
        };
        self.other = Some(if sends { posted.to } else { posted.from });
        self.details(posted.details.as_deref(), sends);
    }

    fn held(&mut self, placed: &HoldPlaced, account: AccountId) {
        let sends = placed.from == account;
        self.what = if sends { EntryKind::HoldOut } else { EntryKind::HoldIn };
        self.other = Some(if sends { placed.to } else { placed.from });
        self.details(placed.details.as_deref(), sends);
    }

    fn drawn(&mut self, drawn: &HoldDrawn, account: AccountId) {
        let sends = drawn.from == account;
        self.what = match (sends, drawn.to == account) {
            _ if drawn.drawn.amount.is_zero() => EntryKind::Released,
            (true, _) => EntryKind::SettledOut,
            (false, true) => EntryKind::SettledIn,
            (false, false) => EntryKind::Fee,
        };
        self.other = Some(if sends { drawn.to } else { drawn.from });
        self.reference.clone_from(&drawn.reason.as_deref().unwrap_or_default().to_owned());
    }
}

/// The movements that the record at `position` is about, in the order of its steps; none when it is about something else.
pub(crate) fn movements_at(
    reader: &dyn JournalReader,
    books: &BooksHandle,
    position: Position,
) -> Result<Vec<Movement>, BankError> {
    let record = reader.read(position).map_err(unreadable)?;
    let moved: Vec<(Posted, BusinessDate)> = match &record.body {
        Body::Linked(steps) => steps.iter().map(|step| (of_step(&step.movement), step.date)).collect(),
        Body::Drawn(drawn) => vec![(of_drawn(drawn), record.date)],
        Body::Reversed(reversed) => vec![(reversed.posted.clone(), record.date)],
        _ => return name_parties(books, vec![record]),
    };
    let alone = |(posted, date)| Record { body: Body::Posted(posted), date, links: Links::new(), ..record };
    name_parties(books, moved.into_iter().map(alone).collect())
}

fn of_step(movement: &LinkedMovement) -> Posted {
    match movement {
        LinkedMovement::Posted(posted) => posted.clone(),
        LinkedMovement::Drawn(drawn) => of_drawn(drawn),
    }
}

/// A settlement as the transfer that it completes.
const fn of_drawn(drawn: &HoldDrawn) -> Posted {
    Posted {
        kind: PostingKind::Transfer,
        from: drawn.from,
        to: drawn.to,
        amount: drawn.drawn.amount,
        fee: drawn.drawn.fee,
        fees: drawn.fees,
        limited: false,
        counted: false,
        details: None,
    }
}

/// Movements recorded from `from` until before `to`, oldest first, after the position `after`.
pub(crate) fn movements(
    reader: &dyn JournalReader,
    books: &BooksHandle,
    span: (Option<Timestamp>, Option<Timestamp>),
    after: Option<Position>,
    limit: usize,
) -> Result<Page<Movement, Position>, BankError> {
    let first = match (after, span.0) {
        (Some(after), _) => after.next(),
        (None, Some(from)) => reader.first_at(from).map_err(unreadable)?,
        (None, None) => Position::new(1),
    };
    let limit = page_size(limit);
    let mut records = Vec::new();
    let mut next = None;
    for (looked_at, record) in reader.scan(first).enumerate() {
        let record = record.map_err(unreadable)?;
        if span.1.is_some_and(|to| record.recorded_at >= to) {
            break;
        }
        if looked_at == LARGEST_SCAN || records.len() == limit {
            next = Some(Position::new(record.position.get().saturating_sub(1)));
            break;
        }
        if is_movement(&record.body) {
            records.push(record);
        }
    }
    Ok(Page { data: name_parties(books, records)?, next })
}

fn is_movement(body: &Body) -> bool {
    match body {
        Body::Posted(_) => true,
        Body::Refused(refused) => {
            matches!(refused.command, Command::Transfer(_) | Command::Deposit(_) | Command::Withdrawal(_))
        }
        _ => false,
    }
}

/// Turns records into movements, with the numbers that people know.
fn name_parties(books: &BooksHandle, records: Vec<Record>) -> Result<Vec<Movement>, BankError> {
    let parties = |record: &Record| match &record.body {
        Body::Posted(posted) => vec![posted.from, posted.to],
        _ => Vec::new(),
    };
    let ids: Vec<AccountId> = records.iter().flat_map(parties).collect();
    let numbers = books.ask_and_wait(move |books| books.numbers_of(&ids)).ok_or(BankError::Closed)?;
    let mut numbers = numbers.into_iter();
    Ok(records.into_iter().filter_map(|record| one(record, &mut numbers)).collect())
}

fn one(record: Record, numbers: &mut impl Iterator<Item = Option<AccountNumber>>) -> Option<Movement> {
    let (kind, from, to, amount, fee, refusal, details) = match record.body {
        Body::Posted(posted) => {
            let (from, to) = (numbers.next().flatten(), numbers.next().flatten());
            (posted.kind, from, to, posted.amount, posted.fee, None, posted.details)
        }
        Body::Refused(refused) => {
            let refusal = Some(refused.refusal);
            match refused.command {
                Command::Transfer(asked) => {
                    let (from, to) = (Some(asked.from), Some(asked.to));
                    (PostingKind::Transfer, from, to, asked.amount, Amount::ZERO, refusal, asked.details)
                }
                Command::Deposit(asked) => {
                    let to = Some(asked.account);
                    (PostingKind::Deposit, None, to, asked.amount, Amount::ZERO, refusal, asked.details)
                }
                Command::Withdrawal(asked) => {
                    let from = Some(asked.account);
                    (PostingKind::Withdrawal, from, None, asked.amount, Amount::ZERO, refusal, asked.details)
                }
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(Movement {
        id: record.id,
        position: record.position,
        recorded_at: record.recorded_at,
        date: record.date,
        kind,
        from,
        to,
        amount,
        fee,
        refusal,
        details: details.map(|details| *details).unwrap_or_default(),
    })
}

pub(crate) fn unreadable(error: JournalError) -> BankError {
    match error {
        JournalError::Archived { position, first } => BankError::Archived { position, first },
        other => BankError::Unreadable(other.to_string()),
    }
}
