//! `jangbu link`: carries out the steps of a file, all or none.
//!
//! Each row of the CSV file is a step and begins with its kind. There is no header. Empty lines and lines that begin
//! with `#` are ignored. The steps are carried out in order, as one record.
//!
//! | row | step |
//! | --- | --- |
//! | `transfer,FROM,TO,AMOUNT[,LABEL[,MOST FEE[,END-TO-END ID]]]` | moves money from one account to another |
//! | `at-most,FROM,TO,AMOUNT[,LABEL[,MOST FEE[,END-TO-END ID]]]` | the same, but moves less if less is available |
//! | `hold,FROM,TO,AMOUNT[,LABEL[,EXPIRES[,MOST FEE[,END-TO-END ID]]]]` | places a hold, whose id is that of the command and the number of the step |
//! | `settle,HOLD[,AMOUNT[,keep]]` | settles a hold; without an amount, all that is left |
//! | `void,HOLD` | voids a hold |
//! | `reverse,ID[,AMOUNT[,STEP[,LABEL]]]` | reverses an earlier movement; without an amount, all that is left |
//!
//! Trailing fields can be omitted, and a field can be empty.

mod sheet;
mod steps;

use std::path::{Path, PathBuf};

use jangbu::{Command, CommandId, Refusal, transfers::Linked};

use super::dry_run::{self, DryRun, unit_of};
use super::error::CliError;
use super::fields::Fields;
use super::output::Print;

/// The forms of a row, for the help.
const FORMS: &str = "\
Rows:
  transfer,FROM,TO,AMOUNT[,LABEL[,MOST FEE[,END-TO-END ID]]]
  at-most,FROM,TO,AMOUNT[,LABEL[,MOST FEE[,END-TO-END ID]]]
  hold,FROM,TO,AMOUNT[,LABEL[,EXPIRES[,MOST FEE[,END-TO-END ID]]]]
  settle,HOLD[,AMOUNT[,keep]]
  void,HOLD
  reverse,ID[,AMOUNT[,STEP[,LABEL]]]";

/// Carry out the steps of a CSV file atomically: all or none
///
/// Each row is a step, in one of the forms below. There is no header. Amounts are decimals of the sender's currency. A
/// step can spend what an earlier step brought. The id of a hold is that of the command, a dot, and the number of its
/// step, counted from 0; steps of the same file cannot draw on it. A file has up to 64 steps. Lines that begin with #
/// are ignored.
#[derive(Debug, clap::Args)]
#[command(after_help = FORMS)]
pub(super) struct Args {
    /// The CSV file
    file: PathBuf,
    #[command(flatten)]
    dry_run: DryRun,
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

/// Carries out the steps and prints their position.
///
/// # Errors
/// [`CliError::BadRows`] with the first unreadable row, [`CliError::RefusedRow`] with the refused one.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let rows = sheet::read(&args.file)?;
    let bank = args.dry_run.open(data)?;
    let steps = args.dry_run.check_lookup(&bank, args.print, steps::read(&bank, &args.file, &rows))?;
    let count = steps.len();
    let linked = Linked::new(steps);
    let id = args.id.unwrap_or(linked.id);
    let linked = linked.with_id(id);
    let units = steps::units(&bank, &linked.steps)?;
    if args.dry_run.is_set() {
        let preview = dry_run::preview(bank, &Command::Linked(linked), &units, args.print);
        return preview.map_err(|error| at_row(error, &args.file, &rows));
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

/// Adds to a step's refusal the row of the file.
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
