//! Asks the bank for what rows ask for, several batches at a time.

use futures::stream;
use futures::{StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use jangbu::{Bank, Outcome, Position, Refusal};

use super::earlier::{self, Looked};
use super::fate::{Fate, Status};
use super::identity::FIRST;
use super::plan::{Plan, Verdict};
use crate::cli::error::CliError;

/// Commands per batch: enough to share one sync of the disk, few enough for the progress bar to move.
const BATCH: usize = 1_024;
/// Batches that are under way at a time, so that the next are decided while the disk is synced.
const IN_FLIGHT: usize = 4;
/// Refused rows that are looked up at a time: enough to keep the bank's reading threads busy.
const LOOK_UPS: usize = 8;

/// How rows are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// The month of the orders.
    pub(super) month: u32,
    /// Whether rows that were refused before are tried again.
    pub(super) retry: bool,
    /// The end of the journal before the import: what stands there was done before.
    pub(super) before: Position,
}

/// Has every row of a file answered, and notes in `fates` what became of each as soon as it is known. A progress bar is shown
/// where standard error is a terminal.
///
/// # Errors
/// Those of the bank; what the ledger refuses is a fate.
pub(super) async fn all(bank: &Bank, plan: &Plan, how: How, fates: &mut [Fate]) -> Result<(), CliError> {
    let is_asked = |(at, verdict): (usize, &Verdict)| matches!(verdict, Verdict::Ask(_)).then_some((at, FIRST));
    let asked: Vec<Attempt> = plan.verdicts.iter().enumerate().filter_map(is_asked).collect();
    let mut refused = ask(bank, plan, how, &asked, fates).await?;
    refused.sort_by_key(|(attempt, _)| attempt.0);
    let looked: Vec<(usize, Looked)> = stream::iter(refused)
        .map(|((at, _), refusal)| async move {
            Ok::<_, CliError>((at, earlier::look_up(bank, plan, at, refusal, how).await?))
        })
        .buffered(LOOK_UPS)
        .try_collect()
        .await?;
    let mut again = Vec::new();
    for (at, looked) in looked {
        match looked {
            Looked::Known(fate) => note(fates, at, fate),
            Looked::Again(attempt) => again.push((at, attempt)),
        }
    }
    for ((at, attempt), refusal) in ask(bank, plan, how, &again, fates).await? {
        if let Some(Verdict::Ask(task)) = plan.verdicts.get(at) {
            note(fates, at, Fate::refused(Status::Refused, attempt, &refusal, task.unit));
        }
    }
    Ok(())
}

/// A row, counted from 0, and the number of the attempt at it.
type Attempt = (usize, u32);

/// Asks for attempts at rows, in their order. Returns those that were refused.
async fn ask(
    bank: &Bank,
    plan: &Plan,
    how: How,
    attempts: &[Attempt],
    fates: &mut [Fate],
) -> Result<Vec<(Attempt, Refusal)>, CliError> {
    let bar = ProgressBar::new(u64::try_from(attempts.len()).unwrap_or(u64::MAX)).with_prefix(plan.sheet.kind().rows());
    if let Ok(style) = ProgressStyle::with_template("{prefix:8} [{bar:40}] {human_pos} of {human_len}") {
        bar.set_style(style.progress_chars("=> "));
    }
    let mut refused = Vec::new();
    let batches = attempts.chunks(BATCH).map(|batch| answer(bank, plan, how.month, batch));
    let mut answers = stream::iter(batches).buffer_unordered(IN_FLIGHT);
    while let Some(batch) = answers.next().await {
        let batch = batch?;
        bar.inc(u64::try_from(batch.len()).unwrap_or(u64::MAX));
        for ((at, attempt), answer) in batch {
            match answer {
                Ok(outcome) if outcome.position() <= how.before => {
                    note(fates, at, Fate::plain(Status::Before, attempt))
                }
                Ok(_) => note(fates, at, Fate::plain(Status::Done, attempt)),
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
        // Only rows that were understood are asked for.
        _ => None,
    };
    let (attempts, commands): (Vec<Attempt>, Vec<_>) = batch.iter().filter_map(command).unzip();
    Ok(attempts.into_iter().zip(bank.submit(commands).await?).collect())
}

fn note(fates: &mut [Fate], at: usize, fate: Fate) {
    if let Some(place) = fates.get_mut(at) {
        *place = fate;
    }
}
