//! `jangbu schedule runs`: the past runs of a schedule.

use jangbu::{
    CommandId,
    schedules::{RunOutcome, ScheduledRun},
};
use serde_json::{Value, json};

use super::super::context::Context;
use super::super::error::CliError;
use super::super::output::{Column, Print, Printer, Rows, moment};
use crate::tables::Cell;

/// The number of runs held in memory at a time.
const PAGE: usize = 1_000;

/// Show the runs of a schedule, newest first, even after it has ended
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The schedule's id
    schedule: CommandId,
    #[command(flatten)]
    print: Print,
}

/// Prints the runs.
pub(super) fn run(context: &Context, args: &Args) -> Result<(), CliError> {
    let bank = &context.bank;
    let mut page = bank.schedule_runs(args.schedule, None, PAGE)?;
    let mut rows = begin(&context.printer(args.print)?)?;
    loop {
        for run in &page.data {
            push(&mut rows, args.schedule, run)?;
        }
        match page.next {
            Some(before) => page = bank.schedule_runs(args.schedule, Some(before), PAGE)?,
            None => break,
        }
    }
    rows.finish()
}

/// Starts a list of runs.
pub(super) fn begin(printer: &Printer) -> Result<Rows, CliError> {
    let columns = [
        Column::Text("schedule"),
        Column::Text("occurrence"),
        Column::Text("recorded_at"),
        Column::Text("outcome"),
        Column::Number("attempt"),
        Column::Text("id"),
        Column::Number("position"),
        Column::Number("missed"),
    ];
    Rows::new(printer, &columns)
}

/// Adds a run of a schedule.
pub(super) fn push(rows: &mut Rows, schedule: CommandId, run: &ScheduledRun) -> Result<(), CliError> {
    let values = values(run);
    let cell = |value: &Value| match value {
        Value::Null => Cell::Missing,
        Value::String(text) => Cell::text(text),
        other => other.as_i64().map_or_else(|| Cell::text(other), Cell::Number),
    };
    let [outcome, attempt, id, position, missed] = &values;
    let cells = || {
        let mut cells = vec![Cell::text(schedule), run.occurrence.into(), run.recorded_at.into()];
        cells.extend(values.iter().map(cell));
        cells
    };
    let object = || {
        Ok(json!({
            "schedule": schedule,
            "occurrence": moment(run.occurrence),
            "recorded_at": moment(run.recorded_at),
            "outcome": outcome,
            "attempt": attempt,
            "id": id,
            "position": position,
            "missed": missed,
        }))
    };
    rows.push(cells, object)
}

/// Returns the outcome, the attempt's number and id, the position of the transfer, and the number of skipped
/// occurrences.
fn values(run: &ScheduledRun) -> [Value; 5] {
    match &run.outcome {
        RunOutcome::Posted { attempt, position } => {
            [json!("posted"), json!(attempt.number), json!(attempt.id), json!(position), Value::Null]
        }
        RunOutcome::Accepted { attempt, position } => {
            [json!("accepted"), json!(attempt.number), json!(attempt.id), json!(position), Value::Null]
        }
        RunOutcome::Refused { attempt, refusal } => {
            [json!(refusal.code()), json!(attempt.number), json!(attempt.id), Value::Null, Value::Null]
        }
        RunOutcome::Skipped { missed } => [json!("skipped"), Value::Null, Value::Null, Value::Null, json!(missed)],
    }
}
