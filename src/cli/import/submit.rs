//! Sends planned commands to the bank, several batches at a time, and counts what became of them.

use std::collections::BTreeMap;

use futures::StreamExt;
use futures::stream;
use indicatif::{ProgressBar, ProgressStyle};
use jangbu::{Bank, Command, Currency, Outcome, Position, Refusal};

use super::plan::Planned;
use crate::cli::error::CliError;

/// Commands per batch: enough to share one sync of the disk, few enough for the progress bar to move.
const BATCH: usize = 1_024;
/// Batches that are under way at a time, so that the next are decided while the disk is synced.
const IN_FLIGHT: usize = 4;

/// What became of the commands of one phase.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Done by this import.
    pub(super) done: u64,
    /// Done by an earlier one, with the same answer.
    pub(super) done_before: u64,
    /// Refused, by the refusal's code.
    pub(super) refused: BTreeMap<&'static str, u64>,
    /// What this import moved: minor units by currency and its scale.
    pub(super) moved: BTreeMap<(Currency, u8), u128>,
}

/// Has every command answered. A progress bar is shown where standard error is a terminal.
///
/// # Errors
/// Those of the bank; what the ledger refuses is counted.
pub(super) async fn all(bank: &Bank, phase: &'static str, planned: Vec<Planned>) -> Result<Tally, CliError> {
    let bar = ProgressBar::new(u64::try_from(planned.len()).unwrap_or(u64::MAX)).with_prefix(phase);
    if let Ok(style) = ProgressStyle::with_template("{prefix:8} [{bar:40}] {human_pos} of {human_len}") {
        bar.set_style(style.progress_chars("=> "));
    }
    // What stands in the journal by now was done before.
    let before = bank.stats().durable;
    let mut tally = Tally::default();
    let mut answers = stream::iter(batches(planned)).map(|batch| answer(bank, batch)).buffer_unordered(IN_FLIGHT);
    while let Some(batch) = answers.next().await {
        let batch = batch?;
        bar.inc(u64::try_from(batch.len()).unwrap_or(u64::MAX));
        for (answer, currency) in batch {
            tally.count(answer, currency, before);
        }
    }
    bar.finish_and_clear();
    Ok(tally)
}

type Batch = (Vec<Command>, Vec<(Currency, u8)>);
type Answered = Vec<(Result<Outcome, Refusal>, (Currency, u8))>;

fn batches(planned: Vec<Planned>) -> impl Iterator<Item = Batch> {
    let mut planned = planned.into_iter().peekable();
    std::iter::from_fn(move || {
        planned.peek()?;
        let batch = planned.by_ref().take(BATCH);
        Some(batch.map(|planned| (planned.command, (planned.currency, planned.scale))).unzip())
    })
}

async fn answer(bank: &Bank, (commands, currencies): Batch) -> Result<Answered, CliError> {
    let answers = bank.submit(commands).await?;
    Ok(answers.into_iter().zip(currencies).collect())
}

impl Tally {
    fn count(&mut self, answer: Result<Outcome, Refusal>, currency: (Currency, u8), before: Position) {
        let add = |count: &mut u64| *count = count.saturating_add(1);
        match answer {
            Err(refusal) => add(self.refused.entry(refusal.code()).or_default()),
            Ok(outcome) if outcome.position() <= before => add(&mut self.done_before),
            Ok(outcome) => {
                add(&mut self.done);
                if let Outcome::Posted(receipt) = outcome {
                    let moved = self.moved.entry(currency).or_default();
                    *moved = moved.saturating_add(u128::from(receipt.amount.minor_units()));
                }
            }
        }
    }
}
