//! `jangbu verify-backup`: reads and checks a whole backup, as `jangbu check` does for a bank, and checks that its key
//! file opens the records of its members.

use std::path::PathBuf;

use jangbu::backup;

use super::check::print;
use super::error::CliError;
#[cfg(feature = "server")]
use crate::copies;
#[cfg(feature = "server")]
use crate::server::{KeysFound, MEMBER_RECORDS};

/// Verify a backup: every file, every frame, the hash chain, every record, the totals, the members' keys
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The backup
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Verifies the backup and prints its totals.
///
/// # Errors
/// [`CliError::Fault`] or [`CliError::Damaged`] with the first fault.
pub(super) fn run(args: &Args) -> Result<(), CliError> {
    #[cfg(feature = "server")]
    let report = with_keys(&args.directory)?;
    #[cfg(not(feature = "server"))]
    let report = backup::verify_backup(&args.directory)?;
    print(&report)
}

/// Verifies the backup and its key file, and prints the number of keys. A bank without members has no key file.
#[cfg(feature = "server")]
fn with_keys(directory: &std::path::Path) -> Result<jangbu::check::Report, CliError> {
    use std::io::Write;

    let contained = backup::verify_backup_and_read(directory, MEMBER_RECORDS)?;
    let found = copies::verify(directory, &contained)?;
    let mut output = super::output::stdout();
    match found {
        Some(KeysFound { keys, erased }) => writeln!(output, "keys        of {keys} members, {erased} erased")?,
        None => writeln!(output, "keys        none, and no members")?,
    }
    output.flush()?;
    Ok(contained.report)
}
