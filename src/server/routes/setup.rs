//! `POST /setup`: the first administrator of a new bank, by the link shown at its start.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder, post};
use jangbu::accounts::FREE_TRANSFERS_PER_DAY;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::edge::ClientAddress;
use crate::server::http::{Conflict, Json, Problem};
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
    /// The username.
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

/// Creates the first administrator.
///
/// For whoever has the link that a bank without an administrator prints when it starts. The link is valid for 30
/// minutes.
#[utoipa::path(
    tag = "setup",
    responses(
        (status = 201, description = "The administrator.", body = MemberAnswer),
        Conflict,
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
