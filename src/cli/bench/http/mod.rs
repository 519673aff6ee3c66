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
/// Batches under way at a time.
const BATCHES_IN_FLIGHT: usize = 4;
/// Accounts among which money moves.
const ACCOUNTS: usize = 1_000;
/// Open streams of events, of which the cost is measured: each follows an account among these, so that two of them are told
/// of every transfer.
const STREAMS: usize = 1_000;
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

    let rss_before = service.rss_bytes()?;
    let mut streams = Vec::with_capacity(STREAMS);
    for account in counter.accounts().iter().cycle().take(STREAMS) {
        let path = format!("/api/v1/accounts/{account}/events");
        streams.push(Client::connect(service.address()).await?.follow(&path, counter.token()).await?);
    }
    let rss_after = service.rss_bytes()?;
    let beside_streams = to_service.run(settings.connections, settings.time).await?;
    let rss_loaded = service.rss_bytes()?;
    let told = streams.iter().map(client::Stream::bytes).sum();
    drop(streams);

    service.stop().await?;
    bare.stop().await?;
    Ok(Figures {
        connections: settings.connections,
        bare: bare_rate,
        single,
        batch,
        beside_hashing,
        sign_ins,
        streams: Streams {
            open: STREAMS,
            bytes: rss_after.saturating_sub(rss_before),
            bytes_loaded: rss_loaded.saturating_sub(rss_before),
            beside: beside_streams,
            told,
        },
        batch_size: BATCH,
    })
}
