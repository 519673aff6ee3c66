//! Erasures that stop in the middle.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use jangbu_actors::journal::disk::{Disk, Fault, FaultDisk};
use serde_json::json;

use super::super::keys::Keys;
use crate::server::local::Order;
use crate::server::testing::Town;

fn blank() -> FaultDisk {
    let disk = FaultDisk::new();
    disk.put_file(Path::new("/keys/jangbu.toml"), Vec::new());
    disk
}

fn keys_on(disk: &FaultDisk) -> Keys {
    Keys::open_on(Arc::new(disk.clone()) as Arc<dyn Disk>, Path::new("/keys")).unwrap()
}

/// The text of a member's key in the file.
fn key_of(disk: &FaultDisk, member: &str) -> String {
    let text = String::from_utf8(disk.read_file(Path::new("/keys/keys")).unwrap()).unwrap();
    let line = text.lines().find(|line| line.contains(member)).unwrap();
    line.split(' ').nth(2).unwrap().to_owned()
}

fn is_on(disk: &FaultDisk, key: &str) -> bool {
    disk.files().iter().any(|(_, bytes)| bytes.windows(key.len()).any(|part| part == key.as_bytes()))
}

#[actix_web::test]
async fn an_erasure_that_meets_a_failing_key_file_says_what_is_left_and_is_taken_up_again() {
    let mut failures = 0;
    for step in 0..100 {
        let (directory, disk) = (tempfile::tempdir().unwrap(), blank());
        let is_started_anew = step % 2 == 1;
        let mut town = Town::with_keys(is_started_anew.then_some(directory.path()), keys_on(&disk)).await;
        let mina = town.member("mina").id.to_string();
        let (key, path) = (key_of(&disk, &mina), format!("/admin/members/{mina}"));
        let erase = format!("{path}/erase");
        disk.fail_from(disk.operations() + step, Fault::Io);
        let first = town.send("ada", Method::POST, &erase, None).await;
        if first.status == StatusCode::OK {
            assert!(!disk.has_failed() && !is_on(&disk, &key), "step {step}");
            break;
        }
        failures += 1;
        for _ in 0..2 {
            let again = town.send("ada", Method::POST, &erase, None).await;
            assert_eq!(
                (again.status.as_u16(), &again.json["code"]),
                (503, &json!("erasure_unfinished")),
                "step {step}"
            );
            assert_eq!(again.json["figures"]["left"], json!(["keys"]), "step {step}");
            assert!(again.json["detail"].as_str().unwrap().contains(&mina), "step {step}: {}", again.text);
        }
        assert_eq!(first.json["code"], "erasure_unfinished", "step {step}");
        // Also when the program is started anew while the file still cannot be written: it starts, and says so.
        if is_started_anew {
            disk.heal();
            let is_done = !is_on(&disk, &key);
            let keys = keys_on(&disk);
            disk.fail_from(disk.operations(), Fault::Io);
            town = town.reopen_with_keys(directory.path(), keys).await;
            if is_done {
                // All was written but what says so.
                assert!(town.get(Some("auda"), &path).await.json["erasure_unfinished"].is_null(), "step {step}");
                continue;
            }
        }
        let left = town.get(Some("auda"), &path).await.json;
        let told = json!([left["erased"], left["erasure_unfinished"], left["username"], left["name"], left["email"]]);
        assert_eq!(told, json!([true, true, "", "", ""]), "step {step}");
        // What the key opens is shown no more.
        let history = town.get(Some("auda"), &format!("{path}/history?limit=200")).await;
        assert!(!history.text.contains("Mina Kim"), "step {step}: {}", history.text);
        // By the id, as the name is gone.
        let refused = Order::Erase { username: mina.clone() }.carry_out(&town.service).await.unwrap_err();
        assert!(refused.code == "erasure_unfinished" && refused.detail.contains("keys"), "step {step}: {refused:?}");
        disk.heal();
        let done = if step % 4 < 2 {
            let done = town.send("ada", Method::POST, &erase, None).await;
            assert_eq!(done.status, StatusCode::OK, "step {step}: {}", done.text);
            done.json
        } else {
            Order::Erase { username: mina.clone() }.carry_out(&town.service).await.unwrap()["member"].clone()
        };
        assert_eq!((&done["erased"], &done["erasure_unfinished"]), (&json!(true), &json!(null)), "step {step}");
        assert!(!is_on(&disk, &key), "step {step}: the key is on the disk");
        let over = town.send("ada", Method::POST, &erase, None).await;
        assert_eq!((over.status.as_u16(), &over.json["code"]), (422, &json!("erased")), "step {step}");
    }
    assert!(failures > 4, "only {failures}");
}

/// Any other writing of the key file finishes an erasure, too.
#[actix_web::test]
async fn a_key_that_is_destroyed_is_not_written_again_by_a_sign_up() {
    let disk = blank();
    let town = Town::with_keys(None, keys_on(&disk)).await;
    let mina = town.member("mina").id.to_string();
    let key = key_of(&disk, &mina);
    disk.fail_from(disk.operations(), Fault::Io);
    let erase = format!("/admin/members/{mina}/erase");
    assert_eq!(town.send("ada", Method::POST, &erase, None).await.status, StatusCode::SERVICE_UNAVAILABLE);
    disk.heal();
    let new = json!({ "username": "newcomer", "password": "a long enough one", "name": "N", "email": "n@example.com" });
    assert_eq!(town.send(None, Method::POST, "/members", new).await.status, StatusCode::CREATED);
    assert!(!is_on(&disk, &key));
    assert!(town.get(Some("ada"), &format!("/admin/members/{mina}")).await.json["erasure_unfinished"].is_null());
}

/// A request that was let in before its member was erased, and comes to what it does afterwards.
#[actix_web::test]
async fn nothing_is_opened_or_set_up_for_a_member_who_is_erased_meanwhile() {
    let rule = json!({ "every": "day", "time": "09:30" });
    for what in ["account", "schedule", "account by staff"] {
        let town = Town::new().await;
        crate::server::founding::make_types(&town.service.bank).await.unwrap();
        let mina = town.member("mina").id;
        let (who, path, body) = match what {
            "account" => ("mina", "/accounts", json!({ "type": "savings" })),
            "schedule" => {
                ("mina", "/me/schedules", json!({ "from": town.mina, "to": town.joon, "amount": 1, "rule": rule }))
            }
            _ => ("ada", "/admin/accounts", json!({ "owner": mina, "type": "savings" })),
        };
        let town = std::rc::Rc::new(town);
        let service: Data<_> = town.service.clone();
        let under_way = service.members.while_active(mina).await.unwrap();
        let begin = |who: &'static str, path: String, body: Option<serde_json::Value>| {
            let town = std::rc::Rc::clone(&town);
            actix_web::rt::spawn(async move { town.send(who, Method::POST, &path, body).await })
        };
        let erasing = begin("ada", format!("/admin/members/{mina}/erase"), None);
        while service.members.beginning.try_read().is_ok() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let asked = begin(who, path.into(), Some(body));
        // It is let in, and waits; without a bound for that it would be answered long before.
        for _ in 0..100 {
            if asked.is_finished() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        drop(under_way);
        assert_eq!(erasing.await.unwrap().status, StatusCode::OK, "{what}");
        let answer = asked.await.unwrap();
        let refused = if who == "ada" { 422 } else { 401 };
        assert_eq!(answer.status.as_u16(), refused, "{what}: {}", answer.text);
        let accounts = service.bank.accounts_of(mina.owner(), None, 10).await.unwrap();
        assert_eq!(accounts.data.len(), 1, "{what}");
        assert!(service.members.schedules_of(mina).await.unwrap().is_empty(), "{what}");
    }
}
