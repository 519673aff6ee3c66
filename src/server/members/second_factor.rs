//! The second factor: time-based codes (RFC 6238), each accepted once, and recovery codes.

use jangbu::Timestamp;
use secrecy::SecretString;
use serde::Serialize;
use totp_rs::{Builder, Secret};
use utoipa::ToSchema;

use super::credentials::Versioned;
use super::stored::{Credentials, Totp};
use super::{KeysError, Member, MemberError, Members, SessionId, secrets};
use crate::server::audit::{Actor, Entry};

/// The number of recovery codes.
const RECOVERY_CODES: usize = 10;
/// How many steps of 30 seconds a code may be off, in either direction.
const SKEW: u16 = 1;

/// A secret for an authenticator app.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TotpOffer {
    /// The secret, in base 32.
    #[schema(value_type = String)]
    pub(crate) secret: String,
    /// The same as an `otpauth:` URI, for a QR code.
    pub(crate) uri: String,
}

impl Members {
    /// Creates a secret, which takes effect when one of its codes is confirmed.
    ///
    /// # Errors
    /// 422 `totp_enabled` when there is a second factor already.
    pub(crate) async fn offer_totp(&self, actor: &Actor, member: &Member) -> Result<TotpOffer, MemberError> {
        let mut found = self.credentials(member.id).await?.ok_or(MemberError::NotFound)?;
        if found.credentials.totp.is_some() {
            return Err(MemberError::TotpEnabled);
        }
        let mut bytes = [0; 20];
        getrandom::fill(&mut bytes).map_err(|_| KeysError::Random)?;
        let secret = Secret::from(&bytes[..]).to_base32();
        let uri = totp(&secret, &member.username, &self.config.name)?.to_url().map_err(|_| KeysError::Sealed)?;
        found.credentials.totp_offered = Some(secret.clone());
        // A member who was signed out in the meantime cannot offer a secret. Whatever ends sessions after this also
        // changes the credentials, or leaves nobody to confirm the offer.
        if self.active(member.id)?.generations != member.generations {
            return Err(MemberError::NotSignedIn);
        }
        let mut puts = self.audit.records(actor, Entry::about("member.totp_offered", member.id))?;
        puts.push(self.credentials_record(member.id, &found)?);
        self.put(puts).await?;
        Ok(TotpOffer { secret, uri })
    }

    /// Puts the offered secret into effect, ends all sessions except the current one, and returns the recovery codes.
    ///
    /// # Errors
    /// 422 `totp_wrong` for a code that is not of the secret, `totp_not_begun` without an offer.
    pub(crate) async fn confirm_totp(
        &self,
        actor: &Actor,
        member: &Member,
        session: SessionId,
        code: &str,
    ) -> Result<Vec<SecretString>, MemberError> {
        let mut found = self.credentials(member.id).await?.ok_or(MemberError::NotFound)?;
        let Some(secret) = found.credentials.totp_offered.take() else {
            return Err(MemberError::TotpNotBegun);
        };
        let Some(step) = step_of(&secret, code, self.time.now())? else {
            return Err(MemberError::TotpNotConfirmed);
        };
        let codes: Result<Vec<SecretString>, KeysError> = (0..RECOVERY_CODES).map(|_| secrets::typed(4)).collect();
        let codes = codes?;
        found.credentials.totp = Some(Totp { secret, last_step: step });
        found.credentials.recovery = codes.iter().map(secrets::hash).collect();
        // Sessions that began without the second factor end.
        let generations = member.generations.sessions_over(Some(session));
        let changed = Member { has_totp: true, generations, ..member.clone() };
        let mut puts = self.audit.records(actor, Entry::about("member.totp_enabled", member.id))?;
        puts.push(self.credentials_record(member.id, &found)?);
        let changed = self.put_member(changed, puts).await?;
        self.clear_away(&changed).await?;
        Ok(codes)
    }

    /// Removes the second factor, for its owner.
    ///
    /// # Errors
    /// 422 `totp_disabled` when there is none.
    pub(crate) async fn disable_totp(&self, actor: &Actor, member: &Member) -> Result<(), MemberError> {
        let found = self.credentials(member.id).await?.ok_or(MemberError::NotFound)?;
        self.drop_totp(actor, member.clone(), found).await?;
        Ok(())
    }

    /// Records that a member has no second factor any more. `member` is the member apart from that.
    ///
    /// # Errors
    /// 422 `totp_disabled` when there is none.
    pub(super) async fn drop_totp(
        &self,
        actor: &Actor,
        member: Member,
        mut found: Versioned,
    ) -> Result<Member, MemberError> {
        if found.credentials.totp.is_none() {
            return Err(MemberError::TotpDisabled);
        }
        found.credentials.totp = None;
        found.credentials.totp_offered = None;
        found.credentials.recovery.clear();
        let mut puts = self.audit.records(actor, Entry::about("member.totp_disabled", member.id))?;
        puts.push(self.credentials_record(member.id, &found)?);
        self.put_member(Member { has_totp: false, ..member }, puts).await
    }
}

/// The result of checking a second factor.
pub(super) enum Proof {
    /// No second factor is set up.
    NotAsked,
    /// It was right. The credentials must be written so that it cannot be used again.
    Used,
    /// It is required and was not given.
    Missing,
    /// It was wrong, or used before.
    Wrong,
}

impl Credentials {
    /// Checks a code or a recovery code, and uses it up.
    pub(super) fn prove(
        &mut self,
        code: Option<&str>,
        recovery_code: Option<&str>,
        now: Timestamp,
    ) -> Result<Proof, MemberError> {
        let Some(totp) = &mut self.totp else { return Ok(Proof::NotAsked) };
        match (code, recovery_code) {
            (Some(code), _) => match step_of(&totp.secret, code, now)? {
                Some(step) if step > totp.last_step => {
                    totp.last_step = step;
                    Ok(Proof::Used)
                }
                _ => Ok(Proof::Wrong),
            },
            (None, Some(code)) => {
                let hash = recovery_hash(code);
                let before = self.recovery.len();
                self.recovery.retain(|left| *left != hash);
                Ok(if self.recovery.len() < before { Proof::Used } else { Proof::Wrong })
            }
            (None, None) => Ok(Proof::Missing),
        }
    }
}

/// Returns the hash of a recovery code as it was typed.
fn recovery_hash(code: &str) -> String {
    secrets::hash(&code.trim().to_lowercase().into())
}

/// Returns the step that the code belongs to: the current one, the previous or the next.
fn step_of(secret: &str, code: &str, now: Timestamp) -> Result<Option<u64>, MemberError> {
    let now_s = u64::try_from(now.as_ns() / 1_000_000_000).unwrap_or_default();
    Ok(totp(secret, "member", "bank")?.check(code.trim(), now_s))
}

/// Makes a second factor, as authenticators show it: with the names of the bank and the member.
fn totp(secret: &str, account: &str, bank: &str) -> Result<totp_rs::Totp, MemberError> {
    // A colon separates the two.
    let issuer = bank.replace(':', " ");
    let secret = Secret::try_from_base32(secret).map_err(|_| KeysError::Sealed)?;
    let builder = Builder::new().with_secret(secret).with_skew(SKEW).with_account_name(account);
    Ok(builder.with_issuer(Some(issuer.trim())).build().map_err(|_| KeysError::Sealed)?)
}

/// The code of a secret at a time, as an authenticator shows it.
#[cfg(test)]
pub(crate) fn code_at(secret: &str, now: Timestamp) -> String {
    let now_s = u64::try_from(now.as_ns() / 1_000_000_000).unwrap();
    totp(secret, "member", "bank").unwrap().generate(now_s).to_string()
}
