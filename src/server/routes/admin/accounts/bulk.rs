//! `POST /admin/accounts/bulk`: the same change to many accounts, each on its own.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Responder, post};
use jangbu::accounts::{Change, Freeze, TypeCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::changing::{ONE_AT_A_TIME, change_account, changeable};
use super::number;
use crate::server::answers::Attempt;
use crate::server::http::{IdempotencyKey, Json, Problem, ProblemBody};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// The most accounts per request.
const MOST: usize = 200;

/// The same change for many accounts.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkChange {
    /// The account numbers, 1 to 200.
    #[schema(min_items = 1, max_items = 200)]
    numbers: Vec<String>,
    /// The change.
    action: BulkAction,
    /// For `change_type`: the code of the new type.
    #[schema(value_type = Option<String>)]
    r#type: Option<TypeCode>,
}

/// A change of many accounts.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum BulkAction {
    /// Freezes debits and credits.
    Freeze,
    /// Lifts the freeze.
    Unfreeze,
    /// Changes the account type.
    ChangeType,
}

/// The result for each account, in the order of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BulkAnswer {
    /// One result per account.
    results: Vec<BulkResult>,
    /// The number of accounts that were changed.
    changed: usize,
    /// The number of accounts that were not changed.
    failed: usize,
}

/// The result for one account.
#[derive(Debug, Serialize, ToSchema)]
struct BulkResult {
    /// The number as it was sent.
    number: String,
    /// Whether the account was changed.
    changed: bool,
    /// The problem, if it was not changed.
    #[schema(value_type = Option<ProblemBody<'static>>)]
    problem: Option<Value>,
}

/// Freezes, unfreezes or changes the type of up to 200 accounts, each on its own: some may succeed and others fail.
///
/// For administrators.
#[utoipa::path(
    tag = "admin",
    params(IdempotencyKey),
    responses(
        (status = 200, description = "The result for each account.", body = BulkAnswer),
    )
)]
#[post("/admin/accounts/bulk")]
pub(super) async fn change_admin_accounts(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(wanted): Json<BulkChange>,
) -> Result<impl Responder, Problem> {
    if !(1..=MOST).contains(&wanted.numbers.len()) {
        return Err(Problem::invalid_field("numbers", "out_of_range", format!("1 to {MOST} accounts per request")));
    }
    let change = match (wanted.action, wanted.r#type) {
        (BulkAction::Freeze, None) => Change::Freeze(Freeze { debits: true, credits: true }),
        (BulkAction::Unfreeze, None) => Change::Freeze(Freeze::default()),
        (BulkAction::ChangeType, Some(code)) => Change::Type(code),
        _ => {
            return Err(Problem::invalid_field(
                "type",
                "invalid",
                "`type` is required for `change_type` and not allowed otherwise",
            ));
        }
    };
    let first = match service.attempt(&caller, &key, "accounts/bulk", &wanted).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let mut results = Vec::with_capacity(wanted.numbers.len());
    for text in wanted.numbers {
        let problem = change_one(&service, &caller, &text, change).await.err().map(|problem| problem.to_value());
        results.push(BulkResult { number: text, changed: problem.is_none(), problem });
    }
    let changed = results.iter().filter(|result| result.changed).count();
    let failed = results.len().saturating_sub(changed);
    first.answer(StatusCode::OK, None, &BulkAnswer { results, changed, failed }).await
}

async fn change_one(service: &Service, caller: &Principal, text: &str, change: Change) -> Result<(), Problem> {
    let _alone = ONE_AT_A_TIME.lock().await;
    let account = changeable(service, number(service, text).await?).await?;
    change_account(service, caller, &account, change).await
}
