//! `jangbu restore`: a bank out of a backup.

use std::path::{Path, PathBuf};

use jangbu::backup;

use super::check::print;
use super::error::CliError;
use crate::copies;

/// Make a bank out of a backup, in a new or empty directory (--data)
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The backup
    #[arg(value_name = "BACKUP")]
    backup: PathBuf,
}

/// Restores the backup into the bank's directory, verifies it, and prints what it holds.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let restored = backup::restore(&args.backup, data)?;
    copies::copy_keys(&args.backup, data)?;
    print(&restored.checked)
}
