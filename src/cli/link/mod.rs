//! `jangbu link`: several steps from a file, all or none.
//!
//! Each row of the CSV file is a step and begins with its kind; there is no header. Empty lines, and lines that begin with
//! `#`, are left out. The steps are carried out in their order, as one record.
//!
//! | row | step |
//! | --- | --- |
//! | `transfer,FROM,TO,AMOUNT[,LABEL[,MOST FEE[,END-TO-END ID]]]` | money from account to account |
//! | `at-most,FROM,TO,AMOUNT[,LABEL[,MOST FEE[,END-TO-END ID]]]` | the same; less where less is available |
//! | `hold,FROM,TO,AMOUNT[,LABEL[,EXPIRES[,MOST FEE[,END-TO-END ID]]]]` | money set aside: a hold of the command's id and the step's number |
//! | `settle,HOLD[,AMOUNT[,keep]]` | a hold to its receiver, all that is left of it when there is no amount |
//! | `void,HOLD` | a hold back to its sender |
//! | `reverse,ID[,AMOUNT[,STEP[,LABEL]]]` | an earlier movement back to its sender, all that is left of it when there is no amount |
//!
//! Fields at the end of a row can be left out, and a field can be empty.

mod sheet;
mod steps;

use std::path::{Path, PathBuf};

use jangbu::{Command, CommandId, Refusal, transfers::Linked};

use super::dry_run::{self, DryRun, unit_of};
use super::error::CliError;
use super::fields::Fields;
use super::output::Print;

/// Carry out the steps of a CSV file atomically: all or none
///
/// Each row is a step, without a header: transfer,FROM,TO,AMOUNT[,LABEL[,MOST FEE[,END-TO-END ID]]], or at-most with the
/// same fields, or hold,FROM,TO,AMOUNT[,LABEL[,EXPIRES[,MOST FEE[,END-TO-END ID]]]], or settle,HOLD[,AMOUNT[,keep]], or void,HOLD, or reverse,ID[,AMOUNT[,STEP[,LABEL]]]. Amounts are decimals of
/// the sender's currency. A step can spend what a step before it brought. A hold has the id of the command and, behind a dot,
/// the number of its step, counted from 0; steps of the same file do not draw on it. Up to 64 steps; lines that begin with # are left
/// out.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file
    file: PathBuf,
    #[command(flatten)]
    dry_run: DryRun,
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

/// Carries the steps out and prints where they are recorded.
///
/// # Errors
/// [`CliError::BadRows`] with the first row that cannot be read, [`CliError::RefusedRow`] with the one that is refused.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let rows = sheet::read(&args.file)?;
    let bank = args.dry_run.open(data)?;
    let steps = args.dry_run.looked_up(&bank, args.print, steps::read(&bank, &args.file, &rows))?;
    let count = steps.len();
    let linked = Linked::new(steps);
    let id = args.id.unwrap_or(linked.id);
    let linked = linked.with_id(id);
    let units = steps::units(&bank, &linked.steps)?;
    if args.dry_run.is_asked() {
        let told = dry_run::tell(bank, &Command::Linked(linked), &units, args.print);
        return told.map_err(|error| at_row(error, &args.file, &rows));
    }
    let printer = args.print.of(&bank)?;
    let position = bank.linked(linked).map_err(|error| {
        let error = match CliError::from(error) {
            CliError::Refused { refusal, .. } => CliError::Refused { unit: unit_of(&refusal, &units), refusal },
            other => other,
        };
        at_row(error, &args.file, &rows)
    })?;
    bank.close()?;
    Fields::default().text("id", id).plain("position", position).plain("steps", count).print(&printer)
}

/// Says of the refusal of a step in which row of the file the step is.
fn at_row(error: CliError, path: &Path, rows: &[sheet::Row]) -> CliError {
    match error {
        CliError::Refused { refusal: Refusal::Linked { step, refusal }, unit } => {
            let step = usize::from(step);
            let line = rows.get(step).map_or(0, |row| row.line);
            CliError::RefusedRow { path: path.into(), line, step, refusal: *refusal, unit }
        }
        other => other,
    }
}
