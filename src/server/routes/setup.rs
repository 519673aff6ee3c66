//! `POST /setup`: the first administrator of a new bank, by the link that its start showed.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder, post};
use jangbu::FREE_TRANSFERS_PER_DAY;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::edge::ClientAddress;
use crate::server::http::{Json, Problem, ProblemBody};
use crate::server::members::{MemberAnswer, NewMember, PasswordGiven};
use crate::server::principal::Role;
use crate::server::service::Service;
use crate::server::setup;

/// Registers the route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(set_up);
}

/// The first administrator.
// No `Debug`: it would show the secrets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetUp {
    /// The secret of the link.
    #[schema(max_length = 100)]
    token: String,
    /// The name to sign in with.
    #[schema(min_length = 3, max_length = 40)]
    username: String,
    /// The password.
    #[schema(format = Password, min_length = 8)]
    password: String,
    /// The full name.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// The e-mail address.
    #[schema(max_length = 254)]
    email: String,
}

/// Makes the first administrator.
///
/// For who has the link that the first start of a bank without an administrator prints, within 30 minutes.
///
/// Permission: anyone
#[utoipa::path(
    operation_id = "set_up",
    tag = "setup",
    request_body = SetUp,
    responses(
        (status = 201, description = "The administrator.", body = MemberAnswer),
        (status = 400, description = "A field is not what it must be.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "No such link is open.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 409, description = "The username is taken.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 429, description = "Too many tries.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[post("/setup")]
async fn set_up(request: HttpRequest, service: Data<Service>, body: Json<SetUp>) -> Result<impl Responder, Problem> {
    service.rates.check_sign_in(ClientAddress::of(&request))?;
    let SetUp { token, username, password, name, email } = body.0;
    let new = NewMember {
        username,
        name,
        email,
        role: Role::Admin,
        free_transfers_per_day: FREE_TRANSFERS_PER_DAY,
        password: PasswordGiven::Own(password.into()),
    };
    let member = setup::first_administrator(&service, &token, new).await?;
    Ok(HttpResponse::Created().json(MemberAnswer::from(&member)))
}
