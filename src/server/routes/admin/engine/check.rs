//! `/admin/engine/check`: checks everything durable while the bank keeps running.

use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get, post};
use futures::stream;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{event_stream, message};
use crate::server::gauges::CheckAnswer;
use crate::server::http::{NotFound, Problem};
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::streams::while_signed_in;

/// The interval at which a stream reports the progress.
const EVERY: Duration = Duration::from_millis(500);

/// Registers the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(begin_check);
    config.service(get_check);
    config.service(follow_check);
}

/// Starts a check of everything durable while the bank keeps running: every frame and record, the hash chain, every
/// balance. One check runs at a time; while it does, this returns its progress.
///
/// For administrators.
#[utoipa::path(
    tag = "admin",
    responses(
        (status = 202, description = "The check is running.", body = CheckAnswer),
    )
)]
#[post("/admin/engine/check")]
async fn begin_check(service: Data<Service>) -> Result<impl Responder, Problem> {
    service.gauges.check(&service.time);
    Ok(HttpResponse::Accepted().json(service.gauges.checked().ok_or_else(Problem::not_found)?))
}

/// Returns the running check, or the last one.
///
/// For staff.
#[utoipa::path(
    tag = "admin",
    responses(
        (status = 200, description = "The progress, or the result.", body = CheckAnswer),
        NotFound,
    )
)]
#[get("/admin/engine/check")]
async fn get_check(service: Data<Service>) -> Result<impl Responder, Problem> {
    Ok(HttpResponse::Ok().json(service.gauges.checked().ok_or_else(Problem::not_found)?))
}

/// Streams the running check, or the last one, as server-sent events: `check` twice a second while it runs, and a last
/// one with the result.
///
/// For staff.
#[utoipa::path(
    tag = "admin",
    responses(
        (status = 200, description = "The progress, then the result.", body = String, content_type = "text/event-stream"),
        NotFound,
    )
)]
#[get("/admin/engine/check/events")]
async fn follow_check(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    let first = service.gauges.checked().ok_or_else(Problem::not_found)?;
    let place = service.streams.enter(&caller).ok_or_else(|| Problem::too_many(15))?;
    let pieces = stream::unfold((Some(first), service.clone(), place), |(next, service, place)| async move {
        let state = next?;
        let piece = message("check", &state);
        let next = match state.is_running() {
            true => {
                tokio::time::sleep(EVERY).await;
                service.gauges.checked()
            }
            false => None,
        };
        Some((Ok::<_, Problem>(piece), (next, service, place)))
    });
    Ok(event_stream(while_signed_in(&service, caller, pieces)?))
}
