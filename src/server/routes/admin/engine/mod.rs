//! `/admin/engine`: the state of the engine, now and over the last hour.
//!
//! | file | what it does |
//! | --- | --- |
//! | `account` | one account's actor |
//! | `check` | the check of the running bank |

mod account;
mod check;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, Responder, get};
use futures::{Stream, stream};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::gauges::EngineAnswer;
use crate::server::http::Problem;
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::streams::while_signed_in;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(get_engine);
    config.service(follow_engine);
    check::configure(config);
    account::configure(config);
}

/// Returns the state of the engine, from the figures of the last second.
///
/// For staff.
#[utoipa::path(
    tag = "admin",
    responses(
        (status = 200, description = "The state of the engine.", body = EngineAnswer),
    )
)]
#[get("/admin/engine")]
async fn get_engine(service: Data<Service>) -> Result<impl Responder, Problem> {
    Ok(HttpResponse::Ok().json(&*service.gauges.latest().await?))
}

/// Streams the state of the engine as server-sent events: first `history` with up to one hour of samples, then `engine`
/// every second. The stream ends with the session.
///
/// For staff.
#[utoipa::path(
    tag = "admin",
    responses(
        (status = 200, description = "A sample every second.", body = String, content_type = "text/event-stream"),
    )
)]
#[get("/admin/engine/events")]
async fn follow_engine(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    let place = service.streams.enter(&caller).ok_or_else(|| Problem::too_many(15))?;
    let (history, samples) = service.gauges.follow().await?;
    let first = message("history", &serde_json::json!({ "history": history }));
    let pieces = stream::unfold((Some(first), samples, place), |(first, mut samples, place)| async move {
        let piece = match first {
            Some(first) => first,
            None => loop {
                match samples.recv().await {
                    Ok(sample) => break message("engine", &*sample),
                    // A slow reader misses some samples, which are outdated anyway.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            },
        };
        Some((Ok::<_, Problem>(piece), (None, samples, place)))
    });
    Ok(event_stream(while_signed_in(&service, caller, pieces)?))
}

/// Responds with server-sent events.
fn event_stream(pieces: impl Stream<Item = Result<Bytes, Problem>> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(pieces)
}

fn message(event: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {event}\ndata: {data}\n\n").into()
}
