//! Fresh proofs: a session whose owner has just proven to be present.
//!
//! A token belongs to a program, and a session may be on a desk that its owner has left. Therefore operations that give
//! power over an account, and those that move much money, require a password typed within the last five minutes, with
//! the code of the second factor if there is one. Signing in is such a proof, and `POST /session/proof` is another. The
//! table of routes (`access.rs`) lists the operations that require one; `unproven.rs` has the amounts.

use std::time::Duration;

use actix_web::http::StatusCode;
use serde_json::json;

use super::http::Problem;

/// The proof that an operation requires besides its permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// A session and a fresh proof.
    Proof,
    /// A session and, under this condition, a fresh proof. The route checks the condition in the body.
    ProofWhen(&'static str),
}

/// What is known about the person who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing: a program calls with a token.
    Token,
    /// A session whose last proof is too old.
    Session {
        /// Whether a proof requires the code of a second factor.
        has_totp: bool,
        /// How long a proof is fresh.
        lasts: Duration,
    },
    /// A session with a fresh proof.
    Proven,
}

/// The presence of the person who calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Presence {
    shown: Shown,
    /// Whether a second factor must be set up before anything else is allowed.
    pub(crate) factor_is_due: bool,
}

impl Presence {
    /// Creates a presence.
    pub(crate) const fn new(shown: Shown, factor_is_due: bool) -> Presence {
        Presence { shown, factor_is_due }
    }

    /// Returns whether there is a fresh proof.
    pub(crate) const fn is_proven(&self) -> bool {
        matches!(self.shown, Shown::Proven)
    }

    /// Fails unless there is a fresh proof.
    ///
    /// # Errors
    /// 403 `session_required`, `proof_required`.
    pub(crate) fn require(&self) -> Result<(), Problem> {
        match self.shown {
            Shown::Token => Err(session_required()),
            Shown::Session { has_totp, lasts } => {
                let factors = if has_totp { json!(["password", "totp"]) } else { json!(["password"]) };
                let detail = "confirm your identity with `POST /api/v1/session/proof`, then send this request again";
                Err(Problem::new(StatusCode::FORBIDDEN, "proof_required", detail)
                    .with_figure("factors", factors)
                    .with_figure("within_s", lasts.as_secs()))
            }
            Shown::Proven => Ok(()),
        }
    }
}

/// Returns 403: a token is not enough.
pub(crate) fn session_required() -> Problem {
    let detail = "a token cannot do this, whatever its scopes; sign in instead";
    Problem::new(StatusCode::FORBIDDEN, "session_required", detail)
}
