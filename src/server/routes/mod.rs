//! One file per resource: reads the request, asks the bank, answers.

pub(crate) mod account_types;
mod accounts;
pub(crate) mod admin;
mod batch;
mod batch_items;
mod cash;
mod entries;
pub(crate) mod events;
pub(crate) mod health;
mod holds;
mod linked;
pub(crate) mod me;
pub(crate) mod members;
pub(crate) mod meta;
pub(crate) mod metrics;
mod movements;
mod past;
mod payees;
mod quotes;
mod reversals;
pub(crate) mod schedules;
pub(crate) mod session;
pub(crate) mod setup;
#[cfg(test)]
mod tests;
pub(crate) mod tokens;
mod transfers;
mod transfers_list;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers what is for the operator: health and counters.
pub(crate) fn operator(config: &mut actix_web::web::ServiceConfig) {
    health::configure(config);
    metrics::configure(config);
}

/// Registers every route of the API, which stand under `/api/v1`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    // Paths are compared in this order: those that are asked for most come first.
    transfers::configure(config);
    batch::configure(config);
    account_types::configure(config);
    accounts::configure(config);
    admin::configure(config);
    cash::configure(config);
    entries::configure(config);
    events::configure(config);
    holds::configure(config);
    linked::configure(config);
    me::configure(config);
    members::configure(config);
    meta::configure(config);
    past::configure(config);
    payees::configure(config);
    quotes::configure(config);
    reversals::configure(config);
    schedules::configure(config);
    session::configure(config);
    setup::configure(config);
    tokens::configure(config);
    transfers_list::configure(config);
}
