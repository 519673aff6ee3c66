//! Erasure: everything personal about a member is destroyed, step by step, each of which can be repeated.
//!
//! The standing orders are cancelled first, while nothing of the member's can begin ([`Members::begin_nothing`]). Then one
//! record says that the member is erased. What is left then (sessions, tokens, the key) is taken away at once; what fails is
//! told, and taken up again by asking for the erasure once more, and at the next start.

use actix_web::http::StatusCode;
use jangbu::{Error, Refusal};

use super::stored::{self, Stored, StoredCredentials, StoredMember, USERNAME_KIND};
use super::{KeysError, Member, MemberId, Members, ScheduleEnd};
use crate::server::audit::{Actor, Entry};
use crate::server::http::Problem;

/// How often recording an erasure is tried when it meets another change of the member. Each try rests on the newest record.
const MOST_TRIES: usize = 8;

impl Members {
    /// Destroys everything personal about a member and cancels the member's standing orders. The ledger's facts stay, under
    /// the member's id. An erasure that was not finished is taken up where it stopped.
    ///
    /// # Errors
    /// 404 for an unknown member, 422 `last_admin`, 422 `erased` when there is nothing left to do; 503 `erasure_unfinished`
    /// when the member is erased and something could not be destroyed, with the figure `left`: then it has to be asked for
    /// again.
    pub(crate) async fn erase(&self, actor: &Actor, id: MemberId) -> Result<Member, Problem> {
        let _alone = self.administrators.lock().await;
        let member = self.find(id).ok_or_else(Problem::not_found)?;
        if !member.erased {
            let _nothing_begins = self.begin_nothing().await;
            self.keeps_an_administrator(&member, &Member { disabled: true, ..member.clone() })?;
            self.end_schedules(actor, id, ScheduleEnd::Cancel).await?;
            self.record_erasure(actor, id).await?;
        } else if !self.is_erasure_unfinished(id) && self.schedules_of(id).await?.is_empty() {
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "erased", "this member is erased"));
        }
        self.finish_erasure(actor, id).await
    }

    /// Whether the key files may still have the key of a member who is erased.
    pub(crate) fn is_erasure_unfinished(&self, id: MemberId) -> bool {
        self.find(id).is_some_and(|member| member.erased) && self.keys.needs_mending()
    }

    /// Records that the member is erased: from then on nobody is this member.
    async fn record_erasure(&self, actor: &Actor, id: MemberId) -> Result<(), Problem> {
        for _ in 0..MOST_TRIES {
            let before = self.find(id).ok_or_else(Problem::not_found)?;
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
                    self.endings.tell(id);
                    return Ok(());
                }
                Err(Error::Refused(Refusal::RecordConflict { .. })) => self.reload(id).await?,
                Err(other) => return Err(other.into()),
            }
        }
        Err(Problem::new(StatusCode::CONFLICT, "conflict", "this member is being changed; try again"))
    }

    /// Takes away what an erased member left. Everything is tried, whatever of it fails.
    async fn finish_erasure(&self, actor: &Actor, id: MemberId) -> Result<Member, Problem> {
        let member = self.find(id).ok_or_else(Problem::not_found)?;
        let keys = self.keys.clone();
        let key = tokio::task::spawn_blocking(move || keys.erase(id)).await.unwrap_or(Err(KeysError::NoKey));
        let steps = [
            ("keys", key.map_err(Problem::from)),
            ("schedules", self.end_schedules(actor, id, ScheduleEnd::Cancel).await.map(drop)),
            ("sessions", self.end(&self.sessions.ended_of(&member)).await),
            ("tokens", self.end_tokens_of_erased(id).await),
        ];
        let mut left = Vec::new();
        for (step, done) in steps {
            if let Err(problem) = done {
                tracing::error!(member = %id, "an erasure is not finished, {step} are left: {problem}");
                left.push(step);
            }
        }
        if left.is_empty() {
            return Ok(member);
        }
        let detail = format!("member {id} is erased, but this is left: {}; erase the member again", left.join(", "));
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "erasure_unfinished", detail);
        Err(problem.with_figure("left", left).with_figure("member", id.to_string()).with_retry_after(5))
    }
}
