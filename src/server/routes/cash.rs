//! Cash at the counter: deposits, withdrawals; and sweeps, which bring an account to a target.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, post};
use jangbu::{AccountNumber, Amount, Balance, CashPosting, Command, Details, MAX_LABEL_CHARS, Sweep};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::holds::audited;
use super::transfers::looked_up;
use crate::server::answers::{Asked, First};
use crate::server::http::{IdempotencyKey, Json, MoveProblems, Named, Problem, typed};
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::shapes::{Texts, Transfer, check_readable};
use crate::server::unproven::Passed;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(deposit_cash).service(withdraw_cash).service(sweep_account);
}

/// What is said of cash.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DepositRequest {
    /// The account that gets it.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = String, max_length = 20)]
    to: AccountNumber,
    /// How much, in minor units.
    #[schema(value_type = u64, maximum = 9007199254740991_u64)]
    amount: Amount,
    /// What the customer reads on the statement.
    #[serde(default)]
    #[schema(max_length = 10)]
    label: Option<String>,
    /// Free text, up to 140 characters.
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
}

impl DepositRequest {
    fn texts(&self) -> Result<Option<Box<Details>>, Problem> {
        let (label, reference) = (self.label.as_deref(), self.reference.as_deref());
        texts(label, reference, self.end_to_end_id.as_deref(), self.metadata.as_ref())
    }
}

/// Cash to pay out.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithdrawalRequest {
    /// The account that pays.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = String, max_length = 20)]
    from: AccountNumber,
    /// How much, in minor units.
    #[schema(value_type = u64, maximum = 9007199254740991_u64)]
    amount: Amount,
    /// What the customer reads on the statement.
    #[serde(default)]
    #[schema(max_length = 10)]
    label: Option<String>,
    /// Free text, up to 140 characters.
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
}

impl WithdrawalRequest {
    fn texts(&self) -> Result<Option<Box<Details>>, Problem> {
        let (label, reference) = (self.label.as_deref(), self.reference.as_deref());
        texts(label, reference, self.end_to_end_id.as_deref(), self.metadata.as_ref())
    }
}

/// The texts of cash, where one label stands on either side.
///
/// # Errors
/// 400 with the fields at fault, by the names that these requests have.
pub(super) fn texts(
    label: Option<&str>,
    reference: Option<&str>,
    end_to_end_id: Option<&str>,
    metadata: Option<&BTreeMap<String, String>>,
) -> Result<Option<Box<Details>>, Problem> {
    check_readable("label", label.unwrap_or_default(), MAX_LABEL_CHARS)?;
    Texts { sender_label: label, receiver_label: label, reference, end_to_end_id, metadata }.details()
}

/// Brings cash to an account.
///
/// At the counter; audited. It bears no fee.
///
/// Permission: counter
#[utoipa::path(
    tag = "counter", security(("session" = []), ("token" = [])), request_body = DepositRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses((status = 201, description = "The deposit.", body = Transfer), MoveProblems),
)]
#[post("/deposits")]
async fn deposit_cash(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(mut request): Json<DepositRequest>,
) -> Result<impl Responder, Problem> {
    key.wanted(service.config.require_idempotency_key)?;
    let asked = match service.asked(&caller, &key, "deposit", &request).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let details = request.texts()?;
    request.to = service.meant(request.to).await?;
    service.keep_out_of_own_accounts(&caller, [request.to]).await?;
    let id = key.command_id(&caller.id().to_string(), "deposit");
    let passed = service.pass_at_counter(&caller, id, [(request.to, request.amount.minor_units())]).await?;
    audited(&service, &caller, "cash.deposited", ("account", request.to.to_string()), &request, id).await?;
    let cash = CashPosting { details, ..CashPosting::new(request.to, request.amount).with_id(id) };
    let named = Named { from: None, to: Some(request.to) };
    let deposited = service.execute(Command::Deposit(cash)).await;
    passed.unless_refused(&deposited).await;
    deposited.map_err(|error| named.failed(error))?;
    created(&service, asked, id).await
}

/// Pays cash out of an account.
///
/// At the counter; audited. It bears no fee and uses no limit.
///
/// Permission: counter
#[utoipa::path(
    tag = "counter", security(("session" = []), ("token" = [])), request_body = WithdrawalRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses((status = 201, description = "The withdrawal.", body = Transfer), MoveProblems),
)]
#[post("/withdrawals")]
async fn withdraw_cash(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(mut request): Json<WithdrawalRequest>,
) -> Result<impl Responder, Problem> {
    key.wanted(service.config.require_idempotency_key)?;
    let asked = match service.asked(&caller, &key, "withdrawal", &request).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let details = request.texts()?;
    request.from = service.meant(request.from).await?;
    service.keep_out_of_own_accounts(&caller, [request.from]).await?;
    let id = key.command_id(&caller.id().to_string(), "withdrawal");
    let passed = service.pass_at_counter(&caller, id, [(request.from, request.amount.minor_units())]).await?;
    audited(&service, &caller, "cash.withdrawn", ("account", request.from.to_string()), &request, id).await?;
    let cash = CashPosting { details, ..CashPosting::new(request.from, request.amount).with_id(id) };
    let named = Named { from: Some(request.from), to: None };
    let withdrawn = service.execute(Command::Withdrawal(cash)).await;
    passed.unless_refused(&withdrawn).await;
    withdrawn.map_err(|error| named.failed(error))?;
    created(&service, asked, id).await
}

/// An account to bring to a target.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SweepRequest {
    /// The account to bring to the target.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = String, max_length = 20)]
    account: AccountNumber,
    /// The account that takes or gives the difference.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = String, max_length = 20)]
    against: AccountNumber,
    /// The balance to reach, in minor units; zero if not given.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    target: Option<Balance>,
    /// What both read on their statements.
    #[serde(default)]
    #[schema(max_length = 10)]
    label: Option<String>,
}

/// Brings an account to zero, or to another target, against a second account.
///
/// At the counter; audited. It bears no fee and uses no limit.
///
/// Permission: counter
#[utoipa::path(
    tag = "counter", security(("session" = []), ("token" = [])), request_body = SweepRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses((status = 201, description = "The sweep.", body = Transfer), MoveProblems),
)]
#[post("/sweeps")]
async fn sweep_account(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(mut request): Json<SweepRequest>,
) -> Result<impl Responder, Problem> {
    key.wanted(service.config.require_idempotency_key)?;
    let asked = match service.asked(&caller, &key, "sweep", &request).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let details = texts(request.label.as_deref(), None, None, None)?;
    request.account = service.meant(request.account).await?;
    request.against = service.meant(request.against).await?;
    service.keep_out_of_own_accounts(&caller, [request.account, request.against]).await?;
    let id = key.command_id(&caller.id().to_string(), "sweep");
    let target = request.target.unwrap_or(Balance::ZERO);
    let passed = match service.bank.snapshot(request.account).await {
        Ok(account) => {
            let amount = account.posted.minor_units().abs_diff(target.minor_units());
            service.pass_at_counter(&caller, id, [(request.account, amount)]).await?
        }
        // It moves nothing, which the ledger says.
        Err(_) => Passed::default(),
    };
    audited(&service, &caller, "account.swept", ("account", request.account.to_string()), &request, id).await?;
    let sweep = Sweep { details, ..Sweep::to_zero(request.account, request.against).with_target(target).with_id(id) };
    let swept = service.execute(Command::Sweep(Box::new(sweep))).await;
    passed.unless_refused(&swept).await;
    swept?;
    created(&service, asked, id).await
}

/// 201 with the movement of that id.
pub(super) async fn created(
    service: &Service,
    asked: First<'_>,
    id: jangbu::CommandId,
) -> Result<HttpResponse, Problem> {
    let place = format!("/api/v1/transfers/{id}");
    asked.answer(StatusCode::CREATED, Some(place), &looked_up(service, id.into()).await?).await
}
