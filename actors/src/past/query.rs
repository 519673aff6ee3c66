//! Finds the movements that were asked for, page by page.

use super::movement::{Movement, MovementKind, MovementStatus, Order, TransferQuery};
use super::standing::{self, Ends};
use super::telling::{self, Draft};
use super::walk::{Span, Walk};
use super::{Sources, before};
use crate::error::{BankError, Error};
use crate::history::page_size;
use crate::ledger::text::folded;
use crate::ledger::{AccountId, Body, CommandId, OwnerId, Position, Record, Refusal};
use crate::views::Page;

/// As much work, in records scanned, goes into a page at most; then it tells where to go on.
const LARGEST_SEARCH: usize = 200_000;
/// As much goes into one job, so that others get their turn: some milliseconds.
const LARGEST_JOB: usize = 8_192;
/// The first block of a search is small, as most pages are soon full.
const FIRST_BLOCK: usize = 128;
/// The chains of more accounts than these are not merged: that many have to be found first, and a scan is as quick.
const MOST_CHAINS: usize = 32;
/// Finding out how a hold ended takes about as long as scanning so many records.
const WORK_PER_HOLD: usize = 16;

/// A search for one page of movements, which goes on job by job.
pub(crate) struct Search {
    query: TransferQuery,
    /// Whether refused movements are found beside the others.
    with_refused: bool,
    /// The text to find, as texts are compared.
    text: String,
    under_way: Option<UnderWay>,
    found: Vec<Movement>,
    work: usize,
    block: usize,
}

struct UnderWay {
    walk: Walk,
    span: Span,
    /// A block that waits for the ends of its holds.
    looked_at: Option<LookedAt>,
}

/// What was found in a block, and the holds in it whose ends have to be located.
struct LookedAt {
    drafts: Vec<Draft>,
    ended: Vec<CommandId>,
    through: Position,
    is_last: bool,
}

/// How far a search has come.
pub(crate) enum Found {
    /// It is through.
    Page(Page<Movement, Position>),
    /// Others get their turn, and it goes on.
    NotYet,
    /// It needs to know where the ends of these holds are recorded.
    Ended(Vec<CommandId>),
}

impl Search {
    pub(crate) fn new(query: TransferQuery) -> Search {
        let text = folded(query.text.as_deref().unwrap_or_default());
        Search { query, with_refused: false, text, under_way: None, found: Vec::new(), work: 0, block: FIRST_BLOCK }
    }

    /// A search that finds refused movements beside the others.
    pub(crate) fn with_refused(mut self) -> Search {
        self.with_refused = true;
        self
    }

    /// Does the next part of the search. `recent` tells where the ends of holds are that it asked for last.
    pub(crate) fn go_on(&mut self, sources: &Sources, recent: &Ends) -> Result<Found, Error> {
        let mut under_way = match self.under_way.take() {
            Some(under_way) => under_way,
            None => match self.begin(sources)? {
                Some(under_way) => under_way,
                None => return Ok(Found::Page(self.page(None))),
            },
        };
        let begun = self.work;
        loop {
            let mut looked_at = match under_way.looked_at.take() {
                Some(looked_at) => looked_at,
                None => match self.look(sources, &mut under_way) {
                    // What there is comes first. Whoever asks for more hears that it is archived.
                    Err(BankError::Archived { .. }) if !self.found.is_empty() => {
                        return Ok(Found::Page(self.page(self.found.last().map(|last| last.position))));
                    }
                    looked_at => looked_at?,
                },
            };
            if looked_at.ended.iter().any(|hold| !recent.contains_key(hold)) {
                let ended = looked_at.ended.clone();
                under_way.looked_at = Some(looked_at);
                self.under_way = Some(under_way);
                return Ok(Found::Ended(ended));
            }
            standing::look_at_ended(sources, &mut looked_at.drafts, &looked_at.ended, recent)?;
            if let Some(page) = self.take(looked_at) {
                return Ok(Found::Page(page));
            }
            self.block = self.block.saturating_mul(2).min(LARGEST_JOB);
            if self.work.saturating_sub(begun) >= LARGEST_JOB / 2 {
                self.under_way = Some(under_way);
                return Ok(Found::NotYet);
            }
        }
    }

    fn page(&mut self, next: Option<Position>) -> Page<Movement, Position> {
        Page { data: std::mem::take(&mut self.found), next }
    }

    /// Looks at the next block.
    fn look(&mut self, sources: &Sources, under_way: &mut UnderWay) -> Result<LookedAt, BankError> {
        let block = under_way.walk.block(sources, under_way.span, self.block, |record| self.may_fit(record))?;
        let mut records = block.records;
        if self.query.order == Order::NewestFirst {
            records.reverse();
        }
        let mut drafts = telling::drafts(&records);
        drafts.retain(|draft| self.fits_unnamed(draft));
        telling::name(sources, &mut drafts)?;
        drafts.retain(|draft| self.fits_named(draft));
        let ended = standing::look_at_open(sources, &mut drafts)?;
        self.work = self.work.saturating_add(block.work);
        self.work = self.work.saturating_add(ended.len().saturating_mul(WORK_PER_HOLD));
        Ok(LookedAt { drafts, ended, through: block.through, is_last: block.is_last })
    }

    /// Takes what fits of a block; the page when that is full, or enough was looked at.
    fn take(&mut self, looked_at: LookedAt) -> Option<Page<Movement, Position>> {
        let LookedAt { drafts, mut through, is_last, .. } = looked_at;
        let limit = page_size(self.query.limit);
        let standing = drafts.into_iter().map(|draft| draft.movement).filter(|movement| self.fits_standing(movement));
        let mut fitting: Vec<Movement> = standing.collect();
        if self.query.order == Order::NewestFirst {
            fitting.reverse();
        }
        let mut rest = fitting.into_iter().peekable();
        while let Some(movement) = rest.next_if(|next| {
            // The movements of one record stay together.
            self.found.len() < limit || self.found.last().is_some_and(|last| last.position == next.position)
        }) {
            self.found.push(movement);
        }
        let is_full = self.found.len() >= limit;
        if is_full && rest.peek().is_some() {
            through = self.found.last().map_or(through, |last| last.position);
        } else if is_last {
            return Some(self.page(None));
        }
        (is_full || self.work >= LARGEST_SEARCH).then(|| self.page(Some(through)))
    }

    /// Finds out where to look; `None` when there is nothing to look at.
    fn begin(&self, sources: &Sources) -> Result<Option<UnderWay>, Error> {
        let query = &self.query;
        let mut span = Span { first: Position::START.next(), last: sources.end()? };
        if let Some(from) = query.from {
            match sources.last_before(from) {
                Ok(last) => span.first = last.next(),
                // What is not archived comes first.
                Err(BankError::Archived { .. }) if query.order == Order::NewestFirst => {}
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(to) = query.to {
            span.last = span.last.min(sources.last_before(to)?);
        }
        match (query.order, query.after) {
            (_, None) => {}
            (Order::NewestFirst, Some(after)) => span.last = span.last.min(before(after)),
            (Order::OldestFirst, Some(after)) => span.first = span.first.max(after.next()),
        }
        if span.first > span.last {
            return Ok(None);
        }
        // What was refused is on no account's chain.
        let accounts = match query.status {
            Some(MovementStatus::Refused) => None,
            _ if self.with_refused => None,
            _ => self.chains(sources)?,
        };
        let walk = match accounts {
            Some(accounts) => Walk::along(sources, &accounts, span, query.order, query.after)?,
            None => Walk::through_all(span, query.order),
        };
        Ok(Some(UnderWay { walk, span, looked_at: None }))
    }

    /// The accounts whose chains have everything that can fit; `None` when every record has to be looked at.
    fn chains(&self, sources: &Sources) -> Result<Option<Vec<AccountId>>, Error> {
        if let Some(number) = self.query.account {
            let account = sources.ask(move |books| books.whole_account(&number))?;
            let account = account.ok_or(Refusal::AccountUnknown { number })?;
            return Ok(Some(vec![account.id]));
        }
        let Some(owner) = self.query.owner else { return Ok(None) };
        let ids = sources.ask(move |books| books.ids_of(&owner, None, MOST_CHAINS.saturating_add(1)))?;
        Ok(Some(ids).filter(|ids| ids.len() <= MOST_CHAINS))
    }

    /// Whether a movement of the record can fit, by what is cheap to tell.
    fn may_fit(&self, record: &Record) -> bool {
        let is_refused = matches!(record.body, Body::Refused(_));
        let wanted = match self.query.status {
            Some(status) => is_refused == (status == MovementStatus::Refused),
            None => self.with_refused || !is_refused,
        };
        wanted && telling::has_movements(&record.body)
    }

    /// Whether a draft fits, by what its record alone says.
    fn fits_unnamed(&self, Draft { movement, .. }: &Draft) -> bool {
        let query = &self.query;
        let kind = query.kind.is_none_or(|kind| movement.kind == kind);
        // How a hold stands, and how much it is over, is not known yet.
        let amount = movement.kind == MovementKind::Hold || self.fits_amount(movement);
        kind && amount && self.fits_text(movement)
    }

    fn fits_amount(&self, movement: &Movement) -> bool {
        let Movement { amount, .. } = movement;
        self.query.least.is_none_or(|least| *amount >= least) && self.query.most.is_none_or(|most| *amount <= most)
    }

    fn fits_text(&self, movement: &Movement) -> bool {
        let details = &movement.details;
        self.text.is_empty()
            || [&details.sender_label, &details.receiver_label, &details.reference]
                .into_iter()
                .map(String::as_str)
                .chain(details.end_to_end_id())
                .any(|text| !text.is_empty() && folded(text).contains(&self.text))
    }

    /// Whether a draft fits, by its accounts.
    fn fits_named(&self, draft: &Draft) -> bool {
        let Movement { from, to, .. } = &draft.movement;
        let account = self.query.account.is_none_or(|account| *from == Some(account) || *to == Some(account));
        let owns = |owner: OwnerId| draft.owners.contains(&owner);
        account && self.query.owner.is_none_or(owns)
    }

    /// Whether a movement fits, by how it stands.
    fn fits_standing(&self, movement: &Movement) -> bool {
        let status = match self.query.status {
            Some(status) => movement.status == status,
            None => self.with_refused || movement.status != MovementStatus::Refused,
        };
        status && self.fits_amount(movement)
    }
}

/// The movements of one record, on the way to being told.
pub(crate) struct Told {
    drafts: Vec<Draft>,
    ended: Vec<CommandId>,
}

impl Told {
    /// Those of the record at `position`.
    pub(crate) fn at(sources: &Sources, position: Position) -> Result<Told, BankError> {
        let record = sources.read(position)?;
        let mut drafts = telling::drafts(std::slice::from_ref(&record));
        telling::name(sources, &mut drafts)?;
        let ended = standing::look_at_open(sources, &mut drafts)?;
        Ok(Told { drafts, ended })
    }

    /// The holds whose ends have to be located.
    pub(crate) fn ended(&self) -> &[CommandId] {
        &self.ended
    }

    /// The movements, in the order of their steps.
    pub(crate) fn finish(mut self, sources: &Sources, recent: &Ends) -> Result<Vec<Movement>, BankError> {
        standing::look_at_ended(sources, &mut self.drafts, &self.ended, recent)?;
        Ok(self.drafts.into_iter().map(|draft| draft.movement).collect())
    }
}
