//! `/admin/engine`: what the engine is doing, now and over the last hour.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpResponse, Responder, get, post};
use futures::stream;
use jangbu::{AccountNumber, Activation};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::gauges::{CheckAnswer, EngineAnswer};
use crate::server::http::{Problem, ProblemBody};
use crate::server::principal::{Permission, Principal};
use crate::server::routes::events::may_go_on;
use crate::server::service::Service;

/// As often a stream looks whether its session is still good: every so many events, one a second.
const LOOK_EVERY: u32 = 15;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(get_engine);
    config.service(follow_engine);
    config.service(begin_check);
    config.service(get_check);
    config.service(get_engine_account);
}

/// What the engine is doing, by the figures of the last second.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "get_engine",
    tag = "admin",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "What it is doing.", body = EngineAnswer),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/admin/engine")]
async fn get_engine(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    caller.require(Permission::ReadAny)?;
    Ok(HttpResponse::Ok().json(&*service.gauges.latest().await?))
}

/// What the engine is doing, each second, as server-sent events: first `history` with up to an hour of them, then `engine`
/// each second. The stream ends when the session does.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "follow_engine",
    tag = "admin",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "Figures, each second.", body = String, content_type = "text/event-stream"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 429, description = "Too many streams.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/admin/engine/events")]
async fn follow_engine(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    caller.require(Permission::ReadAny)?;
    let place = service.streams.enter(caller.id()).ok_or_else(|| Problem::too_many(15))?;
    let (history, samples) = service.gauges.follow().await?;
    let first = message("history", &serde_json::json!({ "history": history }));
    let state = (Some(first), samples, service, caller, place, 0u32);
    let pieces = stream::unfold(state, |(first, mut samples, service, caller, place, count)| async move {
        let piece = match first {
            Some(first) => first,
            None => loop {
                match samples.recv().await {
                    Ok(sample) => break message("engine", &*sample),
                    // A slow reader misses some seconds, which are figures of the past.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            },
        };
        let count = count.wrapping_add(1);
        if count.is_multiple_of(LOOK_EVERY) && !may_go_on(&service, &caller) {
            return None;
        }
        Some((Ok::<_, Problem>(piece), (None, samples, service, caller, place, count)))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(pieces))
}

fn message(event: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {event}\ndata: {data}\n\n").into()
}

/// One account's actor.
#[derive(Debug, Serialize, ToSchema)]
struct EngineAccount {
    /// The account number.
    number: String,
    /// Whether its actor runs; one that sleeps is woken by the first command that needs it.
    active: bool,
    /// What waits at the account: messages to the actor whose outcome is open, and commands that wait for it.
    mailbox_depth: u64,
    /// Debits that may still be refunded.
    undecided: u64,
    /// Whether debits wait for undecided ones.
    waiting: bool,
    /// Whether it is being changed, or a group of steps has it to itself.
    changing: bool,
    /// Its open holds.
    holds: Vec<EngineHold>,
    /// How many events it has seen.
    version: u64,
    /// The place of its last record in the journal.
    position: u64,
}

/// An open hold of an account.
#[derive(Debug, Serialize, ToSchema)]
struct EngineHold {
    /// The id.
    id: String,
    /// What it keeps, in minor units, fee included.
    held: u64,
    /// What the receiver may still get.
    remaining: u64,
    /// Whether it waits for its verification.
    verified: bool,
    /// When it was placed.
    placed_at: String,
}

/// One account's actor: whether it runs, what waits at it, its open holds. The read is audited.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "get_engine_account",
    tag = "admin",
    params(("number" = String, Path, description = "The account number.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The actor.", body = EngineAccount),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "There is none.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/admin/engine/accounts/{number}")]
async fn get_engine_account(
    service: Data<Service>,
    caller: Principal,
    path: Path<String>,
) -> Result<impl Responder, Problem> {
    caller.require(Permission::ReadAny)?;
    let number = AccountNumber::new(&path).map_err(|_| Problem::not_found())?;
    let account = service.readable_account(&caller, number).await?;
    let found = service.bank.activations(vec![number]).await?.into_iter().next();
    let found: Activation = found.unwrap_or_default();
    let holds = account.holds.iter().map(|hold| EngineHold {
        id: hold.id.to_string(),
        held: hold.held.minor_units(),
        remaining: hold.remaining.minor_units(),
        verified: hold.verified,
        placed_at: hold.placed_at.to_string(),
    });
    Ok(HttpResponse::Ok().json(EngineAccount {
        number: number.to_string(),
        active: found.is_active,
        mailbox_depth: found.depth(),
        undecided: found.undecided,
        waiting: found.is_waiting,
        changing: found.is_changing,
        holds: holds.collect(),
        version: account.version,
        position: account.position.get(),
    }))
}

/// Begins to check everything that is durable while the bank goes on: every frame and record, the chain, every balance. One
/// check runs at a time: while one does, this tells how far it is.
///
/// Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "begin_check",
    tag = "admin",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 202, description = "It runs.", body = CheckAnswer),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[post("/admin/engine/check")]
async fn begin_check(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    caller.require(Permission::Administer)?;
    service.gauges.check(&service.time);
    Ok(HttpResponse::Accepted().json(service.gauges.checked().ok_or_else(Problem::not_found)?))
}

/// The check that runs, or the last one that did.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "get_check",
    tag = "admin",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "How far it is, or what it found.", body = CheckAnswer),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "None was begun since the server was started.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/admin/engine/check")]
async fn get_check(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    caller.require(Permission::ReadAny)?;
    Ok(HttpResponse::Ok().json(service.gauges.checked().ok_or_else(Problem::not_found)?))
}
