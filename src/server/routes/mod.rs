//! One file per resource: reads the request, asks the bank, answers.

pub(crate) mod admin;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod me;
pub(crate) mod members;
pub(crate) mod meta;
pub(crate) mod metrics;
pub(crate) mod schedules;
pub(crate) mod session;
pub(crate) mod tokens;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers what is for the operator: health and counters.
pub(crate) fn operator(config: &mut actix_web::web::ServiceConfig) {
    health::configure(config);
    metrics::configure(config);
}

/// Registers every route of the API, which stand under `/api/v1`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    admin::configure(config);
    events::configure(config);
    me::configure(config);
    members::configure(config);
    meta::configure(config);
    schedules::configure(config);
    session::configure(config);
    tokens::configure(config);
}
