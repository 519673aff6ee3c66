//! `/me/tokens`: the caller's API tokens.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, Responder, delete, get, post};
use jangbu::When;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Asked;
use crate::server::http::{IdempotencyKey, Json, List, Problem, ProblemBody};
use crate::server::members::{NewToken, TokenAnswer, TokenId};
use crate::server::principal::Principal;
use crate::server::rates::Class;
use crate::server::scopes::{Bounds, Scope};
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, definite_ending};

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list);
    config.service(make);
    config.service(revoke);
}

/// A token to be made.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    /// What to call it.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it may be used for, within the caller's role.
    #[schema(min_items = 1, max_items = 10)]
    scopes: Vec<Scope>,
    /// What it is bound to. `accounts`, `payees` and `per_day` go with `read`, `transfer`, `batch` and `events`, and without
    /// `per_day` with `schedule`; `addresses` with every scope.
    #[serde(default)]
    bounds: Bounds,
    /// Until this moment, or through this day, it can be used: within the next 366 days.
    #[schema(value_type = DayOrMoment)]
    expires_at: When,
}

/// A token with its secret, which is not shown again.
#[derive(Serialize, ToSchema)]
struct MadeToken {
    /// What `Authorization: Bearer` takes.
    secret: String,
    /// The token.
    token: TokenAnswer,
}

/// Lists the caller's tokens, the newest first; revoked and expired ones too.
///
/// Whoever has a session may call it.
///
/// Permission: manage_own
#[utoipa::path(
    operation_id = "list_tokens",
    tag = "tokens",
    responses(
        (status = 200, description = "The tokens", body = List<TokenAnswer>),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
)]
#[get("/me/tokens")]
async fn list(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    let tokens = service.members.tokens(Some(caller.id()));
    Ok(HttpResponse::Ok().json(List::whole(tokens.iter().map(|token| service.members.token_answer(token)).collect())))
}

/// Makes a token of the caller's.
///
/// Needs a fresh proof, see `POST /session/proof`. Whoever has a session may call it, for scopes within their role.
///
/// Permission: manage_own
#[utoipa::path(
    operation_id = "make_token",
    tag = "tokens",
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses(
        (status = 201, description = "The token, with its secret", body = MadeToken),
        (status = 400, description = "The request does not fit the schema", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The key was used for something else.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "The first answer was about somebody whose data is erased.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Refused", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
)]
#[post("/me/tokens")]
async fn make(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(request): Json<TokenRequest>,
) -> Result<impl Responder, Problem> {
    let asked = match service.asked(&caller, &key, "token", &request).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let TokenRequest { name, scopes, bounds, expires_at } = request;
    let bounds = service.meant_bounds(&caller.member.owner(), bounds).await?;
    // The answer shows which account is meant by a payee, and so that it is there.
    service.meet(&caller, Class::BatchLookups, bounds.payees.iter().copied()).await?;
    let expires_at = definite_ending("expires_at", expires_at, service.time_zone())?;
    let new = NewToken { name, scopes, expires_at, bounds };
    let (token, secret) = service.members.make_token(&(&caller).into(), &caller.member, new).await?;
    let secret = secret.expose_secret().to_owned();
    let made = MadeToken { secret, token: service.members.token_answer(&token) };
    asked.answer(StatusCode::CREATED, None, &made).await
}

/// Revokes a token of the caller's.
///
/// Whoever has a session may call it, for own tokens.
///
/// Permission: manage_own
#[utoipa::path(
    operation_id = "revoke_token",
    tag = "tokens",
    params(("id" = String, Path, description = "The token's id")),
    responses(
        (status = 204, description = "The token is revoked"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such thing, or it is not yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
)]
#[delete("/me/tokens/{id}")]
async fn revoke(service: Data<Service>, caller: Principal, id: Path<String>) -> Result<impl Responder, Problem> {
    let id: TokenId = id.parse().map_err(|_| Problem::not_found())?;
    service.members.revoke_token(&(&caller).into(), Some(caller.id()), id).await?;
    Ok(HttpResponse::NoContent().finish())
}
