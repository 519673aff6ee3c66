use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::assert_like;
use crate::server::testing::Town;

fn actions(answer: &Value) -> Vec<&str> {
    answer["data"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_change_is_written_down_with_who_when_from_where_before_and_after() {
    let town = Town::new().await;
    let mina = town.member("mina");
    let path = format!("/admin/members/{}", mina.id);
    let change = json!({ "version": mina.version.get(), "name": "Mina Park" });
    assert_eq!(town.send("ada", Method::PATCH, &path, change).await.status, StatusCode::OK);
    let history = town.get(Some("auda"), &format!("{path}/history")).await;
    assert_eq!(actions(&history.json), ["member.changed", "member.created"]);
    assert_like(
        &history.json["data"][0],
        json!({
            "id": "*", "at": "*", "member": town.member("ada").id, "username": "ada", "role": "admin", "via": "*",
            "address": "127.0.0.1", "action": "member.changed", "object": "member", "object_id": mina.id,
            "before": { "name": "Mina Kim" }, "after": { "name": "Mina Park" }, "command": null, "request_id": "*",
            "outcome": "done", "code": null, "count": 1, "first_at": null, "last_at": null,
        }),
    );
    for who in ["mina", "theo"] {
        assert_eq!(town.get(Some(who), "/admin/audit").await.status, StatusCode::FORBIDDEN, "{who}");
        let path = format!("{path}/history");
        assert_eq!(town.get(Some(who), &path).await.status, StatusCode::FORBIDDEN, "{who}");
    }
}

#[actix_web::test]
async fn a_read_is_written_down_once_a_minute() {
    let town = Town::new().await;
    let path = format!("/admin/members/{}", town.member("mina").id);
    let reads = || async {
        let found = town.get(Some("ada"), "/admin/audit?action=member.read").await;
        found.json["data"].as_array().unwrap().len()
    };
    for who in ["theo", "theo", "auda"] {
        assert_eq!(town.get(Some(who), &path).await.status, StatusCode::OK);
    }
    assert_eq!(reads().await, 2);
    town.clock.advance(Duration::from_secs(61));
    assert_eq!(town.get(Some("theo"), &path).await.status, StatusCode::OK);
    assert_eq!(reads().await, 3);
}

#[actix_web::test]
async fn entries_are_found_by_object_member_action_and_time_in_pages() {
    let town = Town::new().await;
    town.clock.advance(Duration::from_secs(1));
    let start = town.service.time.now().to_string();
    let mina = town.member("mina").id;
    for number in 0..5 {
        town.clock.advance(Duration::from_secs(1));
        let change = json!({ "name": format!("Mina {number}") });
        assert_eq!(town.send("mina", Method::PATCH, "/me", change).await.status, StatusCode::OK);
    }
    let find = |query: String| {
        let town = &town;
        async move { town.get(Some("ada"), &format!("/admin/audit?{query}")).await.json }
    };
    for query in [
        format!("object=member&object_id={mina}&from={start}"),
        format!("member={mina}&action=member.&from={start}"),
        format!("action=member.changed&from={start}"),
    ] {
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = find(format!("{query}&limit=2{cursor}")).await;
            for entry in page["data"].as_array().unwrap() {
                names.push(entry["after"]["name"].as_str().unwrap().to_owned());
            }
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(names, ["Mina 4", "Mina 3", "Mina 2", "Mina 1", "Mina 0"], "{query}");
    }
    let older = find(format!("member={mina}&action=member.&to={start}")).await;
    assert!(actions(&older).is_empty(), "mina was made by nobody's hand");
    let created = find(format!("object=member&to={start}")).await;
    assert_eq!(actions(&created), ["member.created"; 5]);
    for wrong in ["from=yesterday", "object_id=1", "limit=201", "cursor=%3F"] {
        let answer = town.get(Some("ada"), &format!("/admin/audit?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let csv = town.send_with("auda", Method::GET, "/admin/audit", None, &[("accept", "text/csv")]).await;
    assert!(csv.text.starts_with("\u{feff}id,at,member,username"), "{}", csv.text);
    assert!(csv.text.contains("Mina 4"));
}

#[actix_web::test]
async fn what_cannot_be_written_down_is_not_done() {
    let town = Town::new().await;
    let path = format!("/admin/members/{}", town.member("mina").id);
    let request = actix_web::test::TestRequest::get().uri(&format!("/api/v1{path}"));
    let request = request.insert_header(town.cookie("theo").await);
    town.service.bank.clone().close().await.unwrap();
    assert_eq!(town.call(request).await.status, StatusCode::SERVICE_UNAVAILABLE);
}
