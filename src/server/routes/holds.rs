//! Holds: those of an account; placed at the counter, settled and voided by who placed them.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Responder, get, post, web};
use jangbu::{
    AccountNumber, AmendHold, Amount, Command, CommandId, Details, Error, HoldId, HoldView, MAX_REFERENCE_CHARS,
    PlaceHold, Position, Refusal, SettleHold, VoidHold, When,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::transfers::{looked_up, over};
use crate::server::answers::Asked;
use crate::server::audit;
use crate::server::http::{
    Cursor, IdempotencyKey, InPath, Json, List, MoveProblems, Named, Problem, Query, ReadProblems, Typed, page_size,
    typed,
};
use crate::server::principal::{Permission, Principal};
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, Hold, PLACED_BY, Texts, Transfer, check_readable, definite_ending, ending};

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_holds).service(place_hold).service(settle_hold).service(amend_hold).service(void_hold);
}

/// Which holds to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Listed {
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// How many, 1 to 200; 50 if not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Lists the open holds of an account in the order in which they were placed.
///
/// Transfers that wait for their verification are among them. One's own account; for staff anybody's, which is audited.
///
/// Permission: read_own
#[utoipa::path(
    tag = "holds", security(("session" = []), ("token" = [])),
    params(("number" = String, Path, description = "The account number."), Listed),
    responses((status = 200, description = "A page of holds.", body = List<Hold>), ReadProblems),
)]
#[get("/accounts/{number}/holds")]
async fn list_holds(
    service: Data<Service>,
    caller: Principal,
    InPath(Typed(typed)): InPath<Typed>,
    Query(listed): Query<Listed>,
) -> Result<impl Responder, Problem> {
    let number = service.meant(typed).await?;
    service.readable_account(&caller, number).await?;
    let after: Option<u64> = listed.cursor.map(|cursor| cursor.place()).transpose()?;
    let page = service.bank.holds_after(number, after.map(Position::new), page_size(listed.limit)?).await?;
    let now = service.time.now();
    Ok(web::Json(List::new(page.data.iter().map(|hold| Hold::of(hold, now)).collect(), page.next)))
}

/// A hold to place.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HoldRequest {
    /// The account that pays.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = String, max_length = 20)]
    from: AccountNumber,
    /// The receiver.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = String, max_length = 20)]
    to: AccountNumber,
    /// What the receiver may get, in minor units.
    #[schema(value_type = u64, maximum = 9007199254740991_u64)]
    amount: Amount,
    /// From this moment on, or after this day, it can no longer be settled and is given back; never if not given.
    #[serde(default)]
    #[schema(value_type = Option<DayOrMoment>)]
    expires_at: Option<When>,
    /// What the sender reads on the statement.
    #[serde(default)]
    #[schema(max_length = 10)]
    sender_label: Option<String>,
    /// What the receiver reads on the statement.
    #[serde(default)]
    #[schema(max_length = 10)]
    receiver_label: Option<String>,
    /// What both sides read, up to 140 characters.
    #[serde(default)]
    #[schema(max_length = 140)]
    reference: Option<String>,
    /// What the sender's own books call the payment, up to 35 characters; both sides see it.
    #[serde(default)]
    #[schema(max_length = 35)]
    end_to_end_id: Option<String>,
    /// Up to 7 pairs for programs.
    #[serde(default)]
    metadata: Option<BTreeMap<String, String>>,
    /// The largest fee that the sender agrees to, in minor units; any that is due if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
    most_fee: Option<Amount>,
}

/// What a hold says that the caller places, who may settle and void it.
///
/// # Errors
/// 400 for texts that do not fit.
pub(super) fn details_of_hold(texts: Texts<'_>, caller: &Principal) -> Result<Box<Details>, Problem> {
    let mut details = texts.details()?.unwrap_or_default();
    if texts.metadata.is_some_and(|pairs| pairs.len() > 7) {
        return Err(Problem::invalid_field("metadata", "too_many", "metadata of a hold has at most 7 pairs"));
    }
    details.metadata.push((PLACED_BY.to_owned(), caller.id().to_string()));
    Ok(details)
}

/// Sets money aside for a receiver.
///
/// At the counter, from anybody's account; audited.
///
/// Permission: counter
#[utoipa::path(
    tag = "holds", security(("session" = []), ("token" = [])), request_body = HoldRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses((status = 201, description = "The hold, as the transfer that it becomes.", body = Transfer), MoveProblems),
)]
#[post("/holds")]
async fn place_hold(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(mut request): Json<HoldRequest>,
) -> Result<impl Responder, Problem> {
    key.wanted(service.config.require_idempotency_key)?;
    let asked = match service.asked(&caller, &key, "hold", &request).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
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
    request.from = service.meant(request.from).await?;
    request.to = service.meant(request.to).await?;
    service.keep_out_of_own_accounts(&caller, [request.from, request.to]).await?;
    let id = key.command_id(&caller.id().to_string(), "hold");
    let passed = service.pass_at_counter(&caller, id, [(request.from, request.amount.minor_units())]).await?;
    audited(&service, &caller, "hold.placed", ("account", request.from.to_string()), &request, id).await?;
    let HoldRequest { from, to, amount, most_fee, .. } = request;
    let place =
        PlaceHold { expires_at, most_fee, details: Some(details), ..PlaceHold::new(from, to, amount).with_id(id) };
    let placed = service.execute(Command::PlaceHold(Box::new(place))).await;
    passed.unless_refused(&placed).await;
    placed.map_err(|error| Named::both(from, to).failed(error))?;
    let place = format!("/api/v1/transfers/{id}");
    asked.answer(StatusCode::CREATED, Some(place), &looked_up(&service, id.into()).await?).await
}

/// How much of a hold to settle.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SettleRequest {
    /// What the receiver gets, in minor units; all that is left if not given.
    #[serde(default)]
    #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
    amount: Option<Amount>,
    /// Whether what is left after a part stays held for another settlement; it goes back if not given.
    #[serde(default)]
    keep_rest: bool,
}

/// Settles a hold, in whole or in part.
///
/// By the member of staff who placed it, or an administrator; audited.
///
/// Permission: counter
#[utoipa::path(
    tag = "holds", security(("session" = []), ("token" = [])), request_body = SettleRequest,
    params(
        ("id" = String, Path, description = "The hold's id; of one among linked steps, with the number of the step behind a dot."),
        ("Idempotency-Key" = Option<String>, Header, description = "Against repetition."),
    ),
    responses(
        (status = 200, description = "The hold as it stands now, with the id of this settlement.", body = Transfer),
        MoveProblems,
    ),
)]
#[post("/transfers/{id}/settle")]
async fn settle_hold(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    InPath(hold): InPath<HoldId>,
    Json(request): Json<SettleRequest>,
) -> Result<impl Responder, Problem> {
    key.wanted(service.config.require_idempotency_key)?;
    let asked = match service.asked(&caller, &key, "settle", &(hold, &request)).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let held = drawable(&service, &caller, hold).await?;
    if request.keep_rest && request.amount.is_none() {
        let detail = "nothing is left of a hold that is settled as a whole";
        return Err(Problem::invalid_field("keep_rest", "invalid", detail));
    }
    let id = key.command_id(&caller.id().to_string(), "settle");
    let amount = request.amount.unwrap_or(held.remaining).minor_units();
    let passed = service.pass_at_counter(&caller, id, [(held.from, amount)]).await?;
    audited(&service, &caller, "hold.settled", ("transfer", hold.to_string()), &request, id).await?;
    let settle = SettleHold { id, hold, amount: request.amount, last: !request.keep_rest };
    let settled = service.execute(Command::SettleHold(settle)).await;
    passed.unless_refused(&settled).await;
    settled.map_err(|error| Named::default().failed(error))?;
    let told = Transfer { settlement: Some(id), ..looked_up(&service, hold).await? };
    asked.answer(StatusCode::OK, None, &told).await
}

/// How a hold is to be changed. What is not given stays.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AmendRequest {
    /// The new amount in all, what was settled included, in minor units. A hold can only be raised.
    #[serde(default)]
    #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
    amount: Option<Amount>,
    /// From this moment on, or after this day, it can no longer be settled and is given back.
    #[serde(default)]
    #[schema(value_type = Option<DayOrMoment>)]
    expires_at: Option<When>,
}

/// Raises or extends a hold.
///
/// By the member of staff who placed it, or an administrator; audited. The fee stays what it was when the hold was placed.
///
/// Permission: counter
#[utoipa::path(
    tag = "holds", security(("session" = []), ("token" = [])), request_body = AmendRequest,
    params(
        ("id" = String, Path, description = "The hold's id; of one among linked steps, with the number of the step behind a dot."),
        ("Idempotency-Key" = Option<String>, Header, description = "Against repetition."),
    ),
    responses((status = 200, description = "The hold as it stands now.", body = Transfer), MoveProblems),
)]
#[post("/transfers/{id}/amend")]
async fn amend_hold(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    InPath(hold): InPath<HoldId>,
    Json(request): Json<AmendRequest>,
) -> Result<impl Responder, Problem> {
    key.wanted(service.config.require_idempotency_key)?;
    let asked = match service.asked(&caller, &key, "amend", &(hold, &request)).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let held = drawable(&service, &caller, hold).await?;
    let AmendRequest { amount: raise_to, expires_at } = request;
    if raise_to.is_none() && expires_at.is_none() {
        return Err(Problem::invalid("name a new amount, a new expiry, or both"));
    }
    let zone = service.time_zone();
    let expires_at = expires_at.map(|when| definite_ending("expires_at", when, zone)).transpose()?;
    let id = key.command_id(&caller.id().to_string(), "amend");
    // A raise alone moves more money.
    let raised = raise_to.map(|whole| (held.from, whole.minor_units()));
    let passed = service.pass_at_counter(&caller, id, raised).await?;
    audited(&service, &caller, "hold.amended", ("transfer", hold.to_string()), &request, id).await?;
    let amend = AmendHold { id, hold, raise_to, expires_at };
    let amended = service.execute(Command::AmendHold(Box::new(amend))).await;
    passed.unless_refused(&amended).await;
    amended.map_err(|error| Named::default().failed(error))?;
    asked.answer(StatusCode::OK, None, &looked_up(&service, hold).await?).await
}

/// Why a hold is voided.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VoidRequest {
    /// Why, for the bank's staff alone, up to 140 characters.
    #[serde(default)]
    #[schema(max_length = 140)]
    pub(super) reason: Option<String>,
    /// Why, for the sender to read, up to 140 characters.
    #[serde(default)]
    #[schema(max_length = 140)]
    pub(super) customer_text: Option<String>,
}

impl VoidRequest {
    /// The command that gives a hold back.
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

/// Voids a hold: what is left of it goes back.
///
/// By the member of staff who placed it, or an administrator; audited.
///
/// Permission: counter
#[utoipa::path(
    tag = "holds", security(("session" = []), ("token" = [])), request_body = VoidRequest,
    params(
        ("id" = String, Path, description = "The hold's id; of one among linked steps, with the number of the step behind a dot."),
        ("Idempotency-Key" = Option<String>, Header, description = "Against repetition."),
    ),
    responses((status = 200, description = "The hold as it stands now.", body = Transfer), MoveProblems),
)]
#[post("/transfers/{id}/void")]
async fn void_hold(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    InPath(hold): InPath<HoldId>,
    Json(request): Json<VoidRequest>,
) -> Result<impl Responder, Problem> {
    let asked = match service.asked(&caller, &key, "void", &(hold, &request)).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    drawable(&service, &caller, hold).await?;
    let id = key.command_id(&caller.id().to_string(), "void");
    let void = request.command(id, hold)?;
    audited(&service, &caller, "hold.voided", ("transfer", hold.to_string()), &request, id).await?;
    let voided = service.execute(Command::VoidHold(void)).await;
    voided.map_err(|error| Named::default().failed(error))?;
    asked.answer(StatusCode::OK, None, &looked_up(&service, hold).await?).await
}

/// The hold of that id, which the caller may settle and void: one that waits for no verification, which the caller placed,
/// or anybody's for an administrator.
///
/// # Errors
/// 404 when there is none, 403 when somebody else placed it or an account of it is the caller's own, 409 when its verification will end it.
pub(super) async fn drawable(service: &Service, caller: &Principal, id: HoldId) -> Result<HoldView, Problem> {
    let hold = service.bank.hold(id).await?.ok_or_else(Problem::not_found)?;
    if hold.verified {
        let status = StatusCode::CONFLICT;
        let detail = "the transfer's verification settles it; until then it can be cancelled";
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

/// Writes down what staff is about to do.
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
    service.audit.change(caller, entry).await
}

/// The problem of a hold that cannot be cancelled any more.
pub(super) fn not_pending(error: Error) -> Problem {
    match error {
        Error::Refused(Refusal::HoldSettled { .. }) => over("posted"),
        Error::Refused(Refusal::HoldVoided { .. }) => over("cancelled"),
        Error::Refused(Refusal::HoldExpired { .. }) => over("expired"),
        other => other.into(),
    }
}
