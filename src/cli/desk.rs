//! Where a command that only reads does so: with a bank and a place for the answer, and without knowing whose they are.
//!
//! A command that reads runs in the process that was started, or in the service that has the bank open. It must not close the
//! bank, nor write to standard output.

use jangbu::blocking::Bank;

use super::error::CliError;
use super::output::{Print, Printer, Sink};

/// A bank that is open, and where the answer goes.
pub(super) struct Desk {
    /// The bank.
    pub(super) bank: Bank,
    /// Where the answer goes.
    pub(super) sink: Sink,
}

impl Desk {
    /// Prints the answer.
    ///
    /// # Errors
    /// As [`Print::of`].
    pub(super) fn printer(&self, print: Print) -> Result<Printer, CliError> {
        print.into_sink(&self.sink, &self.bank)
    }
}
