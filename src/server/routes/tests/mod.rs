//! The routes that move and show money, through the app.

mod access;
mod adding_up;
mod batch;
mod counter;
mod defects;
mod files;
mod filters;
mod interests;
mod lists;
mod points;
mod races;
mod repeats;
mod staff_lists;
mod transfers;
mod visibility;

use actix_web::http::Method;
use jangbu::{AccountNumber, Amount, CashPosting, OpenAccount, accounts::TypeCode};
use serde_json::{Value, json};

use super::super::testing::{Answer, Town};

/// Asks for something with a body.
async fn post(town: &Town, who: &str, path: &str, body: Value) -> Answer {
    town.send(who, Method::POST, path, body).await
}

/// A header of an answer.
fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).unwrap().to_str().unwrap()
}

/// The body of a plain transfer.
fn pay(from: AccountNumber, to: AccountNumber, amount: u64) -> Value {
    json!({ "from": from.as_str(), "to": to.as_str(), "amount": amount })
}

/// What is posted on an account.
async fn posted(town: &Town, number: AccountNumber) -> i64 {
    town.service.bank.snapshot(number).await.unwrap().posted.minor_units()
}

/// A second account of somebody, with so much on it.
async fn account(town: &Town, who: &str, amount: u64) -> AccountNumber {
    typed_account(town, who, amount, TypeCode::basic()).await
}

/// An account of somebody and of a type, with so much on it.
async fn typed_account(town: &Town, who: &str, amount: u64, code: TypeCode) -> AccountNumber {
    let open = OpenAccount::new(town.member(who).owner()).with_type(code);
    let number = town.service.bank.open_account(open).await.unwrap();
    if amount > 0 {
        town.service.bank.deposit(CashPosting::new(number, Amount::new(amount).unwrap())).await.unwrap();
    }
    number
}

/// A town whose transfers wait for a verification that nobody carries out.
async fn waiting_town() -> Town {
    Town::with(|config| {
        config.verification = super::super::config::Verification::Delay {
            min: std::time::Duration::from_secs(7),
            max: std::time::Duration::from_secs(30),
            rejected_per_mille: 0,
        };
    })
    .await
}

/// An answer in which what differs from run to run is replaced by its kind, if it has the form.
fn golden(mut value: Value) -> Value {
    redact(&mut value);
    value
}

fn redact(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(fields) => {
            for (name, value) in fields {
                let text = value.as_str().unwrap_or_default();
                let shown = match name.as_str() {
                    "id" | "hold" | "original" | "request_id" if uuid::Uuid::parse_str(text).is_ok() => "ID",
                    "created_at" | "recorded_at" | "opened_at" | "ended_at" | "placed_at" | "last_used_at"
                        if text.parse::<jangbu::Timestamp>().is_ok() =>
                    {
                        "TIME"
                    }
                    "date" if text.parse::<jiff::civil::Date>().is_ok() => "DATE",
                    "position" if value.as_u64().is_some_and(|position| position > 0) => "POSITION",
                    _ => {
                        redact(value);
                        continue;
                    }
                };
                *value = shown.into();
            }
        }
        _ => {}
    }
}
