//! Runs of schedules that are put off, because their owner has made as many transfers as are allowed for now.
//!
//! Nothing is recorded about that: where the schedule stands is the same, and after a restart its run is due at once. Whose run
//! it is the books say, once for each schedule.
//!
//! What it must never do: put off an attempt that may be in the journal already.

use std::sync::Arc;
use std::time::Duration;

use actix::{Context, Handler, Message};

use super::Supervisor;
use super::due::Due;
use crate::ledger::{AccountNumber, CommandId, OwnerId};
use crate::pace::Pace;

/// The least time that a run waits, so that whoever says 0 does not keep the supervisor busy.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// The books are asked again after so long whose an account is.
const ASKED_AGAIN: Duration = Duration::from_millis(10);

/// Run schedules by themselves from now on, as fast as somebody says.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct RunSchedules(pub(crate) Arc<dyn Pace>);

/// The books' answer: whose the account is that a schedule pays from.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct PayerFound {
    schedule: CommandId,
    owner: Option<OwnerId>,
}

impl Handler<RunSchedules> for Supervisor {
    type Result = ();
    fn handle(&mut self, RunSchedules(pace): RunSchedules, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            supervisor.schedules.pace = Some(pace);
            supervisor.schedules.by_itself = true;
            supervisor.run_schedules();
        });
    }
}

impl Handler<PayerFound> for Supervisor {
    type Result = ();
    fn handle(&mut self, PayerFound { schedule, owner }: PayerFound, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.payer_found(schedule, owner));
    }
}

impl Supervisor {
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
        let supervisor = self.address.clone();
        let found = move |owner| supervisor.do_send(PayerFound { schedule: id, owner });
        self.books.ask(move |books| books.account_by_number(&from).map(|account| account.owner), found);
    }

    fn payer_found(&mut self, id: CommandId, owner: Option<OwnerId>) {
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
