//! The second factor: codes that change with the time (RFC 6238), each accepted once, and recovery codes.

use actix_web::http::StatusCode;
use jangbu::Timestamp;
use secrecy::SecretString;
use serde::Serialize;
use totp_rs::{Builder, Secret};
use utoipa::ToSchema;

use super::credentials::Versioned;
use super::stored::{Credentials, Totp};
use super::{KeysError, Member, Members, SessionId, secrets};
use crate::server::audit::{Actor, Entry};
use crate::server::http::Problem;

/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;
/// How many steps of 30 seconds a code may be off, either way.
const SKEW: u16 = 1;

/// A secret to be put into an authenticator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TotpOffer {
    /// The secret, in base 32.
    #[schema(value_type = String)]
    pub(crate) secret: String,
    /// The same as an `otpauth:` URI, for a QR code.
    pub(crate) uri: String,
}

impl Members {
    /// Makes a secret, which is in force once a code of it is confirmed.
    ///
    /// # Errors
    /// 422 `totp_enabled` when there is a second factor already.
    pub(crate) async fn offer_totp(&self, actor: &Actor, member: &Member) -> Result<TotpOffer, Problem> {
        let mut found = self.credentials(member.id).await?.ok_or_else(Problem::not_found)?;
        if found.credentials.totp.is_some() {
            return Err(refused("totp_enabled", "there is a second factor already; disable it first"));
        }
        let mut bytes = [0; 20];
        getrandom::fill(&mut bytes).map_err(|_| KeysError::Random)?;
        let secret = Secret::from(&bytes[..]).to_base32();
        let uri = totp(&secret, &member.username, &self.config.name)?.to_url().map_err(|_| KeysError::Sealed)?;
        found.credentials.totp_offered = Some(secret.clone());
        // Whoever was signed out meanwhile offers nothing: what ends sessions after this also changes the credentials, or
        // leaves nobody to confirm the offer.
        if self.active(member.id)?.generations != member.generations {
            return Err(Problem::unauthorised());
        }
        let mut puts = self.audit.records(actor, Entry::about("member.totp_offered", member.id))?;
        puts.push(self.credentials_record(member.id, &found)?);
        self.put(puts).await?;
        Ok(TotpOffer { secret, uri })
    }

    /// Puts the offered secret in force, ends every session but the one in which that is done, and returns the recovery
    /// codes.
    ///
    /// # Errors
    /// 422 `totp_wrong` for a code that is not of the secret, `totp_not_begun` without an offer.
    pub(crate) async fn confirm_totp(
        &self,
        actor: &Actor,
        member: &Member,
        session: SessionId,
        code: &str,
    ) -> Result<Vec<SecretString>, Problem> {
        let mut found = self.credentials(member.id).await?.ok_or_else(Problem::not_found)?;
        let Some(secret) = found.credentials.totp_offered.take() else {
            return Err(refused("totp_not_begun", "ask for a secret first"));
        };
        let Some(step) = step_of(&secret, code, self.time.now())? else {
            return Err(refused("totp_wrong", "the code is not of this secret and this time"));
        };
        let codes: Result<Vec<SecretString>, KeysError> = (0..RECOVERY_CODES).map(|_| secrets::typed(4)).collect();
        let codes = codes?;
        found.credentials.totp = Some(Totp { secret, last_step: step });
        found.credentials.recovery = codes.iter().map(secrets::hash).collect();
        // Sessions that were begun without it end.
        let generations = member.generations.sessions_over(Some(session));
        let changed = Member { has_totp: true, generations, ..member.clone() };
        let mut puts = self.audit.records(actor, Entry::about("member.totp_enabled", member.id))?;
        puts.push(self.credentials_record(member.id, &found)?);
        let changed = self.put_member(changed, puts).await?;
        self.clear_away(&changed).await?;
        Ok(codes)
    }

    /// Takes the second factor away, for its owner.
    ///
    /// # Errors
    /// 422 `totp_disabled` when there is none.
    pub(crate) async fn disable_totp(&self, actor: &Actor, member: &Member) -> Result<(), Problem> {
        let found = self.credentials(member.id).await?.ok_or_else(Problem::not_found)?;
        self.drop_totp(actor, member.clone(), found).await?;
        Ok(())
    }

    /// Writes down that a member, who is otherwise as is said, has no second factor any more.
    ///
    /// # Errors
    /// 422 `totp_disabled` when there is none.
    pub(super) async fn drop_totp(
        &self,
        actor: &Actor,
        member: Member,
        mut found: Versioned,
    ) -> Result<Member, Problem> {
        if found.credentials.totp.is_none() {
            return Err(refused("totp_disabled", "there is no second factor"));
        }
        found.credentials.totp = None;
        found.credentials.totp_offered = None;
        found.credentials.recovery.clear();
        let mut puts = self.audit.records(actor, Entry::about("member.totp_disabled", member.id))?;
        puts.push(self.credentials_record(member.id, &found)?);
        self.put_member(Member { has_totp: false, ..member }, puts).await
    }
}

/// What a second factor proved.
pub(super) enum Proof {
    /// No second factor is asked for.
    NotAsked,
    /// It was right; the credentials have to be written, so that it is not right again.
    Used,
    /// It is asked for and was not given.
    Missing,
    /// It was wrong, or used already.
    Wrong,
}

impl Credentials {
    /// Compares a code or a recovery code, and uses it up.
    pub(super) fn prove(
        &mut self,
        code: Option<&str>,
        recovery_code: Option<&str>,
        now: Timestamp,
    ) -> Result<Proof, Problem> {
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

/// The hash of a recovery code as it was typed.
fn recovery_hash(code: &str) -> String {
    secrets::hash(&code.trim().to_lowercase().into())
}

/// The step that the code is of: this one, the one before or the one after.
fn step_of(secret: &str, code: &str, now: Timestamp) -> Result<Option<u64>, Problem> {
    let now_s = u64::try_from(now.as_ns() / 1_000_000_000).unwrap_or_default();
    Ok(totp(secret, "member", "bank")?.check(code.trim(), now_s))
}

/// A second factor, as authenticators show it: by the name of the bank, and by that of the member at it.
fn totp(secret: &str, account: &str, bank: &str) -> Result<totp_rs::Totp, Problem> {
    // A colon parts the two.
    let issuer = bank.replace(':', " ");
    let secret = Secret::try_from_base32(secret).map_err(|_| KeysError::Sealed)?;
    let builder = Builder::new().with_secret(secret).with_skew(SKEW).with_account_name(account);
    Ok(builder.with_issuer(Some(issuer.trim())).build().map_err(|_| KeysError::Sealed)?)
}

/// 422: the code does not prove anything.
pub(super) fn wrong() -> Problem {
    refused("totp_wrong", "the code is wrong, or was used already")
}

/// 422 with that code.
pub(super) fn refused(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
}

/// The code of a secret at a time, as an authenticator shows it.
#[cfg(test)]
pub(crate) fn code_at(secret: &str, now: Timestamp) -> String {
    let now_s = u64::try_from(now.as_ns() / 1_000_000_000).unwrap();
    totp(secret, "member", "bank").unwrap().generate(now_s).to_string()
}
