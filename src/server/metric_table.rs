//! Every metric that the service exports, with its kind, its labels and its meaning.

use metrics::Unit;

/// What a metric is to Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Only rises.
    Counter,
    /// Rises and falls.
    Gauge,
    /// A distribution.
    Histogram,
}

/// A metric.
#[derive(Debug)]
pub(super) struct Metric {
    /// As Prometheus has it.
    pub(super) name: &'static str,
    /// Its kind.
    pub(super) kind: Kind,
    /// The unit, where there is one.
    pub(super) unit: Option<Unit>,
    /// The labels, with a comma between them; empty for none.
    pub(super) labels: &'static str,
    /// What it means.
    pub(super) about: &'static str,
}

impl Metric {
    /// The meaning, with the labels.
    pub(super) fn description(&self) -> String {
        if self.labels.is_empty() { self.about.to_owned() } else { format!("{} Labels: {}.", self.about, self.labels) }
    }
}

const fn counter(name: &'static str, labels: &'static str, about: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, unit: None, labels, about }
}

const fn gauge(name: &'static str, unit: Option<Unit>, labels: &'static str, about: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, unit, labels, about }
}

const fn histogram(name: &'static str, unit: Option<Unit>, labels: &'static str, about: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram, unit, labels, about }
}

/// All metrics: first the service's, then the engine's.
pub(super) const METRICS: &[Metric] = &[
    counter("jangbu_http_requests_total", "method, route, status", "Requests."),
    histogram("jangbu_http_request_duration_seconds", Some(Unit::Seconds), "method, route", "Time of a request."),
    gauge("jangbu_http_event_streams", None, "", "Open event streams."),
    counter("jangbu_http_rate_limited_total", "limit", "Requests answered 429, by the budget that was used up."),
    counter(
        "jangbu_http_rejections_total",
        "kind",
        "Rejections by the service: kind is sign_in, token, permission, limit or storage.",
    ),
    gauge("jangbu_administrators", None, "", "Members who may administer the bank."),
    counter("jangbu_verification_failures_total", "", "Requests to the fraud checker that got no answer."),
    gauge("jangbu_storage_free_bytes", Some(Unit::Bytes), "", "Free disk space."),
    gauge("jangbu_storage_reserve_bytes", Some(Unit::Bytes), "", "Disk space that members' writes leave free."),
    gauge("jangbu_storage_low", None, "", "1 while members' writes are refused because only the reserve is left."),
    counter("jangbu_records_total", "", "Records made durable."),
    counter("jangbu_refusals_total", "code", "Commands refused by the ledger, by the code of the refusal."),
    histogram("jangbu_commit_records", None, "", "Records per group commit."),
    histogram("jangbu_commit_duration_seconds", Some(Unit::Seconds), "", "Time of a group commit: write and sync."),
    histogram("jangbu_journal_sync_duration_seconds", Some(Unit::Seconds), "", "Time of the sync in a group commit."),
    counter("jangbu_debit_messages_total", "", "Debit messages that account actors handled."),
    counter("jangbu_credit_messages_total", "", "Credit messages that account actors handled."),
    gauge("jangbu_active_accounts", None, "", "Accounts that have an actor."),
    gauge("jangbu_commands_in_flight", None, "", "Commands admitted and not yet answered."),
    histogram("jangbu_outbox_depth", None, "", "Answers of account actors collected at a time."),
    gauge("jangbu_durable_position", None, "", "Position of the last durable record."),
    counter("jangbu_checkpoint_position", "", "Position of the last record in the stored state."),
    gauge("jangbu_checkpoint_age_records", None, "", "Records that a restart would replay."),
    gauge("jangbu_journal_bytes", Some(Unit::Bytes), "", "Size of the journal on disk."),
    gauge("jangbu_state_bytes", Some(Unit::Bytes), "", "Size of the stored state on disk."),
    gauge(
        "jangbu_clock_alarm",
        None,
        "clock",
        "1 while the clock is ahead of what the bank trusts (ahead), or behind the last record (behind).",
    ),
    counter("jangbu_segment_prepare_failures_total", "", "Failed attempts to prepare the journal's next segment."),
    counter("jangbu_segment_seal_failures_total", "", "Failed attempts to write the sidecar of a full segment."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn the_reference_of_metrics_is_current() {
        let mut page = golden::begin("Metrics", "the table `METRICS` in `src/server/metric_table.rs`");
        page.push_str(
            "`jangbu serve` exports these at `/metrics` for Prometheus. A program that embeds the bank gets the engine's \
             through the `metrics` crate.\nAlerts and a Grafana dashboard: \
             [deploy/prometheus-alerts.yml](../../deploy/prometheus-alerts.yml), \
             [deploy/grafana-dashboard.json](../../deploy/grafana-dashboard.json).\n\n\
             | metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n",
        );
        for metric in METRICS {
            let kind = format!("{:?}", metric.kind).to_lowercase();
            let unit = metric.unit.map_or_else(String::new, |unit| format!(", {}", unit.as_str()));
            let labels: Vec<_> = metric.labels.split(", ").filter(|label| !label.is_empty()).collect();
            let labels: Vec<_> = labels.iter().map(|label| format!("`{label}`")).collect();
            page.push_str(&format!(
                "| `{}` | {kind}{unit} | {} | {} |\n",
                metric.name,
                labels.join(", "),
                metric.about
            ));
        }
        golden::is_current("metrics.md", &page);
    }
}
