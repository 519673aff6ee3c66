//! Quotes: the result of a transfer, without making it.

use actix_web::web::Data;
use actix_web::{Responder, post, web};
use jangbu::preview::Preview;
use jangbu::{AccountNumber, Amount, Command, Transfer, holds::PlaceHold};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{Json, NotFound, Problem, Refused, TransferAccounts, typed_number};
use crate::server::principal::Principal;
use crate::server::rates::Class;
use crate::server::service::Service;
use crate::server::shapes::Quote;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(quote_transfer);
}

/// A transfer to quote.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteRequest {
    /// The sender, one of the caller's own accounts.
    #[serde(deserialize_with = "typed_number")]
    #[schema(value_type = String, max_length = 20)]
    from: AccountNumber,
    /// The receiver.
    #[serde(deserialize_with = "typed_number")]
    #[schema(value_type = String, max_length = 20)]
    to: AccountNumber,
    /// The amount in minor units.
    #[schema(value_type = u64, maximum = 9007199254740991_u64)]
    amount: Amount,
    /// Whether less is moved if less is available.
    #[serde(default)]
    at_most: bool,
    /// The largest fee that the sender accepts, in minor units. Default: any.
    #[serde(default)]
    #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
    most_fee: Option<Amount>,
}

/// Returns what a transfer would cost and leave, or why it would be refused and which amount would be accepted.
///
/// From one of the caller's own accounts. Nothing is reserved.
#[utoipa::path(
    tag = "transfers",
    responses((status = 200, description = "The quote.", body = Quote), NotFound, Refused),
)]
#[post("/quotes")]
async fn quote_transfer(
    service: Data<Service>,
    caller: Principal,
    Json(request): Json<QuoteRequest>,
) -> Result<impl Responder, Problem> {
    let QuoteRequest { from, to, amount, at_most, most_fee } = request;
    let (from, to) = (service.resolve_account(from).await?, service.resolve_account(to).await?);
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
        Preview::Refused(objection) => TransferAccounts::both(from, to).field(&objection.refusal),
        Preview::Granted(_) | Preview::Repeated { .. } => None,
    };
    Ok(web::Json(Quote::of(preview, &facts, field)))
}
