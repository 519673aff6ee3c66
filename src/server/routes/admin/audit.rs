//! `/admin/audit`: who did or read what.

use std::rc::Rc;
use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use jangbu::{Timestamp, time::When};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::audit::{Behind, Found, Outcome, Query as Asked, Times};
use crate::server::http::{Archived, Conflict, Cursor, FileRequest, List, ListFormat, Problem, Query, Rows, page_size};
use crate::server::members::MemberId;
use crate::server::principal::{Principal, Role};
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, Period};
use crate::tables::Cell;

/// The longest time to wait for an entry, well within the timeout of a request.
const LONGEST_WAIT_S: u64 = 20;
/// How many entries of a file are read at a time.
const ROWS_AT_A_TIME: usize = 1_000;
/// The columns of a file, in order.
const COLUMNS: [&str; 19] = [
    "id",
    "at",
    "member",
    "username",
    "role",
    "via",
    "address",
    "action",
    "object",
    "object_id",
    "before",
    "after",
    "command",
    "request_id",
    "outcome",
    "code",
    "count",
    "first_at",
    "last_at",
];

/// Registers the route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(admin_list_audit);
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditAnswer {
    /// The entry's id.
    id: String,
    /// When it happened.
    #[schema(format = DateTime)]
    at: String,
    /// The member who acted; `null` for an operator at the machine.
    member: Option<MemberId>,
    /// The username; empty if the member is erased.
    username: Option<String>,
    /// The role of the member at the time.
    role: Option<Role>,
    /// How the actor was identified: `session/<id>`, `token/<id>`, `sign_in`, `sign_up`, `console`, `nobody`, or `many`
    /// for more callers than are told apart.
    via: String,
    /// The network address; `null` if the actor is erased.
    address: Option<String>,
    /// The action, for example `member.changed` or `account.read`.
    action: String,
    /// The kind of object.
    object: String,
    /// The object's id.
    object_id: String,
    /// The changed values before the action; `null` also if they are about an erased member.
    #[schema(value_type = Option<Object>)]
    before: Option<serde_json::Value>,
    /// The changed values after the action.
    #[schema(value_type = Option<Object>)]
    after: Option<serde_json::Value>,
    /// The ledger command that carried it out.
    #[schema(value_type = Option<String>, format = Uuid)]
    command: Option<uuid::Uuid>,
    /// The id of the request; for counted entries, of the last one.
    request_id: Option<String>,
    /// `done`; `refused`; `repeated` for a command that was answered before; `not_done` while the ledger has no record
    /// of the command; `null` if that record is archived.
    outcome: Option<&'static str>,
    /// The code of the refusal.
    code: Option<String>,
    /// How often it happened: more than once for refusals and repeated reads, which are counted for one minute. The
    /// counted entry follows the entry of the first read.
    count: u64,
    /// When it first happened, for counted entries.
    #[schema(format = DateTime)]
    first_at: Option<String>,
    /// When it last happened, for counted entries.
    #[schema(format = DateTime)]
    last_at: Option<String>,
}

/// The query of a list of entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// Only entries about this kind of object, for example `account`.
    #[param(max_length = 40)]
    object: Option<String>,
    /// Only entries about the object with this id; requires `object`.
    #[param(max_length = 100)]
    object_id: Option<String>,
    /// Only actions of this member.
    #[param(value_type = Option<String>, format = Uuid)]
    member: Option<MemberId>,
    /// Only this action; with a full stop at the end, all actions that begin with it.
    #[param(max_length = 60)]
    action: Option<String>,
    /// From this day (`2026-11-22`, in the bank's time zone) or moment (RFC 3339) on.
    #[param(value_type = Option<DayOrMoment>)]
    from: Option<When>,
    /// Until the end of this day, or before this moment; `9999-12-31` for no end.
    #[param(value_type = Option<DayOrMoment>)]
    to: Option<When>,
    /// The page size.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the previous page.
    #[param(value_type = Option<String>, max_length = 400)]
    cursor: Option<Cursor>,
    /// Follows the log, oldest first, instead of paging with `cursor`: `start` for the whole log, `now` for new entries
    /// only, or the `next` of the previous page, which every page has.
    #[param(max_length = 400)]
    follow: Option<String>,
    /// With `follow`: the seconds to wait for an entry if there is none yet.
    #[param(maximum = 20)]
    wait_s: Option<u64>,
    /// `json` for one page; `csv` or `xlsx` for everything as a file. Default: by the `Accept` header.
    #[param(inline)]
    format: Option<ListFormat>,
    /// Whether a CSV file begins with a byte order mark, from which spreadsheet programs recognise UTF-8. Default:
    /// true.
    bom: Option<bool>,
}

/// The query of an object's history.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// The page size.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the previous page.
    #[param(value_type = Option<String>, max_length = 400)]
    cursor: Option<Cursor>,
}

/// Lists the audit log, newest first, as a page or as a file. With `follow`, oldest first and every entry exactly once.
///
/// A page can be shorter than requested and still have a next page. For auditors, administrators, and tokens with the
/// scope `audit`. Audited; following is recorded once an hour.
#[utoipa::path(
    tag = "admin",
    params(AuditQuery),
    responses(
        (status = 200, description = "The entries.", content(
            (List<AuditAnswer> = "application/json"),
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        Conflict,
        Archived,
    ),
)]
#[get("/admin/audit")]
async fn admin_list_audit(
    service: Data<Service>,
    caller: Principal,
    request: HttpRequest,
    query: Query<AuditQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    for (field, text, most) in
        [("object", &query.object, 40), ("object_id", &query.object_id, 100), ("action", &query.action, 60)]
    {
        if text.as_ref().is_some_and(|text| text.chars().count() > most) {
            return Err(Problem::invalid_field(field, "too_long", format!("at most {most} characters")));
        }
    }
    if query.object_id.is_some() && query.object.is_none() {
        return Err(Problem::invalid_field("object_id", "invalid", "`object_id` requires `object`"));
    }
    let Period { from, to } = Period::between(query.from, query.to, service.time_zone())?;
    let asked = Asked {
        object: query.object,
        id: query.object_id,
        member: query.member,
        action: query.action,
        from,
        to,
        after: query.cursor.as_ref().map(Cursor::decode).transpose()?,
        limit: page_size(query.limit)?,
    };
    if let Some(follow) = query.follow {
        let wait = query.wait_s.unwrap_or_default();
        if wait > LONGEST_WAIT_S {
            return Err(Problem::invalid_field("wait_s", "out_of_range", format!("at most {LONGEST_WAIT_S}")));
        }
        if asked.after.is_some() || query.format.is_some_and(|format| format != ListFormat::Json) {
            return Err(Problem::invalid_field(
                "follow",
                "invalid",
                "`follow` cannot be combined with `cursor` or a file",
            ));
        }
        return followed(&service, &caller, &asked, &follow, Duration::from_secs(wait)).await;
    }
    if query.wait_s.is_some() {
        return Err(Problem::invalid_field("wait_s", "invalid", "`wait_s` requires `follow`"));
    }
    service.audit.count_rows(&caller, &request, "audit", "list");
    if let Some(file) = FileRequest::of(&request, query.format, query.bom, service.time_zone()) {
        service.audit.list(&caller, &request, "audit").await?;
        return export(service, asked, file).await;
    }
    // Searched before this read is recorded, so that the result does not contain it.
    let (found, next) = service.audit.find(&asked).await?;
    service.audit.list(&caller, &request, "audit").await?;
    let data = found.into_iter().map(|found| answer(&service, found)).collect();
    Ok(HttpResponse::Ok().json(List::new(data, next)))
}

/// Responds with the entries after a cursor, oldest first.
async fn followed(
    service: &Service,
    caller: &Principal,
    asked: &Asked,
    follow: &str,
    wait: Duration,
) -> Result<HttpResponse, Problem> {
    let behind = match follow {
        "start" => Behind::Place(jangbu::events::Cursor::START),
        "now" => Behind::Now,
        place => Behind::Place(place.parse().map_err(|_| {
            Problem::invalid_field("follow", "invalid", "`start`, `now`, or the `next` of the previous page")
        })?),
    };
    // It waits like a stream, and counts as one.
    let _place = service.streams.enter(caller).ok_or_else(|| Problem::too_many(1))?;
    service.audit.followed(caller).await?;
    let followed = service.audit.follow(asked, behind, wait, &service.stopping).await?;
    let data = followed.entries.into_iter().map(|found| answer(service, found)).collect();
    let next = Some(followed.next.to_string());
    Ok(HttpResponse::Ok().json(List { data, has_more: followed.has_more, next, previous: None }))
}

/// Returns the changes and reads of an object. This read is audited, too.
///
/// # Errors
/// 400 for the page, else as the bank's.
pub(crate) async fn history_of(
    service: &Service,
    caller: &Principal,
    object: &str,
    id: &str,
    query: &HistoryQuery,
) -> Result<List<AuditAnswer>, Problem> {
    let asked = Asked {
        object: Some(object.into()),
        id: Some(id.into()),
        after: query.cursor.as_ref().map(Cursor::decode).transpose()?,
        limit: page_size(query.limit)?,
        ..Asked::default()
    };
    let (found, next) = service.audit.find(&asked).await?;
    service.audit.history(caller, object, id).await?;
    Ok(List::new(found.into_iter().map(|found| answer(service, found)).collect(), next))
}

/// Responds with all matching entries as a file.
async fn export(service: Data<Service>, asked: Asked, file: FileRequest) -> Result<HttpResponse, Problem> {
    let first = asked.after.clone();
    let asked = Rc::new(Asked { limit: ROWS_AT_A_TIME, ..asked });
    let page = move |after: Option<String>| {
        let (service, asked) = (service.clone(), Rc::clone(&asked));
        async move {
            let (found, next) = service.audit.find(&Asked { after, ..(*asked).clone() }).await?;
            let rows = found.into_iter().map(|found| row(found.at, found.times, answer(&service, found))).collect();
            Ok(Rows { rows, next: next.map(Some) })
        }
    };
    file.answer("audit", &COLUMNS, first, page).await
}

fn row(at: Timestamp, times: Option<Times>, entry: AuditAnswer) -> Vec<Cell> {
    let json = |value: Option<serde_json::Value>| value.map_or(Cell::Missing, Cell::text);
    vec![
        entry.id.into(),
        Cell::Time(at),
        entry.member.map_or(Cell::Missing, Cell::text),
        entry.username.into(),
        entry.role.map(Role::name).into(),
        entry.via.into(),
        entry.address.into(),
        entry.action.into(),
        entry.object.into(),
        entry.object_id.into(),
        json(entry.before),
        json(entry.after),
        entry.command.map_or(Cell::Missing, Cell::text),
        entry.request_id.into(),
        entry.outcome.into(),
        entry.code.into(),
        Cell::number(entry.count),
        times.map(|times| times.first).into(),
        times.map(|times| times.last).into(),
    ]
}

fn answer(service: &Service, found: Found) -> AuditAnswer {
    AuditAnswer {
        username: found.who.and_then(|who| service.members.find(who)).map(|who| who.username),
        id: found.key,
        at: found.at.to_string(),
        member: found.who,
        role: found.role,
        via: found.via,
        address: found.address,
        action: found.action,
        object: found.object,
        object_id: found.id,
        before: found.before,
        after: found.after,
        command: found.command.map(jangbu::CommandId::uuid),
        request_id: found.request_id,
        outcome: found.outcome.map(Outcome::name),
        code: found.code,
        count: found.times.map_or(1, |times| times.count),
        first_at: found.times.map(|times| times.first.to_string()),
        last_at: found.times.map(|times| times.last.to_string()),
    }
}
