//! The load: connections that each send the next request when the last one is answered.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use jangbu::CommandId;
use tokio::task::JoinSet;

use super::client::Client;
use super::customer::{Customer, request};
use crate::cli::error::CliError;

/// The longest latency that is recorded exactly, a minute. Longer ones are recorded as this.
const MAX_LATENCY_NS: u64 = 60_000_000_000;
/// The text of a posted item in the response to a batch.
const POSTED: &[u8] = b"\"status\":\"posted\"";

/// The measurements of a load.
#[derive(Debug)]
pub(super) struct Measured {
    /// The number of transfers answered in time.
    pub(super) transfers: u64,
    /// The time from the first request to the last answer.
    pub(super) elapsed: Duration,
    /// The time from a request to its answer.
    pub(super) latency_ns: Histogram<u64>,
}

impl Measured {
    /// Returns empty measurements.
    pub(super) fn none() -> Result<Measured, CliError> {
        Ok(Measured { transfers: 0, elapsed: Duration::ZERO, latency_ns: histogram()? })
    }

    /// Adds the measurements of another load.
    pub(super) fn add(&mut self, other: &Measured) -> Result<(), CliError> {
        self.transfers = self.transfers.saturating_add(other.transfers);
        self.elapsed = self.elapsed.saturating_add(other.elapsed);
        self.latency_ns.add(&other.latency_ns).map_err(bug)
    }
}

/// The requests to send, and their destination.
#[derive(Clone, Debug)]
pub(super) struct Load {
    address: SocketAddr,
    path: &'static str,
    accounts: Vec<String>,
    token: String,
    /// The number of transfers per request; `None` for single transfers, which are not in a list.
    batch: Option<usize>,
}

impl Load {
    /// Returns a load of single transfers.
    pub(super) fn single(address: SocketAddr, path: &'static str, customer: &Customer) -> Load {
        Load { address, path, accounts: customer.accounts().to_vec(), token: customer.token().into(), batch: None }
    }

    /// Returns a load of batches of the given size.
    pub(super) fn batch(address: SocketAddr, path: &'static str, customer: &Customer, size: usize) -> Load {
        Load { batch: Some(size), ..Load::single(address, path, customer) }
    }

    /// Sends over the given number of connections for the given time.
    ///
    /// # Errors
    /// [`CliError::Audit`] for any answer except that of a posted transfer.
    pub(super) async fn run(&self, connections: usize, time: Duration) -> Result<Measured, CliError> {
        let begin = Instant::now();
        let mut tasks = JoinSet::new();
        for number in 0..connections {
            tasks.spawn(self.clone().send(number, begin, time));
        }
        let mut all = Measured::none()?;
        for one in tasks.join_all().await {
            all.add(&one?)?;
        }
        all.elapsed = begin.elapsed();
        Ok(all)
    }

    async fn send(self, number: usize, begin: Instant, time: Duration) -> Result<Measured, CliError> {
        let mut client = Client::connect(self.address).await?;
        let mut measured = Measured::none()?;
        // Connections begin far apart in the list, and use a different pair of accounts each time.
        let mut step = number.wrapping_mul(7_919);
        while begin.elapsed() < time {
            let (request, transfers) = self.next(&mut step);
            let sent = Instant::now();
            let answer = client.send(&request).await?;
            measured.latency_ns.saturating_record(u64::try_from(sent.elapsed().as_nanos()).unwrap_or(u64::MAX));
            let right = match self.batch {
                None => answer.status == 201,
                Some(_) => answer.status == 200 && count(&answer.body, POSTED) == transfers,
            };
            if !right {
                let body: String = String::from_utf8_lossy(&answer.body).chars().take(400).collect();
                return Err(CliError::Audit(format!("a transfer was answered with {}: {body}", answer.status)));
            }
            measured.transfers = measured.transfers.saturating_add(u64::try_from(transfers).unwrap_or(u64::MAX));
        }
        Ok(measured)
    }

    /// Returns the next complete request and the number of its transfers.
    fn next(&self, step: &mut usize) -> (Vec<u8>, usize) {
        let key = CommandId::random();
        let headers = format!("authorization: Bearer {}\r\nidempotency-key: {key}\r\n", self.token);
        let mut body = Vec::new();
        match self.batch {
            None => self.transfer(step, &mut body),
            Some(size) => {
                body.push(b'[');
                for item in 0..size {
                    if item > 0 {
                        body.push(b',');
                    }
                    self.transfer(step, &mut body);
                }
                body.push(b']');
            }
        }
        (request(self.path, &headers, "application/json", &body), self.batch.unwrap_or(1))
    }

    fn transfer(&self, step: &mut usize, body: &mut Vec<u8>) {
        *step = step.wrapping_add(104_729);
        let count = self.accounts.len().max(2);
        let from = step.checked_rem(count).unwrap_or_default();
        let apart = step.checked_div(count).and_then(|round| round.checked_rem(count.saturating_sub(1)));
        let to =
            from.saturating_add(apart.unwrap_or_default()).saturating_add(1).checked_rem(count).unwrap_or_default();
        let number = |at: usize| self.accounts.get(at).map_or("", String::as_str);
        let (from, to) = (number(from), number(to));
        let text = format!(
            "{{\"from\":\"{from}\",\"to\":\"{to}\",\"amount\":1,\"sender_label\":\"rent\",\"receiver_label\":\"March\"}}"
        );
        body.extend_from_slice(text.as_bytes());
    }
}

fn count(body: &[u8], wanted: &[u8]) -> usize {
    body.windows(wanted.len()).filter(|window| *window == wanted).count()
}

fn histogram() -> Result<Histogram<u64>, CliError> {
    Histogram::new_with_bounds(1, MAX_LATENCY_NS, 3).map_err(bug)
}

fn bug(error: impl std::fmt::Display) -> CliError {
    CliError::Machine(error.to_string())
}
