//! Requests that no friendly client sends.

use std::io::{Read, Write};

use serde_json::json;

use super::service::{Running, Scratch, read_answer};

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn service(arguments: &[&str]) -> (Scratch, Running) {
    let scratch = Scratch::new();
    let service = scratch.serve(arguments);
    (scratch, service)
}

#[test]
fn every_answer_has_an_id_and_the_headers() {
    let (_scratch, service) = service(&[]);
    for (method, path) in
        [("GET", "/api/v1/meta"), ("GET", "/api/v1/nothing"), ("GET", "/healthz"), ("PUT", "/api/v1/meta")]
    {
        let answer = service.send(method, path, &[], "");
        assert!(answer.header("x-request-id").is_some_and(|id| id.len() == 36), "{answer:?}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-"), "{policy}");
    }
    assert_eq!(service.get("/api/v1/meta").header("cache-control"), Some("no-store"));
}

#[test]
fn a_valid_request_id_is_kept() {
    let (_scratch, service) = service(&[]);
    let id = |given: &str| {
        let answer = service.send("GET", "/api/v1/meta", &[("X-Request-Id", given)], "");
        answer.header("x-request-id").unwrap().to_owned()
    };
    assert_eq!(id("abc-123_x.y"), "abc-123_x.y");
    for unsound in ["a b", "<script>", &"x".repeat(65), "\u{e9}"] {
        assert_ne!(id(unsound), unsound);
    }
}

#[test]
fn unknown_paths_and_methods_are_problems() {
    let (_scratch, service) = service(&[]);
    assert_eq!(service.get("/api/v1/nothing").problem(), (404, "not_found".into()));
    assert_eq!(service.get("/api").problem(), (404, "not_found".into()));
    let answer = service.send("DELETE", "/api/v1/meta", &[], "");
    assert_eq!(answer.problem(), (405, "method_not_allowed".into()));
    assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
}

#[test]
fn malformed_text_is_a_bad_request() {
    let (_scratch, service) = service(&[]);
    for path in ["/api/v1/%ff", "/api/v1/meta?a=%ff", "/api/v1/%00", "/api/v1/%zz"] {
        assert_eq!(service.get(path).problem(), (400, "invalid_request".into()), "{path}");
    }
    let mut bytes =
        b"POST /api/v1/session HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\n\
        Content-Length: 17\r\n\r\n{\"username\":\"\xff\xfe\"}"
            .to_vec();
    assert_eq!(service.raw(&bytes).status, 400);
    bytes.truncate(10);
    bytes.extend_from_slice(b"\x00\x01\x02\r\n\r\n");
    assert_eq!(service.raw(&bytes).status, 400);
    assert_eq!(service.get("/healthz").status, 200);
}

#[test]
fn malformed_json_and_other_media_types_have_different_errors() {
    let (_scratch, service) = service(&[]);
    let send =
        |kind: &str, body: &str| service.send("POST", "/api/v1/session", &[("Content-Type", kind)], body).problem();
    assert_eq!(send("application/json", "{").0, 400);
    assert_eq!(send("application/json", "[]").0, 400);
    assert_eq!(send("application/json", r#"{"username":"a","password":"b","extra":1}"#).0, 400);
    assert_eq!(send("text/plain", "{}"), (415, "unsupported_media_type".into()));
    assert_eq!(send("application/x-www-form-urlencoded", "username=a"), (415, "unsupported_media_type".into()));
}

#[test]
fn oversized_requests_are_rejected() {
    let (_scratch, service) = service(&[]);
    let body = json!({ "username": "x".repeat(100_000), "password": "y" }).to_string();
    assert_eq!(service.send("POST", "/api/v1/session", &[JSON], &body).problem(), (413, "too_large".into()));
    let path = format!("/api/v1/meta?q={}", "x".repeat(9_000));
    assert_eq!(service.get(&path).problem(), (414, "uri_too_long".into()));
    let header = "x".repeat(17_000);
    let answer = service.send("GET", "/api/v1/meta", &[("X-Large", &header)], "");
    assert_eq!(answer.problem(), (431, "headers_too_large".into()));
    let huge = "x".repeat(1_000_000);
    assert!((400..500).contains(&service.send("GET", "/api/v1/meta", &[("X-Huge", &huge)], "").status));
}

#[test]
fn a_slow_head_is_cut_off_and_others_are_served() {
    let (_scratch, service) = service(&["--set", "limits.header_timeout_s=1"]);
    let mut slow: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = service.connect();
            stream.write_all(b"GET /api/v1/meta HTTP/1.1\r\nHost: h\r\nX-Slow: ").unwrap();
            stream
        })
        .collect();
    assert_eq!(service.get("/api/v1/meta").status, 200);
    for stream in &mut slow {
        let answer = read_answer(stream);
        assert_eq!(answer.status, 408, "{answer:?}");
    }
}

#[test]
fn a_slow_body_is_cut_off() {
    let (_scratch, service) = service(&["--set", "limits.request_timeout_s=1"]);
    let mut stream = service.connect();
    stream
        .write_all(
            b"POST /api/v1/session HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
        )
        .unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("HTTP/1.1 503") && text.contains("\"timeout\""), "{text}");
}

#[test]
fn other_sites_change_nothing() {
    let (_scratch, service) = service(&[]);
    let body = json!({ "username": "a", "password": "b" }).to_string();
    let host = service.address().to_string();
    let own = format!("http://{host}");
    let send = |headers: &[(&str, &str)]| {
        let mut all = vec![JSON];
        all.extend(headers);
        service.send("POST", "/api/v1/session", &all, &body).problem().1
    };
    assert_eq!(send(&[("Origin", "https://evil.example")]), "cross_site");
    assert_eq!(send(&[("Sec-Fetch-Site", "cross-site")]), "cross_site");
    assert_eq!(send(&[("Cookie", "jangbu=x")]), "cross_site");
    assert_eq!(send(&[("Cookie", "jangbu=x"), ("Origin", &own)]), "wrong_credentials");
    assert_eq!(send(&[("Sec-Fetch-Site", "same-origin")]), "wrong_credentials");
}

#[test]
fn too_many_sign_ins_from_an_address_are_limited() {
    let (_scratch, service) = service(&["--set", "rates.sign_in_per_address=3"]);
    let attempt =
        |name: &str| service.post("/api/v1/session", &json!({ "username": name, "password": "wrong password" }));
    for name in ["one", "two", "three"] {
        assert_eq!(attempt(name).problem(), (401, "wrong_credentials".into()));
    }
    let refused = attempt("four");
    assert_eq!(refused.problem(), (429, "rate_limited".into()));
    assert!(refused.header("retry-after").is_some_and(|seconds| seconds.parse::<u64>().unwrap() > 0));
}
