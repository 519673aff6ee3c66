//! Lists the account types that members can open an account of.

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get};
use jangbu::accounts::TypeCode;
use utoipa_actix_web::service_config::ServiceConfig;

use super::admin::account_types::TypeAnswer;
use crate::server::http::{List, Problem};
use crate::server::service::Service;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(offered_types);
}

/// Lists the account types that the caller can open an account of, in the order of their codes.
#[utoipa::path(
    tag = "accounts",
    responses(
        (status = 200, description = "The account types.", body = List<TypeAnswer>),
    )
)]
#[get("/account-types")]
async fn offered_types(service: Data<Service>) -> Result<impl Responder, Problem> {
    let mut offered = Vec::new();
    for kind in service.bank.account_types().await? {
        // The built-in type is for the bank's own accounts and has no fee or limits.
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
