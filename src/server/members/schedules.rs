//! The schedules of a member who is disabled or erased, and a lock so that such a member can begin nothing.
//!
//! A request may be admitted just before its member is erased: the account that it opens would belong to nobody, and
//! its schedule would go on paying. So whoever creates something permanent holds [`Members::while_active`], and nobody
//! is disabled or erased until it is released.

use jangbu::{
    Command, CommandId, Refusal,
    schedules::{ChangeSchedule, ScheduleChange, ScheduleStatus, StandingOrder},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::{RwLockReadGuard, RwLockWriteGuard};
use utoipa::ToSchema;

use super::{MemberError, MemberId, Members};
use crate::server::audit::{Actor, Entry};

/// How many accounts or schedules are read at a time.
const READ_AT_ONCE: usize = 1_000;
/// How many schedules are ended at a time, well below what a bank admits at once.
const ENDED_AT_ONCE: usize = 64;
/// The most schedule ids in an audit entry, which also has the number of all.
const MOST_NAMED: usize = 20;

/// What happens to the schedules of a member who is disabled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScheduleEnd {
    /// The schedules continue.
    Keep,
    /// The schedules pause until the member is enabled again and resumes them.
    #[default]
    Pause,
    /// The schedules are cancelled for good.
    Cancel,
}

impl Members {
    /// Lets a member begin something permanent: nobody is disabled or erased until the guard is dropped.
    ///
    /// # Errors
    /// 401 for a member who was disabled or erased since the request was let in.
    pub(crate) async fn while_active(&self, id: MemberId) -> Result<RwLockReadGuard<'_, ()>, MemberError> {
        let guard = self.beginning.read().await;
        self.active(id)?;
        Ok(guard)
    }

    /// The same for something that is given to a member, who may be disabled.
    ///
    /// # Errors
    /// 422 `erased`.
    pub(crate) async fn while_not_erased(&self, id: MemberId) -> Result<RwLockReadGuard<'_, ()>, MemberError> {
        let guard = self.beginning.read().await;
        match self.find(id) {
            Some(member) if member.erased => Err(MemberError::Erased),
            _ => Ok(guard),
        }
    }

    /// Waits for everything in progress, and lets nobody begin anything permanent until the guard is dropped.
    pub(super) async fn begin_nothing(&self) -> RwLockWriteGuard<'_, ()> {
        self.beginning.write().await
    }

    /// Returns the schedules that can still run and pay from a member's accounts.
    ///
    /// # Errors
    /// As the bank's.
    pub(crate) async fn schedules_of(&self, member: MemberId) -> Result<Vec<StandingOrder>, MemberError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let accounts = self.bank.accounts_of(member.owner(), after, READ_AT_ONCE).await?;
            for account in accounts.data {
                let mut behind = None;
                loop {
                    let page = self.bank.schedules_of(account.number, behind, READ_AT_ONCE).await?;
                    found.extend(page.data.into_iter().filter(|order| order.schedule.from == account.number));
                    behind = page.next;
                    if behind.is_none() {
                        break;
                    }
                }
            }
            after = accounts.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    /// Pauses or cancels the schedules that pay from a member's accounts, after auditing it. Repeating this continues
    /// where it stopped.
    pub(super) async fn end_schedules(
        &self,
        actor: &Actor,
        member: MemberId,
        end: ScheduleEnd,
    ) -> Result<(), MemberError> {
        let (change, action) = match end {
            ScheduleEnd::Keep => return Ok(()),
            ScheduleEnd::Pause => (ScheduleChange::Pause, "member.schedules_paused"),
            ScheduleEnd::Cancel => (ScheduleChange::Cancel, "member.schedules_cancelled"),
        };
        let mut orders = self.schedules_of(member).await?;
        orders.retain(|order| end == ScheduleEnd::Cancel || order.progress.status == ScheduleStatus::Active);
        if orders.is_empty() {
            return Ok(());
        }
        let named: Vec<CommandId> = orders.iter().take(MOST_NAMED).map(|order| order.id).collect();
        let after = json!({ "schedules": orders.len(), "ids": named });
        self.audit.write(actor, Entry::about(action, member).with_values(None, after)).await?;
        for chunk in orders.chunks(ENDED_AT_ONCE) {
            let change = |order: &StandingOrder| {
                Command::ChangeSchedule(ChangeSchedule { id: CommandId::random(), schedule: order.id, change })
            };
            for answer in self.bank.submit(chunk.iter().map(change).collect()).await? {
                match answer {
                    // It ended on its own in the meantime.
                    Ok(_) | Err(Refusal::ScheduleEnded { .. }) => {}
                    Err(refusal) => return Err(refusal.into()),
                }
            }
        }
        Ok(())
    }
}
