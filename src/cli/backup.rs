//! `jangbu backup`: a copy of everything, to which a later one adds what is new; of a bank that is served, too.

use std::io::Write;
use std::path::{Path, PathBuf};

use jangbu::backup::BackupOptions;

use super::data;
use super::error::CliError;
use super::output::{Brief, print_object, stdout};
use crate::copied::Copied;
use crate::copies;

/// Back up the bank into a directory, incrementally if it has a backup; works while it is served
///
/// A running service makes the backup itself: DIR must be one that it may write to, and what is in it is then its user's.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The backup's own directory, outside the bank's; created if missing
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Read every existing copy, and replace damaged ones
    #[arg(long)]
    repair: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: Brief,
}

/// Has the service that has the bank open make the backup, or makes it; prints what was copied.
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

/// What a running service copied; `None` when none has the bank open.
#[cfg(feature = "server")]
fn ask(data: &Path, args: &Args) -> Result<Option<Copied>, CliError> {
    use super::order;
    use crate::copied::NotCopied;
    use crate::server::local::Order;

    // The service's working directory is another one.
    let directory = std::path::absolute(&args.directory);
    let directory =
        directory.map_err(|source| CliError::File { operation: "find", path: args.directory.clone(), source })?;
    let order = Order::Backup { directory: directory.into(), repair: args.repair };
    let Some(answer) = order::ask(data, &order)? else { return Ok(None) };
    let answer: Result<Copied, NotCopied> = serde_json::from_value(answer)
        .map_err(|error| CliError::Machine(format!("the service's answer cannot be read: {error}")))?;
    Ok(Some(answer?))
}

fn print(format: Brief, copied: &Copied) -> Result<(), CliError> {
    if format == Brief::Json {
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
