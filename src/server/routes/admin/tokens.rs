//! `/admin/tokens`: the API tokens of all members.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder, delete, get};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{Cursor, FileRequest, ListFormat, PathParams, Problem, Query};
use crate::server::listing::{Column, DatePart, Listing, NoTotals, Row, Value, Wanted, select};
use crate::server::members::{MemberId, TokenAnswer, TokenId};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(admin_list_tokens);
    config.service(admin_revoke_token);
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
    const USUAL_ORDER: &'static str = "-created_at";

    fn key(&self) -> String {
        self.id.to_string()
    }
}

fn time(text: Option<&String>) -> Value<'static> {
    text.and_then(|text| text.parse().ok()).map_or(Value::Missing, Value::Time)
}

/// The query of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TokensQuery {
    /// Words that must all occur in the id, the username or the name.
    #[param(max_length = 100)]
    q: Option<String>,
    /// Only tokens of this member.
    #[param(value_type = Option<String>, format = Uuid)]
    member: Option<MemberId>,
    /// Only tokens that are valid, or only those that are not.
    active: Option<bool>,
    /// Only tokens created in this year, month or day of the bank's time zone: `2026`, `2026-11` or `2026-11-22`.
    #[param(value_type = Option<String>)]
    created: Option<DatePart>,
    /// The columns to sort by, each with a minus for descending order: `-last_used_at,username`.
    #[param(max_length = 200)]
    sort: Option<String>,
    /// The page size.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the previous page.
    #[param(value_type = Option<String>, max_length = 400)]
    cursor: Option<Cursor>,
    /// The page number, from 1, instead of `cursor`.
    #[param(minimum = 1, maximum = 1_000_000)]
    page: Option<u32>,
    /// `json` for one page; `csv` or `xlsx` for everything as a file. Default: by the `Accept` header.
    #[param(inline)]
    format: Option<ListFormat>,
    /// Whether a CSV file begins with a byte order mark, from which spreadsheet programs recognise UTF-8. Default:
    /// true.
    bom: Option<bool>,
}

/// Lists all tokens, without their secrets, as a page or as a file (`format=csv`, `format=xlsx`).
///
/// For auditors and administrators. Audited.
#[utoipa::path(
    tag = "admin",
    params(TokensQuery),
    responses(
        (status = 200, description = "The tokens.", content(
            (Listing<TokenAnswer, NoTotals> = "application/json"),
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
    ),
)]
#[get("/admin/tokens")]
async fn admin_list_tokens(
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
    if let Some(file) = FileRequest::of(&request, query.format, query.bom, service.time_zone()) {
        return selected.into_file("tokens", file).await;
    }
    Ok(HttpResponse::Ok().json(selected.into_listing::<_, NoTotals>(None, |token| token)))
}

/// Revokes any member's token, and ends the streams that it opened.
///
/// For administrators with a session; tokens cannot revoke tokens.
#[utoipa::path(
    tag = "admin",
    params(("id" = String, Path, description = "The token's id.")),
    responses(
        (status = 204, description = "The token is revoked."),
    ),
)]
#[delete("/admin/tokens/{id}")]
async fn admin_revoke_token(
    service: Data<Service>,
    caller: Principal,
    PathParams(id): PathParams<TokenId>,
) -> Result<impl Responder, Problem> {
    service.members.revoke_token(&caller.actor(), None, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
