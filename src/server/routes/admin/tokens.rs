//! `/admin/tokens`: everybody's API tokens.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder, delete, get};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{Cursor, FileWanted, Form, Problem, ProblemBody, Query};
use crate::server::listing::{Column, DatePart, Listing, NoTotals, Row, Value, Wanted, select};
use crate::server::members::{MemberId, TokenAnswer, TokenId};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list);
    config.service(revoke);
}

impl Row for TokenAnswer {
    const COLUMNS: &'static [Column<TokenAnswer>] = &[
        Column::new("id", |token: &TokenAnswer| Value::text(token.id.to_string())).searched(),
        Column::new("member", |token: &TokenAnswer| Value::text(token.member.to_string())),
        Column::new("username", |token: &TokenAnswer| Value::text(&*token.username)).searched(),
        Column::new("name", |token: &TokenAnswer| Value::text(&*token.name)).searched(),
        Column::new("active", |token: &TokenAnswer| Value::Flag(token.active)).counted(),
        Column::new("created_at", |token: &TokenAnswer| time(Some(&token.created_at))),
        Column::new("expires_at", |token: &TokenAnswer| time(Some(&token.expires_at))),
        Column::new("last_used_at", |token: &TokenAnswer| time(token.last_used_at.as_ref())),
        Column::new("last_used_from", |token: &TokenAnswer| {
            token.last_used_from.as_deref().map_or(Value::Missing, Value::text)
        }),
        Column::new("revoked_at", |token: &TokenAnswer| time(token.revoked_at.as_ref())),
    ];
    const DEFAULT_ORDER: &'static str = "-created_at";

    fn key(&self) -> String {
        self.id.to_string()
    }
}

fn time(text: Option<&String>) -> Value<'static> {
    text.and_then(|text| text.parse().ok()).map_or(Value::Missing, Value::Time)
}

/// What is wanted of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TokensQuery {
    /// Words that are all to be found in id, username or name.
    #[param(max_length = 100)]
    q: Option<String>,
    /// Only tokens of this member.
    #[param(value_type = Option<String>, format = Uuid)]
    member: Option<MemberId>,
    /// Only tokens that can be used, or only those that cannot.
    active: Option<bool>,
    /// Only tokens that were made in this year, month or day of the bank's time zone: `2026`, `2026-11` or `2026-11-22`.
    #[param(value_type = Option<String>)]
    created: Option<DatePart>,
    /// By which columns to sort, for example `-last_used_at,username`.
    #[param(max_length = 200)]
    sort: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, max_length = 400)]
    cursor: Option<Cursor>,
    /// The number of the page instead, from 1.
    #[param(minimum = 1, maximum = 1_000_000)]
    page: Option<u32>,
    /// `json` for a page, `csv` or `xlsx` for everything as a file; else the header `Accept` decides.
    #[param(inline)]
    format: Option<Form>,
    /// Whether a CSV file begins with a byte order mark, by which spreadsheet programs know that it is UTF-8; true if not given.
    bom: Option<bool>,
}

/// Lists everybody's tokens, without their secrets; as a file (`format=csv`, `format=xlsx`) all that fit.
///
/// Auditors and administrators may call it; it is audited.
///
/// Permission: read_audit
#[utoipa::path(
    operation_id = "admin_list_tokens",
    tag = "admin",
    params(TokensQuery),
    responses(
        (status = 200, description = "The tokens", content(
            (Listing<TokenAnswer, NoTotals> = "application/json"),
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 400, description = "The request does not fit the schema", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = []), ("token" = [])),
)]
#[get("/admin/tokens")]
async fn list(
    service: Data<Service>,
    caller: Principal,
    request: HttpRequest,
    query: Query<TokensQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let wanted =
        Wanted::new(query.q.as_deref(), query.sort.as_deref(), query.limit, query.cursor.as_ref(), query.page)?;
    let wanted = wanted.only("active", query.active).on("created_at", query.created, service.time_zone());
    let tokens = service.members.tokens(query.member);
    let rows = tokens.iter().map(|token| service.members.token_answer(token)).collect();
    let selected = select(rows, &wanted)?;
    service.audit.list(&caller, &request, "tokens").await?;
    if let Some(file) = FileWanted::of(&request, query.format, query.bom, service.time_zone()) {
        return selected.into_file("tokens", file).await;
    }
    Ok(HttpResponse::Ok().json(selected.into_listing::<_, NoTotals>(None, |token| token)))
}

/// Revokes anybody's token, and ends the streams that were opened with it.
///
/// Administrators may call it, with a session: no token may.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "admin_revoke_token",
    tag = "admin",
    params(("id" = String, Path, description = "The token's id")),
    responses(
        (status = 204, description = "The token is revoked"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such thing, or it is not yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
)]
#[delete("/admin/tokens/{id}")]
async fn revoke(service: Data<Service>, caller: Principal, id: Path<String>) -> Result<impl Responder, Problem> {
    let id: TokenId = id.parse().map_err(|_| Problem::not_found())?;
    service.members.revoke_token(&(&caller).into(), None, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
