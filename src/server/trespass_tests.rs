//! Attacks by strangers and former users: unusual spellings, old tokens, half requests.

use std::time::Duration;

use actix_web::dev::{Payload, Service as _};
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service, read_body};
use actix_web::web::Bytes;
use futures::channel::mpsc;
use futures::future::{join, join_all};
use serde_json::{Value, json};

use super::app::app;
use super::config::{Budget, Rates};
use super::matrix_tests::operations;
use super::storage::Space;
use super::testing::{PASSWORD, Town};

type Header = (&'static str, String);

fn after(town: &Town, wait: Duration) -> String {
    town.service.time.now().after(wait).to_string()
}

/// Creates a token of mina's. Returns its id and header.
async fn token(town: &Town, lasts: Duration, bounds: Value) -> (String, Header) {
    let scopes = json!(["read", "transfer", "batch"]);
    let wanted = json!({ "name": "t", "scopes": scopes, "expires_at": after(town, lasts), "bounds": bounds });
    let made = town.send("mina", Method::POST, "/me/tokens", wanted).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json["token"]["id"].as_str().unwrap().to_owned();
    (id, ("authorization", format!("Bearer {}", made.json["secret"].as_str().unwrap())))
}

fn pay(town: &Town, amount: u64) -> Value {
    json!({ "from": town.mina, "to": town.joon, "amount": amount })
}

async fn sent(town: &Town, by: &Header, method: Method, path: &str, body: Value) -> super::testing::Answer {
    town.send_with(None, method, path, body, &[(by.0, &by.1)]).await
}

/// Escapes the first character of every name in a path.
fn escaped(path: &str) -> String {
    let segment = |segment: &str| match segment.bytes().next() {
        Some(first) if first.is_ascii_alphanumeric() => format!("%{first:02x}{}", &segment[1..]),
        _ => segment.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The router treats needless escapes in a path alike, so every layer in front of the routes must, too.
#[actix_web::test]
async fn a_path_is_the_same_in_every_spelling() {
    let town = Town::new().await;
    for operation in operations(&town).await {
        let path = format!("/api/v1{}", operation.path.replace(['{', '}'], ""));
        for spelled in [path.clone(), escaped(&path)] {
            // The query of every path is checked against the document.
            let request = TestRequest::with_uri(&format!("{spelled}?nonsense=1")).method(operation.method.clone());
            let answer = town.call(request.insert_header(town.cookie("ada").await)).await;
            let found = (answer.status.as_u16(), &answer.json["errors"][0]["code"]);
            assert_eq!(found, (400, &json!("unknown")), "{} {spelled}: {}", operation.method, answer.text);
            assert_eq!(answer.headers.get("cache-control").unwrap(), "no-store", "{spelled}");
        }
    }
    let mine = town.get(Some("mina"), &format!("/%61ccounts/{}", town.mina)).await;
    assert_eq!((mine.status.as_u16(), &mine.json["posted"]), (200, &json!(100_000)), "{}", mine.text);
}

/// A sign-up has no member yet, so only the budgets of the address and of all apply.
#[actix_web::test]
async fn no_spelling_of_a_path_evades_its_budget_or_the_reserve() {
    let town = Town::with(|config| config.rates = Rates { sign_up_per_address: 2, ..Rates::UNLIMITED }).await;
    let sign_up = async |number: usize| {
        let path = ["/members", "/%6dembers", "/%6D%65mbers", "/member%73"][number % 4];
        let name = format!("newcomer{number}");
        let body = json!({ "username": name, "password": "tea in the garden", "name": "N", "email": "n@example.com" });
        town.send(None, Method::POST, path, body).await
    };
    let mut statuses = Vec::new();
    for number in 0..8 {
        statuses.push(sign_up(number).await.status.as_u16());
    }
    assert_eq!(statuses, [201, 201, 429, 429, 429, 429, 429, 429]);
    town.service.storage.measure_by(|| Some(Space { free_bytes: 1, total_bytes: 1 << 40 }));
    for number in 8..12 {
        assert_eq!(sign_up(number).await.json["code"], "storage_low");
    }
}

/// A revoked token may be in anybody's hands, and an old cookie may have been left behind.
#[actix_web::test]
async fn ended_tokens_and_sessions_cost_their_owner_nothing() {
    const HOUR: Duration = Duration::from_secs(3_600);
    for kept in ["revoked", "expired", "used from elsewhere", "of an old password", "a session that is over"] {
        let budget = Budget { per_member: 3, per_address: 0, total: 0 };
        let town = Town::with(|config| config.rates = Rates { transfers: budget, ..Rates::UNLIMITED }).await;
        let bounds = if kept == "used from elsewhere" { json!({ "addresses": ["10.0.0.0/8"] }) } else { json!({}) };
        let (id, mut header) = token(&town, HOUR, bounds).await;
        match kept {
            "revoked" => {
                let revoked = town.send("mina", Method::DELETE, &format!("/me/tokens/{id}"), None).await;
                assert_eq!(revoked.status, 204);
            }
            "expired" => town.clock.advance(2 * HOUR),
            "of an old password" => {
                let change = json!({ "current": PASSWORD, "new": "tea in the garden" });
                assert_eq!(town.send("mina", Method::POST, "/me/password", change).await.status, 204);
            }
            "a session that is over" => {
                header = town.cookie("mina").await;
                town.clock.advance(2 * HOUR);
            }
            _ => {}
        }
        for _ in 0..20 {
            let answer = sent(&town, &header, Method::POST, "/transfers", pay(&town, 1)).await;
            assert!(matches!(answer.status.as_u16(), 401 | 403), "{kept}: {}", answer.text);
            assert!(!answer.headers.contains_key("jangbu-member"), "{kept}: it belongs to nobody");
        }
        let own = town.send("mina", Method::POST, "/transfers", pay(&town, 1)).await;
        assert_eq!(own.status, 201, "{kept}: {}", own.text);
    }
}

/// The events that end a session or a token of mina's.
const ENDINGS: [&str; 5] = ["by its owner", "by a new password", "by disabling", "by another role", "by a reset"];

async fn end(town: &Town, ending: &str, token: Option<&str>, cookie: &Header) {
    let member = format!("/admin/members/{}", town.member("mina").id);
    let version = town.member("mina").version.get();
    let patch = |change: &str, value: Value| json!({ "version": version, change: value });
    let answer = match (ending, token) {
        ("by its owner", Some(id)) => town.send("mina", Method::DELETE, &format!("/me/tokens/{id}"), None).await,
        ("by its owner", None) => sent(town, cookie, Method::DELETE, "/session", Value::Null).await,
        ("by a new password", _) => {
            let change = json!({ "current": PASSWORD, "new": "tea in the garden" });
            town.send("mina", Method::POST, "/me/password", change).await
        }
        ("by disabling", _) => town.send("ada", Method::PATCH, &member, patch("disabled", true.into())).await,
        ("by another role", _) => town.send("ada", Method::PATCH, &member, patch("role", "teller".into())).await,
        _ => town.send("ada", Method::POST, &format!("{member}/password"), None).await,
    };
    assert!(answer.status.is_success(), "{ending}: {}", answer.text);
}

/// A client may send the head of a request, and its body after it was signed out.
#[actix_web::test]
async fn a_session_that_ends_while_a_body_arrives_does_nothing() {
    for (ending, by_token) in ENDINGS.into_iter().flat_map(|ending| [(ending, false), (ending, true)]) {
        for (path, is_list) in [("/transfers", false), ("/transfers/batch", true)] {
            let town = Town::new().await;
            let (id, bearer) = token(&town, Duration::from_secs(86_400), json!({})).await;
            let cookie = town.cookie("mina").await;
            let header = if by_token { &bearer } else { &cookie };
            let body = if is_list { json!([pay(&town, 7)]) } else { pay(&town, 7) }.to_string();
            let (first, rest) = body.split_at(20);
            let (sender, receiver) = mpsc::unbounded::<Result<Bytes, PayloadError>>();
            let request = TestRequest::post().uri(&format!("/api/v1{path}")).insert_header(header.clone());
            let request = request.insert_header(("content-type", "application/json"));
            let request = request.insert_header(("sec-fetch-site", "same-origin")).to_request();
            let arriving: Payload = Payload::Stream { payload: Box::pin(receiver) };
            let (request, _) = request.replace_payload(arriving);
            let service = init_service(app(town.service.clone())).await;
            let piece = |text: &str| Ok(Bytes::copy_from_slice(text.as_bytes()));
            let meanwhile = async {
                sender.unbounded_send(piece(first)).unwrap();
                while town.service.bodies.taken() == 0 {
                    tokio::task::yield_now().await;
                }
                end(&town, ending, by_token.then_some(&*id), &cookie).await;
                sender.unbounded_send(piece(rest)).unwrap();
                sender.close_channel();
            };
            let (answer, ()) = join(service.call(request), meanwhile).await;
            let answer = answer.unwrap();
            let about = format!("{path}, ended {ending}, by token: {by_token}");
            assert_eq!(answer.status(), 401, "{about}: {:?}", read_body(answer).await);
            let left = town.service.bank.snapshot(town.mina).await.unwrap().posted.minor_units();
            assert_eq!(left, 100_000, "{about}");
        }
    }
}

/// Concurrent transfers and batches of one token, some repeated with the same key, share one daily total.
#[actix_web::test]
async fn a_daily_total_holds_for_concurrent_requests() {
    let town = Town::new().await;
    let bounds = json!({ "per_day": [{ "currency": "KRW", "amount": 10_000 }] });
    let (_, header) = token(&town, Duration::from_secs(86_400), bounds).await;
    let one = async |number: usize| {
        let key = format!("key {}", number / 2);
        let headers = [(header.0, header.1.as_str()), ("idempotency-key", key.as_str())];
        match number % 3 {
            0 => {
                let batch = json!([pay(&town, 300), pay(&town, 400)]);
                town.send_with(None, Method::POST, "/transfers/batch", batch, &headers).await
            }
            _ => town.send_with(None, Method::POST, "/transfers", pay(&town, 700), &headers).await,
        }
    };
    let answers = join_all((0..60).map(one)).await;
    assert!(answers.iter().any(|answer| answer.json["code"] == "token_total"));
    let received = town.service.bank.snapshot(town.joon).await.unwrap().posted.minor_units() - 100_000;
    assert!((1..=10_000).contains(&received), "{received}");
    // A repeated request was paid and counted once, so the rest of the total is still available.
    let left = u64::try_from(10_000 - received).unwrap();
    let rest = sent(&town, &header, Method::POST, "/transfers", pay(&town, left.max(1))).await;
    assert_eq!(rest.status == 201, left > 0, "{received} were paid: {}", rest.text);
}
