//! `GET /meta`: what a client needs to know before anyone signs in.

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::config::Verification;
use crate::server::http::Problem;
use crate::server::service::Service;

/// Registers the route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(get_meta);
}

/// Returns what a client needs to know about the bank before anyone signs in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Meta {
    /// The bank's name.
    name: String,
    /// The version of the program.
    version: &'static str,
    /// The IANA name of the time zone of the bank's business day.
    time_zone: String,
    /// Whether anyone can sign up.
    sign_up: bool,
    /// What happens between acceptance and settlement of a transfer.
    verification: VerificationKind,
    /// The currencies of the account types, and KRW.
    currencies: Vec<MetaCurrency>,
    /// The issuer shown by authenticator apps.
    totp_issuer: String,
    /// Whether this is a demonstration bank.
    demo: bool,
}

/// A currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MetaCurrency {
    /// The ISO 4217 code.
    #[schema(example = "KRW")]
    code: String,
    /// The number of decimals of the currency.
    #[schema(example = 0)]
    scale: u8,
}

/// What happens between acceptance and settlement of a transfer.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VerificationKind {
    /// None: transfers are posted at once.
    None,
    /// A random delay.
    Delay,
    /// An external verifier decides.
    Http,
}

/// Returns what a client needs to know about the bank before anyone signs in.
///
/// For anyone.
#[utoipa::path(
    tag = "meta",
    responses(
        (status = 200, description = "The bank's public settings.", body = Meta),
    )
)]
#[get("/meta")]
async fn get_meta(service: Data<Service>) -> Result<impl Responder, Problem> {
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
