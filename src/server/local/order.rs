//! What can be ordered, and what comes of it.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use jangbu::clock::ClockStanding;
use jangbu::{Timestamp, accounts::FREE_TRANSFERS_PER_DAY};
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

/// How long an order may take: erasing waits for the disk, a password for its hash.
const PATIENCE: Duration = Duration::from_secs(60);

/// What somebody at the machine wants done.
// No `Debug`: it would show a password.
#[derive(Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Order {
    /// Make a member of the staff, or a member.
    Create {
        /// The username.
        username: String,
        /// The full name.
        name: String,
        /// The e-mail address.
        email: String,
        /// The role.
        role: Role,
        /// The password; one that has to be changed at the first sign-in is made when there is none.
        password: Option<String>,
    },
    /// List the staff.
    List,
    /// Give a member a password that has to be changed at the first sign-in.
    ResetPassword {
        /// The member.
        username: String,
    },
    /// Destroy everything personal about a member.
    Erase {
        /// Who, by username or by id: one whose erasure was not finished has no name any more.
        username: String,
    },
    /// Refuse a member's sign-ins, or allow them again.
    Disable {
        /// The member.
        username: String,
        /// Whether they are refused.
        disabled: bool,
        /// What happens to the schedules of a member who is disabled.
        #[serde(default)]
        schedules: Option<ScheduleEnd>,
    },
    /// Link a member to a household, or to none.
    Household {
        /// The member.
        username: String,
        /// The word that all who share the household have; none when left out.
        household: Option<String>,
    },
    /// Make a token.
    CreateToken {
        /// Whose.
        username: String,
        /// What it is called.
        name: String,
        /// The scopes.
        scopes: Vec<Scope>,
        /// The restrictions of the token.
        #[serde(default)]
        bounds: Bounds,
        /// For how many days.
        days: u16,
    },
    /// List tokens.
    ListTokens {
        /// Whose; everybody's when left out.
        username: Option<String>,
    },
    /// Revoke a token.
    RevokeToken {
        /// Which.
        id: Uuid,
    },
    /// Tell what the bank makes of its clock.
    Clock,
    /// Name the bank's time zone.
    TimeZone,
    /// Believe the clock, if it reads no later than that.
    AcceptClock {
        /// The latest that it may read.
        until: Timestamp,
    },
    /// Make a backup beside everything else. What came of it, well or not, is in the answer.
    Backup {
        /// Where, from the root on. It need not be UTF-8.
        directory: OsString,
        /// Whether copies that are there are read, and made again where they are damaged.
        #[serde(default)]
        repair: bool,
    },
}

/// Why an order was not carried out.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Refused {
    /// The stable code.
    pub(crate) code: String,
    /// What people read.
    pub(crate) detail: String,
}

impl<E: Into<Problem>> From<E> for Refused {
    fn from(error: E) -> Refused {
        let problem = error.into();
        Refused { code: problem.code().to_owned(), detail: problem.detail().to_owned() }
    }
}

impl Order {
    /// How long it may take; a backup as long as it takes.
    pub(super) const fn patience(&self) -> Option<Duration> {
        match self {
            Order::Backup { .. } => None,
            _ => Some(PATIENCE),
        }
    }

    /// Does it.
    ///
    /// # Errors
    /// As the members' directory says no.
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
            Order::Clock => json!(service.bank.clock_state().await?),
            Order::TimeZone => json!(service.bank.time_zone().await?),
            Order::AcceptClock { until } => {
                let before = service.bank.clock_state().await?;
                let after = service.bank.accept_clock(until).await?;
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

/// A secret in the answer to who is to see it, once.
fn shown(secret: Option<&SecretString>) -> Option<String> {
    secret.map(|secret| secret.expose_secret().to_owned())
}

fn find(service: &Service, username: &str) -> Result<Member, Refused> {
    service
        .members
        .find_by_username(username)
        .ok_or_else(|| Refused { code: "not_found".into(), detail: format!("there is no member {username}") })
}
