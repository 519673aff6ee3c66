//! The files in `deploy/` use metrics that the service exposes.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use serde_json::{Value, json};

use super::people::{Customer, Person, serve};
use super::service::Scratch;

const ALERTS: &str = include_str!("../../deploy/prometheus-alerts.yml");
const DASHBOARD: &str = include_str!("../../deploy/grafana-dashboard.json");
const REFERENCE: &str = include_str!("../../docs/reference/metrics.md");

/// A metric in an expression, with its labels.
type Asked = (String, Vec<(String, String)>);

/// Finds every metric in a text, by its prefix.
fn metrics(text: &str) -> Vec<Asked> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("jangbu_") {
        // Part of a longer word, such as `prefix_jangbu_x`, is something else.
        if text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let rest = &text[at..];
        let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        if name == "jangbu_actors" {
            continue;
        }
        let selector = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or("", |(within, _)| within);
        let equal = selector.split(',').filter_map(|one| one.split_once("=\""));
        let labels = equal.filter(|(name, _)| !name.ends_with('!'));
        let labels = labels.map(|(name, value)| (name.to_owned(), value.trim_end_matches('"').to_owned())).collect();
        found.push((name.to_owned(), labels));
    }
    found
}

/// Collects the expressions of the dashboard's panels, without JSON escapes.
fn expressions(value: &Value, found: &mut String) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str().filter(|_| name == "expr") {
                    Some(expression) => *found += &format!("{expression}\n"),
                    None => expressions(field, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| expressions(item, found)),
        _ => {}
    }
}

/// Returns whether a line has the metric. Histograms have series with suffixed names.
fn is_exposed(line: &str, (name, labels): &Asked) -> bool {
    let told = line.split(['{', ' ']).next().unwrap_or_default();
    let is_name = told == name || ["_bucket", "_sum", "_count"].iter().any(|end| told == format!("{name}{end}"));
    is_name && labels.iter().all(|(label, value)| line.contains(&format!("{label}=\"{value}\"")))
}

#[test]
fn every_metric_of_alerts_dashboard_and_reference_is_exposed() {
    let scratch = Scratch::new();
    let service = serve(&scratch, &[]);
    let before = service.get("/metrics").body;
    let admin = Person::sign_in(&service, "admin");
    let mina = Customer::join(&service, &admin, "mina", 1_000);
    let joon = Customer::join(&service, &admin, "joon", 0);
    assert_eq!(mina.pay(&service, &joon.account, 1).status, 201);
    assert_eq!(mina.pay(&service, &joon.account, 5_000).status, 422);
    let mut stream = service.connect();
    let ask = format!("GET /api/v1/me/events HTTP/1.1\r\nHost: h\r\nCookie: {}\r\n\r\n", mina.person.cookie());
    stream.write_all(ask.as_bytes()).unwrap();
    assert!(stream.read(&mut [0; 64]).unwrap() > 0);
    let told = service.get("/metrics").body;

    let mut dashboard = String::new();
    expressions(&serde_json::from_str(DASHBOARD).expect("the dashboard is JSON"), &mut dashboard);
    for (file, text, least) in [("alerts", ALERTS, 6), ("dashboard", &*dashboard, 10), ("reference", REFERENCE, 15)] {
        let asked: BTreeSet<Asked> = metrics(text).into_iter().collect();
        assert!(asked.len() >= least, "the {file} name few metrics: {asked:?}");
        for asked in &asked {
            assert!(told.lines().any(|line| is_exposed(line, asked)), "{file}: {asked:?} is missing in\n{told}");
        }
    }
    assert!(told.contains("\njangbu_http_event_streams 1\n"), "{told}");
    // An increase is visible only if a counter exists at zero before.
    for line in [
        r#"jangbu_http_rate_limited_total{limit="sign_in"} 0"#,
        r#"jangbu_http_rate_limited_total{limit="sign_up"} 0"#,
        r#"jangbu_http_rate_limited_total{limit="lookups"} 0"#,
        r#"jangbu_http_rate_limited_total{limit="transfers"} 0"#,
        r#"jangbu_http_rate_limited_total{limit="batch_transfers"} 0"#,
        "jangbu_verification_failures_total 0",
        "jangbu_http_event_streams 0",
    ] {
        assert!(before.lines().any(|found| found == line), "{line} is missing: {before}");
    }
}

#[test]
fn the_reference_names_every_exposed_metric() {
    let scratch = Scratch::new();
    let service = serve(&scratch, &[]);
    service.post("/api/v1/session", &json!({ "username": "nobody", "password": "nothing" }));
    let told = service.get("/metrics").body;
    let types = told.lines().filter_map(|line| line.strip_prefix("# TYPE ")).filter_map(|line| line.split(' ').next());
    let told: BTreeSet<&str> = types.collect();
    assert!(told.len() > 15, "{told:?}");
    for name in told {
        assert!(REFERENCE.contains(&format!("`{name}`")), "{name} is not in docs/reference/metrics.md");
        assert!(!metrics(name).is_empty(), "{name} does not say whose it is");
    }
}
