//! `GET /admin/accounts`: searches all accounts.

use std::collections::BTreeMap;
use std::rc::Rc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use jangbu::{AccountNumber, accounts::TypeCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{AccountRow, AdminAccount};
use crate::server::http::{Cursor, FileRequest, ListFormat, Problem, Query, Rows};
use crate::server::listing::{DatePart, Listing, Row, Selection, Wanted, select};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// How many accounts are read at a time, so that other requests get their turn.
const AT_A_TIME: usize = 1_000;
/// The most accounts that a file can have in another order than by number, because all of them are in memory.
const MOST_SORTED: usize = 200_000;

/// The query of a list of accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AccountsQuery {
    /// An account number, which then finds that account only; or words that must all occur in the number, the owner's
    /// username or name, or the type's code or name.
    #[param(max_length = 100)]
    q: Option<String>,
    /// Only this account type.
    #[param(value_type = Option<String>)]
    r#type: Option<TypeCode>,
    /// Only this currency.
    currency: Option<String>,
    /// Only accounts with this status: `open`, `frozen` or `closed`.
    #[param(inline)]
    status: Option<AccountStatus>,
    /// Only accounts with, or without, limits of their own.
    own_limits: Option<bool>,
    /// Only accounts opened in this year, month or day of the bank's time zone: `2026`, `2026-11` or `2026-11-22`.
    #[param(value_type = Option<String>)]
    opened: Option<DatePart>,
    /// The columns to sort by, each with a minus for descending order: `-posted,number`.
    sort: Option<String>,
    /// The page size, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// The page number, from 1, instead of `cursor`.
    #[param(minimum = 1, maximum = 1_000_000)]
    page: Option<u32>,
    /// Whether to count and sum all matching accounts, which reads every account. Default: true. With `false`, a page
    /// in the order of the numbers takes the same time however many accounts exist.
    count: Option<bool>,
    /// `json` for one page; `csv` or `xlsx` for everything as a file. Default: by the `Accept` header.
    #[param(inline)]
    format: Option<ListFormat>,
    /// Whether a CSV file begins with a byte order mark, from which spreadsheet programs recognise UTF-8. Default:
    /// true.
    bom: Option<bool>,
}

/// The status of an account.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AccountStatus {
    /// Debits and credits are allowed.
    Open,
    /// Debits, credits or both are frozen.
    Frozen,
    /// Closed for good.
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

/// Sums over all matching accounts.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct AccountTotals {
    /// By currency. Over the whole bank, the balances of each currency add up to zero, because the bank's own accounts
    /// are included.
    currencies: Vec<CurrencySums>,
    /// By currency, without the bank's own accounts.
    customers: Vec<CurrencySums>,
}

/// The sums of one currency, in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct CurrencySums {
    /// The currency.
    currency: String,
    /// The number of decimals of the currency.
    scale: u8,
    /// The number of accounts.
    accounts: u64,
    /// The sum of their balances.
    posted: i64,
    /// The amount reserved by open holds.
    held: u64,
}

/// Searches all accounts of the bank, including its own.
///
/// Totals and counts cover all matching accounts; `count=false` omits them. With `format=csv` or `format=xlsx`, or a
/// matching `Accept` header, exports everything: up to 1,000,000 accounts in the order of their numbers, up to 200,000
/// in any other order.
///
/// For staff. Audited: as a read of the account if its number is searched for, otherwise as a read of the list.
#[utoipa::path(
    tag = "admin",
    params(AccountsQuery),
    responses(
        (status = 200, description = "The matching rows.", content(
            (Listing<AdminAccount, AccountTotals> = "application/json"),
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
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
            service.audit.count_rows(&caller, &request, "account", &number.to_string());
        }
        None => service.audit.list(&caller, &request, "accounts").await?,
    }
    match FileRequest::of(&request, query.format, query.bom, service.time_zone()) {
        Some(file) => export(service, wanted, named, file).await,
        None => page(&service, &wanted, named).await,
    }
}

/// Returns the account whose number is searched for, if it exists.
async fn named(service: &Service, q: Option<&str>) -> Result<Option<AccountNumber>, Problem> {
    let Some(typed) = q.and_then(|q| AccountNumber::typed(q.trim()).ok()) else { return Ok(None) };
    let number = service.resolve_account(typed).await?;
    Ok(service.facts(number).await?.map(|_| number))
}

/// Responds with a page, and with the totals of all matching accounts.
async fn page(service: &Service, wanted: &Wanted, named: Option<AccountNumber>) -> Result<HttpResponse, Problem> {
    let mut selection = Selection::<AccountRow>::of_page(wanted)?;
    let (mut all, mut customers) = (Sums::default(), Sums::default());
    let mut accounts = Accounts::begin(service, named).await?;
    let in_order = wanted.is_by(AccountRow::USUAL_ORDER);
    if in_order && !wanted.is_counted() {
        accounts.after = selection.begins_behind().and_then(|key| AccountNumber::new(key).ok());
    }
    while let Some(rows) = accounts.next(service).await? {
        for row in rows {
            selection.look_at(row, |row| {
                all.add(&row.account);
                if row.account.role == jangbu::accounts::Role::Customer {
                    customers.add(&row.account);
                }
            });
        }
        if in_order && selection.is_over() {
            break;
        }
    }
    let totals = || AccountTotals { currencies: all.into_list(), customers: customers.into_list() };
    let totals = wanted.is_counted().then(totals);
    Ok(HttpResponse::Ok().json(selection.finish().into_listing(totals, AdminAccount::from)))
}

/// Responds with all matching accounts as a file: streamed in the order of their numbers, or sorted in another order.
async fn export(
    service: Data<Service>,
    wanted: Wanted,
    named: Option<AccountNumber>,
    file: FileRequest,
) -> Result<HttpResponse, Problem> {
    let mut accounts = Accounts::begin(&service, named).await?;
    if wanted.is_by(AccountRow::USUAL_ORDER) {
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
        rows.into_iter().for_each(|row| selection.look_at(row, |_| {}));
        if selection.kept() > MOST_SORTED {
            let detail = format!("more than {MOST_SORTED} accounts match; sort by `number`, or narrow the search");
            return Err(Problem::invalid_field("sort", "too_many_rows", detail));
        }
    }
    selection.finish().into_file("accounts", file).await
}

/// Iterates over the accounts of the bank.
struct Accounts {
    types: Rc<[jangbu::accounts::AccountType]>,
    /// The only account requested.
    named: Option<AccountNumber>,
    after: Option<AccountNumber>,
    is_over: bool,
}

impl Accounts {
    async fn begin(service: &Service, named: Option<AccountNumber>) -> Result<Accounts, Problem> {
        let types = service.bank.account_types().await?.into();
        Ok(Accounts { types, named, after: None, is_over: false })
    }

    /// Returns the next accounts in the order of their numbers; `None` at the end.
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
    fn add(&mut self, account: &jangbu::queries::Snapshot) {
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
