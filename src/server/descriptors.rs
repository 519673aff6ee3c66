//! Open files: connections must leave some for the bank.
//!
//! A process that has as many files open as the system allows can make no segment of the journal. So connections are bounded
//! by what is left when the bank has its files.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that the bank and the service need beside connections: segments that are read, sockets that listen, the stored state.
const KEPT_FOR_THE_BANK: u64 = 512;
/// However few files the system allows, so many connections of a worker are served.
const LEAST_CONNECTIONS: usize = 16;

/// How many connections each of `workers` may have, at most `wanted`, after the system was asked for as many files as it
/// allows.
pub(super) fn connections(wanted: usize, workers: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let allowed = match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).map_err(io::Error::from) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!("cannot ask for more open files: {error}");
            current
        }
    };
    let possible = possible(allowed, workers);
    if possible < wanted {
        tracing::warn!(
            "limits.connections is {wanted}, and the limit of open files allows {possible} for each of {workers} workers; \
             raise it (`LimitNOFILE`, `ulimit -n`)"
        );
    }
    wanted.min(possible)
}

/// How many connections of each worker the limit of open files allows. `None` stands for no limit.
fn possible(files: Option<u64>, workers: usize) -> usize {
    let left = files.map_or(u64::MAX, |files| files.saturating_sub(KEPT_FOR_THE_BANK));
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    left.checked_div(workers).unwrap_or(left).max(LEAST_CONNECTIONS)
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
            (Some(100), 4, LEAST_CONNECTIONS),
            (None, 1, usize::MAX),
        ] {
            assert_eq!(possible(files, workers), connections, "{files:?} {workers}");
        }
    }
}
