//! Quotes: what a transfer would lead to, without making it.

use actix_web::web::Data;
use actix_web::{Responder, post, web};
use jangbu::preview::Preview;
use jangbu::{AccountNumber, Amount, Command, PlaceHold, Transfer};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{Json, MoveProblems, Named, Problem, typed};
use crate::server::principal::Principal;
use crate::server::rates::Class;
use crate::server::service::Service;
use crate::server::shapes::Quote;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(quote_transfer);
}

/// A transfer to think about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteRequest {
    /// The sender: an account of one's own.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = String, max_length = 20)]
    from: AccountNumber,
    /// The receiver.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = String, max_length = 20)]
    to: AccountNumber,
    /// What the receiver is to get, in minor units.
    #[schema(value_type = u64, maximum = 9007199254740991_u64)]
    amount: Amount,
    /// Whether less is moved where less is available.
    #[serde(default)]
    at_most: bool,
    /// The largest fee that the sender agrees to, in minor units; any that is due if not given.
    #[serde(default)]
    #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
    most_fee: Option<Amount>,
}

/// Tells what a transfer would cost and leave, or why it would be refused and what would pass instead.
///
/// From an account of one's own. Nothing is reserved.
///
/// Permission: move_own
#[utoipa::path(
    tag = "transfers", security(("session" = []), ("token" = [])), request_body = QuoteRequest,
    responses((status = 200, description = "The quote.", body = Quote), MoveProblems),
)]
#[post("/quotes")]
async fn quote_transfer(
    service: Data<Service>,
    caller: Principal,
    Json(request): Json<QuoteRequest>,
) -> Result<impl Responder, Problem> {
    let QuoteRequest { from, to, amount, at_most, most_fee } = request;
    let (from, to) = (service.meant(from).await?, service.meant(to).await?);
    let facts = service.spendable(&caller, from).await?;
    caller.keep_to_payee(to)?;
    service.meet(&caller, Class::Lookups, [to]).await?;
    let transfer = Transfer { at_most, most_fee, ..Transfer::new(from, to, amount) };
    let command = if service.verifies() && !at_most {
        Command::PlaceHold(Box::new(PlaceHold::for_verification(transfer)))
    } else {
        Command::Transfer(transfer)
    };
    let preview = service.bank.preview(&command).await?;
    let field = match &preview {
        Preview::Refused(objection) => Named::both(from, to).field(&objection.refusal),
        Preview::Granted(_) | Preview::Repeated { .. } => None,
    };
    Ok(web::Json(Quote::of(preview, &facts, field)))
}
