//! Members through the routes: every answer, what survives a restart, and what an erasure leaves.

mod administration;
mod audited;
mod bounds;
mod devices;
mod erasing;
mod joining;
pub(crate) mod memory;
mod model;
mod proving;
mod raced;
mod schedules;
mod second_factor;
mod sessions;
mod signing_in;
mod survival;
mod tokens;

use actix_web::http::header::{COOKIE, SET_COOKIE};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::server::testing::{Answer, Town};

/// `POST /session`.
async fn sign_in(town: &Town, body: Value) -> Answer {
    let request = TestRequest::post().uri("/api/v1/session").set_json(body);
    town.call(request.insert_header(("user-agent", "a browser"))).await
}

/// The name and value of the cookie that came with an answer.
fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.headers.get(SET_COOKIE).unwrap().to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// A request with that cookie.
async fn with_cookie(town: &Town, cookie: &str, request: TestRequest) -> Answer {
    town.call(request.insert_header((COOKIE, cookie))).await
}

/// Asserts that the answer is the expected one, where `"*"` stands for anything but `null`.
#[track_caller]
fn assert_like(actual: &Value, expected: Value) {
    fn like(actual: &Value, expected: &Value) -> bool {
        match (actual, expected) {
            (Value::Null, Value::String(any)) if any == "*" => false,
            (_, Value::String(any)) if any == "*" => true,
            (Value::Object(actual), Value::Object(expected)) => {
                actual.len() == expected.len()
                    && expected.iter().all(|(key, value)| actual.get(key).is_some_and(|found| like(found, value)))
            }
            (Value::Array(actual), Value::Array(expected)) => {
                actual.len() == expected.len()
                    && actual.iter().zip(expected).all(|(actual, expected)| like(actual, expected))
            }
            _ => actual == expected,
        }
    }
    assert!(like(actual, &expected), "{actual:#}\nis not like\n{expected:#}");
}

#[test]
#[should_panic(expected = "is not like")]
fn a_missing_field_is_noticed() {
    assert_like(&json!({ "a": 1 }), json!({ "a": 1, "b": "*" }));
}
