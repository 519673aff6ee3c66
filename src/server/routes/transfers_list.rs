//! `GET /transfers`: a member's movements of money, as pages of JSON or one file.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::movements::{Listing, MovementsQuery, Scope};
use crate::server::http::{Archived, List, NotFound, Problem};
use crate::server::principal::{Permission, Principal};
use crate::server::service::Service;
use crate::server::shapes::Transfer;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_transfers);
}

/// Lists movements of money: transfers, cash, holds and their settlements and releases, reversals, sweeps.
///
/// Members list their own movements. Staff can also list those of any account or member, which is audited. Only
/// movements that are `posted` moved money: incoming minus outgoing, fees included, is the change of the balance. A
/// verified transfer is listed once: at its request while it is pending, then at its end. A page can be short or even
/// empty and still have a next page. With `format=csv` or `format=xlsx`, or a matching `Accept` header, returns all
/// matching movements as one file.
#[utoipa::path(
    tag = "transfers", params(MovementsQuery),
    responses(
        (status = 200, description = "A page of movements, or all of them as a file.", content(
            (List<Transfer> = "application/json"), (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        NotFound,
        Archived,
    ),
)]
#[get("/transfers")]
async fn list_transfers(
    request: HttpRequest,
    service: Data<Service>,
    caller: Principal,
    mut listed: MovementsQuery,
) -> Result<HttpResponse, Problem> {
    let scope = scope(&service, &caller, &mut listed).await?;
    Listing::new(&service, listed, scope).await?.answer(&request, service).await
}

/// Determines what the caller may list, and audits what staff lists.
async fn scope(service: &Service, caller: &Principal, listed: &mut MovementsQuery) -> Result<Scope, Problem> {
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
