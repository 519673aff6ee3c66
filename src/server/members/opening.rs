//! Opening: reads the directory, sessions and tokens from the bank's records, with the keys beside them.

use std::collections::HashMap;
use std::sync::Arc;

use jangbu::{
    Bank, OwnerId,
    accounts::FREE_TRANSFERS_PER_DAY,
    records::{ApplicationRecord, RecordPut},
};
use parking_lot::RwLock;

use super::delays::Delays;
use super::devices::DeviceCookies;
use super::directory::Directory;
use super::end_signals::EndSignals;
use super::keys::{Keys, KeysError, Known};
use super::passwords::Hasher;
use super::sessions::{ActiveSession, Session};
use super::stored::{self, Stored, StoredMember, StoredSession, StoredToken};
use super::token_list::Token;
use super::{Cookies, Member, MemberError, MemberId, Members, MembersOpenError, TokenId};
use crate::server::audit::Audit;
use crate::server::config::Config;
use crate::server::time::Time;
use crate::server::turns::Turns;

/// How many records are read at a time.
const READ_AT_ONCE: usize = 1_000;
/// How many records are deleted at a time.
const DELETED_AT_ONCE: usize = jangbu::records::MAX_PUTS;

impl Members {
    /// Reads the bank's members.
    ///
    /// Expired sessions are deleted, and an interrupted erasure is completed.
    ///
    /// # Errors
    /// [`MembersOpenError::KeysMissing`] when members are sealed under keys that are not there.
    pub(crate) async fn open(
        bank: Bank,
        keys: Arc<Keys>,
        audit: Audit,
        config: Arc<Config>,
        time: Time,
    ) -> Result<Members, MembersOpenError> {
        let hasher = Hasher::new(config.passwords).map_err(MembersOpenError::Setting)?;
        let directory = directory(&bank, &keys, &config).await?;
        let fingerprint = bank.fingerprint().await?;
        let (cookies, device_cookies) = (Cookies::of(&config, &fingerprint), DeviceCookies::of(&config, &fingerprint));
        let members = Members {
            bank,
            keys,
            audit,
            config,
            cookies,
            device_cookies,
            time,
            hasher,
            delays: Delays::default(),
            failed_proofs: Delays::default(),
            endings: EndSignals::default(),
            directory: RwLock::new(directory),
            sessions: Arc::default(),
            tokens: Arc::default(),
            turns: Turns::default(),
            administrators: tokio::sync::Mutex::default(),
            beginning: tokio::sync::RwLock::default(),
        };
        members.open_sessions().await?;
        members.open_tokens().await?;
        Ok(members)
    }

    async fn open_sessions(&self) -> Result<(), MembersOpenError> {
        let now = self.time.now();
        let mut over = Vec::new();
        for record in all::<StoredSession>(&self.bank).await? {
            let (id, open) = (stored::session_id(&record), stored::open_part::<StoredSession>(&record));
            let (Some(id), Some(open)) = (id, open) else { return Err(unreadable::<StoredSession>(&record)) };
            let StoredSession { member, created_at, last_seen_at, generation } = open;
            let details = match stored::sealed_part::<StoredSession>(&self.keys, member, &record) {
                Ok(details) => details,
                // An erasure also ends sessions; this one was interrupted before.
                Err(KeysError::NoKey) => {
                    over.push(stored::delete(StoredSession::KIND, record.key, None));
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let (address, user_agent) = (details.address, details.user_agent);
            let proven_at = created_at;
            let session = Session { id, member, created_at, last_seen_at, address, user_agent, generation, proven_at };
            let is_good = self.find(member).is_some_and(|owner| session.is_of(&owner));
            if !is_good || session.is_over(self.config.sessions, now) {
                over.push(stored::delete(StoredSession::KIND, record.key, None));
            } else {
                self.sessions.add(ActiveSession::new(session, details.hash, record.version));
            }
        }
        self.delete(&over).await
    }

    async fn open_tokens(&self) -> Result<(), MembersOpenError> {
        let mut over = Vec::new();
        for record in all::<StoredToken>(&self.bank).await? {
            let (id, open) = (stored::token_id(&record), stored::open_part::<StoredToken>(&record));
            let (Some(id), Some(open)) = (id, open) else { return Err(unreadable::<StoredToken>(&record)) };
            match stored::sealed_part::<StoredToken>(&self.keys, open.member, &record) {
                Ok(details) => self.tokens.add(Token { id, open, details, version: record.version }),
                // An erasure also deletes tokens; this one was interrupted before.
                Err(KeysError::NoKey) => over.push(stored::delete(StoredToken::KIND, record.key, None)),
                Err(error) => return Err(error.into()),
            }
        }
        self.delete(&over).await
    }

    async fn delete(&self, records: &[RecordPut]) -> Result<(), MembersOpenError> {
        for chunk in records.chunks(DELETED_AT_ONCE) {
            self.bank.put_records(chunk.to_vec()).await.map_err(MembersOpenError::Write)?;
        }
        Ok(())
    }

    /// Rereads a member's record, because memory is behind the journal.
    pub(super) async fn reload(&self, id: MemberId) -> Result<(), MemberError> {
        let Some(record) = self.bank.record(StoredMember::KIND, &id.to_string()).await? else { return Ok(()) };
        let open = stored::open_part::<StoredMember>(&record).ok_or(KeysError::Sealed)?;
        let profile = match open.erased_at {
            None => Some(stored::sealed_part::<StoredMember>(&self.keys, id, &record)?),
            Some(_) => None,
        };
        self.directory.write().set(Member::of_record(id, open, profile, record.version));
        Ok(())
    }

    /// Rereads a token's record, because memory is behind the journal.
    pub(super) async fn reload_token(&self, id: TokenId) -> Result<(), MemberError> {
        let Some(record) = self.bank.record(StoredToken::KIND, &id.to_string()).await? else { return Ok(()) };
        let open = stored::open_part::<StoredToken>(&record).ok_or(KeysError::Sealed)?;
        let details = stored::sealed_part::<StoredToken>(&self.keys, open.member, &record)?;
        self.tokens.add(Token { id, open, details, version: record.version });
        Ok(())
    }
}

/// Reads the directory from the records.
async fn directory(bank: &Bank, keys: &Keys, config: &Config) -> Result<Directory, MembersOpenError> {
    let mut directory = Directory::default();
    let mut missing: Vec<MemberId> = Vec::new();
    // The ledger is authoritative: a crash can come between its record and the member's.
    let granted: HashMap<OwnerId, u32> = bank.free_transfers().await?.into_iter().collect();
    for record in all::<StoredMember>(bank).await? {
        let id = record.key.parse().ok();
        let (Some(id), Some(mut open)) = (id, stored::open_part::<StoredMember>(&record)) else {
            return Err(unreadable::<StoredMember>(&record));
        };
        let free = granted.get(&MemberId::owner(id)).copied();
        open.free_transfers_per_day = free.unwrap_or(FREE_TRANSFERS_PER_DAY);
        match (keys.known(id), open.erased_at) {
            // The record was written before a crash; the key must be destroyed nevertheless.
            (Known::Key, Some(_)) => {
                if let Err(error) = keys.erase(id) {
                    // The key is no longer used. The next successful write rewrites the files.
                    tracing::error!(member = %id, "an erasure is not finished, the key files may still have the key: {error}");
                }
            }
            (Known::Nothing, None) => missing.push(id),
            _ => {}
        }
        let profile = match keys.known(id) {
            Known::Key => Some(stored::sealed_part::<StoredMember>(keys, id, &record)?),
            _ => None,
        };
        directory.set(Member::of_record(id, open, profile, record.version));
    }
    if !keys.has_names() && missing.is_empty() {
        missing.extend(directory.all().filter(|member| !member.erased).map(|member| member.id));
    }
    match missing.first() {
        Some(&first) => {
            Err(MembersOpenError::KeysMissing { count: missing.len(), first, path: config.data.join("keys") })
        }
        None => Ok(directory),
    }
}

/// Reads all records of a kind.
async fn all<T: Stored>(bank: &Bank) -> Result<Vec<ApplicationRecord>, MembersOpenError> {
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = bank.records(T::KIND, "", after.as_deref(), READ_AT_ONCE).await?;
        found.extend(page.data);
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

fn unreadable<T: Stored>(record: &ApplicationRecord) -> MembersOpenError {
    MembersOpenError::Unreadable { kind: T::KIND.into(), key: record.key.clone() }
}
