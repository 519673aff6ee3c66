//! A client may go away at any moment. What its request began is finished, and nothing else is in its way afterwards.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use futures::FutureExt;
use serde_json::{Value, json};

use super::app::app;
use super::testing::{PASSWORD, Town};

/// Polls a future a number of times, and gives it up if it is not done by then.
struct Given<F> {
    future: F,
    polls: usize,
}

impl<F: Future + Unpin> Future for Given<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        match self.future.poll_unpin(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            // The last poll was this one: what it began goes on without anybody.
            Poll::Pending if self.polls == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// What is asked about.
struct Things {
    mina: String,
    account: String,
    other: String,
    token: String,
}

impl Things {
    async fn of(town: &Town) -> Things {
        let wanted = json!({ "name": "t", "scopes": ["read"], "expires_at": in_a_month(town) });
        let token = town.send("mina", Method::POST, "/me/tokens", wanted).await;
        Things {
            mina: town.member("mina").id.to_string(),
            account: town.mina.to_string(),
            other: town.joon.to_string(),
            token: token.json["token"]["id"].as_str().unwrap().into(),
        }
    }
}

fn in_a_month(town: &Town) -> String {
    town.service.time.now().after(std::time::Duration::from_secs(30 * 86_400)).to_string()
}

/// A request: who asks, and for what.
type Request = (&'static str, Method, String, Option<Value>);

/// Requests that write more than one record, or change what memory has beside the journal.
async fn requests(town: &Town, things: &Things) -> Vec<Request> {
    let Things { mina, account, other, token } = things;
    let member = format!("/admin/members/{mina}");
    let version = town.get(Some("ada"), &member).await.json["version"].clone();
    let of_account = town.get(Some("ada"), &format!("/admin/accounts/{account}")).await.json["version"].clone();
    let rule = json!({ "every": "day", "time": "09:30" });
    vec![
        ("ada", Method::PATCH, member.clone(), Some(json!({ "version": version, "disabled": true }))),
        ("ada", Method::PATCH, member.clone(), Some(json!({ "version": version, "role": "auditor" }))),
        ("ada", Method::POST, format!("{member}/password"), None),
        ("ada", Method::POST, "/admin/members/bulk".into(), Some(json!({ "ids": [mina], "action": "disable" }))),
        (
            "ada",
            Method::PATCH,
            format!("/admin/accounts/{account}"),
            Some(
                json!({ "version": of_account, "own_limit_per_transfer": 7, "own_limit_per_day": 9, "frozen": { "debits": true, "credits": false } }),
            ),
        ),
        ("theo", Method::POST, "/deposits".into(), Some(json!({ "to": account, "amount": 5 }))),
        ("mina", Method::PATCH, "/me".into(), Some(json!({ "name": "Another Name" }))),
        ("mina", Method::POST, "/me/password".into(), Some(json!({ "current": PASSWORD, "new": "a long enough one" }))),
        ("mina", Method::POST, "/me/totp".into(), Some(json!({ "action": "begin" }))),
        (
            "mina",
            Method::POST,
            "/me/tokens".into(),
            Some(json!({ "name": "u", "scopes": ["read"], "expires_at": in_a_month(town) })),
        ),
        ("mina", Method::DELETE, format!("/me/tokens/{token}"), None),
        ("mina", Method::POST, "/accounts".into(), Some(json!({ "type": "savings" }))),
        ("mina", Method::POST, "/transfers".into(), Some(json!({ "from": account, "to": other, "amount": 3 }))),
        (
            "mina",
            Method::POST,
            "/me/schedules".into(),
            Some(json!({ "from": account, "to": other, "amount": 1, "rule": rule })),
        ),
    ]
}

/// How many requests there are.
const REQUESTS: usize = 14;
/// More polls than any of them takes.
const MOST_POLLS: usize = 40;

/// Sends a request in a new town and gives it up after so many polls. Returns whether it was answered, and how many records
/// it left.
async fn given_up(at: usize, polls: usize) -> (bool, u64) {
    let town = Town::new().await;
    super::founding::make_types(&town.service.bank).await.unwrap();
    let things = Things::of(&town).await;
    let mut requests = requests(&town, &things).await;
    assert_eq!(requests.len(), REQUESTS);
    let (who, method, path, body) = requests.swap_remove(at);
    let mut request = TestRequest::with_uri(&format!("/api/v1{path}"))
        .method(method.clone())
        .insert_header(town.cookie(who).await)
        .insert_header(("sec-fetch-site", "same-origin"));
    if let Some(body) = body {
        request = request.set_json(body);
    }
    let app = init_service(app(town.service.clone())).await;
    let before = town.service.bank.stats().durable.get();
    let call = Box::pin(actix_web::dev::Service::call(&app, request.to_request()));
    let answered = Given { future: call, polls }.await;
    town.service.finishing.idle().await;
    let records = town.service.bank.stats().durable.get() - before;
    if let Some(answer) = &answered {
        let status = answer.as_ref().map_or(500, |answer| answer.status().as_u16());
        assert!((200..300).contains(&status), "{method} {path}: {status}");
    }

    // Whatever comes next, nothing is in its way.
    let member = format!("/admin/members/{}", things.mina);
    let about = format!("after {method} {path}, given up after {polls} polls");
    let version = town.get(Some("ada"), &member).await.json["version"].clone();
    let name = json!({ "version": version, "name": "Yet Another" });
    for (method, path, body) in [
        (Method::PATCH, member.clone(), Some(name)),
        (Method::POST, format!("{member}/password"), None),
        (Method::POST, "/admin/members/bulk".into(), Some(json!({ "ids": [things.mina], "action": "disable" }))),
        (Method::POST, "/admin/members/bulk".into(), Some(json!({ "ids": [things.mina], "action": "enable" }))),
    ] {
        let answer = town.send("ada", method.clone(), &path, body).await;
        assert_eq!(answer.status, 200, "{about}: {method} {path}: {}", answer.text);
    }
    let token = format!("/admin/tokens/{}", things.token);
    let answer = town.send("ada", Method::DELETE, &token, None).await;
    // It may be gone already.
    assert!(answer.status.is_success() || answer.status == 404, "{about}: {token}: {}", answer.text);
    (answered.is_some(), records)
}

#[actix_web::test]
async fn a_request_that_is_given_up_at_any_await_has_its_whole_effect() {
    for at in 0..REQUESTS {
        let (answered, whole) = given_up(at, MOST_POLLS).await;
        assert!(answered && whole > 0, "request {at}: {answered}, {whole} records");
        for polls in [1, 2, 4] {
            let (answered, records) = given_up(at, polls).await;
            assert_eq!(records, whole, "records of request {at}, given up after {polls} polls");
            if answered {
                break;
            }
        }
    }
}

/// A read notes that its token and its session were used. One that is given up on the way leaves memory behind the journal,
/// and nothing may be in the way of what comes next.
#[actix_web::test]
async fn a_read_that_is_given_up_is_in_nobodys_way() {
    for polls in [1, 2, 3, 4, 6, 8] {
        let town = Town::new().await;
        let wanted = json!({ "name": "t", "scopes": ["read"], "expires_at": in_a_month(&town) });
        let made = town.send("mina", Method::POST, "/me/tokens", wanted).await.json;
        let (id, secret) = (made["token"]["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
        let cookie = town.cookie("mina").await;
        // The session is written down again after some minutes.
        town.clock.advance(std::time::Duration::from_secs(600));
        let app = init_service(app(town.service.clone())).await;
        for by in [("authorization", format!("Bearer {secret}")), cookie.clone()] {
            let request = TestRequest::with_uri("/api/v1/accounts").insert_header(by).to_request();
            let call = Box::pin(actix_web::dev::Service::call(&app, request));
            Given { future: call, polls }.await;
        }
        // What was begun has come to the journal when the next record has.
        town.send("theo", Method::POST, "/deposits", json!({ "to": town.mina, "amount": 5 })).await;
        let about = format!("given up after {polls} polls");
        town.clock.advance(std::time::Duration::from_secs(600));
        let session = town.call(TestRequest::with_uri("/api/v1/session").insert_header(cookie)).await;
        let (seen, now) = (session.json["session"]["last_seen_at"].as_str().unwrap(), town.service.time.now());
        let key = session.json["session"]["id"].as_str().unwrap();
        let stored = town.service.bank.record("session", key).await.unwrap().unwrap();
        let stored: Value = serde_json::from_slice(&stored.value).unwrap();
        assert_eq!(stored["last_seen_at"], seen, "{about}: it is {now}, and a restart would end the session");
        let revoked = town.send("mina", Method::DELETE, &format!("/me/tokens/{id}"), None).await;
        assert_eq!(revoked.status, 204, "{about}: {}", revoked.text);
    }
}
