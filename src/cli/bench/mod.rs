//! `jangbu bench`: how fast this machine and this disk move money, durably, and whether it is all there afterwards.
//!
//! A closed loop: so many batches are in flight, and the next one leaves when one is answered, which is when it is
//! on disk. Only posted transfers count, and one refusal fails the run. At the end the bank is closed, audited
//! offline, opened again from disk and asked for what it answered.
//!
//! What this module must never do: measure what is not durable (it refuses file systems in memory), or leave its
//! directory behind.

mod audit;
mod drive;
#[cfg(feature = "server")]
mod http;
mod load;
mod pick;
mod place;
mod report;
mod set_up;
mod waiting;

use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use clap::{ValueEnum, value_parser};
use futures::executor::block_on;
use jangbu::{Bank, commands::MAX_BATCH};

use super::error::CliError;
use audit::Answered;
use load::Load;
use place::Place;
use report::Figures;

/// The options that shape a run without `--http`, and that mean nothing with it.
#[cfg(feature = "server")]
const WITHOUT_HTTP: [&str; 9] =
    ["accounts", "transfers", "batch", "in_flight", "distribution", "fees", "two_phase", "active", "waiting"];

/// Measure durable transfers per second on a fresh bank, and audit it
///
/// Makes a bank in a directory of its own, next to where it is run, and removes it at the end; the bank in --data is
/// not touched. Opens accounts, runs transfers among them, and measures the time from a batch's submission to its
/// durable answer. Then the bank is closed, audited, opened again from disk and compared with what was answered.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The number of accounts among which money moves
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = value_parser!(u32).range(2..=10_000_000))]
    accounts: u32,
    /// Move money among the first N accounts only; the others stay on disk
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(2..=10_000_000))]
    active: Option<u32>,
    /// Transfers to run
    #[arg(long, value_name = "N", default_value_t = 4_000_000, value_parser = value_parser!(u64).range(1..=1_000_000_000))]
    transfers: u64,
    /// Transfers per batch
    #[arg(long, value_name = "N", default_value_t = 8_189, value_parser = value_parser!(u32).range(1..=MAX_BATCH as i64))]
    batch: u32,
    /// Batches in flight at a time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..=65_536))]
    in_flight: u32,
    /// How transfers are spread over the accounts
    #[arg(long, value_enum, default_value_t = Distribution::Uniform)]
    distribution: Distribution,
    /// Let every account be of a type with a fee of 500 after 3 free transfers a day, which all go into one fee account
    #[arg(long)]
    fees: bool,
    /// Let each batch place holds, and the next one settle them all; a transfer is then such a pair
    #[arg(long)]
    two_phase: bool,
    /// Hold so many transfers before the run, which wait for their verification as long as it lasts
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = value_parser!(u32).range(..=1_000_000))]
    waiting: u32,
    /// Threads that the account actors are spread over; the engine's default when not given
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroU32>,
    /// What the random numbers begin with; the same seed gives the same accounts and amounts
    #[arg(long, value_name = "N", default_value_t = 88_172_645_463_325_252, value_parser = value_parser!(u64).range(1..))]
    seed: u64,
    /// Where the fresh directory is made
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Opens the accounts in that directory, for --active
    #[arg(long, hide = true, value_name = "DIR")]
    set_up: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Measure the service instead: a server and a load generator on loopback, and beside it a handler that does nothing
    #[cfg(feature = "server")]
    #[arg(long, conflicts_with_all = WITHOUT_HTTP)]
    http: bool,
    /// Connections that send single transfers, with --http
    #[cfg(feature = "server")]
    #[arg(long, value_name = "N", default_value_t = 64, requires = "http", conflicts_with_all = WITHOUT_HTTP, value_parser = value_parser!(u32).range(1..=4_096))]
    connections: u32,
    /// How long each part is measured, with --http
    #[cfg(feature = "server")]
    #[arg(long, value_name = "N", default_value_t = 10, requires = "http", conflicts_with_all = WITHOUT_HTTP, value_parser = value_parser!(u32).range(1..=3_600))]
    seconds: u32,
    /// Serves the handler that does nothing, for --http
    #[cfg(feature = "server")]
    #[arg(long, hide = true, exclusive = true)]
    http_bare: bool,
}

impl Args {
    /// How many records a transfer of this run leaves.
    const fn records_per_transfer(&self) -> u64 {
        if self.two_phase { 2 } else { 1 }
    }

    /// Among how many accounts money moves.
    fn active(&self) -> u32 {
        self.active.map_or(self.accounts, |active| active.min(self.accounts))
    }
}

/// How often which account takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Distribution {
    /// All as often, as sender and as receiver
    Uniform,
    /// The n-th most busy one n times as rarely as the busiest
    Zipf,
    /// One account receives everything
    Hot,
}

/// Measures, audits, and prints the figures.
///
/// # Errors
/// [`CliError::Audit`] when a transfer was refused or the disk does not hold what was answered.
pub(super) fn run(args: &Args) -> Result<(), CliError> {
    #[cfg(feature = "server")]
    if args.http_bare {
        return http::serve_bare();
    } else if args.http {
        return http::run(&http::Settings {
            dir: args.dir.clone(),
            connections: usize::try_from(args.connections).unwrap_or(usize::MAX),
            time: std::time::Duration::from_secs(args.seconds.into()),
            json: args.json,
        });
    }
    if let Some(path) = &args.set_up {
        return block_on(set_up::here(args, path));
    }
    let place = Place::make(&args.dir)?;
    let figures = block_on(measure(args, &place))?;
    figures.print(args.json)
}

async fn measure(args: &Args, place: &Place) -> Result<Figures, CliError> {
    let fdatasync_us = place.fdatasync_us()?;
    let mut load = Load::new(args)?;

    say(args, &format!("opening {} accounts", args.accounts));
    let opening = match args.active {
        Some(_) => set_up::in_a_child(args, place.bank())?,
        None => set_up::set_up(args, &load, place.bank()).await?,
    };
    let beside_before = place.bytes_beside_segments()?;

    let bank = open(args, place.bank())?;
    drive::warm_up(&bank, &load).await?;
    let held = waiting::place(&bank, &mut load, args).await?;
    say(args, &format!("running {} transfers", args.transfers));
    let before = bank.stats();
    let run = drive::closed_loop(&bank, &mut load, args).await?;
    let after = bank.stats();
    waiting::check(&bank, args).await?;
    bank.close().await?;
    // The deposits that woke the accounts, and the holds that wait, are records of about the same size: each bears its share.
    let recorded = args.transfers.saturating_mul(args.records_per_transfer());
    let records = u128::from(recorded).saturating_add(args.active().into()).saturating_add(args.waiting.into());
    let beside = place.bytes_beside_segments()?.saturating_sub(beside_before);
    let written = u128::from(after.written_bytes.saturating_add(beside));
    let share = written.saturating_mul(recorded.into()).checked_div(records).unwrap_or(written);
    let bytes = u64::try_from(share).unwrap_or(u64::MAX);
    let peak_rss_bytes = place::peak_rss_bytes()?;

    say(args, "auditing");
    let answered = Answered { records: before.durable.get().saturating_add(recorded), fees: run.fees, held };
    let reopening = audit::audit(place.bank(), &load, args, answered).await?;
    Ok(Figures {
        transfers: args.transfers,
        two_phase: args.two_phase,
        elapsed: run.elapsed,
        latency_ns: run.latency_ns,
        millions: run.millions,
        opening,
        reopening,
        bytes,
        peak_rss_bytes,
        commits: after.commits.saturating_sub(before.commits),
        debit_messages: after.debit_messages.saturating_sub(before.debit_messages),
        credit_messages: after.credit_messages.saturating_sub(before.credit_messages),
        fdatasync_us,
        filesystem: place.filesystem().to_owned(),
    })
}

fn open(args: &Args, path: &Path) -> Result<Bank, CliError> {
    // Every batch that the loop keeps under way must be admitted: a measurement of refusals would be none.
    let in_flight = usize::try_from(u64::from(args.in_flight).saturating_mul(args.batch.into())).unwrap_or(usize::MAX);
    // All accounts that are worked with stay awake. Where accounts are only opened, a bank keeps its usual number awake.
    let awake = if args.set_up.is_some() { 0 } else { usize::try_from(args.active()).unwrap_or(usize::MAX) };
    let mut builder = Bank::builder()
        // A bank that is kept between measurements has no operator.
        .clock_lead(std::time::Duration::MAX)
        .max_in_flight(in_flight.max(65_536))
        .max_open_holds(in_flight.saturating_add(args.waiting.try_into().unwrap_or(usize::MAX)).max(1_000_000))
        // The bank's own cash and fee accounts are two more.
        .max_active_accounts(awake.saturating_add(2).max(1 << 20));
    if args.waiting > 0 {
        builder = builder.verifier(waiting::verifier());
    }
    if let Some(workers) = args.workers {
        builder = builder.workers(usize::try_from(workers.get()).unwrap_or(usize::MAX));
    }
    Ok(builder.open(path)?)
}

/// Says what is going on to people who wait; with `--json` nobody does.
fn say(args: &Args, what: &str) {
    if !args.json {
        // Whether anybody reads it does not matter to the measurement.
        let _ = writeln!(io::stderr(), "{what} …");
    }
}
