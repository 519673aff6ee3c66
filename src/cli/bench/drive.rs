//! Drives the bank: accounts and deposits first, then the closed loop that is measured.

use std::time::{Duration, Instant};

use futures::stream::FuturesUnordered;
use futures::{StreamExt, TryStreamExt, stream};
use hdrhistogram::Histogram;
use jangbu::{AccountNumber, Bank, CashPosting, Command, Error, OpenAccount, OwnerId, Transfer};

use super::Args;
use super::load::Load;
use crate::cli::error::CliError;

/// Commands per batch, and batches under way, outside the measurement.
const SET_UP_BATCH: usize = 4_096;
const SET_UP_IN_FLIGHT: usize = 4;
/// Snapshots under way while the account actors are woken up.
const WARM_UP_IN_FLIGHT: usize = 1_024;

/// A batch that takes longer is told as having taken this long: an hour.
const LONGEST_NS: u64 = 3_600_000_000_000;

/// What was measured.
#[derive(Debug)]
pub(super) struct Run {
    /// From the first submission to the last answer.
    pub(super) elapsed: Duration,
    /// From a batch's submission to its answer.
    pub(super) latency_ns: Histogram<u64>,
}

/// Opens the accounts and deposits what they begin with.
pub(super) async fn set_up(bank: &Bank, load: &Load) -> Result<(), CliError> {
    let owner = OwnerId::new("bench").map_err(|error| CliError::Machine(error.to_string()))?;
    let open = |number: &AccountNumber| Command::OpenAccount(Box::new(OpenAccount::new(owner).with_number(*number)));
    let deposit = |number: &AccountNumber| Command::Deposit(CashPosting::new(*number, load.deposit()));
    in_batches(bank, load, open).await?;
    in_batches(bank, load, deposit).await
}

async fn in_batches(bank: &Bank, load: &Load, make: impl Fn(&AccountNumber) -> Command) -> Result<(), CliError> {
    let batches = load.accounts().chunks(SET_UP_BATCH).map(|accounts| accounts.iter().map(&make).collect());
    let answered = stream::iter(batches).map(|batch| posted(bank, Work::Batch(batch)));
    answered.buffer_unordered(SET_UP_IN_FLIGHT).try_for_each(|()| async { Ok(()) }).await
}

/// Wakes every account's actor, as in a bank that has been running for a while.
pub(super) async fn warm_up(bank: &Bank, load: &Load) -> Result<(), CliError> {
    let snapshots = stream::iter(load.accounts()).map(|number| bank.snapshot(*number));
    snapshots.buffer_unordered(WARM_UP_IN_FLIGHT).try_for_each(|_| async { Ok(()) }).await.map_err(CliError::from)
}

/// Runs the whole load with so many batches in flight, and measures each.
///
/// One thread does it: the futures of a single caller are cheaper than threads that would take turns with the
/// engine's.
pub(super) async fn closed_loop(bank: &Bank, load: &mut Load, args: &Args) -> Result<Run, CliError> {
    let mut latency_ns =
        Histogram::new_with_bounds(1, LONGEST_NS, 3).map_err(|error| CliError::Machine(error.to_string()))?;
    let mut in_flight = FuturesUnordered::new();
    let begin = Instant::now();
    for _ in 0..args.in_flight {
        in_flight.extend(next(load, args.batch).map(|work| timed(bank, work)));
    }
    while let Some(latency) = in_flight.next().await {
        let ns = u64::try_from(latency?.as_nanos()).unwrap_or(u64::MAX);
        latency_ns.saturating_record(ns);
        in_flight.extend(next(load, args.batch).map(|work| timed(bank, work)));
    }
    Ok(Run { elapsed: begin.elapsed(), latency_ns })
}

/// What one call of the bank is given.
enum Work {
    Single(Transfer),
    Batch(Vec<Command>),
}

fn next(load: &mut Load, batch: u32) -> Option<Work> {
    let mut transfers = load.batch(batch)?;
    if batch == 1 {
        transfers.next().map(Work::Single)
    } else {
        Some(Work::Batch(transfers.map(Command::Transfer).collect()))
    }
}

async fn timed(bank: &Bank, work: Work) -> Result<Duration, CliError> {
    let begin = Instant::now();
    posted(bank, work).await?;
    Ok(begin.elapsed())
}

/// Waits until all of it is durable; one refusal is an error.
async fn posted(bank: &Bank, work: Work) -> Result<(), CliError> {
    let refused = match work {
        Work::Single(transfer) => match bank.transfer(transfer).await {
            Ok(_) => None,
            Err(Error::Refused(refusal)) => Some(refusal),
            Err(error) => return Err(error.into()),
        },
        Work::Batch(commands) => bank.submit(commands).await?.into_iter().find_map(Result::err),
    };
    refused.map_or(Ok(()), |refusal| Err(CliError::Audit(format!("a command of the load was refused: {refusal}"))))
}
