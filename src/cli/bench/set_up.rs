//! Opens the accounts of a run, here or in a child process.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::load::Load;
use super::{Args, drive, open};
use crate::cli::error::CliError;
use crate::cli::output::stdout;

/// Opens the accounts in a new bank at `path` and closes it, so that late checkpoints are not counted for the load.
/// Returns how long it took until all accounts were durably open.
pub(super) async fn set_up(args: &Args, load: &Load, path: &Path) -> Result<Duration, CliError> {
    let bank = open(args, path)?;
    let opening = drive::set_up(&bank, load, args).await?;
    bank.close().await?;
    Ok(opening)
}

/// Runs in the child: opens all accounts and prints the duration in milliseconds.
pub(super) async fn here(args: &Args, path: &Path) -> Result<(), CliError> {
    use std::io::Write;
    let opening = set_up(args, &Load::new(args)?, path).await?;
    writeln!(stdout(), "{}", opening.as_millis())?;
    Ok(())
}

/// Opens the accounts in a child process, so that its memory is not counted for this process.
///
/// # Errors
/// [`CliError::Machine`] if the child cannot be started or fails.
pub(super) fn in_a_child(args: &Args, path: &Path) -> Result<Duration, CliError> {
    let failed =
        |error: std::io::Error| CliError::Machine(format!("cannot open the accounts in a child process: {error}"));
    let mut child = Command::new(std::env::current_exe().map_err(failed)?);
    child.arg("bench").arg("--set-up").arg(path).args(["--accounts", &args.accounts.to_string()]);
    if args.fees {
        child.arg("--fees");
    }
    let output = child.stdin(Stdio::null()).stderr(Stdio::inherit()).output().map_err(failed)?;
    let printed = String::from_utf8_lossy(&output.stdout);
    match printed.trim().parse() {
        Ok(ms) if output.status.success() => Ok(Duration::from_millis(ms)),
        _ => Err(CliError::Machine(format!("the child process that opens the accounts ended with {}", output.status))),
    }
}
