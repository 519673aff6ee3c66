//! `jangbu verify-backup`: everything in a backup read and checked, as `jangbu check` checks a bank.

use std::path::PathBuf;

use jangbu::backup;

use super::check::print;
use super::error::CliError;

/// Check a backup: every file, every frame, the chain, every record, the sums
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The backup
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Checks the backup and prints its totals.
///
/// # Errors
/// [`CliError::Fault`] or [`CliError::Damaged`] with the first fault.
pub(super) fn run(args: &Args) -> Result<(), CliError> {
    print(&backup::verify_backup(&args.directory)?)
}
