//! Movements of money by everything that can be asked of them: pages of JSON, or one file of CSV.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use jangbu::{AccountNumber, Amount, Order, OwnerId, Position, TransferQuery};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::transfers::Sides;
use crate::server::http::{Cursor, List, Problem, Query, ReadProblems, Rows, file, harmless, page_size, prefers_csv};
use crate::server::members::MemberId;
use crate::server::principal::{Permission, Principal};
use crate::server::service::Service;
use crate::server::shapes::{Bound, Period, Transfer, TransferKind, TransferStatus, View};

/// As many lines of a file are made at a time.
const ROWS_AT_A_TIME: usize = 1_000;
/// So often the bank is asked for a page before a short one is answered.
const TRIES: usize = 5;
/// The most characters of a text to find.
const LONGEST_TEXT: usize = 140;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_transfers);
}

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
struct Listed {
    /// Sent or received by this account: one's own, for staff anybody's.
    #[param(value_type = Option<String>)]
    account: Option<AccountNumber>,
    /// Sent or received by this member, for staff; oneself if neither is given.
    #[param(value_type = Option<String>, format = Uuid)]
    member: Option<MemberId>,
    /// Standing so. Refused ones are found only when they are asked for.
    #[param(inline)]
    status: Option<TransferStatus>,
    /// Of this kind.
    #[param(inline)]
    kind: Option<TransferKind>,
    /// The first day (`2026-11-22`, in the bank's time zone), or moment (RFC 3339).
    #[param(value_type = Option<String>)]
    from: Option<Bound>,
    /// The last day, or the first moment that is out.
    #[param(value_type = Option<String>)]
    to: Option<Bound>,
    /// Of at least so many minor units.
    #[param(value_type = Option<u64>)]
    least: Option<Amount>,
    /// Of at most so many minor units.
    #[param(value_type = Option<u64>)]
    most: Option<Amount>,
    /// With this text in a label or in the reference, in upper or lower case.
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
}

/// Lists movements of money: transfers, cash, holds and what became of them, reversals, sweeps.
///
/// One's own; for staff also those of an account or a member, which is audited. A page can be short, even empty, and still
/// have a next one. With `Accept: text/csv` it is one file of all that fit.
///
/// Permission: read_own
#[utoipa::path(
    tag = "transfers", security(("session" = []), ("token" = [])), params(Listed),
    responses(
        (status = 200, description = "A page of movements, or all of them as a file.", content(
            (List<Transfer> = "application/json"), (String = "text/csv"),
        )),
        ReadProblems,
    ),
)]
#[get("/transfers")]
async fn list_transfers(
    request: HttpRequest,
    service: Data<Service>,
    caller: Principal,
    Query(listed): Query<Listed>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadOwn)?;
    let limit = page_size(listed.limit)?;
    let listing = listing(&service, &caller, listed, limit).await?;
    if !prefers_csv(&request) {
        let (data, next) = listing.page(&service, listing.query.after).await?;
        return Ok(HttpResponse::Ok().json(List::new(data, next)));
    }
    let first = listing.query.after;
    let query = TransferQuery { limit: ROWS_AT_A_TIME, ..listing.query.clone() };
    let listing = Arc::new(Listing { query, ..listing });
    let service = service.into_inner();
    let rows = move |after: Option<Position>| {
        let (service, listing) = (Arc::clone(&service), Arc::clone(&listing));
        async move {
            let (data, next) = listing.page(&service, after).await?;
            Ok(Rows { rows: data.iter().map(row).collect(), next: next.map(Some) })
        }
    };
    file("transfers", &COLUMNS, first, rows).await
}

/// What is listed, for whom.
#[derive(Debug)]
struct Listing {
    query: TransferQuery,
    status: Option<TransferStatus>,
    /// Through whose eyes; `None` for staff, who see everything.
    eyes: Option<OwnerId>,
}

/// Finds out what the caller may list, and writes down what staff does.
async fn listing(service: &Service, caller: &Principal, listed: Listed, limit: usize) -> Result<Listing, Problem> {
    let own = caller.member.owner();
    let mut eyes = Some(own);
    let mut owner = None;
    if let Some(member) = listed.member.filter(|member| *member != caller.id()) {
        if !caller.may(Permission::ReadAny) || service.members.find(member).is_none() {
            return Err(Problem::not_found());
        }
        service.audit.read(caller, "member", &member.to_string()).await?;
        (owner, eyes) = (Some(member.owner()), None);
    }
    if let Some(account) = listed.account {
        let found = service.readable_account(caller, account).await?;
        if found.owner != own {
            eyes = None;
        }
    } else if owner.is_none() {
        owner = Some(own);
    }
    if listed.text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
        let detail = format!("a text to find has at most {LONGEST_TEXT} characters");
        return Err(Problem::invalid_field("text", "too_long", detail));
    }
    let Period { from, to } = Period::between(listed.from, listed.to, &service.config.time_zone)?;
    let after: Option<u64> = listed.cursor.map(|cursor| cursor.place()).transpose()?;
    let query = TransferQuery {
        account: listed.account,
        owner,
        from,
        to,
        least: listed.least,
        most: listed.most,
        status: listed.status.and_then(TransferStatus::of_bank),
        kind: listed.kind.map(TransferKind::of_bank),
        text: listed.text,
        order: match listed.order.unwrap_or_default() {
            Direction::Newest => Order::NewestFirst,
            Direction::Oldest => Order::OldestFirst,
        },
        after: after.map(Position::new),
        limit,
    };
    Ok(Listing { query, status: listed.status, eyes })
}

impl Listing {
    /// The page after a position: what is found, as the caller sees it, and where the next one begins.
    async fn page(
        &self,
        service: &Service,
        after: Option<Position>,
    ) -> Result<(Vec<Transfer>, Option<Position>), Problem> {
        let mut query = TransferQuery { after, ..self.query.clone() };
        let mut found = Vec::new();
        for _ in 0..TRIES {
            let page = service.bank.transfers(query.clone()).await?;
            let numbers = page.data.iter().flat_map(|movement| [movement.from, movement.to]).flatten();
            let facts = service.facts_of(numbers).await?;
            for movement in &page.data {
                let of = |number: Option<AccountNumber>| number.and_then(|number| facts.get(&number).copied());
                let sides = Sides::new(of(movement.from), of(movement.to));
                let view = match &self.eyes {
                    Some(owner) => sides.view_of(movement, owner),
                    None => Some(View::ALL),
                };
                let transfer = view.map(|view| Transfer::of(movement, sides.money(), view));
                found.extend(transfer.filter(|it| self.status.is_none_or(|status| it.status == status)));
            }
            query.after = page.next;
            query.limit = self.query.limit.saturating_sub(found.len());
            if page.next.is_none() || query.limit == 0 {
                break;
            }
        }
        Ok((found, query.after))
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
    "scale",
    "sender_label",
    "receiver_label",
    "reference",
    "original",
];

fn row(transfer: &Transfer) -> Vec<String> {
    let number = |number: Option<AccountNumber>| number.map(|number| number.to_string()).unwrap_or_default();
    let name = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    vec![
        transfer.position.to_string(),
        transfer.id.to_string(),
        transfer.created_at.to_string(),
        transfer.date.clone(),
        name(serde_json::to_value(transfer.kind)),
        name(serde_json::to_value(transfer.status)),
        number(transfer.from),
        number(transfer.to),
        transfer.amount.to_string(),
        transfer.fee.to_string(),
        transfer.total.to_string(),
        transfer.currency.map(|currency| currency.to_string()).unwrap_or_default(),
        transfer.scale.map(|scale| scale.to_string()).unwrap_or_default(),
        harmless(transfer.sender_label.as_deref().unwrap_or_default()),
        harmless(transfer.receiver_label.as_deref().unwrap_or_default()),
        harmless(&transfer.reference),
        transfer.original.map(|id| id.to_string()).unwrap_or_default(),
    ]
}
