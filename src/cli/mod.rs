//! The command line: one file per subcommand.
//!
//! Standard output carries the result and nothing else, so that `--format json` can be piped. Progress, rows that
//! cannot be imported, logs and errors go to standard error. An error is one line that begins with `error: `.
//!
//! # Exit statuses
//!
//! | status | meaning |
//! | --- | --- |
//! | 0 | done |
//! | 1 | the ledger refused the command; the service is not ready (`health`); a row or file could not be imported; `check`, `recover`, `verify-backup` or `restore` found a fault; or `bench` failed its audit |
//! | 2 | the command line or a setting is wrong: an unknown option, a malformed account number or amount, a missing file |
//! | 3 | the bank cannot be used: in use, damaged, of a newer version, missing, read-only, disk full, clock not trusted; or the requested history is archived |
//!
//! This module must never decide anything about money. It parses arguments, asks the bank, and prints.

mod account;
mod accounts;
#[cfg(feature = "server")]
mod admin;
mod archive;
mod args;
mod backup;
mod balance;
mod bench;
mod bounds;
mod cash;
mod change;
mod check;
mod clock;
mod completions;
#[cfg(feature = "server")]
mod config;
mod context;
mod currency;
mod data;

#[cfg(test)]
mod document_tests;
mod dry_run;
mod error;
mod events;
mod examples;
mod fields;
mod founding;
#[cfg(feature = "server")]
mod health;
mod hold;
mod import;
mod kind;
mod link;
mod logging;
mod open;
#[cfg(feature = "server")]
mod openapi;
#[cfg(feature = "server")]
mod order;
mod output;
mod recover;
#[cfg(test)]
mod reference_tests;
mod registry;
mod repair;
mod restore;
mod reverse;
mod schedule;
#[cfg(feature = "server")]
mod serve;
#[cfg(feature = "server")]
mod served;
#[cfg(feature = "server")]
mod settings;
mod statement;
mod sweep;
mod texts;
#[cfg(feature = "server")]
mod token;
mod transfer;
mod transfers;
mod trial_balance;
mod verify_backup;
mod when;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use tracing_subscriber::filter::LevelFilter;

use context::Context;
use error::CliError;

const EXIT_STATUSES: &str = "\
Exit statuses:
  0  done
  1  the ledger refused the command; the service is not ready (health); a row or file could not be
     imported; check, recover, verify-backup or restore found a fault; or bench failed its audit
  2  the command line or a setting is wrong: an unknown option, a malformed account number or
     amount, a missing file
  3  the bank cannot be used: in use, damaged, of a newer version, missing, read-only, disk full,
     clock not trusted (see clock); or the requested history is archived

Environment:
  JANGBU_DATA            the bank's directory, unless --data is given
  JANGBU_ADMIN_PASSWORD  serve: the password of `admin`, a new bank's first administrator
  JANGBU_…               serve, health, config: any setting, as `jangbu config` lists them
  JANGBU_LOG             the log filter, such as info or jangbu=debug [default: warn; serve: info]";

/// An actor-model banking engine: one actor per account, a durable journal
#[derive(Debug, Parser)]
#[command(name = "jangbu", version, after_help = EXIT_STATUSES, max_term_width = 110)]
struct Cli {
    /// The bank's directory
    #[arg(long, value_name = "DIR", default_value = "./data", env = "JANGBU_DATA", global = true)]
    data: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Import(import::Args),
    Open(open::Args),
    #[command(flatten)]
    Read(Read),
    Transfer(transfer::Args),
    /// Deposit cash into an account
    Deposit(cash::Args),
    /// Withdraw cash from an account
    Withdraw(cash::Args),
    Currency(currency::Args),
    Type(kind::Args),
    /// Freeze an account: refuse outgoing money, incoming money, or both
    Freeze(change::FreezeArgs),
    /// Unfreeze an account
    Unfreeze(change::FreezeArgs),
    Close(change::CloseArgs),
    Limits(change::LimitsArgs),
    Schedule(schedule::Args),
    Hold(hold::Args),
    Link(link::Args),
    Reverse(reverse::Args),
    Repair(repair::Args),
    Sweep(sweep::Args),
    Check(check::Args),
    Clock(clock::Args),
    Bench(bench::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Recover(recover::Args),
    VerifyBackup(verify_backup::Args),
    Archive(archive::Args),
    #[cfg(feature = "server")]
    Serve(serve::Args),
    #[cfg(feature = "server")]
    Health(health::Args),
    #[cfg(feature = "server")]
    Config(config::Args),
    #[cfg(feature = "server")]
    Admin(admin::Args),
    #[cfg(feature = "server")]
    Token(token::Args),
    #[cfg(feature = "server")]
    Openapi(openapi::Args),
    Completions(completions::CompletionsArgs),
    Man(completions::ManArgs),
}

/// Commands that only read. They also work while a service has the bank open.
#[derive(Debug, Subcommand)]
enum Read {
    Accounts(accounts::Args),
    Account(account::Args),
    Statement(statement::Args),
    Transfers(Box<transfers::Args>),
    Events(events::Args),
    Balance(balance::Args),
    TrialBalance(trial_balance::Args),
}

impl Read {
    fn run(&self, context: &Context) -> Result<(), CliError> {
        match self {
            Read::Accounts(args) => accounts::run(context, args),
            Read::Account(args) => account::run(context, args),
            Read::Statement(args) => statement::run(context, args),
            Read::Transfers(args) => transfers::run(context, args),
            Read::Events(args) => events::run(context, args),
            Read::Balance(args) => balance::run(context, args),
            Read::TrialBalance(args) => trial_balance::run(context, args),
        }
    }
}

impl Command {
    /// Returns the log level used when `JANGBU_LOG` is not set.
    const fn default_log_level(&self) -> LevelFilter {
        match self {
            // Nobody watches the output of a service; its log is read afterwards.
            #[cfg(feature = "server")]
            Command::Serve(_) => LevelFilter::INFO,
            _ => LevelFilter::WARN,
        }
    }
}

/// Returns the command line with the examples in each subcommand's help.
fn command_line() -> clap::Command {
    examples::with_examples(Cli::command())
}

/// Runs the command line of this process.
pub(crate) fn main() -> ExitCode {
    let read = Cli::from_arg_matches(&command_line().get_matches());
    // A mismatch between clap's matches and `Cli` is a bug in the definitions above; clap reports it.
    let cli = read.unwrap_or_else(|error| error.exit());
    logging::start(cli.command.default_log_level());
    match run(cli) {
        // A closed pipe is not an error: `jangbu accounts | head -1` has all that it needs.
        Ok(()) | Err(CliError::ReaderGone) => ExitCode::SUCCESS,
        Err(error) => {
            error.print();
            ExitCode::from(error.exit_status())
        }
    }
}

fn run(cli: Cli) -> Result<(), CliError> {
    let data = cli.data.as_path();
    match cli.command {
        Command::Import(args) => import::run(data, &args),
        Command::Open(args) => open::run(data, args),
        Command::Read(read) => data::read(data, |context| read.run(context)),
        Command::Transfer(args) => transfer::run(data, args),
        Command::Deposit(args) => cash::run(data, args, cash::Direction::In),
        Command::Withdraw(args) => cash::run(data, args, cash::Direction::Out),
        Command::Currency(args) => currency::run(data, &args),
        Command::Type(args) => kind::run(data, &args),
        Command::Freeze(args) => change::freeze(data, &args, true),
        Command::Unfreeze(args) => change::freeze(data, &args, false),
        Command::Close(args) => change::close(data, &args),
        Command::Limits(args) => change::limits(data, &args),
        Command::Schedule(args) => schedule::run(data, args),
        Command::Hold(args) => hold::run(data, args),
        Command::Link(args) => link::run(data, &args),
        Command::Reverse(args) => reverse::run(data, &args),
        Command::Repair(args) => repair::run(data, &args),
        Command::Sweep(args) => sweep::run(data, &args),
        Command::Check(args) => check::run(data, &args),
        Command::Clock(args) => clock::run(data, &args),
        Command::Bench(args) => bench::run(&args),
        Command::Backup(args) => backup::run(data, &args),
        Command::Restore(args) => restore::run(data, &args),
        Command::Recover(args) => recover::run(data, &args),
        Command::VerifyBackup(args) => verify_backup::run(&args),
        Command::Archive(args) => archive::run(data, &args),
        #[cfg(feature = "server")]
        Command::Serve(args) => serve::run(data, &args),
        #[cfg(feature = "server")]
        Command::Health(args) => health::run(data, &args),
        #[cfg(feature = "server")]
        Command::Config(args) => config::run(data, &args),
        #[cfg(feature = "server")]
        Command::Admin(args) => admin::run(data, args),
        #[cfg(feature = "server")]
        Command::Token(args) => token::run(data, args),
        #[cfg(feature = "server")]
        Command::Openapi(_) => openapi::run(),
        Command::Completions(args) => completions::completions(&args),
        Command::Man(args) => completions::man(&args),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command_line().debug_assert();
    }
}
