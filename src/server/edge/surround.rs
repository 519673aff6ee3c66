//! The outermost layer: whatever happens within, an answer goes out with its id, its headers and a line in the log.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use futures::FutureExt;
use jangbu::CommandId;

use super::address::{self, ClientAddress};
use super::counting::count;
use super::headers::SecurityHeaders;
use super::methods;
use super::spelling;
use super::streams::UntilStopping;
use crate::server::http::{Problem, REQUEST_ID, RequestId, in_own_task, with_replays};
use crate::server::service::Service;

const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that a client may give its request.
const LONGEST_ID: usize = 64;

/// Answers a request within the time limit, come what may.
pub(crate) async fn surround(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    spelling::normalise(&mut request);
    let Some(service) = request.app_data::<Data<Service>>().cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let id = id_of(request.headers());
    let peer = address::peer(request.request());
    let client = address::client(peer, request.headers(), &service.config.trusted_proxies);
    request.extensions_mut().insert(ClientAddress(client));
    let method = request.method().clone();
    let path = service.config.access_log.then(|| request.path().to_owned());
    let api = request.path().starts_with("/api/") && !request.path().starts_with("/api/docs");
    let is_head = methods::as_get(&mut request);

    let work = REQUEST_ID.scope(id.clone(), answer(request, next, &service));
    let (mut answered, replayed) = with_replays(work).await;

    let response = match &mut answered {
        Ok(response) => response.response_mut(),
        Err(refused) => &mut refused.0,
    };
    let status = decorate(response, &id, api, &service);
    if replayed {
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    let took = begun.elapsed();
    count(answered.as_ref().ok().map(ServiceResponse::request), &method, status, took);
    if let Some(path) = path {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(target: "jangbu::access", request_id = %id.0, %client, %method, path, status = status.as_u16(), took_us);
    }
    if is_head {
        answered = match answered {
            Ok(response) => {
                let (request, response) = response.into_parts();
                Ok(ServiceResponse::new(request, methods::without_body(response)))
            }
            Err(Refused(response)) => Err(Refused(methods::without_body(response))),
        };
    }
    answered.map_err(|Refused(response)| InternalError::from_response("no route answered", response).into())
}

/// An answer to a request that is gone, with which it would have to be sent.
struct Refused(HttpResponse);

async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    service: &Data<Service>,
) -> Result<ServiceResponse<BoxBody>, Refused> {
    match tokio::time::timeout(service.config.limits.request, done(request, next, service)).await {
        Ok(Ok(Ok(response))) => Ok(streamed(uniform(response.map_into_boxed_body()), service)),
        Ok(Ok(Err(error))) => Err(Refused(refusal(&error))),
        Err(_) => {
            let problem = Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "timeout",
                "the request took too long; repeat it with the same idempotency key",
            )
            .with_retry_after(5);
            Err(Refused(problem.error_response()))
        }
        Ok(Err(panic)) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            tracing::error!(request_id = %REQUEST_ID.with(|id| id.0.clone()), "a handler panicked: {text}");
            Err(Refused(plain(StatusCode::INTERNAL_SERVER_ERROR).error_response()))
        }
    }
}

/// What the route answers, or its panic. A request that may change something goes on by itself should this be dropped.
async fn done<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
    service: &Data<Service>,
) -> Result<Result<ServiceResponse<B>, Error>, Box<dyn Any + Send>> {
    if request.method().is_safe() {
        return AssertUnwindSafe(next.call(request)).catch_unwind().await;
    }
    let client = ClientAddress::of(request.request());
    let work = REQUEST_ID.scope(REQUEST_ID.with(Clone::clone), async move { next.call(request).await });
    let work = in_own_task(work);
    let Some(task) = service.finishing.begin(Some(client), work) else {
        let detail = "too many changes are in progress; nothing was done";
        return Ok(Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).with_retry_after(1).into()));
    };
    match task.await {
        Ok(answered) => Ok(answered),
        // A task is only cancelled with its thread, when the service has stopped.
        Err(error) => Err(error.try_into_panic().unwrap_or_else(|error| Box::new(error.to_string()))),
    }
}

/// The answer of an error that came out of a layer and not of a route.
fn refusal(error: &Error) -> HttpResponse {
    match error.as_error::<Problem>() {
        Some(problem) => problem.error_response(),
        None => plain(error.as_response_error().status_code()).error_response(),
    }
}

/// Makes a problem of an error that is none: those of the framework's own.
fn uniform(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let is_problem =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    response.into_response(plain(status).error_response())
}

/// A problem that tells no more than its status does.
fn plain(status: StatusCode) -> Problem {
    let (code, detail) = match status {
        StatusCode::BAD_REQUEST => ("invalid_request", "the request cannot be read"),
        StatusCode::NOT_FOUND => return Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "this path takes other methods"),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "the body is too large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported_media_type", "send application/json"),
        status if status.is_client_error() => ("invalid_request", "the request cannot be answered"),
        _ => ("internal", "the request failed"),
    };
    Problem::new(status, code, detail)
}

/// Has a stream of events end when the service is stopping.
fn streamed(response: ServiceResponse<BoxBody>, service: &Service) -> ServiceResponse<BoxBody> {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("text/event-stream") {
        return response;
    }
    response.map_body(|_, body| BoxBody::new(UntilStopping::new(body, &service.stopping)))
}

/// Sets what goes with every answer, and tells its status.
fn decorate(response: &mut HttpResponse, id: &RequestId, api: bool, service: &Service) -> StatusCode {
    SecurityHeaders::new(&service.config).set(response.headers_mut(), api);
    set_id(response.headers_mut(), id);
    response.status()
}

fn set_id(headers: &mut HeaderMap, id: &RequestId) {
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(X_REQUEST_ID, value);
    }
}

/// The id that the client gave its request, when it is a sound one, else a new one.
fn id_of(headers: &HeaderMap) -> RequestId {
    let given = headers.get(X_REQUEST_ID).and_then(|id| id.to_str().ok());
    let sound = |id: &&str| {
        (1..=LONGEST_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    given.filter(sound).map_or_else(|| RequestId(CommandId::random().to_string()), |id| RequestId(id.into()))
}
