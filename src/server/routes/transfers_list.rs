//! A member's movements of money by everything that can be asked of them: pages of JSON, or one file of CSV.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::movements::{Listed, Listing, Scope};
use crate::server::http::{List, Problem, ReadProblems};
use crate::server::principal::{Permission, Principal};
use crate::server::service::Service;
use crate::server::shapes::Transfer;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_transfers);
}

/// Lists movements of money: transfers, cash, holds and what became of them, reversals, sweeps.
///
/// One's own; for staff also those of an account or a member, which is audited. Those that are `posted` are what moved: what
/// came in less what went out, fees included, is the change of the balance. A transfer that is verified is listed once: while
/// it is pending where it was asked for, and from then on where it ended. A page can be short, even empty, and still have a
/// next one. With `format=csv` or `format=xlsx`, or such an `Accept`, it is one file of all
/// that fit.
///
/// Permission: read_own
#[utoipa::path(
    tag = "transfers", security(("session" = []), ("token" = [])), params(Listed),
    responses(
        (status = 200, description = "A page of movements, or all of them as a file.", content(
            (List<Transfer> = "application/json"), (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        ReadProblems,
    ),
)]
#[get("/transfers")]
async fn list_transfers(
    request: HttpRequest,
    service: Data<Service>,
    caller: Principal,
    mut listed: Listed,
) -> Result<HttpResponse, Problem> {
    let scope = scope(&service, &caller, &mut listed).await?;
    Listing::new(&service, listed, scope).await?.answer(&request, service).await
}

/// Finds out what the caller may list, and writes down what staff does.
async fn scope(service: &Service, caller: &Principal, listed: &mut Listed) -> Result<Scope, Problem> {
    let own = caller.member.owner();
    let mut scope = Scope { owner: None, eyes: Some(own) };
    if let Some(member) = listed.member.filter(|member| *member != caller.id()) {
        if !caller.may(Permission::ReadAny) || service.members.find(member).is_none() {
            return Err(Problem::not_found());
        }
        service.audit.read(caller, "member", &member.to_string()).await?;
        scope = Scope { owner: Some(member.owner()), eyes: None };
    }
    if let Some(account) = listed.find_account(service).await? {
        let found = service.readable_account(caller, account).await?;
        if found.owner != own {
            scope.eyes = None;
        }
    } else if caller.bounds().is_some_and(|bounds| !bounds.accounts.is_empty()) {
        return Err(Problem::token_bound("an account of those has to be named").at_field("account"));
    } else if scope.owner.is_none() {
        scope.owner = Some(own);
    }
    Ok(scope)
}
