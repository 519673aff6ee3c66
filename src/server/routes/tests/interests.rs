//! Nobody of the staff works on what is their own or their household's, by whatever route.

use actix_web::http::Method;
use jangbu::{
    AccountNumber, Amount, Currency, OpenAccount, Transfer,
    accounts::{AccountType, Change, ChangeAccount, TypeCode},
    holds::PlaceHold,
};
use serde_json::{Value, json};

use super::account;
use crate::server::access::ROUTES;
use crate::server::audit::Actor;
use crate::server::local::Order;
use crate::server::members::MemberChange;
use crate::server::principal::Permission;
use crate::server::testing::Town;

/// Routes by which staff changes something that is nobody's account.
const OF_NO_ACCOUNT: [(&str, &str); 9] = [
    ("POST", "/admin/account-types"),
    // Of all accounts of a type: see the test of terms below.
    ("PATCH", "/admin/account-types/{code}"),
    ("POST", "/admin/engine/check"),
    ("POST", "/admin/members"),
    ("POST", "/admin/members/bulk"),
    ("POST", "/admin/members/{id}/erase"),
    ("POST", "/admin/members/{id}/password"),
    ("POST", "/admin/members/{id}/totp"),
    ("DELETE", "/admin/tokens/{id}"),
];

/// What somebody has.
struct Having {
    member: String,
    number: AccountNumber,
    hold: String,
    transfer: String,
    schedule: String,
}

impl Having {
    async fn of(town: &Town, who: &str, other: AccountNumber) -> Having {
        let number = account(town, who, 1_000).await;
        let one = Amount::new(1).unwrap();
        let hold = PlaceHold::new(number, other, one);
        let transfer = Transfer::new(number, other, one);
        let ids = (hold.id.to_string(), transfer.id.to_string());
        town.service.bank.place_hold(hold).await.unwrap();
        town.service.bank.transfer(transfer).await.unwrap();
        let order = json!({ "from": number, "to": other, "amount": 1, "rule": { "every": "day", "time": "09:30" } });
        let set = town.send(who, Method::POST, "/me/schedules", order).await;
        let schedule = set.json["id"].as_str().unwrap_or_else(|| panic!("{}", set.text)).to_owned();
        Having { member: town.member(who).id.to_string(), number, hold: ids.0, transfer: ids.1, schedule }
    }
}

/// Requests about an account, each by the row of the table that it is of.
fn requests(having: &Having, other: AccountNumber) -> Vec<((&'static str, &'static str), Value)> {
    let (number, hold) = (having.number, &having.hold);
    let linked = |step: Value| (("POST", "/linked"), json!({ "steps": [step] }));
    vec![
        (("POST", "/deposits"), json!({ "to": number, "amount": 1 })),
        (("POST", "/withdrawals"), json!({ "from": number, "amount": 1 })),
        (("POST", "/sweeps"), json!({ "account": number, "against": other })),
        (("POST", "/sweeps"), json!({ "account": other, "against": number })),
        linked(json!({ "type": "transfer", "from": number, "to": other, "amount": 1 })),
        linked(json!({ "type": "transfer", "from": other, "to": number, "amount": 1 })),
        linked(json!({ "type": "hold", "from": number, "to": other, "amount": 1 })),
        linked(json!({ "type": "hold", "from": other, "to": number, "amount": 1 })),
        linked(json!({ "type": "settle", "hold": hold })),
        linked(json!({ "type": "void", "hold": hold })),
        linked(json!({ "type": "reverse", "transfer": having.transfer })),
        (("POST", "/holds"), json!({ "from": number, "to": other, "amount": 1 })),
        (("POST", "/holds"), json!({ "from": other, "to": number, "amount": 1 })),
        (("POST", "/transfers/{id}/reverse"), json!({})),
        (("POST", "/transfers/{id}/amend"), json!({ "amount": 2 })),
        (("POST", "/transfers/{id}/settle"), json!({})),
        (("POST", "/transfers/{id}/void"), json!({})),
        (("POST", "/admin/schedules/{id}/{change}"), json!({})),
        (("POST", "/admin/transfers/{id}/cancel"), json!({})),
        (("POST", "/admin/transfers/{id}/retry"), json!({})),
        (("POST", "/admin/accounts"), json!({ "owner": having.member, "type": "ordinary", "overdraft": 1_000_000 })),
        (("POST", "/admin/accounts/bulk"), json!({ "numbers": [number], "action": "freeze" })),
        (("PATCH", "/admin/accounts/{number}"), json!({ "overdraft": 1_000_000 })),
        (("PATCH", "/admin/accounts/{number}"), json!({ "own_limit_per_day": null })),
        (("PATCH", "/admin/accounts/{number}"), json!({ "frozen": { "debits": true, "credits": true } })),
        (("PATCH", "/admin/members/{id}"), json!({ "free_transfers_per_day": 1_000 })),
        (("PATCH", "/admin/members/{id}"), json!({ "household": null })),
    ]
}

/// The answer's code, or that of the only item of many.
async fn code(town: &Town, having: &Having, (method, path): (&str, &str), mut body: Value) -> String {
    let versioned = if path.contains("/admin/members/") {
        format!("/admin/members/{}", having.member)
    } else {
        format!("/admin/accounts/{}", having.number)
    };
    if method == "PATCH" {
        body["version"] = town.get(Some("auda"), &versioned).await.json["version"].clone();
    }
    let id = match path {
        "/transfers/{id}/reverse" => &having.transfer,
        "/admin/members/{id}" => &having.member,
        "/admin/schedules/{id}/{change}" => &having.schedule,
        _ => &having.hold,
    };
    let path = path.replace("{number}", having.number.as_str()).replace("{id}", id).replace("{change}", "pause");
    let answer = town.send("ada", method.parse::<Method>().unwrap(), &path, body).await;
    let code = &answer.json["results"][0]["problem"]["code"];
    let code = if code.is_null() { &answer.json["code"] } else { code };
    code.as_str().unwrap_or(answer.status.as_str()).to_owned()
}

#[actix_web::test]
async fn staff_does_nothing_for_own_accounts_nor_for_those_of_the_household() {
    let town = Town::new().await;
    let at_home = MemberChange { household: Some(Some("12 Canal Street".into())), ..MemberChange::default() };
    for who in ["ada", "joon"] {
        let id = town.member(who).id;
        town.service.members.change(&Actor::console(), id, None, at_home.clone()).await.unwrap();
    }
    let other = town.mina;
    for (who, is_theirs) in [("ada", true), ("joon", true), ("theo", false)] {
        let having = Having::of(&town, who, other).await;
        for (route, body) in requests(&having, other) {
            let about = format!("{route:?} {body} about {who}");
            let state = async || {
                let of = async |number| town.service.bank.snapshot(number).await.unwrap();
                let owner = town.member(who).owner();
                let all = town.service.bank.accounts_of(owner, None, 100).await.unwrap().data;
                (of(having.number).await, of(other).await, all.len(), town.member(who).version)
            };
            let before = state().await;
            let code = code(&town, &having, route, body).await;
            assert_eq!(code == "conflict_of_interest", is_theirs, "{about}: {code}");
            assert!(!is_theirs || state().await == before, "{about}: something changed");
        }
    }
    let having = Having::of(&town, "ada", other).await;
    for access in ROUTES {
        let is_staffs =
            matches!(access.permission, Some(Permission::Counter | Permission::Reverse | Permission::Administer));
        let row = (access.method, access.path);
        let is_tested = requests(&having, other).iter().any(|(tested, _)| *tested == row);
        assert!(
            !is_staffs || is_tested != OF_NO_ACCOUNT.contains(&row),
            "say in this test whose accounts {row:?} is about"
        );
    }
}

/// Whose open account is of the type, and whether the administrator may change its terms then.
#[actix_web::test]
async fn nobody_changes_the_terms_that_hold_for_themselves_or_their_household() {
    let town = Town::new().await;
    let at_home = MemberChange { household: Some(Some("12 Canal Street".into())), ..MemberChange::default() };
    for who in ["ada", "joon"] {
        let id = town.member(who).id;
        town.service.members.change(&Actor::console(), id, None, at_home.clone()).await.unwrap();
    }
    let owners =
        [(None, true), (Some("ada"), false), (Some("joon"), false), (Some("theo"), true), (Some("mina"), true)];
    let changes = [
        (json!({ "fee": 5 }), true),
        (json!({ "limit_per_transfer": 7 }), true),
        (json!({ "limit_per_day": 9 }), true),
        (json!({ "name": "Another", "fee": 6 }), true),
        (json!({ "name": "Renamed" }), false),
    ];
    for (number, (owner, may)) in owners.into_iter().enumerate() {
        let code = TypeCode::new(&format!("kind{number}")).unwrap();
        town.service.bank.set_type(AccountType::new(code, "Kind", Currency::krw())).await.unwrap();
        let mut opened = None;
        if let Some(owner) = owner {
            let open = OpenAccount::new(town.member(owner).owner()).with_type(code);
            opened = Some(town.service.bank.open_account(open).await.unwrap());
        }
        let path = format!("/admin/account-types/{code}");
        let patch = async |mut body: Value| {
            body["version"] = town.get(Some("auda"), &path).await.json["version"].clone();
            let answer = town.send("ada", Method::PATCH, &path, body).await;
            answer.json["code"].as_str().filter(|_| !answer.status.is_success()).unwrap_or("done").to_owned()
        };
        for (body, is_of_terms) in &changes {
            let expected = if may || !is_of_terms { "done" } else { "conflict_of_interest" };
            assert_eq!(patch(body.clone()).await, expected, "{owner:?} has one, {body}");
        }
        // What is closed has no terms any more.
        if let Some(number) = opened {
            let close = ChangeAccount::new(number, Change::Close);
            town.service.bank.change_account(close).await.unwrap();
            assert_eq!(patch(json!({ "fee": 8 })).await, "done", "{owner:?} had one");
        }
    }
}

#[actix_web::test]
async fn a_bank_with_one_administrator_links_households_at_the_console() {
    let town = Town::new().await;
    let service = &town.service;
    let order =
        |household: Option<&str>| Order::Household { username: "ada".into(), household: household.map(Into::into) };
    let linked = order(Some("12 Canal Street")).carry_out(service).await.unwrap();
    assert_eq!(linked["member"]["household"], "12 Canal Street");
    let at_home = Order::Household { username: "joon".into(), household: Some("12 Canal Street".into()) };
    at_home.carry_out(service).await.unwrap();
    let deposit = json!({ "to": town.joon, "amount": 1 });
    let refused = town.send("ada", Method::POST, "/deposits", deposit.clone()).await;
    assert_eq!(refused.json["code"], "conflict_of_interest", "{}", refused.text);
    let wrong = order(Some("")).carry_out(service).await.unwrap_err();
    assert_eq!(wrong.code, "invalid_request");
    let nobody = Order::Household { username: "nobody".into(), household: None }.carry_out(service).await.unwrap_err();
    assert_eq!(nobody.code, "not_found");
    assert_eq!(order(None).carry_out(service).await.unwrap()["member"]["household"], Value::Null);
    assert_eq!(town.send("ada", Method::POST, "/deposits", deposit).await.status, 201);
    let path = format!("/admin/audit?object=member&object_id={}", town.member("ada").id);
    let log = town.get(Some("auda"), &path).await;
    let entries = log.json["data"].as_array().unwrap_or_else(|| panic!("{}", log.text));
    let by_console: Vec<_> = entries
        .iter()
        .filter(|entry| entry["action"] == "member.changed" && entry["via"] == "console")
        .map(|entry| (entry["before"]["household"].clone(), entry["after"]["household"].clone()))
        .collect();
    let word = json!("12 Canal Street");
    assert_eq!(by_console, [(word.clone(), Value::Null), (Value::Null, word)], "{}", log.text);
}

#[actix_web::test]
async fn a_household_is_the_banks_word_and_nobody_leaves_their_own() {
    let town = Town::new().await;
    let patch = async |who: &str, body: Value| {
        let path = format!("/admin/members/{}", town.member(who).id);
        let mut body = body;
        body["version"] = town.member(who).version.get().into();
        town.send("ada", Method::PATCH, &path, body).await
    };
    let linked = patch("theo", json!({ "household": "kim" })).await;
    assert_eq!((linked.status.as_u16(), &linked.json["household"]), (200, &json!("kim")), "{}", linked.text);
    assert_eq!(patch("mina", json!({ "household": "kim" })).await.status, 200);
    let number = town.service.bank.open_account(OpenAccount::new(town.member("mina").owner())).await.unwrap();
    let deposit = json!({ "to": number, "amount": 1 });
    let refused = town.send("theo", Method::POST, "/deposits", deposit.clone()).await;
    assert_eq!(refused.json["code"], "conflict_of_interest", "{}", refused.text);
    assert_eq!(patch("mina", json!({ "household": null })).await.json["household"], Value::Null);
    assert_eq!(town.send("theo", Method::POST, "/deposits", deposit).await.status, 201);
    assert_eq!(patch("ada", json!({ "household": "lee" })).await.json["code"], "conflict_of_interest");
    assert_eq!(patch("ada", json!({ "name": "Ada A." })).await.status, 200, "the rest of one's own is no such thing");
    let console = Actor::console();
    let at_home = MemberChange { household: Some(Some("lee".into())), ..MemberChange::default() };
    for who in ["ada", "joon"] {
        town.service.members.change(&console, town.member(who).id, None, at_home.clone()).await.unwrap();
    }
    assert_eq!(patch("joon", json!({ "role": "teller" })).await.json["code"], "conflict_of_interest");
    assert_eq!(patch("joon", json!({ "role": "member" })).await.status, 200, "it is the same role");
    for wrong in [json!(""), json!("x".repeat(41)), json!(5)] {
        assert_eq!(patch("mina", json!({ "household": wrong })).await.status, 400, "{wrong}");
    }
    let history = town.get(Some("ada"), &format!("/admin/members/{}/history", town.member("mina").id)).await;
    assert!(history.text.contains("household"), "{}", history.text);
}
