//! Accounts: list one's own, open one, look at one.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Responder, get, post, web};
use jangbu::{AccountNumber, BankError, Command, Currency, OpenAccount, Outcome, OwnerId, Snapshot, TypeCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Asked;
use crate::server::http::{
    Cursor, IdempotencyKey, InPath, Json, List, MoveProblems, Problem, Query, ReadProblems, Typed, page_size,
};
use crate::server::members::MemberId;
use crate::server::principal::{Permission, Principal};
use crate::server::service::Service;
use crate::server::shapes::{Account, Owner};

/// As many accounts may a member open.
const MOST_ACCOUNTS: usize = 100;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_accounts).service(open_account).service(get_account);
}

/// Which accounts to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Listed {
    /// Those of this member, for staff; one's own if not given.
    #[param(value_type = Option<String>, format = Uuid)]
    owner: Option<MemberId>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// How many, 1 to 200; 50 if not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Lists accounts in the order in which they were opened.
///
/// One's own; for staff also somebody else's, which is audited.
///
/// Permission: read_own
#[utoipa::path(
    tag = "accounts", security(("session" = []), ("token" = [])), params(Listed),
    responses((status = 200, description = "A page of accounts.", body = List<Account>), ReadProblems),
)]
#[get("/accounts")]
async fn list_accounts(
    service: Data<Service>,
    caller: Principal,
    Query(listed): Query<Listed>,
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
    let after: Option<AccountNumber> = listed.cursor.map(|cursor| cursor.place()).transpose()?;
    let mut page = service.bank.accounts_of(owner, after, page_size(listed.limit)?).await?;
    // Of those of somebody else a bound token sees none: it cannot have the scope.
    page.data.retain(|account| caller.keep_to_account(account.number).is_ok());
    let names = type_names(&service).await?;
    let told = |snapshot: &Snapshot| told(&service, &caller, snapshot, &names);
    Ok(web::Json(List::new(page.data.iter().map(told).collect(), page.next)))
}

/// An account to open.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountRequest {
    /// The code of its type.
    #[schema(value_type = String, max_length = 10)]
    r#type: TypeCode,
    /// Its currency; the type's if not given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    currency: Option<Currency>,
}

/// Opens an account for the caller.
///
/// With the header `Idempotency-Key` it is opened once, however often that is asked for.
///
/// Permission: move_own
#[utoipa::path(
    tag = "accounts", security(("session" = []), ("token" = [])), request_body = AccountRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses((status = 201, description = "The account.", body = Account), MoveProblems),
)]
#[post("/accounts")]
async fn open_account(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(request): Json<AccountRequest>,
) -> Result<impl Responder, Problem> {
    let asked = match service.asked(&caller, &key, "account", &request).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    if request.r#type == TypeCode::basic() {
        // It is the bank's own, without fee or limits.
        let unknown = jangbu::Refusal::TypeUnknown { code: request.r#type };
        return Err(Problem::from(unknown).at_field("type"));
    }
    let owner = caller.member.owner();
    let id = key.command_id(&caller.id().to_string(), "account");
    let _stays = service.members.while_active(caller.id()).await?;
    // Held until the account is open: of two requests at once, the other would count without it.
    let _turn = service.members.turn(caller.id()).await;
    let own = service.bank.accounts_of(owner, None, MOST_ACCOUNTS).await?;
    // A repetition whose first answer was lost before it was kept is given it, however many there are by now.
    if own.data.len() >= MOST_ACCOUNTS && service.bank.position_of(id).await?.is_none() {
        let detail = format!("a member has at most {MOST_ACCOUNTS} accounts");
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
    asked.answer(StatusCode::CREATED, Some(place), &told(&service, &caller, &snapshot, &names)).await
}

/// Tells how an account stands.
///
/// One's own; for staff anybody's, which is audited.
///
/// Permission: read_own
#[utoipa::path(
    tag = "accounts", security(("session" = []), ("token" = [])),
    params(("number" = String, Path, description = "The account number.")),
    responses((status = 200, description = "The account.", body = Account), ReadProblems),
)]
#[get("/accounts/{number}")]
async fn get_account(
    service: Data<Service>,
    caller: Principal,
    InPath(Typed(typed)): InPath<Typed>,
) -> Result<impl Responder, Problem> {
    let number = service.meant(typed).await?;
    let snapshot = service.readable_account(&caller, number).await?;
    let names = type_names(&service).await?;
    Ok(web::Json(told(&service, &caller, &snapshot, &names)))
}

/// The names of the account types by their codes.
pub(crate) async fn type_names(service: &Service) -> Result<HashMap<TypeCode, String>, Problem> {
    let types = service.bank.account_types().await?;
    Ok(types.into_iter().map(|account_type| (account_type.code, account_type.name)).collect())
}

/// An account as the caller sees it.
pub(crate) fn told(
    service: &Service,
    caller: &Principal,
    snapshot: &Snapshot,
    names: &HashMap<TypeCode, String>,
) -> Account {
    let name = names.get(&snapshot.kind).cloned().unwrap_or_default();
    Account::of(snapshot, owner_as_told(service, caller, &snapshot.owner), name)
}

/// An owner with the names that only staff sees.
fn owner_as_told(service: &Service, caller: &Principal, owner: &OwnerId) -> Owner {
    let shown = caller.may(Permission::ReadAny);
    let member = MemberId::of_owner(owner).filter(|_| shown).and_then(|id| service.members.find(id));
    let (username, name) = member.map(|member| (member.username, member.name)).unzip();
    Owner { id: owner.to_string(), username, name }
}
