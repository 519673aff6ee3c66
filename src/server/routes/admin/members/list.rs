//! The list of members.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{Cursor, FileWanted, Form, Problem, ProblemBody, Query};
use crate::server::listing::{Column, DatePart, Listing, NoTotals, Row, Value, Wanted, select};
use crate::server::members::{Member, MemberAnswer};
use crate::server::principal::{Principal, Role};
use crate::server::service::Service;

/// Registers the route.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list);
}

impl Row for Member {
    const COLUMNS: &'static [Column<Member>] = &[
        Column::new("id", |member: &Member| Value::text(member.id.to_string())).searched(),
        Column::new("username", |member: &Member| Value::text(&*member.username)).searched(),
        Column::new("name", |member: &Member| Value::text(&*member.name)).searched(),
        Column::new("email", |member: &Member| Value::text(&*member.email)).searched(),
        Column::new("role", |member: &Member| Value::text(member.role.name())).counted(),
        Column::new("disabled", |member: &Member| Value::Flag(member.disabled)).counted(),
        Column::new("totp", |member: &Member| Value::Flag(member.has_totp)).counted(),
        Column::new("erased", |member: &Member| Value::Flag(member.erased)),
        Column::new("free_transfers_per_day", |member: &Member| Value::number(member.free_transfers_per_day)),
        Column::new("joined_at", |member: &Member| Value::Time(member.joined_at)),
        Column::new("version", |member: &Member| Value::number(member.version.get())),
    ];
    const DEFAULT_ORDER: &'static str = "-joined_at";

    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// What is wanted of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MembersQuery {
    /// Words that are all to be found in id, username, name or e-mail address.
    #[param(max_length = 100)]
    q: Option<String>,
    /// Only members of this role.
    role: Option<Role>,
    /// Only members who may not sign in, or only those who may.
    disabled: Option<bool>,
    /// Only members with a second factor, or only those without.
    totp: Option<bool>,
    /// Only who joined in this year, month or day of the bank's time zone: `2026`, `2026-11` or `2026-11-22`.
    #[param(value_type = Option<String>)]
    joined: Option<DatePart>,
    /// By which columns to sort, for example `-joined_at,username`.
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

/// Lists members: searched, filtered, sorted, in pages; as a file (`format=csv`, `format=xlsx`) all that fit.
///
/// Staff may call it; it is audited.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "admin_list_members",
    tag = "admin",
    params(MembersQuery),
    responses(
        (status = 200, description = "The members", content(
            (Listing<MemberAnswer, NoTotals> = "application/json"),
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
#[get("/admin/members")]
async fn list(
    service: Data<Service>,
    caller: Principal,
    request: HttpRequest,
    query: Query<MembersQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let wanted =
        Wanted::new(query.q.as_deref(), query.sort.as_deref(), query.limit, query.cursor.as_ref(), query.page)?;
    let wanted =
        wanted.only("role", query.role.map(Role::name)).only("disabled", query.disabled).only("totp", query.totp);
    let wanted = wanted.on("joined_at", query.joined, service.time_zone());
    let selected = select(service.members.all(), &wanted)?;
    service.audit.list(&caller, &request, "members").await?;
    if let Some(file) = FileWanted::of(&request, query.format, query.bom, service.time_zone()) {
        return selected.into_file("members", file).await;
    }
    let listing = selected.into_listing::<_, NoTotals>(None, |member| service.members.answer(&member));
    Ok(HttpResponse::Ok().json(listing))
}
