//! What a list of movements is, whoever asks for it: what can be asked of them, the page, the file.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use jangbu::text::count_chars;
use jangbu::{AccountNumber, Amount, CommandId, Currency, Movement, Order, OwnerId, Position, TransferQuery, When};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::transfers::Sides;
use crate::server::facts::Facts;
use crate::server::http::{Cursor, FileWanted, Form, List, Problem, Rows, Typed, page_size};
use crate::server::members::MemberId;
use crate::server::service::Service;
use crate::server::shapes::{Period, Transfer, TransferKind, TransferStatus, View};
use crate::tables::Cell;

/// As many lines of a file are made at a time.
const ROWS_AT_A_TIME: usize = 1_000;
/// So often the bank is asked for a page before a short one is answered.
const TRIES: usize = 5;
/// The most characters of a text to find.
const LONGEST_TEXT: usize = 140;

/// In which order to list.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Direction {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
}

/// Which movements to list: those that fit everything that is given.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Listed {
    /// A transfer's id, the number of an account that sent or received, or a text as in `text`.
    #[param(max_length = 140)]
    q: Option<String>,
    /// Sent or received by this account: one's own, for staff anybody's.
    #[param(value_type = Option<String>)]
    account: Option<Typed>,
    /// Sent or received by this member, for staff.
    #[param(value_type = Option<String>, format = Uuid)]
    pub(super) member: Option<MemberId>,
    /// Standing so. Refused ones are found only when they are asked for.
    #[param(inline)]
    status: Option<TransferStatus>,
    /// Of this kind.
    #[param(inline)]
    kind: Option<TransferKind>,
    /// The first day (`2026-11-22`, in the bank's time zone), or moment (RFC 3339).
    #[param(value_type = Option<String>)]
    from: Option<When>,
    /// The last day, or the first moment that is out; `9999-12-31` for no end.
    #[param(value_type = Option<String>)]
    to: Option<When>,
    /// Of at least so many minor units.
    #[param(value_type = Option<u64>)]
    least: Option<Amount>,
    /// Of at most so many minor units.
    #[param(value_type = Option<u64>)]
    most: Option<Amount>,
    /// In this currency, such as `KRW`. `least` and `most` are in its minor units then.
    #[param(value_type = Option<String>)]
    currency: Option<Currency>,
    /// With this text in a label, in the reference or in the end-to-end id, in upper or lower case, composed or not.
    #[param(max_length = 140)]
    text: Option<String>,
    /// In which order; the newest first if not given.
    #[param(inline)]
    order: Option<Direction>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// How many, 1 to 200; 50 if not given. Linked movements stay together, so that there can be up to 63 more.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `json` for a page, `csv` or `xlsx` for everything as a file; else the header `Accept` decides.
    #[param(inline)]
    format: Option<Form>,
    /// Whether a CSV file begins with a byte order mark, by which spreadsheet programs know that it is UTF-8; true if not given.
    bom: Option<bool>,
}

impl Listed {
    /// Finds out which account is meant by the number that was typed. Before anything else: who may read it depends on that.
    ///
    /// # Errors
    /// As the bank's.
    pub(super) async fn find_account(&mut self, service: &Service) -> Result<Option<AccountNumber>, Problem> {
        let Some(Typed(typed)) = &mut self.account else { return Ok(None) };
        *typed = service.meant(*typed).await?;
        Ok(Some(*typed))
    }
}

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
    status: Option<TransferStatus>,
    currency: Option<Currency>,
    eyes: Option<OwnerId>,
    /// Only the movements of this command.
    id: Option<CommandId>,
    /// Only what this account, too, sent or received.
    with: Option<AccountNumber>,
    format: Option<Form>,
    bom: Option<bool>,
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
        let Period { from, to } = Period::between(listed.from, listed.to, service.time_zone())?;
        let after: Option<u64> = listed.cursor.map(|cursor| cursor.place()).transpose()?;
        let q = listed.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
        let id = q.and_then(|q| q.parse::<CommandId>().ok());
        let mut with = None;
        if let Some(typed) = q.and_then(|q| AccountNumber::typed(q).ok()) {
            let number = service.meant(typed).await?;
            with = service.facts(number).await?.map(|_| number);
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
            account: listed.account.map(|Typed(number)| number).or(with),
            owner: scope.owner,
            from,
            to,
            least: listed.least,
            most: listed.most,
            status: listed.status.and_then(TransferStatus::of_bank),
            kind: listed.kind.map(TransferKind::of_bank),
            text,
            order: match listed.order.unwrap_or_default() {
                Direction::Newest => Order::NewestFirst,
                Direction::Oldest => Order::OldestFirst,
            },
            after: after.map(Position::new),
            limit,
        };
        let (format, bom) = (listed.format, listed.bom);
        Ok(Listing { query, status: listed.status, currency: listed.currency, eyes: scope.eyes, id, with, format, bom })
    }

    /// The account whose movements are listed, by whichever parameter it was named.
    pub(super) const fn account(&self) -> Option<AccountNumber> {
        self.query.account
    }

    /// Answers with a page, or with a file of everything, as the client prefers.
    ///
    /// # Errors
    /// As the bank's.
    pub(super) async fn answer(self, request: &HttpRequest, service: Data<Service>) -> Result<HttpResponse, Problem> {
        let Some(file) = FileWanted::of(request, self.format, self.bom, service.time_zone()) else {
            let (data, next) = self.page(&service, self.query.after).await?;
            return Ok(HttpResponse::Ok().json(List::new(data, next)));
        };
        let first = self.query.after;
        let query = TransferQuery { limit: ROWS_AT_A_TIME, ..self.query.clone() };
        let listing = Arc::new(Listing { query, ..self });
        let rows = move |after: Option<Position>| {
            let (service, listing) = (service.clone(), Arc::clone(&listing));
            async move {
                let (data, next) = listing.page(&service, after).await?;
                Ok(Rows { rows: data.iter().map(row).collect(), next: next.map(Some) })
            }
        };
        file.answer("transfers", &COLUMNS, first, rows).await
    }

    /// The page after a position: what is found, as the caller sees it, and where the next one begins.
    async fn page(
        &self,
        service: &Service,
        after: Option<Position>,
    ) -> Result<(Vec<Transfer>, Option<Position>), Problem> {
        if let Some(id) = self.id {
            let movements = service.bank.movements_of(id).await?;
            let found = movements.into_iter().filter(|movement| self.fits(movement)).collect::<Vec<_>>();
            return Ok((self.seen(service, &found).await?, None));
        }
        let mut query = TransferQuery { after, ..self.query.clone() };
        let mut found = Vec::new();
        for _ in 0..TRIES {
            let mut page = service.bank.transfers(query.clone()).await?;
            page.data.retain(|movement| self.is_with(movement));
            found.extend(self.seen(service, &page.data).await?);
            query.after = page.next;
            query.limit = self.query.limit.saturating_sub(found.len());
            if page.next.is_none() || query.limit == 0 {
                break;
            }
        }
        Ok((found, query.after))
    }

    /// What the caller sees of movements, in their order.
    async fn seen(&self, service: &Service, movements: &[Movement]) -> Result<Vec<Transfer>, Problem> {
        let numbers = movements.iter().flat_map(|movement| [movement.from, movement.to]).flatten();
        let facts = service.facts_of(numbers).await?;
        let seen = movements.iter().filter_map(|movement| self.seen_by(movement, &facts));
        let fits = |it: &Transfer| {
            self.status.is_none_or(|status| it.status == status)
                && self.currency.is_none_or(|currency| it.currency == Some(currency))
        };
        Ok(seen.filter(fits).collect())
    }

    fn seen_by(&self, movement: &Movement, facts: &HashMap<AccountNumber, Facts>) -> Option<Transfer> {
        let of = |number: Option<AccountNumber>| number.and_then(|number| facts.get(&number).copied());
        let (from, to) = (of(movement.from), of(movement.to));
        let is_of = |owner: OwnerId| [from, to].into_iter().flatten().any(|facts| facts.owner == owner);
        if !self.query.owner.is_none_or(is_of) {
            return None;
        }
        let sides = Sides::new(from, to);
        let view = match &self.eyes {
            Some(owner) => sides.view_of(movement, owner)?,
            None => View::ALL,
        };
        Some(Transfer::of(movement, sides.money(), view))
    }

    fn is_with(&self, movement: &Movement) -> bool {
        let names = |number: AccountNumber| movement.from == Some(number) || movement.to == Some(number);
        self.with.is_none_or(names)
    }

    /// Whether a movement that was found by its id fits everything else that is asked.
    fn fits(&self, movement: &Movement) -> bool {
        let query = &self.query;
        let names = |number: AccountNumber| movement.from == Some(number) || movement.to == Some(number);
        query.account.is_none_or(names)
            && query.kind.is_none_or(|kind| movement.kind == kind)
            && query.least.is_none_or(|least| movement.amount >= least)
            && query.most.is_none_or(|most| movement.amount <= most)
            && query.from.is_none_or(|from| movement.recorded_at >= from)
            && query.to.is_none_or(|to| movement.recorded_at < to)
    }
}

const COLUMNS: [&str; 17] = [
    "position",
    "id",
    "created_at",
    "date",
    "kind",
    "status",
    "from",
    "to",
    "amount",
    "fee",
    "total",
    "currency",
    "sender_label",
    "receiver_label",
    "reference",
    "hold",
    "original",
];

fn row(transfer: &Transfer) -> Vec<Cell> {
    let number = |number: Option<AccountNumber>| number.map_or(Cell::Missing, Cell::text);
    let name = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|value| value.as_str().map(Cell::text)).unwrap_or(Cell::Missing)
    };
    // An amount whose currency is not known is none: its accounts are not there.
    let money = |units: u64| match (transfer.currency, transfer.scale) {
        (Some(currency), Some(scale)) => Cell::Money { units: units.into(), scale, currency },
        _ => Cell::Missing,
    };
    vec![
        Cell::number(transfer.position),
        Cell::text(transfer.id),
        Cell::Time(transfer.created_at.0),
        transfer.date.parse().map_or(Cell::Missing, Cell::Date),
        name(serde_json::to_value(transfer.kind)),
        name(serde_json::to_value(transfer.status)),
        number(transfer.from),
        number(transfer.to),
        money(transfer.amount),
        money(transfer.fee),
        money(transfer.total),
        transfer.currency.map_or(Cell::Missing, Cell::text),
        transfer.sender_label.as_deref().into(),
        transfer.receiver_label.as_deref().into(),
        Cell::text(&transfer.reference),
        transfer.hold.map_or(Cell::Missing, Cell::text),
        transfer.original.map_or(Cell::Missing, Cell::text),
    ]
}
