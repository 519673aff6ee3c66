//! An account's statement: pages of JSON, or one file.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use jangbu::text::folded;
use jangbu::{AccountNumber, Currency, Position, queries::HistoryQuery, time::When};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::movements::{At, PageStart};
use crate::server::http::{
    Archived, Cursor, FileRequest, List, ListFormat, PathAccount, Problem, Query, Rows, page_size,
};
use crate::server::members::MemberId;
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, Entry, Period, masked};

/// How many lines of a file are read at a time.
const ROWS_AT_A_TIME: usize = 1_000;

/// How many such portions are searched for a page of entries with a text.
const MOST_PAGES: usize = 20;
/// The most characters of a text to search for.
const LONGEST_TEXT: usize = 140;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_entries);
}

/// The query of a list of entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EntriesQuery {
    /// From this day (`2026-11-22`, in the bank's time zone) or moment (RFC 3339) on.
    #[param(value_type = Option<DayOrMoment>)]
    from: Option<When>,
    /// Until the end of this day, or before this moment; `9999-12-31` for no end.
    #[param(value_type = Option<DayOrMoment>)]
    to: Option<When>,
    /// Only entries with this text in the label, the reference, the end-to-end id, the customer text, the other
    /// account's number or its owner's name, regardless of case; or with this amount (`1,234.50` or `1234`).
    #[param(max_length = 140)]
    text: Option<String>,
    /// The `next` of the previous page, or the `previous` of the following one.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// The page size, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `json` for one page; `csv` or `xlsx` for everything as a file. Default: by the `Accept` header.
    #[param(inline)]
    format: Option<ListFormat>,
    /// Whether a CSV file begins with a byte order mark, from which spreadsheet programs recognise UTF-8. Default:
    /// true.
    bom: Option<bool>,
}

/// Lists the entries of an account, newest first, each with the balance after it.
///
/// With `format=csv` or `format=xlsx`, or a matching `Accept` header, returns all entries of the period as one file.
/// Members read their own accounts; staff can read any account, which is audited. A text search can return a short or
/// even empty page that still has a next page.
#[utoipa::path(
    tag = "accounts",
    params(PathAccount, EntriesQuery),
    responses(
        (status = 200, description = "A page of entries, or all of them as a file.", content(
            (List<Entry> = "application/json"), (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        Archived,
    ),
)]
#[get("/accounts/{number}/entries")]
async fn list_entries(
    request: HttpRequest,
    service: Data<Service>,
    caller: Principal,
    PathAccount(number): PathAccount,
    Query(listed): Query<EntriesQuery>,
) -> Result<HttpResponse, Problem> {
    let account = service.readable_account(&caller, number).await?;
    if account.owner != caller.member.owner() {
        service.audit.count_rows(&caller, &request, "account", &number.to_string());
    }
    let Period { from, to } = Period::between(listed.from, listed.to, service.time_zone())?;
    let place: Option<PageStart> = listed.cursor.map(|cursor| cursor.decode()).transpose()?;
    let limit = page_size(listed.limit)?;
    let text = folded(listed.text.unwrap_or_default().trim());
    if text.chars().count() > LONGEST_TEXT {
        let detail = format!("the text has at most {LONGEST_TEXT} characters");
        return Err(Problem::invalid_field("text", "too_long", detail));
    }
    let (before, since) = match place {
        None => (None, None),
        Some(PageStart { back: false, at: At::Position(before) }) => (Some(before), None),
        Some(PageStart { back: true, at: At::Position(since) }) if text.is_empty() => (None, Some(since)),
        Some(_) => return Err(Problem::invalid_field("cursor", "invalid", "pass the `next` of the previous page")),
    };
    let query = HistoryQuery { before, since, from, to, limit };
    let money = (account.currency, account.scale);
    let Some(file) = FileRequest::of(&request, listed.format, listed.bom, service.time_zone()) else {
        let (entries, next) = searched(&service, number, money, (query, &text)).await?;
        // The page after one that was reached backwards is the one that it was reached from.
        let list = List::new(entries, since.or(next));
        let previous = before_it(&list.data, query).filter(|_| text.is_empty());
        return Ok(HttpResponse::Ok().json(list.after(previous)));
    };
    if since.is_some() {
        return Err(Problem::invalid_field("cursor", "invalid", "a file cannot start from `previous`"));
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

/// Returns the start of the previous page, if there can be one.
fn before_it(entries: &[Entry], query: HistoryQuery) -> Option<PageStart> {
    let since = match query.since {
        None => query.before?,
        Some(_) if entries.len() < query.limit => return None,
        Some(_) => Position::new(entries.first()?.position).next(),
    };
    Some(PageStart { back: true, at: At::Position(since) })
}

/// Returns a page of the entries with a text, by reading the statement portion by portion.
///
/// The entries of one record stay on one page, so that the next page can start after the record.
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
    let answer = |entry: &jangbu::queries::Entry| {
        let name = entry.counterparty.and_then(|other| names.get(&other)).cloned();
        Entry::of(entry, money, name)
    };
    Ok((page.data.iter().map(answer).collect(), page.next))
}

/// Returns the masked names of the accounts' owners who are members.
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
