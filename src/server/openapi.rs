//! The OpenAPI document: its frame here, its paths and schemas by the handlers themselves.

use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

use super::config::Config;
use super::http::ProblemBody;
use super::members::Cookies;

const DESCRIPTION: &str = "\
Amounts are integers in minor units, with `currency` and `scale` beside them. Times are RFC 3339 in UTC, dates \
`YYYY-MM-DD` in the bank's time zone. Errors are RFC 9457 problems with a stable `code`. A request that moves money \
takes the header `Idempotency-Key`: repeated with the same key and content it gets the first answer again, with other \
content 409. Every answer has an `X-Request-Id`.";

/// What no handler says: title, ways to be known, the shape of a problem.
#[derive(OpenApi)]
#[openapi(components(schemas(ProblemBody<'static>)))]
struct Frame;

/// The document without its paths.
pub(crate) fn frame(config: &Config) -> utoipa::openapi::OpenApi {
    let mut document = Frame::openapi();
    document.info.title = format!("{} API", config.name);
    document.info.version = env!("CARGO_PKG_VERSION").into();
    document.info.description = Some(DESCRIPTION.into());
    let cookie = Cookies::of(config).name();
    let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
        cookie,
        "A session, from `POST /api/v1/session`. Browsers only: requests that change something must come from the \
         service's own pages.",
    )));
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token, as an administrator or its owner made it, with scopes."));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("session", session);
    components.add_security_scheme("token", SecurityScheme::Http(token.build()));
    document
}
