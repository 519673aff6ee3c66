//! `jangbu bench --http`: the service under load, and beside it, in the same run, a bare handler.
//!
//! Server and load generator are processes of their own, as in use; the bare handler is a third, served in turn with the
//! service by the same framework: it reads and answers JSON of the same size and does nothing else. What share of its
//! rate the service reaches is what the bank costs.
//!
//! What this module must never do: measure answers that are not what they must be. One status other than 201 fails the run.

mod bare;
mod client;
mod counter;
mod load;
mod report;
mod server;

use std::path::PathBuf;
use std::time::Duration;

pub(super) use bare::serve as serve_bare;
use client::Client;
use counter::Counter;
use load::Load;
use report::{Figures, Streams};
use server::Server;

use super::place::Place;
use crate::cli::error::CliError;

/// Commands of a batch, as in the engine's own measurement.
const BATCH: usize = 8_189;
/// Batches in flight at a time.
const BATCHES_IN_FLIGHT: usize = 4;
/// The number of accounts among which money moves.
const ACCOUNTS: usize = 1_000;
/// Open streams of events, of which the cost is measured: each follows an account among these, so that two of them are told
/// of every transfer.
const STREAMS: usize = 1_000;
/// So many times transfers are measured without streams and with them, in turn.
const TURNS: u32 = 3;
/// Clients that sign in all the time, while the delay of transfers is measured.
const SIGNING_IN: usize = 4;

/// What the run is to be like.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// Where the bank's directory is made.
    pub(super) dir: PathBuf,
    /// Connections that send single transfers, each one after the other.
    pub(super) connections: usize,
    /// How long each part is measured.
    pub(super) time: Duration,
    /// Whether to print one JSON object.
    pub(super) json: bool,
}

/// Measures each part, and prints the figures.
///
/// # Errors
/// [`CliError::Audit`] when an answer was not what it must be.
pub(super) fn run(settings: &Settings) -> Result<(), CliError> {
    let place = Place::make(&settings.dir)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::Machine(format!("cannot start the load: {error}")))?;
    let figures = runtime.block_on(measure(settings, &place))?;
    figures.print(settings.json)
}

async fn measure(settings: &Settings, place: &Place) -> Result<Figures, CliError> {
    let bare = Server::bare()?;
    let service = Server::service(place.bank())?;
    let counter = Counter::open(&service, ACCOUNTS).await?;

    let to_bare = Load::single(bare.address(), "/", &counter);
    let to_service = Load::single(service.address(), "/api/v1/transfers", &counter);
    // Once without being counted, so that caches, branches and files are warm on both sides.
    to_bare.run(settings.connections, settings.time / 10).await?;
    to_service.run(settings.connections, settings.time / 10).await?;
    let bare_rate = to_bare.run(settings.connections, settings.time).await?;
    let single = to_service.run(settings.connections, settings.time).await?;

    let batches = Load::batch(service.address(), "/api/v1/transfers/batch", &counter, BATCH);
    batches.run(BATCHES_IN_FLIGHT, settings.time / 10).await?;
    let batch = batches.run(BATCHES_IN_FLIGHT, settings.time).await?;

    let signing_in = counter.sign_in_all_the_time(service.address(), SIGNING_IN);
    let beside_hashing = to_service.run(settings.connections, settings.time).await?;
    let sign_ins = signing_in.stop().await?;

    let streams = beside_streams(settings, &service, &counter, &to_service).await?;

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

/// Single transfers without streams and beside them, in turn: by now the bank is larger than when single transfers were
/// measured before, and a machine's speed changes within seconds.
async fn beside_streams(
    settings: &Settings,
    service: &Server,
    counter: &Counter,
    load: &Load,
) -> Result<Streams, CliError> {
    let time = settings.time / TURNS;
    let mut all = Streams::none(STREAMS)?;
    for _ in 0..TURNS {
        // Not counted: the service learns meanwhile that the last turn's streams are closed.
        load.run(settings.connections, time / 5).await?;
        let rss_without = service.rss_bytes()?;
        all.without.add(&load.run(settings.connections, time).await?)?;
        let rss_before = service.rss_bytes()?;
        all.bytes_without = all.bytes_without.max(rss_before.saturating_sub(rss_without));
        let mut streams = Vec::with_capacity(STREAMS);
        for account in counter.accounts().iter().cycle().take(STREAMS) {
            let path = format!("/api/v1/accounts/{account}/events");
            streams.push(Client::connect(service.address()).await?.follow(&path, counter.token()).await?);
        }
        all.bytes = all.bytes.max(service.rss_bytes()?.saturating_sub(rss_before));
        all.beside.add(&load.run(settings.connections, time).await?)?;
        all.bytes_loaded = all.bytes_loaded.max(service.rss_bytes()?.saturating_sub(rss_before));
        all.told = all.told.saturating_add(streams.iter().map(client::Stream::bytes).sum());
    }
    Ok(all)
}
