//! Measures the free space on the disk, and refuses members' writes when it is low.
//!
//! Below the reserve, members' writes are refused and staff's are allowed: somebody must be able to sign in, look
//! around, and end what fills the disk. The bank itself stops only if a write fails.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use parking_lot::Mutex;

use super::config;
use super::http::Problem;

/// How long a measurement is valid. In this time a bank at full speed writes about a hundredth of the default reserve.
const MEASURE_INTERVAL: Duration = Duration::from_millis(500);
/// When a refused client may try again.
const RETRY_AFTER_S: u64 = 60;

/// The space on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Space {
    /// Bytes that this process may still use.
    pub(crate) free_bytes: u64,
    /// Bytes used and free.
    pub(crate) total_bytes: u64,
}

/// The state of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Free bytes.
    pub(crate) free_bytes: u64,
    /// Bytes reserved for staff and for the bank's own writes.
    pub(crate) reserve_bytes: u64,
}

impl Standing {
    /// Returns whether only the reserve is left.
    pub(crate) const fn is_low(self) -> bool {
        self.free_bytes < self.reserve_bytes
    }
}

/// Measures a disk; `None` if it cannot be measured, as for a bank in memory.
type Measure = Box<dyn Fn() -> Option<Space> + Send + Sync>;

/// The disk with the bank's directory.
pub(crate) struct Storage {
    config: config::Storage,
    state: Mutex<State>,
}

struct State {
    measure: Measure,
    last: Option<(Instant, Option<Standing>)>,
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Storage {
    /// Creates the storage for a directory.
    pub(crate) fn of(directory: &Path, config: config::Storage) -> Storage {
        let directory: PathBuf = directory.into();
        let measure: Measure = Box::new(move || space(&directory));
        Storage { config, state: Mutex::new(State { measure, last: None }) }
    }

    /// Returns the state of the disk; `None` if it cannot be measured.
    pub(crate) fn standing(&self) -> Option<Standing> {
        let mut state = self.state.lock();
        if let Some((at, standing)) = state.last
            && at.elapsed() < MEASURE_INTERVAL
        {
            return standing;
        }
        let standing = (state.measure)().map(|space| self.judge(space));
        let was_low = state.last.and_then(|(_, last)| last).is_some_and(Standing::is_low);
        state.last = Some((Instant::now(), standing));
        drop(state);
        match standing {
            Some(now) if now.is_low() && !was_low => tracing::error!(
                free_bytes = now.free_bytes,
                reserve_bytes = now.reserve_bytes,
                "storage is low: members' writes are refused"
            ),
            Some(now) if !now.is_low() && was_low => {
                tracing::warn!(free_bytes = now.free_bytes, "storage is sufficient again: members may write");
            }
            _ => {}
        }
        standing
    }

    /// Fails while storage is low.
    ///
    /// # Errors
    /// 503 `storage_low`, with the time to try again.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        if !self.standing().is_some_and(Standing::is_low) {
            return Ok(());
        }
        let detail = "the bank is short of storage and accepts no changes from members for now; nothing was done";
        Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "storage_low", detail).with_retry_after(RETRY_AFTER_S))
    }

    fn judge(&self, space: Space) -> Standing {
        let share = (space.total_bytes / 100).saturating_mul(self.config.reserve_percent);
        Standing { free_bytes: space.free_bytes, reserve_bytes: share.min(self.config.reserve_bytes) }
    }

    /// Measures the disk with `measure` from now on.
    #[cfg(test)]
    pub(crate) fn measure_by(&self, measure: impl Fn() -> Option<Space> + Send + Sync + 'static) {
        *self.state.lock() = State { measure: Box::new(measure), last: None };
    }
}

fn space(directory: &Path) -> Option<Space> {
    let found = rustix::fs::statvfs(directory).ok()?;
    Some(Space {
        free_bytes: found.f_bavail.saturating_mul(found.f_frsize),
        total_bytes: found.f_blocks.saturating_mul(found.f_frsize),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_the_smaller_of_the_two_marks() {
        let gib = 1_u64 << 30;
        for (total_gib, percent, reserve_gib, free, is_low) in [
            // disk  %   reserve  free          low
            (1_000, 5, 1, gib, false),
            (1_000, 5, 1, gib - 1, true),
            (10, 5, 1, gib / 2, false),
            (10, 5, 1, gib / 2 - (1 << 20), true),
            (10, 0, 1, 0, false),
            (10, 5, 0, 0, false),
        ] {
            let config = config::Storage { reserve_bytes: reserve_gib * gib, reserve_percent: percent };
            let storage = Storage::of(Path::new("nowhere"), config);
            storage.measure_by(move || Some(Space { free_bytes: free, total_bytes: total_gib * gib }));
            assert_eq!(storage.check().is_err(), is_low, "{total_gib} {percent} {free}");
        }
    }

    #[test]
    fn an_unmeasurable_disk_refuses_nothing() {
        let config = config::Storage { reserve_bytes: u64::MAX, reserve_percent: 100 };
        assert!(Storage::of(Path::new("nowhere at all"), config).check().is_ok());
        let here = Storage::of(Path::new("."), config).standing().unwrap();
        assert!(here.reserve_bytes > here.free_bytes && here.free_bytes > 0);
    }
}
