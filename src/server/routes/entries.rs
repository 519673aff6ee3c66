//! An account's statement: pages of JSON, or one file of CSV.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use jangbu::text::folded;
use jangbu::{AccountNumber, Currency, HistoryQuery, Position, When};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::movements::{At, Place};
use crate::server::http::{
    Cursor, FileWanted, Form, InPath, List, Problem, Query, ReadProblems, Rows, Typed, page_size,
};
use crate::server::members::MemberId;
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, Entry, Period, masked};

/// As many lines of a file are made at a time.
const ROWS_AT_A_TIME: usize = 1_000;

/// As many of them are looked through for a page of those that have a text.
const MOST_PAGES: usize = 20;
/// The most characters of a text to find.
const LONGEST_TEXT: usize = 140;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_entries);
}

/// Which entries to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Listed {
    /// The first day (`2026-11-22`, in the bank's time zone), or moment (RFC 3339).
    #[param(value_type = Option<DayOrMoment>)]
    from: Option<When>,
    /// The last day, or the first moment that is out; `9999-12-31` for no end.
    #[param(value_type = Option<DayOrMoment>)]
    to: Option<When>,
    /// With this text in the label, the reference, the end-to-end id, the customer's text, the other account's number or owner's
    /// name, in upper or lower case; or of this amount (`1,234.50` or `1234`).
    #[param(max_length = 140)]
    text: Option<String>,
    /// `next` of the page before, or `previous` of the page behind.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// How many, 1 to 200; 50 if not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `json` for a page, `csv` or `xlsx` for everything as a file; else the header `Accept` decides.
    #[param(inline)]
    format: Option<Form>,
    /// Whether a CSV file begins with a byte order mark, by which spreadsheet programs know that it is UTF-8; true if not given.
    bom: Option<bool>,
}

/// Lists an account's entries, newest first, each with the balance after it.
///
/// With `format=csv` or `format=xlsx`, or such an `Accept`, it is one file of all entries of the period. One's own account;
/// for staff anybody's, which is audited. A search by text can give a short page, even an empty one, that still has a next
/// one.
///
/// Permission: read_own
#[utoipa::path(
    tag = "accounts", security(("session" = []), ("token" = [])),
    params(("number" = String, Path, description = "The account number."), Listed),
    responses(
        (status = 200, description = "A page of entries, or all of them as a file.", content(
            (List<Entry> = "application/json"), (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        ReadProblems,
    ),
)]
#[get("/accounts/{number}/entries")]
async fn list_entries(
    request: HttpRequest,
    service: Data<Service>,
    caller: Principal,
    InPath(Typed(typed)): InPath<Typed>,
    Query(listed): Query<Listed>,
) -> Result<HttpResponse, Problem> {
    let number = service.meant(typed).await?;
    let account = service.readable_account(&caller, number).await?;
    if account.owner != caller.member.owner() {
        service.audit.tell_rows(&caller, &request, "account", &number.to_string());
    }
    let Period { from, to } = Period::between(listed.from, listed.to, service.time_zone())?;
    let place: Option<Place> = listed.cursor.map(|cursor| cursor.place()).transpose()?;
    let limit = page_size(listed.limit)?;
    let text = folded(listed.text.unwrap_or_default().trim());
    if text.chars().count() > LONGEST_TEXT {
        let detail = format!("a text to find has at most {LONGEST_TEXT} characters");
        return Err(Problem::invalid_field("text", "too_long", detail));
    }
    let (before, since) = match place {
        None => (None, None),
        Some(Place { back: false, at: At::Position(before) }) => (Some(before), None),
        Some(Place { back: true, at: At::Position(since) }) if text.is_empty() => (None, Some(since)),
        Some(_) => return Err(Problem::invalid_field("cursor", "invalid", "pass `next` of the page before")),
    };
    let query = HistoryQuery { before, since, from, to, limit };
    let money = (account.currency, account.scale);
    let Some(file) = FileWanted::of(&request, listed.format, listed.bom, service.time_zone()) else {
        let (entries, next) = searched(&service, number, money, (query, &text)).await?;
        // Behind a page that was gone back to comes the one that it was gone back from.
        let list = List::new(entries, since.or(next));
        let previous = before_it(&list.data, query).filter(|_| text.is_empty());
        return Ok(HttpResponse::Ok().json(list.after(previous)));
    };
    if since.is_some() {
        return Err(Problem::invalid_field("cursor", "invalid", "a file goes on and never back"));
    }
    let service = Arc::clone(&service);
    let rows = move |before: Option<Position>| {
        let service = Arc::clone(&service);
        let (query, text) = (HistoryQuery { before, limit: ROWS_AT_A_TIME, ..query }, text.clone());
        async move {
            let (entries, next) = searched(&service, number, money, (query, &text)).await?;
            Ok(Rows { rows: entries.iter().map(|entry| entry.row(number)).collect(), next: next.map(Some) })
        }
    };
    file.answer(&format!("entries-{number}"), &Entry::COLUMNS, query.before, rows).await
}

/// Where the page before this one ends, if there can be one.
fn before_it(entries: &[Entry], query: HistoryQuery) -> Option<Place> {
    let since = match query.since {
        None => query.before?,
        Some(_) if entries.len() < query.limit => return None,
        Some(_) => Position::new(entries.first()?.position).next(),
    };
    Some(Place { back: true, at: At::Position(since) })
}

/// A page of the entries that have a text, in which every statement is looked through page by page.
///
/// The entries of one record stay together, so that the page goes on behind it.
async fn searched(
    service: &Service,
    number: AccountNumber,
    money: (Currency, u8),
    (query, text): (HistoryQuery, &str),
) -> Result<(Vec<Entry>, Option<Position>), Problem> {
    if text.is_empty() {
        return page(service, number, money, query).await;
    }
    let (mut found, mut looked_through) = (Vec::new(), HistoryQuery { limit: ROWS_AT_A_TIME, ..query });
    for _ in 0..MOST_PAGES {
        let (entries, next) = page(service, number, money, looked_through).await?;
        for entry in entries {
            let last = found.last().map_or(0, |last: &Entry| last.position);
            if found.len() >= query.limit && entry.position != last {
                return Ok((found, Some(Position::new(last))));
            }
            found.extend(Some(entry).filter(|entry| entry.has(text)));
        }
        looked_through.before = next;
        if next.is_none() {
            break;
        }
    }
    Ok((found, looked_through.before))
}

async fn page(
    service: &Service,
    number: AccountNumber,
    money: (Currency, u8),
    query: HistoryQuery,
) -> Result<(Vec<Entry>, Option<Position>), Problem> {
    let page = service.bank.history(number, query).await?;
    let names = masked_names(service, page.data.iter().filter_map(|entry| entry.counterparty)).await?;
    let told = |entry: &jangbu::Entry| {
        let name = entry.counterparty.and_then(|other| names.get(&other)).cloned();
        Entry::of(entry, money, name)
    };
    Ok((page.data.iter().map(told).collect(), page.next))
}

/// The partly masked names of the owners of accounts, as far as those are members.
async fn masked_names(
    service: &Service,
    numbers: impl IntoIterator<Item = AccountNumber>,
) -> Result<HashMap<AccountNumber, String>, Problem> {
    let facts = service.facts_of(numbers).await?;
    let name = |(number, facts): (AccountNumber, crate::server::facts::Facts)| {
        let member = service.members.find(MemberId::of_owner(&facts.owner)?)?;
        Some((number, masked(&member.name)?))
    };
    Ok(facts.into_iter().filter_map(name).collect())
}
