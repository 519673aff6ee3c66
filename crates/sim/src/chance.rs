//! The parameters that a seed determines before a simulation begins, so that seeds differ in more than the order of
//! steps.

use std::time::Duration;

use super::machine::Work;
use super::store::StoreFault;
use jangbu_actors::Builder;
use jangbu_journal::disk::Fault;
use jangbu_plant::Dice;

/// The probabilities of one simulation.
pub(super) struct Chances {
    /// The relative speed of each kind of work.
    task: usize,
    journal: usize,
    books: usize,
    store: usize,
    read: usize,
    /// The inverse probability that a step is a crash, a planned disk failure, a clock jump or a checkpoint.
    pub(super) crash: usize,
    pub(super) fault: usize,
    pub(super) leap: usize,
    pub(super) checkpoint: usize,
    /// The maximum number of crashes and failures.
    pub(super) troubles: u32,
}

impl Chances {
    pub(super) fn draw(dice: &mut Dice) -> Chances {
        let mut pick = |from: &[usize]| from.get(dice.below(from.len())).copied().unwrap_or(1);
        let speeds = [1, 1, 2, 4, 16];
        Chances {
            task: pick(&speeds),
            journal: pick(&speeds),
            books: pick(&speeds),
            store: pick(&speeds),
            read: pick(&speeds),
            crash: pick(&[150, 500, 1_500, 5_000]),
            fault: pick(&[300, 1_000, 3_000]),
            leap: pick(&[100, 400, 2_000]),
            checkpoint: pick(&[100, 1_000, 10_000]),
            troubles: u32::try_from(pick(&[1, 2, 3, 5, 8])).unwrap_or(1),
        }
    }

    /// Chooses the next step, or returns `None` if there is none.
    pub(super) fn choose(&self, work: &[Work], dice: &mut Dice) -> Option<Work> {
        let total: usize = work.iter().map(|work| self.weight(*work)).sum();
        let mut at = dice.below(total);
        work.iter().copied().find(|work| {
            let weight = self.weight(*work);
            let chosen = at < weight;
            at = at.saturating_sub(weight);
            chosen
        })
    }

    const fn weight(&self, work: Work) -> usize {
        match work {
            Work::Task(_) => self.task,
            Work::Journal => self.journal,
            Work::Books => self.books,
            Work::Store => self.store,
            Work::Events | Work::Read(_) => self.read,
        }
    }
}

/// Returns settings of a bank that exercise its rare paths: small segments, frequent checkpoints, few active accounts.
pub(super) fn settings(dice: &mut Dice) -> Builder {
    let mut pick = |from: &[usize]| from.get(dice.below(from.len())).copied().unwrap_or(1);
    Builder::default()
        .workers(pick(&[1, 2, 3]))
        .max_active_accounts(pick(&[2, 4, 8, 1_000]))
        .segment_bytes(pick(&[8, 16, 64]) as u64 * 1_024)
        .checkpoint_records(pick(&[5, 20, 100, 10_000]) as u64)
        .checkpoint_accounts(pick(&[2, 5, 20, 1_000]))
        .max_unstored_bytes(pick(&[500, 2_000, 10_000, 1_000_000]))
        .checkpoint_interval(Duration::from_millis(pick(&[10, 500, 60_000, 3_600_000]) as u64))
}

/// A failure that is to be injected.
#[derive(Clone, Copy)]
pub(super) enum Failing {
    /// A disk operation fails; with `true`, later ones fail too.
    Disk(Fault, bool),
    /// A call of the store fails.
    Store(StoreFault),
    /// An actor panics.
    Actor,
}

pub(super) fn failure(dice: &mut Dice) -> Failing {
    match dice.below(10) {
        0 | 1 => Failing::Disk(Fault::Io, dice.heads()),
        2 | 3 => Failing::Disk(Fault::NoSpace, dice.heads()),
        4 | 5 => Failing::Disk(Fault::ShortWrite, dice.heads()),
        6 => Failing::Disk(Fault::Panic, false),
        7 => Failing::Actor,
        _ => Failing::Store(match dice.below(3) {
            0 => StoreFault::Before,
            1 => StoreFault::After,
            _ => StoreFault::Panic,
        }),
    }
}

/// Returns a clock jump: mostly forwards, sometimes past midnight.
pub(super) fn leap_ahead(dice: &mut Dice) -> Duration {
    let most = [Duration::from_millis(100), Duration::from_secs(60), Duration::from_secs(26 * 3600)];
    let most = most.get(dice.below(most.len())).copied().unwrap_or_default();
    Duration::from_micros(dice.next().checked_rem(u64::try_from(most.as_micros()).unwrap_or(1)).unwrap_or(0))
}

/// Returns how far a false clock is ahead: days or years, always more than the default lead.
pub(super) fn false_lead(dice: &mut Dice) -> Duration {
    const DAY_S: u64 = 24 * 3_600;
    let most_days: [u64; 3] = [3, 60, 3_650];
    let most = most_days.get(dice.below(most_days.len())).copied().unwrap_or(1);
    Duration::from_secs(2 * DAY_S + dice.next() % (most * DAY_S))
}

/// Returns how far a corrected clock is set back.
pub(super) fn leap_back(dice: &mut Dice) -> Duration {
    Duration::from_micros(dice.next() % 5_000_000)
}
