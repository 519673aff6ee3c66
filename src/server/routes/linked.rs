//! Linked steps: several transfers, settlements and voids at the counter, all or none.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Responder, post};
use jangbu::{
    AccountNumber, Amount, Command, CommandId, Error, HoldId, Refusal,
    commands::InvalidCommand,
    time::When,
    transfers::{Linked, MAX_STEPS, Step},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::cash::texts;
use super::holds::{audited, details_of_hold, drawable};
use super::reversals;
use super::transfers::read_transfers;
use crate::server::answers::Attempt;
use crate::server::http::{
    IdempotencyKey, Json, NotFound, PaymentKey, Problem, Refused, TransferAccounts, typed_number,
};
use crate::server::principal::{Permission, Principal};
use crate::server::scopes::Scope;
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, Texts, Transfer, ending};

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(link_steps);
}

/// Linked steps.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LinkedRequest {
    /// 1 to 64 steps, in order, with at most 73,728 bytes in all as they are stored.
    #[schema(min_items = 1, max_items = 64)]
    steps: Vec<StepRequest>,
}

/// A linked step.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum StepRequest {
    /// Transfers money.
    Transfer {
        /// The sender.
        #[serde(deserialize_with = "typed_number")]
        #[schema(value_type = String, max_length = 20)]
        from: AccountNumber,
        /// The receiver.
        #[serde(deserialize_with = "typed_number")]
        #[schema(value_type = String, max_length = 20)]
        to: AccountNumber,
        /// What the receiver gets, in minor units.
        #[schema(value_type = u64, maximum = 9007199254740991_u64)]
        amount: Amount,
        /// Whether less is moved if less is available.
        #[serde(default)]
        at_most: bool,
        /// The largest fee that the sender accepts for this step, in minor units. If a larger one is due, all steps are
        /// refused, 422 `fee_too_high`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
        most_fee: Option<Amount>,
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
        /// Up to 8 key-value pairs for programs.
        #[serde(default)]
        metadata: Option<BTreeMap<String, String>>,
    },
    /// Settles a hold.
    Settle {
        /// The hold, placed by an earlier request.
        #[schema(value_type = String)]
        hold: HoldId,
        /// What the receiver gets, in minor units. Default: all that remains.
        #[serde(default)]
        #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
        amount: Option<Amount>,
        /// Whether the rest stays held for another settlement. Default: it is released.
        #[serde(default)]
        keep_rest: bool,
    },
    /// Voids a hold.
    Void {
        /// The hold, placed by an earlier request.
        #[schema(value_type = String)]
        hold: HoldId,
    },
    /// Reverses an earlier transfer, in whole or in part. The fee stays with the bank. Needs the permission `reverse`.
    Reverse {
        /// The transfer, settlement, or hold that was settled at once.
        #[schema(value_type = String)]
        transfer: HoldId,
        /// Which of several linked movements, counted from 0. Each can be reversed by one step at most.
        #[serde(default)]
        #[schema(maximum = 63)]
        step: u8,
        /// The amount in minor units. Default: all that is not reversed yet.
        #[serde(default)]
        #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
        amount: Option<Amount>,
        /// The label on both statements.
        #[serde(default)]
        #[schema(max_length = 10)]
        label: Option<String>,
    },
    /// Places a hold. Its id is the id of the whole request, followed by a dot and the step number, as the field `hold`
    /// of the answer shows; other requests settle and void it. It is not verified.
    Hold {
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
        /// The largest fee that the sender accepts for this step, in minor units. If a larger one is due, all steps are
        /// refused, 422 `fee_too_high`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
        most_fee: Option<Amount>,
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
                let detail = "`keep_rest` requires `amount`: settling the whole hold leaves no rest";
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

    /// Returns the hold that the step settles or voids.
    const fn drawn_on(&self) -> Option<HoldId> {
        match self {
            StepRequest::Settle { hold, .. } | StepRequest::Void { hold } => Some(*hold),
            StepRequest::Transfer { .. } | StepRequest::Reverse { .. } | StepRequest::Hold { .. } => None,
        }
    }

    /// Whether the step is about a hold, which needs another scope than the counter.
    const fn is_about_hold(&self) -> bool {
        matches!(self, StepRequest::Hold { .. }) || self.drawn_on().is_some()
    }

    const fn named(&self) -> TransferAccounts {
        match self {
            StepRequest::Transfer { from, to, .. } | StepRequest::Hold { from, to, .. } => {
                TransferAccounts::both(*from, *to)
            }
            StepRequest::Settle { .. } | StepRequest::Void { .. } | StepRequest::Reverse { .. } => {
                TransferAccounts { from: None, to: None }
            }
        }
    }
}

/// The results of linked steps.
#[derive(Debug, Serialize, ToSchema)]
struct LinkedTransfers {
    /// The id of the command.
    #[schema(value_type = String, format = Uuid)]
    id: CommandId,
    /// The journal position of the record.
    position: u64,
    /// The movements, in the order of the steps.
    transfers: Vec<Transfer>,
}

/// Executes several steps, all or none.
///
/// At the counter. Audited. Each step sees the effects of the steps before it. A hold can be settled or voided by the
/// member of staff who placed it or by an administrator, but not in the request that places it. Steps that reverse a
/// transfer also need the permission `reverse`. With a token, steps that place, settle or void holds also need the
/// scope `hold`.
#[utoipa::path(
    tag = "counter",
    params(IdempotencyKey),
    responses((status = 201, description = "The results of all steps.", body = LinkedTransfers), NotFound, Refused),
)]
#[post("/linked")]
async fn link_steps(
    service: Data<Service>,
    caller: Principal,
    PaymentKey(key): PaymentKey,
    Json(mut request): Json<LinkedRequest>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "linked", &request).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    if !(1..=MAX_STEPS).contains(&request.steps.len()) {
        return Err(Problem::invalid_field("steps", "out_of_range", format!("link 1 to {MAX_STEPS} steps")));
    }
    for step in &mut request.steps {
        if step.is_about_hold() {
            caller.require_scope(Scope::Hold)?;
        }
        if let StepRequest::Transfer { from, to, .. } | StepRequest::Hold { from, to, .. } = step {
            (*from, *to) = (service.resolve_account(*from).await?, service.resolve_account(*to).await?);
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
            let meant = reversals::resolve(&service, *transfer, *step).await;
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
    let id = key.command_id(&caller.id(), "linked");
    // A command that is too large is refused before it is audited.
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
    let transfers = read_transfers(&service, id).await?;
    let place = format!("/api/v1/transfers/{id}");
    first.answer(StatusCode::CREATED, Some(place), &LinkedTransfers { id, position, transfers }).await
}

/// Returns the problem of linked steps, at the step that was refused.
fn refused(error: Error, steps: &[StepRequest]) -> Problem {
    let Error::Refused(Refusal::Linked { step, refusal }) = error else { return error.into() };
    let at = usize::from(step);
    let problem = steps.get(at).map_or_else(TransferAccounts::default, StepRequest::named).refused(*refusal);
    problem.under(&format!("steps[{at}]")).with_figure("step", at)
}
