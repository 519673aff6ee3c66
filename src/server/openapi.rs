//! The OpenAPI document. Its frame is here; paths and schemas come from the handlers, security and problems from tables.

use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_actix_web::{AppExt, scope};

use super::access;
use super::config::Config;
use super::http::{ProblemBody, describe_problems};
use super::members::Cookies;
use super::routes;

const DESCRIPTION: &str = "\
Amounts are integers in minor units, with `currency` and `scale` beside them. Times are RFC 3339 in UTC; dates are \
`YYYY-MM-DD` in the bank's time zone. Errors are RFC 9457 problems with a stable `code`. Every response has an \
`X-Request-Id`, and a response to a known caller names the member by id in `Jangbu-Member`. A request can send that header, \
too: it is then carried out for that member only, and otherwise answered 412 `other_member` without any effect. A page that \
shares its cookie with other tabs should send it.

A request that moves money, or that creates or changes something, accepts the header `Idempotency-Key`, 1 to 255 visible \
ASCII characters, unless repeating it is harmless anyway. A program should send a key with each such request, so that it can \
safely repeat a request whose response was lost. A key belongs to one caller and one operation, and within these to one \
request. Repeated with the same key and content, at any time, the request has no further effect and receives its complete \
first response again, with the header `Idempotent-Replayed: true`. With other content it is refused, 409 `id_reused`. The key \
of a batch belongs to the whole list. A request that is rejected before it reaches the bank (400, 401, 403, 404, 429, 503) \
does not use up its key.

JSON is read strictly: an object is never an array, has no duplicate keys and no unknown ones. Query strings are read just as \
strictly.";

/// What no handler describes: the title, the security schemes, the schema of a problem.
#[derive(OpenApi)]
#[openapi(components(schemas(ProblemBody<'static>)))]
struct Frame;

/// Returns the whole document, as a service with default settings serves it.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let app = actix_web::App::new().into_utoipa_app().openapi(frame(&Config::new("")));
    let mut document = app.service(scope::scope("/api/v1").configure(routes::configure)).split_for_parts().1;
    complete(&mut document);
    document
}

/// Adds what the handlers do not say: who may call each operation, and the problems that follow from what it takes.
pub(crate) fn complete(document: &mut utoipa::openapi::OpenApi) {
    access::describe(document);
    describe_problems(document);
}

/// Returns the document without its paths.
pub(crate) fn frame(config: &Config) -> utoipa::openapi::OpenApi {
    let mut document = Frame::openapi();
    document.info.title = format!("{} API", config.name);
    document.info.version = env!("CARGO_PKG_VERSION").into();
    document.info.description = Some(DESCRIPTION.into());
    let cookies = Cookies::of(config, "{bank}");
    let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
        cookies.name(),
        "A session, from `POST /api/v1/session`. For browsers only: requests that change something must come from the \
         service's own pages.",
    )));
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A member's token with scopes. Each operation names the scope that it requires."));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("session", session);
    components.add_security_scheme("token", SecurityScheme::Http(token.build()));
    document
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::server::http::IDEMPOTENCY_KEY;

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

    /// Operations that take no key, and why they do no harm when they are repeated.
    const REPEATABLE: [(&str, &str, &str); 14] = [
        ("post", "/api/v1/quotes", "nothing is done"),
        ("post", "/api/v1/admin/engine/check", "one check runs at a time, and a check changes nothing"),
        ("post", "/api/v1/setup", "it can be done once"),
        ("post", "/api/v1/session", "another session, which ends by itself; the answer must not be kept"),
        ("post", "/api/v1/session/proof", "a fresh proof in the place of the one before"),
        ("delete", "/api/v1/session", "what has ended stays so"),
        ("delete", "/api/v1/sessions/{id}", "what has ended stays so"),
        ("delete", "/api/v1/me/tokens/{id}", "what is revoked stays so"),
        ("delete", "/api/v1/admin/tokens/{id}", "what is revoked stays so"),
        ("post", "/api/v1/me/password", "the password that was current is not any more"),
        ("post", "/api/v1/me/totp", "a code counts once, and an offer replaces the one before"),
        ("post", "/api/v1/admin/members/{id}/password", "the newest one-time password replaces the one before"),
        ("post", "/api/v1/admin/members/{id}/totp", "what is reset stays so"),
        ("post", "/api/v1/admin/members/{id}/erase", "what is erased stays so"),
    ];

    #[test]
    fn what_changes_something_takes_a_key_or_does_no_harm_when_it_is_repeated() {
        let document = serde_json::to_value(document()).unwrap();
        let (mut without, mut with) = (Vec::new(), 0);
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
                let takes_key = parameters.iter().any(|parameter| parameter["name"] == IDEMPOTENCY_KEY);
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
    fn every_shape_that_is_referred_to_is_there() {
        let document = serde_json::to_value(document()).unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100, "{}", found.len());
        for reference in found {
            let place = reference.trim_start_matches('#');
            assert!(document.pointer(place).is_some(), "{reference} leads nowhere");
        }
    }
}
