//! Finds the movements of a query, page by page.

use super::movement::{Direction, Movement, MovementKind, Order, TransferQuery};
use super::sight::{View, Viewer};
use super::standing;
use super::taken_back::{self, Places};
use super::telling::{self, Draft};
use super::walk::{Span, WORK_PER_READ, Walk};
use super::{Sources, before, settled};
use crate::page::page_size;
use crate::status::MovementStatus;
use crate::views::{HoldView, Page};
use jangbu_ledger::text::folded;
use jangbu_ledger::{AccountId, Body, CommandId, HoldId, OwnerId, Position, Record, Refusal};
use jangbu_runtime::{BankError, Error};

/// The maximum work of a page, counted in scanned records. A page that reaches it ends early with a `next`.
const LARGEST_SEARCH: usize = 200_000;
/// The maximum work of a job: a few milliseconds, so that other reads get their turn.
const LARGEST_JOB: usize = 8_192;
/// The size of the first block of a search. It is small because most pages are quickly full.
const FIRST_BLOCK: usize = 128;
/// The maximum number of accounts whose chains are merged. With more, finding the chains takes as long as a scan.
const MOST_CHAINS: usize = 32;
/// The work of determining how a hold ended, counted in scanned records.
const WORK_PER_HOLD: usize = 16;

/// A search for one page of movements, which continues job by job.
pub struct Search {
    query: TransferQuery,
    /// Whether refused movements match as well.
    with_refused: bool,
    /// The text to find, in its folded form.
    text: String,
    /// The hold in the query, if there is one.
    hold: Option<HoldView>,
    under_way: Option<UnderWay>,
    /// The start of the next page, once this page is full and lacks only the reversals of its movements.
    next: Option<Option<Position>>,
    found: Vec<Movement>,
    work: usize,
    block: usize,
}

struct UnderWay {
    walk: Walk,
    span: Span,
    /// The end of the search: outcomes of holds after it are ignored.
    as_of: Position,
    /// A block whose holds have to be located.
    examined: Option<Examined>,
}

/// The movements found in a block, and the holds among them whose ends have to be located.
struct Examined {
    drafts: Vec<Draft>,
    ended: Vec<HoldId>,
    through: Position,
    is_last: bool,
}

/// The progress of a search.
pub enum Found {
    /// The page is complete.
    Page(Page<Movement, Position>),
    /// Other reads get their turn; then the search continues.
    NotYet,
    /// The positions of the last records about these commands are needed: the ends of holds, and reversals.
    Unplaced(Vec<CommandId>),
}

impl Search {
    /// A search for what `query` asks.
    pub fn new(query: TransferQuery) -> Search {
        let text = folded(query.text.as_deref().unwrap_or_default());
        let (hold, under_way, next, found) = (None, None, None, Vec::new());
        Search { query, with_refused: false, text, hold, under_way, next, found, work: 0, block: FIRST_BLOCK }
    }

    /// Restricts the search to the settlements and the release of the query's hold, which was looked up before.
    pub fn of_hold(mut self, hold: HoldView) -> Search {
        self.hold = Some(hold);
        self
    }

    /// Makes the search find refused movements as well.
    pub fn with_refused(mut self) -> Search {
        self.with_refused = true;
        self
    }

    /// Returns the hold in the query, which must be looked up before the search.
    pub fn hold_asked_for(&self) -> Option<HoldId> {
        self.query.hold
    }

    /// Does the next part of the search. `places` has the positions that it requested last.
    pub fn go_on(&mut self, sources: &Sources, places: &Places) -> Result<Found, Error> {
        if let Some(next) = self.next {
            return self.finish(sources, next, places);
        }
        let mut under_way = match self.under_way.take() {
            Some(under_way) => under_way,
            None => match self.begin(sources)? {
                Some(under_way) => under_way,
                None => return self.finish(sources, None, places),
            },
        };
        let begun = self.work;
        loop {
            let mut examined = match under_way.examined.take() {
                Some(examined) => examined,
                None => match self.examine(sources, &mut under_way) {
                    // Existing results come first. The request for the next page returns the error.
                    Err(BankError::Archived { .. }) if !self.found.is_empty() => {
                        let last = self.found.last().map(|last| last.position);
                        return self.finish(sources, last, places);
                    }
                    examined => examined?,
                },
            };
            let ended: Vec<CommandId> = examined.ended.iter().map(|hold| hold.key()).collect();
            if !places.know(&ended) {
                under_way.examined = Some(examined);
                self.under_way = Some(under_way);
                return Ok(Found::Unplaced(ended));
            }
            let Examined { drafts, ended, .. } = &mut examined;
            standing::resolve_ended(sources, drafts, (ended, under_way.as_of), places)?;
            if let Some(next) = self.take(examined) {
                return self.finish(sources, next, places);
            }
            self.block = self.block.saturating_mul(2).min(LARGEST_JOB);
            if self.work.saturating_sub(begun) >= LARGEST_JOB / 2 {
                self.under_way = Some(under_way);
                return Ok(Found::NotYet);
            }
        }
    }

    /// Fills in the reversals of the page's movements, which completes the page.
    fn finish(&mut self, sources: &Sources, next: Option<Position>, places: &Places) -> Result<Found, Error> {
        self.next = Some(next);
        let originals: Vec<CommandId> = self.found.iter().filter_map(taken_back::reversible).collect();
        if !places.know(&originals) {
            return Ok(Found::Unplaced(originals));
        }
        taken_back::mark(sources, &mut self.found, places)?;
        Ok(Found::Page(Page { data: std::mem::take(&mut self.found), next }))
    }

    /// Examines the next block.
    fn examine(&mut self, sources: &Sources, under_way: &mut UnderWay) -> Result<Examined, BankError> {
        let block = under_way.walk.block(sources, under_way.span, self.block, |record| self.may_fit(record))?;
        let mut records = block.records;
        if self.query.order == Order::NewestFirst {
            records.reverse();
        }
        let mut drafts = telling::drafts(&records);
        drafts.retain(|draft| self.fits_unread(draft));
        telling::name(sources, &mut drafts)?;
        drafts.retain(|draft| self.fits_named(draft));
        let reads = settled::complete(sources, &records, &mut drafts)?;
        let mut seen: Vec<Draft> = drafts.into_iter().filter_map(|draft| self.seen(draft)).collect();
        seen.retain(|draft| self.fits_seen(draft));
        let ended = standing::resolve_open(sources, &mut seen, under_way.as_of)?;
        let costs = [block.work, reads.saturating_mul(WORK_PER_READ), ended.len().saturating_mul(WORK_PER_HOLD)];
        self.work = costs.into_iter().fold(self.work, usize::saturating_add);
        Ok(Examined { drafts: seen, ended, through: block.through, is_last: block.is_last })
    }

    /// Adds the matching movements of a block. Returns the start of the next page if this one is full or enough was
    /// examined.
    #[expect(clippy::option_option, reason = "a page that is not full yet, and one behind which there is none")]
    fn take(&mut self, examined: Examined) -> Option<Option<Position>> {
        let Examined { drafts, mut through, is_last, .. } = examined;
        let limit = page_size(self.query.limit);
        // The end of a hold can add texts that not every viewer sees.
        let standing = drafts.into_iter().filter_map(|draft| self.seen(draft)).map(|draft| draft.movement);
        let mut fitting: Vec<Movement> = standing.filter(|movement| self.fits_standing(movement)).collect();
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
            return Some(None);
        }
        (is_full || self.work >= LARGEST_SEARCH).then_some(Some(through))
    }

    /// Determines where to search. Returns `None` if there is nothing to search.
    fn begin(&self, sources: &Sources) -> Result<Option<UnderWay>, Error> {
        let query = &self.query;
        let as_of = sources.end()?;
        let mut span = Span { first: Position::START.next(), last: as_of };
        // A refused command can name a hold that did not exist yet, or never existed.
        let is_refused_wanted = self.with_refused || query.status == Some(MovementStatus::Refused);
        if query.hold.is_some() && !is_refused_wanted {
            // Nothing can concern a hold before it was placed.
            let Some(hold) = &self.hold else { return Ok(None) };
            span.first = hold.position;
        }
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
        // Refused commands are not on any account's chain.
        let accounts = if is_refused_wanted { None } else { self.chains(sources)? };
        let walk = match accounts {
            Some(accounts) => Walk::along(sources, &accounts, span, query.order, query.after)?,
            None => Walk::through_all(span, query.order),
        };
        Ok(Some(UnderWay { walk, span, as_of, examined: None }))
    }

    /// Returns the accounts whose chains contain every possible match, or `None` if every record has to be examined.
    fn chains(&self, sources: &Sources) -> Result<Option<Vec<AccountId>>, Error> {
        if let Some(number) = self.query.account.or(self.hold.as_ref().map(|hold| hold.from)) {
            let account = sources.ask(move |books| books.whole_account(&number))?;
            let account = account.ok_or(Refusal::AccountUnknown { number })?;
            return Ok(Some(vec![account.id]));
        }
        let Some(owner) = self.query.owner else { return Ok(None) };
        let ids = sources.ask(move |books| books.ids_of(&owner, None, MOST_CHAINS.saturating_add(1)))?;
        Ok(Some(ids).filter(|ids| ids.len() <= MOST_CHAINS))
    }

    /// Returns whether a movement of the record can match, judging by cheap criteria.
    fn may_fit(&self, record: &Record) -> bool {
        let is_refused = matches!(record.body, Body::Refused(_));
        let wanted = match self.query.status {
            Some(status) => is_refused == (status == MovementStatus::Refused),
            None => self.with_refused || !is_refused,
        };
        wanted && telling::has_movements(&record.body)
    }

    /// Returns whether a draft can match, judging by its record alone.
    fn fits_unread(&self, draft: &Draft) -> bool {
        let Draft { movement, drawn, .. } = draft;
        let is = |kind: MovementKind| self.query.kinds.is_empty() || self.query.kinds.contains(&kind);
        // A settlement may turn out to be a verified transfer.
        let kind = is(movement.kind) || (drawn.is_some() && is(MovementKind::Transfer));
        // The status of a hold and its amount after raises are not known yet.
        let is_certain = !draft.is_hold() && !draft.is_placement() && drawn.is_none();
        let status = !is_certain || self.query.status.is_none_or(|status| movement.status == status);
        kind && status && (draft.is_hold() || self.fits_amount(movement))
    }

    /// Returns the draft as the viewer sees it from here on.
    fn seen(&self, draft: Draft) -> Option<Draft> {
        let view = View::of(self.query.viewer, draft.owners);
        let Draft { movement, parties, owners, drawn } = draft;
        Some(Draft { movement: movement.seen_by(view)?, parties, owners, drawn })
    }

    /// Returns whether a draft matches, judging by what the viewer sees of it.
    fn fits_seen(&self, draft: &Draft) -> bool {
        let Draft { movement, .. } = draft;
        let query = &self.query;
        let kind = query.kinds.is_empty() || query.kinds.contains(&movement.kind);
        let hold = query
            .hold
            .is_none_or(|hold| movement.hold == Some(hold) || (movement.requires_verification && hold == movement.id));
        let pairs = &movement.details.metadata;
        // The texts of a hold's end are not known yet.
        let text = draft.is_hold() || self.fits_text(movement);
        kind && hold && text && query.metadata.iter().all(|pair| pairs.contains(pair))
    }

    fn fits_amount(&self, movement: &Movement) -> bool {
        let Movement { amount, .. } = movement;
        self.query.least.is_none_or(|least| *amount >= least) && self.query.most.is_none_or(|most| *amount <= most)
    }

    fn fits_text(&self, movement: &Movement) -> bool {
        let details = &movement.details;
        self.text.is_empty()
            || [
                &details.sender_label,
                &details.receiver_label,
                &details.reference,
                &movement.customer_text,
                &movement.reason,
            ]
            .into_iter()
            .map(String::as_str)
            .chain(details.end_to_end_id())
            .any(|text| !text.is_empty() && folded(text).contains(&self.text))
    }

    /// Returns whether a draft matches, judging by its accounts.
    fn fits_named(&self, draft: &Draft) -> bool {
        let query = &self.query;
        let Movement { from, to, .. } = &draft.movement;
        let [sender, receiver] = draft.owners;
        let account = query.account.is_none_or(|account| *from == Some(account) || *to == Some(account));
        let owner = query.owner.is_none_or(|owner| sender == Some(owner) || receiver == Some(owner));
        let is_seen = match query.viewer {
            Viewer::Bank => true,
            Viewer::Owner(owner) => sender == Some(owner) || receiver == Some(owner),
        };
        account && owner && is_seen && self.fits_direction(draft)
    }

    fn fits_direction(&self, draft: &Draft) -> bool {
        let Movement { from, to, .. } = &draft.movement;
        let [sender, receiver] = draft.owners;
        let (number, owner) = match self.query.direction {
            None => return true,
            Some(Direction::In) => (*to, receiver),
            Some(Direction::Out) => (*from, sender),
        };
        match (self.query.account, self.query.owner) {
            (Some(account), _) => number == Some(account),
            (None, Some(wanted)) => owner == Some(wanted),
            (None, None) => true,
        }
    }

    /// Returns whether a movement matches, judging by its present state.
    fn fits_standing(&self, movement: &Movement) -> bool {
        let status = match self.query.status {
            Some(status) => movement.status == status,
            None => self.with_refused || movement.status != MovementStatus::Refused,
        };
        status && self.fits_amount(movement) && self.fits_text(movement)
    }
}

impl TransferQuery {
    /// Returns a movement that was found in another way as the viewer sees it, or `None` if the query would not find
    /// it. `owners` are the owners of its sender and receiver.
    pub fn finds(&self, movement: Movement, owners: [Option<OwnerId>; 2]) -> Option<Movement> {
        let search = Search::new(self.clone());
        let is_within = self.from.is_none_or(|from| movement.recorded_at >= from)
            && self.to.is_none_or(|to| movement.recorded_at < to);
        let draft = Draft { movement, parties: None, owners, drawn: None };
        if !is_within || !search.fits_named(&draft) {
            return None;
        }
        let seen = search.seen(draft).filter(|seen| search.fits_seen(seen))?;
        Some(seen.movement).filter(|movement| search.fits_standing(movement))
    }
}
