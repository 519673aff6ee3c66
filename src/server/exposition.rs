//! The metrics of the process: collected by the `metrics` crate, rendered for Prometheus.

use std::sync::OnceLock;

use jangbu::Bank;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::members::Members;
use super::rates::Rates;
use super::storage::Storage;

/// Histogram buckets for durations, in seconds: from a commit to a request at its time limit.
const DURATION_BUCKETS: &[f64] =
    &[0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Histogram buckets for counts: records in a commit, answers in an outbox.
const COUNT_BUCKETS: &[f64] = &[1.0, 4.0, 16.0, 64.0, 256.0, 1_024.0, 4_096.0, 16_384.0];

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts collecting. A second call has no effect.
pub(crate) fn start() {
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), DURATION_BUCKETS)
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_records".into()), COUNT_BUCKETS))
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_depth".into()), COUNT_BUCKETS));
        let recorder = builder.ok()?.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).ok()?;
        describe();
        Some(handle)
    });
}

/// Describes the metrics and sets counters to zero: a counter that appears only with its first event shows no increase.
fn describe() {
    describe_counter!("jangbu_http_requests_total", "HTTP requests, by method, route and status.");
    describe_histogram!(
        "jangbu_http_request_duration_seconds",
        Unit::Seconds,
        "Duration of HTTP requests, by method and route."
    );
    describe_gauge!("jangbu_http_event_streams", "Open event streams.");
    describe_counter!("jangbu_http_rate_limited_total", "Requests rejected by a rate limit, by limit.");
    describe_counter!(
        "jangbu_http_rejections_total",
        "Requests rejected because of a sign-in, token, permission, limit or low storage, by kind."
    );
    describe_gauge!("jangbu_administrators", "Members with the administrator role who can sign in.");
    describe_counter!("jangbu_verification_failures_total", "Requests to the fraud checker that failed.");
    describe_counter!(
        "jangbu_segment_prepare_failures_total",
        "Failed attempts to prepare the journal's next segment."
    );
    describe_counter!("jangbu_segment_seal_failures_total", "Failed attempts to write the sidecar of a full segment.");
    describe_gauge!("jangbu_durable_position", "Position of the last durable record.");
    describe_gauge!("jangbu_checkpoint_age_records", "Records that a restart would replay.");
    describe_gauge!("jangbu_journal_bytes", Unit::Bytes, "Size of the journal on disk.");
    describe_gauge!("jangbu_clock_alarm", "1 while the clock is ahead of the trusted time, or behind the last record.");
    describe_gauge!("jangbu_state_bytes", Unit::Bytes, "Size of the stored state on disk.");
    describe_gauge!("jangbu_storage_free_bytes", Unit::Bytes, "Free space on the disk.");
    describe_gauge!(
        "jangbu_storage_reserve_bytes",
        Unit::Bytes,
        "Space on the disk that members' writes must leave free."
    );
    describe_gauge!("jangbu_storage_low", "1 while members' writes are refused because only the reserve is left.");
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

/// Renders the metrics, including those that are read from the bank on demand.
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

/// Converts a number beyond 32 bits to a gauge's value, as closely as possible.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and no disk has 2^53 bytes")]
const fn large(value: u64) -> f64 {
    value as f64
}

/// Trims the collected data. Must be called every few seconds, or histograms grow until the next scrape.
pub(crate) fn tidy() {
    if let Some(handle) = HANDLE.get().and_then(Option::as_ref) {
        handle.run_upkeep();
    }
}
