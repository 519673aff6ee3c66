//! `GET /admin/accounts`: accounts among all.

use std::collections::BTreeMap;
use std::rc::Rc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use jangbu::{AccountNumber, TypeCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{AccountRow, AdminAccount};
use crate::server::http::{Cursor, FileWanted, Form, Problem, ProblemBody, Query, Rows};
use crate::server::listing::{DatePart, Listing, Row, Selection, Wanted, select};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// So many are asked for at a time, so that others get their turn.
const AT_A_TIME: usize = 1_000;
/// The most accounts that are put in another order than that of their numbers for one file, as all of them are in memory.
const MOST_SORTED: usize = 200_000;

/// Which accounts are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AccountsQuery {
    /// The number of an account, which is found alone then; or words, each of which is in the number, the owner's username or
    /// name, or the type's code or name.
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
    /// Whether everything that fits is counted and summed, for which every account is looked at; true if not given. Without,
    /// a page in the order of the numbers takes no longer however many accounts there are.
    count: Option<bool>,
    /// `json` for a page, `csv` or `xlsx` for everything as a file; else the header `Accept` decides.
    #[param(inline)]
    format: Option<Form>,
    /// Whether a CSV file begins with a byte order mark, by which spreadsheet programs know that it is UTF-8; true if not given.
    bom: Option<bool>,
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
/// Totals and counts are those of the whole bank, and are left out with `count=false`. With `format=csv` or `format=xlsx`, or such an
/// `Accept`, everything that fits is exported: up to 1,000,000 accounts in the order of their numbers, up to 200,000 in another.
///
/// Staff may call it; it is audited: for an account whose number is searched for, else for the list.
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
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
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
) -> Result<HttpResponse, Problem> {
    let wanted =
        Wanted::new(query.q.as_deref(), query.sort.as_deref(), query.limit, query.cursor.as_ref(), query.page)?
            .only("type", query.r#type)
            .only("currency", query.currency.map(|currency| currency.to_uppercase()))
            .only("status", query.status)
            .only("own_limits", query.own_limits)
            .on("opened_at", query.opened, service.time_zone());
    let wanted = if query.count == Some(false) { wanted.uncounted() } else { wanted };
    let named = named(&service, query.q.as_deref()).await?;
    let wanted = if named.is_some() { wanted.unsearched() } else { wanted };
    match named {
        Some(number) => {
            service.audit.read(&caller, "account", &number.to_string()).await?;
            service.audit.tell_rows(&caller, &request, "account", &number.to_string());
        }
        None => service.audit.list(&caller, &request, "accounts").await?,
    }
    match FileWanted::of(&request, query.format, query.bom, service.time_zone()) {
        Some(file) => export(service, wanted, named, file).await,
        None => page(&service, &wanted, named).await,
    }
}

/// The account whose number is searched for, if there is one.
async fn named(service: &Service, q: Option<&str>) -> Result<Option<AccountNumber>, Problem> {
    let Some(typed) = q.and_then(|q| AccountNumber::typed(q.trim()).ok()) else { return Ok(None) };
    let number = service.meant(typed).await?;
    Ok(service.facts(number).await?.map(|_| number))
}

/// A page of what fits, with the totals of all that does.
async fn page(service: &Service, wanted: &Wanted, named: Option<AccountNumber>) -> Result<HttpResponse, Problem> {
    let mut selection = Selection::<AccountRow>::of_page(wanted)?;
    let (mut all, mut customers) = (Sums::default(), Sums::default());
    let mut accounts = Accounts::begin(service, named).await?;
    let in_order = wanted.is_by(AccountRow::DEFAULT_ORDER);
    if in_order && !wanted.is_counted() {
        accounts.after = selection.begins_after().and_then(|key| AccountNumber::new(key).ok());
    }
    while let Some(rows) = accounts.next(service).await? {
        for row in rows {
            selection.add(row, |row| {
                all.add(&row.account);
                if row.account.role == jangbu::Role::Customer {
                    customers.add(&row.account);
                }
            });
        }
        if in_order && selection.is_complete() {
            break;
        }
    }
    let totals = || AccountTotals { currencies: all.into_list(), customers: customers.into_list() };
    let totals = wanted.is_counted().then(totals);
    Ok(HttpResponse::Ok().json(selection.finish().into_listing(totals, AdminAccount::from)))
}

/// Everything that fits as a file: in the order of their numbers as the accounts come, in another one after all were seen.
async fn export(
    service: Data<Service>,
    wanted: Wanted,
    named: Option<AccountNumber>,
    file: FileWanted,
) -> Result<HttpResponse, Problem> {
    let mut accounts = Accounts::begin(&service, named).await?;
    if wanted.is_by(AccountRow::DEFAULT_ORDER) {
        let wanted = Rc::new(wanted);
        let page = move |mut accounts: Accounts| {
            let (service, wanted) = (service.clone(), Rc::clone(&wanted));
            async move {
                let rows = accounts.next(&service).await?.unwrap_or_default();
                let selected = select(rows, &wanted)?;
                let next = (!accounts.is_over).then_some(accounts);
                Ok(Rows { rows: selected.into_cells(), next })
            }
        };
        return file.answer("accounts", &AccountRow::columns(), accounts, page).await;
    }
    let mut selection = Selection::<AccountRow>::of_all(&wanted)?;
    while let Some(rows) = accounts.next(&service).await? {
        rows.into_iter().for_each(|row| selection.add(row, |_| {}));
        if selection.kept() > MOST_SORTED {
            let detail = format!("more than {MOST_SORTED} accounts fit: sort by `number`, or narrow the search");
            return Err(Problem::invalid_field("sort", "too_many_rows", detail));
        }
    }
    selection.finish().into_file("accounts", file).await
}

/// All accounts of the bank, as they are asked for.
struct Accounts {
    types: Rc<[jangbu::AccountType]>,
    /// The only one that is asked for.
    named: Option<AccountNumber>,
    after: Option<AccountNumber>,
    is_over: bool,
}

impl Accounts {
    async fn begin(service: &Service, named: Option<AccountNumber>) -> Result<Accounts, Problem> {
        let types = service.bank.account_types().await?.into();
        Ok(Accounts { types, named, after: None, is_over: false })
    }

    /// The next accounts in the order of their numbers; `None` when there are no more.
    async fn next(&mut self, service: &Service) -> Result<Option<Vec<AccountRow>>, Problem> {
        if self.is_over {
            return Ok(None);
        }
        if let Some(number) = self.named {
            self.is_over = true;
            let account = service.bank.snapshot(number).await?;
            return Ok(Some(vec![AccountRow::of(service, &self.types, account)]));
        }
        let page = service.bank.accounts(self.after, AT_A_TIME).await?;
        (self.after, self.is_over) = (page.next, page.next.is_none());
        Ok(Some(page.data.into_iter().map(|account| AccountRow::of(service, &self.types, account)).collect()))
    }
}

/// Sums by currency.
#[derive(Default)]
struct Sums(BTreeMap<String, CurrencySums>);

impl Sums {
    fn add(&mut self, account: &jangbu::Snapshot) {
        let currency = account.currency.to_string();
        let new = CurrencySums { currency: currency.clone(), scale: account.scale, accounts: 0, posted: 0, held: 0 };
        let sum = self.0.entry(currency).or_insert(new);
        sum.accounts = sum.accounts.saturating_add(1);
        sum.posted = sum.posted.saturating_add(account.posted.minor_units());
        sum.held = sum.held.saturating_add(account.held.minor_units());
    }

    fn into_list(self) -> Vec<CurrencySums> {
        self.0.into_values().collect()
    }
}
