//! Transfers that wait for verification while the load runs.

use std::time::Duration;

use jangbu::verification::RandomDelay;
use jangbu::{AccountNumber, Amount, Bank, Command, Outcome, commands::MAX_BATCH, holds::PlaceHold};

use super::Args;
use super::load::Load;
use crate::cli::error::CliError;

/// Longer than any run.
const DELAY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Returns a verifier that gives no verdict during the run.
pub(super) fn verifier() -> RandomDelay {
    RandomDelay::new(DELAY, DELAY, 0)
}

/// Places the holds, each from one account of the load to the next. Returns the held amount.
pub(super) async fn place(bank: &Bank, load: &mut Load, args: &Args) -> Result<u64, CliError> {
    let (mut left, mut held) = (usize::try_from(args.waiting).unwrap_or(usize::MAX), 0u64);
    let mut parties = pairs(load).into_iter().cycle();
    while left > 0 {
        load.read_clock();
        let batch: Vec<Command> = parties
            .by_ref()
            .take(left.min(MAX_BATCH))
            .map(|(from, to)| {
                let hold = PlaceHold { id: load.id(), verify: true, ..PlaceHold::new(from, to, Amount::ONE) };
                Command::PlaceHold(Box::new(hold))
            })
            .collect();
        left = left.saturating_sub(batch.len());
        for answer in bank.submit(batch).await? {
            let receipt = match answer {
                Ok(Outcome::Held(receipt)) => receipt,
                other => return Err(CliError::Audit(format!("a transfer to be verified was answered with {other:?}"))),
            };
            held = held.saturating_add(receipt.amount.minor_units()).saturating_add(receipt.fee.minor_units());
        }
    }
    Ok(held)
}

/// Pairs each account with the next, and the last with the first.
fn pairs(load: &Load) -> Vec<(AccountNumber, AccountNumber)> {
    let accounts = load.accounts();
    let next = accounts.iter().skip(1).chain(accounts.first());
    accounts.iter().copied().zip(next.copied()).collect()
}

/// Fails unless all of them still wait.
pub(super) async fn check(bank: &Bank, args: &Args) -> Result<(), CliError> {
    let (_, waiting) = bank.pending_verifications(None, 1).await?;
    if waiting == u64::from(args.waiting) {
        return Ok(());
    }
    Err(CliError::Audit(format!("{waiting} transfers wait for verification, not {}", args.waiting)))
}
