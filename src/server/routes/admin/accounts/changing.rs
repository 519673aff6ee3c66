//! `POST /admin/accounts` and `PATCH /admin/accounts/{number}`: opens and changes one account.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{Responder, patch, post};
use jangbu::{
    AccountNumber, Amount, BankError, Change, ChangeAccount, Changes, Command, CommandId, Currency, Error, Freeze,
    LimitException, OpenAccount, Outcome, Refusal, Snapshot, TypeCode,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::answer::{AdminAccount, AdminFreeze, version};
use super::{answer, number};
use crate::server::answers::Asked;
use crate::server::audit::Entry;
use crate::server::http::{IdempotencyKey, Json, Problem, ProblemBody, given};
use crate::server::members::MemberId;
use crate::server::principal::Principal;
use crate::server::service::Service;

/// Between the look at an account's version and its change no other administrator's change comes.
pub(super) static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// An account to open for a member.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    /// The member who owns it.
    owner: MemberId,
    /// The code of its type.
    #[schema(value_type = String, example = "ordinary")]
    r#type: TypeCode,
    /// The currency; the type's when not given.
    #[schema(value_type = Option<String>, example = "KRW")]
    currency: Option<Currency>,
    /// How far below zero the balance may go, in minor units.
    #[schema(value_type = u64)]
    #[serde(default)]
    overdraft: Amount,
}

/// What to change of an account. What is not given stays.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountChanges {
    /// The version that the change rests on, as the account was read.
    version: u64,
    /// The code of another type of the same currency.
    #[schema(value_type = Option<String>)]
    r#type: Option<TypeCode>,
    /// What is refused for the time being.
    frozen: Option<AdminFreeze>,
    /// How far below zero the balance may go, in minor units.
    #[schema(value_type = Option<u64>)]
    overdraft: Option<Amount>,
    /// The limit of its own per transfer: -1 for the type's, null for none, 0 for no transfers.
    #[schema(value_type = Option<i64>, minimum = -1)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    own_limit_per_transfer: Option<Option<i64>>,
    /// The limit of its own per day: -1 for the type's, null for none, 0 for no transfers.
    #[schema(value_type = Option<i64>, minimum = -1)]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    own_limit_per_day: Option<Option<i64>>,
    /// True closes the account for ever, which must be at zero.
    #[serde(default)]
    close: bool,
}

/// Opens an account for a member.
///
/// Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "create_admin_account",
    tag = "admin",
    request_body = NewAccount,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats get the first answer.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 201, description = "The account.", body = AdminAccount),
        (status = 400, description = "The request does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 409, description = "The key was used for something else.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 410, description = "The first answer was about somebody whose data is erased.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 413, description = "Too large.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 422, description = "The ledger refuses.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
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
        return Err(Problem::invalid_field("owner", "unknown", "there is no such member"));
    }
    service.keep_out_of_own_affairs(&caller, new.owner.owner())?;
    let asked = match service.asked(&caller, &key, "admin-account", &new).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let _stays = service.members.while_not_erased(new.owner).await?;
    let id = key.command_id(&caller.id().to_string(), "admin-account");
    let mut open = OpenAccount::new(new.owner.owner()).with_id(id).with_type(new.r#type).with_overdraft(new.overdraft);
    open.currency = new.currency;
    let after = json!({ "owner": new.owner, "type": new.r#type, "overdraft": new.overdraft });
    // The bank chooses the number: until it has, the opening is the member's.
    let wish = Entry::about("account.asked_for", new.owner).with_values(None, after.clone());
    service.audit.change(&caller, Entry { command: Some(id), ..wish }).await?;
    let opened = match service.execute(Command::OpenAccount(Box::new(open))).await? {
        Outcome::Opened { number, .. } => number,
        _ => return Err(BankError::OutcomeUnknown.into()),
    };
    // It is there when the request is a repetition whose first answer was lost.
    if !service.audit.has("account", opened.as_str(), "account.opened").await? {
        let entry = Entry {
            action: "account.opened".into(),
            object: "account".into(),
            id: opened.to_string(),
            before: None,
            after: Some(after),
            command: Some(id),
        };
        service.audit.write(&(&caller).into(), entry).await?;
    }
    let account = service.bank.snapshot(opened).await?;
    let place = format!("/api/v1/admin/accounts/{opened}");
    let account = answer(&service, account).await?;
    asked.answer_about(Some(new.owner), StatusCode::CREATED, Some(place), &account).await
}

/// Changes an account: type, freeze, overdraft, limits of its own; or closes it. Of several changes all are made or none.
///
/// Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "patch_admin_account",
    tag = "admin",
    request_body = AccountChanges,
    params(
        ("number" = String, Path, description = "The account number."),
        ("Idempotency-Key" = Option<String>, Header, description = "Against repetition."),
    ),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The account as it is now.", body = AdminAccount),
        (status = 400, description = "The request does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "There is none.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 409, description = "The version is stale, or the key was used for something else.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 413, description = "Too large.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 422, description = "The ledger refuses.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[patch("/admin/accounts/{number}")]
pub(super) async fn patch_admin_account(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    path: Path<String>,
    Json(wanted): Json<AccountChanges>,
) -> Result<impl Responder, Problem> {
    let number = number(&service, &path).await?;
    let changes = wanted.changes()?;
    let asked = match service.asked(&caller, &key, "accounts/change", &(number, &wanted)).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let _alone = ONE_AT_A_TIME.lock().await;
    let found = changeable(&service, number).await?;
    if version(&found) != wanted.version {
        let detail = "the account was changed meanwhile: read it again";
        let problem = Problem::new(StatusCode::CONFLICT, "conflict", detail);
        return Err(problem.with_figure("version", version(&found)));
    }
    if let Some(change) = changes {
        change_account(&service, &caller, &found, change).await?;
    }
    let account = service.bank.snapshot(number).await?;
    asked.answer(StatusCode::OK, None, &answer(&service, account).await?).await
}

impl AccountChanges {
    /// What is to be changed, in one: all of it is, or nothing.
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
                Err(Problem::invalid_field("close", "invalid", "nothing else goes with the closing of an account"))
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

/// The name of a change, in audits and answers.
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

/// To what the change leads, or what it replaces: a value, where it has one.
fn told(change: &Change) -> Value {
    match serde_json::to_value(change) {
        Ok(Value::Object(named)) => named.into_iter().next().map_or(Value::Null, |(_, value)| value),
        _ => true.into(),
    }
}

/// Makes a change, or several in one, which is audited before it is made. A change that leaves everything as it is writes
/// nothing.
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
        .map(|before| (name(&before).to_owned(), told(&before)))
        .collect();
    let after: Map<String, Value> = parts.iter().map(|part| (name(part).to_owned(), told(part))).collect();
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
    service.audit.change(caller, entry).await
}

/// The account of that number, to change it.
pub(super) async fn changeable(service: &Service, number: AccountNumber) -> Result<Snapshot, Problem> {
    service.bank.snapshot(number).await.map_err(|error| match error {
        Error::Refused(Refusal::AccountUnknown { .. }) => Problem::not_found(),
        other => other.into(),
    })
}
