//! The context of a read-only command: a bank and a destination for its output.
//!
//! A read-only command runs in its own process or in the service that has the bank open, and does not know which. It
//! must not close the bank or write to standard output.

use jangbu::blocking::Bank;

use super::error::CliError;
use super::output::{Print, Printer, Sink};

/// An open bank, and the destination of the output.
pub(super) struct Context {
    pub(super) bank: Bank,
    /// The destination of the output.
    pub(super) sink: Sink,
}

impl Context {
    /// Returns a printer to the sink.
    ///
    /// # Errors
    /// See [`Print::of`].
    pub(super) fn printer(&self, print: Print) -> Result<Printer, CliError> {
        print.into_sink(&self.sink, &self.bank)
    }
}
