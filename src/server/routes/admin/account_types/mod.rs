//! `/admin/account-types`: the terms shared by all accounts of a type.
//!
//! | file | what it does |
//! | --- | --- |
//! | `answer` | what a type is to staff |
//! | `changing` | makes and changes one |

mod answer;
mod changing;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use jangbu::accounts::{AccountType, TypeCode};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use answer::TypeAnswer;

use crate::server::http::{Cursor, FileRequest, List, ListFormat, PathParams, Problem, Query};
use crate::server::listing::{Listing, NoTotals, Wanted, select};
use crate::server::principal::Principal;
use crate::server::routes::admin::audit::{AuditAnswer, HistoryQuery, history_of};
use crate::server::service::Service;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_account_types);
    config.service(changing::create_account_type);
    config.service(get_account_type);
    config.service(changing::patch_account_type);
    config.service(account_type_history);
}

/// The query of a list of account types.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TypesQuery {
    /// Words that must all occur in the code or the name.
    #[param(max_length = 100)]
    q: Option<String>,
    /// Only this currency.
    currency: Option<String>,
    /// The columns to sort by, each with a minus for descending order.
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
    /// `json` for one page; `csv` or `xlsx` for everything as a file. Default: by the `Accept` header.
    #[param(inline)]
    format: Option<ListFormat>,
    /// Whether a CSV file begins with a byte order mark, from which spreadsheet programs recognise UTF-8. Default:
    /// true.
    bom: Option<bool>,
}

/// Lists all account types, including the built-in one.
///
/// For staff.
#[utoipa::path(
    tag = "admin",
    params(TypesQuery),
    responses(
        (status = 200, description = "The matching rows.", content((Listing<TypeAnswer, NoTotals> = "application/json"), (String = "text/csv"), (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    )
)]
#[get("/admin/account-types")]
async fn list_account_types(
    service: Data<Service>,
    Query(query): Query<TypesQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let wanted =
        Wanted::new(query.q.as_deref(), query.sort.as_deref(), query.limit, query.cursor.as_ref(), query.page)?
            .only("currency", query.currency.map(|currency| currency.to_uppercase()));
    let mut rows = Vec::new();
    for kind in service.bank.account_types().await? {
        rows.push(TypeAnswer::of(&service, &kind).await?);
    }
    let selected = select(rows, &wanted)?;
    if let Some(file) = FileRequest::of(&request, query.format, query.bom, service.time_zone()) {
        return selected.into_file("account-types", file).await;
    }
    Ok(HttpResponse::Ok().json(selected.into_listing(None::<NoTotals>, |row| row)))
}

/// Returns an account type.
///
/// For staff.
#[utoipa::path(
    tag = "admin",
    params(("code" = String, Path, description = "The code of the account type.")),
    responses(
        (status = 200, description = "The account type.", body = TypeAnswer),
    )
)]
#[get("/admin/account-types/{code}")]
async fn get_account_type(
    service: Data<Service>,
    PathParams(code): PathParams<TypeCode>,
) -> Result<impl Responder, Problem> {
    let kind = find(&service, code).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(TypeAnswer::of(&service, &kind).await?))
}

async fn find(service: &Service, code: TypeCode) -> Result<Option<AccountType>, Problem> {
    let types = service.bank.account_types().await?;
    Ok(types.into_iter().find(|kind| kind.code == code))
}

/// Lists the changes of an account type, newest first, with the values before and after.
///
/// For auditors and administrators.
#[utoipa::path(
    tag = "admin",
    params(("code" = String, Path, description = "The code of the account type."), HistoryQuery),
    responses(
        (status = 200, description = "The entries of the audit log.", body = List<AuditAnswer>),
    )
)]
#[get("/admin/account-types/{code}/history")]
async fn account_type_history(
    service: Data<Service>,
    caller: Principal,
    PathParams(code): PathParams<TypeCode>,
    Query(query): Query<HistoryQuery>,
) -> Result<impl Responder, Problem> {
    let kind = find(&service, code).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(history_of(&service, &caller, "account_type", kind.code.as_str(), &query).await?))
}
