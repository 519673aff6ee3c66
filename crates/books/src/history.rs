//! An account's statement, read from the journal on reading threads.

use crate::page_size;
use crate::past::{self, Order, Sources, Span, View, Walk};
use crate::views::{Entry, EntryKind, HistoryQuery, Page};
use jangbu_journal::{JournalError, JournalReader};
use jangbu_ledger::{
    AccountId, AccountNumber, Amount, Balance, Body, BusinessDate, Details, Event, HoldDrawn, HoldId, HoldPlaced,
    HoldPosition, LinkedMovement, Position, Posted, PostingKind, Reason, Record, Refusal, Timestamp,
};
use jangbu_runtime::unreadable;
use jangbu_runtime::{BankError, Error};

/// Returns a page of an account's entries, newest first.
///
/// Every record of an account refers to the account's previous record, so no index is needed, and a page costs one read
/// per entry.
pub fn history(sources: &Sources, number: AccountNumber, query: HistoryQuery) -> Result<Page<Entry, Position>, Error> {
    let reader = &*sources.reader;
    let head = sources.ask(move |books| books.last_of(&number))?;
    let (account, last) = head.ok_or(Refusal::AccountUnknown { number })?;
    if let Some(since) = query.since {
        let Some((before, limit)) = lines_since(sources, account, Span { first: since, last }, query.limit)? else {
            return Ok(Page { data: Vec::new(), next: None });
        };
        return history(sources, number, HistoryQuery { before: Some(before), since: None, limit, ..query });
    }
    let mut position = match query.before {
        Some(before) => start_before(sources, account, before)?.min(last),
        None => last,
    };
    if let Some(to) = query.to {
        // Records newer than the period are skipped without reading them.
        let end = reader.first_at(to).map_err(unreadable)?;
        if end <= position {
            position = start_before(sources, account, end)?;
        }
    }
    let limit = page_size(query.limit);
    let mut data: Vec<Entry> = Vec::new();
    let mut others = Vec::new();
    let mut next = None;
    while position != Position::START {
        let record = match reader.read(position) {
            // The page ends before the archived records. The request for the next page returns the error, unless no
            // archived record is recent enough for the query.
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
            // The lines of one record stay together, so that a page ends between positions.
            if data.len() >= limit {
                next = data.last().map(|entry| entry.position);
                break;
            }
            for Line { mut entry, other, placed } in lines.into_iter().rev() {
                if let Some(placed) = placed {
                    copy_placement_texts(reader, placed, account, &mut entry)?;
                }
                data.push(entry);
                others.push(other);
            }
        }
        position = previous;
    }
    let ids: Vec<AccountId> = others.iter().flatten().copied().collect();
    let mut numbers = sources.ask(move |books| books.numbers_of(&ids))?.into_iter();
    for (entry, other) in data.iter_mut().zip(others) {
        entry.counterparty = other.and_then(|_| numbers.next().flatten());
    }
    Ok(Page { data, next })
}

/// Returns where the page ends, read oldest first, whose last line is the first of the span, and its number of lines.
fn lines_since(
    sources: &Sources,
    account: AccountId,
    span: Span,
    limit: usize,
) -> Result<Option<(Position, usize)>, Error> {
    let limit = page_size(limit);
    let mut walk = Walk::along(sources, &[account], span, Order::OldestFirst, None)?;
    let (mut found, mut count) = (None, 0_usize);
    loop {
        let block = walk.block(sources, span, limit, |_| true)?;
        for record in &block.records {
            let lines = entries(record, account).map_or(0, |(lines, _)| lines.len());
            count = count.saturating_add(lines);
            found = Some((record.position.next(), count));
            if count >= limit {
                return Ok(found);
            }
        }
        if block.is_last {
            return Ok(found);
        }
    }
}

/// Returns whether every archived record was recorded before `from`.
fn is_all_older(reader: &dyn JournalReader, from: Option<Timestamp>) -> bool {
    from.is_some_and(|from| !matches!(reader.first_at(from), Err(JournalError::Archived { .. })))
}

/// Returns the account's last record before `before`, which is usually the last entry of a page, so its record shows
/// it.
fn start_before(sources: &Sources, account: AccountId, before: Position) -> Result<Position, Error> {
    if before != Position::START && before <= sources.reader.end() {
        let record = sources.reader.read(before).map_err(unreadable)?;
        if let Some((_, previous)) = entries(&record, account) {
            return Ok(previous);
        }
    }
    Ok(sources.last_through(account, Position::new(before.get().saturating_sub(1)))?)
}

/// A line, and what has to be looked up for it.
struct Line {
    entry: Entry,
    /// The other account.
    other: Option<AccountId>,
    /// The placement of the hold that was drawn on, whose record has the labels.
    placed: Option<HoldPosition>,
}

/// Copies the label and the reference of the hold's placement to a settlement or release, unless that record is
/// archived.
fn copy_placement_texts(
    reader: &dyn JournalReader,
    placed: HoldPosition,
    account: AccountId,
    entry: &mut Entry,
) -> Result<(), BankError> {
    let record = match reader.read(placed.position) {
        Err(JournalError::Archived { .. }) => return Ok(()),
        read => read.map_err(unreadable)?,
    };
    let Some((hold, _)) = record.placed(placed.step) else { return Ok(()) };
    let Some(details) = hold.details.as_deref() else { return Ok(()) };
    let label = if hold.from == account { &details.sender_label } else { &details.receiver_label };
    entry.label.clone_from(label);
    entry.reference.clone_from(&details.reference);
    entry.end_to_end_id = details.end_to_end_id().unwrap_or_default().to_owned();
    Ok(())
}

/// Returns the account's lines of a record in the order of its legs, and the account's previous record. Returns `None`
/// if the record has no leg of the account.
fn entries(record: &Record, account: AccountId) -> Option<(Vec<Line>, Position)> {
    let mut links = record.links.iter();
    let (mut lines, mut previous) = (Vec::new(), None);
    for (part, number) in parts(&record.body).iter().zip(0..) {
        let step = matches!(record.body, Body::Linked(_)).then_some(number);
        part.for_each_leg(record.date, |leg, event| {
            let Some(link) = links.next() else { return };
            if leg == account {
                previous = Some(link.previous);
                lines.extend(line((record, part, step), account, event, link.balance));
            }
        });
    }
    previous.map(|previous| (lines, previous))
}

/// One movement of a record, or its other content.
enum Part<'a> {
    Posted(&'a Posted, BusinessDate),
    Drawn(&'a HoldDrawn),
    Held(&'a HoldPlaced, BusinessDate),
    Other(&'a Body),
}

fn parts(body: &Body) -> Vec<Part<'_>> {
    match body {
        Body::Linked(steps) => steps
            .iter()
            .map(|step| match &step.movement {
                LinkedMovement::Posted(posted) => Part::Posted(posted, step.date),
                LinkedMovement::Drawn(drawn) => Part::Drawn(drawn),
                LinkedMovement::Reversed(reversed) => Part::Posted(&reversed.posted, step.date),
                LinkedMovement::Held(placed) => Part::Held(placed, step.date),
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
            Part::Held(placed, date) => placed.for_each_leg(*date, &mut visit),
            Part::Other(body) => body.for_each_leg(date, visit),
        }
    }
}

/// Returns the statement line of one leg.
fn line(
    (record, part, step): (&Record, &Part<'_>, Option<u8>),
    account: AccountId,
    event: Event<'_>,
    balance: Balance,
) -> Option<Line> {
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
    let mut texts = LineTexts::default();
    match part {
        Part::Posted(posted, _) => texts.posted(posted, account),
        Part::Other(Body::Posted(posted)) => texts.posted(posted, account),
        Part::Other(Body::Reversed(reversed)) => texts.posted(&reversed.posted, account),
        Part::Other(Body::ReversalsRepaired(repaired)) => {
            if let Some(posted) = &repaired.posted {
                texts.posted(posted, account);
            }
        }
        Part::Drawn(drawn) => texts.drawn(drawn, account),
        Part::Other(Body::Drawn(drawn)) => texts.drawn(drawn, account),
        Part::Held(placed, _) => texts.held(placed, account),
        Part::Other(Body::Held(placed)) => texts.held(placed, account),
        Part::Other(Body::Amended(amended)) => {
            texts.what = EntryKind::Amended;
            texts.other = Some(if amended.from == account { amended.to } else { amended.from });
        }
        Part::Other(Body::AccountOpened(_) | Body::CurrencyAdded { .. }) => texts.what = EntryKind::Opened,
        Part::Other(_) => {}
    }
    let entry = Entry {
        position: record.position,
        id: record.id,
        recorded_at: record.recorded_at,
        date: record.date,
        what: texts.what,
        step,
        hold: texts.drawn.map(|(hold, _)| hold),
        counterparty: None,
        change,
        fee,
        balance,
        label: texts.label,
        reference: texts.reference,
        end_to_end_id: texts.end_to_end_id,
        customer_text: texts.customer_text,
    };
    Some(Line { entry, other: texts.other, placed: texts.drawn.map(|(_, placed)| placed) })
}

/// The texts and links of a line.
struct LineTexts {
    what: EntryKind,
    other: Option<AccountId>,
    /// The hold that was drawn on, and where it was placed.
    drawn: Option<(HoldId, HoldPosition)>,
    label: String,
    reference: String,
    end_to_end_id: String,
    customer_text: String,
}

impl Default for LineTexts {
    fn default() -> LineTexts {
        let [label, reference, end_to_end_id, customer_text] = [const { String::new() }; 4];
        LineTexts { what: EntryKind::Changed, other: None, drawn: None, label, reference, end_to_end_id, customer_text }
    }
}

impl LineTexts {
    fn details(&mut self, details: Option<&Details>, sends: bool) {
        if let Some(details) = details {
            self.label.clone_from(if sends { &details.sender_label } else { &details.receiver_label });
            self.reference.clone_from(&details.reference);
            self.end_to_end_id = details.end_to_end_id().unwrap_or_default().to_owned();
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
        self.drawn = Some((drawn.hold, drawn.place()));
        let view = View { sender: sends, receiver: drawn.to == account, staff: false };
        if view.sees(past::Part::CustomerText) {
            Reason::of(drawn.reason.as_deref()).customer.clone_into(&mut self.customer_text);
        }
    }
}
