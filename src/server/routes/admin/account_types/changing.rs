//! `POST /admin/account-types` and `PATCH /admin/account-types/{code}`: makes and changes a type.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{Responder, patch, post};
use jangbu::{AccountType, Amount, Command, CommandId, Currency, TypeCode};
use serde::{Deserialize, Serialize};
use serde_json::Value as Tree;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::answer::{TypeAnswer, version};
use super::find;
use crate::server::answers::Asked;
use crate::server::audit::Entry;
use crate::server::http::{IdempotencyKey, Json, MoveProblems, Problem, given};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// Between the look at a type's version and its change no other administrator's change comes.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// A type to make.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewType {
    /// 1 to 10 ASCII letters, digits, hyphens and underscores.
    #[schema(value_type = String, min_length = 1, max_length = 10)]
    code: TypeCode,
    /// The name, up to 60 characters.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// The currency of every account of the type.
    #[schema(value_type = String, example = "KRW")]
    currency: Currency,
    /// The most that one transfer may move, in minor units; null for no limit.
    #[schema(value_type = Option<u64>)]
    limit_per_transfer: Option<Amount>,
    /// The most that a day's transfers may move, in minor units; null for no limit.
    #[schema(value_type = Option<u64>)]
    limit_per_day: Option<Amount>,
    /// What a transfer costs, in minor units.
    #[schema(value_type = u64)]
    #[serde(default)]
    fee: Amount,
}

/// What to change of a type. What is not given stays; the code and the currency are fixed.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeChanges {
    /// The version that the change rests on, as the type was read.
    version: u64,
    /// The name, up to 60 characters.
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    /// The most that one transfer may move, in minor units; null for no limit.
    #[schema(value_type = Option<u64>)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    limit_per_transfer: Option<Option<Amount>>,
    /// The most that a day's transfers may move, in minor units; null for no limit.
    #[schema(value_type = Option<u64>)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    limit_per_day: Option<Option<Amount>>,
    /// What a transfer costs, in minor units.
    #[schema(value_type = Option<u64>)]
    fee: Option<Amount>,
}

/// Makes an account type.
///
/// Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "create_account_type",
    tag = "admin",
    request_body = NewType,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats get the first answer.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 201, description = "The type.", body = TypeAnswer),
        MoveProblems,
    )
)]
#[post("/admin/account-types")]
pub(super) async fn create_account_type(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(new): Json<NewType>,
) -> Result<impl Responder, Problem> {
    let asked = match service.asked(&caller, &key, "account-type", &new).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let mut kind = AccountType::new(new.code, new.name, new.currency);
    (kind.limit_per_transfer, kind.limit_per_day, kind.fee) = (new.limit_per_transfer, new.limit_per_day, new.fee);
    let id = key.command_id(&caller.id().to_string(), "account-type");
    let _alone = ONE_AT_A_TIME.lock().await;
    // A repetition whose first answer was lost before it was kept finds the type that it made.
    let there_is = find(&service, kind.code.as_str()).await?;
    if there_is.is_some_and(|there_is| !key.is_given() || there_is != kind) {
        let detail = format!("there is an account type {}", kind.code);
        return Err(Problem::new(StatusCode::CONFLICT, "type_exists", detail));
    }
    set(&service, &caller, id, None, kind.clone()).await?;
    let place = format!("/api/v1/admin/account-types/{}", kind.code);
    asked.answer(StatusCode::CREATED, Some(place), &TypeAnswer::of(&service, &kind).await?).await
}

/// Changes an account type. Transfers under way keep the terms that they were accepted on.
///
/// Administrators may call it; not to change the terms of a type that an account of their own or of their household has, 403
/// `conflict_of_interest`.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "patch_account_type",
    tag = "admin",
    request_body = TypeChanges,
    params(
        ("code" = String, Path, description = "The code of the type."),
        ("Idempotency-Key" = Option<String>, Header, description = "Against repetition."),
    ),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The type as it is now.", body = TypeAnswer),
        MoveProblems,
    )
)]
#[patch("/admin/account-types/{code}")]
pub(super) async fn patch_account_type(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    path: Path<String>,
    Json(wanted): Json<TypeChanges>,
) -> Result<impl Responder, Problem> {
    let asked = match service.asked(&caller, &key, "account-types/change", &(&*path, &wanted)).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let _alone = ONE_AT_A_TIME.lock().await;
    let before = find(&service, &path).await?.ok_or_else(Problem::not_found)?;
    if version(&before) != wanted.version {
        let detail = "the type was changed meanwhile: read it again";
        return Err(Problem::new(StatusCode::CONFLICT, "conflict", detail).with_figure("version", version(&before)));
    }
    let kind = AccountType {
        name: wanted.name.unwrap_or_else(|| before.name.clone()),
        limit_per_transfer: wanted.limit_per_transfer.unwrap_or(before.limit_per_transfer),
        limit_per_day: wanted.limit_per_day.unwrap_or(before.limit_per_day),
        fee: wanted.fee.unwrap_or(before.fee),
        ..before.clone()
    };
    let is_named_alone = AccountType { name: before.name.clone(), ..kind.clone() } == before;
    if !is_named_alone {
        service.keep_out_of_own_terms(&caller, kind.code).await?;
    }
    // What leaves everything as it is writes nothing.
    if kind != before {
        set(&service, &caller, CommandId::random(), Some(before), kind.clone()).await?;
    }
    asked.answer(StatusCode::OK, None, &TypeAnswer::of(&service, &kind).await?).await
}

/// Sets a type, which is audited before.
async fn set(
    service: &Service,
    caller: &Principal,
    id: CommandId,
    before: Option<AccountType>,
    kind: AccountType,
) -> Result<(), Problem> {
    let command = Command::SetType { id, account_type: Box::new(kind.clone()) };
    command.check()?;
    let told = |kind: &AccountType| -> Tree { serde_json::to_value(kind).unwrap_or_default() };
    let entry = Entry {
        action: if before.is_some() { "account_type.changed".into() } else { "account_type.made".into() },
        object: "account_type".into(),
        id: kind.code.to_string(),
        before: before.as_ref().map(told),
        after: Some(told(&kind)),
        command: Some(id),
    };
    service.audit.change(caller, entry).await?;
    for answer in service.bank.submit(vec![command]).await? {
        answer?;
    }
    Ok(())
}
