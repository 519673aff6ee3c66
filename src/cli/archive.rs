//! `jangbu archive`: moves the oldest segments out of the bank's directory, while the bank is not in use.

use std::io::Write;
use std::path::{Path, PathBuf};

use jangbu::Position;
use jangbu::archive::{self, Which};

use super::data;
use super::error::CliError;
use super::output::stdout;

/// Move old journal segments into an archive, replaced by a verified snapshot of the state
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A directory for the archive alone, outside the bank's; created if missing
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    #[command(flatten)]
    which: Selection,
}

/// The segments to archive.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Selection {
    /// Archive the segments whose records all come before this position
    #[arg(long, value_name = "POSITION")]
    before: Option<u64>,
    /// Archive all but the newest N full segments; the segment being written always stays
    #[arg(long, value_name = "N")]
    keep_segments: Option<u64>,
}

/// Archives the segments and prints what was moved.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    data::must_exist(data)?;
    let before = args.which.before.map(|position| Which::Before(Position::new(position)));
    let which = before.or(args.which.keep_segments.map(Which::AllBut)).unwrap_or(Which::AllBut(u64::MAX));
    let report = archive::archive(data, &args.directory, which)?;
    let mut output = stdout();
    if report.segments == 0 {
        writeln!(output, "archived    nothing")?;
    } else {
        let (segments, bytes, position) = (report.segments, report.bytes, report.position);
        writeln!(output, "archived    {segments} segments, {bytes} bytes, up to position {position}")?;
    }
    output.flush()?;
    Ok(())
}
