//! The only form of an error that a client sees: RFC 9457 `application/problem+json`.

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The code of a token that cannot be used.
const TOKEN_INVALID: &str = "token_invalid";
/// The code of a token that lacks a scope.
const SCOPE_MISSING: &str = "scope_missing";

tokio::task_local! {
    /// The id of the request that this task works on, for its problems and logs.
    pub(crate) static REQUEST_ID: RequestId;
}

/// The code of the problem in a response.
#[derive(Clone, Debug)]
pub(crate) struct ProblemCode(pub(crate) Cow<'static, str>);

/// The id of a request, which every response has as `X-Request-Id`.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestId(pub(crate) String);

/// Why a request failed. `code` is stable; everything else is for people.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: String,
    figures: Map<String, Value>,
    errors: Vec<FieldProblem>,
    retry_after_s: Option<u64>,
}

/// An error in one field of a request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// The path of the field, for example `amount` or `steps[2].to`.
    pub(crate) field: String,
    /// The stable code.
    #[schema(value_type = String)]
    pub(crate) code: Cow<'static, str>,
    /// The reason, in words.
    pub(crate) detail: String,
}

/// A problem (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// The kind of problem, as a path of the documentation.
    r#type: String,
    /// The HTTP status in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// The stable code for programs.
    code: &'a str,
    /// What happened, for people.
    detail: &'a str,
    /// The id of the request, which is also in the server's log.
    request_id: String,
    /// The figures that explain the problem.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    figures: &'a Map<String, Value>,
    /// The fields at fault.
    #[serde(skip_serializing_if = "<[FieldProblem]>::is_empty")]
    errors: &'a [FieldProblem],
}

impl Problem {
    /// Makes a problem with a status, a stable code, and a reason for people.
    pub(crate) fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Problem {
        Problem {
            status,
            code: code.into(),
            detail: detail.into(),
            figures: Map::new(),
            errors: Vec::new(),
            retry_after_s: None,
        }
    }

    /// 400: the request does not match the schema.
    pub(crate) fn invalid(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
    }

    /// 400: one field of the request does not match the schema.
    pub(crate) fn invalid_field(
        field: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Problem {
        let (detail, field) = (detail.into(), field.into());
        let mut problem = Problem::invalid(format!("{field}: {detail}"));
        problem.errors.push(FieldProblem { field, code: code.into(), detail });
        problem
    }

    /// 401: nobody is signed in.
    pub(crate) fn unauthorised() -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "not_signed_in", "sign in first")
    }

    /// 401: the token is unknown, expired or revoked.
    pub(crate) fn token_invalid() -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, TOKEN_INVALID, "the token is unknown, expired or revoked")
    }

    /// 403: the token is valid but lacks the scope.
    pub(crate) fn scope_missing(scope: &str) -> Problem {
        let detail = format!("the token does not have the scope {scope}");
        Problem::new(StatusCode::FORBIDDEN, SCOPE_MISSING, detail).with_figure("scope", scope)
    }

    /// 403: the token is restricted to other accounts, payees or addresses.
    pub(crate) fn token_bound(how: &str) -> Problem {
        let detail = format!("the token is restricted, and {how}");
        Problem::new(StatusCode::FORBIDDEN, "token_bound", detail)
    }

    /// 403: signed in, and not allowed.
    pub(crate) fn forbidden() -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "not_allowed", "your role does not allow this")
    }

    /// 404: unknown, or not the caller's. The two look the same.
    pub(crate) fn not_found() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", "it does not exist, or you may not see it")
    }

    /// 429: too many requests; retry after these seconds.
    pub(crate) fn too_many(retry_after_s: u64) -> Problem {
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "too many requests; try again later")
            .with_retry_after(retry_after_s)
    }

    /// Adds a figure that explains the problem.
    #[must_use]
    pub(crate) fn with_figure(mut self, name: &str, value: impl Into<Value>) -> Problem {
        self.figures.insert(name.into(), value.into());
        self
    }

    /// Sets all figures.
    #[must_use]
    pub(crate) fn with_figures(mut self, figures: Map<String, Value>) -> Problem {
        self.figures = figures;
        self
    }

    /// Adds a field at fault.
    #[must_use]
    pub(crate) fn with_field(mut self, field: FieldProblem) -> Problem {
        self.errors.push(field);
        self
    }

    /// Sets the seconds after which to retry.
    #[must_use]
    pub(crate) const fn with_retry_after(mut self, seconds: u64) -> Problem {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Returns `WWW-Authenticate`: what is wrong with the token (RFC 6750). RFC 9110 requires the header with every 401.
    fn challenge(&self) -> Option<String> {
        let error = match (&*self.code, self.figures.get("scope").and_then(Value::as_str)) {
            (TOKEN_INVALID, _) => ", error=\"invalid_token\"".into(),
            (SCOPE_MISSING, Some(scope)) => format!(", error=\"insufficient_scope\", scope=\"{scope}\""),
            _ => String::new(),
        };
        let is_due = self.status == StatusCode::UNAUTHORIZED || !error.is_empty();
        is_due.then(|| format!("Bearer realm=\"jangbu\"{error}"))
    }

    /// Returns what happened, for people.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// Returns the figures that explain the problem.
    pub(crate) const fn figures(&self) -> &Map<String, Value> {
        &self.figures
    }

    /// Prefixes the fields with the part of the request that they are in.
    #[must_use]
    pub(crate) fn under(mut self, part: &str) -> Problem {
        for error in &mut self.errors {
            error.field = format!("{part}.{}", error.field);
        }
        self
    }

    /// Adds a field at fault, with the code and detail of the problem itself.
    #[must_use]
    pub(crate) fn at_field(self, field: impl Into<String>) -> Problem {
        let (code, detail) = (self.code.clone(), self.detail.clone());
        self.with_field(FieldProblem { field: field.into(), code, detail })
    }

    /// Returns the stable code.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// The HTTP status.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the problem as JSON, for the items of a batch and for events.
    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self.body()).unwrap_or_default()
    }

    fn body(&self) -> ProblemBody<'_> {
        ProblemBody {
            r#type: format!("/problems/{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: &self.code,
            detail: &self.detail,
            request_id: REQUEST_ID.try_with(|id| id.0.clone()).unwrap_or_default(),
            figures: &self.figures,
            errors: &self.errors,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status.as_u16(), self.code, self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after_s {
            response.insert_header((header::RETRY_AFTER, HeaderValue::from(seconds)));
        }
        let challenge = self.challenge().map(HeaderValue::try_from);
        if let Some(Ok(challenge)) = challenge {
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        let body = serde_json::to_string(&self.body()).unwrap_or_default();
        let mut response = response.content_type("application/problem+json").body(body);
        response.extensions_mut().insert(ProblemCode(self.code.clone()));
        response
    }
}
