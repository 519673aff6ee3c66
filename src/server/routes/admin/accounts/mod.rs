//! `/admin/accounts`: all accounts, searched, read and changed by staff.
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

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get};
use jangbu::AccountNumber;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{List, PathAccount, Problem, Query};
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

/// Returns the account that a number names. A malformed number is not found.
async fn number(service: &Service, text: &str) -> Result<AccountNumber, Problem> {
    let typed = AccountNumber::typed(text).map_err(|_| Problem::not_found())?;
    Ok(service.resolve_account(typed).await?)
}

/// Returns an account with its owner. Audited.
///
/// For staff.
#[utoipa::path(
    tag = "admin",
    params(PathAccount),
    responses(
        (status = 200, description = "The account.", body = AdminAccount),
    )
)]
#[get("/admin/accounts/{number}")]
async fn get_admin_account(
    service: Data<Service>,
    caller: Principal,
    PathAccount(number): PathAccount,
) -> Result<impl Responder, Problem> {
    let found = service.readable_account(&caller, number).await?;
    Ok(HttpResponse::Ok().json(answer(&service, found).await?))
}

/// Lists the changes of an account and the staff who read it, newest first, with the values before and after.
///
/// For auditors and administrators.
#[utoipa::path(
    tag = "admin",
    params(PathAccount, HistoryQuery),
    responses(
        (status = 200, description = "The entries of the audit log.", body = List<AuditAnswer>),
    )
)]
#[get("/admin/accounts/{number}/history")]
async fn account_history(
    service: Data<Service>,
    caller: Principal,
    PathAccount(number): PathAccount,
    Query(query): Query<HistoryQuery>,
) -> Result<impl Responder, Problem> {
    service.facts(number).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(history_of(&service, &caller, "account", number.as_str(), &query).await?))
}

/// Returns an account as the answer shows it.
async fn answer(service: &Service, account: jangbu::queries::Snapshot) -> Result<AdminAccount, Problem> {
    let types = service.bank.account_types().await?;
    Ok(AccountRow::of(service, &types, account).into())
}

#[cfg(test)]
mod tests;
