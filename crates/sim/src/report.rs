//! The results of simulations.

use jangbu_journal::disk::FaultDisk;
use jangbu_ledger::Position;

/// The environment variable that restricts [`seeds`] to one seed.
pub const SEED_VARIABLE: &str = "JANGBU_SIM_SEED";

/// Returns the seeds of `count` simulations, or only the seed in the environment variable `JANGBU_SIM_SEED`, to repeat
/// a failed simulation.
///
/// # Panics
/// If that variable is set but not a number.
pub fn seeds(count: u64) -> impl Iterator<Item = u64> {
    let (first, count) = match std::env::var(SEED_VARIABLE) {
        Err(_) => (1_u64, count),
        Ok(text) => match text.trim().parse() {
            Ok(seed) => (seed, 1),
            Err(_) => panic!("{SEED_VARIABLE} is {text:?}, which is not a number"),
        },
    };
    (0..count).map(move |number| first.wrapping_add(number))
}

/// The result of a simulation. It is equal for equal seeds, applications and programs.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report<T> {
    /// The seed.
    pub seed: u64,
    /// What the application returned.
    pub output: T,
    /// How often the machine crashed, or the bank had to be opened again.
    pub crashes: u32,
    /// How often a disk operation failed without an immediate crash of the machine.
    pub disk_failures: u32,
    /// The number of steps.
    pub steps: u64,
    /// The position of the journal's last record.
    pub end: Position,
    /// A hash of all steps, in order, and of the final contents of the disk.
    pub fingerprint: [u8; 32],
    /// The final disk, with the closed bank's journal in the directory `/bank/journal`.
    pub disk: FaultDisk,
}

/// A fault found by a simulation. Its text contains the command to repeat it.
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
    /// Shows the text, because `unwrap` and tests that return it print this.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}
