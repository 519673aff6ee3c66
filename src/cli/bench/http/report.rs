//! The figures of a run, for people and for programs.

use std::io::Write;

use serde_json::{Value, json};

use super::load::Measured;
use crate::cli::error::CliError;
use crate::cli::output::stdout;

/// The measurements of a run.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) connections: usize,
    /// The bare handler.
    pub(super) bare: Measured,
    /// Single durable transfers.
    pub(super) single: Measured,
    /// Transfers in batches.
    pub(super) batch: Measured,
    pub(super) batch_size: usize,
    /// Single transfers while other clients sign in.
    pub(super) beside_hashing: Measured,
    /// The number of passwords checked meanwhile.
    pub(super) sign_ins: u64,
    /// The cost of open streams.
    pub(super) streams: Streams,
}

/// The cost of open event streams.
#[derive(Debug)]
pub(super) struct Streams {
    pub(super) open: usize,
    /// Single transfers without streams, in turn with those during streams.
    pub(super) without: Measured,
    /// The largest growth of the server's memory meanwhile: what the bank itself needs.
    pub(super) bytes_without: u64,
    /// The largest growth of the server's memory when the streams were opened.
    pub(super) bytes: u64,
    /// The largest growth after transfers were sent over the streams, including the bank's own.
    pub(super) bytes_loaded: u64,
    /// Single transfers while the streams were open, each sent over two of them.
    pub(super) beside: Measured,
    /// The number of bytes received over the streams.
    pub(super) received: u64,
}

impl Streams {
    /// Returns empty measurements.
    pub(super) fn none(open: usize) -> Result<Streams, CliError> {
        let (without, beside) = (Measured::none()?, Measured::none()?);
        Ok(Streams { open, without, bytes_without: 0, bytes: 0, bytes_loaded: 0, beside, received: 0 })
    }
}

impl Measured {
    fn per_s(&self) -> u64 {
        let ns = self.elapsed.as_nanos().max(1);
        u64::try_from(u128::from(self.transfers).saturating_mul(1_000_000_000) / ns).unwrap_or(u64::MAX)
    }

    fn us(&self, quantile: f64) -> u64 {
        self.latency_ns.value_at_quantile(quantile) / 1_000
    }

    fn json(&self) -> Value {
        json!({ "transfers_per_s": self.per_s(), "p50_us": self.us(0.5), "p99_us": self.us(0.99) })
    }
}

/// Returns `part` in thousandths of `whole`.
fn per_mille(part: u64, whole: u64) -> u64 {
    part.saturating_mul(1_000) / whole.max(1)
}

impl Figures {
    /// Prints the figures, with `as_json` as exactly one JSON object.
    pub(super) fn print(&self, as_json: bool) -> Result<(), CliError> {
        let mut output = stdout();
        if as_json {
            serde_json::to_writer(&mut output, &self.json())?;
            writeln!(output)?;
        } else {
            writeln!(output, "{:34}{:>12}{:>10}{:>10}", "", "transfers/s", "p50, ms", "p99, ms")?;
            for (name, measured) in [
                (format!("bare handler, {} connections", self.connections), &self.bare),
                (format!("transfers, {} connections", self.connections), &self.single),
                (format!("batches of {}", self.batch_size), &self.batch),
                (format!("transfers during {} sign-ins", self.sign_ins), &self.beside_hashing),
                ("transfers, measured again".to_owned(), &self.streams.without),
                (format!("transfers with {} streams", self.streams.open), &self.streams.beside),
            ] {
                let (p50, p99) = (ms(measured.us(0.5)), ms(measured.us(0.99)));
                writeln!(output, "{name:34}{:>12}{p50:>10}{p99:>10}", measured.per_s())?;
            }
            writeln!(output, "{} streams need {} KiB", self.streams.open, self.streams.bytes / 1_024)?;
        }
        Ok(output.flush()?)
    }

    fn json(&self) -> Value {
        let Figures { bare, single, streams, .. } = self;
        json!({
            "connections": self.connections,
            "bare": bare.json(),
            "single": single.json(),
            "single_per_mille_of_bare": per_mille(single.per_s(), bare.per_s()),
            "single_p99_per_mille_of_bare": per_mille(single.us(0.99), bare.us(0.99)),
            "batch_size": self.batch_size,
            "batch": self.batch.json(),
            "beside_sign_ins": { "sign_ins": self.sign_ins, "single": self.beside_hashing.json() },
            "streams": {
                "open": streams.open,
                "rss_bytes": streams.bytes,
                "rss_loaded_bytes": streams.bytes_loaded,
                "rss_without_bytes": streams.bytes_without,
                "received_bytes": streams.received,
                "single": streams.beside.json(),
                "without": streams.without.json(),
                "per_mille_of_without": per_mille(streams.beside.per_s(), streams.without.per_s()),
            },
        })
    }
}

/// Formats microseconds as milliseconds with three decimals.
fn ms(us: u64) -> String {
    format!("{}.{:03}", us / 1_000, us % 1_000)
}
