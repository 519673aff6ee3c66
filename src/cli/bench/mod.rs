//! `jangbu bench`: measures how fast this machine and disk move money durably, and audits the result.
//!
//! The benchmark is a closed loop: a fixed number of batches is in flight, and the next batch leaves when one is
//! acknowledged, which is when it is on disk. Only posted transfers count, and a single refusal fails the run. At the
//! end the bank is closed, audited offline, opened again from disk and compared with what was acknowledged.
//!
//! This module must never measure anything that is not durable (it refuses file systems in memory), or leave its
//! directory behind.

mod audit;
mod directory;
mod drive;
#[cfg(feature = "server")]
mod http;
mod load;
mod pick;
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
use audit::Acknowledged;
use directory::BenchDirectory;
use load::Load;
use report::Figures;

/// Options of a run without `--http`, which have no meaning with it.
#[cfg(feature = "server")]
const WITHOUT_HTTP: [&str; 9] =
    ["accounts", "transfers", "batch", "in_flight", "distribution", "fees", "two_phase", "active", "waiting"];

/// Measure durable transfers per second on a fresh bank, and audit it
///
/// Creates a bank in a temporary directory below --dir and removes it at the end; the bank in --data is not touched.
/// Opens accounts, runs transfers among them, and measures the time from a batch's submission to its durable answer.
/// Then closes the bank, audits it, opens it again from disk and compares it with the answers.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The number of accounts among which money moves
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = value_parser!(u32).range(2..=10_000_000))]
    accounts: u32,
    /// Move money among the first N accounts only; the others stay on disk
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(2..=10_000_000))]
    active: Option<u32>,
    /// The number of transfers to run
    #[arg(long, value_name = "N", default_value_t = 4_000_000, value_parser = value_parser!(u64).range(1..=1_000_000_000))]
    transfers: u64,
    /// The number of transfers per batch
    #[arg(long, value_name = "N", default_value_t = 8_189, value_parser = value_parser!(u32).range(1..=MAX_BATCH as i64))]
    batch: u32,
    /// The number of batches in flight
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..=65_536))]
    in_flight: u32,
    /// The distribution of transfers over the accounts
    #[arg(long, value_enum, default_value_t = Distribution::Uniform)]
    distribution: Distribution,
    /// Use an account type with a fee of 500 after 3 free transfers a day; all fees go to one account
    #[arg(long)]
    fees: bool,
    /// Place holds in one batch and settle them in the next; a transfer is then such a pair
    #[arg(long)]
    two_phase: bool,
    /// Before the run, place N transfers that wait for verification as long as the run lasts
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = value_parser!(u32).range(..=1_000_000))]
    waiting: u32,
    /// The number of threads for account actors; the engine's default if omitted
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroU32>,
    /// The seed of the random numbers; the same seed gives the same accounts and amounts
    #[arg(long, value_name = "N", default_value_t = 88_172_645_463_325_252, value_parser = value_parser!(u64).range(1..))]
    seed: u64,
    /// Where to create the temporary directory
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Opens the accounts in this directory, for --active
    #[arg(long, hide = true, value_name = "DIR")]
    set_up: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Measure the HTTP service instead, with server and load generator on loopback, next to a handler that does
    /// nothing
    #[cfg(feature = "server")]
    #[arg(long, conflicts_with_all = WITHOUT_HTTP)]
    http: bool,
    /// The number of connections that send single transfers, with --http
    #[cfg(feature = "server")]
    #[arg(long, value_name = "N", default_value_t = 64, requires = "http", conflicts_with_all = WITHOUT_HTTP, value_parser = value_parser!(u32).range(1..=4_096))]
    connections: u32,
    /// The duration of each part in seconds, with --http
    #[cfg(feature = "server")]
    #[arg(long, value_name = "N", default_value_t = 10, requires = "http", conflicts_with_all = WITHOUT_HTTP, value_parser = value_parser!(u32).range(1..=3_600))]
    seconds: u32,
    /// Serves the handler that does nothing, for --http
    #[cfg(feature = "server")]
    #[arg(long, hide = true, exclusive = true)]
    http_bare: bool,
}

impl Args {
    /// Returns how many records a transfer of this run leaves.
    const fn records_per_transfer(&self) -> u64 {
        if self.two_phase { 2 } else { 1 }
    }

    /// Returns the number of accounts among which money moves.
    fn active(&self) -> u32 {
        self.active.map_or(self.accounts, |active| active.min(self.accounts))
    }
}

/// How often each account takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Distribution {
    /// All accounts equally, as sender and as receiver
    Uniform,
    /// By Zipf's law: the n-th busiest account gets 1/n of the busiest account's transfers
    Zipf,
    /// One account receives everything
    Hot,
}

/// Runs the benchmark, audits it, and prints the figures.
///
/// # Errors
/// [`CliError::Audit`] if a transfer was refused or the disk does not hold what was acknowledged.
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
    let directory = BenchDirectory::create(&args.dir)?;
    let figures = block_on(measure(args, &directory))?;
    figures.print(args.json)
}

async fn measure(args: &Args, directory: &BenchDirectory) -> Result<Figures, CliError> {
    let fdatasync_us = directory.fdatasync_us()?;
    let mut load = Load::new(args)?;

    report_progress(args, &format!("opening {} accounts", args.accounts));
    let opening = match args.active {
        Some(_) => set_up::in_a_child(args, directory.bank())?,
        None => set_up::set_up(args, &load, directory.bank()).await?,
    };
    let beside_before = directory.bytes_beside_segments()?;

    let bank = open(args, directory.bank())?;
    drive::warm_up(&bank, &load).await?;
    let held = waiting::place(&bank, &mut load, args).await?;
    report_progress(args, &format!("running {} transfers", args.transfers));
    let before = bank.stats();
    let run = drive::closed_loop(&bank, &mut load, args).await?;
    let after = bank.stats();
    waiting::check(&bank, args).await?;
    bank.close().await?;
    // The deposits that wake the accounts and the waiting holds are records of about the same size, so each takes its
    // share.
    let recorded = args.transfers.saturating_mul(args.records_per_transfer());
    let records = u128::from(recorded).saturating_add(args.active().into()).saturating_add(args.waiting.into());
    let beside = directory.bytes_beside_segments()?.saturating_sub(beside_before);
    let written = u128::from(after.written_bytes.saturating_add(beside));
    let share = written.saturating_mul(recorded.into()).checked_div(records).unwrap_or(written);
    let bytes = u64::try_from(share).unwrap_or(u64::MAX);
    let peak_rss_bytes = directory::peak_rss_bytes()?;

    report_progress(args, "auditing");
    let acknowledged = Acknowledged { records: before.durable.get().saturating_add(recorded), fees: run.fees, held };
    let reopening = audit::audit(directory.bank(), &load, args, acknowledged).await?;
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
        filesystem: directory.filesystem().to_owned(),
    })
}

fn open(args: &Args, path: &Path) -> Result<Bank, CliError> {
    // Every batch that the loop keeps in flight must be admitted; refusals must not be measured.
    let in_flight = usize::try_from(u64::from(args.in_flight).saturating_mul(args.batch.into())).unwrap_or(usize::MAX);
    // All accounts in use stay active. When accounts are only opened, the default number stays active.
    let awake = if args.set_up.is_some() { 0 } else { usize::try_from(args.active()).unwrap_or(usize::MAX) };
    let mut builder = Bank::builder()
        // No operator is there to accept the clock.
        .clock_lead(std::time::Duration::MAX)
        .max_in_flight(in_flight.max(65_536))
        .max_open_holds(in_flight.saturating_add(args.waiting.try_into().unwrap_or(usize::MAX)).max(1_000_000))
        // Two more for the bank's own cash and fee accounts.
        .max_active_accounts(awake.saturating_add(2).max(1 << 20));
    if args.waiting > 0 {
        builder = builder.verifier(waiting::verifier());
    }
    if let Some(workers) = args.workers {
        builder = builder.workers(usize::try_from(workers.get()).unwrap_or(usize::MAX));
    }
    Ok(builder.open(path)?)
}

/// Reports progress to people who wait; with `--json`, nothing is reported.
fn report_progress(args: &Args, what: &str) {
    if !args.json {
        // A closed standard error must not affect the measurement.
        let _ = writeln!(io::stderr(), "{what} …");
    }
}
