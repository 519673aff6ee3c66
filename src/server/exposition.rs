//! The counters of the process: gathered by the `metrics` crate, told to Prometheus.

use std::sync::OnceLock;

use jangbu::Bank;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::members::Members;
use super::metric_table::{Kind, METRICS};
use super::rates::Rates;
use super::storage::Storage;

/// Bounds of durations, in seconds: from a commit to a request that waits for its time limit.
const SECONDS: &[f64] =
    &[0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Bounds of counts: records in a commit, answers in an outbox.
const COUNTS: &[f64] = &[1.0, 4.0, 16.0, 64.0, 256.0, 1_024.0, 4_096.0, 16_384.0];

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Gathers from now on. Once per process; a second call changes nothing.
pub(crate) fn start() {
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_records".into()), COUNTS))
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_depth".into()), COUNTS));
        let recorder = builder.ok()?.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).ok()?;
        describe();
        Some(handle)
    });
}

/// Describes every metric, and begins at zero: a counter that appears with its first event shows no rise.
fn describe() {
    for metric in METRICS {
        match (metric.kind, metric.unit) {
            (Kind::Counter, _) => describe_counter!(metric.name, metric.description()),
            (Kind::Gauge, None) => describe_gauge!(metric.name, metric.description()),
            (Kind::Gauge, Some(unit)) => describe_gauge!(metric.name, unit, metric.description()),
            (Kind::Histogram, None) => describe_histogram!(metric.name, metric.description()),
            (Kind::Histogram, Some(unit)) => describe_histogram!(metric.name, unit, metric.description()),
        }
    }
    gauge!("jangbu_http_event_streams").set(0.0);
    for limit in Rates::names() {
        counter!("jangbu_http_rate_limited_total", "limit" => limit).absolute(0);
    }
    for kind in super::audit::KINDS {
        counter!("jangbu_http_rejections_total", "kind" => kind).absolute(0);
    }
    for name in [
        "jangbu_verification_failures_total",
        "jangbu_segment_prepare_failures_total",
        "jangbu_segment_seal_failures_total",
    ] {
        counter!(name).absolute(0);
    }
}

/// What was gathered, after a look at what the bank only tells when asked.
pub(crate) fn render(bank: &Bank, storage: &Storage, members: &Members) -> String {
    let stats = bank.stats();
    if let Some(standing) = storage.standing() {
        gauge!("jangbu_storage_free_bytes").set(large(standing.free_bytes));
        gauge!("jangbu_storage_reserve_bytes").set(large(standing.reserve_bytes));
        gauge!("jangbu_storage_low").set(if standing.is_low() { 1.0 } else { 0.0 });
    }
    gauge!("jangbu_administrators").set(u32::try_from(members.administrators()).map_or(f64::MAX, f64::from));
    for (name, value) in [
        ("jangbu_durable_position", stats.durable.get()),
        ("jangbu_checkpoint_age_records", stats.durable.get().saturating_sub(stats.checkpoint.get())),
        ("jangbu_journal_bytes", stats.journal_bytes),
        ("jangbu_state_bytes", stats.state_bytes),
    ] {
        gauge!(name).set(u32::try_from(value).map_or_else(|_| large(value), f64::from));
    }
    HANDLE.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default()
}

/// A number beyond 32 bits as a gauge takes it, as near as it can.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and bytes beyond 2^53 are none of this world")]
const fn large(value: u64) -> f64 {
    value as f64
}

/// Tidies up what was gathered; to be called every few seconds, or histograms grow until somebody asks.
pub(crate) fn tidy() {
    if let Some(handle) = HANDLE.get().and_then(Option::as_ref) {
        handle.run_upkeep();
    }
}
