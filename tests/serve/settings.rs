//! Settings: precedence, and invalid ones.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::service::{Running, Scratch};

fn write(scratch: &Scratch, text: &str) {
    fs::create_dir_all(scratch.data()).unwrap();
    fs::write(scratch.data().join("jangbu.toml"), text).unwrap();
}

fn shown(output: &str, key: &str) -> (String, String) {
    let rows: serde_json::Value = serde_json::from_str(output).unwrap();
    let row = rows.as_array().unwrap().iter().find(|row| row["key"] == key).unwrap();
    (row["value"].as_str().unwrap().to_owned(), row["from"].as_str().unwrap().to_owned())
}

#[test]
fn flags_override_the_environment_and_that_the_file() {
    let scratch = Scratch::new();
    write(&scratch, "listen = \"127.0.0.1:1\"\nname = \"file\"\ntime_zone = \"Europe/Paris\"\n");
    let mut command = scratch.command(&["config", "--format", "json", "--listen", "127.0.0.1:3"]);
    let output = command.env("JANGBU_LISTEN", "127.0.0.1:2").env("JANGBU_NAME", "environment").output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(shown(&output, "listen"), ("127.0.0.1:3".into(), "--listen".into()));
    assert_eq!(shown(&output, "name"), ("environment".into(), "JANGBU_NAME".into()));
    let (value, from) = shown(&output, "time_zone");
    assert!(value == "Europe/Paris" && from.ends_with("jangbu.toml:3"), "{value} {from}");
    assert_eq!(shown(&output, "sign_up"), ("true".into(), "default".into()));
}

#[test]
fn a_bank_keeps_and_shows_its_time_zone() {
    let scratch = Scratch::new();
    let (status, _, errors) = scratch.run(&["open", "--owner", "mina", "--time-zone", "Europe/Prague"]);
    assert_eq!(status, 0, "{errors}");
    write(&scratch, "time_zone = \"Asia/Tokyo\"\n");
    let service = scratch.serve(&[]);
    assert_eq!(service.get("/api/v1/meta").json()["time_zone"], "Europe/Prague");
    // Also while the service has the bank open.
    let (status, output, errors) = scratch.run(&["config", "--format", "json"]);
    assert_eq!((status, shown(&output, "time_zone")), (0, ("Europe/Prague".into(), "the bank".into())));
    assert!(
        errors.contains("warning: time_zone is set to Asia/Tokyo") && errors.contains("created with Europe/Prague"),
        "{errors}"
    );
    let (_, log) = service.stop();
    assert!(log.iter().any(|line| line.contains("the bank was created with Europe/Prague")), "{log:?}");

    let scratch = Scratch::new();
    let service = scratch.serve(&["--time-zone", "America/Lima"]);
    assert_eq!(service.get("/api/v1/meta").json()["time_zone"], "America/Lima");
}

#[test]
fn https_without_a_trusted_proxy_is_logged_at_the_start() {
    for (flags, is_said) in [(&[][..], true), (&["--set", "trusted_proxies=127.0.0.1"], false)] {
        let scratch = Scratch::new();
        let service = scratch.serve(&[&["--set", "public_url=https://bank.example"], flags].concat());
        let (_, log) = service.stop();
        let warned = log.iter().any(|line| line.contains("WARN") && line.contains("trusted_proxies"));
        assert_eq!(warned, is_said, "{log:?}");
    }
}

#[test]
fn settings_take_effect() {
    let scratch = Scratch::new();
    write(&scratch, "name = \"Bank of Tests\"\nsign_up = false\n");
    let service = scratch.serve(&["--bottleneck", "1..2"]);
    let meta = service.get("/api/v1/meta").json();
    assert_eq!((&meta["name"], &meta["sign_up"]), (&"Bank of Tests".into(), &false.into()));
    assert_eq!(meta["verification"], "delay");
}

#[test]
fn an_unknown_setting_is_reported_with_its_line() {
    let scratch = Scratch::new();
    write(&scratch, "name = \"x\"\n\n[sessions]\nidel_s = 3\n");
    for command in [&["serve"][..], &["config"]] {
        let (status, output, errors) = scratch.run(command);
        assert_eq!((status, output.as_str()), (2, ""), "{errors}");
        assert!(errors.contains("jangbu.toml, line 4: there is no setting sessions.idel_s"), "{errors}");
    }
    assert!(!scratch.data().join("journal").exists(), "a bank was created all the same");
}

#[test]
fn a_misspelt_variable_and_a_missing_file_are_errors() {
    let scratch = Scratch::new();
    let output = scratch.command(&["config"]).env("JANGBU_LISTN", "x").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("JANGBU_LISTN"));
    let (status, _, errors) = scratch.run(&["serve", "--config", "nowhere.toml"]);
    assert_eq!(status, 2);
    assert!(errors.contains("nowhere.toml"), "{errors}");
}

#[test]
fn secrets_are_not_shown() {
    let scratch = Scratch::new();
    let secret = "a-secret-of-enough-bytes";
    write(
        &scratch,
        &format!("[verification]\nmode = \"http\"\nurl = \"http://127.0.0.1:9/\"\nsecret = \"{secret}\"\n"),
    );
    for (mode, private) in [(0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false), (0o602, false)]
    {
        let file = scratch.data().join("jangbu.toml");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let (status, output, errors) = scratch.run(&["config"]);
        if private {
            assert_eq!(status, 0, "{mode:o}: {errors}");
            assert!(output.contains("verification.secret") && !output.contains(secret), "{output}");
        } else {
            assert_eq!((status, output.as_str()), (2, ""), "{mode:o}");
            assert!(errors.contains("chmod 600") && errors.contains("verification.secret"), "{errors}");
        }
    }
    write(&scratch, "name = \"no secret\"\n");
    fs::set_permissions(scratch.data().join("jangbu.toml"), fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(scratch.run(&["config"]).0, 0);
}

#[test]
fn a_key_file_that_others_can_use_is_refused() {
    let scratch = Scratch::new();
    drop(scratch.serve(&[]).stop());
    for name in ["keys", "keys.copy"] {
        let file = scratch.data().join(name);
        if !file.exists() {
            // Keys are created with the first member.
            fs::write(&file, "").unwrap();
        }
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let (status, output, errors) = scratch.run(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!((status, output.as_str()), (3, ""), "{errors}");
        assert!(errors.contains(&format!("chmod 600 {}", file.display())), "{errors}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn other_machines_are_not_served_unencrypted_by_accident() {
    let scratch = Scratch::new();
    let (status, output, errors) = scratch.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!((status, output.as_str()), (2, ""));
    assert!(errors.contains("public_url") && errors.contains("--insecure-http"), "{errors}");
    let (status, _, errors) = scratch.run(&["serve", "--listen", "0.0.0.0:0", "--public-url", "http://bank.example"]);
    assert_eq!(status, 2, "{errors}");
}

#[test]
fn https_answers_have_strict_transport_security() {
    let scratch = Scratch::new();
    let service: Running = scratch.serve(&["--public-url", "https://bank.example"]);
    let answer = service.get("/api/v1/meta");
    assert!(answer.header("strict-transport-security").is_some_and(|value| value.starts_with("max-age=63072000")));
    let plain = Scratch::new();
    assert_eq!(plain.serve(&[]).get("/api/v1/meta").header("strict-transport-security"), None);
}
