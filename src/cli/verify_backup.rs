//! `jangbu verify-backup`: everything in a backup read and checked, as `jangbu check` checks a bank; and the key file beside
//! it, line by line.

use std::path::PathBuf;

use jangbu::backup;

use super::check::print;
use super::error::CliError;
#[cfg(feature = "server")]
use crate::server::Keys;

/// Check a backup: every file, every frame, the chain, every record, the sums, the members' keys
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
    let report = backup::verify_backup(&args.directory)?;
    #[cfg(feature = "server")]
    check_keys(&args.directory)?;
    print(&report)
}

/// Checks the key file and tells what is in it. A bank without members has none.
#[cfg(feature = "server")]
fn check_keys(directory: &std::path::Path) -> Result<(), CliError> {
    use std::io::Write;

    let found = Keys::count(directory).map_err(|error| CliError::Damaged(error.to_string()))?;
    let mut output = super::output::stdout();
    match found {
        Some((keys, erased)) => writeln!(output, "keys        of {keys} members, {erased} erased")?,
        None => writeln!(output, "keys        none: without them no member can sign in")?,
    }
    Ok(output.flush()?)
}
