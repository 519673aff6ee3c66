//! `/me/tokens`: the caller's API tokens.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, delete, get, post};
use jangbu::time::When;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Attempt;
use crate::server::http::{IdempotencyKey, Json, List, PathParams, Problem, Refused};
use crate::server::members::{NewToken, TokenAnswer, TokenId};
use crate::server::principal::Principal;
use crate::server::rates::Class;
use crate::server::scopes::{Bounds, Scope};
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, definite_ending};

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_tokens);
    config.service(make_token);
    config.service(revoke_token);
}

/// A token to create.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    /// The name of the token.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// The scopes, within the caller's role.
    #[schema(min_items = 1, max_items = 10)]
    scopes: Vec<Scope>,
    /// The restrictions of the token. `accounts`, `payees` and `per_day` can be combined with the scopes `read`,
    /// `transfer`, `batch` and `events`, and, except for `per_day`, with `schedule`; `addresses` with every scope.
    #[serde(default)]
    bounds: Bounds,
    /// The token is valid until this moment, or through this day: at most 366 days from now.
    #[schema(value_type = DayOrMoment)]
    expires_at: When,
}

/// A token with its secret, which is not shown again.
#[derive(Serialize, ToSchema)]
struct MadeToken {
    /// The value for `Authorization: Bearer`.
    secret: String,
    /// The token.
    token: TokenAnswer,
}

/// Lists the caller's tokens, newest first, including revoked and expired ones.
///
/// Requires a session.
#[utoipa::path(
    tag = "tokens",
    responses(
        (status = 200, description = "The tokens.", body = List<TokenAnswer>),
    ),
)]
#[get("/me/tokens")]
async fn list_tokens(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    let tokens = service.members.tokens(Some(caller.id()));
    Ok(HttpResponse::Ok().json(List::whole(tokens.iter().map(|token| service.members.token_answer(token)).collect())))
}

/// Creates a token for the caller.
///
/// Needs a fresh proof; see `POST /session/proof`. Requires a session. The scopes must be within the caller's role.
#[utoipa::path(
    tag = "tokens",
    params(IdempotencyKey),
    responses(
        (status = 201, description = "The token, with its secret.", body = MadeToken),
        Refused,
    ),
)]
#[post("/me/tokens")]
async fn make_token(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(request): Json<TokenRequest>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "token", &request).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let TokenRequest { name, scopes, bounds, expires_at } = request;
    let bounds = service.meant_bounds(&caller.member.owner(), bounds).await?;
    // The answer shows the resolved payees, and therefore that they exist.
    service.meet(&caller, Class::BatchLookups, bounds.payees.iter().copied()).await?;
    let expires_at = definite_ending("expires_at", expires_at, service.time_zone())?;
    let new = NewToken { name, scopes, expires_at, bounds };
    let (token, secret) = service.members.make_token(&caller.actor(), &caller.member, new).await?;
    let secret = secret.expose_secret().to_owned();
    let made = MadeToken { secret, token: service.members.token_answer(&token) };
    first.answer(StatusCode::CREATED, None, &made).await
}

/// Revokes one of the caller's tokens.
///
/// Requires a session.
#[utoipa::path(
    tag = "tokens",
    params(("id" = String, Path, description = "The token's id.")),
    responses(
        (status = 204, description = "The token is revoked."),
    ),
)]
#[delete("/me/tokens/{id}")]
async fn revoke_token(
    service: Data<Service>,
    caller: Principal,
    PathParams(id): PathParams<TokenId>,
) -> Result<impl Responder, Problem> {
    service.members.revoke_token(&caller.actor(), Some(caller.id()), id).await?;
    Ok(HttpResponse::NoContent().finish())
}
