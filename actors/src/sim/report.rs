//! How a simulation ended.

use crate::journal::disk::FaultDisk;
use crate::ledger::Position;

/// The environment variable that has [`seeds`] give one seed alone.
pub const SEED_VARIABLE: &str = "JANGBU_SIM_SEED";

/// The seeds of `count` simulations; or the one that the environment variable `JANGBU_SIM_SEED` names, to run a failed
/// one again.
///
/// # Panics
/// When that variable is set and no number.
pub fn seeds(count: u64) -> impl Iterator<Item = u64> {
    let (first, count) = match std::env::var(SEED_VARIABLE) {
        Err(_) => (1_u64, count),
        Ok(text) => match text.trim().parse() {
            Ok(seed) => (seed, 1),
            Err(_) => panic!("{SEED_VARIABLE} is {text:?}, which is no number"),
        },
    };
    (0..count).map(move |number| first.wrapping_add(number))
}

/// What a simulation did. Two of the same seed, application and program are alike in everything.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report<T> {
    /// The seed.
    pub seed: u64,
    /// What the application returned in the end.
    pub output: T,
    /// How often the machine crashed or the bank had to be opened again.
    pub crashes: u32,
    /// How often an operation of the disk failed and the machine did not crash at once.
    pub disk_failures: u32,
    /// How many things happened one after the other.
    pub steps: u64,
    /// The position of the journal's last record.
    pub end: Position,
    /// A hash of everything that happened, in order, and of the disk as it was left.
    pub fingerprint: [u8; 32],
    /// The disk as it was left, with the closed bank's journal in the directory `/bank/journal`.
    pub disk: FaultDisk,
}

/// What a simulation found wrong. As text it says how to run it again.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("seed {seed}: {what}\n(run it alone with {SEED_VARIABLE}={seed})")]
#[non_exhaustive]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Debug for Failure {
    /// As text: this is what `unwrap` and a test that returns it show.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}
