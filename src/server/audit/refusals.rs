//! What was refused: a permission, a credential, a limit, room on the disk. Every answer that says so passes here.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpRequest};
use serde_json::Value;

use super::{Actor, Entry};
use crate::server::edge::{ClientAddress, Served};
use crate::server::http::ProblemCode;
use crate::server::identity;
use crate::server::service::Service;

/// Kinds of refusals, by which they are counted for the operator.
pub(crate) const KINDS: [&str; 5] = ["sign_in", "token", "permission", "limit", "storage"];

/// Notes an answer that refuses something. What belongs to a sign-in is noted by its route, which knows whose name it was.
pub(crate) async fn note_refusals(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let service = request.app_data::<Data<Service>>().cloned();
    let response = next.call(request).await?;
    let status = response.status();
    if let Some(service) = service.filter(|_| status.is_client_error() || status.is_server_error()) {
        let code = response.response().extensions().get::<ProblemCode>().map(|code| code.0.clone());
        if let Some(kind) = kind(status, code.as_deref(), response.request()) {
            note(&service, response.request(), kind, code.as_deref());
        }
    }
    Ok(response)
}

/// What kind of refusal an answer is; `None` when it is none, or is noted elsewhere.
fn kind(status: StatusCode, code: Option<&str>, request: &HttpRequest) -> Option<&'static str> {
    let is_sign_in = request.match_pattern().is_some_and(|route| route == "/api/v1/session");
    match (status, code) {
        (StatusCode::FORBIDDEN, _) if is_sign_in && request.method() == "POST" => None,
        (StatusCode::FORBIDDEN, _) => Some("permission"),
        (StatusCode::TOO_MANY_REQUESTS, _) => Some("limit"),
        (StatusCode::UNAUTHORIZED, _) if request.headers().contains_key(AUTHORIZATION) => Some("token"),
        (StatusCode::SERVICE_UNAVAILABLE, Some("storage_low")) => Some("storage"),
        _ => None,
    }
}

fn note(service: &Service, request: &HttpRequest, kind: &'static str, code: Option<&str>) {
    metrics::counter!("jangbu_http_rejections_total", "kind" => kind).increment(1);
    let member = identity::caller_of(request);
    let via = match (request.headers().contains_key(AUTHORIZATION), member) {
        (true, _) => "token",
        (false, Some(_)) => "session",
        (false, None) => "nobody",
    };
    let actor = Actor {
        role: member.and_then(|id| service.members.find(id)).map(|member| member.role),
        member,
        via: via.into(),
        address: Some(ClientAddress::of(request)),
    };
    let route = request.match_pattern().unwrap_or_else(|| "none".into());
    // A client may make methods up, of which each would be an entry.
    let method = match request.method().as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "other",
    };
    let entry = Entry {
        action: "request.refused".into(),
        object: "request".into(),
        id: format!("{method} {route}"),
        before: None,
        after: None,
        command: None,
    };
    // Whose data it was about, as far as the path names something.
    let served = request.app_data::<Data<Served>>();
    let about = served.and_then(|served| served.named_in(request.method().as_str(), request.path()));
    let about = about.map(str::to_owned);
    service.audit.note(&actor, &entry, Some(code.unwrap_or(kind)), about);
}

impl Service {
    /// Notes a sign-in that failed, in the log and in the audit log. The name that was typed is in the log alone, as it may be
    /// anything; the audit log has the member, if there is one of that name.
    pub(crate) fn note_failed_sign_in(&self, request: &HttpRequest, username: &str, code: &str) {
        const MOST_CHARS: usize = 40;
        metrics::counter!("jangbu_http_rejections_total", "kind" => "sign_in").increment(1);
        let address = ClientAddress::of(request);
        let typed: String = username.chars().take(MOST_CHARS).collect();
        let request_id = super::notes::request_id().unwrap_or_default();
        tracing::warn!(request_id, username = ?typed, %address, code, "a sign-in failed");
        let member = self.members.find_by_username(username).map(|member| member.id.to_string());
        let actor = Actor { member: None, role: None, via: "sign_in".into(), address: Some(address) };
        let entry = Entry {
            action: "session.refused".into(),
            object: "member".into(),
            id: member.unwrap_or_else(|| "unknown".into()),
            before: None,
            after: None::<Value>,
            command: None,
        };
        self.audit.note(&actor, &entry, Some(code), None);
    }
}
