//! The list of members.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{Cursor, FileRequest, ListFormat, Problem, Query};
use crate::server::listing::{Column, DatePart, Listing, NoTotals, Row, Value, Wanted, select};
use crate::server::members::{Member, MemberAnswer};
use crate::server::principal::{Principal, Role};
use crate::server::service::Service;

/// Registers the route.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(admin_list_members);
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
    const USUAL_ORDER: &'static str = "-joined_at";

    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// The query of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MembersQuery {
    /// Words that must all occur in the id, the username, the name or the e-mail address.
    #[param(max_length = 100)]
    q: Option<String>,
    /// Only members with this role.
    role: Option<Role>,
    /// Only members who are disabled, or only those who are not.
    disabled: Option<bool>,
    /// Only members with a second factor, or only those without.
    totp: Option<bool>,
    /// Only members who joined in this year, month or day of the bank's time zone: `2026`, `2026-11` or `2026-11-22`.
    #[param(value_type = Option<String>)]
    joined: Option<DatePart>,
    /// The columns to sort by, each with a minus for descending order: `-joined_at,username`.
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

/// Lists members: searched, filtered and sorted, as a page or as a file (`format=csv`, `format=xlsx`).
///
/// For staff. Audited.
#[utoipa::path(
    tag = "admin",
    params(MembersQuery),
    responses(
        (status = 200, description = "The members.", content(
            (Listing<MemberAnswer, NoTotals> = "application/json"),
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
    ),
)]
#[get("/admin/members")]
async fn admin_list_members(
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
    if let Some(file) = FileRequest::of(&request, query.format, query.bom, service.time_zone()) {
        return selected.into_file("members", file).await;
    }
    let listing = selected.into_listing::<_, NoTotals>(None, |member| service.members.answer(&member));
    Ok(HttpResponse::Ok().json(listing))
}
