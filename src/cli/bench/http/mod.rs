//! `jangbu bench --http`: the service under load, compared with a bare handler in the same run.
//!
//! The server and the load generator are separate processes, as in production. The bare handler is a third process,
//! measured in turn with the service. It uses the same framework, reads and answers JSON of the same size, and does
//! nothing else. The difference to its rate is the cost of the bank.
//!
//! This module must never measure a wrong answer. Any status other than 201 fails the run.

mod bare;
mod client;
mod customer;
mod load;
mod report;
mod server;

use std::path::PathBuf;
use std::time::Duration;

pub(super) use bare::serve as serve_bare;
use client::Client;
use customer::Customer;
use load::Load;
use report::{Figures, Streams};
use server::Server;

use super::directory::BenchDirectory;
use crate::cli::error::CliError;

/// The number of transfers per batch, as in the engine's own benchmark.
const BATCH: usize = 8_189;
/// The number of batches in flight.
const BATCHES_IN_FLIGHT: usize = 4;
/// The number of accounts among which money moves.
const ACCOUNTS: usize = 1_000;
/// The number of open event streams whose cost is measured. Each follows one of the accounts, so every transfer is sent
/// over two of them.
const STREAMS: usize = 1_000;
/// The number of times that transfers are measured without and with streams, in turn.
const TURNS: u32 = 3;
/// The number of clients that sign in repeatedly while the latency of transfers is measured.
const SIGN_IN_CLIENTS: usize = 4;

/// The parameters of a run.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// Where to create the bank's directory.
    pub(super) dir: PathBuf,
    /// The number of connections, each with one transfer at a time.
    pub(super) connections: usize,
    /// The duration of each part.
    pub(super) time: Duration,
    /// Whether to print one JSON object.
    pub(super) json: bool,
}

/// Measures each part, and prints the figures.
///
/// # Errors
/// [`CliError::Audit`] for any wrong answer.
pub(super) fn run(settings: &Settings) -> Result<(), CliError> {
    let directory = BenchDirectory::create(&settings.dir)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::Machine(format!("cannot start the load: {error}")))?;
    let figures = runtime.block_on(measure(settings, &directory))?;
    figures.print(settings.json)
}

async fn measure(settings: &Settings, directory: &BenchDirectory) -> Result<Figures, CliError> {
    let bare = Server::bare()?;
    let service = Server::service(directory.bank())?;
    let customer = Customer::open(&service, ACCOUNTS).await?;

    let to_bare = Load::single(bare.address(), "/", &customer);
    let to_service = Load::single(service.address(), "/api/v1/transfers", &customer);
    // A first run is not counted, so that caches, branch predictors and files are warm on both sides.
    to_bare.run(settings.connections, settings.time / 10).await?;
    to_service.run(settings.connections, settings.time / 10).await?;
    let bare_rate = to_bare.run(settings.connections, settings.time).await?;
    let single = to_service.run(settings.connections, settings.time).await?;

    let batches = Load::batch(service.address(), "/api/v1/transfers/batch", &customer, BATCH);
    batches.run(BATCHES_IN_FLIGHT, settings.time / 10).await?;
    let batch = batches.run(BATCHES_IN_FLIGHT, settings.time).await?;

    let signing_in = customer.sign_in_repeatedly(service.address(), SIGN_IN_CLIENTS);
    let beside_hashing = to_service.run(settings.connections, settings.time).await?;
    let sign_ins = signing_in.stop().await?;

    let streams = beside_streams(settings, &service, &customer, &to_service).await?;

    service.stop().await?;
    bare.stop().await?;
    Ok(Figures {
        connections: settings.connections,
        bare: bare_rate,
        single,
        batch,
        beside_hashing,
        sign_ins,
        streams,
        batch_size: BATCH,
    })
}

/// Measures single transfers without and with streams, in turn: the bank is larger by now than in the first
/// measurement, and a machine's speed changes within seconds.
async fn beside_streams(
    settings: &Settings,
    service: &Server,
    customer: &Customer,
    load: &Load,
) -> Result<Streams, CliError> {
    let time = settings.time / TURNS;
    let mut all = Streams::none(STREAMS)?;
    for _ in 0..TURNS {
        // Not counted: the service detects meanwhile that the previous streams are closed.
        load.run(settings.connections, time / 5).await?;
        let rss_without = service.rss_bytes()?;
        all.without.add(&load.run(settings.connections, time).await?)?;
        let rss_before = service.rss_bytes()?;
        all.bytes_without = all.bytes_without.max(rss_before.saturating_sub(rss_without));
        let mut streams = Vec::with_capacity(STREAMS);
        for account in customer.accounts().iter().cycle().take(STREAMS) {
            let path = format!("/api/v1/accounts/{account}/events");
            streams.push(Client::connect(service.address()).await?.follow(&path, customer.token()).await?);
        }
        all.bytes = all.bytes.max(service.rss_bytes()?.saturating_sub(rss_before));
        all.beside.add(&load.run(settings.connections, time).await?)?;
        all.bytes_loaded = all.bytes_loaded.max(service.rss_bytes()?.saturating_sub(rss_before));
        all.received = all.received.saturating_add(streams.iter().map(client::Stream::bytes).sum());
    }
    Ok(all)
}
