//! `/healthz` and `/readyz`: whether the process is alive, and whether it can serve requests.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use jangbu::BankError;
use jangbu::clock::{ClockStanding, ClockState};

use crate::server::http::Problem;
use crate::server::service::Service;

/// Registers both.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.route("/healthz", web::get().to(healthz)).route("/readyz", web::get().to(readyz));
}

/// The process responds, so restarting it would not help.
async fn healthz() -> impl Responder {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// The bank responds and decides, so requests can be sent here.
async fn readyz(service: Data<Service>) -> Result<impl Responder, Problem> {
    if service.stopping.has_begun() {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "closed", "the service is stopping");
        return Err(problem.with_retry_after(5));
    }
    // Asks the thread that serves all reads; it reports a stopped bank.
    service.bank.account_types().await?;
    let ClockState { reading, trusted, lead, standing } = service.bank.clock_state().await?;
    let low = service.storage.standing().filter(|standing| standing.is_low()).map(|standing| {
        // Not a reason to send no requests: whoever frees space needs access.
        format!("storage is low: {} bytes are left, and members' writes are refused\n", standing.free_bytes)
    });
    let body = match standing {
        ClockStanding::Ahead => return Err(BankError::ClockAhead { last: trusted, now: reading, lead }.into()),
        ClockStanding::Behind => format!("ready; the clock reads {reading}, less than the last record's time\n"),
        _ => "ready\n".to_owned(),
    };
    let body = body + &low.unwrap_or_default();
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(body))
}
