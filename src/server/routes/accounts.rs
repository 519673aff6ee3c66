//! Accounts: lists one's own, opens one, reads one.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Responder, get, post, web};
use jangbu::{
    AccountNumber, BankError, Command, Currency, OpenAccount, Outcome, OwnerId, accounts::TypeCode, queries::Snapshot,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Attempt;
use crate::server::http::{
    Cursor, IdempotencyKey, Json, List, NotFound, PathAccount, Problem, Query, Refused, page_size,
};
use crate::server::members::MemberId;
use crate::server::principal::{Permission, Principal};
use crate::server::service::Service;
use crate::server::shapes::{Account, Owner};

/// The most accounts that a member can open.
const MOST_ACCOUNTS: usize = 100;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_accounts).service(open_account).service(get_account);
}

/// The query of a list of accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AccountsQuery {
    /// Only accounts of this member, for staff. Default: the caller's own.
    #[param(value_type = Option<String>, format = Uuid)]
    owner: Option<MemberId>,
    /// The `next` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// The page size, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Lists accounts in the order in which they were opened.
///
/// Members list their own accounts. Staff can also list another member's, which is audited.
#[utoipa::path(
    tag = "accounts", params(AccountsQuery),
    responses((status = 200, description = "A page of accounts.", body = List<Account>), NotFound),
)]
#[get("/accounts")]
async fn list_accounts(
    service: Data<Service>,
    caller: Principal,
    Query(listed): Query<AccountsQuery>,
) -> Result<impl Responder, Problem> {
    let owner = match listed.owner {
        Some(owner) if owner != caller.id() => {
            if !caller.may(Permission::ReadAny) || service.members.find(owner).is_none() {
                return Err(Problem::not_found());
            }
            service.audit.read(&caller, "member", &owner.to_string()).await?;
            owner.owner()
        }
        _ => caller.member.owner(),
    };
    let after: Option<AccountNumber> = listed.cursor.map(|cursor| cursor.decode()).transpose()?;
    let mut page = service.bank.accounts_of(owner, after, page_size(listed.limit)?).await?;
    // A bound token sees none of another member's accounts: it cannot have the scope.
    page.data.retain(|account| caller.keep_to_account(account.number).is_ok());
    let names = type_names(&service).await?;
    let answer = |snapshot: &Snapshot| account_answer(&service, &caller, snapshot, &names);
    Ok(web::Json(List::new(page.data.iter().map(answer).collect(), page.next)))
}

/// An account to open.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountRequest {
    /// The code of the account type.
    #[schema(value_type = String, max_length = 10)]
    r#type: TypeCode,
    /// Its currency. Default: that of the type.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    currency: Option<Currency>,
}

/// Opens an account for the caller.
///
/// Repeating the request with the same `Idempotency-Key` opens no second account.
#[utoipa::path(
    tag = "accounts",
    params(IdempotencyKey),
    responses((status = 201, description = "The account.", body = Account), Refused),
)]
#[post("/accounts")]
async fn open_account(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(request): Json<AccountRequest>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "account", &request).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    if request.r#type == TypeCode::basic() {
        // The built-in type is for the bank's own accounts and has no fee or limits.
        let unknown = jangbu::Refusal::TypeUnknown { code: request.r#type };
        return Err(Problem::from(unknown).at_field("type"));
    }
    let owner = caller.member.owner();
    let id = key.command_id(&caller.id(), "account");
    let _stays = service.members.while_active(caller.id()).await?;
    // Held until the account is open. Otherwise two simultaneous requests would not count each other.
    let _turn = service.members.turn(caller.id()).await;
    let own = service.bank.accounts_of(owner, None, MOST_ACCOUNTS).await?;
    // A repetition whose first answer was lost before it was stored still gets that answer, whatever the number of
    // accounts.
    if own.data.len() >= MOST_ACCOUNTS && service.bank.position_of(id).await?.is_none() {
        let detail = format!("a member can have at most {MOST_ACCOUNTS} accounts");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_accounts", detail)
            .with_figure("most", MOST_ACCOUNTS));
    }
    let open = OpenAccount { currency: request.currency, ..OpenAccount::new(owner) };
    let open = open.with_id(id).with_type(request.r#type);
    let opened = service.execute(Command::OpenAccount(Box::new(open))).await;
    let opened = opened.map_err(|error| match &error {
        jangbu::Error::Refused(jangbu::Refusal::TypeUnknown { .. }) => Problem::from(error).at_field("type"),
        jangbu::Error::Refused(jangbu::Refusal::TypeCurrency { .. } | jangbu::Refusal::CurrencyUnknown { .. }) => {
            Problem::from(error).at_field("currency")
        }
        _ => error.into(),
    })?;
    let Outcome::Opened { number, .. } = opened else { return Err(BankError::OutcomeUnknown.into()) };
    let snapshot = service.bank.snapshot(number).await?;
    let names = type_names(&service).await?;
    let place = format!("/api/v1/accounts/{number}");
    first.answer(StatusCode::CREATED, Some(place), &account_answer(&service, &caller, &snapshot, &names)).await
}

/// Returns an account: balance, holds, limits, today's remaining allowance.
///
/// Members read their own accounts. Staff can read any account, which is audited.
#[utoipa::path(
    tag = "accounts",
    params(PathAccount),
    responses((status = 200, description = "The account.", body = Account)),
)]
#[get("/accounts/{number}")]
async fn get_account(
    service: Data<Service>,
    caller: Principal,
    PathAccount(number): PathAccount,
) -> Result<impl Responder, Problem> {
    let snapshot = service.readable_account(&caller, number).await?;
    let names = type_names(&service).await?;
    Ok(web::Json(account_answer(&service, &caller, &snapshot, &names)))
}

/// Returns the names of the account types by code.
pub(crate) async fn type_names(service: &Service) -> Result<HashMap<TypeCode, String>, Problem> {
    let types = service.bank.account_types().await?;
    Ok(types.into_iter().map(|account_type| (account_type.code, account_type.name)).collect())
}

/// Returns an account as the caller sees it.
pub(crate) fn account_answer(
    service: &Service,
    caller: &Principal,
    snapshot: &Snapshot,
    names: &HashMap<TypeCode, String>,
) -> Account {
    let name = names.get(&snapshot.kind).cloned().unwrap_or_default();
    Account::of(snapshot, owner_answer(service, caller, &snapshot.owner), name)
}

/// Returns an owner. Only staff sees the names.
fn owner_answer(service: &Service, caller: &Principal, owner: &OwnerId) -> Owner {
    let shown = caller.may(Permission::ReadAny);
    let member = MemberId::of_owner(owner).filter(|_| shown).and_then(|id| service.members.find(id));
    let (username, name) = member.map(|member| (member.username, member.name)).unzip();
    Owner { id: owner.to_string(), username, name }
}
