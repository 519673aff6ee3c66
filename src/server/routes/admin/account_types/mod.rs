//! `/admin/account-types`: the terms that accounts of one kind share.
//!
//! | file | what it does |
//! | --- | --- |
//! | `answer` | what a type is to staff |
//! | `changing` | makes and changes one |

mod answer;
mod changing;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use jangbu::AccountType;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use answer::TypeAnswer;

use crate::server::http::{Cursor, FileWanted, Form, List, Problem, Query, ReadProblems};
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

/// Which types are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TypesQuery {
    /// Words, each of which is in the code or the name.
    #[param(max_length = 100)]
    q: Option<String>,
    /// In this currency.
    currency: Option<String>,
    /// Columns to sort by, with a minus for those that go down.
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
    /// `json` for a page, `csv` or `xlsx` for everything as a file; else the header `Accept` decides.
    #[param(inline)]
    format: Option<Form>,
    /// Whether a CSV file begins with a byte order mark, by which spreadsheet programs know that it is UTF-8; true if not given.
    bom: Option<bool>,
}

/// Every account type, the built-in one among them.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "list_account_types",
    tag = "admin",
    params(TypesQuery),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "What fits.", content((Listing<TypeAnswer, NoTotals> = "application/json"), (String = "text/csv"), (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        ReadProblems,
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
    if let Some(file) = FileWanted::of(&request, query.format, query.bom, service.time_zone()) {
        return selected.into_file("account-types", file).await;
    }
    Ok(HttpResponse::Ok().json(selected.into_listing(None::<NoTotals>, |row| row)))
}

/// One account type.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "get_account_type",
    tag = "admin",
    params(("code" = String, Path, description = "The code of the type.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The type.", body = TypeAnswer),
        ReadProblems,
    )
)]
#[get("/admin/account-types/{code}")]
async fn get_account_type(service: Data<Service>, path: Path<String>) -> Result<impl Responder, Problem> {
    let kind = find(&service, &path).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(TypeAnswer::of(&service, &kind).await?))
}

async fn find(service: &Service, code: &str) -> Result<Option<AccountType>, Problem> {
    let types = service.bank.account_types().await?;
    Ok(types.into_iter().find(|kind| kind.code.as_str() == code))
}

/// Lists what was done to an account type, the newest first: who changed what, before and after.
///
/// Auditors and administrators may call it.
///
/// Permission: read_audit
#[utoipa::path(
    operation_id = "account_type_history",
    tag = "admin",
    params(("code" = String, Path, description = "The code of the type."), HistoryQuery),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The entries of the audit log.", body = List<AuditAnswer>),
        ReadProblems,
    )
)]
#[get("/admin/account-types/{code}/history")]
async fn account_type_history(
    service: Data<Service>,
    caller: Principal,
    path: Path<String>,
    Query(query): Query<HistoryQuery>,
) -> Result<impl Responder, Problem> {
    let kind = find(&service, &path).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(history_of(&service, &caller, "account_type", kind.code.as_str(), &query).await?))
}
