//! `jangbu recover`: reports what a damaged bank is missing, and can continue without it.

use std::io::Write;
use std::path::Path;

use jangbu::Position;
use jangbu::recover::{self, RecoverError};

use super::data;
use super::error::CliError;
use super::output::stdout;

/// Show up to which position a damaged bank is intact, or accept the loss of the rest
///
/// Without --accept-loss-after, nothing is changed, and the exit status is 1 if something is missing. If you can, put
/// the missing files back or restore a backup instead: accepting a loss undoes acknowledged commands.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Discard everything after this position, the last intact one; the removed files are kept in lost-after-POSITION-N
    #[arg(long, value_name = "POSITION")]
    accept_loss_after: Option<u64>,
}

/// Reports what is missing, or accepts the loss.
///
/// # Errors
/// [`CliError::Fault`] if something is missing and no loss was accepted.
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
