//! One file per resource: reads the request, asks the bank, answers.

pub(crate) mod admin;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every route of the API, which stand under `/api/v1`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    admin::configure(config);
}
