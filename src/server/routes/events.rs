//! `GET /me/events` and `GET /accounts/{number}/events`: what happens, as it happens.

use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use futures::stream;
use jangbu::{AccountNumber, Position};
use serde::Deserialize;
use tokio::time::{Interval, MissedTickBehavior, interval};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{Problem, ProblemBody, Query};
use crate::server::principal::{Permission, Principal, Via};
use crate::server::service::Service;
use crate::server::streams::{Following, News, Viewer};

/// So often a stream shows that it is alive, and looks whether the session still is.
const HEARTBEAT: Duration = Duration::from_secs(15);
const BEAT: Bytes = Bytes::from_static(b": still here\n\n");

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(my_events);
    config.service(account_events);
}

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// The position of the last event that was received, where `Last-Event-ID` cannot be sent.
    from: Option<u64>,
}

/// Everything that happens on own accounts, also on those that are opened later, as server-sent events.
///
/// Each has the position as its `id`, the kind as its `event` and JSON as its `data`: `{position, id, recorded_at, date, kind,
/// accounts, account, transfer, steps?}`. Without `Last-Event-ID` (or `from`) the stream begins now, with an event `ready`;
/// with it, behind that event, without gap or duplicate. A slow reader is told `lagging` and goes on where it was. A comment
/// comes every 15 seconds. The stream ends when the session does.
///
/// Members may call it, for themselves.
///
/// Permission: read_own
#[utoipa::path(
    operation_id = "follow_my_events",
    tag = "events",
    params(EventsQuery, ("Last-Event-ID" = Option<u64>, Header, description = "The last event that was received.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "Events, as they happen.", body = String, content_type = "text/event-stream"),
        (status = 400, description = "The query does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 429, description = "Too many streams.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/me/events")]
async fn my_events(
    service: Data<Service>,
    caller: Principal,
    Query(query): Query<EventsQuery>,
    request: HttpRequest,
) -> Result<impl Responder, Problem> {
    caller.require(Permission::ReadOwn)?;
    let viewer = Viewer::Owner(caller.member.owner());
    follow(&service, caller, viewer, place(&service, &request, query.from)?)
}

/// Everything that happens on one account, as server-sent events; see `GET /me/events`.
///
/// The owner may call it, and staff, which is audited.
///
/// Permission: read_own
#[utoipa::path(
    operation_id = "follow_account_events",
    tag = "events",
    params(
        EventsQuery,
        ("number" = String, Path, description = "The account number."),
        ("Last-Event-ID" = Option<u64>, Header, description = "The last event that was received."),
    ),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "Events, as they happen.", body = String, content_type = "text/event-stream"),
        (status = 400, description = "The query does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "Unknown, or not yours.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 429, description = "Too many streams.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/accounts/{number}/events")]
async fn account_events(
    service: Data<Service>,
    caller: Principal,
    path: Path<String>,
    Query(query): Query<EventsQuery>,
    request: HttpRequest,
) -> Result<impl Responder, Problem> {
    caller.require(Permission::ReadOwn)?;
    let number = AccountNumber::new(&path).map_err(|_| Problem::not_found())?;
    let account = service.readable_account(&caller, number).await?;
    let viewer = if account.owner == caller.member.owner() { Viewer::Account(number) } else { Viewer::Staff(number) };
    follow(&service, caller, viewer, place(&service, &request, query.from)?)
}

/// Where the first event is looked for; `None` to begin now. What is beyond the end of the journal is of another bank.
fn place(service: &Service, request: &HttpRequest, from: Option<u64>) -> Result<Option<Position>, Problem> {
    let last = match request.headers().get("last-event-id") {
        Some(id) => {
            let id = id.to_str().ok().and_then(|id| id.trim().parse::<u64>().ok());
            Some(
                id.ok_or_else(|| Problem::invalid_field("Last-Event-ID", "invalid", "the id of an event is a number"))?,
            )
        }
        None => from,
    };
    let last = last.map(Position::new).filter(|last| *last <= service.bank.stats().durable);
    Ok(last.map(Position::next))
}

/// What a stream goes on with.
struct Stream {
    following: Following,
    service: Data<Service>,
    caller: Principal,
    heartbeat: Interval,
}

fn follow(
    service: &Data<Service>,
    caller: Principal,
    viewer: Viewer,
    from: Option<Position>,
) -> Result<HttpResponse, Problem> {
    let streams = &service.streams;
    let entered = streams.enter(caller.id()).ok_or_else(|| Problem::too_many(HEARTBEAT.as_secs()))?;
    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeat.reset();
    let following = Following::new(streams, entered, viewer, from);
    let stream = Stream { following, service: service.clone(), caller, heartbeat };
    let pieces = stream::unfold(stream, |mut stream| async move {
        let piece = stream.next().await?;
        Some((Ok::<_, Problem>(piece), stream))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(pieces))
}

impl Stream {
    /// The next piece; `None` when the stream is over.
    async fn next(&mut self) -> Option<Bytes> {
        tokio::select! {
            biased;
            // First, so that no flood of events keeps a stream open whose session is over.
            _ = self.heartbeat.tick() => may_go_on(&self.service, &self.caller).then_some(BEAT),
            news = self.following.next() => match news {
                News::Told(piece) => Some(piece),
                News::Over => None,
            },
        }
    }
}

/// Whether the session or token is still good, and the member may still sign in. A stream is no use of a session: it does
/// not keep it from ending.
fn may_go_on(service: &Service, caller: &Principal) -> bool {
    let members = &service.members;
    let Some(member) = members.find(caller.id()).filter(crate::server::members::Member::is_active) else {
        return false;
    };
    let by_means = match &caller.via {
        Via::Session(id) => members.sessions_of(member.id).iter().any(|session| session.id == *id),
        Via::Token(id, _) => {
            let now = service.time.now();
            members.tokens(Some(member.id)).iter().any(|token| token.id == *id && token.is_active(now))
        }
    };
    by_means && member.role == caller.member.role
}
