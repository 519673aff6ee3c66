//! Schedules in the books. Active and paused ones are in memory; ended ones are only in the store, once it has them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};

use serde::{Deserialize, Serialize};

use super::checkpoint::encoded;
use super::comparing::{Difference, compare_rows};
use super::opening::all;
use super::state::{Books, decoded};
use super::store::{Change, StoreError};
use super::{BooksError, keys};
use crate::views::{Page, StandingOrder};
use jangbu_ledger::{
    AccountNumber, Attempt, Body, CommandId, Position, Progress, Record, RunOutcome, Schedule, ScheduleRun, attempt_id,
};

/// The stored form of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSchedule {
    /// The schedule.
    pub schedule: Schedule,
    /// Its progress.
    pub progress: Progress,
    /// The position of its last record.
    pub last: Position,
}

/// The schedules of a bank.
#[derive(Default)]
pub(super) struct Schedules {
    live: BTreeMap<CommandId, KeptSchedule>,
    /// The schedules in `live` by each of their accounts.
    by_account: BTreeSet<(AccountNumber, CommandId)>,
    /// Ended schedules that the store may not have.
    ended: BTreeMap<CommandId, KeptSchedule>,
    /// The memory that ended schedules take.
    ended_bytes: usize,
    /// Schedules that changed since the last checkpoint began.
    dirty: BTreeSet<CommandId>,
}

impl Schedules {
    /// Returns the active and paused schedules.
    pub(super) fn live(&self) -> Vec<(CommandId, KeptSchedule)> {
        self.live.iter().map(|(id, kept)| (*id, kept.clone())).collect()
    }

    /// Returns every schedule in memory, ended or not, in the order of their ids.
    pub(super) fn every(&self) -> BTreeMap<&CommandId, &KeptSchedule> {
        self.live.iter().chain(&self.ended).collect()
    }

    /// Adds a schedule from a state that stands in for archived records.
    pub(super) fn take_in(&mut self, id: CommandId, kept: KeptSchedule) {
        self.put(id, kept);
        self.dirty.insert(id);
    }

    fn put(&mut self, id: CommandId, kept: KeptSchedule) {
        let accounts = [(kept.schedule.from, id), (kept.schedule.to, id)];
        if kept.progress.status.has_ended() {
            for account in &accounts {
                self.by_account.remove(account);
            }
            self.live.remove(&id);
            let before = self.ended.get(&id).map_or(0, bytes_of_ended);
            self.ended_bytes = self.ended_bytes.saturating_sub(before).saturating_add(bytes_of_ended(&kept));
            self.ended.insert(id, kept);
        } else {
            self.by_account.extend(accounts);
            self.live.insert(id, kept);
        }
    }

    pub(super) fn take_dirty(&mut self) -> Vec<CommandId> {
        std::mem::take(&mut self.dirty).into_iter().collect()
    }

    /// Adds the changes that the store needs for a schedule. Returns its id if it has ended.
    pub(super) fn write(&self, id: CommandId, changes: &mut Vec<Change>) -> Result<Option<CommandId>, StoreError> {
        if let Some(kept) = self.live.get(&id) {
            changes.push((keys::schedule(keys::SCHEDULE, id), Some(encoded(kept)?)));
            return Ok(None);
        }
        let Some(kept) = self.ended.get(&id) else { return Ok(None) };
        changes.push((keys::schedule(keys::SCHEDULE, id), None));
        changes.push((keys::schedule(keys::ENDED_SCHEDULE, id), Some(encoded(kept)?)));
        Ok(Some(id))
    }

    /// Evicts ended schedules that the store has, because they do not change any more.
    pub(super) fn stored(&mut self, ended: &[CommandId]) {
        for id in ended {
            if let Some(kept) = self.ended.remove(id) {
                self.ended_bytes = self.ended_bytes.saturating_sub(bytes_of_ended(&kept));
            }
        }
    }

    /// Returns the memory that ended schedules take until the store has them.
    pub(super) const fn ended_bytes(&self) -> usize {
        self.ended_bytes
    }
}

impl Books {
    /// Applies a record about a schedule, unless the stored schedule already includes it.
    pub(super) fn apply_schedule(&mut self, record: &Record) -> Result<(), BooksError> {
        let position = record.position;
        let (id, previous, progress) = match &record.body {
            Body::ScheduleSet(set) => {
                if self.kept_schedule(record.id)?.is_none() {
                    let (schedule, progress) = (set.schedule.clone(), set.progress);
                    self.schedules.put(record.id, KeptSchedule { schedule, progress, last: position });
                    self.schedules.dirty.insert(record.id);
                }
                return Ok(());
            }
            Body::ScheduleChanged(changed) => (changed.schedule, changed.previous, changed.progress),
            Body::ScheduleRun(run) => (run.schedule, run.previous, run.progress),
            _ => return Ok(()),
        };
        let wrong = |what: String| BooksError::Replay { position, what };
        let kept = self.kept_schedule(id)?.ok_or_else(|| wrong(format!("there is no schedule {id}")))?;
        if kept.last >= position {
            return Ok(());
        }
        if kept.last != previous {
            return Err(wrong(format!("the record of schedule {id} before is at {}, not at {previous}", kept.last)));
        }
        if let Body::ScheduleRun(run) = &record.body {
            let bank = self.bank.as_ref().map_or(0, |made| made.bank);
            check_run(&kept, run, bank, position).map_err(wrong)?;
        }
        self.schedules.put(id, KeptSchedule { progress, last: position, ..kept });
        self.schedules.dirty.insert(id);
        Ok(())
    }

    /// Returns a schedule from memory or the store.
    pub(super) fn kept_schedule(&self, id: CommandId) -> Result<Option<KeptSchedule>, StoreError> {
        match self.schedules.live.get(&id).or_else(|| self.schedules.ended.get(&id)) {
            Some(kept) => Ok(Some(kept.clone())),
            None => {
                let stored = self.store.get(&keys::schedule(keys::ENDED_SCHEDULE, id))?;
                stored.map(|bytes| decoded(&bytes)).transpose()
            }
        }
    }

    /// Reads the active and paused schedules from the store.
    pub(super) fn restore_schedules(&mut self) -> Result<(), StoreError> {
        for (key, value) in all(&*self.store, keys::SCHEDULE)? {
            self.schedules.put(keys::schedule_of(&key)?, decoded(&value)?);
        }
        Ok(())
    }

    /// Returns a schedule, whether or not it has ended.
    pub fn standing_order(&mut self, id: CommandId) -> Option<StandingOrder> {
        let found = self.kept_schedule(id);
        self.noted(found).map(|kept| view(id, &kept))
    }

    /// Returns up to `limit` active or paused schedules, after `after`, in the order of their ids; only those of
    /// `account` if given.
    pub fn standing_orders(
        &self,
        account: Option<AccountNumber>,
        after: Option<CommandId>,
        limit: usize,
    ) -> Page<StandingOrder, CommandId> {
        let live = &self.schedules.live;
        let more = limit.saturating_add(1);
        let mut data: Vec<StandingOrder> = match account {
            None => {
                let found = live.range((after.map_or(Unbounded, Excluded), Unbounded));
                found.take(more).map(|(id, kept)| view(*id, kept)).collect()
            }
            Some(account) => {
                let lowest = CommandId::new(uuid::Uuid::nil());
                let first = after.map_or(std::ops::Bound::Included((account, lowest)), |id| Excluded((account, id)));
                let found = self.schedules.by_account.range((first, Unbounded));
                let of_account = found.take_while(|(number, _)| *number == account).take(more);
                of_account.filter_map(|(_, id)| live.get(id).map(|kept| view(*id, kept))).collect()
            }
        };
        let next = if data.len() > limit { data.get(limit.saturating_sub(1)).map(|last| last.id) } else { None };
        data.truncate(limit);
        Page { data, next }
    }
}

/// Returns the memory that an ended schedule takes: its entry in the map, and its texts, which are most of its
/// encoding.
fn bytes_of_ended(kept: &KeptSchedule) -> usize {
    let texts = encoded(kept).map_or(0, |bytes| bytes.len());
    size_of::<(CommandId, KeptSchedule)>().saturating_mul(3).saturating_div(2).saturating_add(texts)
}

/// Checks that a run is the pending one, so that nothing runs twice.
fn check_run(kept: &KeptSchedule, run: &ScheduleRun, bank: u128, position: Position) -> Result<(), String> {
    let id = run.schedule;
    let pending = kept.progress.pending.filter(|pending| pending.occurrence == run.occurrence);
    let Some(pending) = pending else {
        return Err(format!("schedule {id} has no pending occurrence of {}", run.occurrence));
    };
    let (attempt, before) = match &run.outcome {
        RunOutcome::Skipped { .. } if pending.attempt > 1 => {
            return Err(format!("schedule {id} skips an occurrence that was attempted"));
        }
        RunOutcome::Skipped { .. } => return Ok(()),
        RunOutcome::Posted { attempt, position } | RunOutcome::Accepted { attempt, position } => (attempt, *position),
        RunOutcome::Refused { attempt, .. } => (attempt, Position::START),
    };
    let expected = Attempt { number: pending.attempt, id: attempt_id(bank, id, pending.occurrence, pending.attempt) };
    if *attempt != expected || before >= position {
        return Err(format!("schedule {id} has no pending attempt {}", attempt.number));
    }
    Ok(())
}

fn view(id: CommandId, kept: &KeptSchedule) -> StandingOrder {
    StandingOrder { id, schedule: kept.schedule.clone(), progress: kept.progress, position: kept.last }
}

/// Compares the stored schedules, brought to the journal's end, with those of a replay from zero.
pub(super) fn compare(from_zero: &Books, stored: &Books) -> Result<(), String> {
    let wrong = |id: &CommandId, difference: Difference| match difference {
        Difference::Extra => format!("the schedule {id} is stored, but is not in the journal"),
        Difference::Missing | Difference::Other => format!("the stored schedule {id} differs from the journal"),
    };
    compare_rows(from_zero.every_schedule(), stored.every_schedule(), |id, difference, _, _| wrong(id, difference))?;
    if stored.schedules.by_account != from_zero.schedules.by_account {
        return Err("the schedules of an account differ from the journal".to_owned());
    }
    Ok(())
}
