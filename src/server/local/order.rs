//! The orders and their results.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use jangbu::clock::ClockStanding;
use jangbu::{FREE_TRANSFERS_PER_DAY, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::server::audit::{Actor, Entry};
use crate::server::http::Problem;
use crate::server::members::{
    Member, MemberAnswer, MemberChange, NewMember, NewToken, PasswordGiven, ScheduleEnd, TokenId,
};
use crate::server::principal::Role;
use crate::server::scopes::{Bounds, Scope};
use crate::server::service::Service;

/// The time limit of an order: erasing waits for the disk, a password for its hash.
const ORDER_TIMEOUT: Duration = Duration::from_secs(60);

/// An order from the machine.
// No `Debug`: it would show a password.
#[derive(Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Order {
    /// Create a member.
    Create {
        /// The username.
        username: String,
        /// The full name.
        name: String,
        /// The e-mail address.
        email: String,
        /// The member's role.
        role: Role,
        /// The password; if omitted, one is generated that must be changed at the first sign-in.
        password: Option<String>,
    },
    /// List the staff.
    List,
    /// Reset a member's password to one that must be changed at the next sign-in.
    ResetPassword {
        /// The member's username.
        username: String,
    },
    /// Erase a member's personal data.
    Erase {
        /// The member's username, or the id of a member whose erasure was interrupted and who has no name any more.
        username: String,
    },
    /// Block a member's sign-ins, or allow them again.
    Disable {
        /// The member's username.
        username: String,
        /// Whether sign-ins are blocked.
        disabled: bool,
        /// What happens to the standing orders of a blocked member.
        #[serde(default)]
        schedules: Option<ScheduleEnd>,
    },
    /// Assign a member to a household, or to none.
    Household {
        /// The member's username.
        username: String,
        /// The household: a word shared by all of its members; none if omitted.
        household: Option<String>,
    },
    /// Create a token.
    CreateToken {
        /// The member's username.
        username: String,
        /// The token's name.
        name: String,
        /// The token's scopes.
        scopes: Vec<Scope>,
        /// The token's restrictions.
        #[serde(default)]
        bounds: Bounds,
        /// The number of days until the token expires.
        days: u16,
    },
    /// List tokens.
    ListTokens {
        /// The member's username; all members if omitted.
        username: Option<String>,
    },
    /// Revoke a token.
    RevokeToken {
        /// The token's id.
        id: Uuid,
    },
    /// Return the state of the clock.
    Clock,
    /// Return the bank's time zone.
    TimeZone,
    /// Accept the clock up to a reading.
    AcceptClock {
        /// The latest accepted reading.
        until: Timestamp,
    },
    /// Make a backup while the service runs. The answer contains the result or the failure.
    Backup {
        /// The target directory, as an absolute path, which need not be UTF-8.
        directory: OsString,
        /// Whether existing copies are read and damaged ones replaced.
        #[serde(default)]
        repair: bool,
    },
}

/// Why an order was not carried out.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Refused {
    /// The stable code.
    pub(crate) code: String,
    /// The explanation for people.
    pub(crate) detail: String,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Refused {
        let detail = problem.to_value().get("detail").and_then(Value::as_str).unwrap_or_default().to_owned();
        Refused { code: problem.code().to_owned(), detail }
    }
}

impl Order {
    /// Returns the order's time limit; a backup has none.
    pub(super) const fn timeout(&self) -> Option<Duration> {
        match self {
            Order::Backup { .. } => None,
            _ => Some(ORDER_TIMEOUT),
        }
    }

    /// Carries out the order.
    ///
    /// # Errors
    /// Those of the members' directory and of the bank.
    pub(crate) async fn carry_out(self, service: &Service) -> Result<Value, Refused> {
        let members = &service.members;
        let actor = Actor::console();
        Ok(match self {
            Order::Create { username, name, email, role, password } => {
                let password = password.map_or(PasswordGiven::OneTime, |given| PasswordGiven::Own(given.into()));
                let free_transfers_per_day = FREE_TRANSFERS_PER_DAY;
                let new = NewMember { username, name, email, role, free_transfers_per_day, password };
                let (member, made) = members.join(&actor, new).await?;
                json!({ "member": MemberAnswer::from(&member), "password": shown(made.as_ref()) })
            }
            Order::List => {
                let staff = members.all().into_iter().filter(|member| member.role.is_staff() && !member.erased);
                json!(staff.map(|member| MemberAnswer::from(&member)).collect::<Vec<_>>())
            }
            Order::ResetPassword { username } => {
                let member = find(service, &username)?;
                let made = members.reset_password(&actor, member.id).await?;
                json!({ "member": MemberAnswer::from(&member), "password": shown(Some(&made)) })
            }
            Order::Erase { username } => {
                let by_id = username.parse().ok().and_then(|id| members.find(id));
                let member = by_id.map_or_else(|| find(service, &username), Ok)?;
                let erased = members.erase(&actor, member.id).await?;
                json!({ "member": MemberAnswer::from(&erased) })
            }
            Order::Disable { username, disabled, schedules } => {
                let member = find(service, &username)?;
                let change = MemberChange { disabled: Some(disabled), schedules, ..Default::default() };
                let member = members.change(&actor, member.id, None, change).await?;
                json!({ "member": MemberAnswer::from(&member) })
            }
            Order::Household { username, household } => {
                let member = find(service, &username)?;
                let change = MemberChange { household: Some(household), ..Default::default() };
                let member = members.change(&actor, member.id, None, change).await?;
                json!({ "member": MemberAnswer::from(&member) })
            }
            Order::CreateToken { username, name, scopes, bounds, days } => {
                let member = find(service, &username)?;
                let lasts = Duration::from_secs(u64::from(days).saturating_mul(24 * 60 * 60));
                let bounds = service.meant_bounds(&member.owner(), bounds).await?;
                let new = NewToken { name, scopes, expires_at: service.time.now().after(lasts), bounds };
                let (token, secret) = members.make_token(&actor, &member, new).await?;
                json!({ "token": members.token_answer(&token), "secret": shown(Some(&secret)) })
            }
            Order::ListTokens { username } => {
                let of = username.map(|username| find(service, &username)).transpose()?;
                let tokens = members.tokens(of.map(|member| member.id));
                json!(tokens.iter().map(|token| members.token_answer(token)).collect::<Vec<_>>())
            }
            Order::RevokeToken { id } => {
                let token = members.revoke_token(&actor, None, TokenId(id)).await?;
                json!({ "token": members.token_answer(&token) })
            }
            Order::Clock => json!(service.bank.clock_state().await.map_err(Problem::from)?),
            Order::TimeZone => json!(service.bank.time_zone().await.map_err(Problem::from)?),
            Order::AcceptClock { until } => {
                let before = service.bank.clock_state().await.map_err(Problem::from)?;
                let after = service.bank.accept_clock(until).await.map_err(Problem::from)?;
                if before.standing == ClockStanding::Ahead {
                    let entry = Entry {
                        action: "clock.accepted".into(),
                        object: "clock".into(),
                        id: "clock".into(),
                        before: Some(json!({ "trusted": before.trusted })),
                        after: Some(json!({ "trusted": after.trusted, "until": until })),
                        command: None,
                    };
                    service.audit.write(&actor, entry).await?;
                }
                json!(after)
            }
            Order::Backup { directory, repair } => {
                json!(service.backups.make(Path::new(&directory), repair, &service.stopping).await)
            }
        })
    }
}

/// Returns a secret as text for the answer, which is shown once.
fn shown(secret: Option<&SecretString>) -> Option<String> {
    secret.map(|secret| secret.expose_secret().to_owned())
}

fn find(service: &Service, username: &str) -> Result<Member, Refused> {
    service
        .members
        .find_by_username(username)
        .ok_or_else(|| Refused { code: "not_found".into(), detail: format!("there is no member {username}") })
}
