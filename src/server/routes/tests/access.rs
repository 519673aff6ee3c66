//! Who may do what with whose: every route that names an account or a transfer, with own, foreign and unknown ones.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{account, pay, post};
use crate::server::testing::Town;

/// What everybody gets, in the order mina, joon, theo, auda, ada, nobody.
const WHO: [Option<&str>; 6] = [Some("mina"), Some("joon"), Some("theo"), Some("auda"), Some("ada"), None];

async fn statuses(town: &Town, method: Method, path: &str, body: Option<Value>) -> Vec<u16> {
    let mut statuses = Vec::new();
    for who in WHO {
        statuses.push(town.send(who, method.clone(), path, body.clone()).await.status.as_u16());
    }
    statuses
}

#[actix_web::test]
async fn an_account_is_read_by_its_owner_and_staff() {
    let town = Town::new().await;
    for rest in ["", "/entries", "/holds"] {
        let mine = format!("/accounts/{}{rest}", town.mina);
        assert_eq!(statuses(&town, Method::GET, &mine, None).await, [200, 404, 200, 200, 200, 401], "{mine}");
        for unknown in ["NOBODY", "no%20number"] {
            let path = format!("/accounts/{unknown}{rest}");
            assert_eq!(statuses(&town, Method::GET, &path, None).await, [404, 404, 404, 404, 404, 401], "{path}");
        }
    }
    let of_mina = format!("/accounts?owner={}", town.member("mina").id);
    assert_eq!(statuses(&town, Method::GET, &of_mina, None).await, [200, 404, 200, 200, 200, 401]);
    let of_nobody = format!("/accounts?owner={}", uuid::Uuid::nil());
    assert_eq!(statuses(&town, Method::GET, &of_nobody, None).await, [404, 404, 404, 404, 404, 401]);
}

#[actix_web::test]
async fn what_is_foreign_looks_as_what_is_unknown() {
    let town = Town::new().await;
    let made = post(&town, "mina", "/transfers", pay(town.mina, town.theo_account().await, 1)).await.json;
    let id = made["id"].as_str().unwrap();
    let pairs = [
        (format!("/accounts/{}", town.mina), "/accounts/NOBODY".to_owned()),
        (format!("/transfers/{id}"), format!("/transfers/{}", uuid::Uuid::nil())),
        (format!("/transfers?account={}", town.mina), "/transfers?account=NOBODY".to_owned()),
        (format!("/transfers?member={}", town.member("mina").id), format!("/transfers?member={}", uuid::Uuid::nil())),
    ];
    for (foreign, unknown) in pairs {
        let (mut foreign, mut unknown) =
            (town.get(Some("joon"), &foreign).await, town.get(Some("joon"), &unknown).await);
        assert_eq!((foreign.status.as_u16(), unknown.status.as_u16()), (404, 404));
        (foreign.json["request_id"], unknown.json["request_id"]) = (Value::Null, Value::Null);
        assert_eq!(foreign.json, unknown.json);
    }
}

#[actix_web::test]
async fn money_is_moved_from_ones_own_accounts_alone_whatever_the_role() {
    let town = Town::new().await;
    for path in ["/transfers", "/quotes"] {
        let ok = if path == "/quotes" { 200 } else { 201 };
        let own = statuses(&town, Method::POST, path, Some(pay(town.mina, town.joon, 1))).await;
        assert_eq!(own, [ok, 404, 404, 403, 404, 401], "{path}");
        let unknown = statuses(&town, Method::POST, path, Some(pay("NOBODY".parse().unwrap(), town.joon, 1))).await;
        assert_eq!(unknown, [404, 404, 404, 403, 404, 401], "{path}");
    }
}

#[actix_web::test]
async fn the_counter_is_for_tellers_and_administrators() {
    let town = Town::new().await;
    let (mina, joon) = (town.mina.as_str(), town.joon.as_str());
    let other = account(&town, "mina", 10).await;
    let transfer = json!({"type": "transfer", "from": mina, "to": joon, "amount": 1});
    for (path, body) in [
        ("/deposits", json!({"to": mina, "amount": 5})),
        ("/withdrawals", json!({"from": mina, "amount": 5})),
        ("/holds", pay(town.mina, town.joon, 5)),
        ("/linked", json!({"steps": [transfer]})),
    ] {
        let got = statuses(&town, Method::POST, path, Some(body)).await;
        assert_eq!(got, [403, 403, 201, 403, 201, 401], "{path}");
    }
    let sweep = json!({"account": other.as_str(), "against": mina});
    assert_eq!(post(&town, "mina", "/sweeps", sweep.clone()).await.status, 403);
    assert_eq!(post(&town, "theo", "/sweeps", sweep).await.status, 201);
    let made = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 8)).await.json;
    let path = format!("/transfers/{}/reverse", made["id"].as_str().unwrap());
    let got = statuses(&town, Method::POST, &path, Some(json!({"amount": 1}))).await;
    assert_eq!(got, [403, 403, 201, 403, 201, 401]);
    for action in ["settle", "void", "reverse", "cancel"] {
        let path = format!("/transfers/{}/{action}", uuid::Uuid::nil());
        assert_eq!(town.send("ada", Method::POST, &path, json!({})).await.status, 404, "{action}");
    }
}

#[actix_web::test]
async fn a_refused_transfer_is_its_senders_business() {
    let town = Town::new().await;
    let key = [("idempotency-key", "k")];
    town.send_with("mina", Method::POST, "/transfers", Some(pay(town.mina, town.joon, 100_001)), &key).await;
    let refused = "/transfers?status=refused";
    let of = |list: &Value| list["data"].as_array().unwrap().len();
    let (mina, joon) = (town.get(Some("mina"), refused).await.json, town.get(Some("joon"), refused).await.json);
    assert_eq!((of(&mina), of(&joon)), (1, 0), "the figures tell what mina has");
    let path = format!("/transfers/{}", mina["data"][0]["id"].as_str().unwrap());
    assert_eq!(town.get(Some("mina"), &path).await.json["refusal"]["code"], "insufficient_funds");
    assert_eq!(town.get(Some("joon"), &path).await.status, 404);
}

impl Town {
    /// An account of the teller's own.
    async fn theo_account(&self) -> jangbu::AccountNumber {
        account(self, "theo", 0).await
    }
}
