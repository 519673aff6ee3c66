//! The account types of which a member can open an account.

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get};
use jangbu::TypeCode;
use utoipa_actix_web::service_config::ServiceConfig;

use super::admin::account_types::TypeAnswer;
use crate::server::http::{List, Problem, ProblemBody};
use crate::server::service::Service;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(offered_types);
}

/// The account types of which the caller can open an account, in the order of their codes.
///
/// Permission: read_own
#[utoipa::path(
    operation_id = "offered_types",
    tag = "accounts",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The types.", body = List<TypeAnswer>),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/account-types")]
async fn offered_types(service: Data<Service>) -> Result<impl Responder, Problem> {
    let mut offered = Vec::new();
    for kind in service.bank.account_types().await? {
        // It is the bank's own, without fee or limits.
        if kind.code != TypeCode::basic() {
            offered.push(TypeAnswer::of(&service, &kind).await?);
        }
    }
    Ok(HttpResponse::Ok().json(List::whole(offered)))
}

#[cfg(test)]
mod tests {
    use actix_web::http::{Method, StatusCode};
    use serde_json::json;

    use crate::server::testing::Town;

    #[actix_web::test]
    async fn a_member_is_offered_what_can_be_opened_and_not_the_banks_own_type() {
        let town = Town::new().await;
        let kind = json!({ "code": "savings", "name": "Savings", "currency": "KRW" });
        let made = town.send("ada", Method::POST, "/admin/account-types", kind).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let offered = town.get(Some("mina"), "/account-types").await;
        let codes: Vec<_> = offered.json["data"].as_array().unwrap().iter().map(|kind| &kind["code"]).collect();
        assert_eq!(codes, ["savings"], "{}", offered.text);
    }
}
