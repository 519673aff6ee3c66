//! Linked steps: several transfers, settlements and voids at the counter, all or none.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Responder, post};
use jangbu::{
    AccountNumber, Amount, Command, CommandId, Error, HoldId, InvalidCommand, Linked, MAX_STEPS, Refusal, Step, When,
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::cash::texts;
use super::holds::{audited, details_of_hold, drawable};
use super::reversals;
use super::transfers::all_looked_up;
use crate::server::answers::Asked;
use crate::server::http::{IdempotencyKey, Json, MoveProblems, Named, Problem, typed};
use crate::server::principal::{Permission, Principal};
use crate::server::scopes::Scope;
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, Texts, Transfer, ending};

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(link_steps);
}

/// What is to happen together.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LinkedRequest {
    /// 1 to 64 steps, in their order, with at most 73,728 bytes in all as they are stored.
    #[schema(min_items = 1, max_items = 64)]
    steps: Vec<StepRequest>,
}

/// One of several steps.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum StepRequest {
    /// Moves money.
    Transfer {
        /// The sender.
        #[serde(deserialize_with = "typed")]
        #[schema(value_type = String, max_length = 20)]
        from: AccountNumber,
        /// The receiver.
        #[serde(deserialize_with = "typed")]
        #[schema(value_type = String, max_length = 20)]
        to: AccountNumber,
        /// What the receiver gets, in minor units.
        #[schema(value_type = u64, maximum = 9007199254740991_u64)]
        amount: Amount,
        /// Whether less is moved where less is available.
        #[serde(default)]
        at_most: bool,
        /// The largest fee that the sender agreed to for this step, in minor units. Where a larger one is due, all steps are
        /// refused, 422 `fee_too_high`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
        most_fee: Option<Amount>,
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
        /// Up to 8 pairs for programs.
        #[serde(default)]
        metadata: Option<BTreeMap<String, String>>,
    },
    /// Settles a hold.
    Settle {
        /// The hold, which an earlier command placed.
        #[schema(value_type = String)]
        hold: HoldId,
        /// What the receiver gets, in minor units; all that is left if not given.
        #[serde(default)]
        #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
        amount: Option<Amount>,
        /// Whether what is left after a part stays held for another settlement; it goes back if not given.
        #[serde(default)]
        keep_rest: bool,
    },
    /// Voids a hold.
    Void {
        /// The hold, which an earlier command placed.
        #[schema(value_type = String)]
        hold: HoldId,
    },
    /// Takes an earlier transfer back, in whole or in part; the fee stays with the bank. Needs the permission `reverse`.
    Reverse {
        /// The transfer, settlement, or hold that was settled at once.
        #[schema(value_type = String)]
        transfer: HoldId,
        /// Which of several linked movements, counted from 0. Each is taken back by one step at most.
        #[serde(default)]
        #[schema(maximum = 63)]
        step: u8,
        /// How much, in minor units; all that is not taken back yet if not given.
        #[serde(default)]
        #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
        amount: Option<Amount>,
        /// What both read on their statements.
        #[serde(default)]
        #[schema(max_length = 10)]
        label: Option<String>,
    },
    /// Sets money aside for a receiver. Its id is that of the whole order, with the number of the step behind a dot, as
    /// `hold` of the answer has it; other orders settle and void it. It waits for no verification.
    Hold {
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
        /// The largest fee that the sender agrees to for this step, in minor units. Where a larger one is due, all steps are
        /// refused, 422 `fee_too_high`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
        most_fee: Option<Amount>,
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
    },
}

impl StepRequest {
    fn step(&self, caller: &Principal, zone: &TimeZone) -> Result<Step, Problem> {
        Ok(match self {
            StepRequest::Transfer {
                from,
                to,
                amount,
                at_most,
                most_fee,
                sender_label,
                receiver_label,
                reference,
                end_to_end_id,
                metadata,
            } => {
                let texts = Texts {
                    sender_label: sender_label.as_deref(),
                    receiver_label: receiver_label.as_deref(),
                    reference: reference.as_deref(),
                    end_to_end_id: end_to_end_id.as_deref(),
                    metadata: metadata.as_ref(),
                };
                let details = texts.details()?;
                let (from, to, amount) = (*from, *to, *amount);
                Step::Transfer { from, to, amount, at_most: *at_most, most_fee: *most_fee, details }
            }
            StepRequest::Settle { amount: None, keep_rest: true, .. } => {
                let detail = "nothing is left of a hold that is settled as a whole";
                return Err(Problem::invalid_field("keep_rest", "invalid", detail));
            }
            StepRequest::Settle { hold, amount, keep_rest } => {
                Step::Settle { hold: *hold, amount: *amount, last: !keep_rest }
            }
            StepRequest::Void { hold } => Step::Void { hold: *hold },
            StepRequest::Reverse { transfer, step, amount, label } => {
                let details = texts(label.as_deref(), None, None, None)?;
                Step::Reverse { original: transfer.command(), step: *step, amount: *amount, details }
            }
            StepRequest::Hold {
                from,
                to,
                amount,
                expires_at,
                most_fee,
                sender_label,
                receiver_label,
                reference,
                end_to_end_id,
                metadata,
            } => {
                let texts = Texts {
                    sender_label: sender_label.as_deref(),
                    receiver_label: receiver_label.as_deref(),
                    reference: reference.as_deref(),
                    end_to_end_id: end_to_end_id.as_deref(),
                    metadata: metadata.as_ref(),
                };
                let details = Some(details_of_hold(texts, caller)?);
                let (from, to, amount) = (*from, *to, *amount);
                let expires_at = expires_at.map(|when| ending("expires_at", when, zone)).transpose()?.flatten();
                Step::Hold { from, to, amount, expires_at, most_fee: *most_fee, details }
            }
        })
    }

    /// The hold that it draws on.
    const fn drawn_on(&self) -> Option<HoldId> {
        match self {
            StepRequest::Settle { hold, .. } | StepRequest::Void { hold } => Some(*hold),
            StepRequest::Transfer { .. } | StepRequest::Reverse { .. } | StepRequest::Hold { .. } => None,
        }
    }

    /// Whether it is about a hold, which is another scope's than the counter's.
    const fn is_about_hold(&self) -> bool {
        matches!(self, StepRequest::Hold { .. }) || self.drawn_on().is_some()
    }

    const fn named(&self) -> Named {
        match self {
            StepRequest::Transfer { from, to, .. } | StepRequest::Hold { from, to, .. } => Named::both(*from, *to),
            StepRequest::Settle { .. } | StepRequest::Void { .. } | StepRequest::Reverse { .. } => {
                Named { from: None, to: None }
            }
        }
    }
}

/// What happened together.
#[derive(Debug, Serialize, ToSchema)]
struct LinkedTransfers {
    /// The id of the command.
    #[schema(value_type = String, format = Uuid)]
    id: CommandId,
    /// The place of the record in the journal.
    position: u64,
    /// The movements, in the order of the steps.
    transfers: Vec<Transfer>,
}

/// Carries out several steps, all or none.
///
/// At the counter; audited. A step sees what the steps before it did. Holds are settled and voided by who placed them, or
/// an administrator, and not by the order that places them. Steps that take transfers back need the permission `reverse` as
/// well, and steps that place, settle or void holds, of a token, the scope `hold`.
///
/// Permission: counter
#[utoipa::path(
    tag = "counter", security(("session" = []), ("token" = [])), request_body = LinkedRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses((status = 201, description = "What happened.", body = LinkedTransfers), MoveProblems),
)]
#[post("/linked")]
async fn link_steps(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(mut request): Json<LinkedRequest>,
) -> Result<impl Responder, Problem> {
    key.wanted(service.config.require_idempotency_key)?;
    let asked = match service.asked(&caller, &key, "linked", &request).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    if !(1..=MAX_STEPS).contains(&request.steps.len()) {
        return Err(Problem::invalid_field("steps", "out_of_range", format!("link 1 to {MAX_STEPS} steps")));
    }
    for step in &mut request.steps {
        if step.is_about_hold() {
            caller.require_scope(Scope::Hold)?;
        }
        if let StepRequest::Transfer { from, to, .. } | StepRequest::Hold { from, to, .. } = step {
            (*from, *to) = (service.meant(*from).await?, service.meant(*to).await?);
            service.keep_out_of_own_accounts(&caller, [*from, *to]).await?;
        }
    }
    let (mut steps, mut moved) = (Vec::with_capacity(request.steps.len()), Vec::new());
    for (at, step) in request.steps.iter().enumerate() {
        let mut made =
            step.step(&caller, service.time_zone()).map_err(|problem| problem.under(&format!("steps[{at}]")))?;
        if let (StepRequest::Reverse { transfer, .. }, Step::Reverse { original, step, amount, .. }) = (step, &mut made)
        {
            caller.require(Permission::Reverse)?;
            service.keep_out_of_own_movements(&caller, *original).await?;
            let meant = reversals::meant(&service, *transfer, *step).await;
            let meant = meant.map_err(|problem| problem.at_field(format!("steps[{at}].transfer")))?;
            (*original, *step) = (meant.original, meant.step);
            moved.extend(reversals::taken_back(&service, *original, *step, *amount).await?);
        }
        steps.push(made);
        if let Some(hold) = step.drawn_on() {
            let allowed = drawable(&service, &caller, hold).await;
            let held = allowed.map_err(|problem| problem.at_field(format!("steps[{at}].hold")))?;
            if let StepRequest::Settle { amount, .. } = step {
                moved.push((held.from, amount.unwrap_or(held.remaining).minor_units()));
            }
        }
        if let StepRequest::Transfer { from, amount, .. } | StepRequest::Hold { from, amount, .. } = step {
            moved.push((*from, amount.minor_units()));
        }
    }
    let id = key.command_id(&caller.id().to_string(), "linked");
    // What is too large is refused before it is written into the audit log.
    let command = Command::Linked(Linked::new(steps).with_id(id));
    command.check().map_err(|invalid| {
        let code = match invalid {
            InvalidCommand::ReversedTwice => "repeated",
            InvalidCommand::OwnHold => "invalid",
            _ => "too_large",
        };
        Problem::invalid_field("steps", code, invalid.to_string())
    })?;
    let passed = service.pass_at_counter(&caller, id, moved).await?;
    audited(&service, &caller, "steps.linked", ("transfer", id.to_string()), &request, id).await?;
    let linked = service.execute(command).await;
    passed.unless_refused(&linked).await;
    let position = linked.map_err(|error| refused(error, &request.steps))?.position().get();
    let transfers = all_looked_up(&service, id).await?;
    let place = format!("/api/v1/transfers/{id}");
    asked.answer(StatusCode::CREATED, Some(place), &LinkedTransfers { id, position, transfers }).await
}

/// The problem of a group, at the step that was refused.
fn refused(error: Error, steps: &[StepRequest]) -> Problem {
    let Error::Refused(Refusal::Linked { step, refusal }) = error else { return error.into() };
    let at = usize::from(step);
    let problem = steps.get(at).map_or_else(Named::default, StepRequest::named).refused(*refusal);
    problem.under(&format!("steps[{at}]")).with_figure("step", at)
}
