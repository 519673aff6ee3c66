//! `/metrics`: the metrics of the engine and the service, in the Prometheus format.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, Responder};

use crate::server::exposition;
use crate::server::service::Service;

/// Registers the route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.route("/metrics", web::get().to(metrics));
}

async fn metrics(service: Data<Service>) -> impl Responder {
    let text = exposition::render(&service.bank, &service.storage, &service.members);
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}
