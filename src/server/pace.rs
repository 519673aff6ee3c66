//! Runs of standing orders count among the transfers that a member may make.
//!
//! A run that finds them used up waits for half of the period, and so do all of that member's: in the meantime the member can
//! still pay by hand. It is made after that, and recorded as ever. What waits is in memory alone: after a restart it is due at
//! once, as the member's own limit begins anew then.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jangbu::{OwnerId, Timestamp, schedules::Pace};
use parking_lot::Mutex;

use super::members::MemberId;
use super::rates::{Rates, TRANSFERS_PERIOD};

/// Beyond so many members whose runs wait, those that no longer do are forgotten.
const WORTH_FORGETTING: usize = 1_024;

/// The pace of the runs of everybody's orders.
#[derive(Debug)]
pub(crate) struct RunPace {
    rates: Arc<Rates>,
    /// Until when the runs of members wait.
    until: Mutex<HashMap<MemberId, Timestamp>>,
}

impl RunPace {
    /// The pace by those limits.
    pub(crate) fn new(rates: Arc<Rates>) -> RunPace {
        RunPace { rates, until: Mutex::default() }
    }

    /// Until when a member's runs wait for other transfers of the member's; `None` when they do not.
    pub(crate) fn waits_until(&self, member: MemberId, now: Timestamp) -> Option<Timestamp> {
        self.until.lock().get(&member).copied().filter(|until| now < *until)
    }
}

impl Pace for RunPace {
    fn put_off(&self, owner: &OwnerId, now: Timestamp) -> Option<Duration> {
        // Who is no member has no limit.
        let member = MemberId::of_owner(owner)?;
        if let Some(until) = self.waits_until(member, now) {
            let left = until.as_ns().saturating_sub(now.as_ns());
            return Some(Duration::from_nanos(u64::try_from(left).unwrap_or(0)));
        }
        if self.rates.charge_run(member).is_ok() {
            return None;
        }
        let wait = TRANSFERS_PERIOD / 2;
        let mut waiting = self.until.lock();
        if waiting.len() >= WORTH_FORGETTING {
            waiting.retain(|_, until| now < *until);
        }
        waiting.insert(member, now.after(wait));
        Some(wait)
    }
}
