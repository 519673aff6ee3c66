//! Commands that change currencies and account types.

use jangbu::blocking::Bank;
use jangbu::{Command, Position};

use super::error::CliError;

/// Submits one command and returns its position.
///
/// # Errors
/// [`CliError::Refused`], and those of the bank.
pub(super) fn submit(bank: &Bank, command: Command) -> Result<Position, CliError> {
    match bank.submit(vec![command])?.pop() {
        Some(answer) => Ok(answer?.position()),
        None => Err(CliError::Machine("the bank gave no answer".into())),
    }
}
