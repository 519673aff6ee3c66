//! `POST /admin/account-types` and `PATCH /admin/account-types/{code}`: creates and changes an account type.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Responder, patch, post};
use jangbu::{
    Amount, Command, CommandId, Currency,
    accounts::{AccountType, TypeCode},
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Tree;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::answer::{TypeAnswer, version};
use super::find;
use crate::server::answers::Attempt;
use crate::server::audit::Entry;
use crate::server::http::{IdempotencyKey, Json, PathParams, Problem, Refused, double_option};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// Held from reading a type's version until it is changed, so that no other change comes between.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// An account type to create.
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
    /// The limit per transfer, in minor units; null for no limit.
    #[schema(value_type = Option<u64>)]
    limit_per_transfer: Option<Amount>,
    /// The limit per day, in minor units; null for no limit.
    #[schema(value_type = Option<u64>)]
    limit_per_day: Option<Amount>,
    /// The fee of a transfer, in minor units.
    #[schema(value_type = u64)]
    #[serde(default)]
    fee: Amount,
}

/// A change of an account type. Fields that are left out stay unchanged; the code and the currency are fixed.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeChanges {
    /// The version of the type that the change is based on.
    version: u64,
    /// The name, up to 60 characters.
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    /// The limit per transfer, in minor units; null for no limit.
    #[schema(value_type = Option<u64>)]
    #[serde(default, deserialize_with = "double_option", skip_serializing_if = "Option::is_none")]
    limit_per_transfer: Option<Option<Amount>>,
    /// The limit per day, in minor units; null for no limit.
    #[schema(value_type = Option<u64>)]
    #[serde(default, deserialize_with = "double_option", skip_serializing_if = "Option::is_none")]
    limit_per_day: Option<Option<Amount>>,
    /// The fee of a transfer, in minor units.
    #[schema(value_type = Option<u64>)]
    fee: Option<Amount>,
}

/// Creates an account type.
///
/// For administrators.
#[utoipa::path(
    tag = "admin",
    params(IdempotencyKey),
    responses(
        (status = 201, description = "The account type.", body = TypeAnswer),
        Refused,
    )
)]
#[post("/admin/account-types")]
pub(super) async fn create_account_type(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(new): Json<NewType>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "account-type", &new).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let mut kind = AccountType::new(new.code, new.name, new.currency);
    (kind.limit_per_transfer, kind.limit_per_day, kind.fee) = (new.limit_per_transfer, new.limit_per_day, new.fee);
    let id = key.command_id(&caller.id(), "account-type");
    let _alone = ONE_AT_A_TIME.lock().await;
    // A repetition whose first answer was lost before it was stored finds the type that it created.
    let there_is = find(&service, kind.code).await?;
    if there_is.is_some_and(|there_is| !key.is_given() || there_is != kind) {
        let detail = format!("account type {} exists already", kind.code);
        return Err(Problem::new(StatusCode::CONFLICT, "type_exists", detail));
    }
    set(&service, &caller, id, None, kind.clone()).await?;
    let place = format!("/api/v1/admin/account-types/{}", kind.code);
    first.answer(StatusCode::CREATED, Some(place), &TypeAnswer::of(&service, &kind).await?).await
}

/// Changes an account type. Transfers in flight keep the terms that they were accepted under.
///
/// For administrators. 403 `conflict_of_interest` for changing the terms of a type that the administrator's own or
/// household's accounts have.
#[utoipa::path(
    tag = "admin",
    params(
        ("code" = String, Path, description = "The code of the account type."),
        IdempotencyKey,
    ),
    responses(
        (status = 200, description = "The account type after the change.", body = TypeAnswer),
        Refused,
    )
)]
#[patch("/admin/account-types/{code}")]
pub(super) async fn patch_account_type(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    PathParams(code): PathParams<TypeCode>,
    Json(wanted): Json<TypeChanges>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "account-types/change", &(code, &wanted)).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let _alone = ONE_AT_A_TIME.lock().await;
    let before = find(&service, code).await?.ok_or_else(Problem::not_found)?;
    if version(&before) != wanted.version {
        let detail = "the account type was changed in the meantime; read it again";
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
    // A change without effect writes nothing.
    if kind != before {
        set(&service, &caller, CommandId::random(), Some(before), kind.clone()).await?;
    }
    first.answer(StatusCode::OK, None, &TypeAnswer::of(&service, &kind).await?).await
}

/// Sets a type, after auditing it.
async fn set(
    service: &Service,
    caller: &Principal,
    id: CommandId,
    before: Option<AccountType>,
    kind: AccountType,
) -> Result<(), Problem> {
    let command = Command::SetType { id, account_type: Box::new(kind.clone()) };
    command.check()?;
    let values = |kind: &AccountType| -> Tree { serde_json::to_value(kind).unwrap_or_default() };
    let entry = Entry {
        action: if before.is_some() { "account_type.changed".into() } else { "account_type.made".into() },
        object: "account_type".into(),
        id: kind.code.to_string(),
        before: before.as_ref().map(values),
        after: Some(values(&kind)),
        command: Some(id),
    };
    service.audit.change(caller, entry).await?;
    for answer in service.bank.submit(vec![command]).await? {
        answer?;
    }
    Ok(())
}
