//! What needs a person: a session, and that its owner has just proven to be there.
//!
//! A token is a program's, and a session may be at a desk that its owner has left. So what gives power over an account, and
//! what moves much money, needs a password that was typed within five minutes, with the code of the second factor where
//! there is one. Signing in is such a proof, and `POST /session/proof` another one. This table names the operations.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use jangbu::Currency;
use serde_json::json;

use super::http::Problem;
use super::principal::Principal;
use super::service::Service;

/// What an operation needs beside its permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// A session: no token may do it, whatever its scopes.
    Session,
    /// A session and a fresh proof.
    Proof,
    /// The same when that is so, for which the route looks.
    ProofWhen(&'static str),
}

/// The operations that need a person, by method and path.
pub(crate) const NEEDS: &[(&str, &str, Need)] = &[
    ("PATCH", "/me", Need::ProofWhen("the e-mail address or `proof_above` changes")),
    ("POST", "/me/password", Need::Proof),
    ("POST", "/me/totp", Need::Proof),
    ("POST", "/me/tokens", Need::Proof),
    ("POST", "/me/schedules", Need::ProofWhen("the amount is above a limit for it")),
    ("POST", "/transfers", Need::ProofWhen("the amount is above a limit for it")),
    ("POST", "/transfers/batch", Need::ProofWhen("the sum of a currency is above a limit for it")),
    ("POST", "/admin/members", Need::ProofWhen("the role is a staff role")),
    ("PATCH", "/admin/members/{id}", Need::ProofWhen("the role or the e-mail address changes")),
    ("POST", "/admin/members/{id}/password", Need::Proof),
    ("POST", "/admin/members/{id}/totp", Need::Proof),
    ("POST", "/admin/members/{id}/erase", Need::Proof),
    ("DELETE", "/admin/tokens/{id}", Need::Session),
];

/// What is shown of the person who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing: a program calls, with a token.
    Token,
    /// A session, whose owner proved to be there too long ago.
    Session {
        /// Whether a proof takes the code of a second factor.
        has_totp: bool,
        /// For how long a proof is fresh.
        lasts: Duration,
    },
    /// A session, whose owner has just proven to be there.
    Proven,
}

/// What is shown of the person who calls, against what the operation needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Presence {
    need: Option<Need>,
    shown: Shown,
    /// Whether a second factor has to be set up before anything else is allowed.
    pub(crate) factor_is_due: bool,
}

impl Presence {
    /// Of who sent this request.
    pub(crate) fn new(request: &HttpRequest, shown: Shown, factor_is_due: bool) -> Presence {
        let pattern = request.match_pattern();
        let path = pattern.as_deref().and_then(|pattern| pattern.strip_prefix("/api/v1"));
        let need = path.and_then(|path| need_of(request.method().as_str(), path));
        Presence { need, shown, factor_is_due }
    }

    /// Fails unless what is shown is what the operation needs in any case.
    ///
    /// # Errors
    /// 403 `session_required`, `proof_required`.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match (self.need, self.shown) {
            (Some(Need::Session), Shown::Token) => Err(session_required()),
            (Some(Need::Proof), _) => self.require(),
            _ => Ok(()),
        }
    }

    /// Fails unless a person has just proven to be there: for an operation that needs it on a condition.
    ///
    /// # Errors
    /// 403 `session_required`, `proof_required`.
    pub(crate) fn require(&self) -> Result<(), Problem> {
        match self.shown {
            Shown::Token => Err(session_required()),
            Shown::Session { has_totp, lasts } => {
                let factors = if has_totp { json!(["password", "totp"]) } else { json!(["password"]) };
                let detail = "prove that it is you, by `POST /api/v1/session/proof`, and send this again";
                Err(Problem::new(StatusCode::FORBIDDEN, "proof_required", detail)
                    .with_figure("factors", factors)
                    .with_figure("within_s", lasts.as_secs()))
            }
            Shown::Proven => Ok(()),
        }
    }
}

fn need_of(method: &str, path: &str) -> Option<Need> {
    NEEDS.iter().find(|(of, at, _)| *of == method && *at == path).map(|(_, _, need)| *need)
}

fn session_required() -> Problem {
    let detail = "no token may do this, whatever its scopes; sign in";
    Problem::new(StatusCode::FORBIDDEN, "session_required", detail)
}

impl Service {
    /// Fails unless the caller may move these sums without another proof, or has just given it.
    ///
    /// # Errors
    /// 403 `session_required`, `proof_required`; `second_factor_required` for a member who has none and needs one.
    pub(crate) fn check_sums(
        &self,
        caller: &Principal,
        amounts: impl IntoIterator<Item = (Currency, u64)>,
    ) -> Result<(), Problem> {
        let mut sums: BTreeMap<Currency, u64> = BTreeMap::new();
        for (currency, amount) in amounts {
            let sum = sums.entry(currency).or_default();
            *sum = sum.saturating_add(amount);
        }
        let limits = &self.config.proof;
        for (currency, sum) in sums {
            let is_above = |limits: &BTreeMap<Currency, u64>| limits.get(&currency).is_some_and(|limit| sum > *limit);
            let needs_factor = is_above(&limits.second_factor_above);
            if needs_factor && !caller.member.has_totp {
                let detail = "this much takes a second factor; set one up in the settings";
                return Err(Problem::new(StatusCode::FORBIDDEN, "second_factor_required", detail));
            }
            if needs_factor || is_above(&limits.above) || is_above(&caller.member.proof_above) {
                caller.presence.require()?;
            }
        }
        Ok(())
    }
}
