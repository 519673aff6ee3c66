//! `jangbu events`: the events in the journal, one JSON object per line.

use std::io::Write;

use jangbu::blocking::Bank;
use jangbu::{
    AccountNumber, Position,
    events::{Event, EventError},
};

use super::args;
use super::context::Context;
use super::error::CliError;
use super::output::Output;

/// The number of events held in memory at a time.
const PAGE: usize = 1_000;

/// Print the bank's events, one JSON object per line, oldest first
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Start at this journal position
    #[arg(long, value_name = "POSITION", default_value_t = 1)]
    from: u64,
    /// Only events of this account, and refused commands that name it
    #[arg(long, value_parser = crate::cli::args::typed)]
    account: Option<AccountNumber>,
    /// Keep printing new events until interrupted
    #[arg(long)]
    follow: bool,
}

/// Prints past events and, with `follow`, new ones.
pub(super) fn run(context: &Context, args: &Args) -> Result<(), CliError> {
    let bank = &context.bank;
    let from = Position::new(args.from);
    let account = args.account.map(|typed| args::resolve(bank, typed)).transpose()?;
    let mut output = context.sink.open();
    if args.follow {
        return follow(bank, account, from, output);
    }
    let mut next = Some(from);
    while let Some(position) = next {
        let page = bank.events(position, PAGE)?;
        let wanted = |event: &&Event| account.is_none_or(|account| event.accounts.contains(&account));
        for event in page.data.iter().filter(wanted) {
            print(&mut output, event)?;
        }
        next = page.next;
    }
    Ok(output.flush()?)
}

fn follow(bank: &Bank, account: Option<AccountNumber>, from: Position, mut output: Output) -> Result<(), CliError> {
    let events = match account {
        Some(account) => bank.subscribe_account(account, from)?,
        None => bank.subscribe(from)?,
    };
    for event in events {
        match event {
            Ok(event) => {
                print(&mut output, &event)?;
                // A follower wants each line as soon as it is there.
                output.flush()?;
            }
            // The reader of the output is slow, but loses no event.
            Err(EventError::Lagging { .. }) => {}
            Err(EventError::Bank(error)) => return Err(error.into()),
            Err(other) => return Err(CliError::Machine(other.to_string())),
        }
    }
    Ok(())
}

fn print(output: &mut Output, event: &Event) -> Result<(), CliError> {
    serde_json::to_writer(&mut *output, event)?;
    writeln!(output)?;
    Ok(())
}
