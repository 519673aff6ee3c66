//! Views of holds, assembled from their records and the books on reading threads.

use crate::books::{BooksHandle, Standing};
use crate::past::Sources;
use crate::views::{HoldStatus, HoldView, Page};
use jangbu_journal::{JournalError, JournalReader};
use jangbu_ledger::command::MAX_STEPS;
use jangbu_ledger::{
    AccountId, AccountNumber, Amount, Body, BusinessDate, Hold, HoldId, HoldPlaced, HoldPosition, Position, Reason,
    Record, Refusal, Timestamp,
};
use jangbu_runtime::unreadable;
use jangbu_runtime::{BankError, Error};

/// The maximum number of an account's records that are read to find out whether a hold was extended before it ended.
const MOST_BETWEEN: usize = 10_000;

/// A hold as its placement describes it.
pub struct Placed {
    /// The hold in its present state, or as it was placed if a record ended it.
    pub view: HoldView,
    /// Whether a record ended it. [`ended`] reads that record.
    pub is_ended: bool,
}

/// Returns the hold with that id, whose command is recorded at `position`, or `None` if that record did not place it.
pub fn placed(
    reader: &dyn JournalReader,
    books: &BooksHandle,
    id: HoldId,
    position: Position,
) -> Result<Option<Placed>, BankError> {
    let record = reader.read(position).map_err(unreadable)?;
    let Some((placed, date)) = record.placed(id.step()) else { return Ok(None) };
    let (from, to) = (placed.from, placed.to);
    let found = books.ask_and_wait(move |books| (books.numbers_of(&[from, to]), books.standing(from, id, position)));
    let (numbers, standing) = found.ok_or(BankError::Closed)?;
    let [Some(from), Some(to)] = *numbers else {
        return Err(BankError::Unreadable(format!("the hold at {position} has no accounts")));
    };
    let mut view = view(&record, (id, placed, date), from, to);
    let is_ended = match standing {
        Standing::Open(hold) => {
            update_state(&mut view, &hold);
            false
        }
        Standing::Expired(hold) => {
            update_state(&mut view, &hold);
            (view.status, view.remaining) = (HoldStatus::Expired, Amount::ZERO);
            false
        }
        Standing::Ended => true,
    };
    Ok(Some(Placed { view, is_ended }))
}

/// Completes the view of an ended hold from its last record, at `recent` or in the sealed part of the journal.
pub fn ended(reader: &dyn JournalReader, mut view: HoldView, recent: Option<Position>) -> Result<HoldView, BankError> {
    let position = match recent {
        Some(position) => Some(position),
        None => reader.find_reference(view.id.key()).map_err(unreadable)?,
    };
    let missing = || BankError::Unreadable(format!("the end of the hold {} is not in the journal", view.id));
    let record = reader.read(position.ok_or_else(missing)?).map_err(unreadable)?;
    let mut found = None;
    record.body.for_each_hold(|drawn| {
        if drawn.hold == view.id
            && let Some(end) = drawn.drawn.end
        {
            found = Some((drawn.drawn, drawn.reason.clone(), end, drawn.from));
        }
    });
    let (drawn, reason, end, from) = found.ok_or_else(missing)?;
    if let Some(expires_at) = last_amended(reader, &view, from, &record)? {
        view.expires_at = expires_at;
    }
    view.status = end.into();
    view.amount = drawn.captured.saturating_add(drawn.released);
    view.captured = drawn.captured;
    view.remaining = drawn.remaining;
    let Reason { internal, customer } = Reason::of(reason.as_deref());
    (view.reason, view.customer_text) = (internal.to_owned(), customer.to_owned());
    view.ended_at = Some(record.recorded_at);
    Ok(view)
}

/// Returns the last expiry of an amended hold. The search follows the account's records back from the end of the hold
/// to its placement, and is limited to keep a lookup within milliseconds.
fn last_amended(
    reader: &dyn JournalReader,
    view: &HoldView,
    from: AccountId,
    end: &Record,
) -> Result<Option<Option<Timestamp>>, BankError> {
    let mut position = Sources::previous(end, from);
    for _ in 0..MOST_BETWEEN {
        let Some(at) = position.filter(|at| *at > view.position) else { return Ok(None) };
        let record = reader.read(at).map_err(unreadable)?;
        if let Body::Amended(amended) = &record.body
            && amended.hold == view.id
        {
            return Ok(Some(amended.amended.expires_at));
        }
        position = Sources::previous(&record, from);
    }
    Ok(None)
}

/// Returns up to `limit` open holds of an account, in the order of placement, after those of the record at `after`. The
/// holds of one record stay together, so a page can have a few more.
pub fn open(
    reader: &dyn JournalReader,
    books: &BooksHandle,
    number: AccountNumber,
    after: Position,
    limit: usize,
) -> Result<Page<HoldView, Position>, Error> {
    let found = books.ask_and_wait(move |books| {
        let (account, mut holds) = books.open_holds_of(&number, after, limit.saturating_add(MAX_STEPS))?;
        let next = cut_behind(&mut holds, limit);
        let receivers: Vec<AccountId> = holds.iter().map(|(_, hold)| hold.to).collect();
        Some((account.number, holds, books.numbers_of(&receivers), next))
    });
    let (from, holds, receivers, next) = found.ok_or(BankError::Closed)?.ok_or(Refusal::AccountUnknown { number })?;
    let mut views = Vec::with_capacity(holds.len());
    for ((place, hold), to) in holds.iter().zip(receivers) {
        let position = place.position;
        let missing = || BankError::Unreadable(format!("the record at {position} is not that of a hold"));
        let to = to.ok_or_else(missing)?;
        let mut view = match reader.read(position) {
            Ok(record) => match record.placed(place.step) {
                Some((placed, date)) => view(&record, (hold.id, placed, date), from, to),
                None => return Err(missing().into()),
            },
            Err(JournalError::Archived { .. }) => known(hold, position, from, to),
            Err(error) => return Err(unreadable(error).into()),
        };
        update_state(&mut view, hold);
        views.push(view);
    }
    Ok(Page { data: views, next })
}

/// Truncates to `limit` holds, plus the rest of the holds in the last one's record. Returns the position of that record
/// if more holds follow.
fn cut_behind(holds: &mut Vec<(HoldPosition, Hold)>, limit: usize) -> Option<Position> {
    let last = holds.get(limit.saturating_sub(1))?.0.position;
    let kept = holds.partition_point(|(place, _)| place.position <= last);
    let is_more = holds.len() > kept;
    holds.truncate(kept);
    is_more.then_some(last)
}

/// The view of an open hold whose record is archived, from the books. They have everything except labels, reference and
/// metadata.
fn known(hold: &Hold, position: Position, from: AccountNumber, to: AccountNumber) -> HoldView {
    HoldView {
        id: hold.id,
        status: HoldStatus::Open,
        from,
        to,
        amount: hold.amount,
        captured: hold.captured,
        remaining: hold.remaining(),
        fee: hold.fee,
        placed_at: hold.placed_at,
        date: hold.date,
        expires_at: hold.expires_at,
        requires_verification: hold.requires_verification,
        position,
        ended_at: None,
        reason: String::new(),
        customer_text: String::new(),
        details: jangbu_ledger::Details::default(),
    }
}

/// The view of a hold as it was placed.
fn view(
    record: &Record,
    (id, placed, date): (HoldId, &HoldPlaced, BusinessDate),
    from: AccountNumber,
    to: AccountNumber,
) -> HoldView {
    HoldView {
        id,
        status: HoldStatus::Open,
        from,
        to,
        amount: placed.amount,
        captured: Amount::ZERO,
        remaining: placed.amount,
        fee: placed.fee,
        placed_at: record.decided_at,
        date,
        expires_at: placed.expires_at,
        requires_verification: placed.requires_verification,
        position: record.position,
        ended_at: None,
        reason: String::new(),
        customer_text: String::new(),
        details: placed.details.as_deref().cloned().unwrap_or_default(),
    }
}

/// Updates the view of an open hold to its present state.
fn update_state(view: &mut HoldView, hold: &Hold) {
    view.amount = hold.amount;
    view.captured = hold.captured;
    view.remaining = hold.remaining();
    view.expires_at = hold.expires_at;
}
