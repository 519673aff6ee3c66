//! The figures of a run, for people and for programs.

use std::io::Write;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::cli::error::CliError;
use crate::cli::output::stdout;

/// The measurements of a run that passed its audit.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) transfers: u64,
    /// Whether each transfer was a hold and its settlement.
    pub(super) two_phase: bool,
    pub(super) elapsed: Duration,
    pub(super) latency_ns: Histogram<u64>,
    /// The time of each full million of transfers.
    pub(super) millions: Vec<Duration>,
    /// The time until all accounts were durably open.
    pub(super) opening: Duration,
    /// The time to open the bank from disk after the run and a clean close.
    pub(super) reopening: Duration,
    /// The bytes that the load added on disk, journal and state together.
    pub(super) bytes: u64,
    pub(super) peak_rss_bytes: u64,
    pub(super) commits: u64,
    pub(super) debit_messages: u64,
    pub(super) credit_messages: u64,
    pub(super) fdatasync_us: u64,
    pub(super) filesystem: String,
}

/// The object printed with `--json`.
#[derive(Debug, Serialize)]
struct Report<'a> {
    transfers_per_s: u64,
    /// The same, if each transfer is a hold and its settlement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs_per_s: Option<u64>,
    latency_ms: Latency,
    /// The time of each full million of transfers, if there are at least two.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    million_ms: Vec<u64>,
    opening_ms: u64,
    reopening_ms: u64,
    bytes_per_transfer: f64,
    peak_rss_bytes: u64,
    commits: u64,
    debit_messages: u64,
    credit_messages: u64,
    fdatasync_us: u64,
    filesystem: &'a str,
    audit: &'static str,
}

#[derive(Debug, Serialize)]
struct Latency {
    p50: f64,
    p90: f64,
    p99: f64,
    max: f64,
}

impl Figures {
    /// Prints the figures, with `json` as exactly one JSON object.
    pub(super) fn print(&self, json: bool) -> Result<(), CliError> {
        let report = self.report();
        let mut output = stdout();
        if json {
            serde_json::to_writer(&mut output, &report)?;
            writeln!(output)?;
        } else {
            let Latency { p50, p90, p99, max } = report.latency_ms;
            let what = if self.two_phase { "pairs/s" } else { "transfers/s" };
            writeln!(output, "{what:16}{}", report.transfers_per_s)?;
            writeln!(output, "latency, ms     p50 {p50:.3}  p90 {p90:.3}  p99 {p99:.3}  max {max:.3}")?;
            let (opening, reopening) = (report.opening_ms, report.reopening_ms);
            writeln!(output, "opening, ms     {opening} all accounts, {reopening} the closed bank")?;
            writeln!(output, "bytes/transfer  {:.1}", report.bytes_per_transfer)?;
            writeln!(output, "peak memory     {} MiB", report.peak_rss_bytes >> 20)?;
            writeln!(output, "commits         {}", report.commits)?;
            writeln!(output, "messages        {} debits, {} credits", report.debit_messages, report.credit_messages)?;
            writeln!(output, "fdatasync, µs   {} (4 KiB, {})", report.fdatasync_us, report.filesystem)?;
            writeln!(output, "audit           {}", report.audit)?;
        }
        Ok(output.flush()?)
    }

    fn report(&self) -> Report<'_> {
        let ns = self.elapsed.as_nanos().max(1);
        let per_s = u128::from(self.transfers).saturating_mul(1_000_000_000) / ns;
        let per_s = u64::try_from(per_s).unwrap_or(u64::MAX);
        let millibytes = self.bytes.saturating_mul(1_000) / self.transfers.max(1);
        let at = |quantile| thousandths(self.latency_ns.value_at_quantile(quantile) / 1_000);
        Report {
            transfers_per_s: per_s,
            pairs_per_s: self.two_phase.then_some(per_s),
            latency_ms: Latency {
                p50: at(0.5),
                p90: at(0.9),
                p99: at(0.99),
                max: thousandths(self.latency_ns.max() / 1_000),
            },
            million_ms: match self.millions.as_slice() {
                [] | [_] => Vec::new(),
                millions => millions.iter().copied().map(whole_ms).collect(),
            },
            opening_ms: whole_ms(self.opening),
            reopening_ms: whole_ms(self.reopening),
            bytes_per_transfer: thousandths(millibytes),
            peak_rss_bytes: self.peak_rss_bytes,
            commits: self.commits,
            debit_messages: self.debit_messages,
            credit_messages: self.credit_messages,
            fdatasync_us: self.fdatasync_us,
            filesystem: &self.filesystem,
            audit: "ok",
        }
    }
}

#[expect(clippy::float_arithmetic, reason = "a figure of the machine's speed, not money")]
fn thousandths(count: u64) -> f64 {
    count as f64 / 1_000.0
}

fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_have_the_documented_names_and_units() {
        let mut latency_ns = Histogram::new(3).unwrap();
        latency_ns.record(2_000_000).unwrap();
        let mut figures = Figures {
            transfers: 1_000,
            two_phase: false,
            elapsed: Duration::from_millis(500),
            latency_ns,
            millions: vec![Duration::from_millis(500)],
            opening: Duration::from_millis(7),
            reopening: Duration::from_millis(8),
            bytes: 61_500,
            peak_rss_bytes: 1,
            commits: 2,
            debit_messages: 3,
            credit_messages: 4,
            fdatasync_us: 5,
            filesystem: "ext4".into(),
        };
        let json = serde_json::to_value(figures.report()).unwrap();
        assert_eq!((&json["transfers_per_s"], &json["bytes_per_transfer"]), (&2_000.into(), &61.5.into()));
        assert_eq!((&json["opening_ms"], &json["reopening_ms"]), (&7.into(), &8.into()));
        let p50 = json["latency_ms"]["p50"].as_f64().unwrap();
        assert!((1.999..2.001).contains(&p50), "{p50}");
        let mut keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        keys.sort();
        let expected = "audit bytes_per_transfer commits credit_messages debit_messages fdatasync_us filesystem \
                        latency_ms opening_ms peak_rss_bytes reopening_ms transfers_per_s";
        assert_eq!(keys, expected.split_whitespace().collect::<Vec<_>>());
        figures.two_phase = true;
        figures.millions.push(Duration::from_millis(600));
        let json = serde_json::to_value(figures.report()).unwrap();
        assert_eq!((&json["pairs_per_s"], &json["transfers_per_s"]), (&2_000.into(), &2_000.into()));
        assert_eq!(json["million_ms"], serde_json::json!([500, 600]));
    }
}
