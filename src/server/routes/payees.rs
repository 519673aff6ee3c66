//! Payees: whether an account exists, with its owner's masked name; and recent payees.

use std::collections::HashSet;

use actix_web::web::Data;
use actix_web::{Responder, get, web};
use jangbu::{
    AccountNumber,
    queries::{Movement, MovementKind, TransferQuery},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::facts::Facts;
use crate::server::http::{List, PathAccount, Problem, Query, page_size};
use crate::server::members::MemberId;
use crate::server::principal::Principal;
use crate::server::rates::Class;
use crate::server::service::Service;
use crate::server::shapes::{Moment, Payee, RecentPayee};

/// How many pages of movements are searched for payees.
const PAGES: usize = 4;
const PAGE: usize = 200;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(get_payee).service(list_recent_payees);
}

/// Returns whether an account exists, its currency, and its owner's name in masked form.
///
/// For any signed-in member. The number of new accounts looked up per minute is limited.
#[utoipa::path(
    tag = "payees",
    params(PathAccount),
    responses((status = 200, description = "The payee.", body = Payee)),
)]
#[get("/payees/{number}")]
async fn get_payee(
    service: Data<Service>,
    caller: Principal,
    PathAccount(number): PathAccount,
) -> Result<impl Responder, Problem> {
    caller.keep_to_payee(number)?;
    service.meet(&caller, Class::Lookups, [number]).await?;
    let facts = if number.is_reserved() { None } else { service.facts(number).await? };
    let facts = facts.ok_or_else(Problem::not_found)?;
    Ok(web::Json(payee(&service, &caller, number, &facts)))
}

/// The query of the list of payees.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PayeesQuery {
    /// The page size, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Lists the payees of the caller's latest transfers, most recent first.
#[utoipa::path(
    tag = "payees", params(PayeesQuery),
    responses((status = 200, description = "The payees.", body = List<RecentPayee>)),
)]
#[get("/me/payees")]
async fn list_recent_payees(
    service: Data<Service>,
    caller: Principal,
    Query(listed): Query<PayeesQuery>,
) -> Result<impl Responder, Problem> {
    let limit = page_size(listed.limit)?;
    let owner = caller.member.owner();
    let mut query = TransferQuery { owner: Some(owner), limit: PAGE, ..TransferQuery::default() };
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for _ in 0..PAGES {
        let page = service.bank.transfers(query.clone()).await?;
        let numbers = page.data.iter().flat_map(|movement| [movement.from, movement.to]).flatten();
        let facts = service.facts_of(numbers).await?;
        for movement in &page.data {
            let Some((to, to_facts)) = paid(movement).and_then(|(from, to)| {
                let is_own = facts.get(&from).is_some_and(|facts| facts.owner == owner);
                facts.get(&to).filter(|_| is_own).map(|facts| (to, *facts))
            }) else {
                continue;
            };
            if to_facts.owner != owner && seen.insert(to) && found.len() < limit {
                let payee = payee(&service, &caller, to, &to_facts);
                found.push(RecentPayee { payee, last_used_at: Moment(movement.recorded_at) });
            }
        }
        query.after = page.next;
        if query.after.is_none() || found.len() >= limit {
            break;
        }
    }
    Ok(web::Json(List::whole(found)))
}

/// Returns who paid whom, for a movement that is a payment.
fn paid(movement: &Movement) -> Option<(AccountNumber, AccountNumber)> {
    let is_payment = matches!(movement.kind, MovementKind::Transfer | MovementKind::Hold);
    movement.from.zip(movement.to).filter(|_| is_payment)
}

fn payee(service: &Service, caller: &Principal, number: AccountNumber, facts: &Facts) -> Payee {
    let member = MemberId::of_owner(&facts.owner).and_then(|id| service.members.find(id));
    let own = facts.owner == caller.member.owner();
    Payee::of(number, facts, member.as_ref().map(|member| member.name.as_str()), own)
}
