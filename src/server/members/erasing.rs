//! Erasure: destroys everything personal about a member in steps that can each be repeated.
//!
//! The schedules are cancelled first, while the member can begin nothing ([`Members::begin_nothing`]). Then one record
//! marks the member as erased. What remains (sessions, tokens, the key) is removed at once. If that fails, the error is
//! reported, and the erasure continues when it is requested again and at the next start.

use jangbu::{Error, Refusal};

use super::stored::{self, Stored, StoredCredentials, StoredMember, USERNAME_KIND};
use super::{KeysError, Member, MemberError, MemberId, Members, ScheduleEnd};
use crate::server::audit::{Actor, Entry};

/// How often recording an erasure is attempted when another change of the member interferes. Each attempt uses the
/// newest record.
const MOST_TRIES: usize = 8;

impl Members {
    /// Destroys everything personal about a member and cancels the member's schedules. The ledger's records stay, under
    /// the member's id. An unfinished erasure continues where it stopped.
    ///
    /// # Errors
    /// 404 for an unknown member, 422 `last_admin`, 422 `erased` when there is nothing left to do; 503 `erasure_unfinished`
    /// when the member is erased and something could not be destroyed, with the figure `left`: then it has to be asked for
    /// again.
    pub(crate) async fn erase(&self, actor: &Actor, id: MemberId) -> Result<Member, MemberError> {
        let _alone = self.administrators.lock().await;
        let member = self.find(id).ok_or(MemberError::NotFound)?;
        if !member.erased {
            let _nothing_begins = self.begin_nothing().await;
            self.keeps_an_administrator(&member, &Member { disabled: true, ..member.clone() })?;
            self.end_schedules(actor, id, ScheduleEnd::Cancel).await?;
            self.record_erasure(actor, id).await?;
        } else if !self.is_erasure_unfinished(id) && self.schedules_of(id).await?.is_empty() {
            return Err(MemberError::Erased);
        }
        self.finish_erasure(actor, id).await
    }

    /// Whether the key files may still contain the key of an erased member.
    pub(crate) fn is_erasure_unfinished(&self, id: MemberId) -> bool {
        self.find(id).is_some_and(|member| member.erased) && self.keys.needs_mending()
    }

    /// Records that the member is erased. From then on nobody can be this member.
    async fn record_erasure(&self, actor: &Actor, id: MemberId) -> Result<(), MemberError> {
        for _ in 0..MOST_TRIES {
            let before = self.find(id).ok_or(MemberError::NotFound)?;
            let over = Member { generations: before.generations.all_over(), ..before.clone() };
            let (mut open, _) = over.to_record();
            open.erased_at = Some(self.time.now());
            open.totp = false;
            let key = id.to_string();
            let mut puts = self.audit.records(actor, Entry::about("member.erased", id))?;
            puts.push(stored::put::<StoredMember>(&self.keys, id, &key, &open, None, Some(before.version))?);
            puts.push(stored::delete(StoredCredentials::KIND, key, None));
            puts.push(stored::delete(USERNAME_KIND, self.keys.hash_name(&before.username.to_lowercase())?, None));
            match self.bank.put_records(puts).await {
                Ok(version) => {
                    self.directory.write().set(Member::of_record(id, open, None, version));
                    self.delays.forget(&before.username);
                    self.endings.signal(id);
                    return Ok(());
                }
                Err(Error::Refused(Refusal::RecordConflict { .. })) => self.reload(id).await?,
                Err(other) => return Err(other.into()),
            }
        }
        Err(MemberError::BeingChanged)
    }

    /// Removes what remains of an erased member. Every step is tried, whichever fails.
    async fn finish_erasure(&self, actor: &Actor, id: MemberId) -> Result<Member, MemberError> {
        let member = self.find(id).ok_or(MemberError::NotFound)?;
        let keys = self.keys.clone();
        let key = tokio::task::spawn_blocking(move || keys.erase(id)).await.unwrap_or(Err(KeysError::NoKey));
        let steps = [
            ("keys", key.map_err(MemberError::from)),
            ("schedules", self.end_schedules(actor, id, ScheduleEnd::Cancel).await.map(drop)),
            ("sessions", self.end(&self.sessions.ended_of(&member)).await),
            ("tokens", self.end_tokens_of_erased(id).await),
        ];
        let mut left = Vec::new();
        for (step, done) in steps {
            if let Err(error) = done {
                tracing::error!(member = %id, "an erasure is not finished, {step} remain: {error}");
                left.push(step);
            }
        }
        if left.is_empty() { Ok(member) } else { Err(MemberError::ErasureUnfinished { member: id, left }) }
    }
}
