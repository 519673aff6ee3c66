//! Who calls: by the cookie of a session, or by a token.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use secrecy::SecretString;

use super::{Member, MemberId, Members, secrets};
use crate::server::edge::ClientAddress;
use crate::server::http::Problem;
use crate::server::principal::{Principal, Via};

impl Members {
    /// Finds who calls, by the cookie of a session or by a token.
    ///
    /// # Errors
    /// 401 when nobody is signed in, the session is over, the token is revoked or the member disabled.
    pub(crate) async fn authenticate(&self, request: &HttpRequest) -> Result<Principal, Problem> {
        let address = ClientAddress::of(request);
        if let Some(header) = request.headers().get(AUTHORIZATION) {
            let token = header.to_str().ok().and_then(bearer).ok_or_else(Problem::token_invalid)?;
            let (member, token) = self.use_token(&token, address)?;
            return Ok(Principal { member, via: Via::Token(token.id, Arc::new(token.grant())), address });
        }
        let now = self.time.now();
        let mut hashes = self.cookies().secrets(request).into_iter().map(|secret| secrets::hash(&secret));
        let used = hashes.find_map(|hash| self.sessions.use_now(&hash, self.config.sessions, now));
        let used = used.ok_or_else(Problem::unauthorised)?;
        let member = self.active(used.session.member)?;
        if let Some((hash, version)) = used.write {
            self.write_last_seen(&used.session, hash, version).await;
        }
        Ok(Principal { member, via: Via::Session(used.session.id), address })
    }

    /// The member, who may be signed in.
    pub(super) fn active(&self, id: MemberId) -> Result<Member, Problem> {
        self.find(id).filter(Member::is_active).ok_or_else(Problem::unauthorised)
    }
}

/// The token of `Authorization: Bearer <token>`.
fn bearer(header: &str) -> Option<SecretString> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned().into())
}
