//! Administration: what staff reads and changes.

pub(crate) mod account_types;
pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod engine;
pub(crate) mod members;
pub(crate) mod pending;
mod schedules;
pub(crate) mod tokens;
mod transfers;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the routes under `/api/v1/admin`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    audit::configure(config);
    members::configure(config);
    tokens::configure(config);
    account_types::configure(config);
    accounts::configure(config);
    engine::configure(config);
    pending::configure(config);
    schedules::configure(config);
    transfers::configure(config);
}

#[cfg(test)]
mod tests;
