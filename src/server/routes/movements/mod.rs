//! What a list of movements is, whoever asks for it: what can be asked of them, the page, the file.
//!
//! | file | what it does |
//! | --- | --- |
//! | `asked` | what can be asked, and how it is written |
//! | `place` | where a page begins |
//! | `by_amount` | pages in the order of amounts |
//! | `columns` | the columns of the file |

mod asked;
mod by_amount;
mod columns;
mod place;

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use jangbu::text::count_chars;
use jangbu::{AccountNumber, CommandId, Currency, Movement, Order, OwnerId, Position, TransferQuery, View, Viewer};

pub(super) use asked::Listed;
use asked::{Sequence, Way};
use columns::{COLUMNS, row};
pub(super) use place::{At, Place};

use crate::server::http::{Cursor, FileWanted, Form, List, Problem, Rows, Typed, page_size};
use crate::server::service::Service;
use crate::server::shapes::{Period, Transfer, TransferKind, TransferStatus};

/// As many lines of a file are made at a time.
const ROWS_AT_A_TIME: usize = 1_000;
/// So often the bank is asked for a page before a short one is answered.
const TRIES: usize = 5;
/// How many movements are searched at a time for an account.
const LARGEST_PAGE: usize = 200;
/// The most characters of a text to find.
const LONGEST_TEXT: usize = 140;

/// Whose movements are listed, and for whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    /// Sent or received by this owner; `None` for everybody's.
    pub(super) owner: Option<OwnerId>,
    /// Through whose eyes; `None` for staff, who see everything.
    pub(super) eyes: Option<OwnerId>,
}

/// A list that was asked for.
#[derive(Debug)]
pub(super) struct Listing {
    query: TransferQuery,
    /// Only the movements of this command.
    id: Option<CommandId>,
    /// Only what this account, too, sent or received.
    with: Option<AccountNumber>,
    currency: Option<Currency>,
    sequence: Sequence,
    /// Where the page begins that was asked for.
    place: Option<Place>,
    format: Option<Form>,
    bom: Option<bool>,
}

/// Whether a number that was typed is that of an account whose number the viewer has seen: an own one, or one that an own one
/// sent to or received from. To staff, who see everything, any is. So a member's search cannot tell somebody else's account from
/// one that is not there.
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
    // Most members' own movements are soon looked through; where they are not, those of the other account may be.
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

/// A page, and the places of its neighbours.
#[derive(Debug, Default)]
struct Found {
    transfers: Vec<Transfer>,
    next: Option<Place>,
    previous: Option<Place>,
}

impl Listing {
    /// Reads what is asked for.
    ///
    /// # Errors
    /// 400 for what does not fit.
    pub(super) async fn new(service: &Service, listed: Listed, scope: Scope) -> Result<Listing, Problem> {
        let limit = page_size(listed.limit)?;
        for (field, text) in [("q", &listed.q), ("text", &listed.text)] {
            if text.as_ref().is_some_and(|text| count_chars(text) > LONGEST_TEXT) {
                let detail = format!("a text to find has at most {LONGEST_TEXT} characters");
                return Err(Problem::invalid_field(field, "too_long", detail));
            }
        }
        if listed.direction.is_some() && listed.account.is_none() && scope.owner.is_none() {
            let detail = "money comes in and goes out as seen from an account or a member: give `account` or `member`";
            return Err(Problem::invalid_field("direction", "invalid", detail));
        }
        let Period { from, to } = Period::between(listed.from, listed.to, service.time_zone())?;
        let sequence = listed.order.unwrap_or_default();
        let place: Option<Place> = listed.cursor.as_ref().map(Cursor::place).transpose()?;
        if place.is_some_and(|place| matches!(place.at, At::Position(_)) != sequence.is_of_journal()) {
            return Err(Problem::invalid_field("cursor", "invalid", "it is that of a list in another order"));
        }
        let q = listed.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
        let id = q.and_then(|q| q.parse::<CommandId>().ok());
        let mut with = None;
        if let Some(typed) = q.and_then(|q| AccountNumber::typed(q).ok()) {
            let number = service.meant(typed).await?;
            with = is_seen(service, scope, number, listed.status).await?.then_some(number);
        }
        let words = q.filter(|_| id.is_none() && with.is_none());
        let text = match (words, listed.text) {
            (Some(_), Some(_)) => {
                let detail = "give `text` or a `q` that is no id and no account number, not both";
                return Err(Problem::invalid_field("q", "invalid", detail));
            }
            (words, text) => words.map(str::to_owned).or(text),
        };
        let query = TransferQuery {
            // Seen from an account that is looked for, nothing comes in or goes out.
            account: listed.account.map(|Typed(number)| number).or(with.filter(|_| listed.direction.is_none())),
            owner: scope.owner,
            from,
            to,
            least: listed.least,
            most: listed.most,
            status: listed.status.map(TransferStatus::of_bank),
            kinds: listed.kind.into_iter().map(TransferKind::of_bank).collect(),
            direction: listed.direction.map(Way::of_bank),
            hold: listed.hold,
            text,
            metadata: listed.metadata.into_iter().collect(),
            viewer: scope.eyes.map_or(Viewer::Bank, Viewer::Owner),
            order: if sequence == Sequence::Oldest { Order::OldestFirst } else { Order::NewestFirst },
            after: None,
            limit,
        };
        let (format, bom) = (listed.format, listed.bom);
        Ok(Listing { query, id, with, currency: listed.currency, sequence, place, format, bom })
    }

    /// The account whose movements are listed, by whichever parameter it was named.
    pub(super) fn account(&self) -> Option<AccountNumber> {
        self.query.account.or(self.with)
    }

    /// Answers with a page, or with a file of everything, as the client prefers.
    ///
    /// # Errors
    /// As the bank's.
    pub(super) async fn answer(self, request: &HttpRequest, service: Data<Service>) -> Result<HttpResponse, Problem> {
        let Some(file) = FileWanted::of(request, self.format, self.bom, service.time_zone()) else {
            let Found { transfers, next, previous } = self.page(&service, self.place).await?;
            return Ok(HttpResponse::Ok().json(List::new(transfers, next).after(previous)));
        };
        if self.place.is_some_and(|place| place.back) {
            return Err(Problem::invalid_field("cursor", "invalid", "a file goes on and never back"));
        }
        let first = self.place;
        // By amount everything is looked through to find a page, so all is taken at once.
        let limit = if self.sequence.is_of_journal() { ROWS_AT_A_TIME } else { usize::MAX };
        let query = TransferQuery { limit, ..self.query.clone() };
        let listing = Arc::new(Listing { query, ..self });
        let rows = move |place: Option<Place>| {
            let (service, listing) = (service.clone(), Arc::clone(&listing));
            async move {
                let found = listing.page(&service, place).await?;
                Ok(Rows { rows: found.transfers.iter().map(row).collect(), next: found.next.map(Some) })
            }
        };
        file.answer("transfers", &COLUMNS, first, rows).await
    }

    /// The page at a place: what is found, as the caller sees it.
    async fn page(&self, service: &Service, place: Option<Place>) -> Result<Found, Problem> {
        if let Some(id) = self.id {
            return self.by_id(service, id).await;
        }
        match place {
            _ if !self.sequence.is_of_journal() => self.page_by_amount(service, place).await,
            Some(Place { back: true, at: At::Position(before) }) => self.page_before(service, before).await,
            Some(Place { at: At::Position(after), .. }) => self.page_after(service, Some(after)).await,
            _ => self.page_after(service, None).await,
        }
    }

    /// Everything that is found under one id.
    async fn by_id(&self, service: &Service, id: CommandId) -> Result<Found, Problem> {
        let mut found = Vec::new();
        for movement in service.bank.movements_of(id).await? {
            let facts = service.facts_of(movement.from.into_iter().chain(movement.to)).await?;
            let owner = |number: Option<AccountNumber>| Some(facts.get(&number?)?.owner);
            let owners = [owner(movement.from), owner(movement.to)];
            found.extend(self.query.finds(movement, owners).filter(|movement| self.is_with(movement)));
        }
        let transfers = self.told(service, found).await?;
        Ok(Found { transfers, ..Found::default() })
    }

    async fn page_after(&self, service: &Service, after: Option<Position>) -> Result<Found, Problem> {
        let (transfers, next) = self.search(service, self.query.order, after).await?;
        let at = |position| At::Position(position);
        // Before it comes what ends with the record that it begins behind.
        let previous = after.map(|after| Place { back: true, at: at(beyond(self.query.order, after)) });
        Ok(Found { transfers, next: next.map(|next| Place { back: false, at: at(next) }), previous })
    }

    /// The page that ends right before a place: found the other way round.
    async fn page_before(&self, service: &Service, before: Position) -> Result<Found, Problem> {
        let other = match self.query.order {
            Order::NewestFirst => Order::OldestFirst,
            Order::OldestFirst => Order::NewestFirst,
        };
        let (mut transfers, rest) = self.search(service, other, Some(before)).await?;
        transfers.reverse();
        let at = |position| At::Position(position);
        let previous = rest.map(|rest| Place { back: true, at: at(rest) });
        Ok(Found { transfers, next: Some(Place { back: false, at: at(beyond(other, before)) }), previous })
    }

    /// What is found in an order behind a position, as the caller sees it, and where it goes on.
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
        Ok((self.told(service, found).await?, query.after))
    }

    /// Movements in their order, as the caller sees them.
    async fn told(&self, service: &Service, movements: Vec<Movement>) -> Result<Vec<Transfer>, Problem> {
        let numbers = movements.iter().flat_map(|movement| [movement.from, movement.to]).flatten();
        let facts = service.facts_of(numbers).await?;
        let told = movements.into_iter().filter_map(|movement| {
            let of = |number: Option<AccountNumber>| facts.get(&number?);
            let (from, to) = (of(movement.from), of(movement.to));
            let view = View::of(self.query.viewer, [from, to].map(|facts| facts.map(|facts| facts.owner)));
            // It is in the money of the customer rather than of the bank.
            let money = from.or(to).map(|facts| (facts.currency, facts.scale));
            if self.currency.is_some_and(|wanted| money.is_none_or(|(currency, _)| currency != wanted)) {
                return None;
            }
            Transfer::of(movement, money, view)
        });
        Ok(told.collect())
    }

    fn is_with(&self, movement: &Movement) -> bool {
        let names = |number: AccountNumber| movement.from == Some(number) || movement.to == Some(number);
        self.with.is_none_or(names)
    }
}

impl Sequence {
    /// Whether it is that of the journal, one way or the other.
    const fn is_of_journal(self) -> bool {
        matches!(self, Sequence::Newest | Sequence::Oldest)
    }
}

/// The position right behind another in an order.
fn beyond(order: Order, position: Position) -> Position {
    match order {
        Order::NewestFirst => Position::new(position.get().saturating_sub(1)),
        Order::OldestFirst => position.next(),
    }
}
