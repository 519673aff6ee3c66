//! Drives the bank: opens accounts, deposits money, then runs the measured loop.

use std::time::{Duration, Instant};

use futures::stream::FuturesUnordered;
use futures::{StreamExt, TryStreamExt, stream};
use hdrhistogram::Histogram;
use jangbu::{
    AccountNumber, Amount, Bank, CashPosting, Command, Currency, Error, OpenAccount, Outcome, OwnerId, Refusal,
    Transfer,
    accounts::{AccountType, TypeCode},
    holds::{PlaceHold, SettleHold},
};

use super::Args;
use super::load::Load;
use crate::cli::error::CliError;

/// The batch size, and the number of batches in flight, outside the measurement.
const SET_UP_BATCH: usize = 4_096;
const SET_UP_IN_FLIGHT: usize = 4;
/// The fee of a transfer with `--fees`, after an account's three free transfers of the day.
const FEE: u64 = 500;
const MILLION: u64 = 1_000_000;
/// The longest latency that is recorded exactly, an hour. Longer ones are recorded as this.
const MAX_LATENCY_NS: u64 = 3_600_000_000_000;

/// The result of a run.
#[derive(Debug)]
pub(super) struct Run {
    /// The time from the first submission to the last answer.
    pub(super) elapsed: Duration,
    /// The time from a batch's submission to its answer.
    pub(super) latency_ns: Histogram<u64>,
    /// The fees in the receipts, in minor units.
    pub(super) fees: u64,
    /// The time of each full million of transfers, to within a batch.
    pub(super) millions: Vec<Duration>,
}

/// Opens the accounts and makes the initial deposits. Returns how long it took until all accounts were durably open.
pub(super) async fn set_up(bank: &Bank, load: &Load, args: &Args) -> Result<Duration, CliError> {
    let owner = OwnerId::new("bench").map_err(bug)?;
    let kind = if args.fees { with_fee(bank).await? } else { TypeCode::basic() };
    let open = |number: &AccountNumber| {
        Command::OpenAccount(Box::new(OpenAccount::new(owner).with_number(*number).with_type(kind)))
    };
    let deposit = |number: &AccountNumber| Command::Deposit(CashPosting::new(*number, load.deposit()));
    let begin = Instant::now();
    in_batches(bank, load, open).await?;
    let opened = begin.elapsed();
    in_batches(bank, load, deposit).await?;
    Ok(opened)
}

/// Creates the account type with a fee.
async fn with_fee(bank: &Bank) -> Result<TypeCode, CliError> {
    let code = TypeCode::new("fee").map_err(bug)?;
    let mut kind = AccountType::new(code, "with a fee", Currency::krw());
    kind.fee = Amount::new(FEE).map_err(bug)?;
    // All accounts of the run have the same owner.
    kind.same_owner_exempt = false;
    bank.set_type(kind).await?;
    Ok(code)
}

fn bug(error: impl std::fmt::Display) -> CliError {
    CliError::Machine(error.to_string())
}

async fn in_batches(bank: &Bank, load: &Load, make: impl Fn(&AccountNumber) -> Command) -> Result<(), CliError> {
    let batches = load.accounts().chunks(SET_UP_BATCH).map(|accounts| accounts.iter().map(&make).collect());
    let answered = stream::iter(batches).map(|batch| posted(bank, Work::Batch(batch)));
    answered.buffer_unordered(SET_UP_IN_FLIGHT).try_for_each(|_| async { Ok(()) }).await
}

/// Wakes every account's actor with a deposit of one minor unit, as in a bank that has been running for a while.
pub(super) async fn warm_up(bank: &Bank, load: &Load) -> Result<(), CliError> {
    in_batches(bank, load, |number| Command::Deposit(CashPosting::new(*number, Amount::ONE))).await
}

/// Runs the whole load with the requested number of batches in flight, and measures each.
///
/// A single thread drives the loop: its futures cost less than threads that would compete with the engine's.
pub(super) async fn closed_loop(bank: &Bank, load: &mut Load, args: &Args) -> Result<Run, CliError> {
    let mut latency_ns = Histogram::new_with_bounds(1, MAX_LATENCY_NS, 3).map_err(bug)?;
    let mut fees = 0u64;
    let mut in_flight = FuturesUnordered::new();
    let (mut millions, mut posted, mut noted) = (Vec::new(), 0u64, Duration::ZERO);
    let begin = Instant::now();
    for _ in 0..args.in_flight {
        in_flight.extend(next(load, args).map(|turn| timed(bank, turn)));
    }
    while let Some(took) = in_flight.next().await {
        let took = took?;
        for latency in [Some(took.first), took.second].into_iter().flatten() {
            latency_ns.saturating_record(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
        }
        fees = fees.saturating_add(took.fees);
        posted = posted.saturating_add(took.transfers);
        if posted / MILLION > millions.len() as u64 {
            let elapsed = begin.elapsed();
            millions.push(elapsed.saturating_sub(noted));
            noted = elapsed;
        }
        in_flight.extend(next(load, args).map(|turn| timed(bank, turn)));
    }
    Ok(Run { elapsed: begin.elapsed(), latency_ns, fees, millions })
}

/// The input of one call to the bank.
enum Work {
    Single(Transfer),
    Hold(Box<PlaceHold>),
    Settle(SettleHold),
    Batch(Vec<Command>),
}

/// Calls made one after the other: transfers, or holds and then their settlements.
struct Turn {
    transfers: u64,
    first: Work,
    second: Option<Work>,
}

/// The duration of each call, and the fees in the receipts.
struct Timing {
    first: Duration,
    second: Option<Duration>,
    transfers: u64,
    fees: u64,
}

fn next(load: &mut Load, args: &Args) -> Option<Turn> {
    let mut transfers = load.batch(args.batch)?;
    let count = transfers.len() as u64;
    if args.two_phase {
        let transfers: Vec<Transfer> = transfers.collect();
        return two_phase(load, transfers, args.batch == 1);
    }
    let first = match args.batch {
        1 => transfers.next().map(Work::Single)?,
        _ => Work::Batch(transfers.map(Command::Transfer).collect()),
    };
    Some(Turn { transfers: count, first, second: None })
}

fn two_phase(load: &mut Load, transfers: Vec<Transfer>, single: bool) -> Option<Turn> {
    let count = transfers.len() as u64;
    // `PlaceHold::new` would draw another id.
    let hold = |Transfer { id, from, to, amount, details, .. }: Transfer| {
        Box::new(PlaceHold { id, from, to, amount, expires_at: None, verify: false, most_fee: None, details })
    };
    let mut settle = |transfer: &Transfer| SettleHold::all(transfer.id).with_id(load.id());
    if single {
        let transfer = transfers.into_iter().next()?;
        let second = Some(Work::Settle(settle(&transfer)));
        return Some(Turn { transfers: 1, first: Work::Hold(hold(transfer)), second });
    }
    let settles = transfers.iter().map(|transfer| Command::SettleHold(settle(transfer))).collect();
    let holds = transfers.into_iter().map(|transfer| Command::PlaceHold(hold(transfer))).collect();
    Some(Turn { transfers: count, first: Work::Batch(holds), second: Some(Work::Batch(settles)) })
}

async fn timed(bank: &Bank, turn: Turn) -> Result<Timing, CliError> {
    let transfers = turn.transfers;
    let begin = Instant::now();
    let mut fees = posted(bank, turn.first).await?;
    let first = begin.elapsed();
    let Some(second) = turn.second else { return Ok(Timing { first, second: None, transfers, fees }) };
    let begin = Instant::now();
    fees = fees.saturating_add(posted(bank, second).await?);
    Ok(Timing { first, second: Some(begin.elapsed()), transfers, fees })
}

/// Waits until everything is durable, and adds up the fees. A refusal is an error.
async fn posted(bank: &Bank, work: Work) -> Result<u64, CliError> {
    let fee = match work {
        Work::Single(transfer) => bank.transfer(transfer).await.map(|receipt| receipt.fee),
        // The fee of a hold is charged when it is settled.
        Work::Hold(hold) => bank.place_hold(*hold).await.map(|_| Amount::ZERO),
        Work::Settle(settle) => bank.settle_hold(settle).await.map(|receipt| receipt.fee),
        Work::Batch(commands) => {
            let mut fees = 0u64;
            for answer in bank.submit(commands).await? {
                let fee = match answer.map_err(|refusal| refused(&refusal))? {
                    Outcome::Posted(receipt) => receipt.fee,
                    Outcome::Drawn(receipt) => receipt.fee,
                    _ => Amount::ZERO,
                };
                fees = fees.saturating_add(fee.minor_units());
            }
            return Ok(fees);
        }
    };
    match fee {
        Ok(fee) => Ok(fee.minor_units()),
        Err(Error::Refused(refusal)) => Err(refused(&refusal)),
        Err(error) => Err(error.into()),
    }
}

fn refused(refusal: &Refusal) -> CliError {
    CliError::Audit(format!("a command of the load was refused: {refusal}"))
}
