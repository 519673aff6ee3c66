//! Holds: lists those of an account; places, amends, settles and voids them at the counter.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Responder, get, post, web};
use jangbu::{
    AccountNumber, Amount, Command, CommandId, Details, Error, HoldId, Position, Refusal,
    holds::{AmendHold, PlaceHold, SettleHold, VoidHold},
    queries::HoldView,
    time::When,
    transfers::MAX_REFERENCE_CHARS,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::transfers::{over, read_transfer};
use crate::server::answers::Attempt;
use crate::server::audit;
use crate::server::http::{
    Cursor, IdempotencyKey, Json, List, PathAccount, PathParams, PaymentKey, Problem, Query, Refused, TransferAccounts,
    page_size, typed_number,
};
use crate::server::principal::{Permission, Principal};
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, Hold, PLACED_BY, Texts, Transfer, check_readable, definite_ending, ending};

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_holds).service(place_hold).service(settle_hold).service(amend_hold).service(void_hold);
}

/// The query of a list of holds.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HoldsQuery {
    /// The `next` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// The page size, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Lists the open holds of an account in the order in which they were placed.
///
/// Includes transfers that wait for verification. Members read their own accounts; staff can read any account, which is
/// audited.
#[utoipa::path(
    tag = "holds",
    params(PathAccount, HoldsQuery),
    responses((status = 200, description = "A page of holds.", body = List<Hold>)),
)]
#[get("/accounts/{number}/holds")]
async fn list_holds(
    service: Data<Service>,
    caller: Principal,
    PathAccount(number): PathAccount,
    Query(listed): Query<HoldsQuery>,
) -> Result<impl Responder, Problem> {
    service.readable_account(&caller, number).await?;
    let after: Option<u64> = listed.cursor.map(|cursor| cursor.decode()).transpose()?;
    let page = service.bank.holds_after(number, after.map(Position::new), page_size(listed.limit)?).await?;
    let now = service.time.now();
    Ok(web::Json(List::new(page.data.iter().map(|hold| Hold::of(hold, now)).collect(), page.next)))
}

/// A hold to place.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HoldRequest {
    /// The account that pays.
    #[serde(deserialize_with = "typed_number")]
    #[schema(value_type = String, max_length = 20)]
    from: AccountNumber,
    /// The receiver.
    #[serde(deserialize_with = "typed_number")]
    #[schema(value_type = String, max_length = 20)]
    to: AccountNumber,
    /// What the receiver can get, in minor units.
    #[schema(value_type = u64, maximum = 9007199254740991_u64)]
    amount: Amount,
    /// From this moment on, or after this day, the hold can no longer be settled and is released. Default: never.
    #[serde(default)]
    #[schema(value_type = Option<DayOrMoment>)]
    expires_at: Option<When>,
    /// The label on the sender's statement.
    #[serde(default)]
    #[schema(max_length = 10)]
    sender_label: Option<String>,
    /// The label on the receiver's statement.
    #[serde(default)]
    #[schema(max_length = 10)]
    receiver_label: Option<String>,
    /// The reference for both sides, up to 140 characters.
    #[serde(default)]
    #[schema(max_length = 140)]
    reference: Option<String>,
    /// The sender's own reference for the payment, up to 35 characters; visible to both sides.
    #[serde(default)]
    #[schema(max_length = 35)]
    end_to_end_id: Option<String>,
    /// Up to 7 key-value pairs for programs.
    #[serde(default)]
    metadata: Option<BTreeMap<String, String>>,
    /// The largest fee that the sender accepts, in minor units. Default: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
    most_fee: Option<Amount>,
}

/// Returns the details of a hold that the caller places, and may therefore settle and void.
///
/// # Errors
/// 400 for texts that do not fit.
pub(super) fn details_of_hold(texts: Texts<'_>, caller: &Principal) -> Result<Box<Details>, Problem> {
    let mut details = texts.details()?.unwrap_or_default();
    if texts.metadata.is_some_and(|pairs| pairs.len() > 7) {
        return Err(Problem::invalid_field("metadata", "too_many", "the metadata of a hold has at most 7 pairs"));
    }
    details.metadata.push((PLACED_BY.to_owned(), caller.id().to_string()));
    Ok(details)
}

/// Places a hold: reserves money for a receiver.
///
/// At the counter, from any account. Audited.
#[utoipa::path(
    tag = "holds",
    params(IdempotencyKey),
    responses((status = 201, description = "The hold, as a transfer.", body = Transfer), Refused),
)]
#[post("/holds")]
async fn place_hold(
    service: Data<Service>,
    caller: Principal,
    PaymentKey(key): PaymentKey,
    Json(mut request): Json<HoldRequest>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "hold", &request).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let texts = Texts {
        sender_label: request.sender_label.as_deref(),
        receiver_label: request.receiver_label.as_deref(),
        reference: request.reference.as_deref(),
        end_to_end_id: request.end_to_end_id.as_deref(),
        metadata: request.metadata.as_ref(),
    };
    let details = details_of_hold(texts, &caller)?;
    let zone = service.time_zone();
    let expires_at = request.expires_at.map(|when| ending("expires_at", when, zone)).transpose()?.flatten();
    request.from = service.resolve_account(request.from).await?;
    request.to = service.resolve_account(request.to).await?;
    service.keep_out_of_own_accounts(&caller, [request.from, request.to]).await?;
    let id = key.command_id(&caller.id(), "hold");
    let passed = service.pass_at_counter(&caller, id, [(request.from, request.amount.minor_units())]).await?;
    audited(&service, &caller, "hold.placed", ("account", request.from.to_string()), &request, id).await?;
    let HoldRequest { from, to, amount, most_fee, .. } = request;
    let place =
        PlaceHold { expires_at, most_fee, details: Some(details), ..PlaceHold::new(from, to, amount).with_id(id) };
    let placed = service.execute(Command::PlaceHold(Box::new(place))).await;
    passed.unless_refused(&placed).await;
    placed.map_err(|error| TransferAccounts::both(from, to).failed(error))?;
    let place = format!("/api/v1/transfers/{id}");
    first.answer(StatusCode::CREATED, Some(place), &read_transfer(&service, id.into()).await?).await
}

/// A settlement of a hold.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SettleRequest {
    /// What the receiver gets, in minor units. Default: all that remains.
    #[serde(default)]
    #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
    amount: Option<Amount>,
    /// Whether the rest stays held for another settlement. Default: it is released.
    #[serde(default)]
    keep_rest: bool,
}

/// Settles a hold, in whole or in part.
///
/// For the member of staff who placed it and for administrators. Audited.
#[utoipa::path(
    tag = "holds",
    params(
        ("id" = String, Path, description = "The hold's id; for a hold placed by linked steps, followed by a dot and the step number."),
        IdempotencyKey,
    ),
    responses(
        (status = 200, description = "The hold after the settlement, with the settlement's id.", body = Transfer),
        Refused,
    ),
)]
#[post("/transfers/{id}/settle")]
async fn settle_hold(
    service: Data<Service>,
    caller: Principal,
    PaymentKey(key): PaymentKey,
    PathParams(hold): PathParams<HoldId>,
    Json(request): Json<SettleRequest>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "settle", &(hold, &request)).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let held = drawable(&service, &caller, hold).await?;
    if request.keep_rest && request.amount.is_none() {
        let detail = "`keep_rest` requires `amount`: settling the whole hold leaves no rest";
        return Err(Problem::invalid_field("keep_rest", "invalid", detail));
    }
    let id = key.command_id(&caller.id(), "settle");
    let amount = request.amount.unwrap_or(held.remaining).minor_units();
    let passed = service.pass_at_counter(&caller, id, [(held.from, amount)]).await?;
    audited(&service, &caller, "hold.settled", ("transfer", hold.to_string()), &request, id).await?;
    let settle = SettleHold { id, hold, amount: request.amount, last: !request.keep_rest };
    let settled = service.execute(Command::SettleHold(settle)).await;
    passed.unless_refused(&settled).await;
    settled.map_err(|error| TransferAccounts::default().failed(error))?;
    let transfer = Transfer { settlement: Some(id), ..read_transfer(&service, hold).await? };
    first.answer(StatusCode::OK, None, &transfer).await
}

/// A change of a hold. Fields that are left out stay unchanged.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AmendRequest {
    /// The new total amount in minor units, including what was settled already. A hold can only be raised.
    #[serde(default)]
    #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
    amount: Option<Amount>,
    /// From this moment on, or after this day, the hold can no longer be settled and is released.
    #[serde(default)]
    #[schema(value_type = Option<DayOrMoment>)]
    expires_at: Option<When>,
}

/// Raises or extends a hold.
///
/// For the member of staff who placed it and for administrators. Audited. The fee does not change.
#[utoipa::path(
    tag = "holds",
    params(
        ("id" = String, Path, description = "The hold's id; for a hold placed by linked steps, followed by a dot and the step number."),
        IdempotencyKey,
    ),
    responses((status = 200, description = "The hold after the change.", body = Transfer), Refused),
)]
#[post("/transfers/{id}/amend")]
async fn amend_hold(
    service: Data<Service>,
    caller: Principal,
    PaymentKey(key): PaymentKey,
    PathParams(hold): PathParams<HoldId>,
    Json(request): Json<AmendRequest>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "amend", &(hold, &request)).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let held = drawable(&service, &caller, hold).await?;
    let AmendRequest { amount: raise_to, expires_at } = request;
    if raise_to.is_none() && expires_at.is_none() {
        return Err(Problem::invalid("send a new amount, a new expiry, or both"));
    }
    let zone = service.time_zone();
    let expires_at = expires_at.map(|when| definite_ending("expires_at", when, zone)).transpose()?;
    let id = key.command_id(&caller.id(), "amend");
    // Only a raise moves more money.
    let raised = raise_to.map(|whole| (held.from, whole.minor_units()));
    let passed = service.pass_at_counter(&caller, id, raised).await?;
    audited(&service, &caller, "hold.amended", ("transfer", hold.to_string()), &request, id).await?;
    let amend = AmendHold { id, hold, raise_to, expires_at };
    let amended = service.execute(Command::AmendHold(Box::new(amend))).await;
    passed.unless_refused(&amended).await;
    amended.map_err(|error| TransferAccounts::default().failed(error))?;
    first.answer(StatusCode::OK, None, &read_transfer(&service, hold).await?).await
}

/// The reasons for voiding a hold.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VoidRequest {
    /// The reason for staff only, up to 140 characters.
    #[serde(default)]
    #[schema(max_length = 140)]
    pub(super) reason: Option<String>,
    /// The reason for the sender, up to 140 characters.
    #[serde(default)]
    #[schema(max_length = 140)]
    pub(super) customer_text: Option<String>,
}

impl VoidRequest {
    /// Returns the command that voids a hold.
    ///
    /// # Errors
    /// 400 for a text that does not fit.
    pub(super) fn command(&self, id: CommandId, hold: HoldId) -> Result<VoidHold, Problem> {
        let fitting = |field: &'static str, text: &Option<String>| {
            let text = text.clone().unwrap_or_default();
            check_readable(field, &text, MAX_REFERENCE_CHARS).map(|()| text)
        };
        let reason = fitting("reason", &self.reason)?;
        let customer_text = fitting("customer_text", &self.customer_text)?;
        Ok(VoidHold::new(hold).with_id(id).because(&reason).telling(&customer_text))
    }
}

/// Voids a hold: the remaining amount is released.
///
/// For the member of staff who placed it and for administrators. Audited.
#[utoipa::path(
    tag = "holds",
    params(
        ("id" = String, Path, description = "The hold's id; for a hold placed by linked steps, followed by a dot and the step number."),
        IdempotencyKey,
    ),
    responses((status = 200, description = "The hold after the change.", body = Transfer), Refused),
)]
#[post("/transfers/{id}/void")]
async fn void_hold(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    PathParams(hold): PathParams<HoldId>,
    Json(request): Json<VoidRequest>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "void", &(hold, &request)).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    drawable(&service, &caller, hold).await?;
    let id = key.command_id(&caller.id(), "void");
    let void = request.command(id, hold)?;
    audited(&service, &caller, "hold.voided", ("transfer", hold.to_string()), &request, id).await?;
    let voided = service.execute(Command::VoidHold(void)).await;
    voided.map_err(|error| TransferAccounts::default().failed(error))?;
    first.answer(StatusCode::OK, None, &read_transfer(&service, hold).await?).await
}

/// Returns the hold with that id if the caller may settle and void it: a hold that does not wait for verification and
/// that the caller placed; for administrators, any such hold.
///
/// # Errors
/// 404 when there is none, 403 when somebody else placed it or an account of it is the caller's own, 409 when its verification will end it.
pub(super) async fn drawable(service: &Service, caller: &Principal, id: HoldId) -> Result<HoldView, Problem> {
    let hold = service.bank.hold(id).await?.ok_or_else(Problem::not_found)?;
    if hold.requires_verification {
        let status = StatusCode::CONFLICT;
        let detail = "the transfer is settled by its verification; until then it can only be cancelled";
        return Err(Problem::new(status, "under_verification", detail));
    }
    let placed_by = hold.details.metadata.iter().find(|(key, _)| key == PLACED_BY).map(|(_, member)| member);
    let own = placed_by.is_none_or(|member| *member == caller.id().to_string());
    if !own && !caller.may(Permission::Administer) {
        return Err(Problem::forbidden());
    }
    service.keep_out_of_own_accounts(caller, [hold.from, hold.to]).await?;
    Ok(hold)
}

/// Audits what staff is about to do.
pub(super) async fn audited(
    service: &Service,
    caller: &Principal,
    action: &str,
    (object, about): (&str, String),
    request: &impl Serialize,
    command: CommandId,
) -> Result<(), Problem> {
    let after = Some(json!(request));
    let (action, object) = (action.to_owned(), object.to_owned());
    let entry = audit::Entry { action, object, id: about, before: None, after, command: Some(command) };
    Ok(service.audit.change(caller, entry).await?)
}

/// Returns the problem of a hold that can no longer be cancelled.
pub(super) fn not_pending(error: Error) -> Problem {
    match error {
        Error::Refused(Refusal::HoldSettled { .. }) => over("posted"),
        Error::Refused(Refusal::HoldVoided { .. }) => over("cancelled"),
        Error::Refused(Refusal::HoldExpired { .. }) => over("expired"),
        other => other.into(),
    }
}
