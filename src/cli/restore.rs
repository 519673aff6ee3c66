//! `jangbu restore`: creates a bank from a backup.

use std::path::{Path, PathBuf};

use jangbu::backup::{self, Contained};

use super::check::print;
use super::error::CliError;
use crate::copies;
#[cfg(feature = "server")]
use crate::server::MEMBER_RECORDS;

#[cfg(not(feature = "server"))]
const MEMBER_RECORDS: &str = "";

/// Restore a backup into a new or empty directory (--data)
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The backup
    #[arg(value_name = "BACKUP")]
    backup: PathBuf,
}

/// Restores the backup into the bank's directory, verifies it, and prints its totals.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let ready = |found: &Contained| copies::restore_keys(&args.backup, data, found);
    let restored = backup::restore_and(&args.backup, data, MEMBER_RECORDS, ready)?;
    print(&restored.checked)
}
