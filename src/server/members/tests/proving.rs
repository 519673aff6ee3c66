//! Fresh proofs: asked for, given, guessed at, and what they are for.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::second_factor::enabled;
use super::{cookie_of, sign_in, with_cookie};
use crate::server::config::SecondFactor;
use crate::server::members::second_factor::code_at;
use crate::server::testing::{Answer, PASSWORD, Town};

/// A browser that is signed in, or a program with a token.
struct Caller<'a> {
    town: &'a Town,
    header: (&'static str, String),
}

impl<'a> Caller<'a> {
    async fn in_browser(town: &'a Town, who: &str) -> Caller<'a> {
        Caller { town, header: town.cookie(who).await }
    }

    /// With a token of all scopes that the member can have.
    async fn with_token(town: &'a Town, who: &str) -> Caller<'a> {
        let scopes = if who == "ada" {
            json!(crate::server::scopes::Scope::ALL)
        } else {
            json!(["read", "transfer", "batch", "schedule"])
        };
        let made = town.send(who, Method::POST, "/me/tokens", new_token(town, scopes)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        Caller { town, header: ("authorization", format!("Bearer {}", made.json["secret"].as_str().unwrap())) }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        self.send_once(method, path, body, None).await
    }

    async fn send_once(&self, method: Method, path: &str, body: Value, key: Option<&str>) -> Answer {
        let request = TestRequest::with_uri(&format!("/api/v1{path}")).method(method);
        let mut request = request.insert_header(self.header.clone());
        if let Some(key) = key {
            request = request.insert_header(("idempotency-key", key));
        }
        if !body.is_null() {
            request = request.set_json(body);
        }
        self.town.call(request).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    async fn get(&self, path: &str) -> StatusCode {
        self.send(Method::GET, path, Value::Null).await.status
    }

    /// The code of the problem that a request leads to; the status where there is none.
    async fn code(&self, path: &str, body: Value) -> String {
        let answer = self.post(path, body).await;
        answer.json["code"].as_str().map_or_else(|| answer.status.as_str().to_owned(), str::to_owned)
    }
}

fn new_token(town: &Town, scopes: Value) -> Value {
    let expires_at = town.service.time.now().after(Duration::from_secs(86_400)).to_string();
    json!({ "name": "t", "scopes": scopes, "expires_at": expires_at })
}

const SIX_MINUTES: Duration = Duration::from_secs(6 * 60);

#[actix_web::test]
async fn a_stale_session_gives_a_proof_and_goes_on() {
    let town = Town::new().await;
    let mina = Caller::in_browser(&town, "mina").await;
    let wanted = new_token(&town, json!(["read"]));
    town.clock.advance(SIX_MINUTES);
    let asked = mina.send_once(Method::POST, "/me/tokens", wanted.clone(), Some("one")).await;
    assert_eq!((asked.status, &asked.json["code"]), (StatusCode::FORBIDDEN, &json!("proof_required")));
    assert_eq!(asked.json["figures"], json!({ "factors": ["password"], "within_s": 300 }));
    assert_eq!(mina.code("/session/proof", json!({ "password": "not this one" })).await, "wrong_password");
    let proven = mina.post("/session/proof", json!({ "password": PASSWORD })).await;
    assert_eq!((proven.status, &proven.json["member"]["username"]), (StatusCode::OK, &json!("mina")));
    let until: jangbu::Timestamp = proven.json["session"]["proof_until"].as_str().unwrap().parse().unwrap();
    assert!(until > town.service.time.now().after(Duration::from_secs(290)));
    for status in [StatusCode::CREATED, StatusCode::CREATED] {
        let made = mina.send_once(Method::POST, "/me/tokens", wanted.clone(), Some("one")).await;
        assert_eq!(made.status, status, "{}", made.text);
    }
    assert_eq!(town.service.members.tokens(None).len(), 1, "made once, by the key that was sent before the proof");
    town.clock.advance(SIX_MINUTES);
    assert_eq!(mina.code("/me/tokens", wanted).await, "proof_required");
}

#[actix_web::test]
async fn a_proof_takes_the_second_factor_where_there_is_one() {
    let town = Town::new().await;
    let (secret, recovery) = enabled(&town).await;
    let mina = Caller::in_browser(&town, "mina").await;
    town.clock.advance(SIX_MINUTES);
    let asked = mina.post("/me/totp", json!({ "action": "disable" })).await;
    assert_eq!(asked.json["figures"]["factors"], json!(["password", "totp"]));
    let code = code_at(&secret, town.service.time.now());
    for (shown, code) in [
        (json!({ "password": PASSWORD }), "totp_required"),
        (json!({ "password": PASSWORD, "totp": "000000" }), "totp_wrong"),
        (json!({ "password": "not this one", "totp": code }), "wrong_password"),
    ] {
        assert_eq!(mina.code("/session/proof", shown.clone()).await, code, "{shown}");
        assert_eq!(mina.code("/me/totp", json!({ "action": "disable" })).await, "proof_required", "{shown}");
    }
    assert_eq!(mina.code("/session/proof", json!({ "password": PASSWORD, "totp": code })).await, "200");
    assert_eq!(mina.code("/session/proof", json!({ "password": PASSWORD, "totp": code })).await, "totp_wrong");
    let spare = json!({ "password": PASSWORD, "recovery_code": recovery[0] });
    assert_eq!(mina.code("/session/proof", spare.clone()).await, "200");
    assert_eq!(mina.code("/session/proof", spare).await, "totp_wrong");
    assert_eq!(mina.code("/me/totp", json!({ "action": "disable" })).await, "204");
}

/// Whoever has the password and a session guesses codes wherever one can be shown, and shows the password in between.
#[actix_web::test]
async fn wrong_codes_count_until_all_factors_are_proven() {
    let town = Town::new().await;
    enabled(&town).await;
    let mina = Caller::in_browser(&town, "mina").await;
    let (mut guesses, mut looked_at) = (0, 0);
    for guess in 0..40 {
        let code = format!("{guess:06}");
        mina.post("/session/proof", json!({ "password": PASSWORD })).await;
        let change = json!({ "current": PASSWORD, "new": "short" });
        mina.post("/me/password", change).await;
        let change = json!({ "current": PASSWORD, "new": PASSWORD });
        mina.post("/me/password", change).await;
        let by_proof = mina.code("/session/proof", json!({ "password": PASSWORD, "totp": code })).await;
        sign_in(&town, json!({ "username": "mina", "password": PASSWORD })).await;
        let by_sign_in = sign_in(&town, json!({ "username": "mina", "password": PASSWORD, "totp": code })).await;
        guesses += 2;
        looked_at += usize::from(by_proof == "totp_wrong") + usize::from(by_sign_in.json["code"] == "totp_wrong");
    }
    assert!(looked_at <= 6, "{looked_at} of {guesses} guesses were looked at");
}

#[actix_web::test]
async fn a_stranger_s_wrong_sign_ins_delay_no_proof_and_wrong_proofs_no_other_session() {
    let town = Town::new().await;
    let (one, other) = (Caller::in_browser(&town, "mina").await, Caller::in_browser(&town, "mina").await);
    for _ in 0..9 {
        sign_in(&town, json!({ "username": "mina", "password": "not this one" })).await;
    }
    assert_eq!(one.code("/session/proof", json!({ "password": PASSWORD })).await, "200");
    for _ in 0..3 {
        assert_eq!(one.code("/session/proof", json!({ "password": "not this one" })).await, "wrong_password");
    }
    let delayed = one.post("/session/proof", json!({ "password": PASSWORD })).await;
    assert_eq!((delayed.status, delayed.headers.contains_key("retry-after")), (StatusCode::TOO_MANY_REQUESTS, true));
    assert_eq!(other.code("/session/proof", json!({ "password": PASSWORD })).await, "200");
}

#[actix_web::test]
async fn profile_and_password_need_a_proof_where_they_give_power() {
    let town = Town::new().await;
    let mina = Caller::in_browser(&town, "mina").await;
    town.clock.advance(SIX_MINUTES);
    for (change, code) in [
        (json!({ "name": "Mina Lee" }), None),
        (json!({ "email": "mina@example.com" }), None),
        (json!({ "email": "thief@example.com" }), Some("proof_required")),
        (json!({ "proof_above": { "KRW": 5 } }), Some("proof_required")),
        (json!({ "proof_above": {} }), None),
    ] {
        let answer = mina.send(Method::PATCH, "/me", change.clone()).await;
        assert_eq!(answer.json["code"].as_str(), code, "{change}");
    }
    let change = json!({ "current": PASSWORD, "new": "tea in the garden" });
    assert_eq!(mina.code("/me/password", change).await, "proof_required");
    mina.post("/session/proof", json!({ "password": PASSWORD })).await;
    let set = mina.send(Method::PATCH, "/me", json!({ "proof_above": { "KRW": 5 } })).await;
    assert_eq!(set.json["proof_above"], json!({ "KRW": 5 }), "{}", set.text);
    let many: serde_json::Map<_, _> = (0..17).map(|number| (format!("C{number}"), json!(1))).collect();
    assert_eq!(mina.send(Method::PATCH, "/me", json!({ "proof_above": many })).await.status, 400);
    assert_eq!(mina.send(Method::PATCH, "/me", json!({ "proof_above": { "won": 1 } })).await.status, 400);
}

#[actix_web::test]
async fn large_sums_need_a_person() {
    let krw = jangbu::Currency::krw();
    let town = Town::with(|config| {
        config.proof.above.insert(krw, 1_000);
        config.proof.second_factor_above.insert(krw, 5_000);
    })
    .await;
    let mina = Caller::in_browser(&town, "mina").await;
    let token = Caller::with_token(&town, "mina").await;
    let pay = |amount: u64| json!({ "from": town.mina, "to": town.joon, "amount": amount });
    let batch = |amounts: &[u64]| Value::Array(amounts.iter().map(|amount| pay(*amount)).collect());
    let order = |amount: u64| {
        let mut order = pay(amount);
        order["rule"] = json!({ "every": "day", "time": "09:30" });
        order
    };
    town.clock.advance(SIX_MINUTES);
    for (path, body, by_session, by_token) in [
        ("/transfers", pay(500), "201", "201"),
        ("/transfers", pay(1), "proof_required", "session_required"),
        ("/transfers", pay(1_001), "proof_required", "session_required"),
        ("/transfers", pay(5_001), "second_factor_required", "second_factor_required"),
        ("/transfers/batch", batch(&[500, 501]), "proof_required", "session_required"),
        ("/me/schedules", order(1_001), "proof_required", "session_required"),
    ] {
        assert_eq!(mina.code(path, body.clone()).await, by_session, "{path} {body}");
        assert_eq!(token.code(path, body.clone()).await, by_token, "{path} {body} by token");
    }
    mina.post("/session/proof", json!({ "password": PASSWORD })).await;
    assert_eq!(mina.code("/transfers", pay(1_001)).await, "201");
    assert_eq!(mina.code("/transfers/batch", batch(&[500, 501])).await, "200");
    assert_eq!(mina.code("/transfers", pay(5_001)).await, "second_factor_required");

    // One's own limit stands beside the bank's, and the second factor is part of the proof from now on.
    mina.send(Method::PATCH, "/me", json!({ "proof_above": { "KRW": 10 } })).await;
    let (secret, _) = enabled(&town).await;
    let mina = Caller::in_browser(&town, "mina").await;
    assert_eq!(mina.code("/transfers", pay(5_001)).await, "201");
    town.clock.advance(SIX_MINUTES);
    assert_eq!(mina.code("/transfers", pay(11)).await, "proof_required");
    let shown = json!({ "password": PASSWORD, "totp": code_at(&secret, town.service.time.now()) });
    assert_eq!(mina.code("/session/proof", shown).await, "200");
    assert_eq!(mina.code("/transfers", pay(5_001)).await, "201");
}

#[actix_web::test]
async fn an_administrator_without_a_second_factor_can_only_set_it_up() {
    for (required, bound) in [
        (SecondFactor::Nobody, &[][..]),
        (SecondFactor::Administrators, &["ada"]),
        (SecondFactor::Staff, &["ada", "theo", "auda"]),
    ] {
        let town = Town::with(|config| config.proof.second_factor = required).await;
        for who in ["mina", "theo", "auda", "ada"] {
            let is_bound = bound.contains(&who);
            let caller = Caller::in_browser(&town, who).await;
            let session = caller.send(Method::GET, "/session", Value::Null).await;
            assert_eq!(session.json["totp_due"], is_bound, "{who}");
            let list = caller.send(Method::GET, "/accounts", Value::Null).await;
            assert_eq!(list.json["code"].as_str(), is_bound.then_some("totp_due"), "{required:?} {who}");
            let token = caller.code("/me/tokens", new_token(&town, json!(["read"]))).await;
            assert_eq!(token, if is_bound { "totp_due" } else { "201" }, "{required:?} {who}");
        }
    }
    let town = Town::with(|config| config.proof.second_factor = SecondFactor::Administrators).await;
    let (members, actor) = (&town.service.members, crate::server::audit::Actor::console());
    let expires_at = town.service.time.now().after(Duration::from_secs(86_400));
    let scopes = vec![crate::server::scopes::Scope::AdminRead];
    let new = crate::server::members::NewToken {
        name: "t".into(),
        scopes,
        bounds: crate::server::scopes::Bounds::default(),
        expires_at,
    };
    let (_, secret) = members.make_token(&actor, &town.member("ada"), new).await.unwrap();
    let header = ("authorization", format!("Bearer {}", secrecy::ExposeSecret::expose_secret(&secret)));
    let token = Caller { town: &town, header };
    assert_eq!(token.get("/admin/members").await, StatusCode::FORBIDDEN, "no token of one whose factor is due");
    let answer = sign_in(&town, json!({ "username": "ada", "password": PASSWORD })).await;
    assert_eq!(answer.json["totp_due"], true);
    let ada = Caller { town: &town, header: ("cookie", cookie_of(&answer)) };
    let begun = ada.post("/me/totp", json!({ "action": "begin" })).await;
    let code = code_at(begun.json["secret"].as_str().unwrap(), town.service.time.now());
    assert_eq!(ada.code("/me/totp", json!({ "action": "confirm", "code": code })).await, "200");
    assert_eq!(ada.get("/admin/members").await, StatusCode::OK);
    assert_eq!(token.get("/admin/members").await, StatusCode::OK);
    let out = with_cookie(&town, &ada.header.1, TestRequest::delete().uri("/api/v1/session")).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
}

#[actix_web::test]
async fn tokens_end_with_what_ends_sessions_and_stay_over() {
    for (what, is_over) in [
        (json!({ "disabled": true }), true),
        (json!({ "role": "teller" }), true),
        (Value::Null, true),
        (json!({ "name": "Other" }), false),
    ] {
        let town = Town::new().await;
        let path = format!("/admin/members/{}", town.member("mina").id);
        let (ada, token) = (Caller::in_browser(&town, "ada").await, Caller::with_token(&town, "mina").await);
        let change = async |mut change: Value| {
            change["version"] = json!(town.member("mina").version.get());
            let answer = ada.send(Method::PATCH, &path, change).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        };
        assert_eq!(token.get("/accounts").await, StatusCode::OK);
        match what.is_null() {
            true => assert_eq!(ada.code(&format!("{path}/password"), Value::Null).await, "200"),
            false => change(what.clone()).await,
        }
        let status = if is_over { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
        assert_eq!(token.get("/accounts").await, status, "{what}");
        change(json!({ "disabled": false, "role": "member" })).await;
        assert_eq!(token.get("/accounts").await, status, "{what}, and back");
        let list = ada.send(Method::GET, "/admin/tokens", Value::Null).await;
        assert_eq!(list.json["data"][0]["active"], !is_over);
        assert_eq!(list.json["data"][0]["revoked_at"].is_null(), !is_over, "{what}: the list says so, too");
    }
}

#[actix_web::test]
async fn whoever_changes_the_password_says_whether_tokens_stay() {
    for (keep, status) in [
        (json!(true), StatusCode::OK),
        (json!(false), StatusCode::UNAUTHORIZED),
        (Value::Null, StatusCode::UNAUTHORIZED),
    ] {
        let town = Town::new().await;
        let (mina, token) = (Caller::in_browser(&town, "mina").await, Caller::with_token(&town, "mina").await);
        let mut change = json!({ "current": PASSWORD, "new": "tea in the garden" });
        if !keep.is_null() {
            change["keep_tokens"] = keep.clone();
        }
        assert_eq!(mina.code("/me/password", change).await, "204");
        assert_eq!(token.get("/accounts").await, status, "keep_tokens {keep}");
        assert_eq!(mina.get("/accounts").await, StatusCode::OK, "this session goes on");
    }
}
