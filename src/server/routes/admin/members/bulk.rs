//! The same for several members at once.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{Responder, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Attempt;
use crate::server::http::{IdempotencyKey, Json, List, Problem};
use crate::server::members::{MemberAnswer, MemberChange, MemberId, ScheduleEnd};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// The most members per request.
const MOST: usize = 200;

/// Registers the route.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(admin_bulk_members);
}

/// A change of many members.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BulkMembers {
    /// The member.
    #[schema(min_items = 1, max_items = 200)]
    ids: Vec<MemberId>,
    /// The change.
    action: BulkAction,
    /// What happens to the schedules of members who are disabled. Default: `pause`.
    #[schema(inline)]
    schedules: Option<ScheduleEnd>,
}

/// A change of many members.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum BulkAction {
    /// Disables the members, and ends all their sessions and tokens.
    Disable,
    /// Enables the members.
    Enable,
}

/// The result for one member.
#[derive(Serialize, ToSchema)]
struct BulkMember {
    /// The member.
    id: MemberId,
    /// The member after the change, if it succeeded.
    member: Option<MemberAnswer>,
    /// The problem, if it failed.
    #[schema(value_type = Option<Object>)]
    problem: Option<serde_json::Value>,
}

/// Disables or enables several members, each on its own, and returns the result of each in the order of the request.
///
/// For administrators.
#[utoipa::path(
    tag = "admin",
    params(IdempotencyKey),
    responses(
        (status = 200, description = "The results, in the order of the request.", body = List<BulkMember>),
    ),
)]
#[post("/admin/members/bulk")]
async fn admin_bulk_members(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(wanted): Json<BulkMembers>,
) -> Result<impl Responder, Problem> {
    if !(1..=MOST).contains(&wanted.ids.len()) {
        return Err(Problem::invalid_field("ids", "invalid", format!("1 to {MOST} members per request")));
    }
    let first = match service.attempt(&caller, &key, "members/bulk", &wanted).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let BulkMembers { ids, action, schedules } = wanted;
    let actor = caller.actor();
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        let disabled = Some(matches!(action, BulkAction::Disable));
        let change = MemberChange { disabled, schedules, ..MemberChange::default() };
        results.push(match service.members.change(&actor, id, None, change).await {
            Ok(member) => BulkMember { id, member: Some(MemberAnswer::from(&member)), problem: None },
            Err(error) => BulkMember { id, member: None, problem: Some(Problem::from(error).to_value()) },
        });
    }
    first.answer(StatusCode::OK, None, &List::whole(results)).await
}
