//! `POST /members`: sign-up.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, Responder, post};
use jangbu::accounts::FREE_TRANSFERS_PER_DAY;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Attempt;
use crate::server::audit::Actor;
use crate::server::edge::ClientAddress;
use crate::server::http::{IdempotencyKey, Json, Problem};
use crate::server::members::{MemberAnswer, NewMember, PasswordGiven};
use crate::server::principal::Role;
use crate::server::service::Service;

/// Registers the route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(sign_up);
}

/// A member to sign up.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignUp {
    /// The username, unique regardless of case.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Za-z0-9._-]{3,40}$")]
    username: String,
    /// At least 8 characters, without the username, and not a common password.
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
/// A new member has no account; `POST /accounts` opens one. Anyone can sign up, unless the operator has disabled it. An
/// idempotency key belongs to the username.
#[utoipa::path(
    tag = "members",
    params(IdempotencyKey),
    responses(
        (status = 201, description = "The member.", body = MemberAnswer),
    ),
)]
#[post("/members")]
async fn sign_up(
    service: Data<Service>,
    request: HttpRequest,
    key: IdempotencyKey,
    Json(wanted): Json<SignUp>,
) -> Result<impl Responder, Problem> {
    if !service.config.sign_up {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "sign_up_closed",
            "sign-up is disabled; the bank creates its members itself",
        ));
    }
    let address = ClientAddress::of(&request);
    // There is no caller yet. Without the password, nobody learns more than that the name is taken, because the request
    // differs.
    let caller = format!("sign-up {}", wanted.username.to_lowercase());
    let first = match service.attempt_as(&caller, None, &key, "member", &wanted).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
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
    first.answer_about(Some(member.id), StatusCode::CREATED, None, &MemberAnswer::from(&member)).await
}
