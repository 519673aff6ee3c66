//! `jangbu recover`: what is missing in a bank that cannot be opened, and going on without it.

use std::io::Write;
use std::path::Path;

use jangbu::Position;
use jangbu::recover::{self, RecoverError};

use super::data;
use super::error::CliError;
use super::output::stdout;

/// Show up to where a bank is sound that cannot be opened, or accept the loss of what follows
///
/// Without --accept-loss-after it changes nothing, and ends with status 1 when something is missing. Put back what is
/// missing, or restore a backup, wherever you can: accepting a loss takes back what was acknowledged.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Cut the journal off behind this record, the last sound one, and keep what is cut off in lost-after-POSITION-N
    #[arg(long, value_name = "POSITION")]
    accept_loss_after: Option<u64>,
}

/// Says what is missing, or accepts the loss.
///
/// # Errors
/// [`CliError::Fault`] when something is missing and nothing was accepted.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    data::must_exist(data)?;
    let mut output = stdout();
    match args.accept_loss_after {
        Some(after) => {
            let done = recover::accept_loss_after(data, Position::new(after))?;
            writeln!(output, "kept        up to position {}", done.after)?;
            writeln!(output, "cut off     into {}", done.kept_in.display())?;
            writeln!(output, "recorded    at position {}", done.recorded_at)?;
        }
        None => match recover::survey(data)? {
            Some(loss) => return Err(CliError::Fault { position: loss.after.get(), what: loss.what }),
            None => writeln!(output, "nothing is missing")?,
        },
    }
    output.flush()?;
    Ok(())
}

impl From<RecoverError> for CliError {
    fn from(error: RecoverError) -> Self {
        match error {
            RecoverError::Open(open) => CliError::Open(open),
            other => CliError::Machine(other.to_string()),
        }
    }
}
