//! API tokens: created, used, revoked.

use std::net::IpAddr;
use std::time::Duration;

use jangbu::{Position, Timestamp, records::RecordPut};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::names::readable_name;
use super::stored::{self, Stored, StoredToken, TokenDetails};
use super::token_list::{LastUse, Token};
use super::{KeysError, Member, MemberError, MemberId, Members, TokenId, secrets};
use crate::server::allowances;
use crate::server::audit::{Actor, Entry};
use crate::server::scopes::{Bounds, Scope};

/// The prefix of every token, by which leaked tokens are recognised.
const PREFIX: &str = "jb_";
/// The longest validity of a token.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3_600);
/// The most tokens of a member that are neither revoked nor expired.
const MOST_OF_A_MEMBER: usize = 50;
/// The shortest interval at which the last use of a token is written to the journal. Memory has it exactly. A crash
/// loses less than a day, which is accurate enough to find unused tokens, and a program in a loop does not write more.
const WRITTEN_EVERY: Duration = Duration::from_secs(24 * 3_600);
/// The most accounts, payees and addresses each in a token's restrictions.
const MOST_OF_A_BOUND: usize = 50;
/// The most currencies with a daily total.
const MOST_TOTALS: usize = 16;

/// A token to create.
#[derive(Debug)]
pub(crate) struct NewToken {
    /// The name given by the owner: 1 to 100 characters.
    pub(crate) name: String,
    /// The scopes.
    pub(crate) scopes: Vec<Scope>,
    /// The expiry: at most 366 days from now.
    pub(crate) expires_at: Timestamp,
    /// The restrictions of the token.
    pub(crate) bounds: Bounds,
}

impl Members {
    /// Creates a token of a member. Its secret is returned and never shown again.
    ///
    /// # Errors
    /// 400 for a field, 403 for a scope that the member's role does not allow, 422 `too_many_tokens`.
    pub(crate) async fn make_token(
        &self,
        actor: &Actor,
        member: &Member,
        new: NewToken,
    ) -> Result<(Token, SecretString), MemberError> {
        let now = self.time.now();
        let name = readable_name("name", &new.name)?;
        if new.scopes.is_empty() || new.scopes.len() > Scope::ALL.len() {
            return Err(MemberError::field("scopes", "invalid", "name at least one scope"));
        }
        if new.expires_at <= now || new.expires_at > now.after(LONGEST) {
            return Err(MemberError::field("expires_at", "invalid", "a time within the next 366 days"));
        }
        if !member.is_active() {
            return Err(MemberError::Disabled);
        }
        if !new.scopes.iter().all(|scope| scope.fits(member.role)) {
            return Err(MemberError::NotAllowed);
        }
        check_bounds(&new.bounds, &new.scopes)?;
        let _turn = self.turn(member.id).await;
        if self.tokens.all(Some(member.id)).iter().filter(|token| self.is_good(token)).count() >= MOST_OF_A_MEMBER {
            return Err(MemberError::TooManyTokens { most: MOST_OF_A_MEMBER });
        }
        let secret: SecretString = format!("{PREFIX}{}", secrets::random()?.expose_secret()).into();
        let token = Token {
            id: TokenId::random(),
            open: StoredToken {
                member: member.id,
                scopes: new.scopes,
                created_at: now,
                expires_at: new.expires_at,
                last_used_at: None,
                revoked_at: None,
                generation: member.generations.of_token(),
            },
            details: TokenDetails { hash: secrets::hash(&secret), name, bounds: new.bounds, last_used_from: None },
            version: Position::START,
        };
        let after = json!({
            "member": member.id,
            "scopes": token.open.scopes,
            "bounds": token.details.bounds,
            "expires_at": new.expires_at.to_string(),
        });
        let entry = about("token.created", token.id).with_values(None, after);
        let token = self.put_token(token, self.audit.records(actor, entry)?).await?;
        // A member who was signed out in the meantime has created a token whose generation is over, and which was never
        // valid.
        if !self.is_good(&token) {
            self.revoke_ended(member).await;
            return Err(MemberError::NotSignedIn);
        }
        Ok((token, secret))
    }

    /// Returns all tokens, or all of a member, newest first, including revoked and expired ones.
    pub(crate) fn tokens(&self, member: Option<MemberId>) -> Vec<Token> {
        self.tokens.all(member)
    }

    /// Revokes a token; of a member, if `owner` is given. Revoking it again has no effect.
    ///
    /// # Errors
    /// 404 when there is none of that id, or it is another's.
    pub(crate) async fn revoke_token(
        &self,
        actor: &Actor,
        owner: Option<MemberId>,
        id: TokenId,
    ) -> Result<Token, MemberError> {
        let found = self.tokens.find(id).filter(|token| owner.is_none_or(|owner| token.member() == owner));
        let token = found.ok_or(MemberError::NotFound)?;
        let revoked = self.revoke(token, || Ok(self.audit.records(actor, about("token.revoked", id))?)).await?;
        self.endings.signal(revoked.member());
        Ok(revoked)
    }

    /// Marks all tokens of a member that have ended as revoked. Where the mark cannot be written, the token is invalid
    /// nevertheless.
    pub(super) async fn revoke_ended(&self, member: &Member) {
        let all = self.tokens.all(Some(member.id)).into_iter();
        let ended = all.filter(|token| !member.generations.have_token(token.open.generation));
        futures::future::join_all(ended.map(|token| self.revoke(token, || Ok(Vec::new())))).await;
    }

    /// Marks a token as revoked, together with other records. It may be in use at the same time, which is recorded,
    /// too.
    async fn revoke(
        &self,
        mut token: Token,
        records: impl Fn() -> Result<Vec<RecordPut>, MemberError>,
    ) -> Result<Token, MemberError> {
        loop {
            if token.open.revoked_at.is_some() {
                return Ok(token);
            }
            let revoked_at = Some(self.time.now());
            let revoked = Token { open: StoredToken { revoked_at, ..token.open.clone() }, ..token.clone() };
            match self.put_token(revoked, records()?).await {
                Err(error) if error.is_conflict() => {
                    let version = token.version;
                    token = self.token_again(token).await?;
                    if token.version == version {
                        return Err(error);
                    }
                }
                written => return written,
            }
        }
    }

    /// Rereads a token from the journal.
    async fn token_again(&self, token: Token) -> Result<Token, MemberError> {
        let record = self.bank.record(StoredToken::KIND, &token.id.to_string()).await?.ok_or(MemberError::NotFound)?;
        let open = stored::open_part::<StoredToken>(&record).ok_or(MemberError::NotFound)?;
        let token = Token { open, version: record.version, ..token };
        self.tokens.add(token.clone());
        Ok(token)
    }

    /// Whether a token may be used.
    pub(super) fn is_good(&self, token: &Token) -> bool {
        let owner = self.find(token.member()).filter(Member::is_active);
        token.is_active(self.time.now())
            && owner.is_some_and(|owner| owner.generations.have_token(token.open.generation))
    }

    /// Returns the owner of a token that may be used from that address, and records its use.
    ///
    /// # Errors
    /// 401 `token_invalid`, 403 `token_bound` for one that is bound to other addresses.
    pub(super) fn use_token(&self, secret: &SecretString, from: IpAddr) -> Result<(Member, Token), MemberError> {
        let now = self.time.now();
        let found = self.tokens.by_hash(&secrets::hash(secret)).filter(|token| token.is_active(now));
        let mut token = found.ok_or(MemberError::TokenInvalid)?;
        let is_good = |member: &Member| member.is_active() && member.generations.have_token(token.open.generation);
        let member = self.find(token.member()).filter(is_good).ok_or(MemberError::TokenInvalid)?;
        if !token.details.bounds.admit_address(from) {
            return Err(MemberError::AddressNotAllowed);
        }
        let last = self.tokens.last_use(token.id).map(|last| last.at);
        self.tokens.used(token.id, LastUse { at: now, from });
        let is_old = |last: Timestamp| last.after(WRITTEN_EVERY) <= now;
        // Of several simultaneous requests one writes: the next one finds this use in memory.
        if token.open.last_used_at.is_none_or(is_old) && last.is_none_or(is_old) {
            token.open.last_used_at = Some(now);
            token.details.last_used_from = Some(from.to_string());
            self.write_use(token.clone());
        }
        Ok((member, token))
    }

    /// Records in the background that a token was used. It is not an error if it was revoked in the meantime.
    fn write_use(&self, token: Token) {
        let Ok(put) = self.token_record(&token) else { return };
        let (bank, tokens) = (self.bank.clone(), self.tokens.clone());
        tokio::spawn(async move {
            if let Ok(version) = bank.put_records(vec![put]).await {
                tokens.add(Token { version, ..token });
            }
        });
    }

    /// Deletes what remains of an erased member's tokens.
    pub(super) async fn end_tokens_of_erased(&self, member: MemberId) -> Result<(), MemberError> {
        let ids: Vec<_> = self.tokens.all(Some(member)).into_iter().map(|token| token.id).collect();
        for chunk in ids.chunks(jangbu::records::MAX_PUTS / 2) {
            chunk.iter().for_each(|id| self.tokens.remove(*id));
            let deleted = chunk.iter().flat_map(|id| {
                [StoredToken::KIND, allowances::KIND].map(|kind| stored::delete(kind, id.to_string(), None))
            });
            self.bank.put_records(deleted.collect()).await?;
        }
        Ok(())
    }

    pub(super) async fn put_token(&self, token: Token, mut puts: Vec<RecordPut>) -> Result<Token, MemberError> {
        let (key, member) = (token.id.to_string(), token.member());
        puts.push(stored::put(&self.keys, member, &key, &token.open, Some(&token.details), Some(token.version))?);
        let version = match self.put(puts).await {
            Ok(version) => version,
            Err(error) => {
                if error.is_conflict() {
                    // Memory may be behind the journal: a request that is abandoned at the token's first use leaves it
                    // so.
                    self.reload_token(token.id).await?;
                }
                return Err(error);
            }
        };
        let token = Token { version, ..token };
        self.tokens.add(token.clone());
        Ok(token)
    }

    fn token_record(&self, token: &Token) -> Result<RecordPut, KeysError> {
        let key = token.id.to_string();
        stored::put(&self.keys, token.member(), &key, &token.open, Some(&token.details), Some(token.version))
    }
}

/// Refuses restrictions that are too long, or that cannot be combined with a scope.
fn check_bounds(bounds: &Bounds, scopes: &[Scope]) -> Result<(), MemberError> {
    let lengths = [
        ("bounds.accounts", bounds.accounts.len(), MOST_OF_A_BOUND),
        ("bounds.payees", bounds.payees.len(), MOST_OF_A_BOUND),
        ("bounds.addresses", bounds.addresses.len(), MOST_OF_A_BOUND),
        ("bounds.per_day", bounds.per_day.len(), MOST_TOTALS),
    ];
    if let Some((field, _, most)) = lengths.into_iter().find(|(_, length, most)| length > most) {
        return Err(MemberError::field(field, "too_many", format!("at most {most}")));
    }
    let mut currencies: Vec<_> = bounds.per_day.iter().map(|total| total.currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    if currencies.len() < bounds.per_day.len() {
        return Err(MemberError::field("bounds.per_day", "repeated", "one total for each currency"));
    }
    let unfit = scopes.iter().find_map(|scope| Some((scope, bounds.unfit_for(*scope)?)));
    let Some((scope, bound)) = unfit else { return Ok(()) };
    let detail = format!("a token with the scope {} cannot have this restriction", scope.name());
    Err(MemberError::field(format!("bounds.{bound}"), "unfit", detail))
}

fn about(action: &str, id: TokenId) -> Entry {
    Entry {
        action: action.into(),
        object: "token".into(),
        id: id.to_string(),
        before: None,
        after: None,
        command: None,
    }
}
