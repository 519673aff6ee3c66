//! Everything that can be done to a member, an account and a token, during or after a dropped request.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::cases::{Header, Staff, Subject, done, in_a_month, sign_in, text};
use super::differences;
use crate::server::testing::Town;

/// Actions by staff while a request is still in progress. They may be refused, but must not be left half done.
pub(super) async fn meddle(town: &Town, staff: &Staff, subject: &Subject, about: &str) {
    let member = format!("/admin/members/{}", subject.id);
    let bulk = |action: &str| json!({ "ids": [subject.id], "action": action });
    let version = town.service.members.find(subject.id).unwrap().version.get();
    for (method, path, body) in [
        (Method::PATCH, member.clone(), json!({ "version": version, "name": "Meddled With", "role": "teller" })),
        (Method::POST, format!("{member}/password"), Value::Null),
        (Method::POST, "/admin/members/bulk".into(), bulk("disable")),
        (Method::POST, "/admin/members/bulk".into(), bulk("enable")),
        (Method::DELETE, format!("/admin/tokens/{}", subject.token), Value::Null),
        (Method::POST, "/admin/accounts/bulk".into(), json!({ "numbers": [subject.account], "action": "freeze" })),
    ] {
        let body = Some(body).filter(|body| !body.is_null());
        let answer = town.send_with(None, method.clone(), &path, body, &[(staff.ada.0, &staff.ada.1)]).await;
        let is_refused = matches!(answer.status.as_u16(), 404 | 409 | 422);
        assert!(answer.status.is_success() || is_refused, "{about}: {method} {path}: {}", answer.text);
    }
}

/// Does everything that can be done to the subject, all of which must succeed, and compares memory with the journal. At
/// the end the subject is erased.
pub(super) async fn everything_else(town: &Town, staff: &Staff, subject: &Subject, about: &str) {
    let staffs = async |by: &Header, method: Method, path: &str, body: Value| {
        let body = Some(body).filter(|body| !body.is_null());
        let answer = town.send_with(None, method.clone(), path, body, &[(by.0, &by.1)]).await;
        assert!(answer.status.is_success(), "{about}: {method} {path}: {} {}", answer.status, answer.text);
        answer.json
    };
    let member = format!("/admin/members/{}", subject.id);
    let erase = format!("{member}/erase");
    let ada = &staff.ada;
    if staffs(ada, Method::GET, &member, Value::Null).await["erased"] == true {
        let again = town.send_with(None, Method::POST, &erase, None, &[(ada.0, &ada.1)]).await;
        assert_eq!((again.status.as_u16(), &again.json["code"]), (422, &json!("erased")), "{about}");
        let orders = town.service.bank.schedules_of(subject.account, None, 10).await.unwrap().data;
        assert!(orders.is_empty(), "{about}: standing orders of an erased member: {orders:?}");
        return;
    }
    // Staff change the member.
    for action in ["enable", "disable", "enable"] {
        let bulk = json!({ "ids": [subject.id], "action": action });
        let done = staffs(ada, Method::POST, "/admin/members/bulk", bulk).await;
        assert_eq!(done["data"][0]["problem"], Value::Null, "{about}: {action}");
    }
    for (field, value) in [
        ("role", json!("teller")),
        ("role", json!("member")),
        ("name", json!("Yet Another")),
        ("free_transfers_per_day", json!(4)),
        ("household", Value::Null),
    ] {
        let version = staffs(ada, Method::GET, &member, Value::Null).await["version"].clone();
        staffs(ada, Method::PATCH, &member, json!({ "version": version, field: value })).await;
    }
    staffs(ada, Method::DELETE, &format!("/admin/tokens/{}", subject.token), Value::Null).await;
    let no_factor = town.send_with(None, Method::POST, &format!("{member}/totp"), None, &[(ada.0, &ada.1)]).await;
    assert!(no_factor.status == 204 || no_factor.json["code"] == "totp_disabled", "{about}: {}", no_factor.text);
    // Staff change the account.
    let path = format!("/admin/accounts/{}", subject.account);
    let account = staffs(ada, Method::GET, &path, Value::Null).await;
    let is_open = account["status"] != "closed";
    if is_open {
        let frozen = json!({ "debits": false, "credits": false });
        let change = json!({ "version": account["version"], "frozen": frozen, "own_limit_per_transfer": null,
            "own_limit_per_day": null });
        staffs(ada, Method::PATCH, &path, change).await;
        let cash = |side: &str| json!({ side: subject.account, "amount": 1_000 });
        staffs(&staff.theo, Method::POST, "/deposits", cash("to")).await;
        staffs(&staff.theo, Method::POST, "/withdrawals", cash("from")).await;
        let place = json!({ "from": subject.account, "to": town.joon, "amount": 5 });
        let hold = text(&staffs(&staff.theo, Method::POST, "/holds", place).await["id"]);
        staffs(&staff.theo, Method::POST, &format!("/transfers/{hold}/settle"), json!({})).await;
    }
    // The member changes their own data, with a new password.
    let password = staffs(ada, Method::POST, &format!("{member}/password"), Value::Null).await;
    let session = sign_in(town, &subject.username, &text(&password["one_time_password"])).await;
    let own = async |method: Method, path: &str, body: Value| staffs(&session, method, path, body).await;
    let change = json!({ "current": password["one_time_password"], "new": "a cup of barley tea" });
    own(Method::POST, "/me/password", change).await;
    own(Method::POST, "/session/proof", json!({ "password": "a cup of barley tea" })).await;
    own(Method::PATCH, "/me", json!({ "name": "Own Choice", "proof_above": {} })).await;
    let token = json!({ "name": "v", "scopes": ["read"], "expires_at": in_a_month(town) });
    let token = text(&own(Method::POST, "/me/tokens", token).await["token"]["id"]);
    own(Method::DELETE, &format!("/me/tokens/{token}"), Value::Null).await;
    own(Method::POST, "/me/totp", json!({ "action": "begin" })).await;
    own(Method::POST, "/accounts", json!({ "type": "savings" })).await;
    if is_open {
        let pay = json!({ "from": subject.account, "to": town.joon, "amount": 1 });
        own(Method::POST, "/transfers", pay.clone()).await;
        let mut order = pay;
        order["rule"] = json!({ "every": "day", "time": "09:30" });
        let order = text(&own(Method::POST, "/me/schedules", order).await["id"]);
        own(Method::POST, &format!("/me/schedules/{order}/cancel"), Value::Null).await;
    }
    assert_eq!(differences(town).await, [""; 0], "{about}, and everything else");
    own(Method::DELETE, "/session", Value::Null).await;
    done(town, Some(ada), Method::POST, &erase, None).await;
}
