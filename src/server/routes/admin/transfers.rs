//! `GET /admin/transfers`: movements of money among all of the bank.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{List, Problem, ReadProblems};
use crate::server::principal::Principal;
use crate::server::routes::movements::{Listed, Listing, Scope};
use crate::server::service::Service;
use crate::server::shapes::Transfer;

/// Registers the route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_admin_transfers);
}

/// Finds movements of money among all of the bank: everybody's, of one member, of one account.
///
/// By account, member and time a page takes milliseconds; by anything else every movement is looked at, so that a page can
/// be short, even empty, and still have a next one. With `format=csv` or `format=xlsx`, or such an `Accept`, it is one file of all that fit. How many fit is
/// not told: they would all have to be looked at. Staff may call it; it is audited.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "list_admin_transfers",
    tag = "admin",
    params(Listed),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "A page of movements, or all of them as a file.", content(
            (List<Transfer> = "application/json"),
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        ReadProblems,
    )
)]
#[get("/admin/transfers")]
async fn list_admin_transfers(
    request: HttpRequest,
    service: Data<Service>,
    caller: Principal,
    mut listed: Listed,
) -> Result<HttpResponse, Problem> {
    let mut scope = Scope { owner: None, eyes: None };
    if let Some(member) = listed.member {
        let member = service.members.find(member).ok_or_else(Problem::not_found)?;
        service.audit.read(&caller, "member", &member.id.to_string()).await?;
        service.audit.tell_rows(&caller, &request, "member", &member.id.to_string());
        scope.owner = Some(member.owner());
    }
    listed.find_account(&service).await?;
    let listing = Listing::new(&service, listed, scope).await?;
    match listing.account() {
        // Whoever reads an account's movements reads the account, however it was named.
        Some(account) => {
            service.readable_account(&caller, account).await?;
            service.audit.tell_rows(&caller, &request, "account", &account.to_string());
        }
        None if scope.owner.is_none() => service.audit.list(&caller, &request, "transfers").await?,
        None => {}
    }
    listing.answer(&request, service).await
}
