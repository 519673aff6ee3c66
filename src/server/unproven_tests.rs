//! Limits above which a fresh proof is required apply to a whole day and every way to move money.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use futures::future::join_all;
use jangbu::{Amount, CashPosting, Currency, Transfer, holds::PlaceHold};
use serde_json::{Value, json};

use super::config::Config;
use super::testing::{PASSWORD, Town};

const SIX_MINUTES: Duration = Duration::from_secs(6 * 60);
const A_DAY: Duration = Duration::from_secs(25 * 60 * 60);

/// The bank's limit is 1,000.
fn limited(config: &mut Config) {
    config.proof.above = [(Currency::krw(), 1_000)].into();
}

/// A caller with an old proof or a token.
struct Caller<'a> {
    town: &'a Town,
    header: (&'static str, String),
}

impl<'a> Caller<'a> {
    async fn stale(town: &'a Town, who: &str) -> Caller<'a> {
        let header = town.cookie(who).await;
        town.clock.advance(SIX_MINUTES);
        Caller { town, header }
    }

    async fn token(town: &'a Town, who: &str, scopes: Value) -> Caller<'a> {
        let expires_at = town.service.time.now().after(Duration::from_secs(30 * 86_400)).to_string();
        let wanted = json!({ "name": "t", "scopes": scopes, "expires_at": expires_at });
        let made = town.send(who, Method::POST, "/me/tokens", wanted).await;
        Caller { town, header: ("authorization", format!("Bearer {}", made.json["secret"].as_str().unwrap())) }
    }

    async fn post_once(&self, path: &str, body: Value, key: Option<&str>) -> (String, Value) {
        let mut request = TestRequest::post().uri(&format!("/api/v1{path}")).insert_header(self.header.clone());
        if let Some(key) = key {
            request = request.insert_header(("idempotency-key", key));
        }
        let answer = self.town.call(request.set_json(body)).await;
        let code = answer.json["code"].as_str().map_or_else(|| answer.status.as_str().to_owned(), str::to_owned);
        (code, answer.json)
    }

    async fn post(&self, path: &str, body: Value) -> String {
        self.post_once(path, body, None).await.0
    }

    async fn prove(&self) {
        assert_eq!(self.post("/session/proof", json!({ "password": PASSWORD })).await, "200");
    }
}

fn pay(town: &Town, amount: u64) -> Value {
    json!({ "from": town.mina, "to": town.joon, "amount": amount })
}

fn order(town: &Town, amount: u64) -> Value {
    json!({ "from": town.mina, "to": town.joon, "amount": amount, "rule": { "every": "day", "time": "09:30" } })
}

/// The body of a request that moves an amount.
type Body = fn(&Town, u64) -> Value;

#[actix_web::test]
async fn a_members_limit_cannot_be_evaded_in_parts_by_any_route() {
    let ways: [(&str, Body, &str); 3] = [
        ("/transfers", pay, "201"),
        ("/transfers/batch", |town, amount| json!([pay(town, amount / 2), pay(town, amount - amount / 2)]), "200"),
        ("/me/schedules", order, "201"),
    ];
    for (first, first_body, first_done) in ways {
        for (second, second_body, second_done) in ways {
            let town = Town::with(limited).await;
            let about = format!("{first} and then {second}");
            let token = Caller::token(&town, "mina", json!(["read", "transfer", "batch", "schedule"])).await;
            let mina = Caller::stale(&town, "mina").await;
            assert_eq!(mina.post(first, first_body(&town, 600)).await, first_done, "{about}");
            assert_eq!(mina.post(second, second_body(&town, 401)).await, "proof_required", "{about}");
            assert_eq!(token.post(second, second_body(&town, 401)).await, "session_required", "{about}");
            assert_eq!(token.post(second, second_body(&town, 400)).await, second_done, "{about}");
            assert_eq!(mina.post(second, second_body(&town, 1)).await, "proof_required", "{about}");
            // Proven payments do not count, and earlier unproven ones still do.
            mina.prove().await;
            assert_eq!(mina.post(second, second_body(&town, 5_000)).await, second_done, "{about}");
            town.clock.advance(SIX_MINUTES);
            assert_eq!(mina.post("/transfers", pay(&town, 1)).await, "proof_required", "{about}");
            town.clock.advance(A_DAY);
            let mina = Caller::stale(&town, "mina").await;
            assert_eq!(mina.post("/transfers", pay(&town, 1_000)).await, "201", "{about}, a day later");
        }
    }
}

#[actix_web::test]
async fn standing_orders_are_limited_together() {
    let town = Town::with(limited).await;
    let mina = Caller::stale(&town, "mina").await;
    assert_eq!(mina.post("/me/schedules", order(&town, 1_000)).await, "201");
    town.clock.advance(A_DAY);
    let mina = Caller::stale(&town, "mina").await;
    assert_eq!(mina.post("/me/schedules", order(&town, 1)).await, "proof_required", "both would run every day");
    assert_eq!(mina.post("/transfers", pay(&town, 1_000)).await, "201");
    mina.prove().await;
    assert_eq!(mina.post("/me/schedules", order(&town, 1)).await, "201");
}

#[actix_web::test]
async fn own_and_second_factor_limits_apply_to_a_day() {
    let town = Town::with(|config| config.proof.second_factor_above = [(Currency::krw(), 1_000)].into()).await;
    town.send("mina", Method::PATCH, "/me", json!({ "proof_above": { "KRW": 100 } })).await;
    let mina = Caller::stale(&town, "mina").await;
    assert_eq!(mina.post("/transfers", pay(&town, 60)).await, "201");
    assert_eq!(mina.post("/transfers", pay(&town, 60)).await, "proof_required");
    mina.prove().await;
    // A password alone, however often it is typed, is not enough above the limit for a second factor.
    assert_eq!(mina.post("/transfers", pay(&town, 940)).await, "201");
    assert_eq!(mina.post("/transfers", pay(&town, 1)).await, "second_factor_required");
}

#[actix_web::test]
async fn requests_that_move_nothing_do_not_count() {
    let town = Town::with(|config| config.proof.above = [(Currency::krw(), 300_000)].into()).await;
    let mina = Caller::stale(&town, "mina").await;
    for _ in 0..5 {
        assert_eq!(mina.post("/transfers", pay(&town, 200_000)).await, "insufficient_funds");
    }
    let batch = json!([pay(&town, 100_000), pay(&town, 200_000)]);
    let (status, answers) = mina.post_once("/transfers/batch", batch.clone(), Some("once")).await;
    assert_eq!((status.as_str(), &answers[1]["problem"]["code"]), ("200", &json!("insufficient_funds")), "{answers}");
    let (status, again) = mina.post_once("/transfers/batch", batch, Some("once")).await;
    assert_eq!(
        (status.as_str(), &again[0]["transfer"]["id"]),
        ("200", &answers[0]["transfer"]["id"]),
        "a repetition moves nothing"
    );
    town.service.bank.deposit(CashPosting::new(town.mina, Amount::new(500_000).unwrap())).await.unwrap();
    for _ in 0..3 {
        let (status, _) = mina.post_once("/transfers", pay(&town, 150_000), Some("once")).await;
        assert_eq!(status, "201");
    }
    assert_eq!(mina.post("/transfers", pay(&town, 50_001)).await, "proof_required");
    assert_eq!(mina.post("/transfers", pay(&town, 50_000)).await, "201");
}

#[actix_web::test]
async fn concurrent_payments_cannot_exceed_the_limit() {
    let town = Town::with(limited).await;
    let mina = Caller::stale(&town, "mina").await;
    let mut codes = join_all((0..10).map(|_| mina.post("/transfers", pay(&town, 400)))).await;
    codes.sort_unstable();
    assert_eq!(codes[..2], ["201", "201"]);
    assert!(codes[2..].iter().all(|code| code == "proof_required"), "{codes:?}");
}

#[actix_web::test]
async fn a_restart_forgets_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::on_disk(directory.path()).await.reopen_with(directory.path(), limited).await.unwrap();
    let mina = Caller::stale(&town, "mina").await;
    for _ in 0..9 {
        assert_eq!(mina.post("/transfers", pay(&town, 100)).await, "201");
    }
    let before = town.service.bank.stats().durable.get();
    for _ in 0..10 {
        assert_eq!(mina.post("/transfers", pay(&town, 1)).await, "201");
    }
    let written = town.service.bank.stats().durable.get() - before;
    assert!(written <= 12, "most payments write nothing more: {written} records of ten");
    let town = town.reopen_with(directory.path(), limited).await.unwrap();
    let mina = Caller::stale(&town, "mina").await;
    assert_eq!(mina.post("/transfers", pay(&town, 100)).await, "proof_required", "910 were moved");
    town.clock.advance(A_DAY);
    let mina = Caller::stale(&town, "mina").await;
    assert_eq!(mina.post("/transfers", pay(&town, 1_000)).await, "201");
}

/// Returns postings by staff through every route of the counter, each of 600.
async fn postings(town: &Town) -> Vec<(String, Value)> {
    let (mina, joon) = (town.mina, town.joon);
    let won = |amount| Amount::new(amount).unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let hold = PlaceHold::new(mina, joon, won(600));
        ids.push(hold.id);
        town.service.bank.place_hold(hold).await.unwrap();
    }
    let small = PlaceHold::new(mina, joon, won(1));
    let transfers = [Transfer::new(mina, joon, won(600)), Transfer::new(mina, joon, won(600))];
    let (raised, reversed) = (small.id, transfers.clone().map(|transfer| transfer.id));
    town.service.bank.place_hold(small).await.unwrap();
    for transfer in transfers {
        town.service.bank.transfer(transfer).await.unwrap();
    }
    let balance = town.service.bank.snapshot(joon).await.unwrap().posted.minor_units();
    let linked = |step: Value| ("/linked".to_owned(), json!({ "steps": [step] }));
    vec![
        ("/deposits".into(), json!({ "to": mina, "amount": 600 })),
        ("/withdrawals".into(), json!({ "from": mina, "amount": 600 })),
        ("/sweeps".into(), json!({ "account": joon, "against": mina, "target": balance - 600 })),
        ("/holds".into(), json!({ "from": mina, "to": joon, "amount": 600 })),
        (format!("/transfers/{raised}/amend"), json!({ "amount": 600 })),
        (format!("/transfers/{}/settle", ids[0]), json!({})),
        (format!("/transfers/{}/settle", ids[1]), json!({ "amount": 600 })),
        (format!("/transfers/{}/reverse", reversed[0]), json!({})),
        linked(json!({ "type": "transfer", "from": mina, "to": joon, "amount": 600 })),
        linked(json!({ "type": "hold", "from": mina, "to": joon, "amount": 600 })),
        linked(json!({ "type": "settle", "hold": ids[2] })),
        linked(json!({ "type": "reverse", "transfer": reversed[1], "amount": 600 })),
    ]
}

async fn standing(town: &Town) -> [(jangbu::Balance, Amount); 2] {
    let mina = town.service.bank.snapshot(town.mina).await.unwrap();
    let joon = town.service.bank.snapshot(town.joon).await.unwrap();
    [mina, joon].map(|account| (account.posted, account.held))
}

#[actix_web::test]
async fn the_counter_requires_the_tellers_proof_above_the_banks_limit() {
    let count = postings(&Town::new().await).await.len();
    for at in 0..count {
        let town = Town::with(limited).await;
        let (path, body) = postings(&town).await.swap_remove(at);
        let till = Caller::token(&town, "theo", json!(["counter", "hold"])).await;
        // A teller's own limit applies to their own money only.
        town.send("theo", Method::PATCH, "/me", json!({ "proof_above": { "KRW": 1 } })).await;
        let theo = Caller::stale(&town, "theo").await;
        let deposit = json!({ "to": town.joon, "amount": 401 });
        assert_eq!(theo.post("/deposits", deposit).await, "201", "{path}");
        let before = standing(&town).await;
        assert_eq!(theo.post(&path, body.clone()).await, "proof_required", "{path} {body}");
        assert_eq!(till.post(&path, body.clone()).await, "session_required", "{path} {body}");
        assert_eq!(standing(&town).await, before, "{path} moved something");
        theo.prove().await;
        let done = theo.post(&path, body.clone()).await;
        assert!(["200", "201"].contains(&done.as_str()), "{path} {body}: {done}");
        // Proven postings do not count: 401 and 599 are not above 1,000.
        town.clock.advance(SIX_MINUTES);
        assert_eq!(theo.post("/deposits", json!({ "to": town.joon, "amount": 599 })).await, "201", "{path}");
        assert_eq!(theo.post("/deposits", json!({ "to": town.joon, "amount": 1 })).await, "proof_required", "{path}");
    }
}
