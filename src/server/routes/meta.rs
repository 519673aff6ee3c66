//! `GET /meta`: what a client has to know before anybody signs in.

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::config::Verification;
use crate::server::http::{Problem, ProblemBody};
use crate::server::service::Service;

/// Registers the route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(meta);
}

/// What there is to know of the bank.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Meta {
    /// What the bank calls itself.
    name: String,
    /// The version of the program.
    version: &'static str,
    /// The IANA name of the time zone whose midnight turns the business day.
    time_zone: String,
    /// Whether anyone may sign up.
    sign_up: bool,
    /// What happens between acceptance and settlement.
    verification: VerificationKind,
    /// The currencies of the account types, and won.
    currencies: Vec<MetaCurrency>,
    /// The name under which authenticator apps know the bank.
    totp_issuer: String,
    /// Whether the bank is there to be tried out.
    demo: bool,
}

/// A currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MetaCurrency {
    /// The code of ISO 4217.
    #[schema(example = "KRW")]
    code: String,
    /// Its number of decimals.
    #[schema(example = 0)]
    scale: u8,
}

/// What happens between acceptance and settlement.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VerificationKind {
    /// Nothing: transfers are posted at once.
    None,
    /// A random delay.
    Delay,
    /// A fraud checker is asked.
    Http,
}

/// What there is to know of the bank.
///
/// Anyone may call it.
///
/// Permission: anyone
#[utoipa::path(
    operation_id = "get_meta",
    tag = "meta",
    responses(
        (status = 200, description = "What there is to know.", body = Meta),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/meta")]
async fn meta(service: Data<Service>) -> Result<impl Responder, Problem> {
    let config = &service.config;
    let mut currencies = vec![jangbu::Currency::krw()];
    for kind in service.bank.account_types().await? {
        currencies.extend(kind.currency);
    }
    currencies.sort_unstable_by_key(ToString::to_string);
    currencies.dedup();
    let mut known = Vec::new();
    for currency in currencies {
        if let Some(scale) = service.bank.currency_scale(currency).await? {
            known.push(MetaCurrency { code: currency.to_string(), scale });
        }
    }
    Ok(HttpResponse::Ok().json(Meta {
        name: config.name.clone(),
        version: env!("CARGO_PKG_VERSION"),
        time_zone: service.time_zone().iana_name().unwrap_or("UTC").to_owned(),
        sign_up: config.sign_up,
        verification: match config.verification {
            Verification::None => VerificationKind::None,
            Verification::Delay { .. } => VerificationKind::Delay,
            Verification::Http { .. } => VerificationKind::Http,
        },
        currencies: known,
        totp_issuer: config.name.clone(),
        demo: config.demo,
    }))
}
