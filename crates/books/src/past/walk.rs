//! Finds records along the chains of accounts or in journal order, in both directions, one block at a time.

use std::collections::VecDeque;

use super::movement::Order;
use super::{Sources, before};
use jangbu_ledger::{AccountId, Position, Record};
use jangbu_runtime::BankError;
use jangbu_runtime::unreadable;

/// The first and the last position to examine.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The first record.
    pub first: Position,
    /// The last record.
    pub last: Position,
}

/// A walk through the journal, and its progress.
pub enum Walk {
    /// Along the chains of accounts, newest first.
    ChainsBack(Vec<Head>),
    /// Along the chains of accounts, oldest first.
    ChainsOn(Vec<Window>),
    /// Through every record, newest first. Holds the next position.
    Back(Position),
    /// Through every record, oldest first. Holds the next position.
    On(Position),
}

/// An account's next record, newest first.
pub struct Head {
    account: AccountId,
    next: Position,
}

/// An account's next records, oldest first. Chains lead backwards only, so they are read from one milestone to the
/// next.
pub struct Window {
    account: AccountId,
    /// The position from which records are still to be read.
    from: Position,
    ready: VecDeque<Record>,
    is_last: bool,
}

/// The records found in a block, in the order of the walk.
pub struct Block {
    pub records: Vec<Record>,
    /// The last position that was examined.
    pub(super) through: Position,
    /// The work of the block, in scanned records.
    pub(super) work: usize,
    /// Whether it is the last block.
    pub is_last: bool,
}

/// The cost of reading a record by position, in scanned records.
pub(super) const WORK_PER_READ: usize = 8;
/// The maximum number of records that a block reads one by one.
const MOST_READS: usize = 512;

impl Walk {
    /// Starts a walk through every record of the span.
    pub(super) const fn through_all(span: Span, order: Order) -> Walk {
        match order {
            Order::NewestFirst => Walk::Back(span.last),
            Order::OldestFirst => Walk::On(span.first),
        }
    }

    /// Starts a walk along the chains of `accounts` within the span. `after` is where the previous page ended.
    pub fn along(
        sources: &Sources,
        accounts: &[AccountId],
        span: Span,
        order: Order,
        after: Option<Position>,
    ) -> Result<Walk, BankError> {
        if order == Order::OldestFirst {
            let window = |account: &AccountId| Window {
                account: *account,
                from: span.first,
                ready: VecDeque::new(),
                is_last: false,
            };
            return Ok(Walk::ChainsOn(accounts.iter().map(window).collect()));
        }
        // The last record of a page usually shows where the next page starts.
        let last = match after.filter(|after| *after > Position::START && after.get() <= span.last.next().get()) {
            // If it cannot be read, the walk from a milestone reports why.
            Some(after) => sources.read(after).ok(),
            None => None,
        };
        let head = |account: &AccountId| {
            let linked = last.as_ref().and_then(|record| Sources::previous(record, *account));
            let next = match linked {
                Some(previous) => previous,
                None => sources.last_through(*account, span.last)?,
            };
            Ok(Head { account: *account, next })
        };
        Ok(Walk::ChainsBack(accounts.iter().map(head).collect::<Result<_, BankError>>()?))
    }

    /// Continues for up to `most` records. Only records for which `keep` returns `true` are kept.
    pub fn block(
        &mut self,
        sources: &Sources,
        span: Span,
        most: usize,
        keep: impl Fn(&Record) -> bool,
    ) -> Result<Block, BankError> {
        match self {
            Walk::ChainsBack(heads) => chains_back(sources, heads, span, most, keep),
            Walk::ChainsOn(windows) => chains_on(sources, windows, span, most, keep),
            Walk::Back(next) => {
                let last = *next;
                let most = u64::try_from(most).unwrap_or(u64::MAX);
                let mut first = Position::new(last.get().saturating_sub(most).saturating_add(1)).max(span.first);
                if last >= sources.first() {
                    first = first.max(sources.first());
                }
                let mut block = scan(sources, Span { first, last }, keep)?;
                block.records.reverse();
                block.through = first;
                block.is_last = first <= span.first;
                *next = before(first);
                Ok(block)
            }
            Walk::On(next) => {
                let first = *next;
                let most = u64::try_from(most).unwrap_or(u64::MAX);
                let last = before(first.plus(most)).min(span.last);
                let mut block = scan(sources, Span { first, last }, keep)?;
                block.is_last = last >= span.last;
                *next = last.next();
                Ok(block)
            }
        }
    }
}

/// Reads every record of a span.
fn scan(sources: &Sources, span: Span, keep: impl Fn(&Record) -> bool) -> Result<Block, BankError> {
    let mut block = Block { records: Vec::new(), through: span.last, work: 0, is_last: true };
    if span.first > span.last {
        return Ok(block);
    }
    for record in sources.reader.scan(span.first) {
        let record = record.map_err(unreadable)?;
        if record.position > span.last {
            break;
        }
        block.work = block.work.saturating_add(1);
        if keep(&record) {
            block.records.push(record);
        }
    }
    Ok(block)
}

fn chains_back(
    sources: &Sources,
    heads: &mut [Head],
    span: Span,
    most: usize,
    keep: impl Fn(&Record) -> bool,
) -> Result<Block, BankError> {
    let mut block = Block { records: Vec::new(), through: span.first, work: 0, is_last: true };
    for _ in 0..most.min(MOST_READS) {
        let next = heads.iter().map(|head| head.next).max().unwrap_or_default();
        if next == Position::START || next < span.first {
            return Ok(block);
        }
        let record = match sources.read(next) {
            // The next block starts with it and returns the error.
            Err(BankError::Archived { .. }) if !block.records.is_empty() => break,
            read => read?,
        };
        for head in heads.iter_mut().filter(|head| head.next == next) {
            head.next = Sources::step(&record, head.account)?;
        }
        block.through = next;
        block.work = block.work.saturating_add(WORK_PER_READ);
        if keep(&record) {
            block.records.push(record);
        }
    }
    block.is_last = false;
    Ok(block)
}

fn chains_on(
    sources: &Sources,
    windows: &mut [Window],
    span: Span,
    most: usize,
    keep: impl Fn(&Record) -> bool,
) -> Result<Block, BankError> {
    let mut block = Block { records: Vec::new(), through: span.last, work: 0, is_last: true };
    for _ in 0..most.min(MOST_READS) {
        for window in windows.iter_mut() {
            while window.ready.is_empty() && !window.is_last {
                let reads = window.fill(sources, span)?;
                block.work = block.work.saturating_add(reads.saturating_mul(WORK_PER_READ));
            }
        }
        let first = |window: &Window| window.ready.front().map(|record| record.position);
        let Some(next) = windows.iter().filter_map(first).min() else { return Ok(block) };
        let mut found = None;
        // A record that is on several chains is returned once.
        for window in windows.iter_mut().filter(|window| first(window) == Some(next)) {
            found = window.ready.pop_front();
        }
        block.through = next;
        block.records.extend(found.filter(&keep));
    }
    block.is_last = false;
    Ok(block)
}

impl Window {
    /// Reads the records up to the next milestone. Returns how many were read.
    fn fill(&mut self, sources: &Sources, span: Span) -> Result<usize, BankError> {
        let (account, from) = (self.account, self.from);
        let far = sources.ask(move |books| books.place_near(account, from))?.unwrap_or_default();
        if far < from || from > span.last {
            self.is_last = true;
            return Ok(0);
        }
        let (mut place, mut reads) = (far, 0_usize);
        while place >= from && place != Position::START {
            let record = sources.read(place)?;
            reads = reads.saturating_add(1);
            place = Sources::step(&record, account)?;
            if record.position <= span.last {
                self.ready.push_front(record);
            }
        }
        self.from = far.next();
        self.is_last = far >= span.last;
        Ok(reads)
    }
}
