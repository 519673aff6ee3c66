//! One file per resource: reads the request, asks the bank, answers.

pub(crate) mod admin;
pub(crate) mod me;
pub(crate) mod members;
pub(crate) mod session;
pub(crate) mod tokens;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every route of the API, which stand under `/api/v1`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    admin::configure(config);
    me::configure(config);
    members::configure(config);
    session::configure(config);
    tokens::configure(config);
}
