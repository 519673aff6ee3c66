//! `/admin/account-types`: the terms that accounts of one kind share.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder, get, patch, post};
use jangbu::{AccountType, Amount, Command, CommandId, Currency, TypeCode};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Tree;
use tokio::sync::Mutex;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::audit::Entry;
use crate::server::http::{Cursor, IdempotencyKey, Json, Problem, ProblemBody, Query};
use crate::server::listing::{Column, Listing, NoTotals, Row, Value, Wanted, prefers_csv, select};
use crate::server::principal::{Permission, Principal};
use crate::server::service::Service;

/// Between the look at a type's version and its change no other administrator's change comes.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_account_types);
    config.service(create_account_type);
    config.service(get_account_type);
    config.service(patch_account_type);
}

/// An account type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AccountType)]
pub(crate) struct TypeAnswer {
    /// The code by which accounts name their type.
    code: String,
    /// The name.
    name: String,
    /// The currency of every account of the type; null for the built-in type, which has any.
    currency: Option<String>,
    /// The currency's number of decimals.
    scale: Option<u8>,
    /// The most that one transfer may move, in minor units; null for no limit, 0 for no transfers.
    limit_per_transfer: Option<u64>,
    /// The most that a day's transfers may move, in minor units; null for no limit.
    limit_per_day: Option<u64>,
    /// What a transfer costs once the day's free ones are used up, in minor units.
    fee: u64,
    /// What a change must name.
    version: u64,
}

impl TypeAnswer {
    pub(in crate::server) async fn of(service: &Service, kind: &AccountType) -> Result<TypeAnswer, Problem> {
        let scale = match kind.currency {
            Some(currency) => service.bank.currency_scale(currency).await?,
            None => None,
        };
        Ok(TypeAnswer {
            code: kind.code.to_string(),
            name: kind.name.clone(),
            currency: kind.currency.map(|currency| currency.to_string()),
            scale,
            limit_per_transfer: kind.limit_per_transfer.map(Amount::minor_units),
            limit_per_day: kind.limit_per_day.map(Amount::minor_units),
            fee: kind.fee.minor_units(),
            version: version(kind),
        })
    }
}

/// What stands for everything about a type that can be changed: at most 53 bits.
fn version(kind: &AccountType) -> u64 {
    let told = serde_json::to_vec(kind).unwrap_or_default();
    blake3::hash(&told).as_bytes().first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes)) >> 11
}

impl Row for TypeAnswer {
    const COLUMNS: &'static [Column<TypeAnswer>] = &[
        Column::<TypeAnswer>::new("code", |row| Value::text(&row.code)).searched(),
        Column::<TypeAnswer>::new("name", |row| Value::text(&row.name)).searched(),
        Column::<TypeAnswer>::new("currency", |row| row.currency.as_ref().map_or(Value::Missing, Value::text))
            .counted(),
        Column::<TypeAnswer>::new("limit_per_transfer", |row| {
            row.limit_per_transfer.map_or(Value::Missing, Value::number)
        }),
        Column::<TypeAnswer>::new("limit_per_day", |row| row.limit_per_day.map_or(Value::Missing, Value::number)),
        Column::<TypeAnswer>::new("fee", |row| Value::number(row.fee)),
    ];
    const USUAL_ORDER: &'static str = "code";

    fn key(&self) -> String {
        self.code.clone()
    }
}

/// Which types are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TypesQuery {
    /// Words, each of which is in the code or the name.
    #[param(max_length = 100)]
    q: Option<String>,
    /// In this currency.
    currency: Option<String>,
    /// Columns to sort by, with a minus for those that go down.
    sort: Option<String>,
    /// How many, 1 to 200; 50 when not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// Or the number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u32>,
}

/// Every account type, the built-in one among them.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "list_account_types",
    tag = "admin",
    params(TypesQuery),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "What fits.", content((Listing<TypeAnswer, NoTotals> = "application/json"), (String = "text/csv"))),
        (status = 400, description = "The query does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/admin/account-types")]
async fn list_account_types(
    service: Data<Service>,
    caller: Principal,
    Query(query): Query<TypesQuery>,
    request: HttpRequest,
) -> Result<impl Responder, Problem> {
    caller.require(Permission::ReadAny)?;
    let wanted =
        Wanted::new(query.q.as_deref(), query.sort.as_deref(), query.limit, query.cursor.as_ref(), query.page)?
            .only("currency", query.currency.map(|currency| currency.to_uppercase()));
    let mut rows = Vec::new();
    for kind in service.bank.account_types().await? {
        rows.push(TypeAnswer::of(&service, &kind).await?);
    }
    let selected = select(rows, &wanted)?;
    if prefers_csv(&request) {
        return Ok(selected.into_sheet("account-types").respond_to(&request));
    }
    Ok(HttpResponse::Ok().json(selected.into_listing(None::<NoTotals>, |row| row)))
}

/// One account type.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "get_account_type",
    tag = "admin",
    params(("code" = String, Path, description = "The code of the type.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The type.", body = TypeAnswer),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "There is none.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/admin/account-types/{code}")]
async fn get_account_type(
    service: Data<Service>,
    caller: Principal,
    path: Path<String>,
) -> Result<impl Responder, Problem> {
    caller.require(Permission::ReadAny)?;
    let kind = find(&service, &path).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(TypeAnswer::of(&service, &kind).await?))
}

async fn find(service: &Service, code: &str) -> Result<Option<AccountType>, Problem> {
    let types = service.bank.account_types().await?;
    Ok(types.into_iter().find(|kind| kind.code.as_str() == code))
}

/// A type to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewType {
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
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypeChanges {
    /// The version that the change rests on, as the type was read.
    version: u64,
    /// The name, up to 60 characters.
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    /// The most that one transfer may move, in minor units; null for no limit.
    #[schema(value_type = Option<u64>)]
    #[serde(default, deserialize_with = "given")]
    limit_per_transfer: Option<Option<Amount>>,
    /// The most that a day's transfers may move, in minor units; null for no limit.
    #[schema(value_type = Option<u64>)]
    #[serde(default, deserialize_with = "given")]
    limit_per_day: Option<Option<Amount>>,
    /// What a transfer costs, in minor units.
    #[schema(value_type = Option<u64>)]
    fee: Option<Amount>,
}

/// Tells null from nothing.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Amount>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
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
        (status = 400, description = "The request does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 409, description = "There is one of that code.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 413, description = "Too large.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 422, description = "The ledger refuses.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[post("/admin/account-types")]
async fn create_account_type(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(new): Json<NewType>,
) -> Result<impl Responder, Problem> {
    caller.require(Permission::Administer)?;
    let mut kind = AccountType::new(new.code, new.name, new.currency);
    (kind.limit_per_transfer, kind.limit_per_day, kind.fee) = (new.limit_per_transfer, new.limit_per_day, new.fee);
    let id = key.command_id(&caller.id().to_string(), "account-type");
    let _alone = ONE_AT_A_TIME.lock().await;
    // A repetition finds the type that it made.
    let there_is = find(&service, kind.code.as_str()).await?;
    if there_is.is_some_and(|there_is| key.as_deref().is_none() || there_is != kind) {
        let detail = format!("there is an account type {}", kind.code);
        return Err(Problem::new(StatusCode::CONFLICT, "type_exists", detail));
    }
    set(&service, &caller, id, None, kind.clone()).await?;
    let place = format!("/api/v1/admin/account-types/{}", kind.code);
    Ok(HttpResponse::Created().insert_header((LOCATION, place)).json(TypeAnswer::of(&service, &kind).await?))
}

/// Changes an account type. Transfers under way keep the terms that they were accepted on.
///
/// Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "patch_account_type",
    tag = "admin",
    request_body = TypeChanges,
    params(("code" = String, Path, description = "The code of the type.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The type as it is now.", body = TypeAnswer),
        (status = 400, description = "The request does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "There is none.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 409, description = "The version is stale.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 413, description = "Too large.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 422, description = "The ledger refuses.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[patch("/admin/account-types/{code}")]
async fn patch_account_type(
    service: Data<Service>,
    caller: Principal,
    path: Path<String>,
    Json(wanted): Json<TypeChanges>,
) -> Result<impl Responder, Problem> {
    caller.require(Permission::Administer)?;
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
    set(&service, &caller, CommandId::random(), Some(before), kind.clone()).await?;
    Ok(HttpResponse::Ok().json(TypeAnswer::of(&service, &kind).await?))
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
