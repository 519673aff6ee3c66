//! The same for many members at once.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Responder, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Asked;
use crate::server::http::{IdempotencyKey, Json, List, Problem, ProblemBody};
use crate::server::members::{MemberAnswer, MemberChange, MemberId, ScheduleEnd};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// The most members at once.
const MOST: usize = 200;

/// Registers the route.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(bulk);
}

/// What is to be done, and to whom.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BulkMembers {
    /// Whom.
    #[schema(min_items = 1, max_items = 200)]
    ids: Vec<MemberId>,
    /// What.
    action: BulkAction,
    /// What becomes of the standing orders of those who are disabled; `pause` when nothing is said.
    #[schema(inline)]
    schedules: Option<ScheduleEnd>,
}

/// What can be done to many members.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum BulkAction {
    /// Refuse signing in, and end every session and token.
    Disable,
    /// Allow signing in again.
    Enable,
}

/// What came of it for one of them.
#[derive(Serialize, ToSchema)]
struct BulkMember {
    /// Whom.
    id: MemberId,
    /// The member, where it was done.
    member: Option<MemberAnswer>,
    /// Why it was not done, else.
    #[schema(value_type = Option<Object>)]
    problem: Option<serde_json::Value>,
}

/// Disables or enables many members, each by itself, and tells for each what came of it, in order.
///
/// Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "admin_bulk_members",
    tag = "admin",
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses(
        (status = 200, description = "What came of it, in order", body = List<BulkMember>),
        (status = 400, description = "The request does not fit the schema", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The key was used for something else", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = []), ("token" = [])),
)]
#[post("/admin/members/bulk")]
async fn bulk(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(wanted): Json<BulkMembers>,
) -> Result<impl Responder, Problem> {
    if !(1..=MOST).contains(&wanted.ids.len()) {
        return Err(Problem::invalid_field("ids", "invalid", format!("1 to {MOST} members")));
    }
    let asked = match service.asked(&caller, &key, "members/bulk", &wanted).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let BulkMembers { ids, action, schedules } = wanted;
    let actor = (&caller).into();
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        let disabled = Some(matches!(action, BulkAction::Disable));
        let change = MemberChange { disabled, schedules, ..MemberChange::default() };
        results.push(match service.members.change(&actor, id, None, change).await {
            Ok(member) => BulkMember { id, member: Some(MemberAnswer::from(&member)), problem: None },
            Err(problem) => BulkMember { id, member: None, problem: Some(problem.to_value()) },
        });
    }
    asked.answer(StatusCode::OK, None, &List::whole(results)).await
}
