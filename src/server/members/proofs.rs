//! A signed-in member proves to be present again, by password and second factor.

use secrecy::SecretString;

use super::second_factor::Proof;
use super::{AttemptFrom, FactorError, Member, MemberError, Members, SessionId};

/// The factors of a proof.
#[derive(Debug)]
pub(crate) struct ProofAttempt {
    /// The password.
    pub(crate) password: SecretString,
    /// The code of the second factor.
    pub(crate) totp: Option<String>,
    /// A recovery code, instead of a code.
    pub(crate) recovery_code: Option<String>,
}

impl Members {
    /// Accepts a proof for a session, which is then fresh.
    ///
    /// After a wrong proof the next attempt must wait. Failures count until all factors are proven.
    ///
    /// # Errors
    /// 422 `wrong_password`, `totp_required`, `totp_wrong`; 401 and 409 when the credentials changed meanwhile; 429 after
    /// too many failures; 503 when too many passwords are being hashed.
    pub(crate) async fn prove(
        &self,
        member: &Member,
        session: SessionId,
        shown: ProofAttempt,
    ) -> Result<(), MemberError> {
        let mut found = self.with_password(member, session, shown.password, "password").await?;
        match found.credentials.prove(shown.totp.as_deref(), shown.recovery_code.as_deref(), self.time.now())? {
            Proof::NotAsked => {}
            Proof::Used => {
                // The same code twice at once: another request used it first.
                let put = self.put(vec![self.credentials_record(member.id, &found)?]).await;
                let wrong = MemberError::ProofFactor(FactorError::Wrong);
                put.map_err(|error| if error.is_conflict() { wrong } else { error })?;
            }
            Proof::Missing => {
                self.failed_proofs.take_back(&session.to_string(), AttemptFrom::SignedIn(member.id));
                return Err(MemberError::ProofFactor(FactorError::Missing));
            }
            Proof::Wrong => return Err(MemberError::ProofFactor(FactorError::Wrong)),
        }
        self.failed_proofs.forget(&session.to_string());
        // A password that has been replaced in the meantime proves nothing.
        if self.active(member.id)?.generations != member.generations {
            return Err(MemberError::CredentialsChanged);
        }
        self.sessions.proven(session, self.time.now());
        Ok(())
    }
}
