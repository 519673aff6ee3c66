//! `GET /admin/transfers`: searches all movements of money.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{Archived, List, NotFound, Problem};
use crate::server::principal::Principal;
use crate::server::routes::movements::{Listing, MovementsQuery, Scope};
use crate::server::service::Service;
use crate::server::shapes::Transfer;

/// Registers the route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_admin_transfers);
}

/// Searches all movements of money of the bank: everyone's, one member's or one account's.
///
/// By account, member and time, a page takes milliseconds. Any other filter reads every movement, so a page can be
/// short or even empty and still have a next page. With `format=csv` or `format=xlsx`, or a matching `Accept` header,
/// returns all matching movements as one file. The total is not counted, because that would read every movement. For
/// staff. Audited.
#[utoipa::path(
    tag = "admin",
    params(MovementsQuery),
    responses(
        (status = 200, description = "A page of movements, or all of them as a file.", content(
            (List<Transfer> = "application/json"),
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        NotFound,
        Archived,
    )
)]
#[get("/admin/transfers")]
async fn list_admin_transfers(
    request: HttpRequest,
    service: Data<Service>,
    caller: Principal,
    mut listed: MovementsQuery,
) -> Result<HttpResponse, Problem> {
    let mut scope = Scope { owner: None, eyes: None };
    if let Some(member) = listed.member {
        let member = service.members.find(member).ok_or_else(Problem::not_found)?;
        service.audit.read(&caller, "member", &member.id.to_string()).await?;
        service.audit.count_rows(&caller, &request, "member", &member.id.to_string());
        scope.owner = Some(member.owner());
    }
    listed.find_account(&service).await?;
    let listing = Listing::new(&service, listed, scope).await?;
    match listing.account() {
        // Reading an account's movements is reading the account, however it was named.
        Some(account) => {
            service.readable_account(&caller, account).await?;
            service.audit.count_rows(&caller, &request, "account", &account.to_string());
        }
        None if scope.owner.is_none() => service.audit.list(&caller, &request, "transfers").await?,
        None => {}
    }
    listing.answer(&request, service).await
}
