//! Limits connections, so that enough open files are left for the bank.
//!
//! A process at its limit of open files cannot create a segment of the journal. Connections are therefore limited to
//! what is left after the bank's files.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Open files that the bank and the service need besides connections: segments, listening sockets, the stored state.
const RESERVED_FILES: u64 = 512;
/// The smallest number of connections per worker, however few files the system allows.
const MIN_CONNECTIONS: usize = 16;

/// Raises the limit of open files as far as the system allows, and returns how many connections each of `workers` may
/// have, at most `wanted`.
pub(super) fn connections(wanted: usize, workers: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let allowed = match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).map_err(io::Error::from) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!("cannot raise the limit of open files: {error}");
            current
        }
    };
    let possible = possible(allowed, workers);
    if possible < wanted {
        tracing::warn!(
            "limits.connections is {wanted}, but the limit of open files allows only {possible} for each of {workers} \
             workers; raise it (`LimitNOFILE`, `ulimit -n`)"
        );
    }
    wanted.min(possible)
}

/// Returns how many connections per worker the limit of open files allows. `None` means no limit.
fn possible(files: Option<u64>, workers: usize) -> usize {
    let left = files.map_or(u64::MAX, |files| files.saturating_sub(RESERVED_FILES));
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    left.checked_div(workers).unwrap_or(left).max(MIN_CONNECTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_the_bank() {
        for (files, workers, connections) in [
            (Some(65_536), 2, 32_512),
            (Some(1_024), 2, 256),
            (Some(600), 4, 22),
            (Some(100), 4, MIN_CONNECTIONS),
            (None, 1, usize::MAX),
        ] {
            assert_eq!(possible(files, workers), connections, "{files:?} {workers}");
        }
    }
}
