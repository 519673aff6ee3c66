//! `/admin/accounts`: every account, found, read and changed by staff.
//!
//! | file | what it does |
//! | --- | --- |
//! | `answer` | what an account is to staff |
//! | `listing` | finds accounts among all |
//! | `changing` | opens and changes one account |
//! | `bulk` | does the same to many |

mod answer;
mod bulk;
mod changing;
mod listing;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, Responder, get};
use jangbu::AccountNumber;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{List, Problem, ProblemBody, Query, ReadProblems};
use crate::server::principal::Principal;
use crate::server::routes::admin::audit::{AuditAnswer, HistoryQuery, history_of};
use crate::server::service::Service;
use answer::AccountRow;
pub(crate) use answer::AdminAccount;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(listing::list_admin_accounts);
    config.service(changing::create_admin_account);
    config.service(bulk::change_admin_accounts);
    config.service(get_admin_account);
    config.service(changing::patch_admin_account);
    config.service(account_history);
}

/// The account that is meant by the number in a path: what is no number is no account.
async fn number(service: &Service, text: &str) -> Result<AccountNumber, Problem> {
    service.meant(AccountNumber::typed(text).map_err(|_| Problem::not_found())?).await
}

/// Reads one account, with whom it belongs to. The read is audited.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "get_admin_account",
    tag = "admin",
    params(("number" = String, Path, description = "The account number.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The account.", body = AdminAccount),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "There is none.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/admin/accounts/{number}")]
async fn get_admin_account(
    service: Data<Service>,
    caller: Principal,
    path: Path<String>,
) -> Result<impl Responder, Problem> {
    let number = number(&service, &path).await?;
    let found = service.readable_account(&caller, number).await?;
    Ok(HttpResponse::Ok().json(answer(&service, found).await?))
}

/// Lists what was done to an account, and who of the staff read it, the newest first: who changed what, before and after.
///
/// Auditors and administrators may call it.
///
/// Permission: read_audit
#[utoipa::path(
    operation_id = "account_history",
    tag = "admin",
    params(("number" = String, Path, description = "The account number."), HistoryQuery),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The entries of the audit log.", body = List<AuditAnswer>),
        ReadProblems,
    )
)]
#[get("/admin/accounts/{number}/history")]
async fn account_history(
    service: Data<Service>,
    caller: Principal,
    path: Path<String>,
    Query(query): Query<HistoryQuery>,
) -> Result<impl Responder, Problem> {
    let number = number(&service, &path).await?;
    service.facts(number).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(history_of(&service, &caller, "account", number.as_str(), &query).await?))
}

/// An account as it is answered.
async fn answer(service: &Service, account: jangbu::Snapshot) -> Result<AdminAccount, Problem> {
    let types = service.bank.account_types().await?;
    Ok(AccountRow::of(service, &types, account).into())
}

#[cfg(test)]
mod tests;
