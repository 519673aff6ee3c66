//! `/admin/engine/check`: the check of everything that is durable, while the bank goes on.

use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get, post};
use futures::stream;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{event_stream, message};
use crate::server::gauges::CheckAnswer;
use crate::server::http::{Problem, ReadProblems};
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::streams::while_signed_in;

/// So often a stream tells how far the check is.
const EVERY: Duration = Duration::from_millis(500);

/// Registers the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(begin_check);
    config.service(get_check);
    config.service(follow_check);
}

/// Begins to check everything that is durable while the bank goes on: every frame and record, the chain, every balance. One
/// check runs at a time: while one does, this tells how far it is.
///
/// Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "begin_check",
    tag = "admin",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 202, description = "It runs.", body = CheckAnswer),
        ReadProblems,
    )
)]
#[post("/admin/engine/check")]
async fn begin_check(service: Data<Service>) -> Result<impl Responder, Problem> {
    service.gauges.check(&service.time);
    Ok(HttpResponse::Accepted().json(service.gauges.checked().ok_or_else(Problem::not_found)?))
}

/// The check that runs, or the last one that did.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "get_check",
    tag = "admin",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "How far it is, or what it found.", body = CheckAnswer),
        ReadProblems,
    )
)]
#[get("/admin/engine/check")]
async fn get_check(service: Data<Service>) -> Result<impl Responder, Problem> {
    Ok(HttpResponse::Ok().json(service.gauges.checked().ok_or_else(Problem::not_found)?))
}

/// The check that runs, or the last one that did, as server-sent events: `check` twice a second while it runs, and once with
/// what it found, with which the stream ends.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "follow_check",
    tag = "admin",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "How far it is, then what it found.", body = String, content_type = "text/event-stream"),
        ReadProblems,
    )
)]
#[get("/admin/engine/check/events")]
async fn follow_check(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    let first = service.gauges.checked().ok_or_else(Problem::not_found)?;
    let place = service.streams.enter(&caller).ok_or_else(|| Problem::too_many(15))?;
    let pieces = stream::unfold((Some(first), service.clone(), place), |(next, service, place)| async move {
        let told = next?;
        let piece = message("check", &told);
        let next = match told.is_running() {
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
