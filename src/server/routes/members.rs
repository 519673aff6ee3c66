//! `POST /members`: signing up.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, Responder, post};
use jangbu::FREE_TRANSFERS_PER_DAY;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Asked;
use crate::server::audit::Actor;
use crate::server::edge::ClientAddress;
use crate::server::http::{IdempotencyKey, Json, Problem, ProblemBody};
use crate::server::members::{MemberAnswer, NewMember, PasswordGiven};
use crate::server::principal::Role;
use crate::server::service::Service;

/// Registers the route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(sign_up);
}

/// Who wants to join.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignUp {
    /// The name to sign in with, unique without regard to case.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Za-z0-9._-]{3,40}$")]
    username: String,
    /// At least 8 characters, not the username, and none of those that are tried first.
    #[schema(min_length = 8, max_length = 200, format = Password)]
    password: String,
    /// The full name.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// The e-mail address.
    #[schema(max_length = 254, format = Email)]
    email: String,
}

/// Signs up a member, who can then sign in.
///
/// A new member has no account yet: `POST /accounts` opens one. Anyone may call it, unless it is switched off. A key against
/// repetition belongs to the username.
///
/// Permission: anyone
#[utoipa::path(
    operation_id = "sign_up",
    tag = "members",
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses(
        (status = 201, description = "The member", body = MemberAnswer),
        (status = 400, description = "The request does not fit the schema", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Something else is there already, or it was changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "The first answer was about somebody whose data is erased.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/members")]
async fn sign_up(
    service: Data<Service>,
    request: HttpRequest,
    key: IdempotencyKey,
    Json(wanted): Json<SignUp>,
) -> Result<impl Responder, Problem> {
    if !service.config.sign_up {
        return Err(Problem::new(StatusCode::FORBIDDEN, "sign_up_closed", "the bank makes its members itself"));
    }
    let address = ClientAddress::of(&request);
    // Nobody is known yet. Without the password nobody hears more than that the name is taken: the request is another one.
    let caller = format!("sign-up {}", wanted.username.to_lowercase());
    let asked = match service.asked_by(&caller, None, &key, "member", &wanted).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let SignUp { username, password, name, email } = wanted;
    let actor = Actor { member: None, role: None, via: Actor::SIGN_UP.into(), address: Some(address) };
    let new = NewMember {
        username,
        name,
        email,
        role: Role::Member,
        free_transfers_per_day: FREE_TRANSFERS_PER_DAY,
        password: PasswordGiven::Own(password.into()),
    };
    let (member, _) = service.members.join(&actor, new).await?;
    asked.answer_about(Some(member.id), StatusCode::CREATED, None, &MemberAnswer::from(&member)).await
}
