//! `POST /admin/accounts/bulk`: the same change to many accounts, each by itself.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Responder, post};
use jangbu::{Change, Freeze, TypeCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::changing::{ONE_AT_A_TIME, change_account, changeable};
use super::number;
use crate::server::answers::Asked;
use crate::server::http::{IdempotencyKey, Json, Problem, ProblemBody};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// The most accounts of one request.
const MOST: usize = 200;

/// The same change to many accounts.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkChange {
    /// The accounts, 1 to 200.
    #[schema(min_items = 1, max_items = 200)]
    numbers: Vec<String>,
    /// What to do.
    action: BulkAction,
    /// For `change_type`: the code of the type.
    #[schema(value_type = Option<String>)]
    r#type: Option<TypeCode>,
}

/// What to do to many accounts.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum BulkAction {
    /// Refuse debits and credits.
    Freeze,
    /// Refuse neither.
    Unfreeze,
    /// Move to another type.
    ChangeType,
}

/// What became of each account, in the order of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BulkAnswer {
    /// One for each account.
    results: Vec<BulkResult>,
    /// How many were changed.
    changed: usize,
    /// How many were not.
    failed: usize,
}

/// What became of one account.
#[derive(Debug, Serialize, ToSchema)]
struct BulkResult {
    /// The number as it was given.
    number: String,
    /// Whether it was changed.
    changed: bool,
    /// Why not.
    #[schema(value_type = Option<ProblemBody<'static>>)]
    problem: Option<Value>,
}

/// Freezes, unfreezes or moves to another type up to 200 accounts, each by itself: some can be changed and others not.
///
/// Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "change_admin_accounts",
    tag = "admin",
    request_body = BulkChange,
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "What became of each.", body = BulkAnswer),
        (status = 400, description = "The request does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 409, description = "The key was used for something else.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 413, description = "Too large.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
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
        return Err(Problem::invalid_field("numbers", "out_of_range", format!("1 to {MOST} accounts at a time")));
    }
    let change = match (wanted.action, wanted.r#type) {
        (BulkAction::Freeze, None) => Change::Freeze(Freeze { debits: true, credits: true }),
        (BulkAction::Unfreeze, None) => Change::Freeze(Freeze::default()),
        (BulkAction::ChangeType, Some(code)) => Change::Type(code),
        _ => {
            return Err(Problem::invalid_field(
                "type",
                "invalid",
                "a type goes with `change_type`, and with nothing else",
            ));
        }
    };
    let asked = match service.asked(&caller, &key, "accounts/bulk", &wanted).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let mut results = Vec::with_capacity(wanted.numbers.len());
    for text in wanted.numbers {
        let problem = change_one(&service, &caller, &text, change).await.err().map(|problem| problem.to_value());
        results.push(BulkResult { number: text, changed: problem.is_none(), problem });
    }
    let changed = results.iter().filter(|result| result.changed).count();
    let failed = results.len().saturating_sub(changed);
    asked.answer(StatusCode::OK, None, &BulkAnswer { results, changed, failed }).await
}

async fn change_one(service: &Service, caller: &Principal, text: &str, change: Change) -> Result<(), Problem> {
    let _alone = ONE_AT_A_TIME.lock().await;
    let account = changeable(service, number(service, text).await?).await?;
    change_account(service, caller, &account, change).await
}
