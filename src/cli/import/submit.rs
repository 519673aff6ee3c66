//! Submits rows to the bank, several batches at a time.

use futures::stream;
use futures::{StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use jangbu::{Bank, Outcome, Position, Refusal};

use super::earlier::{self, Lookup};
use super::identity::FIRST;
use super::outcome::{RowOutcome, Status};
use super::plan::{Plan, Verdict};
use crate::cli::error::CliError;

/// The number of commands per batch: enough to share one sync of the disk, few enough for the progress bar to move.
const BATCH: usize = 1_024;
/// The number of batches in flight, so that the next ones are decided while the disk is synced.
const IN_FLIGHT: usize = 4;
/// The number of refused rows lookup up at a time: enough to keep the bank's reading threads busy.
const LOOKUPS_IN_FLIGHT: usize = 8;

/// SubmitOptions rows are submitted.
#[derive(Clone, Copy, Debug)]
pub(super) struct SubmitOptions {
    pub(super) month: u32,
    /// Whether rows that an earlier import refused are tried again.
    pub(super) retry: bool,
    /// The end of the journal before the import. Anything up to it was done before.
    pub(super) before: Position,
}

/// Submits every row of a file, and stores each outcome in `outcomes` as soon as it is known. Shows a progress bar if
/// standard error is a terminal.
///
/// # Errors
/// Those of the bank. A refusal by the ledger is an outcome.
pub(super) async fn all(
    bank: &Bank,
    plan: &Plan,
    options: SubmitOptions,
    outcomes: &mut [RowOutcome],
) -> Result<(), CliError> {
    let is_asked = |(at, verdict): (usize, &Verdict)| matches!(verdict, Verdict::Ask(_)).then_some((at, FIRST));
    let request: Vec<Attempt> = plan.verdicts.iter().enumerate().filter_map(is_asked).collect();
    let mut refused = ask(bank, plan, options, &request, outcomes).await?;
    refused.sort_by_key(|(attempt, _)| attempt.0);
    let lookup: Vec<(usize, Lookup)> = stream::iter(refused)
        .map(|((at, _), refusal)| async move {
            Ok::<_, CliError>((at, earlier::look_up(bank, plan, at, refusal, options).await?))
        })
        .buffered(LOOKUPS_IN_FLIGHT)
        .try_collect()
        .await?;
    let mut again = Vec::new();
    for (at, lookup) in lookup {
        match lookup {
            Lookup::Known(outcome) => note(outcomes, at, outcome),
            Lookup::Retry(attempt) => again.push((at, attempt)),
        }
    }
    for ((at, attempt), refusal) in ask(bank, plan, options, &again, outcomes).await? {
        if let Some(Verdict::Ask(task)) = plan.verdicts.get(at) {
            note(outcomes, at, RowOutcome::refused(Status::Refused, attempt, &refusal, task.unit));
        }
    }
    Ok(())
}

/// A row, counted from 0, and the number of the attempt.
type Attempt = (usize, u32);

/// Submits attempts at rows, in order. Returns the refused ones.
async fn ask(
    bank: &Bank,
    plan: &Plan,
    options: SubmitOptions,
    attempts: &[Attempt],
    outcomes: &mut [RowOutcome],
) -> Result<Vec<(Attempt, Refusal)>, CliError> {
    let bar = ProgressBar::new(u64::try_from(attempts.len()).unwrap_or(u64::MAX)).with_prefix(plan.sheet.kind().rows());
    if let Ok(style) = ProgressStyle::with_template("{prefix:8} [{bar:40}] {human_pos} of {human_len}") {
        bar.set_style(style.progress_chars("=> "));
    }
    let mut refused = Vec::new();
    let batches = attempts.chunks(BATCH).map(|batch| answer(bank, plan, options.month, batch));
    let mut answers = stream::iter(batches).buffer_unordered(IN_FLIGHT);
    while let Some(batch) = answers.next().await {
        let batch = batch?;
        bar.inc(u64::try_from(batch.len()).unwrap_or(u64::MAX));
        for ((at, attempt), answer) in batch {
            match answer {
                Ok(outcome) if outcome.position() <= options.before => {
                    note(outcomes, at, RowOutcome::plain(Status::Before, attempt))
                }
                Ok(_) => note(outcomes, at, RowOutcome::plain(Status::Done, attempt)),
                Err(refusal) => refused.push(((at, attempt), refusal)),
            }
        }
    }
    bar.finish_and_clear();
    Ok(refused)
}

type Answers = Vec<(Attempt, Result<Outcome, Refusal>)>;

async fn answer(bank: &Bank, plan: &Plan, month: u32, batch: &[Attempt]) -> Result<Answers, CliError> {
    let command = |&(at, attempt): &Attempt| match (plan.verdicts.get(at), plan.sheet.row(at)) {
        (Some(Verdict::Ask(task)), Ok(row)) => Some(((at, attempt), task.command(&row, attempt, month))),
        // Only rows with a task are submitted.
        _ => None,
    };
    let (attempts, commands): (Vec<Attempt>, Vec<_>) = batch.iter().filter_map(command).unzip();
    Ok(attempts.into_iter().zip(bank.submit(commands).await?).collect())
}

fn note(outcomes: &mut [RowOutcome], at: usize, outcome: RowOutcome) {
    if let Some(slot) = outcomes.get_mut(at) {
        *slot = outcome;
    }
}
