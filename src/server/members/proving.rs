//! A signed-in member proves once more to be there, by password and second factor.

use actix_web::http::StatusCode;
use secrecy::SecretString;

use super::second_factor::{self, Proof};
use super::{Member, Members, SessionId, Tries};
use crate::server::http::Problem;

/// What is shown as a proof.
#[derive(Debug)]
pub(crate) struct Proving {
    /// The password.
    pub(crate) password: SecretString,
    /// The code of the second factor.
    pub(crate) totp: Option<String>,
    /// A recovery code instead.
    pub(crate) recovery_code: Option<String>,
}

impl Members {
    /// Takes a proof for a session, which is fresh from now on.
    ///
    /// Wrong ones make the next try wait, and count until all factors are proven.
    ///
    /// # Errors
    /// 422 `wrong_password`, `totp_required`, `totp_wrong`; 401 and 409 when the credentials changed meanwhile; 429 after
    /// too many failures; 503 when too many passwords are being hashed.
    pub(crate) async fn prove(&self, member: &Member, session: SessionId, shown: Proving) -> Result<(), Problem> {
        let mut found = self.with_password(member, session, shown.password, "password").await?;
        match found.credentials.prove(shown.totp.as_deref(), shown.recovery_code.as_deref(), self.time.now())? {
            Proof::NotAsked => {}
            Proof::Used => {
                // The same code twice at once: one of them was first.
                let put = self.put(vec![self.credentials_record(member.id, &found)?]).await;
                put.map_err(|problem| if problem.code() == "conflict" { second_factor::wrong() } else { problem })?;
            }
            Proof::Missing => {
                self.failed_proofs.take_back(&session.to_string(), Tries::SignedIn(member.id));
                let detail = "a code of the second factor is needed too";
                return Err(second_factor::refused("totp_required", detail));
            }
            Proof::Wrong => return Err(second_factor::wrong()),
        }
        self.failed_proofs.forget(&session.to_string());
        // By a password that is another one by now nobody has proven anything.
        if self.active(member.id)?.generations != member.generations {
            let detail = "the credentials were changed meanwhile; try again";
            return Err(Problem::new(StatusCode::CONFLICT, "conflict", detail));
        }
        self.sessions.proven(session, self.time.now());
        Ok(())
    }
}
