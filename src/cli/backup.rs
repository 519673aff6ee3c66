//! `jangbu backup`: a copy of everything, to which a later one adds what is new.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::data;
use super::error::CliError;
use super::key_file;
use super::output::stdout;

/// Copy the bank into a directory, or to the copy there what is new
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the backup is or shall be: its own directory, outside the bank's
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Makes the backup and prints what was copied.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = data::existing(data)?;
    let report = bank.backup(&args.directory)?;
    let has_keys = key_file::copy(data, &args.directory)?;
    let mut output = stdout();
    writeln!(output, "position    {}", report.position)?;
    writeln!(output, "segments    {} copied, {} kept", report.segments_copied, report.segments_kept)?;
    writeln!(output, "bytes       {}", report.bytes_copied)?;
    if has_keys {
        writeln!(output, "keys        copied")?;
    }
    output.flush()?;
    Ok(bank.close()?)
}
