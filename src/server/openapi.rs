//! The OpenAPI document: its frame. Handlers describe paths and schemas.

use utoipa::IntoResponses;
use utoipa::OpenApi;
use utoipa::openapi::RefOr;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_actix_web::{AppExt, scope};

use super::access;
use super::config::Config;
use super::http::{KeyProblems, LimitProblems, ProblemBody};
use super::members::Cookies;
use super::routes;

const DESCRIPTION: &str = "\
Amounts are integers in minor units, with `currency` and `scale` beside them. Times are RFC 3339 in UTC; dates are \
`YYYY-MM-DD` in the bank's time zone. Errors are RFC 9457 problems with a stable `code`. Every answer has an \
`X-Request-Id`, and every answer to an authenticated caller names the member's id in `Jangbu-Member`. A request can have that \
header, too: it is then carried out for that member, or answered 412 `other_member` and nothing is done. A page that shares its \
cookie with other tabs should send it.

A request that moves money, or creates or changes something, accepts the header `Idempotency-Key`, 1 to 255 visible characters, \
unless repeating it is harmless. Programs should send a key with each such request, so that a request whose answer was lost is safe to \
repeat. A key belongs to one caller, one operation and one request. If the request is repeated with the same key and content, \
at any later time, it does nothing more and gets its whole first answer again, with the header `Idempotent-Replayed: true`. With \
other content it is refused with 409 `id_reused`. The key of a batch belongs to the whole list. A request that is rejected before the bank \
decides it (400, 401, 403, 404, 429, 503) does not use up its key.

JSON is read strictly: arrays are not accepted for objects, and repeated or unknown keys are rejected. The same applies to queries.";

/// The parts that no handler describes: title, security schemes, the shape of problems.
#[derive(OpenApi)]
#[openapi(components(schemas(ProblemBody<'static>)))]
struct Frame;

/// Returns the whole document, for a service with default settings.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let app = actix_web::App::new().into_utoipa_app().openapi(frame(&Config::new("")));
    let mut document = app.service(scope::scope("/api/v1").configure(routes::configure)).split_for_parts().1;
    add_limits(&mut document);
    access::describe(&mut document);
    document
}

/// Adds the responses of layers in front of every operation that changes something: budgets, the storage reserve,
/// limits of bodies, and idempotency keys.
pub(crate) fn add_limits(document: &mut utoipa::openapi::OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let has_body = operation.request_body.is_some();
            let takes_key = operation
                .parameters
                .iter()
                .flatten()
                .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == KEY));
            for (status, response) in KeyProblems::responses().into_iter().filter(|_| takes_key) {
                operation.responses.responses.entry(status).or_insert(response);
            }
            for (status, response) in LimitProblems::responses() {
                if has_body || status != "408" {
                    operation.responses.responses.entry(status).or_insert(response);
                }
            }
        }
    }
}

/// The header that makes a request safe to repeat.
const KEY: &str = "Idempotency-Key";

/// Returns the document without paths.
pub(crate) fn frame(config: &Config) -> utoipa::openapi::OpenApi {
    let mut document = Frame::openapi();
    document.info.title = format!("{} API", config.name);
    document.info.version = env!("CARGO_PKG_VERSION").into();
    document.info.description = Some(DESCRIPTION.into());
    let cookies = Cookies::of(config, "{bank}");
    let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
        cookies.name(),
        "A session, from `POST /api/v1/session`. Browsers only: requests that change something must come from the \
         service's own pages.",
    )));
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
        "A token that a member created, with scopes. Each operation names the scope that it requires.",
    ));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("session", session);
    components.add_security_scheme("token", SecurityScheme::Http(token.build()));
    document
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    /// Operations without a key, and why repeating them is harmless.
    const REPEATABLE: [(&str, &str, &str); 14] = [
        ("post", "/api/v1/quotes", "it changes nothing"),
        ("post", "/api/v1/admin/engine/check", "one audit runs at a time, and it changes nothing"),
        ("post", "/api/v1/setup", "it works only once"),
        ("post", "/api/v1/session", "it creates another session, which expires; the answer must not be stored"),
        ("post", "/api/v1/session/proof", "a new proof replaces the old one"),
        ("delete", "/api/v1/session", "an ended session stays ended"),
        ("delete", "/api/v1/sessions/{id}", "an ended session stays ended"),
        ("delete", "/api/v1/me/tokens/{id}", "a revoked token stays revoked"),
        ("delete", "/api/v1/admin/tokens/{id}", "a revoked token stays revoked"),
        ("post", "/api/v1/me/password", "the old password is no longer valid"),
        ("post", "/api/v1/me/totp", "a code is accepted once, and a new offer replaces the old one"),
        ("post", "/api/v1/admin/members/{id}/password", "a new one-time password replaces the old one"),
        ("post", "/api/v1/admin/members/{id}/totp", "a reset factor stays reset"),
        ("post", "/api/v1/admin/members/{id}/erase", "an erased member stays erased"),
    ];

    #[test]
    fn every_change_has_an_idempotency_key_or_is_harmless_to_repeat() {
        let document = serde_json::to_value(document()).unwrap();
        let (mut without, mut with) = (Vec::new(), 0);
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
                let takes_key = parameters.iter().any(|parameter| parameter["name"] == KEY);
                for status in ["400", "409", "410"].into_iter().filter(|_| takes_key) {
                    assert!(operation["responses"].get(status).is_some(), "{method} {path} does not name {status}");
                }
                match (["post", "put", "patch", "delete"].contains(&method.as_str()), takes_key) {
                    (true, false) => without.push((method.clone(), path.clone())),
                    (true, true) => with += 1,
                    (false, _) => assert!(!takes_key, "{method} {path} changes nothing"),
                }
            }
        }
        assert!(with > 25, "{with}");
        let mut known: Vec<_> =
            REPEATABLE.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
        known.sort();
        without.sort();
        assert_eq!(without, known);
    }

    #[test]
    fn every_referenced_schema_exists() {
        let document = serde_json::to_value(document()).unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100, "{}", found.len());
        for reference in found {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }
}
