//! The first administrator, and orders from the machine.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::service::{Running, Scratch};

const PASSWORD: &str = "correct horse 47 battery";

/// Returns the secret of the link printed at the start.
fn secret(service: &Running) -> Option<String> {
    let line = service.printed.iter().find(|line| line.contains("/setup#"))?;
    line.split_once('#').map(|(_, secret)| secret.to_owned())
}

fn sign_in(service: &Running, username: &str, password: &str) -> u16 {
    service.post("/api/v1/session", &json!({ "username": username, "password": password })).status
}

fn set_up(token: &str, password: &str) -> serde_json::Value {
    json!({ "token": token, "username": "boss", "password": password, "name": "The Boss", "email": "boss@example.com" })
}

#[test]
fn the_link_creates_one_administrator() {
    let scratch = Scratch::new();
    let service = scratch.serve(&[]);
    let secret_of_link = secret(&service).expect("a link");
    assert_eq!(sign_in(&service, "admin", "admin"), 401, "default credentials");
    let wrong = service.post("/api/v1/setup", &set_up("0000", PASSWORD));
    assert_eq!(wrong.problem(), (403, "setup_closed".into()));
    let short = service.post("/api/v1/setup", &set_up(&secret_of_link, "short"));
    assert_eq!(short.status, 400, "{short:?}");
    let made = service.post("/api/v1/setup", &set_up(&secret_of_link, PASSWORD));
    assert_eq!((made.status, made.json()["role"].clone()), (201, json!("admin")), "{made:?}");
    assert_eq!(sign_in(&service, "boss", PASSWORD), 200);
    let again = service.post("/api/v1/setup", &set_up(&secret_of_link, PASSWORD));
    assert_eq!(again.problem(), (403, "setup_closed".into()));
    let (_, log) = service.stop();
    assert!(!log.iter().any(|line| line.contains(&secret_of_link) || line.contains(PASSWORD)), "{log:?}");
    assert_eq!(secret(&scratch.serve(&[])), None, "a link although there is an administrator");
}

#[test]
fn a_password_in_the_environment_creates_admin_in_a_new_bank() {
    let scratch = Scratch::new();
    let start = |password: &str| {
        let mut command = scratch.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("JANGBU_ADMIN_PASSWORD", password);
        Running::start(command)
    };
    let service = start(PASSWORD);
    assert_eq!(secret(&service), None);
    assert_eq!(sign_in(&service, "admin", PASSWORD), 200);
    service.stop();
    let service = start("another password 9");
    assert_eq!(sign_in(&service, "admin", "another password 9"), 401, "the password of a bank was changed");
}

#[test]
fn administrators_are_created_with_and_without_a_running_service() {
    let scratch = Scratch::new();
    let (status, _, errors) = scratch.run(&["admin", "list"]);
    assert_eq!(status, 3, "{errors}");
    let service = scratch.serve(&[]);
    let directory = scratch.data().join("admin");
    assert_eq!(std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(std::fs::metadata(directory.join("socket")).unwrap().permissions().mode() & 0o777, 0o600);
    let (status, output, errors) = scratch.run(&["admin", "create", "anna"]);
    assert_eq!(status, 0, "{errors}");
    let password = output.lines().find_map(|line| line.strip_prefix("password  ")).expect("a password").to_owned();
    assert_eq!(sign_in(&service, "anna", &password), 200);
    let (status, _, errors) = scratch.run(&["admin", "create", "anna"]);
    assert!(status == 1 && errors.contains("(username_taken)"), "{status} {errors}");
    service.stop();

    let (status, output, errors) = scratch.run(&["admin", "create", "bert", "--role", "auditor"]);
    assert_eq!(status, 0, "{errors}");
    assert!(output.contains("role      auditor"), "{output}");
    let (_, output, _) = scratch.run(&["admin", "list", "--format", "json"]);
    let staff: serde_json::Value = serde_json::from_str(&output).unwrap();
    let names: Vec<_> = staff.as_array().unwrap().iter().map(|member| member["username"].as_str().unwrap()).collect();
    assert_eq!(names, ["anna", "bert"]);
    let (status, output, errors) = scratch.run(&["admin", "household", "anna", "12 Canal Street"]);
    assert!(status == 0 && output.contains("household 12 Canal Street"), "{status} {output} {errors}");
    let (status, output, _) = scratch.run(&["admin", "household", "anna", "--none"]);
    assert!(status == 0 && !output.contains("household"), "{status} {output}");
    assert_eq!(scratch.run(&["admin", "household", "anna"]).0, 2, "neither a word nor --none");
    let (status, _, errors) = scratch.run(&["admin", "disable", "anna"]);
    assert!(status == 1 && errors.contains("(last_admin)"), "{status} {errors}");
    let (status, _, errors) = scratch.run(&["admin", "erase", "bert", "--yes"]);
    assert_eq!(status, 0, "{errors}");
}

#[test]
fn tokens_are_created_and_revoked() {
    let scratch = Scratch::new();
    let service = scratch.serve(&[]);
    scratch.run(&["admin", "create", "anna"]);
    let (status, output, errors) =
        scratch.run(&["token", "create", "anna", "--name", "reports", "--scope", "read", "--days", "7"]);
    assert_eq!(status, 0, "{errors}");
    let field = |name: &str| output.lines().find_map(|line| line.strip_prefix(name)).expect(name).trim().to_owned();
    let (id, secret) = (field("id"), field("secret"));
    let bearer = format!("Bearer {secret}");
    let tokens = || service.send("GET", "/api/v1/accounts", &[("Authorization", &bearer)], "").status;
    assert_ne!(tokens(), 401);
    let (status, _, errors) = scratch.run(&["token", "revoke", &id]);
    assert_eq!(status, 0, "{errors}");
    let (_, output, _) = scratch.run(&["token", "list", "--format", "json"]);
    assert!(output.contains(&id) && !output.contains(&secret), "{output}");
    let answer = service.send("GET", "/api/v1/me/tokens", &[("Authorization", &bearer)], "");
    assert_eq!(answer.status, 401, "{answer:?}");
}

#[test]
fn a_token_is_restricted_from_the_command_line() {
    let scratch = Scratch::new();
    let service = scratch.serve(&[]);
    scratch.run(&["admin", "create", "anna"]);
    let create = |more: &[&str]| {
        let usual = ["token", "create", "anna", "--name", "till", "--scope", "transfer"];
        scratch.run(&[&usual[..], more].concat())
    };
    let bound = ["--payee", "0000-0000-0195", "--address", "192.0.2.0/24", "--per-day", "KRW:5000"];
    let (status, _, errors) = create(&bound);
    assert_eq!(status, 0, "{errors}");
    let (_, output, _) = scratch.run(&["token", "list", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&output).unwrap();
    let per_day = serde_json::json!([{ "currency": "KRW", "amount": 5_000 }]);
    assert_eq!(listed[0]["bounds"]["per_day"], per_day, "{output}");
    assert_eq!(listed[0]["bounds"]["addresses"], serde_json::json!(["192.0.2.0/24"]), "{output}");
    for (wrong, exit, words) in [
        (&["--address", "here"][..], 2, "neither an address nor a network"),
        (&["--per-day", "KRW:much"], 2, "as KRW:500000"),
        (&["--per-day", "KRW:1", "--scope", "schedule"], 1, "bounds.per_day"),
        (&["--account", "000000000195"], 1, "not_found"),
        (&["--scope", "everything"], 2, "admin_read"),
    ] {
        let (status, _, errors) = create(wrong);
        assert!(status == exit && errors.contains(words), "{wrong:?}: {status} {errors}");
    }
    service.stop();
}
