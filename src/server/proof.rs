//! What needs a person: a session, and that its owner has just proven to be there.
//!
//! A token is a program's, and a session may be at a desk that its owner has left. So what gives power over an account, and
//! what moves much money, needs a password that was typed within five minutes, with the code of the second factor where
//! there is one. Signing in is such a proof, and `POST /session/proof` another one. Which operations need one stands in the table
//! of routes (`access.rs`); above how much money they do is `unproven.rs`.

use std::time::Duration;

use actix_web::http::StatusCode;
use serde_json::json;

use super::http::Problem;

/// What an operation needs beside its permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// A session and a fresh proof.
    Proof,
    /// A session and a fresh proof when that is so, which the route finds out from the body.
    ProofWhen(&'static str),
}

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

/// What is shown of the person who calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Presence {
    shown: Shown,
    /// Whether a second factor must be set up before anything else.
    pub(crate) factor_is_due: bool,
}

impl Presence {
    /// What is shown, and whether a second factor is due.
    pub(crate) const fn new(shown: Shown, factor_is_due: bool) -> Presence {
        Presence { shown, factor_is_due }
    }

    /// Whether a person has just proven to be there.
    pub(crate) const fn is_proven(&self) -> bool {
        matches!(self.shown, Shown::Proven)
    }

    /// Fails unless a person has just proven to be there.
    ///
    /// # Errors
    /// 403 `session_required`, `proof_required`.
    pub(crate) fn require(&self) -> Result<(), Problem> {
        match self.shown {
            Shown::Token => Err(session_required()),
            Shown::Session { has_totp, lasts } => {
                let factors = if has_totp { json!(["password", "totp"]) } else { json!(["password"]) };
                let detail = "this needs a fresh proof: call `POST /api/v1/session/proof`, then repeat the request";
                Err(Problem::new(StatusCode::FORBIDDEN, "proof_required", detail)
                    .with_figure("factors", factors)
                    .with_figure("within_s", lasts.as_secs()))
            }
            Shown::Proven => Ok(()),
        }
    }
}

/// 403: no token is enough.
pub(crate) fn session_required() -> Problem {
    let detail = "this needs a session; a token is not enough, whatever its scopes";
    Problem::new(StatusCode::FORBIDDEN, "session_required", detail)
}
