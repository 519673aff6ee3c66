//! Lists of movements, for members and staff: the filters, the page, the file.
//!
//! | file | what it does |
//! | --- | --- |
//! | `query` | the filters and how they are written |
//! | `page_start` | where a page begins |
//! | `by_amount` | pages in the order of amounts |
//! | `columns` | the columns of the file |

mod by_amount;
mod columns;
mod page_start;
mod query;

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use jangbu::text::count_chars;
use jangbu::{
    AccountNumber, CommandId, Currency, OwnerId, Position,
    queries::{Movement, Order, TransferQuery, View, Viewer},
};

use columns::{COLUMNS, row};
pub(super) use page_start::{At, PageStart};
pub(super) use query::MovementsQuery;
use query::{ListDirection, MovementOrder};

use crate::server::http::{Cursor, FileRequest, List, ListFormat, Problem, Rows, TypedNumber, page_size};
use crate::server::service::Service;
use crate::server::shapes::{Period, Transfer, TransferKind, TransferStatus};

/// How many lines of a file are read at a time.
const ROWS_AT_A_TIME: usize = 1_000;
/// How many searches are tried before a short page is returned.
const TRIES: usize = 5;
/// How many movements are searched at a time for an account.
const LARGEST_PAGE: usize = 200;
/// The most characters of a text to search for.
const LONGEST_TEXT: usize = 140;

/// Whose movements are listed, and for whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    /// Movements from or to this owner's accounts; `None` for everyone's.
    pub(super) owner: Option<OwnerId>,
    /// The owner whose view is shown; `None` for staff, who see everything.
    pub(super) eyes: Option<OwnerId>,
}

/// A requested list.
#[derive(Debug)]
pub(super) struct Listing {
    query: TransferQuery,
    /// Only the movements of this command.
    id: Option<CommandId>,
    /// Only movements that this account, too, sent or received.
    with: Option<AccountNumber>,
    currency: Option<Currency>,
    sequence: MovementOrder,
    /// The start of the requested page.
    start: Option<PageStart>,
    format: Option<ListFormat>,
    bom: Option<bool>,
}

/// Whether the viewer has seen the number of an account: an own account, or one that an own account sent to or received
/// from. Staff have seen every number. So a member's search cannot distinguish another member's account from one that
/// does not exist.
async fn is_seen(
    service: &Service,
    scope: Scope,
    number: AccountNumber,
    status: Option<TransferStatus>,
) -> Result<bool, Problem> {
    let Some(facts) = service.facts(number).await? else { return Ok(false) };
    let Some(eyes) = scope.eyes.filter(|eyes| *eyes != facts.owner) else { return Ok(true) };
    let own = TransferQuery {
        owner: Some(eyes),
        viewer: Viewer::Owner(eyes),
        status: status.map(TransferStatus::of_bank),
        limit: LARGEST_PAGE,
        ..TransferQuery::default()
    };
    // Most members have few movements of their own; those of the other account are searched otherwise.
    let theirs = TransferQuery { account: Some(number), limit: 1, ..own.clone() };
    for mut query in [own, theirs] {
        for _ in 0..TRIES {
            let page = service.bank.transfers(query.clone()).await?;
            if page.data.iter().any(|movement| [movement.from, movement.to].contains(&Some(number))) {
                return Ok(true);
            }
            query.after = page.next;
            if query.after.is_none() {
                return Ok(false);
            }
        }
    }
    Ok(false)
}

/// A page, and the starts of its neighbours.
#[derive(Debug, Default)]
struct Found {
    transfers: Vec<Transfer>,
    next: Option<PageStart>,
    previous: Option<PageStart>,
}

impl Listing {
    /// Reads the query.
    ///
    /// # Errors
    /// 400 for what does not fit.
    pub(super) async fn new(service: &Service, listed: MovementsQuery, scope: Scope) -> Result<Listing, Problem> {
        let limit = page_size(listed.limit)?;
        for (field, text) in [("q", &listed.q), ("text", &listed.text)] {
            if text.as_ref().is_some_and(|text| count_chars(text) > LONGEST_TEXT) {
                let detail = format!("the text has at most {LONGEST_TEXT} characters");
                return Err(Problem::invalid_field(field, "too_long", detail));
            }
        }
        if listed.direction.is_some() && listed.account.is_none() && scope.owner.is_none() {
            let detail = "`direction` requires `account` or `member`";
            return Err(Problem::invalid_field("direction", "invalid", detail));
        }
        let Period { from, to } = Period::between(listed.from, listed.to, service.time_zone())?;
        let sequence = listed.order.unwrap_or_default();
        let start: Option<PageStart> = listed.cursor.as_ref().map(Cursor::decode).transpose()?;
        if start.is_some_and(|start| matches!(start.at, At::Position(_)) != sequence.is_of_journal()) {
            return Err(Problem::invalid_field("cursor", "invalid", "the cursor belongs to a list in another order"));
        }
        let q = listed.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
        let id = q.and_then(|q| q.parse::<CommandId>().ok());
        let mut with = None;
        if let Some(typed) = q.and_then(|q| AccountNumber::typed(q).ok()) {
            let number = service.resolve_account(typed).await?;
            with = is_seen(service, scope, number, listed.status).await?.then_some(number);
        }
        let words = q.filter(|_| id.is_none() && with.is_none());
        let text = match (words, listed.text) {
            (Some(_), Some(_)) => {
                let detail = "`text` cannot be combined with a `q` that is neither an id nor an account number";
                return Err(Problem::invalid_field("q", "invalid", detail));
            }
            (words, text) => words.map(str::to_owned).or(text),
        };
        let query = TransferQuery {
            // Seen from an account that is searched for, nothing is incoming or outgoing.
            account: listed.account.map(|TypedNumber(number)| number).or(with.filter(|_| listed.direction.is_none())),
            owner: scope.owner,
            from,
            to,
            least: listed.least,
            most: listed.most,
            status: listed.status.map(TransferStatus::of_bank),
            kinds: listed.kind.into_iter().map(TransferKind::of_bank).collect(),
            direction: listed.direction.map(ListDirection::of_bank),
            hold: listed.hold,
            text,
            metadata: listed.metadata.into_iter().collect(),
            viewer: scope.eyes.map_or(Viewer::Bank, Viewer::Owner),
            order: if sequence == MovementOrder::Oldest { Order::OldestFirst } else { Order::NewestFirst },
            after: None,
            limit,
        };
        let (format, bom) = (listed.format, listed.bom);
        Ok(Listing { query, id, with, currency: listed.currency, sequence, start, format, bom })
    }

    /// Returns the account whose movements are listed, by whichever parameter it was named.
    pub(super) fn account(&self) -> Option<AccountNumber> {
        self.query.account.or(self.with)
    }

    /// Responds with a page, or with a file of everything, as the client prefers.
    ///
    /// # Errors
    /// As the bank's.
    pub(super) async fn answer(self, request: &HttpRequest, service: Data<Service>) -> Result<HttpResponse, Problem> {
        let Some(file) = FileRequest::of(request, self.format, self.bom, service.time_zone()) else {
            let Found { transfers, next, previous } = self.page(&service, self.start).await?;
            return Ok(HttpResponse::Ok().json(List::new(transfers, next).after(previous)));
        };
        if self.start.is_some_and(|start| start.back) {
            return Err(Problem::invalid_field("cursor", "invalid", "a file cannot start from `previous`"));
        }
        let first = self.start;
        // By amount, each page reads everything, so the file is read as one page.
        let limit = if self.sequence.is_of_journal() { ROWS_AT_A_TIME } else { usize::MAX };
        let query = TransferQuery { limit, ..self.query.clone() };
        let listing = Arc::new(Listing { query, ..self });
        let rows = move |start: Option<PageStart>| {
            let (service, listing) = (service.clone(), Arc::clone(&listing));
            async move {
                let found = listing.page(&service, start).await?;
                Ok(Rows { rows: found.transfers.iter().map(row).collect(), next: found.next.map(Some) })
            }
        };
        file.answer("transfers", &COLUMNS, first, rows).await
    }

    /// Returns the page at a start, as the caller sees it.
    async fn page(&self, service: &Service, start: Option<PageStart>) -> Result<Found, Problem> {
        if let Some(id) = self.id {
            return self.by_id(service, id).await;
        }
        match start {
            _ if !self.sequence.is_of_journal() => self.page_by_amount(service, start).await,
            Some(PageStart { back: true, at: At::Position(before) }) => self.page_before(service, before).await,
            Some(PageStart { at: At::Position(after), .. }) => self.page_after(service, Some(after)).await,
            _ => self.page_after(service, None).await,
        }
    }

    /// Returns everything with one id.
    async fn by_id(&self, service: &Service, id: CommandId) -> Result<Found, Problem> {
        let mut found = Vec::new();
        for movement in service.bank.movements_of(id).await? {
            let facts = service.facts_of(movement.from.into_iter().chain(movement.to)).await?;
            let owner = |number: Option<AccountNumber>| Some(facts.get(&number?)?.owner);
            let owners = [owner(movement.from), owner(movement.to)];
            found.extend(self.query.finds(movement, owners).filter(|movement| self.is_with(movement)));
        }
        let transfers = self.answers(service, found).await?;
        Ok(Found { transfers, ..Found::default() })
    }

    async fn page_after(&self, service: &Service, after: Option<Position>) -> Result<Found, Problem> {
        let (transfers, next) = self.search(service, self.query.order, after).await?;
        let at = |position| At::Position(position);
        // The previous page ends with the record after which this one begins.
        let previous = after.map(|after| PageStart { back: true, at: at(beyond(self.query.order, after)) });
        Ok(Found { transfers, next: next.map(|next| PageStart { back: false, at: at(next) }), previous })
    }

    /// Returns the page that ends right before a start, by searching in the opposite order.
    async fn page_before(&self, service: &Service, before: Position) -> Result<Found, Problem> {
        let other = match self.query.order {
            Order::NewestFirst => Order::OldestFirst,
            Order::OldestFirst => Order::NewestFirst,
        };
        let (mut transfers, rest) = self.search(service, other, Some(before)).await?;
        transfers.reverse();
        let at = |position| At::Position(position);
        let previous = rest.map(|rest| PageStart { back: true, at: at(rest) });
        Ok(Found { transfers, next: Some(PageStart { back: false, at: at(beyond(other, before)) }), previous })
    }

    /// Returns the matches in an order after a position, as the caller sees them, and where the next page starts.
    async fn search(
        &self,
        service: &Service,
        order: Order,
        after: Option<Position>,
    ) -> Result<(Vec<Transfer>, Option<Position>), Problem> {
        let mut query = TransferQuery { order, after, ..self.query.clone() };
        let mut found = Vec::new();
        for _ in 0..TRIES {
            let page = service.bank.transfers(query.clone()).await?;
            found.extend(page.data.into_iter().filter(|movement| self.is_with(movement)));
            query.after = page.next;
            query.limit = self.query.limit.saturating_sub(found.len());
            if page.next.is_none() || query.limit == 0 {
                break;
            }
        }
        Ok((self.answers(service, found).await?, query.after))
    }

    /// Returns movements in their order, as the caller sees them.
    async fn answers(&self, service: &Service, movements: Vec<Movement>) -> Result<Vec<Transfer>, Problem> {
        let numbers = movements.iter().flat_map(|movement| [movement.from, movement.to]).flatten();
        let facts = service.facts_of(numbers).await?;
        let answers = movements.into_iter().filter_map(|movement| {
            let of = |number: Option<AccountNumber>| facts.get(&number?);
            let (from, to) = (of(movement.from), of(movement.to));
            let view = View::of(self.query.viewer, [from, to].map(|facts| facts.map(|facts| facts.owner)));
            // In the customer's currency, not the bank's.
            let money = from.or(to).map(|facts| (facts.currency, facts.scale));
            if self.currency.is_some_and(|wanted| money.is_none_or(|(currency, _)| currency != wanted)) {
                return None;
            }
            Transfer::of(movement, money, view)
        });
        Ok(answers.collect())
    }

    fn is_with(&self, movement: &Movement) -> bool {
        let names = |number: AccountNumber| movement.from == Some(number) || movement.to == Some(number);
        self.with.is_none_or(names)
    }
}

impl MovementOrder {
    /// Whether it is the order of the journal, in either direction.
    const fn is_of_journal(self) -> bool {
        matches!(self, MovementOrder::Newest | MovementOrder::Oldest)
    }
}

/// Returns the position right after another in an order.
fn beyond(order: Order, position: Position) -> Position {
    match order {
        Order::NewestFirst => Position::new(position.get().saturating_sub(1)),
        Order::OldestFirst => position.next(),
    }
}
