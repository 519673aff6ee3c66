//! Authenticates a caller by a session cookie or a token.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use secrecy::SecretString;
use uuid::Uuid;

use super::sessions::Session;
use super::{Member, MemberError, MemberId, Members, secrets};
use crate::server::edge::ClientAddress;
use crate::server::principal::{Principal, Role, Via};
use crate::server::proof::{Presence, Shown};

/// The known caller of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownCaller {
    /// The member.
    pub(crate) member: MemberId,
    /// The role.
    pub(crate) role: Role,
    /// The id of the session or token.
    pub(crate) means: Uuid,
}

impl Members {
    /// Authenticates the caller of a request, by a session cookie or a token.
    ///
    /// # Errors
    /// 401 when nobody is signed in, the session is over, the token is revoked or the member disabled.
    pub(crate) async fn authenticate(&self, request: &HttpRequest) -> Result<Principal, MemberError> {
        let address = ClientAddress::of(request);
        if let Some(header) = request.headers().get(AUTHORIZATION) {
            let token = header.to_str().ok().and_then(bearer).ok_or(MemberError::TokenInvalid)?;
            let (member, token) = self.use_token(&token, address)?;
            let presence = Presence::new(Shown::Token, self.factor_is_due(&member));
            return Ok(Principal { member, via: Via::Token(token.id, Arc::new(token.grant())), address, presence });
        }
        let now = self.time.now();
        let mut hashes = self.cookies().secrets(request).into_iter().map(|secret| secrets::hash(&secret));
        let used = hashes.find_map(|hash| self.sessions.use_now(&hash, self.config.sessions, now));
        let used = used.ok_or(MemberError::NotSignedIn)?;
        let member = self.active(used.session.member)?;
        if !used.session.is_of(&member) {
            return Err(MemberError::NotSignedIn);
        }
        if let Some((hash, version)) = used.write {
            self.write_last_seen(&used.session, hash, version);
        }
        let presence = Presence::new(self.shown(&used.session, &member), self.factor_is_due(&member));
        Ok(Principal { member, via: Via::Session(used.session.id), address, presence })
    }

    /// Whether the caller is unchanged: the session or token is valid, and the member may sign in with the same role.
    /// This does not count as a use of the session.
    pub(crate) fn still_is(&self, caller: &Principal) -> bool {
        let Ok(member) = self.active(caller.id()) else { return false };
        let by_means = match &caller.via {
            Via::Session(id) => self.sessions_of(member.id).iter().any(|session| session.id == *id),
            Via::Token(id, _) => self.tokens.find(*id).is_some_and(|token| self.is_good(&token)),
        };
        by_means && member.role == caller.member.role
    }

    /// Returns the caller of a request from memory alone, for decisions before the route. Nothing is recorded. A
    /// session or token that has ended belongs to nobody, so that whoever kept it cannot act at its owner's expense.
    pub(crate) fn known_caller(&self, request: &HttpRequest) -> Option<KnownCaller> {
        let now = self.time.now();
        let directory = self.directory.read();
        let active = |id| directory.find(id).filter(|member| member.is_active());
        let (member, means) = match request.headers().get(AUTHORIZATION) {
            Some(header) => {
                let secret = header.to_str().ok().and_then(bearer)?;
                let from = ClientAddress::of(request);
                let (id, owner, generation) = self.tokens.known(&secrets::hash(&secret), now, from)?;
                (active(owner).filter(|owner| owner.generations.have_token(generation))?, id.0)
            }
            None => {
                let secrets = self.cookies().secrets(request);
                secrets.iter().find_map(|secret| {
                    let known = self.sessions.known(&secrets::hash(secret), self.config.sessions, now);
                    let (id, owner, generation) = known?;
                    let owner = active(owner).filter(|owner| owner.generations.have_session(id, generation))?;
                    Some((owner, id.0))
                })?
            }
        };
        Some(KnownCaller { member: member.id, role: member.role, means })
    }

    /// Fails if the session or token of a request has ended since its head arrived: the body may arrive much later.
    ///
    /// # Errors
    /// 401.
    pub(crate) fn still_known(&self, request: &HttpRequest, member: MemberId, means: Uuid) -> Result<(), MemberError> {
        match self.known_caller(request) {
            Some(known) if known.member == member && known.means == means => Ok(()),
            _ if request.headers().contains_key(AUTHORIZATION) => Err(MemberError::TokenInvalid),
            _ => Err(MemberError::NotSignedIn),
        }
    }

    /// Returns the member, if they may be signed in.
    pub(super) fn active(&self, id: MemberId) -> Result<Member, MemberError> {
        self.find(id).filter(Member::is_active).ok_or(MemberError::NotSignedIn)
    }

    /// Returns what the session proves about its owner's presence.
    fn shown(&self, session: &Session, member: &Member) -> Shown {
        let lasts = self.config.proof.lasts;
        let (now, proven) = (self.time.now(), session.proven_at);
        // A clock that was set back does not extend a proof.
        if now < proven.after(lasts) && proven < now.after(lasts) {
            Shown::Proven
        } else {
            Shown::Session { has_totp: member.has_totp, lasts }
        }
    }

    /// Whether the member must set up a second factor before anything else.
    pub(crate) fn factor_is_due(&self, member: &Member) -> bool {
        !member.has_totp && self.config.proof.second_factor.is_for(member.role)
    }
}

/// Returns the token of `Authorization: Bearer <token>`.
fn bearer(header: &str) -> Option<SecretString> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned().into())
}
