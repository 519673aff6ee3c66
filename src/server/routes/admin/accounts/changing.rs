//! `POST /admin/accounts` and `PATCH /admin/accounts/{number}`: opens and changes an account.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Responder, patch, post};
use jangbu::{
    AccountNumber, Amount, BankError, Command, CommandId, Currency, Error, OpenAccount, Outcome, Refusal,
    accounts::{Change, ChangeAccount, Changes, Freeze, LimitException, TypeCode},
    queries::Snapshot,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::answer;
use super::answer::{AdminAccount, AdminFreeze, version};
use crate::server::answers::Attempt;
use crate::server::audit::Entry;
use crate::server::http::{IdempotencyKey, Json, PathAccount, Problem, Refused, double_option};
use crate::server::members::MemberId;
use crate::server::principal::Principal;
use crate::server::service::Service;

/// Held from reading an account's version until it is changed, so that no other change comes between.
pub(super) static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// An account to open for a member.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    /// The member who will own it.
    owner: MemberId,
    /// The code of the account type.
    #[schema(value_type = String, example = "ordinary")]
    r#type: TypeCode,
    /// The currency. Default: that of the type.
    #[schema(value_type = Option<String>, example = "KRW")]
    currency: Option<Currency>,
    /// How far the balance may go below zero, in minor units.
    #[schema(value_type = u64)]
    #[serde(default)]
    overdraft: Amount,
}

/// A change of an account. Fields that are left out stay unchanged.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountChanges {
    /// The version of the account that the change is based on.
    version: u64,
    /// The code of another account type of the same currency.
    #[schema(value_type = Option<String>)]
    r#type: Option<TypeCode>,
    /// What is currently frozen.
    frozen: Option<AdminFreeze>,
    /// How far the balance may go below zero, in minor units.
    #[schema(value_type = Option<u64>)]
    overdraft: Option<Amount>,
    /// The account's own limit per transfer: -1 to use the type's, null for no limit, 0 for no transfers.
    #[schema(value_type = Option<i64>, minimum = -1)]
    #[serde(default, deserialize_with = "double_option", skip_serializing_if = "Option::is_none")]
    own_limit_per_transfer: Option<Option<i64>>,
    /// The account's own limit per day: -1 to use the type's, null for no limit, 0 for no transfers.
    #[schema(value_type = Option<i64>, minimum = -1)]
    #[serde(default, deserialize_with = "double_option", skip_serializing_if = "Option::is_none")]
    own_limit_per_day: Option<Option<i64>>,
    /// `true` closes the account for good; its balance must be zero.
    #[serde(default)]
    close: bool,
}

/// Opens an account for a member.
///
/// For administrators.
#[utoipa::path(
    tag = "admin",
    params(IdempotencyKey),
    responses(
        (status = 201, description = "The account.", body = AdminAccount),
        Refused,
    )
)]
#[post("/admin/accounts")]
pub(super) async fn create_admin_account(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(new): Json<NewAccount>,
) -> Result<impl Responder, Problem> {
    if service.members.find(new.owner).is_none() {
        return Err(Problem::invalid_field("owner", "unknown", "this member does not exist"));
    }
    service.keep_out_of_own_affairs(&caller, new.owner.owner())?;
    let first = match service.attempt(&caller, &key, "admin-account", &new).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let _stays = service.members.while_not_erased(new.owner).await?;
    let id = key.command_id(&caller.id(), "admin-account");
    let mut open = OpenAccount::new(new.owner.owner()).with_id(id).with_type(new.r#type).with_overdraft(new.overdraft);
    open.currency = new.currency;
    let after = json!({ "owner": new.owner, "type": new.r#type, "overdraft": new.overdraft });
    // The bank chooses the number; until then the audit entry is about the member.
    let wish = Entry::about("account.asked_for", new.owner).with_values(None, after.clone());
    service.audit.change(&caller, Entry { command: Some(id), ..wish }).await?;
    let opened = match service.execute(Command::OpenAccount(Box::new(open))).await? {
        Outcome::Opened { number, .. } => number,
        _ => return Err(BankError::OutcomeUnknown.into()),
    };
    // It exists already if this is a repetition whose first answer was lost.
    if !service.audit.has("account", opened.as_str(), "account.opened").await? {
        let entry = Entry {
            action: "account.opened".into(),
            object: "account".into(),
            id: opened.to_string(),
            before: None,
            after: Some(after),
            command: Some(id),
        };
        service.audit.write(&caller.actor(), entry).await?;
    }
    let account = service.bank.snapshot(opened).await?;
    let place = format!("/api/v1/admin/accounts/{opened}");
    let account = answer(&service, account).await?;
    first.answer_about(Some(new.owner), StatusCode::CREATED, Some(place), &account).await
}

/// Changes an account: type, freeze, overdraft, own limits; or closes it. All changes of a request are made, or none.
///
/// For administrators.
#[utoipa::path(
    tag = "admin",
    params(
        PathAccount,
        IdempotencyKey,
    ),
    responses(
        (status = 200, description = "The account after the change.", body = AdminAccount),
        Refused,
    )
)]
#[patch("/admin/accounts/{number}")]
pub(super) async fn patch_admin_account(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    PathAccount(number): PathAccount,
    Json(wanted): Json<AccountChanges>,
) -> Result<impl Responder, Problem> {
    let changes = wanted.changes()?;
    let first = match service.attempt(&caller, &key, "accounts/change", &(number, &wanted)).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let _alone = ONE_AT_A_TIME.lock().await;
    let found = changeable(&service, number).await?;
    if version(&found) != wanted.version {
        let detail = "the account was changed in the meantime; read it again";
        let problem = Problem::new(StatusCode::CONFLICT, "conflict", detail);
        return Err(problem.with_figure("version", version(&found)));
    }
    if let Some(change) = changes {
        change_account(&service, &caller, &found, change).await?;
    }
    let account = service.bank.snapshot(number).await?;
    first.answer(StatusCode::OK, None, &answer(&service, account).await?).await
}

impl AccountChanges {
    /// Returns the requested change as one command, so that all of it is made or nothing.
    fn changes(&self) -> Result<Option<Change>, Problem> {
        let limit = |field, limit: Option<Option<i64>>| limit.map(|limit| own_limit(field, limit)).transpose();
        let changes = Changes {
            frozen: self.frozen.map(|AdminFreeze { debits, credits }| Freeze { debits, credits }),
            overdraft: self.overdraft,
            limit_per_transfer: limit("own_limit_per_transfer", self.own_limit_per_transfer)?,
            limit_per_day: limit("own_limit_per_day", self.own_limit_per_day)?,
            kind: self.r#type,
        };
        let mut parts = changes.parts();
        match (self.close, parts.next(), parts.next()) {
            (true, Some(_), _) => {
                Err(Problem::invalid_field("close", "invalid", "`close` cannot be combined with other changes"))
            }
            (true, None, _) => Ok(Some(Change::Close)),
            (false, one, None) => Ok(one),
            (false, ..) => Ok(Some(Change::Several(changes))),
        }
    }
}

fn own_limit(field: &str, limit: Option<i64>) -> Result<LimitException, Problem> {
    let Some(limit) = limit else { return Ok(LimitException::Unlimited) };
    if limit == -1 {
        return Ok(LimitException::Inherit);
    }
    let amount = u64::try_from(limit).ok().and_then(|limit| Amount::new(limit).ok());
    let outside = || Problem::invalid_field(field, "out_of_range", "-1, null, or an amount in minor units");
    amount.map(LimitException::At).ok_or_else(outside)
}

/// Returns the name of a change, for audit entries and answers.
const fn name(change: &Change) -> &'static str {
    match change {
        Change::Freeze(_) => "frozen",
        Change::Close => "close",
        Change::Overdraft(_) => "overdraft",
        Change::LimitPerTransfer(_) => "own_limit_per_transfer",
        Change::LimitPerDay(_) => "own_limit_per_day",
        Change::Type(_) => "type",
        Change::Several(_) => "changed",
        _ => "other",
    }
}

/// Returns the value that a change sets or replaces, if it has one.
fn value_of(change: &Change) -> Value {
    match serde_json::to_value(change) {
        Ok(Value::Object(named)) => named.into_iter().next().map_or(Value::Null, |(_, value)| value),
        _ => true.into(),
    }
}

/// Makes one change or several at once, after auditing them. A change without effect writes nothing.
pub(super) async fn change_account(
    service: &Service,
    caller: &Principal,
    account: &Snapshot,
    change: Change,
) -> Result<(), Problem> {
    service.keep_out_of_own_affairs(caller, account.owner)?;
    let mut parts: Vec<Change> = match change {
        Change::Several(changes) => changes.parts().collect(),
        one => vec![one],
    };
    parts.retain(|part| !account.is_left_by(*part));
    if parts.is_empty() {
        return Ok(());
    }
    let id = CommandId::random();
    let before_it: Map<String, Value> = parts
        .iter()
        .filter_map(|part| account.replaced_by(part))
        .map(|before| (name(&before).to_owned(), value_of(&before)))
        .collect();
    let after: Map<String, Value> = parts.iter().map(|part| (name(part).to_owned(), value_of(part))).collect();
    let action = format!("account.{}", name(&change));
    let before_it = (!before_it.is_empty()).then_some(Value::Object(before_it));
    audit(service, caller, &action, account.number.to_string(), before_it, Value::Object(after), id).await?;
    service.bank.change_account(ChangeAccount { id, account: account.number, change }).await?;
    Ok(())
}

async fn audit(
    service: &Service,
    caller: &Principal,
    action: &str,
    id: String,
    before: Option<Value>,
    after: Value,
    command: CommandId,
) -> Result<(), Problem> {
    let entry = Entry {
        action: action.into(),
        object: "account".into(),
        id,
        before,
        after: Some(after),
        command: Some(command),
    };
    Ok(service.audit.change(caller, entry).await?)
}

/// Returns the account of that number, to change it.
pub(super) async fn changeable(service: &Service, number: AccountNumber) -> Result<Snapshot, Problem> {
    service.bank.snapshot(number).await.map_err(|error| match error {
        Error::Refused(Refusal::AccountUnknown { .. }) => Problem::not_found(),
        other => other.into(),
    })
}
