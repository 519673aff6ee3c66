//! Transfers, one at a time: made, looked at, cancelled.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get, post, web};
use jangbu::{
    Answered, BankError, Command, CommandId, Error, HoldId, Movement, MovementKind, Outcome, PlaceHold, Refusal, View,
    Viewer,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::holds::{VoidRequest, audited, not_pending};
use super::reversals::reversible;
use crate::server::answers::Asked;
use crate::server::config::Verification;
use crate::server::facts::Facts;
use crate::server::http::{
    IdempotencyKey, InPath, Json, MoveProblems, Named, Problem, Query, ReadProblems, note_replayed,
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
    /// Whether transfers wait for a verification before they are settled.
    pub(crate) fn verifies(&self) -> bool {
        !matches!(self.config.verification, Verification::None)
    }
}

/// Moves money from an account of one's own.
///
/// Posted at once, 201; where transfers are verified, held from now on and settled by the verification, 202. With the
/// header `Idempotency-Key` it is made once, however often it is asked for, also when the bank begins or ceases to verify
/// transfers meanwhile. With `most_fee` it is made for that fee or a smaller one, or refused with the fee that is due now,
/// 422 `fee_too_high`. Above a limit that the bank or the member has set for that it needs a fresh proof, see
/// `POST /session/proof`, and so a session.
///
/// Permission: move_own
#[utoipa::path(
    tag = "transfers", security(("session" = []), ("token" = [])), request_body = TransferRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses(
        (status = 201, description = "Posted.", body = Transfer),
        (status = 202, description = "Held until its verification is through.", body = Transfer),
        MoveProblems,
    ),
)]
#[post("/transfers")]
async fn create_transfer(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(mut request): Json<TransferRequest>,
) -> Result<impl Responder, Problem> {
    key.wanted(service.config.require_idempotency_key)?;
    request.from = service.meant(request.from).await?;
    request.to = service.meant(request.to).await?;
    let facts = service.spendable(&caller, request.from).await?;
    caller.keep_to_payee(request.to)?;
    service.meet(&caller, Class::Lookups, [request.to]).await?;
    let named = Named::both(request.from, request.to);
    let id = key.command_id(&caller.id().to_string(), "transfer");
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
        // What became of it nobody knows: it counts.
        (Some(_), Err(_)) | (None, _) => {}
    }
    let outcome = moved.and_then(|answered| Ok(answered.answer?));
    let (mut answer, told) = match outcome.map_err(|error| named.failed(error))? {
        Outcome::Posted(receipt) => (HttpResponse::Created(), Transfer::posted(request, &receipt, &facts)),
        Outcome::Held(receipt) => (HttpResponse::Accepted(), Transfer::pending(request, &receipt, &facts)),
        // The bank answers each command by its kind.
        _ => return Err(BankError::OutcomeUnknown.into()),
    };
    Ok(answer.insert_header(("location", format!("/api/v1/transfers/{}", told.id))).json(told))
}

impl Service {
    /// The command that a request asks for.
    ///
    /// # Errors
    /// Those of [`command`].
    async fn command_of(&self, request: &TransferRequest, id: CommandId) -> Result<Command, Problem> {
        let verifies = self.verifies();
        // What is left open cannot be held. It may have been moved, though, before transfers were verified.
        let is_repeated = request.at_most && verifies && self.bank.position_of(id).await?.is_some();
        command(request, id, verifies && !is_repeated)
    }

    /// Carries out a transfer. One that was made before gets its first answer, also when transfers were verified
    /// then and are not now, or the other way round.
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

/// The command that a request asks for: a transfer, or a hold that waits for its verification.
///
/// # Errors
/// 400 for texts that do not fit, and for an amount that is left open where transfers are verified: what is held is fixed.
pub(super) fn command(request: &TransferRequest, id: CommandId, verifies: bool) -> Result<Command, Problem> {
    let details = request.details()?;
    let TransferRequest { from, to, amount, at_most, most_fee, .. } = *request;
    if at_most && verifies {
        let detail = "where transfers are verified, their amount is fixed";
        return Err(Problem::invalid_field("at_most", "not_supported", detail));
    }
    let transfer = jangbu::Transfer { id, from, to, amount, at_most, most_fee, details };
    Ok(match verifies {
        true => Command::PlaceHold(Box::new(PlaceHold::for_verification(transfer))),
        false => Command::Transfer(transfer),
    })
}

/// The command that the same request asked for where transfers were verified, or were not.
///
/// It is only ever sent for an id that is taken, and so leads to the first answer or to nothing.
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

/// Which of several linked movements is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Its number, counted from 0; if not given the first that is the caller's to see.
    #[param(maximum = 63)]
    step: Option<u8>,
}

/// Tells how a transfer stands.
///
/// For its sender and its receiver, each of whom sees the own side; for staff anybody's, which is audited. What was refused
/// only its sender and staff see. A transfer that was verified is found by its settlement's id too.
///
/// Permission: read_own
#[utoipa::path(
    tag = "transfers", security(("session" = []), ("token" = [])),
    params(
        ("id" = String, Path, description = "The transfer's id, or that of a hold among linked steps."),
        Wanted,
    ),
    responses((status = 200, description = "The transfer.", body = Transfer), ReadProblems),
)]
#[get("/transfers/{id}")]
async fn get_transfer(
    service: Data<Service>,
    caller: Principal,
    InPath(id): InPath<HoldId>,
    Query(wanted): Query<Wanted>,
) -> Result<impl Responder, Problem> {
    let mut movements = service.bank.movements_of(id.command()).await?;
    // A step is named by the id of a hold alone.
    movements
        .retain(|movement| id.step().is_none() || (movement.kind == MovementKind::Hold && movement.as_hold() == id));
    movements.retain(|movement| wanted.step.is_none_or(|step| movement.step.unwrap_or(0) == step));
    let owner = caller.member.owner();
    let mut first = None;
    for movement in &movements {
        let sides = sides(&service, movement).await?;
        if let Some(view) = sides.view_of(movement, &owner) {
            sides.keep_to_accounts(&caller, movement)?;
            let transfer = told(&service, movement, &sides, view).await?;
            return Ok(web::Json(with_way_back(&service, &caller, movement, transfer).await?));
        }
        first = first.or(Some((movement, sides)));
    }
    let (movement, sides) = first.filter(|_| caller.may(Permission::ReadAny)).ok_or_else(Problem::not_found)?;
    service.audit.read(&caller, "transfer", &id.to_string()).await?;
    let transfer = told(&service, movement, &sides, View::ALL).await?;
    Ok(web::Json(with_way_back(&service, &caller, movement, transfer).await?))
}

/// Adds what staff can still take back.
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

/// Cancels a transfer that waits for its verification: its money is given back.
///
/// By its sender. A transfer that is over cannot be cancelled, 409 `not_pending`.
///
/// Permission: move_own
#[utoipa::path(
    tag = "transfers", security(("session" = []), ("token" = [])),
    params(
        ("id" = String, Path, description = "The transfer's id."),
        ("Idempotency-Key" = Option<String>, Header, description = "Against repetition."),
    ),
    responses((status = 200, description = "The transfer, cancelled.", body = Transfer), MoveProblems),
)]
#[post("/transfers/{id}/cancel")]
async fn cancel_transfer(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    InPath(id): InPath<CommandId>,
) -> Result<impl Responder, Problem> {
    let asked = match service.asked(&caller, &key, "cancel", &id).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let movement = service.bank.movement(id).await?.ok_or_else(Problem::not_found)?;
    let sides = sides(&service, &movement).await?;
    let owner = caller.member.owner();
    match sides.view_of(&movement, &owner) {
        Some(view) if view.sender => sides.keep_to_accounts(&caller, &movement)?,
        Some(_) => return Err(Problem::forbidden()),
        None => return Err(Problem::not_found()),
    }
    if !movement.verified {
        return Err(over(movement.status.to_string()));
    }
    let command = key.command_id(&caller.id().to_string(), "cancel");
    if caller.member.role.is_staff() {
        let nothing = serde_json::Value::Null;
        audited(&service, &caller, "transfer.cancelled", ("transfer", id.to_string()), &nothing, command).await?;
    }
    let void = VoidRequest { reason: None, customer_text: None }.command(command, id.into())?;
    service.execute(Command::VoidHold(void)).await.map_err(not_pending)?;
    let movement = service.bank.movement(id).await?.ok_or_else(Problem::not_found)?;
    asked.answer(StatusCode::OK, None, &told(&service, &movement, &sides, View::SENDER).await?).await
}

/// 409: the transfer does not wait for anything that could be cancelled.
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
    /// What an owner sees of a movement; `None` when it is not the owner's to see.
    pub(super) fn view_of(&self, movement: &Movement, owner: &jangbu::OwnerId) -> Option<View> {
        let view = View::of(Viewer::Owner(*owner), [self.from, self.to].map(|side| side.map(|facts| facts.owner)));
        view.sees_any(movement.status).then_some(view)
    }

    /// Fails for a token that is bound to accounts of its owner of which none takes part in the movement.
    fn keep_to_accounts(&self, caller: &Principal, movement: &Movement) -> Result<(), Problem> {
        let owner = caller.member.owner();
        let own = [(movement.from, self.from), (movement.to, self.to)].into_iter();
        let own = own.filter(|(_, facts)| facts.is_some_and(|facts| facts.owner == owner));
        let mut checked = own.filter_map(|(number, _)| Some(caller.keep_to_account(number?)));
        let first = checked.next().unwrap_or(Ok(()));
        checked.fold(first, Result::or)
    }

    /// In whose money it is: the customer's rather than the bank's.
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

async fn told(service: &Service, movement: &Movement, sides: &Sides, view: View) -> Result<Transfer, Problem> {
    let money = sides.money().map(|facts| (facts.currency, facts.scale));
    let transfer = Transfer::of(movement.clone(), money, view).ok_or_else(Problem::not_found)?;
    let is_hold = movement.kind == MovementKind::Hold || movement.verified;
    let hold = if is_hold { service.bank.hold(movement.as_hold()).await? } else { None };
    Ok(Transfer { expires_at: hold.and_then(|hold| hold.expires_at).map(Moment), ..transfer })
}

/// A movement that staff just made, as staff sees it; of several that were linked, the hold of that id.
///
/// # Errors
/// 404 when there is none of that id.
pub(super) async fn looked_up(service: &Service, id: HoldId) -> Result<Transfer, Problem> {
    let movement = service.movement(id).await?.ok_or_else(Problem::not_found)?;
    let sides = sides(service, &movement).await?;
    told(service, &movement, &sides, View::ALL).await
}

impl Service {
    /// The movement of that id; of several that were linked the one of that step, or the first.
    ///
    /// # Errors
    /// As the bank's.
    pub(super) async fn movement(&self, id: HoldId) -> Result<Option<Movement>, Problem> {
        let mut movements = self.bank.movements_of(id.command()).await?.into_iter();
        Ok(movements.find(|movement| id.step().is_none() || movement.step == id.step()))
    }
}

/// All movements that staff just made with one command, as staff sees them.
///
/// # Errors
/// As the bank's.
pub(super) async fn all_looked_up(service: &Service, id: CommandId) -> Result<Vec<Transfer>, Problem> {
    let mut all = Vec::new();
    for movement in service.bank.movements_of(id).await? {
        let sides = sides(service, &movement).await?;
        all.push(told(service, &movement, &sides, View::ALL).await?);
    }
    Ok(all)
}
