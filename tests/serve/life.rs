//! Starting and stopping the service.

use rustix::process::Signal;

use super::service::Scratch;

#[test]
fn it_starts_answers_and_stops() {
    let scratch = Scratch::new();
    let service = scratch.serve(&[]);
    assert_eq!(service.get("/healthz").body, "ok\n");
    assert_eq!(service.get("/readyz").status, 200);
    let meta = service.get("/api/v1/meta");
    assert_eq!(meta.status, 200, "{meta:?}");
    assert_eq!(meta.json()["time_zone"], "Asia/Seoul");
    let (status, log) = service.stop();
    assert!(status.success(), "{log:?}");
    let started = log.iter().find(|line| line.contains("serving")).expect("a line about the start");
    for word in ["address=127.0.0.1:", "data=", "position=", "recovery_ms="] {
        assert!(started.contains(word), "{word} is missing: {started}");
    }
    assert!(log.iter().any(|line| line.contains("stopped")), "{log:?}");
    let (status, output, errors) = scratch.run(&["check"]);
    assert_eq!((status, errors.as_str()), (0, ""), "{output}");
}

#[test]
fn an_interrupt_stops_it_like_a_termination() {
    let scratch = Scratch::new();
    let mut service = scratch.serve(&[]);
    service.signal(Signal::INT);
    assert!(service.wait().success());
}

#[test]
fn an_address_in_use_is_reported() {
    let (one, other) = (Scratch::new(), Scratch::new());
    let service = one.serve(&[]);
    let address = service.address().to_string();
    let (status, output, errors) = other.run(&["serve", "--listen", &address]);
    assert_eq!((status, output.as_str()), (3, ""));
    assert!(errors.contains(&format!("cannot listen on {address}")), "{errors}");
}

#[test]
fn a_bank_in_use_is_reported() {
    let scratch = Scratch::new();
    let _service = scratch.serve(&[]);
    let (status, _, errors) = scratch.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(status, 3);
    assert!(errors.contains("is in use by another process"), "{errors}");
}

#[test]
fn a_demo_shows_its_passwords_once_and_balances() {
    let scratch = Scratch::new();
    let service = scratch.serve(&["--demo"]);
    let login = service.printed.iter().find(|line| line.trim_start().starts_with("mina ")).expect("a login").clone();
    let password = login.split_whitespace().last().unwrap();
    let body = serde_json::json!({ "username": "mina", "password": password });
    assert_eq!(service.post("/api/v1/session", &body).status, 200);
    assert_eq!(service.get("/api/v1/meta").json()["demo"], true);
    let (_, log) = service.stop();
    assert!(!log.iter().any(|line| line.contains(password)), "{log:?}");
    let (status, output, errors) = scratch.run(&["check", "--deep"]);
    assert_eq!(status, 0, "{output}{errors}");
    let (_, output, _) = scratch.run(&["transfers", "--format", "json"]);
    let transfers: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert!(transfers.as_array().unwrap().len() >= 100, "{output}");
    let again = scratch.serve(&["--demo"]);
    assert!(!again.printed.iter().any(|line| line.contains("mina")), "{:?}", again.printed);
}
