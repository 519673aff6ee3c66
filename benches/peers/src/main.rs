//! `make bench-peers`: jangbu beside SQLite and PostgreSQL, with the same load on the same disk, in one run.
//!
//! Every system keeps the same promises: a transfer moves money between two of the same accounts, has an id that is used
//! once, never overdraws an account, leaves two entries, and is on disk before it is acknowledged. Each run is checked
//! afterwards: the number of transfers, the sum of all balances and the sum of all entries.
//!
//! Where the systems differ, the databases have the easier task: ids of 64 bits, no limits, no types of accounts, no
//! history by account, no events.

mod bank;
mod figures;
mod load;
mod postgres;
mod sqlite;

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::{Parser, value_parser};

use figures::{Figures, Row};

/// Measure jangbu, SQLite and PostgreSQL with the same load, one after the other
#[derive(Debug, Parser)]
#[command(name = "jangbu-peers")]
struct Args {
    /// The jangbu program to measure
    #[arg(long, value_name = "FILE")]
    program: PathBuf,
    /// The directory in which the databases are created and removed
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// The number of accounts
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = value_parser!(u32).range(2..=1_000_000))]
    accounts: u32,
    /// Transfers per run where each waits for the disk alone
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = value_parser!(u32).range(1..=10_000_000))]
    single: u32,
    /// Transfers per run where many share a write to the disk
    #[arg(long, value_name = "N", default_value_t = 500_000, value_parser = value_parser!(u32).range(1..=100_000_000))]
    shared: u32,
    /// Transfers per batch
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = value_parser!(u32).range(1..=8_189))]
    batch: u32,
    /// Clients that send single transfers at the same time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = value_parser!(u32).range(2..=256))]
    clients: u32,
}

impl Args {
    /// The transfers of a run in batches, as whole batches.
    const fn batched(&self) -> u32 {
        self.shared.div_ceil(self.batch).saturating_mul(self.batch)
    }

    /// The transfers of a run of many clients, as many from each.
    const fn concurrent(&self) -> u32 {
        self.shared.div_ceil(self.clients).saturating_mul(self.clients)
    }
}

/// Why a run gives no figures.
#[derive(Debug)]
struct Failed(String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Failed {}

/// How long a disk may need to come to rest after files were made or removed.
const REST: Duration = Duration::from_secs(2);

/// Waits until what was written and removed before has reached the disk, so that it does not delay the next run.
fn settle() -> Outcome<()> {
    let status = Command::new("sync").status()?;
    if !status.success() {
        return Err(Failed(format!("sync ended with {status}")).into());
    }
    std::thread::sleep(REST);
    Ok(())
}

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Outcome<()> {
    // Git ignores this suffix. The database of PostgreSQL belongs to another user, who must be able to reach it.
    let scratch = tempfile::Builder::new().suffix(".jangbu-bench").tempdir_in(&args.dir)?;
    postgres::make_reachable(scratch.path())?;

    let mut rows = Vec::new();
    let mut add = |title: String, settings: &str, figures: Figures| {
        let row = Row { title, settings: settings.to_owned(), figures };
        eprintln!("{row}");
        rows.push(row);
    };

    let (bank, disk) = bank::measure(args, args.single, 1, 1)?;
    add("jangbu, one at a time".into(), "--batch 1 --in-flight 1", bank);
    for mode in sqlite::MODES {
        let figures = sqlite::measure(args, scratch.path(), mode, args.single, 1)?;
        add(format!("SQLite, {}, one at a time", mode.title), mode.settings, figures);
    }
    let server = postgres::Server::start(scratch.path())?;
    if let Some(server) = &server {
        let figures = server.one_at_a_time(args)?;
        add("PostgreSQL, one at a time".into(), "1 client", figures);
    }

    let clients = args.clients;
    let (figures, _) = bank::measure(args, args.concurrent(), 1, clients)?;
    add(format!("jangbu, {clients} at a time"), &format!("--batch 1 --in-flight {clients}"), figures);
    if let Some(server) = &server {
        let figures = server.many_at_a_time(args)?;
        add(format!("PostgreSQL, {clients} at a time"), &format!("{clients} clients"), figures);
    }

    let batch = args.batch;
    let (figures, _) = bank::measure(args, args.batched(), batch, 1)?;
    add(format!("jangbu, batches of {batch}"), &format!("--batch {batch} --in-flight 1"), figures);
    for mode in sqlite::MODES {
        let figures = sqlite::measure(args, scratch.path(), mode, args.batched(), batch)?;
        add(format!("SQLite, {}, batches of {batch}", mode.title), mode.settings, figures);
    }
    if let Some(server) = &server {
        let figures = server.in_batches(args)?;
        add(format!("PostgreSQL, batches of {batch}"), "1 client, a pipeline per transaction", figures);
    }

    println!("{} accounts; a bare fdatasync takes {disk}.", args.accounts);
    println!("SQLite {}, in process.", rusqlite::version());
    match &server {
        Some(server) => println!("{}, over a Unix socket.", server.version()?),
        None => println!("PostgreSQL is not installed and was not measured."),
    }
    println!();
    figures::print(&rows);
    Ok(())
}
