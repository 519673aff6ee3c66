//! `GET /me/events` and `GET /accounts/{number}/events`: events as they happen.

use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use futures::stream;
use serde::Deserialize;
use tokio::time::{Interval, MissedTickBehavior, interval};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{PathAccount, Problem, Query};
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::streams::{Following, News, Resume, Viewer, while_signed_in};

/// The interval of the keep-alive comments of a stream.
const HEARTBEAT: Duration = Duration::from_secs(15);
const BEAT: Bytes = Bytes::from_static(b": still here\n\n");

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(follow_my_events);
    config.service(follow_account_events);
}

/// The query of a stream.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// The id or position of the last event received, for clients that cannot send `Last-Event-ID`.
    from: Option<String>,
}

/// Streams the events of all of the caller's accounts, including accounts opened later, as server-sent events.
///
/// The `id` of an event is its position and a value that distinguishes it from every other event
/// (`4711-1f8a03b2c4d5e6f7`); its `event` is the kind, its `data` is JSON: `{position, id, recorded_at, date, kind,
/// accounts, account, transfer, steps?}`. A stream begins with an event `ready` whose data is `{position, member}`: the
/// end of the bank's journal, and the member followed. Without `Last-Event-ID` (or `from`) the stream begins now. With
/// it, the stream continues right after that event, without gaps or duplicates. If this bank does not have that event,
/// because it belongs to another bank or a backup was restored, an event `reset` precedes `ready` and the stream begins
/// now; read everything again. A slow reader receives `lagging` and continues where it was. A comment is sent every 15
/// seconds. The stream ends with the session or token.
///
/// For members, for their own accounts.
#[utoipa::path(
    tag = "events",
    params(EventsQuery, ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event received.")),
    responses(
        (status = 200, description = "The events, as they happen.", body = String, content_type = "text/event-stream"),
    )
)]
#[get("/me/events")]
async fn follow_my_events(
    service: Data<Service>,
    caller: Principal,
    Query(query): Query<EventsQuery>,
    request: HttpRequest,
) -> Result<impl Responder, Problem> {
    let viewer = Viewer::Owner(caller.member.owner());
    follow(&service, caller, viewer, place(&request, query.from.as_deref())?)
}

/// Streams the events of one account as server-sent events; see `GET /me/events`.
///
/// For the account's owner and for staff, whose access is audited.
#[utoipa::path(
    tag = "events",
    params(
        EventsQuery,
        PathAccount,
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event received."),
    ),
    responses(
        (status = 200, description = "The events, as they happen.", body = String, content_type = "text/event-stream"),
    )
)]
#[get("/accounts/{number}/events")]
async fn follow_account_events(
    service: Data<Service>,
    caller: Principal,
    PathAccount(number): PathAccount,
    Query(query): Query<EventsQuery>,
    request: HttpRequest,
) -> Result<impl Responder, Problem> {
    let account = service.readable_account(&caller, number).await?;
    let viewer = if account.owner == caller.member.owner() { Viewer::Account(number) } else { Viewer::Staff(number) };
    follow(&service, caller, viewer, place(&request, query.from.as_deref())?)
}

/// Returns the event after which the stream continues; `None` to begin now.
fn place(request: &HttpRequest, from: Option<&str>) -> Result<Option<Resume>, Problem> {
    let (field, last) = match request.headers().get("last-event-id") {
        Some(id) => ("Last-Event-ID", Some(id.to_str().unwrap_or_default())),
        None => ("from", from),
    };
    let resume = last.map(|last| last.trim().parse()).transpose();
    resume.map_err(|_| Problem::invalid_field(field, "invalid", "send the id or the position of an event"))
}

/// The state of a stream.
struct Stream {
    following: Following,
    heartbeat: Interval,
}

fn follow(
    service: &Data<Service>,
    caller: Principal,
    viewer: Viewer,
    behind: Option<Resume>,
) -> Result<HttpResponse, Problem> {
    let streams = &service.streams;
    let entered = streams.enter(&caller).ok_or_else(|| Problem::too_many(HEARTBEAT.as_secs()))?;
    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeat.reset();
    let following = Following::new(streams, entered, viewer, behind);
    let stream = Stream { following, heartbeat };
    let pieces = stream::unfold(stream, |mut stream| async move {
        let piece = stream.next().await?;
        Some((Ok::<_, Problem>(piece), stream))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(while_signed_in(service, caller, pieces)?))
}

impl Stream {
    /// Returns the next chunk; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Bytes> {
        tokio::select! {
            biased;
            _ = self.heartbeat.tick() => Some(BEAT),
            news = self.following.next() => match news {
                News::Told(piece) => Some(piece),
                News::Over => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody;
    use actix_web::test::{TestRequest, call_service, init_service};
    use futures::future::poll_fn;
    use jangbu::{Amount, Transfer};

    use super::*;
    use crate::server::app::app;
    use crate::server::testing::Town;

    /// The next piece of a stream; `None` when it is over.
    async fn piece(body: &mut std::pin::Pin<Box<impl MessageBody>>) -> Option<String> {
        let next = poll_fn(|context| body.as_mut().poll_next(context));
        let piece = tokio::time::timeout(Duration::from_secs(30), next).await.unwrap()?;
        Some(String::from_utf8(piece.ok().unwrap().to_vec()).unwrap())
    }

    #[actix_web::test]
    async fn a_stream_is_resumed_and_ends_with_its_session() {
        let town = Town::new().await;
        let app = init_service(app(town.service.clone())).await;
        let cookie = town.cookie("mina").await;
        let ask = |headers: &[(&'static str, String)]| {
            let mut request = TestRequest::with_uri("/api/v1/me/events").insert_header(cookie.clone());
            for header in headers {
                request = request.insert_header(header.clone());
            }
            request.to_request()
        };
        let answer = call_service(&app, ask(&[])).await;
        assert_eq!(answer.headers().get("content-type").unwrap(), "text/event-stream");
        let mut stream = Box::pin(answer.into_body());
        let ready = piece(&mut stream).await.unwrap();
        assert!(ready.starts_with("id: ") && ready.contains("\nevent: ready\n"), "{ready}");
        let pay = || Transfer::new(town.mina, town.joon, Amount::new(5).unwrap());
        let (first, second) =
            (town.service.bank.transfer(pay()).await.unwrap(), town.service.bank.transfer(pay()).await.unwrap());
        let told = piece(&mut stream).await.unwrap();
        assert!(told.starts_with(&format!("id: {}-", first.position)), "{told}");
        drop(stream);
        let id = told.lines().next().and_then(|line| line.strip_prefix("id: ")).unwrap();
        let last = ("last-event-id", id.to_owned());
        let mut stream = Box::pin(call_service(&app, ask(&[last])).await.into_body());
        let mina = town.member("mina").id;
        let begun =
            format!("id: {id}\nevent: ready\ndata: {{\"position\":{},\"member\":\"{mina}\"}}\n\n", second.position);
        assert_eq!(piece(&mut stream).await.unwrap(), begun);
        let told = piece(&mut stream).await.unwrap();
        assert!(told.starts_with(&format!("id: {}-", second.position)), "{told}");
        for session in town.service.members.sessions_of(town.member("mina").id) {
            let actor = crate::server::audit::Actor::console();
            town.service.members.end_session(&actor, session.member, session.id).await.unwrap();
        }
        assert_eq!(piece(&mut stream).await, None);
        assert_eq!(call_service(&app, ask(&[("last-event-id", "x".into())])).await.status(), 401);
    }

    #[actix_web::test]
    async fn nothing_is_told_to_whose_session_or_token_has_ended() {
        for ending in ["session", "token", "disabled", "reset", "role", "erased"] {
            let town = Town::new().await;
            let app = init_service(app(town.service.clone())).await;
            let (members, actor, mina) =
                (&town.service.members, crate::server::audit::Actor::console(), town.member("mina"));
            let expires_at = town.service.time.now().after(Duration::from_secs(86_400));
            let scopes = vec![crate::server::scopes::Scope::Events];
            let new = crate::server::members::NewToken {
                name: "t".into(),
                scopes,
                bounds: crate::server::scopes::Bounds::default(),
                expires_at,
            };
            let (token, secret) = members.make_token(&actor, &mina, new).await.unwrap();
            let secret = secrecy::ExposeSecret::expose_secret(&secret).to_owned();
            let mut streams = Vec::new();
            let session = town.cookie("mina").await;
            let as_staff = town.cookie("theo").await;
            for (path, header) in [
                ("/api/v1/me/events".to_owned(), session.clone()),
                ("/api/v1/me/events".to_owned(), ("authorization", format!("Bearer {secret}"))),
                (format!("/api/v1/accounts/{}/events", town.mina), session.clone()),
                (format!("/api/v1/accounts/{}/events", town.mina), as_staff),
            ] {
                let request = TestRequest::with_uri(&path).insert_header(header).to_request();
                let mut stream = Box::pin(call_service(&app, request).await.into_body());
                assert!(piece(&mut stream).await.unwrap().contains("event: ready"));
                streams.push(stream);
            }
            let change = |change| members.change(&actor, mina.id, None, change);
            let other = crate::server::members::MemberChange::default;
            match ending {
                "session" => {
                    let id = members.sessions_of(mina.id).pop().unwrap().id;
                    members.end_session(&actor, mina.id, id).await.unwrap();
                }
                "token" => drop(members.revoke_token(&actor, None, token.id).await.unwrap()),
                "disabled" => {
                    for disabled in [true, false] {
                        change(crate::server::members::MemberChange { disabled: Some(disabled), ..other() })
                            .await
                            .unwrap();
                    }
                }
                "reset" => drop(members.reset_password(&actor, mina.id).await.unwrap()),
                "role" => {
                    let role = Some(crate::server::principal::Role::Teller);
                    change(crate::server::members::MemberChange { role, ..other() }).await.unwrap();
                }
                _ => drop(members.erase(&actor, mina.id).await.unwrap()),
            }
            let pay = Transfer::new(town.mina, town.joon, Amount::new(5).unwrap());
            town.service.bank.transfer(pay).await.unwrap();
            for (number, mut stream) in streams.into_iter().enumerate() {
                let is_over = match number {
                    0 | 2 => ending != "token",
                    1 => ending != "session",
                    _ => false,
                };
                let next = piece(&mut stream).await;
                assert_eq!(next.is_none(), is_over, "{ending}: stream {number} has {next:?}");
            }
        }
    }

    /// What a page has received that was open while the bank was restored from an older backup.
    #[actix_web::test]
    async fn a_stream_from_beyond_the_end_begins_now_and_says_so() {
        let town = Town::new().await;
        let app = init_service(app(town.service.clone())).await;
        let cookie = town.cookie("mina").await;
        for beyond in [1, 1_000_000] {
            let end = town.service.bank.stats().durable;
            let path = format!("/api/v1/me/events?from={}", end.plus(beyond));
            let request = TestRequest::with_uri(&path).insert_header(cookie.clone()).to_request();
            let mut stream = Box::pin(call_service(&app, request).await.into_body());
            let ready = piece(&mut stream).await.unwrap();
            let (reset, ready) = ready.split_once("\n\n").unwrap();
            assert_eq!(reset, format!("id: {end}\nevent: reset\ndata: {{\"position\":{end}}}"));
            assert!(ready.starts_with(&format!("id: {end}\nevent: ready\ndata: {{\"position\":{end},")), "{ready}");
            let pay = Transfer::new(town.mina, town.joon, Amount::new(5).unwrap());
            let paid = town.service.bank.transfer(pay).await.unwrap();
            let told = piece(&mut stream).await.unwrap();
            assert!(told.starts_with(&format!("id: {}-", paid.position)), "{told}");
        }
    }

    #[actix_web::test]
    async fn an_account_is_followed_by_its_owner_and_by_staff_alone() {
        let town = Town::new().await;
        let app = init_service(app(town.service.clone())).await;
        for (who, status) in [("mina", 200), ("joon", 404), ("theo", 200), ("auda", 200), ("ada", 200)] {
            let request = TestRequest::with_uri(&format!("/api/v1/accounts/{}/events", town.mina))
                .insert_header(town.cookie(who).await)
                .to_request();
            assert_eq!(call_service(&app, request).await.status(), status, "{who}");
        }
        assert_eq!(town.get(Some("mina"), "/me/events?from=x").await.status, 400);
        assert_eq!(town.get(None, "/me/events").await.status, 401);
    }
}
