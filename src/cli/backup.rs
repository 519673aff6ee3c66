//! `jangbu backup`: an incremental copy of the bank, also while a service has it open.

use std::io::Write;
use std::path::{Path, PathBuf};

use jangbu::backup::BackupOptions;

use super::data;
use super::error::CliError;
use super::output::{ReportFormat, print_object, stdout};
use crate::copied::Copied;
use crate::copies;

/// Back up the bank into a directory, incrementally if it has a backup; works while the bank is served
///
/// A running service makes the backup itself: it needs write access to DIR, and its user owns the files.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A directory for the backup alone, outside the bank's; created if missing
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Read every existing copy, and replace damaged ones
    #[arg(long)]
    repair: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
}

/// Makes the backup, or lets the service that has the bank open make it, and prints what was copied.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    #[cfg(feature = "server")]
    if let Some(copied) = ask(data, args)? {
        return print(args.format, &copied);
    }
    let bank = data::existing(data)?;
    let options = BackupOptions { repair: args.repair, beside: Some(copies::keys_of(data)) };
    let report = bank.backup_with(&args.directory, options)?;
    print(args.format, &Copied::of(&report))?;
    Ok(bank.close()?)
}

/// Asks a running service to make the backup; `None` if no service has the bank open.
#[cfg(feature = "server")]
fn ask(data: &Path, args: &Args) -> Result<Option<Copied>, CliError> {
    use super::order;
    use crate::copied::BackupFailure;
    use crate::server::local::Order;

    // The service has another working directory.
    let directory = std::path::absolute(&args.directory);
    let directory =
        directory.map_err(|source| CliError::File { operation: "find", path: args.directory.clone(), source })?;
    let order = Order::Backup { directory: directory.into(), repair: args.repair };
    let Some(answer) = order::ask(data, &order)? else { return Ok(None) };
    let answer: Result<Copied, BackupFailure> = serde_json::from_value(answer)
        .map_err(|error| CliError::Machine(format!("cannot read the service's answer: {error}")))?;
    Ok(Some(answer?))
}

fn print(format: ReportFormat, copied: &Copied) -> Result<(), CliError> {
    if format == ReportFormat::Json {
        return print_object(&serde_json::to_value(copied)?);
    }
    let mut output = stdout();
    writeln!(output, "position    {}", copied.position)?;
    writeln!(output, "segments    {} copied, {} kept", copied.segments_copied, copied.segments_kept)?;
    writeln!(output, "bytes       {}", copied.bytes_copied)?;
    if copied.repaired > 0 {
        writeln!(output, "repaired    {} copies", copied.repaired)?;
    }
    if copied.has_keys {
        writeln!(output, "keys        copied")?;
    }
    Ok(output.flush()?)
}
