//! What a run measured, and the table of all runs.

use std::fmt;
use std::time::Duration;

/// The figures of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) transfers: u32,
    pub(crate) elapsed: Duration,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Figures {
    /// Computes the figures of a run from the latency of each of its transactions.
    pub(crate) fn new(transfers: u32, elapsed: Duration, mut latencies: Vec<Duration>) -> Figures {
        latencies.sort_unstable();
        let at = |percent: usize| {
            let place = latencies.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
            latencies.get(place).copied().unwrap_or_default()
        };
        Figures { transfers, elapsed, p50: at(50), p99: at(99) }
    }

    fn transfers_per_s(&self) -> u128 {
        u128::from(self.transfers).saturating_mul(1_000_000_000) / self.elapsed.as_nanos().max(1)
    }
}

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) title: String,
    pub(crate) settings: String,
    pub(crate) figures: Figures,
}

/// Milliseconds with three decimals.
struct Ms(Duration);

impl fmt::Display for Ms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = self.0.as_micros();
        write!(f, "{}.{:03}", us / 1_000, us % 1_000)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { title, settings, figures } = self;
        let Figures { transfers, p50, p99, .. } = *figures;
        let per_s = figures.transfers_per_s();
        write!(f, "| {title} | {per_s} | {} | {} | {transfers} | {settings} |", Ms(p50), Ms(p99))
    }
}

/// Prints the table in Markdown.
pub(crate) fn print(rows: &[Row]) {
    println!("| system | transfers/s | p50, ms | p99, ms | transfers | settings |");
    println!("| --- | ---: | ---: | ---: | ---: | --- |");
    rows.iter().for_each(|row| println!("{row}"));
}
