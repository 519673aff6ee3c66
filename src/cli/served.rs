//! Read-only commands on a bank that a service has open: the service runs the command and returns its output.

use std::io::Write;
use std::path::Path;

use clap::Parser;
use jangbu::Bank;

use super::context::Context;
use super::error::CliError;
use super::output::{Sink, stdout};
use super::{Cli, Command};
use crate::server::local::{self, Failed, Part};

/// Runs the command of this process in the service that has the bank open; `None` if no service does.
///
/// # Errors
/// When the service does not answer, or standard output cannot be written.
pub(super) fn read(data: &Path) -> Result<Option<Result<(), CliError>>, CliError> {
    let asking = |source| CliError::File { operation: "ask", path: local::socket_of(data), source };
    let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let Some(mut answer) = local::read(data, arguments.collect()).map_err(asking)? else { return Ok(None) };
    let mut output = stdout();
    loop {
        match answer.next().map_err(asking)? {
            Part::Output(bytes) => {
                output.write_all(&bytes)?;
                // A follower of events wants each as soon as it arrives.
                output.flush()?;
            }
            Part::End(Ok(())) => return Ok(Some(Ok(()))),
            Part::End(Err(Failed { line, status })) => return Ok(Some(Err(CliError::Served { line, status }))),
        }
    }
}

/// Runs a read-only command for another process, in the service that has the bank open.
///
/// # Errors
/// The error line and exit status for the other process.
pub(super) fn answer(arguments: Vec<String>, bank: Bank, to: Box<dyn Write>) -> Result<(), Failed> {
    let context = Context { bank: bank.into(), sink: Sink::other(to) };
    let not_read = || CliError::Usage("the service runs read-only commands only".into());
    let done = match Cli::try_parse_from(arguments).map(|cli| cli.command) {
        Ok(Command::Read(read)) => read.run(&context),
        Ok(Command::Currency(args)) if args.is_reading() => args.read(&context),
        Ok(Command::Type(args)) if args.is_reading() => args.read(&context),
        Ok(Command::Hold(args)) => args.reading().ok_or_else(not_read).and_then(|read| read.run(&context)),
        Ok(Command::Schedule(args)) => args.reading().ok_or_else(not_read).and_then(|read| read.run(&context)),
        Ok(_) => Err(not_read()),
        Err(error) => Err(CliError::Usage(format!("the running service does not know this command: {error}"))),
    };
    done.map_err(|error| Failed { line: error.line(), status: error.exit_status() })
}
