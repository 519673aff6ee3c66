//! Members, sessions and tokens, as clients see them.

use std::collections::BTreeMap;

use jangbu::Currency;
use serde::Serialize;
use utoipa::ToSchema;

use super::sessions::Session;
use super::token_list::Token;
use super::{Member, MemberId, Members, SessionId, TokenId};
use crate::server::principal::Role;
use crate::server::scopes::{Bounds, Scope};

/// A member.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberAnswer {
    /// The id.
    pub(crate) id: MemberId,
    /// The username; empty for an erased member.
    pub(crate) username: String,
    /// The full name; empty for an erased member.
    pub(crate) name: String,
    /// The e-mail address; empty for an erased member.
    pub(crate) email: String,
    /// The household that the bank has assigned the member to.
    pub(crate) household: Option<String>,
    /// The role.
    pub(crate) role: Role,
    /// Whether a second factor is set up.
    pub(crate) totp: bool,
    /// Whether the member is disabled: signing in is refused.
    pub(crate) disabled: bool,
    /// Whether everything personal is destroyed.
    pub(crate) erased: bool,
    /// Present and true if the erasure must be repeated because a key file could not be written; for staff only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) erasure_unfinished: bool,
    /// Whether the password must be changed before anything else.
    pub(crate) password_due: bool,
    /// Free transfers per account and business day.
    pub(crate) free_transfers_per_day: u32,
    /// By currency, the amount in minor units above which a transfer of the member needs a fresh proof.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub(crate) proof_above: BTreeMap<Currency, u64>,
    /// When the member joined.
    #[schema(format = DateTime)]
    pub(crate) joined_at: String,
    /// The version that a change must name.
    pub(crate) version: u64,
}

impl From<&Member> for MemberAnswer {
    fn from(member: &Member) -> MemberAnswer {
        MemberAnswer {
            id: member.id,
            username: member.username.clone(),
            name: member.name.clone(),
            email: member.email.clone(),
            household: member.household.clone(),
            role: member.role,
            totp: member.has_totp,
            disabled: member.disabled,
            erased: member.erased,
            erasure_unfinished: false,
            password_due: member.password_due,
            free_transfers_per_day: member.free_transfers_per_day,
            proof_above: member.proof_above.clone(),
            joined_at: member.joined_at.to_string(),
            version: member.version.get(),
        }
    }
}

/// A session.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionAnswer {
    /// The id.
    pub(crate) id: SessionId,
    /// When it began, by signing in.
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    /// When it was last used.
    #[schema(format = DateTime)]
    pub(crate) last_seen_at: String,
    /// When it ends if it is not used again.
    #[schema(format = DateTime)]
    pub(crate) idle_expires_at: String,
    /// When it ends in any case.
    #[schema(format = DateTime)]
    pub(crate) expires_at: String,
    /// Until when operations that need a fresh proof are allowed without another one.
    #[schema(format = DateTime)]
    pub(crate) proof_until: String,
    /// The network address at sign-in.
    pub(crate) address: String,
    /// The program at sign-in.
    pub(crate) user_agent: String,
    /// Whether it is the session of this request.
    pub(crate) current: bool,
}

/// The signed-in member and the session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SessionState {
    /// The member.
    pub(crate) member: MemberAnswer,
    /// The session.
    pub(crate) session: SessionAnswer,
    /// Whether a second factor must be set up before anything else.
    pub(crate) totp_due: bool,
}

/// An API token, without its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenAnswer {
    /// The id.
    pub(crate) id: TokenId,
    /// The owner.
    pub(crate) member: MemberId,
    /// The owner's username.
    pub(crate) username: String,
    /// The name given by the owner.
    pub(crate) name: String,
    /// The scopes.
    pub(crate) scopes: Vec<Scope>,
    /// Whether the token is valid.
    pub(crate) active: bool,
    /// When it was created.
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    /// When it expires.
    #[schema(format = DateTime)]
    pub(crate) expires_at: String,
    /// The restrictions of the token.
    pub(crate) bounds: Bounds,
    /// When it was last used; after a restart of the service, accurate to a day.
    #[schema(format = DateTime)]
    pub(crate) last_used_at: Option<String>,
    /// The address that it was last used from.
    pub(crate) last_used_from: Option<String>,
    /// When it was revoked.
    #[schema(format = DateTime)]
    pub(crate) revoked_at: Option<String>,
}

impl Members {
    /// Makes the answer for a member, for staff.
    pub(crate) fn answer(&self, member: &Member) -> MemberAnswer {
        let erasure_unfinished = self.is_erasure_unfinished(member.id);
        MemberAnswer { erasure_unfinished, ..MemberAnswer::from(member) }
    }

    /// Makes the answer for a session; `current` is the session of the request.
    pub(crate) fn session_answer(&self, session: &Session, current: Option<SessionId>) -> SessionAnswer {
        let lasting = self.config.sessions;
        SessionAnswer {
            id: session.id,
            created_at: session.created_at.to_string(),
            last_seen_at: session.last_seen_at.to_string(),
            idle_expires_at: session.idle_expires_at(lasting).to_string(),
            expires_at: session.expires_at(lasting).to_string(),
            proof_until: session.proven_at.after(self.config.proof.lasts).to_string(),
            address: session.address.clone(),
            user_agent: session.user_agent.clone(),
            current: current == Some(session.id),
        }
    }

    /// Makes the answer for a token.
    pub(crate) fn token_answer(&self, token: &Token) -> TokenAnswer {
        let (open, details) = (&token.open, &token.details);
        let last = self.tokens.last_use(token.id);
        TokenAnswer {
            id: token.id,
            member: token.member(),
            username: self.find(token.member()).map(|owner| owner.username).unwrap_or_default(),
            name: token.name().to_owned(),
            scopes: open.scopes.clone(),
            active: self.is_good(token),
            created_at: open.created_at.to_string(),
            expires_at: open.expires_at.to_string(),
            bounds: details.bounds.clone(),
            last_used_at: last.map(|last| last.at).or(open.last_used_at).map(|at| at.to_string()),
            last_used_from: last.map(|last| last.from.to_string()).or_else(|| details.last_used_from.clone()),
            revoked_at: open.revoked_at.map(|at| at.to_string()),
        }
    }
}
