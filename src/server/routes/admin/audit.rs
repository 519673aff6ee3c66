//! `/admin/audit`: who did or read what.

use std::rc::Rc;
use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use jangbu::{Timestamp, When};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::audit::{After, Found, Outcome, Query as Asked, Times};
use crate::server::http::{Cursor, FileWanted, Form, List, Problem, ProblemBody, Query, Rows, page_size};
use crate::server::members::MemberId;
use crate::server::principal::{Principal, Role};
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, Period};
use crate::tables::Cell;

/// For so long a question waits for an entry: well within the time of a request.
const LONGEST_WAIT_S: u64 = 20;
/// As many entries of a file are read at a time.
const ROWS_AT_A_TIME: usize = 1_000;
/// What a file's rows have, in order.
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
    config.service(list);
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditAnswer {
    /// The entry's own id.
    id: String,
    /// When it was.
    #[schema(format = DateTime)]
    at: String,
    /// Who it was; `null` for whoever works at the machine itself.
    member: Option<MemberId>,
    /// The username of who it was; empty when they are erased.
    username: Option<String>,
    /// What they were to the bank at the time.
    role: Option<Role>,
    /// By what they were known: `session/<id>`, `token/<id>`, `sign_in`, `sign_up`, `console`, `nobody`, or `many` for callers that
    /// are too many to be told apart.
    via: String,
    /// From where; `null` when they are erased.
    address: Option<String>,
    /// What was done, for example `member.changed`; or read, for example `account.read`.
    action: String,
    /// To what kind of thing.
    object: String,
    /// To which one.
    object_id: String,
    /// How it was before, as far as it changed; `null` too when it is about a member who is erased.
    #[schema(value_type = Option<Object>)]
    before: Option<serde_json::Value>,
    /// How it was afterwards, as far as it changed.
    #[schema(value_type = Option<Object>)]
    after: Option<serde_json::Value>,
    /// The command of the ledger that carried it out.
    #[schema(value_type = Option<String>, format = Uuid)]
    command: Option<uuid::Uuid>,
    /// The id of the request; of the last one, for what is counted.
    request_id: Option<String>,
    /// `done`, `refused`, `repeated` for a command that had been answered before, or `not_done` while the ledger has nothing
    /// under the command; `null` when the ledger's record of it is archived.
    outcome: Option<&'static str>,
    /// Why it was refused.
    code: Option<String>,
    /// How often it happened: more than once for refusals and repeated reads, which are counted for a minute. A read that is
    /// counted comes after the entry of the first one.
    count: u64,
    /// When it happened for the first time, for what is counted.
    #[schema(format = DateTime)]
    first_at: Option<String>,
    /// When it happened for the last time, for what is counted.
    #[schema(format = DateTime)]
    last_at: Option<String>,
}

/// Which entries, and where the page begins.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// Only about this kind of thing, for example `account`.
    #[param(max_length = 40)]
    object: Option<String>,
    /// Only about the thing of this id; takes `object` too.
    #[param(max_length = 100)]
    object_id: Option<String>,
    /// Only what this member did.
    #[param(value_type = Option<String>, format = Uuid)]
    member: Option<MemberId>,
    /// Only this action; with a full stop at the end, all that begin so.
    #[param(max_length = 60)]
    action: Option<String>,
    /// The first day (`2026-11-22`, in the bank's time zone), or moment (RFC 3339).
    #[param(value_type = Option<DayOrMoment>)]
    from: Option<When>,
    /// The last day, or the first moment that is out; `9999-12-31` for no end.
    #[param(value_type = Option<DayOrMoment>)]
    to: Option<When>,
    /// Entries of a page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, max_length = 400)]
    cursor: Option<Cursor>,
    /// Instead of `cursor`, to follow the log, the oldest first: `start` for all of it, `now` for what is still to come, then
    /// `next` of the page before, which every page has.
    #[param(max_length = 400)]
    follow: Option<String>,
    /// With `follow`: for how many seconds to wait for an entry where there is none.
    #[param(maximum = 20)]
    wait_s: Option<u64>,
    /// `json` for a page, `csv` or `xlsx` for everything as a file; else the header `Accept` decides.
    #[param(inline)]
    format: Option<Form>,
    /// Whether a CSV file begins with a byte order mark, by which spreadsheet programs know that it is UTF-8; true if not given.
    bom: Option<bool>,
}

/// Where a page of a history begins.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// Entries of a page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, max_length = 400)]
    cursor: Option<Cursor>,
}

/// Lists the audit log, the newest first; as a file all that fit. With `follow` the oldest first, and every entry once.
///
/// A page can be shorter than asked for and still say that there is more. Auditors and administrators may call it, and tokens
/// for the audit log alone. It is audited, once an hour for who follows it.
///
/// Permission: read_audit
#[utoipa::path(
    operation_id = "admin_list_audit",
    tag = "admin",
    params(AuditQuery),
    responses(
        (status = 200, description = "The entries", content(
            (List<AuditAnswer> = "application/json"),
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 400, description = "The request does not fit the schema", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`follow` is a place of another history", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "What follows is archived", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many follow", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = []), ("token" = [])),
)]
#[get("/admin/audit")]
async fn list(
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
        return Err(Problem::invalid_field("object_id", "invalid", "say which kind of `object` it is"));
    }
    let Period { from, to } = Period::between(query.from, query.to, service.time_zone())?;
    let asked = Asked {
        object: query.object,
        id: query.object_id,
        member: query.member,
        action: query.action,
        from,
        to,
        after: query.cursor.as_ref().map(Cursor::place).transpose()?,
        limit: page_size(query.limit)?,
    };
    if let Some(follow) = query.follow {
        let wait = query.wait_s.unwrap_or_default();
        if wait > LONGEST_WAIT_S {
            return Err(Problem::invalid_field("wait_s", "out_of_range", format!("at most {LONGEST_WAIT_S}")));
        }
        if asked.after.is_some() || query.format.is_some_and(|format| format != Form::Json) {
            return Err(Problem::invalid_field("follow", "invalid", "it goes with no `cursor` and no file"));
        }
        return followed(&service, &caller, &asked, &follow, Duration::from_secs(wait)).await;
    }
    if query.wait_s.is_some() {
        return Err(Problem::invalid_field("wait_s", "invalid", "say what to `follow`"));
    }
    service.audit.tell_rows(&caller, &request, "audit", "list");
    if let Some(file) = FileWanted::of(&request, query.format, query.bom, service.time_zone()) {
        service.audit.list(&caller, &request, "audit").await?;
        return export(service, asked, file).await;
    }
    // Found first, so that who reads does not meet this very read.
    let (found, next) = service.audit.find(&asked).await?;
    service.audit.list(&caller, &request, "audit").await?;
    let data = found.into_iter().map(|found| answer(&service, found)).collect();
    Ok(HttpResponse::Ok().json(List::new(data, next)))
}

/// The entries behind a place, the oldest first.
async fn followed(
    service: &Service,
    caller: &Principal,
    asked: &Asked,
    follow: &str,
    wait: Duration,
) -> Result<HttpResponse, Problem> {
    let behind =
        match follow {
            "start" => After::Cursor(jangbu::Cursor::START),
            "now" => After::Now,
            place => After::Cursor(place.parse().map_err(|_| {
                Problem::invalid_field("follow", "invalid", "`start`, `now` or `next` of the page before")
            })?),
        };
    // It waits, as a stream does, and takes the place of one.
    let _place = service.streams.enter(caller).ok_or_else(|| Problem::too_many(1))?;
    service.audit.followed(caller).await?;
    let followed = service.audit.follow(asked, behind, wait, &service.stopping).await?;
    let data = followed.entries.into_iter().map(|found| answer(service, found)).collect();
    let next = Some(followed.next.to_string());
    Ok(HttpResponse::Ok().json(List { data, has_more: followed.has_more, next, previous: None }))
}

/// What was done to one thing, and who read it. That it is read is audited, too.
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
        after: query.cursor.as_ref().map(Cursor::place).transpose()?,
        limit: page_size(query.limit)?,
        ..Asked::default()
    };
    let (found, next) = service.audit.find(&asked).await?;
    service.audit.history(caller, object, id).await?;
    Ok(List::new(found.into_iter().map(|found| answer(service, found)).collect(), next))
}

/// Every entry that fits, as a file.
async fn export(service: Data<Service>, asked: Asked, file: FileWanted) -> Result<HttpResponse, Problem> {
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
