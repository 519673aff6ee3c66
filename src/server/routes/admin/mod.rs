//! Administration: what staff reads and changes.

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the routes under `/api/v1/admin`.
pub(crate) fn configure(_config: &mut ServiceConfig) {}
