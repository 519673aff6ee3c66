//! `jangbu schedule`: scheduled and standing orders, one file per subcommand.
//!
//! No other subcommand runs what is due: a bank that is only inspected must not change. `jangbu schedule run` can be
//! started by a timer of the system, for example once a minute. What falls due during another command waits.

mod add;
mod change;
mod list;
mod run;
mod runs;

use std::path::Path;

use clap::Subcommand;
use jangbu::schedules::ScheduleChange;

use super::context::Context;
use super::data;
use super::error::CliError;

/// Scheduled and standing orders: transfers at a future moment, once or repeatedly
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(Box<add::Args>),
    /// Pause a schedule until it is resumed
    Pause(change::Args),
    /// Resume a paused schedule; runs that were due in the meantime are skipped
    Resume(change::Args),
    /// Cancel a schedule for good
    Cancel(change::Args),
    Run(run::Args),
    #[command(flatten)]
    Read(Read),
}

/// Commands that only read.
#[derive(Debug, Subcommand)]
pub(super) enum Read {
    List(list::Args),
    Runs(runs::Args),
}

/// Runs the subcommand.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    match args.command {
        Command::Add(args) => add::run(data, *args),
        Command::Pause(args) => change::run(data, &args, ScheduleChange::Pause),
        Command::Resume(args) => change::run(data, &args, ScheduleChange::Resume),
        Command::Cancel(args) => change::run(data, &args, ScheduleChange::Cancel),
        Command::Run(args) => run::run(data, &args),
        Command::Read(read) => data::read(data, |context| read.run(context)),
    }
}

#[cfg(feature = "server")]
impl Args {
    /// Returns the command if it only reads.
    pub(super) fn reading(self) -> Option<Read> {
        if let Command::Read(read) = self.command { Some(read) } else { None }
    }
}

impl Read {
    /// Runs the command.
    pub(super) fn run(&self, context: &Context) -> Result<(), CliError> {
        match self {
            Read::List(args) => list::run(context, args),
            Read::Runs(args) => runs::run(context, args),
        }
    }
}
