//! Counts runs of standing orders among the transfers that their owner may make.
//!
//! If the limit is used up, the run and all other runs of the member wait for half of the period, so that the member
//! can still pay by hand. Then the run is made and recorded as usual. Waiting runs are in memory only: after a restart
//! they are due at once, because the member's limit starts anew, too.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jangbu::{OwnerId, Timestamp, schedules::Pace};
use parking_lot::Mutex;

use super::members::MemberId;
use super::rates::{Rates, TRANSFERS_PERIOD};

/// The number of waiting members above which expired entries are removed.
const SWEEP_THRESHOLD: usize = 1_024;

/// The pace of all standing orders.
#[derive(Debug)]
pub(crate) struct RunPace {
    rates: Arc<Rates>,
    /// Until when each member's runs wait.
    until: Mutex<HashMap<MemberId, Timestamp>>,
}

impl RunPace {
    /// Creates a pace with these limits.
    pub(crate) fn new(rates: Arc<Rates>) -> RunPace {
        RunPace { rates, until: Mutex::default() }
    }

    /// Returns until when a member's runs wait; `None` if they do not.
    pub(crate) fn waits_until(&self, member: MemberId, now: Timestamp) -> Option<Timestamp> {
        self.until.lock().get(&member).copied().filter(|until| now < *until)
    }
}

impl Pace for RunPace {
    fn put_off(&self, owner: &OwnerId, now: Timestamp) -> Option<Duration> {
        // An owner who is not a member has no limit.
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
        if waiting.len() >= SWEEP_THRESHOLD {
            waiting.retain(|_, until| now < *until);
        }
        waiting.insert(member, now.after(wait));
        Some(wait)
    }
}
