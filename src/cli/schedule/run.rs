//! `jangbu schedule run`: runs what is due.

use std::path::Path;

use jangbu::blocking::Bank;
use jangbu::{CommandId, Position, schedules::ScheduledRun};

use super::super::data;
use super::super::error::CliError;
use super::super::output::Print;
use super::runs;

/// The number of schedules or runs read at a time.
const PAGE: usize = 1_000;

/// Run what is due, and show the outcome
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    print: Print,
}

/// Runs what is due and prints the runs, each schedule's oldest first.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = data::existing(data)?;
    let before = standing(&bank)?;
    bank.run_due()?;
    let mut rows = runs::begin(&args.print.of(&bank)?)?;
    for (id, seen) in before {
        for run in since(&bank, id, seen)?.iter().rev() {
            runs::push(&mut rows, id, run)?;
        }
    }
    // The runs are durable at this point, so they are printed even if closing the bank fails.
    rows.finish()?;
    Ok(bank.close()?)
}

/// Returns every schedule that can still run, and the position of its last record.
fn standing(bank: &Bank) -> Result<Vec<(CommandId, Position)>, CliError> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = bank.schedules(after, PAGE)?;
        all.extend(page.data.iter().map(|order| (order.id, order.position)));
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

/// Returns the runs of a schedule after its record at `seen`, newest first.
fn since(bank: &Bank, id: CommandId, seen: Position) -> Result<Vec<ScheduledRun>, CliError> {
    let mut found = Vec::new();
    if bank.standing_order(id)?.is_none_or(|order| order.position == seen) {
        return Ok(found);
    }
    let mut before = None;
    loop {
        let page = bank.schedule_runs(id, before, PAGE)?;
        let count = page.data.len();
        found.extend(page.data.into_iter().take_while(|run| run.position > seen));
        before = page.next;
        if before.is_none() || found.len() % PAGE != 0 || count == 0 {
            return Ok(found);
        }
    }
}
