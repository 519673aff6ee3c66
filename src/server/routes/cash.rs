//! Cash at the counter: deposits and withdrawals; and sweeps, which bring an account to a target balance.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, post};
use jangbu::{
    AccountNumber, Amount, Balance, CashPosting, Command, Details,
    transfers::{MAX_LABEL_CHARS, Sweep},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::holds::audited;
use super::transfers::read_transfer;
use crate::server::answers::{Attempt, FirstAttempt};
use crate::server::http::{IdempotencyKey, Json, PaymentKey, Problem, Refused, TransferAccounts, typed_number};
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::shapes::{Texts, Transfer, check_readable};
use crate::server::unproven::Passed;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(deposit_cash).service(withdraw_cash).service(sweep_account);
}

/// A cash deposit.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DepositRequest {
    /// The account to credit.
    #[serde(deserialize_with = "typed_number")]
    #[schema(value_type = String, max_length = 20)]
    to: AccountNumber,
    /// The amount, in minor units.
    #[schema(value_type = u64, maximum = 9007199254740991_u64)]
    amount: Amount,
    /// The label on the customer's statement.
    #[serde(default)]
    #[schema(max_length = 10)]
    label: Option<String>,
    /// Free text, up to 140 characters.
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
}

impl DepositRequest {
    fn texts(&self) -> Result<Option<Box<Details>>, Problem> {
        let (label, reference) = (self.label.as_deref(), self.reference.as_deref());
        texts(label, reference, self.end_to_end_id.as_deref(), self.metadata.as_ref())
    }
}

/// A cash withdrawal.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithdrawalRequest {
    /// The account that pays.
    #[serde(deserialize_with = "typed_number")]
    #[schema(value_type = String, max_length = 20)]
    from: AccountNumber,
    /// The amount, in minor units.
    #[schema(value_type = u64, maximum = 9007199254740991_u64)]
    amount: Amount,
    /// The label on the customer's statement.
    #[serde(default)]
    #[schema(max_length = 10)]
    label: Option<String>,
    /// Free text, up to 140 characters.
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
}

impl WithdrawalRequest {
    fn texts(&self) -> Result<Option<Box<Details>>, Problem> {
        let (label, reference) = (self.label.as_deref(), self.reference.as_deref());
        texts(label, reference, self.end_to_end_id.as_deref(), self.metadata.as_ref())
    }
}

/// Returns the texts of a cash posting, whose one label is on both sides.
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

/// Deposits cash into an account.
///
/// At the counter. Audited. Free of charge.
#[utoipa::path(
    tag = "counter",
    params(IdempotencyKey),
    responses((status = 201, description = "The deposit.", body = Transfer), Refused),
)]
#[post("/deposits")]
async fn deposit_cash(
    service: Data<Service>,
    caller: Principal,
    PaymentKey(key): PaymentKey,
    Json(mut request): Json<DepositRequest>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "deposit", &request).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let details = request.texts()?;
    request.to = service.resolve_account(request.to).await?;
    service.keep_out_of_own_accounts(&caller, [request.to]).await?;
    let id = key.command_id(&caller.id(), "deposit");
    let passed = service.pass_at_counter(&caller, id, [(request.to, request.amount.minor_units())]).await?;
    audited(&service, &caller, "cash.deposited", ("account", request.to.to_string()), &request, id).await?;
    let cash = CashPosting { details, ..CashPosting::new(request.to, request.amount).with_id(id) };
    let named = TransferAccounts { from: None, to: Some(request.to) };
    let deposited = service.execute(Command::Deposit(cash)).await;
    passed.unless_refused(&deposited).await;
    deposited.map_err(|error| named.failed(error))?;
    created(&service, first, id).await
}

/// Withdraws cash from an account.
///
/// At the counter. Audited. Free of charge, and not counted against limits.
#[utoipa::path(
    tag = "counter",
    params(IdempotencyKey),
    responses((status = 201, description = "The withdrawal.", body = Transfer), Refused),
)]
#[post("/withdrawals")]
async fn withdraw_cash(
    service: Data<Service>,
    caller: Principal,
    PaymentKey(key): PaymentKey,
    Json(mut request): Json<WithdrawalRequest>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "withdrawal", &request).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let details = request.texts()?;
    request.from = service.resolve_account(request.from).await?;
    service.keep_out_of_own_accounts(&caller, [request.from]).await?;
    let id = key.command_id(&caller.id(), "withdrawal");
    let passed = service.pass_at_counter(&caller, id, [(request.from, request.amount.minor_units())]).await?;
    audited(&service, &caller, "cash.withdrawn", ("account", request.from.to_string()), &request, id).await?;
    let cash = CashPosting { details, ..CashPosting::new(request.from, request.amount).with_id(id) };
    let named = TransferAccounts { from: Some(request.from), to: None };
    let withdrawn = service.execute(Command::Withdrawal(cash)).await;
    passed.unless_refused(&withdrawn).await;
    withdrawn.map_err(|error| named.failed(error))?;
    created(&service, first, id).await
}

/// A sweep.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SweepRequest {
    /// The account to sweep.
    #[serde(deserialize_with = "typed_number")]
    #[schema(value_type = String, max_length = 20)]
    account: AccountNumber,
    /// The account that takes or gives the difference.
    #[serde(deserialize_with = "typed_number")]
    #[schema(value_type = String, max_length = 20)]
    against: AccountNumber,
    /// The target balance, in minor units. Default: zero.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    target: Option<Balance>,
    /// The label on both statements.
    #[serde(default)]
    #[schema(max_length = 10)]
    label: Option<String>,
}

/// Sweeps an account: brings it to zero, or to another target balance, against a second account.
///
/// At the counter. Audited. Free of charge, and not counted against limits.
#[utoipa::path(
    tag = "counter",
    params(IdempotencyKey),
    responses((status = 201, description = "The sweep.", body = Transfer), Refused),
)]
#[post("/sweeps")]
async fn sweep_account(
    service: Data<Service>,
    caller: Principal,
    PaymentKey(key): PaymentKey,
    Json(mut request): Json<SweepRequest>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "sweep", &request).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let details = texts(request.label.as_deref(), None, None, None)?;
    request.account = service.resolve_account(request.account).await?;
    request.against = service.resolve_account(request.against).await?;
    service.keep_out_of_own_accounts(&caller, [request.account, request.against]).await?;
    let id = key.command_id(&caller.id(), "sweep");
    let target = request.target.unwrap_or(Balance::ZERO);
    let passed = match service.bank.snapshot(request.account).await {
        Ok(account) => {
            let amount = account.posted.minor_units().abs_diff(target.minor_units());
            service.pass_at_counter(&caller, id, [(request.account, amount)]).await?
        }
        // It moves nothing, and the ledger gives the reason.
        Err(_) => Passed::default(),
    };
    audited(&service, &caller, "account.swept", ("account", request.account.to_string()), &request, id).await?;
    let sweep = Sweep { details, ..Sweep::to_zero(request.account, request.against).with_target(target).with_id(id) };
    let swept = service.execute(Command::Sweep(Box::new(sweep))).await;
    passed.unless_refused(&swept).await;
    swept?;
    created(&service, first, id).await
}

/// Responds with 201 and the movement of that id.
pub(super) async fn created(
    service: &Service,
    first: FirstAttempt<'_>,
    id: jangbu::CommandId,
) -> Result<HttpResponse, Problem> {
    let place = format!("/api/v1/transfers/{id}");
    first.answer(StatusCode::CREATED, Some(place), &read_transfer(service, id.into()).await?).await
}
