//! `GET /admin/accounts`: accounts among all.

use std::collections::BTreeMap;

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use jangbu::{AccountNumber, TypeCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{AccountRow, AdminAccount};
use crate::server::http::{Cursor, Problem, ProblemBody, Query, prefers_csv};
use crate::server::listing::{DatePart, Listing, Wanted, select};
use crate::server::principal::{Permission, Principal};
use crate::server::service::Service;

/// So many accounts are looked at for one answer. The rest are behind `after`.
const MOST_ACCOUNTS: usize = 100_000;
/// So many are asked for at a time, so that others get their turn.
const AT_A_TIME: usize = 1_000;

/// Which accounts are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AccountsQuery {
    /// Words, each of which is in the number, the owner's username or name, or the type's code or name.
    #[param(max_length = 100)]
    q: Option<String>,
    /// Of this type.
    #[param(value_type = Option<String>)]
    r#type: Option<TypeCode>,
    /// In this currency.
    currency: Option<String>,
    /// Standing so: `open`, `frozen` or `closed`.
    #[param(inline)]
    status: Option<AccountStatus>,
    /// Whether it has limits of its own.
    own_limits: Option<bool>,
    /// Opened in this year, month or day of the bank's time zone: `2026`, `2026-11` or `2026-11-22`.
    #[param(value_type = Option<String>)]
    opened: Option<DatePart>,
    /// Columns to sort by, with a minus for those that go down: `-posted,number`.
    sort: Option<String>,
    /// How many, 1 to 200; 50 when not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// Or the number of the page, from 1.
    #[param(minimum = 1, maximum = 1_000_000)]
    page: Option<u32>,
    /// Only accounts with numbers behind this one: `totals.scanned_to` of an answer that is not complete.
    #[param(value_type = Option<String>)]
    after: Option<AccountNumber>,
}

/// How an account stands.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AccountStatus {
    /// Debits and credits are possible.
    Open,
    /// Debits, credits or both are refused.
    Frozen,
    /// Closed for ever.
    Closed,
}

impl std::fmt::Display for AccountStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            AccountStatus::Open => "open",
            AccountStatus::Frozen => "frozen",
            AccountStatus::Closed => "closed",
        })
    }
}

/// Sums over all accounts that fit.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct AccountTotals {
    /// By currency. Over the whole bank the balances of each add up to nothing, the bank's own accounts being among them.
    currencies: Vec<CurrencySums>,
    /// By currency, without the bank's own accounts.
    customers: Vec<CurrencySums>,
    /// Whether every account was looked at. If not, the others are found with `after`.
    complete: bool,
    /// The last account that was looked at.
    scanned_to: Option<String>,
}

/// The sums of one currency, in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct CurrencySums {
    /// The currency.
    currency: String,
    /// Its number of decimals.
    scale: u8,
    /// How many accounts.
    accounts: u64,
    /// The sum of their balances.
    posted: i64,
    /// What open holds keep.
    held: u64,
}

/// Finds accounts among all of the bank, the bank's own included.
///
/// With `Accept: text/csv` everything that fits is exported. Up to 100,000 accounts are looked at; beyond that
/// `totals.complete` is false and the rest is found with `after`.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "list_admin_accounts",
    tag = "admin",
    params(AccountsQuery),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "What fits.", content(
            (Listing<AdminAccount, AccountTotals> = "application/json"),
            (String = "text/csv"),
        )),
        (status = 400, description = "The query does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/admin/accounts")]
pub(super) async fn list_admin_accounts(
    service: Data<Service>,
    caller: Principal,
    Query(query): Query<AccountsQuery>,
    request: HttpRequest,
) -> Result<impl Responder, Problem> {
    caller.require(Permission::ReadAny)?;
    let wanted =
        Wanted::new(query.q.as_deref(), query.sort.as_deref(), query.limit, query.cursor.as_ref(), query.page)?
            .only("type", query.r#type)
            .only("currency", query.currency.map(|currency| currency.to_uppercase()))
            .only("status", query.status)
            .only("own_limits", query.own_limits)
            .on("opened_at", query.opened, service.time_zone());
    let (rows, behind) = every_account(&service, query.after).await?;
    service.audit.read(&caller, "accounts", "list").await?;
    let scanned_to = rows.last().map(|row| row.account.number.to_string());
    // Sorting a hundred thousand rows takes longer than others should wait.
    let selected = web::block(move || select(rows, &wanted)).await.map_err(|_| Problem::not_found())??;
    if prefers_csv(&request) {
        return Ok(selected.into_sheet("accounts").respond_to(&request));
    }
    let mut totals = sums(selected.fitting());
    (totals.complete, totals.scanned_to) = (behind.is_none(), scanned_to);
    Ok(HttpResponse::Ok().json(selected.into_listing(Some(totals), AdminAccount::from)))
}

/// The accounts with numbers behind `after`, and the last one's number if there are more.
async fn every_account(
    service: &Service,
    mut after: Option<AccountNumber>,
) -> Result<(Vec<AccountRow>, Option<AccountNumber>), Problem> {
    let types = service.bank.account_types().await?;
    let mut rows = Vec::new();
    loop {
        let page = service.bank.accounts(after, AT_A_TIME).await?;
        rows.extend(page.data.into_iter().map(|account| AccountRow::of(service, &types, account)));
        after = page.next;
        if after.is_none() || rows.len() >= MOST_ACCOUNTS {
            return Ok((rows, after));
        }
    }
}

/// The sums of all, and of the customers' accounts alone.
fn sums(rows: &[AccountRow]) -> AccountTotals {
    let accounts = || rows.iter().map(|row| &row.account);
    let customers = accounts().filter(|account| account.role == jangbu::Role::Customer);
    AccountTotals { currencies: by_currency(accounts()), customers: by_currency(customers), ..AccountTotals::default() }
}

fn by_currency<'a>(accounts: impl Iterator<Item = &'a jangbu::Snapshot>) -> Vec<CurrencySums> {
    let mut sums: BTreeMap<String, CurrencySums> = BTreeMap::new();
    for account in accounts {
        let currency = account.currency.to_string();
        let sum = sums.entry(currency.clone()).or_insert(CurrencySums {
            currency,
            scale: account.scale,
            accounts: 0,
            posted: 0,
            held: 0,
        });
        sum.accounts = sum.accounts.saturating_add(1);
        sum.posted = sum.posted.saturating_add(account.posted.minor_units());
        sum.held = sum.held.saturating_add(account.held.minor_units());
    }
    sums.into_values().collect()
}
