//! Runs of schedules that are put off, because their owner has made as many transfers as are allowed for now.
//!
//! Nothing is recorded about that: where the schedule stands is the same, and after a restart its run is due at once. Whose run
//! it is the books say, once for each schedule.
//!
//! What it must never do: put off an attempt that may be in the journal already.

use std::sync::Arc;
use std::time::Duration;

use super::core::Core;
use super::due::Due;
use super::effects::Effect;
use crate::ledger::{AccountNumber, CommandId, OwnerId};
use crate::pace::Pace;

/// The least time that a run waits, so that whoever says 0 does not keep the supervisor busy.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// The books are asked again after so long whose an account is.
const ASKED_AGAIN: Duration = Duration::from_millis(10);

impl Core {
    /// Runs schedules by themselves from now on, as fast as `pace` says.
    pub(super) fn run_by_itself(&mut self, pace: Arc<dyn Pace>) {
        self.schedules.pace = Some(pace);
        self.schedules.by_itself = true;
        self.run_schedules();
    }

    /// Whether a run that is due has to wait. It is seen to that it is looked at again.
    pub(super) fn is_put_off(&mut self, id: CommandId) -> bool {
        let now = self.schedule_time();
        let Some(pace) = self.schedules.pace.clone() else { return false };
        let Some(standing) = self.schedules.live.get_mut(&id).filter(|standing| standing.begun.is_none()) else {
            return false;
        };
        let Some(owner) = standing.payer else {
            let from = standing.schedule.from;
            self.find_payer(id, from);
            return true;
        };
        let Some(wait) = pace.put_off(&owner, now) else { return false };
        let until = now.after(wait.max(SHORTEST_WAIT));
        standing.put_off = Some(until);
        self.due.add(until, Due::Schedule(id));
        true
    }

    fn find_payer(&mut self, id: CommandId, from: AccountNumber) {
        self.schedules.under_way = self.schedules.under_way.saturating_add(1);
        self.effects.push(Effect::FindPayer { schedule: id, from });
    }

    pub(super) fn payer_found(&mut self, id: CommandId, owner: Option<OwnerId>) {
        self.schedules.under_way = self.schedules.under_way.saturating_sub(1);
        let now = self.schedule_time();
        let Some(standing) = self.schedules.live.get_mut(&id) else { return };
        standing.payer = owner;
        // The books may not know yet of an account that was opened a moment ago.
        standing.put_off = owner.is_none().then(|| now.after(ASKED_AGAIN));
        if let Some(at) = standing.awaited() {
            self.due.add(at, Due::Schedule(id));
        }
    }
}
