//! The requests for each operation, about a member, an account and a token of their own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::Method;
use jangbu::{AccountNumber, Amount, CashPosting, OpenAccount, Transfer, accounts::TypeCode};
use serde_json::{Value, json};

use crate::server::audit::Actor;
use crate::server::matrix_tests::Operation;
use crate::server::members::{MemberId, NewMember, PasswordGiven, code_at};
use crate::server::principal::Role;
use crate::server::testing::{Answer, PASSWORD, Town};

pub(super) type Header = (&'static str, String);

/// Makes names unique across attempts.
static NUMBERS: AtomicUsize = AtomicUsize::new(0);

/// The staff's sessions, which last as long as the town.
pub(super) struct Staff {
    pub(super) theo: Header,
    pub(super) ada: Header,
}

impl Staff {
    pub(super) async fn of(town: &Town) -> Staff {
        Staff { theo: town.cookie("theo").await, ada: town.cookie("ada").await }
    }
}

/// A member with an account, money, a session and a token, for one attempt.
pub(super) struct Subject {
    pub(super) number: usize,
    pub(super) username: String,
    pub(super) id: MemberId,
    pub(super) account: AccountNumber,
    pub(super) session: Header,
    pub(super) token: String,
    bearer: Header,
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).into()
}

pub(super) fn in_a_month(town: &Town) -> String {
    town.service.time.now().after(Duration::from_secs(30 * 86_400)).to_string()
}

/// Sends a request that must succeed.
pub(super) async fn done(
    town: &Town,
    by: Option<&Header>,
    method: Method,
    path: &str,
    body: impl Into<Option<Value>>,
) -> Answer {
    let headers: Vec<_> = by.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = town.send_with(None, method.clone(), path, body, &headers).await;
    assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.text);
    answer
}

async fn session(town: &Town, username: &str) -> Header {
    town.cookie(username).await
}

impl Subject {
    pub(super) async fn new(town: &Town) -> Subject {
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let username = format!("subject{number}");
        let new = NewMember {
            username: username.clone(),
            name: "Su Bject".into(),
            email: "s@example.com".into(),
            role: Role::Member,
            free_transfers_per_day: 3,
            password: PasswordGiven::Own(PASSWORD.into()),
        };
        let id = town.service.members.join(&Actor::console(), new).await.unwrap().0.id;
        let bank = &town.service.bank;
        let open = OpenAccount::new(id.owner()).with_type(TypeCode::new("ordinary").unwrap());
        let account = bank.open_account(open).await.unwrap();
        bank.deposit(CashPosting::new(account, Amount::new(10_000).unwrap())).await.unwrap();
        let session = session(town, &username).await;
        let bounds = json!({ "per_day": [{ "currency": "KRW", "amount": 5_000 }] });
        let scopes = ["read", "transfer", "batch"];
        let wanted = json!({ "name": "t", "scopes": scopes, "expires_at": in_a_month(town), "bounds": bounds });
        let made = done(town, Some(&session), Method::POST, "/me/tokens", wanted).await.json;
        let (token, secret) = (text(&made["token"]["id"]), text(&made["secret"]));
        let bearer = ("authorization", format!("Bearer {secret}"));
        // The first use of a token is recorded in addition to the request.
        let before = bank.stats().durable;
        done(town, Some(&bearer), Method::GET, "/accounts", None).await;
        while bank.stats().durable == before {
            tokio::task::yield_now().await;
        }
        Subject { number, username, id, account, session, token, bearer }
    }
}

/// A request for an operation, prepared so that it succeeds.
pub(super) struct Case {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) by: Option<Header>,
    pub(super) body: Option<Value>,
    pub(super) key: Option<String>,
}

/// The values for `{id}`, `{number}`, `{code}` and `{change}` of a path, the caller, and the body.
struct Asked(Vec<String>, Option<Header>, Value);

impl Case {
    /// Returns the request for a variant of an operation; `None` if there is no such variant.
    pub(super) async fn of(
        operation: &Operation,
        variant: usize,
        town: &Town,
        staff: &Staff,
        subject: &Subject,
    ) -> Option<Case> {
        let name = format!("{} {}", operation.method, operation.path);
        let Asked(names, by, body) = match operation.path.starts_with("/admin") {
            true => by_administrators(&name, variant, town, staff, subject).await?,
            false => match by_members(&name, variant, town, subject).await {
                Some(asked) => asked,
                None => at_the_counter(&name, variant, town, staff, subject).await?,
            },
        };
        let mut names = names.into_iter();
        let segment = |segment: &str| match segment.starts_with('{') {
            true => names.next().unwrap_or_else(|| panic!("{name} {variant} lacks {segment}")),
            false => segment.to_owned(),
        };
        let path = operation.path.split('/').map(segment).collect::<Vec<_>>().join("/");
        let key = operation.takes_key.then(|| format!("key {}", subject.number));
        Some(Case { method: operation.method.clone(), path, by, body: Some(body).filter(|body| !body.is_null()), key })
    }
}

/// Creates a schedule of the subject's.
async fn schedule(town: &Town, subject: &Subject) -> String {
    text(&done(town, Some(&subject.session), Method::POST, "/me/schedules", order(town, subject)).await.json["id"])
}

fn order(town: &Town, subject: &Subject) -> Value {
    json!({ "from": subject.account, "to": town.joon, "amount": 1, "rule": { "every": "day", "time": "09:30" } })
}

fn pay(town: &Town, subject: &Subject) -> Value {
    json!({ "from": subject.account, "to": town.joon, "amount": 3 })
}

/// Creates a transfer that waits for verification.
async fn waiting(town: &Town, subject: &Subject) -> String {
    let transfer = Transfer::new(subject.account, town.joon, Amount::new(5).unwrap());
    town.service.bank.accept(transfer).await.unwrap().id.to_string()
}

/// Gives the subject a second factor, or only offers it. Returns its secret.
async fn second_factor(town: &Town, subject: &Subject, is_confirmed: bool) -> String {
    let begin = json!({ "action": "begin" });
    let secret = text(&done(town, Some(&subject.session), Method::POST, "/me/totp", begin).await.json["secret"]);
    if is_confirmed {
        let confirm = json!({ "action": "confirm", "code": code_at(&secret, town.service.time.now()) });
        done(town, Some(&subject.session), Method::POST, "/me/totp", confirm).await;
    }
    secret
}

async fn by_members(name: &str, variant: usize, town: &Town, subject: &Subject) -> Option<Asked> {
    let own = Some(subject.session.clone());
    let profile = |username: String| json!({ "username": username, "password": "tea in the garden", "name": "J", "email": "j@example.com" });
    Some(match (name, variant) {
        ("POST /session", 0) => Asked(vec![], None, json!({ "username": subject.username, "password": PASSWORD })),
        ("POST /setup", 0) => return None,
        ("POST /members", 0) => Asked(vec![], None, profile(format!("joins{}", subject.number))),
        ("POST /session/proof", 0) => Asked(vec![], own, json!({ "password": PASSWORD })),
        ("DELETE /session", 0) => Asked(vec![], own, Value::Null),
        ("DELETE /sessions/{id}", 0) => {
            let first = town.service.members.sessions_of(subject.id).first().unwrap().id;
            session(town, &subject.username).await;
            let all = town.service.members.sessions_of(subject.id);
            let other = all.iter().find(|session| session.id != first).unwrap().id;
            Asked(vec![other.to_string()], own, Value::Null)
        }
        ("PATCH /me", 0) => Asked(vec![], own, json!({ "name": "Another Name", "proof_above": { "KRW": 100 } })),
        ("POST /me/password", keep @ 0..2) => {
            let body = json!({ "current": PASSWORD, "new": "tea in the garden", "keep_tokens": keep == 0 });
            Asked(vec![], own, body)
        }
        ("POST /me/totp", 0) => Asked(vec![], own, json!({ "action": "begin" })),
        ("POST /me/totp", 1) => {
            let secret = second_factor(town, subject, false).await;
            let code = code_at(&secret, town.service.time.now());
            Asked(vec![], own, json!({ "action": "confirm", "code": code }))
        }
        ("POST /me/totp", 2) => {
            second_factor(town, subject, true).await;
            Asked(vec![], own, json!({ "action": "disable" }))
        }
        ("POST /me/tokens", 0) => {
            Asked(vec![], own, json!({ "name": "u", "scopes": ["read"], "expires_at": in_a_month(town) }))
        }
        ("DELETE /me/tokens/{id}", 0) => Asked(vec![subject.token.clone()], own, Value::Null),
        ("POST /accounts", 0) => Asked(vec![], own, json!({ "type": "savings" })),
        ("POST /me/schedules", 0) => Asked(vec![], own, order(town, subject)),
        ("POST /me/schedules/{id}/{change}", 0..3) => {
            let id = schedule(town, subject).await;
            let change = ["pause", "cancel", "resume"][variant];
            if change == "resume" {
                done(town, Some(&subject.session), Method::POST, &format!("/me/schedules/{id}/pause"), None).await;
            }
            Asked(vec![id, change.into()], own, Value::Null)
        }
        ("POST /quotes", 0) => Asked(vec![], own, pay(town, subject)),
        ("POST /transfers", 0) => Asked(vec![], own, pay(town, subject)),
        ("POST /transfers", 1) => Asked(vec![], Some(subject.bearer.clone()), pay(town, subject)),
        ("POST /transfers/batch", 0) => Asked(vec![], own, json!([pay(town, subject), pay(town, subject)])),
        ("POST /transfers/batch", 1) => {
            Asked(vec![], Some(subject.bearer.clone()), json!([pay(town, subject), pay(town, subject)]))
        }
        ("POST /transfers/{id}/cancel", 0) => Asked(vec![waiting(town, subject).await], own, Value::Null),
        _ => return None,
    })
}

async fn at_the_counter(name: &str, variant: usize, town: &Town, staff: &Staff, subject: &Subject) -> Option<Asked> {
    let theo = Some(staff.theo.clone());
    let account = subject.account;
    let place = json!({ "from": account, "to": town.joon, "amount": 50 });
    let hold = async || text(&done(town, Some(&staff.theo), Method::POST, "/holds", place.clone()).await.json["id"]);
    Some(match (name, variant) {
        ("POST /holds", 0) => Asked(vec![], theo, place),
        ("POST /transfers/{id}/settle", 0) => Asked(vec![hold().await], theo, json!({})),
        ("POST /transfers/{id}/settle", 1) => {
            Asked(vec![hold().await], theo, json!({ "amount": 20, "keep_rest": true }))
        }
        ("POST /transfers/{id}/amend", 0) => Asked(vec![hold().await], theo, json!({ "amount": 60 })),
        ("POST /transfers/{id}/void", 0) => Asked(vec![hold().await], theo, json!({ "reason": "lost" })),
        ("POST /transfers/{id}/reverse", 0) => {
            let paid = done(town, Some(&subject.session), Method::POST, "/transfers", pay(town, subject)).await;
            Asked(vec![text(&paid.json["id"])], theo, json!({}))
        }
        ("POST /deposits", 0) => Asked(vec![], theo, json!({ "to": account, "amount": 5 })),
        ("POST /withdrawals", 0) => Asked(vec![], theo, json!({ "from": account, "amount": 5 })),
        ("POST /sweeps", 0) => {
            Asked(vec![], theo, json!({ "account": account, "against": town.joon, "target": 5_000 }))
        }
        ("POST /linked", 0) => {
            let pay = json!({ "type": "transfer", "from": account, "to": town.joon, "amount": 3 });
            let settle = json!({ "type": "settle", "hold": hold().await });
            let set_aside = json!({ "type": "hold", "from": account, "to": town.joon, "amount": 2 });
            Asked(vec![], theo, json!({ "steps": [pay, settle, set_aside] }))
        }
        _ => return None,
    })
}

async fn by_administrators(name: &str, variant: usize, town: &Town, staff: &Staff, subject: &Subject) -> Option<Asked> {
    let (number, id) = (subject.number, subject.id.to_string());
    let ada = Some(staff.ada.clone());
    let version =
        async |path: &str| done(town, Some(&staff.ada), Method::GET, path, None).await.json["version"].clone();
    let other_kind = json!({ "code": format!("t{number}"), "name": "Other", "currency": "KRW" });
    Some(match (name, variant) {
        ("POST /admin/account-types", 0) => Asked(vec![], ada, other_kind),
        ("PATCH /admin/account-types/{code}", 0) => {
            done(town, Some(&staff.ada), Method::POST, "/admin/account-types", other_kind).await;
            let code = format!("t{number}");
            let version = version(&format!("/admin/account-types/{code}")).await;
            Asked(vec![code], ada, json!({ "version": version, "name": "Renamed", "fee": 3 }))
        }
        ("POST /admin/accounts", 0) => Asked(vec![], ada, json!({ "owner": id, "type": "ordinary", "overdraft": 5 })),
        ("PATCH /admin/accounts/{number}", 0..2) => {
            let mut change = json!({ "own_limit_per_transfer": 7, "own_limit_per_day": 9, "frozen": { "debits": true, "credits": false } });
            if variant == 1 {
                let sweep = json!({ "account": subject.account, "against": town.joon });
                done(town, Some(&staff.theo), Method::POST, "/sweeps", sweep).await;
                change = json!({ "close": true });
            }
            change["version"] = version(&format!("/admin/accounts/{}", subject.account)).await;
            Asked(vec![subject.account.to_string()], ada, change)
        }
        ("POST /admin/accounts/bulk", 0) => {
            Asked(vec![], ada, json!({ "numbers": [subject.account], "action": "freeze" }))
        }
        ("POST /admin/engine/check", 0) => Asked(vec![], ada, Value::Null),
        ("POST /admin/schedules/{id}/{change}", 0..2) => {
            let id = schedule(town, subject).await;
            Asked(vec![id, ["pause", "cancel"][variant].into()], ada, Value::Null)
        }
        ("POST /admin/transfers/{id}/cancel" | "POST /admin/transfers/{id}/retry", 0) => {
            Asked(vec![waiting(town, subject).await], ada, Value::Null)
        }
        ("POST /admin/members", 0) => {
            let new = json!({ "username": format!("made{number}"), "name": "N", "email": "n@example.com", "role": "teller", "free_transfers_per_day": 9 });
            Asked(vec![], ada, new)
        }
        ("POST /admin/members/bulk", 0) => {
            schedule(town, subject).await;
            Asked(vec![], ada, json!({ "ids": [id], "action": "disable" }))
        }
        ("PATCH /admin/members/{id}", 0..4) => {
            let mut change = [
                json!({ "disabled": true, "schedules": "cancel" }),
                json!({ "role": "teller" }),
                json!({ "free_transfers_per_day": 9, "name": "New Name" }),
                json!({ "household": "the house", "email": "new@example.com" }),
            ][variant]
                .clone();
            schedule(town, subject).await;
            change["version"] = town.service.members.find(subject.id).unwrap().version.get().into();
            Asked(vec![id], ada, change)
        }
        ("POST /admin/members/{id}/password", 0) => Asked(vec![id], ada, Value::Null),
        ("POST /admin/members/{id}/totp", 0) => {
            second_factor(town, subject, true).await;
            Asked(vec![id], ada, Value::Null)
        }
        ("POST /admin/members/{id}/erase", 0) => {
            schedule(town, subject).await;
            Asked(vec![id], ada, Value::Null)
        }
        ("DELETE /admin/tokens/{id}", 0) => Asked(vec![subject.token.clone()], ada, Value::Null),
        _ => return None,
    })
}

/// Signs in with a password. Returns the session's header.
pub(super) async fn sign_in(town: &Town, username: &str, password: &str) -> Header {
    let body = json!({ "username": username, "password": password });
    let answer = done(town, None, Method::POST, "/session", body).await;
    let all = answer.headers.get_all("set-cookie").filter_map(|cookie| cookie.to_str().ok());
    let name = town.service.members.cookies().with(&"".to_owned().into());
    let ours = all.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with(name.name()));
    ("cookie", ours.unwrap().to_owned())
}
