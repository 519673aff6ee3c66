use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use serde_json::json;

use super::second_factor::enabled;
use super::{sign_in, with_cookie};
use crate::server::members::second_factor::code_at;
use crate::server::members::{Keys, Known, MembersOpenError};
use crate::server::testing::{PASSWORD, Town};

/// Whether the text stands anywhere in a file of the directory.
fn found_in(directory: &std::path::Path, text: &str) -> bool {
    std::fs::read_dir(directory).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return found_in(&path, text);
        }
        std::fs::read(path).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[actix_web::test]
async fn members_sessions_tokens_and_used_codes_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::on_disk(directory.path()).await;
    let (secret, codes) = enabled(&town).await;
    town.clock.advance(Duration::from_secs(60));
    let code = code_at(&secret, town.service.time.now());
    let body = |field: &str, value: &str| json!({ "username": "mina", "password": PASSWORD, field: value });
    assert_eq!(sign_in(&town, body("totp", &code)).await.status, StatusCode::OK);
    assert_eq!(sign_in(&town, body("recovery_code", &codes[0])).await.status, StatusCode::OK);
    let (_, cookie) = town.cookie("joon").await;
    let expires_at = town.service.time.now().after(Duration::from_secs(3_600)).to_string();
    let wanted = json!({ "name": "till", "scopes": ["admin_read"], "expires_at": expires_at });
    let made = town.send("ada", Method::POST, "/me/tokens", wanted).await;
    let token = format!("Bearer {}", made.json["secret"].as_str().unwrap());

    let town = town.reopen(directory.path()).await.unwrap();
    let names: Vec<_> = town.service.members.all().into_iter().map(|member| member.username).collect();
    assert_eq!(names, ["mina", "joon", "theo", "auda", "ada"]);
    let session = with_cookie(&town, &cookie, TestRequest::get().uri("/api/v1/session")).await;
    assert_eq!(session.json["member"]["name"], "홍길동");
    let request = TestRequest::get().uri("/api/v1/admin/members").insert_header(("authorization", token));
    assert_eq!(town.call(request).await.json["total"], 5);
    assert_eq!(sign_in(&town, body("totp", &code)).await.json["code"], "totp_wrong");
    assert_eq!(sign_in(&town, body("recovery_code", &codes[0])).await.json["code"], "totp_wrong");
    assert_eq!(sign_in(&town, body("recovery_code", &codes[1])).await.status, StatusCode::OK);
}

/// A crash can come between the ledger's record and the member's.
#[actix_web::test]
async fn a_member_has_the_free_transfers_that_the_ledger_grants() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::on_disk(directory.path()).await;
    let mina = town.member("mina");
    town.service.bank.set_owner(mina.id.owner(), 9).await.unwrap();
    let town = town.reopen(directory.path()).await.unwrap();
    assert_eq!(town.member("mina").free_transfers_per_day, 9);
    assert_eq!(town.member("joon").free_transfers_per_day, jangbu::accounts::FREE_TRANSFERS_PER_DAY);
}

#[actix_web::test]
async fn sessions_that_ended_stay_ended_and_those_that_are_over_are_deleted() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::on_disk(directory.path()).await;
    let (_, ended) = town.cookie("joon").await;
    town.cookie("joon").await;
    let out = with_cookie(&town, &ended, TestRequest::delete().uri("/api/v1/session")).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let town = town.reopen(directory.path()).await.unwrap();
    let session = with_cookie(&town, &ended, TestRequest::get().uri("/api/v1/session")).await;
    assert_eq!(session.status, StatusCode::UNAUTHORIZED);
    assert_eq!(town.service.bank.records("session", "", None, 10).await.unwrap().data.len(), 1);
    town.clock.advance(Duration::from_secs(1_800));
    let town = town.reopen(directory.path()).await.unwrap();
    assert!(town.service.bank.records("session", "", None, 10).await.unwrap().data.is_empty());
}

#[actix_web::test]
async fn nothing_personal_is_on_disk_in_the_clear_and_nothing_is_readable_after_an_erasure() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::on_disk(directory.path()).await;
    let mina = town.member("mina");
    let sealed = town.service.bank.record("member", &mina.id.to_string()).await.unwrap().unwrap();
    let change = json!({ "name": "Mina Park" });
    assert_eq!(town.send("mina", Method::PATCH, "/me", change).await.status, StatusCode::OK);
    let (_, cookie) = town.cookie("mina").await;
    assert_eq!(std::fs::metadata(directory.path().join("keys")).unwrap().permissions().mode() & 0o777, 0o600);

    let path = format!("/admin/members/{}", mina.id);
    let erased = town.send("ada", Method::POST, &format!("{path}/erase"), None).await;
    assert_eq!((&erased.json["username"], &erased.json["erased"]), (&json!(""), &json!(true)));
    assert_eq!(town.service.bank.snapshot(town.mina).await.unwrap().posted.minor_units(), 100_000);
    let town = town.reopen(directory.path()).await.unwrap();

    let read = town.get(Some("ada"), &path).await;
    assert_eq!(
        (&read.json["name"], &read.json["email"], &read.json["disabled"]),
        (&json!(""), &json!(""), &json!(true))
    );
    assert_eq!(sign_in(&town, json!({ "username": "mina", "password": PASSWORD })).await.status, 401);
    let session = with_cookie(&town, &cookie, TestRequest::get().uri("/api/v1/session")).await;
    assert_eq!(session.status, StatusCode::UNAUTHORIZED);
    let history = town.get(Some("ada"), &format!("{path}/history")).await;
    let changed = history.json["data"].as_array().unwrap().iter().find(|entry| entry["action"] == "member.changed");
    assert_eq!(changed.unwrap()["after"], json!(null), "the names in the audit log went with the key");
    let keys = Keys::open(directory.path()).unwrap();
    assert_eq!((keys.known(mina.id), keys.known(town.member("joon").id)), (Known::Erased, Known::Key));
    let opened = super::super::stored::sealed_part::<super::super::stored::StoredMember>(&keys, mina.id, &sealed);
    assert!(opened.is_err(), "what the journal kept of before opens no more");
    for text in ["Mina Park", "Mina Kim", "mina@example.com", "홍길동", "argon2id"] {
        assert!(!found_in(directory.path(), text), "{text}");
    }
    let again = json!({ "username": "mina", "password": "tea in the garden", "name": "M", "email": "m@example.com" });
    assert_eq!(town.send(None, Method::POST, "/members", again).await.status, StatusCode::CREATED);
}

#[actix_web::test]
async fn an_interrupted_erasure_is_completed_at_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::on_disk(directory.path()).await;
    let mina = town.member("mina").id;
    let before = std::fs::read(directory.path().join("keys")).unwrap();
    let path = format!("/admin/members/{mina}/erase");
    assert_eq!(town.send("ada", Method::POST, &path, None).await.status, StatusCode::OK);
    // As if the power had gone between the record and the key file.
    for name in ["keys", "keys.copy"] {
        std::fs::write(directory.path().join(name), &before).unwrap();
    }
    assert_eq!(Keys::open(directory.path()).unwrap().known(mina), Known::Key);
    let town = town.reopen(directory.path()).await.unwrap();
    assert_eq!(Keys::open(directory.path()).unwrap().known(mina), Known::Erased);
    assert!(town.service.members.find(mina).unwrap().erased);
}

#[actix_web::test]
async fn keys_that_are_damaged_or_missing_in_both_files_stop_the_start_and_nothing_is_changed() {
    let directory = tempfile::tempdir().unwrap();
    let files = ["keys", "keys.copy"].map(|name| directory.path().join(name));
    let mut town = Town::on_disk(directory.path()).await;
    let whole = std::fs::read(&files[0]).unwrap();
    assert_eq!(std::fs::read(&files[1]).unwrap(), whole);
    let header = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    // In one of them: it is said by none, and put right by whoever is to write.
    for file in &files {
        let mut damaged = whole.clone();
        damaged[header + 6] ^= 1;
        std::fs::write(file, &damaged).unwrap();
        town = town.reopen(directory.path()).await.unwrap();
        assert_eq!(std::fs::read(file).unwrap(), damaged, "who opens it changes nothing");
        town.service.members.mend_keys().unwrap();
        assert_eq!(std::fs::read(&files[0]).unwrap(), std::fs::read(&files[1]).unwrap());
    }
    let whole = std::fs::read(&files[0]).unwrap();
    for file in &files {
        let mut damaged = whole.clone();
        damaged[header + 6] ^= 1;
        std::fs::write(file, &damaged).unwrap();
    }
    let error = Keys::open(directory.path()).unwrap_err().to_string();
    assert!(error.contains("damaged in line 2") && error.contains("backup"), "{error}");

    for file in &files {
        std::fs::remove_file(file).unwrap();
    }
    let error = town.reopen(directory.path()).await.err().unwrap();
    assert!(matches!(&error, MembersOpenError::KeysMissing { count: 5, .. }), "{error}");
    assert!(error.to_string().contains("the key file"), "{error}");
    assert!(!files[0].exists(), "no new file hides that the old one is missing");
}

#[actix_web::test]
async fn another_banks_keys_do_not_open_this_one() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let town = Town::on_disk(one.path()).await;
    drop(Town::on_disk(other.path()).await);
    std::fs::copy(other.path().join("keys"), one.path().join("keys")).unwrap();
    let error = Keys::open(one.path()).unwrap_err().to_string();
    assert!(error.contains("contradict each other"), "{error}");
    std::fs::copy(other.path().join("keys"), one.path().join("keys.copy")).unwrap();
    let error = town.reopen(one.path()).await.err().unwrap();
    assert!(matches!(error, MembersOpenError::KeysMissing { count: 5, .. }), "{error}");
}
