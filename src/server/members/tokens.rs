//! API tokens: made, used, revoked.

use std::time::Duration;

use actix_web::http::StatusCode;
use jangbu::{Position, RecordPut, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::names::readable_name;
use super::stored::{self, Stored, StoredToken, TokenDetails};
use super::token_list::Token;
use super::{Member, MemberId, Members, TokenId, secrets};
use crate::server::audit::{Actor, Entry};
use crate::server::http::Problem;
use crate::server::principal::{Role, Scope};

/// What every token begins with, so that it is recognised where it was left lying about.
const PREFIX: &str = "jb_";
/// The longest that a token may be valid.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3_600);
/// The most tokens of a member that are neither revoked nor expired.
const MOST_OF_A_MEMBER: usize = 50;
/// When a token was last used goes to the journal at most this often.
const WRITTEN_EVERY: Duration = Duration::from_secs(300);

/// A token to be made.
#[derive(Debug)]
pub(crate) struct NewToken {
    /// What its owner calls it: 1 to 100 characters.
    pub(crate) name: String,
    /// What it may be used for.
    pub(crate) scopes: Vec<Scope>,
    /// Until when: at most 366 days.
    pub(crate) expires_at: Timestamp,
}

impl Members {
    /// Makes a token of a member. Its secret is returned and never shown again.
    ///
    /// # Errors
    /// 400 for a field, 403 for a scope that the member's role does not allow, 422 `too_many_tokens`.
    pub(crate) async fn make_token(
        &self,
        actor: &Actor,
        member: &Member,
        new: NewToken,
    ) -> Result<(Token, SecretString), Problem> {
        let now = self.time.now();
        let name = readable_name("name", &new.name)?;
        if new.scopes.is_empty() || new.scopes.len() > 8 {
            return Err(Problem::invalid_field("scopes", "invalid", "name what the token is for"));
        }
        if new.expires_at <= now || new.expires_at > now.after(LONGEST) {
            return Err(Problem::invalid_field("expires_at", "invalid", "a time within the next 366 days"));
        }
        if !member.is_active() {
            let detail = "this member may not sign in";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "member_disabled", detail));
        }
        if !new.scopes.iter().all(|scope| is_within(*scope, member.role)) {
            return Err(Problem::forbidden());
        }
        let _turn = self.turn(member.id).await;
        if self.tokens.all(Some(member.id)).iter().filter(|token| self.is_good(token)).count() >= MOST_OF_A_MEMBER {
            let detail = "revoke one of your tokens first";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_tokens", detail)
                .with_figure("most", MOST_OF_A_MEMBER));
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
            details: TokenDetails { hash: secrets::hash(&secret), name },
            version: Position::START,
        };
        let after =
            json!({ "member": member.id, "scopes": token.open.scopes, "expires_at": new.expires_at.to_string() });
        let entry = about("token.created", token.id).with_values(None, after);
        let token = self.put_token(token, self.audit.records(actor, entry)?).await?;
        // Whoever was signed out meanwhile has made a token of a generation that is over, and never was good.
        if !self.is_good(&token) {
            self.revoke_ended(member).await;
            return Err(Problem::unauthorised());
        }
        Ok((token, secret))
    }

    /// Every token, or every one of a member, the newest first; revoked and expired ones too.
    pub(crate) fn tokens(&self, member: Option<MemberId>) -> Vec<Token> {
        self.tokens.all(member)
    }

    /// Revokes a token, of a member's if one is given. Revoking it again changes nothing.
    ///
    /// # Errors
    /// 404 when there is none of that id, or it is another's.
    pub(crate) async fn revoke_token(
        &self,
        actor: &Actor,
        owner: Option<MemberId>,
        id: TokenId,
    ) -> Result<Token, Problem> {
        let found = self.tokens.find(id).filter(|token| owner.is_none_or(|owner| token.member() == owner));
        let token = found.ok_or_else(Problem::not_found)?;
        let revoked = self.revoke(token, || self.audit.records(actor, about("token.revoked", id))).await?;
        self.endings.tell(revoked.member());
        Ok(revoked)
    }

    /// Writes down of every token of a member's that has ended that it is revoked. Those of which it cannot be written are
    /// no better for that.
    pub(super) async fn revoke_ended(&self, member: &Member) {
        let all = self.tokens.all(Some(member.id)).into_iter();
        let ended = all.filter(|token| !member.generations.have_token(token.open.generation));
        futures::future::join_all(ended.map(|token| self.revoke(token, || Ok(Vec::new())))).await;
    }

    /// Writes down that a token is revoked, with records that belong to it. It may be in use meanwhile, which is written down
    /// too.
    async fn revoke(
        &self,
        mut token: Token,
        records: impl Fn() -> Result<Vec<RecordPut>, Problem>,
    ) -> Result<Token, Problem> {
        loop {
            if token.open.revoked_at.is_some() {
                return Ok(token);
            }
            let revoked_at = Some(self.time.now());
            let revoked = Token { open: StoredToken { revoked_at, ..token.open.clone() }, ..token.clone() };
            match self.put_token(revoked, records()?).await {
                Err(problem) if problem.code() == "conflict" => {
                    let version = token.version;
                    token = self.token_again(token).await?;
                    if token.version == version {
                        return Err(problem);
                    }
                }
                written => return written,
            }
        }
    }

    /// A token as the journal has it.
    async fn token_again(&self, token: Token) -> Result<Token, Problem> {
        let record =
            self.bank.record(StoredToken::KIND, &token.id.to_string()).await?.ok_or_else(Problem::not_found)?;
        let open = stored::open_part::<StoredToken>(&record).ok_or_else(Problem::not_found)?;
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

    /// Whose token that is, which may be used; notes that it was.
    pub(super) async fn use_token(&self, secret: &SecretString) -> Result<(Member, Token), Problem> {
        let now = self.time.now();
        let found = self.tokens.by_hash(&secrets::hash(secret)).filter(|token| token.is_active(now));
        let mut token = found.ok_or_else(Problem::unauthorised)?;
        let member = self.active(token.member())?;
        if !member.generations.have_token(token.open.generation) {
            return Err(Problem::unauthorised());
        }
        // A password that has to be changed cannot be changed with a token: `Principal::require` refuses the rest.
        if token.open.last_used_at.is_none_or(|last| last.after(WRITTEN_EVERY) <= now) {
            token.open.last_used_at = Some(now);
            // Of several requests at once one writes; that the others do not, or that it was revoked, is no error.
            if let Ok(written) = self.put_token(token.clone(), Vec::new()).await {
                token = written;
            }
        }
        Ok((member, token))
    }

    /// Deletes what is left of an erased member's tokens.
    pub(super) async fn end_tokens_of_erased(&self, member: MemberId) -> Result<(), Problem> {
        let ids: Vec<_> = self.tokens.all(Some(member)).into_iter().map(|token| token.id).collect();
        for chunk in ids.chunks(jangbu::MAX_PUTS) {
            chunk.iter().for_each(|id| self.tokens.remove(*id));
            let deleted = chunk.iter().map(|id| stored::delete(StoredToken::KIND, id.to_string(), None));
            self.bank.put_records(deleted.collect()).await?;
        }
        Ok(())
    }

    pub(super) async fn put_token(&self, token: Token, mut puts: Vec<RecordPut>) -> Result<Token, Problem> {
        let (key, member) = (token.id.to_string(), token.member());
        puts.push(stored::put(&self.keys, member, &key, &token.open, Some(&token.details), Some(token.version))?);
        let version = match self.put(puts).await {
            Ok(version) => version,
            Err(problem) => {
                if problem.code() == "conflict" {
                    // Memory may be what is behind: a request that is given up at its token's first use leaves it so.
                    self.reload_token(token.id).await?;
                }
                return Err(problem);
            }
        };
        let token = Token { version, ..token };
        self.tokens.add(token.clone());
        Ok(token)
    }
}

/// Whether a role allows anything that the scope is for.
const fn is_within(scope: Scope, role: Role) -> bool {
    use crate::server::principal::Permission;
    match scope {
        Scope::Read => true,
        Scope::Transfer => role.allows(Permission::MoveOwn),
        Scope::Batch => role.allows(Permission::Batch),
        Scope::Counter => role.allows(Permission::Counter),
        Scope::Admin => role.allows(Permission::Administer),
    }
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
