//! Single transfers: makes, reads and cancels them.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get, post, web};
use jangbu::{
    BankError, Command, CommandId, Error, HoldId, Outcome, Refusal,
    commands::Answered,
    holds::PlaceHold,
    queries::{Movement, MovementKind, View, Viewer},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::holds::{VoidRequest, audited, not_pending};
use super::reversals::reversible;
use crate::server::answers::Attempt;
use crate::server::config::Verification;
use crate::server::facts::Facts;
use crate::server::http::{
    Archived, IdempotencyKey, Json, NotFound, PathParams, PaymentKey, Problem, Query, Refused, TransferAccounts,
    note_replayed,
};
use crate::server::principal::{Permission, Principal};
use crate::server::rates::Class;
use crate::server::service::Service;
use crate::server::shapes::{Moment, Transfer, TransferRequest};
use crate::server::unproven::Limits;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(create_transfer).service(get_transfer).service(cancel_transfer);
}

impl Service {
    /// Whether transfers are verified before they are settled.
    pub(crate) fn verifies(&self) -> bool {
        !matches!(self.config.verification, Verification::None)
    }
}

/// Transfers money from one of the caller's own accounts.
///
/// Posted at once, 201. If the bank verifies transfers, the money is held first and the verification settles it, 202.
/// With `Idempotency-Key` the transfer is made at most once, also if the bank starts or stops verifying transfers
/// between two attempts. With `most_fee`, the transfer is made for at most that fee, or refused with the fee that is
/// due, 422 `fee_too_high`. Above a limit set by the bank or the member it needs a fresh proof, and therefore a
/// session; see `POST /session/proof`.
#[utoipa::path(
    tag = "transfers",
    params(IdempotencyKey),
    responses(
        (status = 201, description = "Posted.", body = Transfer),
        (status = 202, description = "Held until it is verified.", body = Transfer),
        NotFound,
        Refused,
    ),
)]
#[post("/transfers")]
async fn create_transfer(
    service: Data<Service>,
    caller: Principal,
    PaymentKey(key): PaymentKey,
    Json(mut request): Json<TransferRequest>,
) -> Result<impl Responder, Problem> {
    request.from = service.resolve_account(request.from).await?;
    request.to = service.resolve_account(request.to).await?;
    let facts = service.spendable(&caller, request.from).await?;
    caller.keep_to_payee(request.to)?;
    service.meet(&caller, Class::Lookups, [request.to]).await?;
    let named = TransferAccounts::both(request.from, request.to);
    let id = key.command_id(&caller.id(), "transfer");
    let command = service.command_of(&request, id).await?;
    let asked = request.amount.minor_units();
    let once = key.is_given().then_some(id);
    let passed = service.pass_sums(&caller, Limits::Own, once, [(facts.currency, asked)]).await?;
    let counted = match service.count_payment(&caller, once, facts.currency, asked).await {
        Ok(counted) => counted,
        Err(problem) => {
            passed.give_back(facts.currency, asked).await;
            return Err(problem);
        }
    };
    let moved = service.transfer(command).await;
    match &moved {
        Ok(answered) => passed.settle(&[Some((facts.currency, asked))], std::slice::from_ref(answered)).await,
        Err(Error::Refused(_) | Error::Invalid(_)) => passed.give_back_all().await,
        Err(_) => {}
    }
    match (counted, &moved) {
        (Some(counted), Ok(answered)) => counted.settle(asked, answered).await,
        (Some(counted), Err(Error::Refused(_) | Error::Invalid(_))) => counted.give_back(asked).await,
        // The outcome is unknown, so it counts.
        (Some(_), Err(_)) | (None, _) => {}
    }
    let outcome = moved.and_then(|answered| Ok(answered.answer?));
    let (mut answer, transfer) = match outcome.map_err(|error| named.failed(error))? {
        Outcome::Posted(receipt) => (HttpResponse::Created(), Transfer::posted(request, &receipt, &facts)),
        Outcome::Held(receipt) => (HttpResponse::Accepted(), Transfer::pending(request, &receipt, &facts)),
        // The bank answers each command with an outcome of its kind.
        _ => return Err(BankError::OutcomeUnknown.into()),
    };
    Ok(answer.insert_header(("location", format!("/api/v1/transfers/{}", transfer.id))).json(transfer))
}

impl Service {
    /// Returns the command that a request stands for.
    ///
    /// # Errors
    /// Those of [`command`].
    async fn command_of(&self, request: &TransferRequest, id: CommandId) -> Result<Command, Problem> {
        let verifies = self.verifies();
        // An open amount cannot be held. But the transfer may have been made before transfers were verified.
        let is_repeated = request.at_most && verifies && self.bank.position_of(id).await?.is_some();
        command(request, id, verifies && !is_repeated)
    }

    /// Executes a transfer. One that was made before gets its first answer, even if transfers were verified then and
    /// are not now, or vice versa.
    async fn transfer(&self, command: Command) -> Result<Answered, Error> {
        let other = in_other_form(&command);
        let mut answered = self.bank.execute(command).await?;
        if let (Err(Refusal::IdReused), Some(other)) = (&answered.answer, other) {
            answered = self.bank.execute(other).await?;
        }
        if answered.replayed {
            note_replayed();
        }
        Ok(answered)
    }
}

/// Returns the command that a request stands for: a transfer, or a hold that waits for verification.
///
/// # Errors
/// 400 for texts that do not fit, and for an amount that is left open where transfers are verified: what is held is fixed.
pub(super) fn command(request: &TransferRequest, id: CommandId, verifies: bool) -> Result<Command, Problem> {
    let details = request.details()?;
    let TransferRequest { from, to, amount, at_most, most_fee, .. } = *request;
    if at_most && verifies {
        let detail = "not supported at a bank that verifies transfers, because the amount held is fixed";
        return Err(Problem::invalid_field("at_most", "not_supported", detail));
    }
    let transfer = jangbu::Transfer { id, from, to, amount, at_most, most_fee, details };
    Ok(match verifies {
        true => Command::PlaceHold(Box::new(PlaceHold::for_verification(transfer))),
        false => Command::Transfer(transfer),
    })
}

/// Returns the command that the same request stood for when transfers were verified, or when they were not.
///
/// It is only sent for an id that is in use, so it returns the first answer or has no effect.
pub(super) fn in_other_form(command: &Command) -> Option<Command> {
    match command {
        Command::Transfer(transfer) if !transfer.at_most => {
            Some(Command::PlaceHold(Box::new(PlaceHold::for_verification(transfer.clone()))))
        }
        Command::PlaceHold(hold) => {
            let PlaceHold { id, from, to, amount, most_fee, details, .. } = (**hold).clone();
            Some(Command::Transfer(jangbu::Transfer { id, from, to, amount, at_most: false, most_fee, details }))
        }
        _ => None,
    }
}

/// The query of a transfer.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StepQuery {
    /// Which of several linked movements, counted from 0. Default: the first one visible to the caller.
    #[param(maximum = 63)]
    step: Option<u8>,
}

/// Returns a transfer.
///
/// For its sender and its receiver, each of whom sees their own side; for staff any transfer, which is audited. Only
/// its sender and staff see a refused transfer. A verified transfer is also found by the id of its settlement.
#[utoipa::path(
    tag = "transfers",
    params(
        ("id" = String, Path, description = "The id of the transfer, or of a hold placed by linked steps."),
        StepQuery,
    ),
    responses((status = 200, description = "The transfer.", body = Transfer), Archived),
)]
#[get("/transfers/{id}")]
async fn get_transfer(
    service: Data<Service>,
    caller: Principal,
    PathParams(id): PathParams<HoldId>,
    Query(wanted): Query<StepQuery>,
) -> Result<impl Responder, Problem> {
    let mut movements = service.bank.movements_of(id.command()).await?;
    // Only the id of a hold contains a step.
    movements
        .retain(|movement| id.step().is_none() || (movement.kind == MovementKind::Hold && movement.as_hold() == id));
    movements.retain(|movement| wanted.step.is_none_or(|step| movement.step.unwrap_or(0) == step));
    let owner = caller.member.owner();
    let mut first = None;
    for movement in &movements {
        let sides = sides(&service, movement).await?;
        if let Some(view) = sides.view_of(movement, &owner) {
            sides.keep_to_accounts(&caller, movement)?;
            let transfer = transfer_answer(&service, movement, &sides, view).await?;
            return Ok(web::Json(with_way_back(&service, &caller, movement, transfer).await?));
        }
        first = first.or(Some((movement, sides)));
    }
    let (movement, sides) = first.filter(|_| caller.may(Permission::ReadAny)).ok_or_else(Problem::not_found)?;
    service.audit.read(&caller, "transfer", &id.to_string()).await?;
    let transfer = transfer_answer(&service, movement, &sides, View::ALL).await?;
    Ok(web::Json(with_way_back(&service, &caller, movement, transfer).await?))
}

/// Adds how much staff can still reverse.
async fn with_way_back(
    service: &Service,
    caller: &Principal,
    movement: &Movement,
    transfer: Transfer,
) -> Result<Transfer, Problem> {
    if !caller.may(Permission::ReadAny) {
        return Ok(transfer);
    }
    let left = reversible(service, movement).await?;
    Ok(Transfer { reversible: left.map(jangbu::Amount::minor_units), ..transfer })
}

/// Cancels a transfer that waits for verification: its money is released.
///
/// For its sender. 409 `not_pending` if the transfer is no longer pending.
#[utoipa::path(
    tag = "transfers",
    params(
        ("id" = String, Path, description = "The transfer's id."),
        IdempotencyKey,
    ),
    responses((status = 200, description = "The cancelled transfer.", body = Transfer), Refused),
)]
#[post("/transfers/{id}/cancel")]
async fn cancel_transfer(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    PathParams(id): PathParams<CommandId>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "cancel", &id).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let movement = service.bank.movement(id).await?.ok_or_else(Problem::not_found)?;
    let sides = sides(&service, &movement).await?;
    let owner = caller.member.owner();
    match sides.view_of(&movement, &owner) {
        Some(view) if view.sender => sides.keep_to_accounts(&caller, &movement)?,
        Some(_) => return Err(Problem::forbidden()),
        None => return Err(Problem::not_found()),
    }
    if !movement.requires_verification {
        return Err(over(movement.status.to_string()));
    }
    let command = key.command_id(&caller.id(), "cancel");
    if caller.member.role.is_staff() {
        let nothing = serde_json::Value::Null;
        audited(&service, &caller, "transfer.cancelled", ("transfer", id.to_string()), &nothing, command).await?;
    }
    let void = VoidRequest { reason: None, customer_text: None }.command(command, id.into())?;
    service.execute(Command::VoidHold(void)).await.map_err(not_pending)?;
    let movement = service.bank.movement(id).await?.ok_or_else(Problem::not_found)?;
    first.answer(StatusCode::OK, None, &transfer_answer(&service, &movement, &sides, View::SENDER).await?).await
}

/// 409: the transfer is not pending, so it cannot be cancelled.
pub(super) fn over(status: impl Into<String>) -> Problem {
    Problem::new(StatusCode::CONFLICT, "not_pending", "the transfer is not pending")
        .with_figure("status", status.into())
}

/// The facts of a movement's accounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides {
    from: Option<Facts>,
    to: Option<Facts>,
}

impl Sides {
    /// Returns what an owner may see of a movement; `None` for nothing.
    pub(super) fn view_of(&self, movement: &Movement, owner: &jangbu::OwnerId) -> Option<View> {
        let view = View::of(Viewer::Owner(*owner), [self.from, self.to].map(|side| side.map(|facts| facts.owner)));
        view.sees_any(movement.status).then_some(view)
    }

    /// Fails for a token that is bound to accounts of its owner that do not take part in the movement.
    fn keep_to_accounts(&self, caller: &Principal, movement: &Movement) -> Result<(), Problem> {
        let owner = caller.member.owner();
        let own = [(movement.from, self.from), (movement.to, self.to)].into_iter();
        let own = own.filter(|(_, facts)| facts.is_some_and(|facts| facts.owner == owner));
        let mut checked = own.filter_map(|(number, _)| Some(caller.keep_to_account(number?)));
        let first = checked.next().unwrap_or(Ok(()));
        checked.fold(first, Result::or)
    }

    /// Returns the account whose currency applies: the customer's, not the bank's.
    pub(super) const fn money(&self) -> Option<&Facts> {
        match (&self.from, &self.to) {
            (Some(facts), _) | (None, Some(facts)) => Some(facts),
            (None, None) => None,
        }
    }
}

async fn sides(service: &Service, movement: &Movement) -> Result<Sides, Problem> {
    let numbers = movement.from.into_iter().chain(movement.to);
    let facts = service.facts_of(numbers).await?;
    let of = |number: Option<jangbu::AccountNumber>| number.and_then(|number| facts.get(&number).copied());
    Ok(Sides { from: of(movement.from), to: of(movement.to) })
}

async fn transfer_answer(
    service: &Service,
    movement: &Movement,
    sides: &Sides,
    view: View,
) -> Result<Transfer, Problem> {
    let money = sides.money().map(|facts| (facts.currency, facts.scale));
    let transfer = Transfer::of(movement.clone(), money, view).ok_or_else(Problem::not_found)?;
    let is_hold = movement.kind == MovementKind::Hold || movement.requires_verification;
    let hold = if is_hold { service.bank.hold(movement.as_hold()).await? } else { None };
    Ok(Transfer { expires_at: hold.and_then(|hold| hold.expires_at).map(Moment), ..transfer })
}

/// Returns a movement that staff just made, as staff sees it; for linked movements, the hold with that id.
///
/// # Errors
/// 404 when there is none of that id.
pub(super) async fn read_transfer(service: &Service, id: HoldId) -> Result<Transfer, Problem> {
    let movement = service.movement(id).await?.ok_or_else(Problem::not_found)?;
    let sides = sides(service, &movement).await?;
    transfer_answer(service, &movement, &sides, View::ALL).await
}

impl Service {
    /// Returns the movement of that id; for linked movements, that of the step, or the first.
    ///
    /// # Errors
    /// As the bank's.
    pub(super) async fn movement(&self, id: HoldId) -> Result<Option<Movement>, Problem> {
        let mut movements = self.bank.movements_of(id.command()).await?.into_iter();
        Ok(movements.find(|movement| id.step().is_none() || movement.step == id.step()))
    }
}

/// Returns all movements that staff just made with one command, as staff sees them.
///
/// # Errors
/// As the bank's.
pub(super) async fn read_transfers(service: &Service, id: CommandId) -> Result<Vec<Transfer>, Problem> {
    let mut all = Vec::new();
    for movement in service.bank.movements_of(id).await? {
        let sides = sides(service, &movement).await?;
        all.push(transfer_answer(service, &movement, &sides, View::ALL).await?);
    }
    Ok(all)
}
