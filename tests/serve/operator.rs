//! Health, metrics, and the OpenAPI document.

use super::service::Scratch;

#[test]
fn requests_are_counted_by_route_and_status() {
    let scratch = Scratch::new();
    let service = scratch.serve(&[]);
    for _ in 0..3 {
        service.get("/api/v1/meta");
    }
    service.get("/api/v1/nothing/123456");
    let metrics = service.get("/metrics");
    assert_eq!(metrics.status, 200);
    let line = |start: &str| metrics.body.lines().find(|line| line.starts_with(start)).map(str::to_owned);
    let requests = r#"jangbu_http_requests_total{method="GET",route="/api/v1/meta",status="200"}"#;
    assert_eq!(line(requests), Some(format!("{requests} 3")), "{}", metrics.body);
    assert!(line("jangbu_records_total ").is_some(), "the engine's counters are missing: {}", metrics.body);
    assert!(line("jangbu_http_request_duration_seconds_bucket{").is_some());
    assert!(!metrics.body.contains("123456"), "requests are counted by path");
}

#[test]
fn the_operator_can_have_a_separate_address() {
    let scratch = Scratch::new();
    let service = scratch.serve(&["--operator-listen", "127.0.0.1:0"]);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(service.get(path).status, 404, "{path}");
    }
    let (_, log) = service.stop();
    assert!(log.iter().any(|line| line.contains("serving health and metrics")), "{log:?}");
}

#[test]
fn health_finds_the_service_by_its_settings() {
    let scratch = Scratch::new();
    let service = scratch.serve(&[]);
    let address = service.address().to_string();
    std::fs::write(scratch.data().join("jangbu.toml"), format!("operator_listen = \"{address}\"\n")).unwrap();
    assert_eq!(scratch.run(&["health"]), (0, "ready\n".into(), String::new()));
    assert_eq!(scratch.run(&["health", "--live"]), (0, "ok\n".into(), String::new()));
    let (status, output, errors) = scratch.run(&["health", "--set", "operator_listen=127.0.0.1:0"]);
    assert_eq!((status, output.as_str()), (2, ""), "{errors}");
    service.stop();
    let (status, output, errors) = scratch.run(&["health"]);
    assert_eq!((status, output.as_str()), (3, ""), "{errors}");
    assert!(errors.contains("no answer from") && errors.contains(&address), "{errors}");
}

/// The server at the address answers with an error.
#[test]
fn health_fails_where_the_service_is_not_ready() {
    use std::io::{Read, Write};
    let scratch = Scratch::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answering = std::thread::spawn(move || {
        for answer in ["HTTP/1.1 503 Service Unavailable\r\n\r\nstopping", "something else"] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 512];
            let read = stream.read(&mut asked).unwrap();
            assert!(asked[..read].starts_with(b"GET /readyz HTTP/1.1\r\n"));
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    let (status, _, errors) = scratch.run(&["health", "--listen", &address]);
    assert!(status == 1 && errors.contains("503") && errors.contains("stopping"), "{status} {errors}");
    assert_eq!(scratch.run(&["health", "--listen", &address]).0, 3);
    answering.join().unwrap();
}

#[test]
fn the_document_and_its_viewer_load_nothing_from_outside() {
    let scratch = Scratch::new();
    let service = scratch.serve(&[]);
    let document = service.get("/api/openapi.json");
    assert_eq!(document.status, 200);
    let document = document.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    assert!(document["paths"]["/api/v1/meta"]["get"].is_object());
    let viewer = service.get("/api/docs/");
    assert_eq!(viewer.status, 200);
    let policy = viewer.header("content-security-policy").expect("a policy");
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    for file in ["/api/docs/", "/api/docs/swagger-initializer.js"] {
        let text = service.get(file).body;
        assert!(!text.contains("src=\"http") && !text.contains("href=\"http"), "{file}: {text}");
    }
    assert!(!viewer.body.contains("<script>"), "a script within the page: {}", viewer.body);
    assert_eq!(service.get("/api/docs").status, 307);
}

#[test]
fn the_printed_document_is_the_served_one() {
    let scratch = Scratch::new();
    let (status, output, errors) = scratch.run(&["openapi"]);
    assert_eq!(status, 0, "{errors}");
    let printed: serde_json::Value = serde_json::from_str(&output).expect("JSON");
    let served = scratch.serve(&[]).get("/api/openapi.json").json();
    assert!(printed["paths"].as_object().expect("paths").len() > 30);
    assert_eq!(printed, served);
}

/// Counted entries are written at the stop. The log has the typed name, which the audit log has not.
#[test]
fn a_failed_sign_in_is_logged_and_audited() {
    use super::people::{Person, serve};
    let scratch = Scratch::new();
    let service = serve(&scratch, &[]);
    let body = serde_json::json!({ "username": "ad\nmin", "password": "a secret that was typed" }).to_string();
    let headers = [("Content-Type", "application/json"), ("X-Request-Id", "tried-once")];
    assert_eq!(service.send("POST", "/api/v1/session", &headers, &body).status, 401);
    let (_, log) = service.stop();
    let line = log.iter().find(|line| line.contains("a sign-in failed")).expect("a line in the log");
    for part in ["tried-once", "ad\\nmin", "127.0.0.1", "wrong_credentials"] {
        assert!(line.contains(part), "{part} is missing: {line}");
    }
    assert!(!log.iter().any(|line| line.contains("a secret that was typed")), "{log:?}");
    let service = serve(&scratch, &[]);
    let found = Person::sign_in(&service, "admin").read(&service, "/admin/audit?action=session.refused");
    let entry = &found["data"][0];
    let told = serde_json::json!([entry["request_id"], entry["object_id"], entry["code"], entry["count"]]);
    assert_eq!(told, serde_json::json!(["tried-once", "unknown", "wrong_credentials", 1]), "{found}");
}
