//! Sends ambiguous or meaningless requests to every operation of the OpenAPI document. None may accept them.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Map, Value, json};

use super::matrix_tests::{Operation, Things, Whose, body, operations};
use super::principal::Permission;
use super::testing::{Answer, Town};

/// Returns a caller who may call an operation.
const fn caller(permission: Option<Permission>) -> Option<&'static str> {
    match permission {
        None => None,
        Some(Permission::ReadOwn | Permission::ManageOwn | Permission::MoveOwn | Permission::Batch) => Some("mina"),
        Some(Permission::Counter) => Some("theo"),
        Some(_) => Some("ada"),
    }
}

/// The path of keys and indices to a part of a body.
type Place = Vec<String>;

/// Collects the objects in a body, the body itself first.
fn objects(value: &Value, place: &Place, found: &mut Vec<Place>) {
    let below = |key: String| place.iter().cloned().chain([key]).collect::<Place>();
    match value {
        Value::Object(fields) => {
            found.push(place.clone());
            fields.iter().for_each(|(key, value)| objects(value, &below(key.clone()), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| objects(value, &below(at.to_string()), found));
        }
        _ => {}
    }
}

fn at<'a>(value: &'a mut Value, place: &[String]) -> &'a mut Value {
    place.iter().fold(value, |value, key| match value {
        Value::Array(items) => &mut items[key.parse::<usize>().unwrap()],
        other => &mut other[key],
    })
}

/// Returns the body as text, with the first key of an object repeated.
fn with_key_twice(value: &Value, place: &[String]) -> String {
    let mut marked = value.clone();
    let object = at(&mut marked, place);
    let (key, first) = object.as_object().unwrap().iter().next().map(|(key, it)| (key.clone(), it.clone())).unwrap();
    object["the same key"] = first;
    marked.to_string().replace("\"the same key\"", &format!("\"{key}\""))
}

/// Returns valid bodies that contain everything with a structure.
fn bodies(town: &Town, things: &Things, name: &str) -> Vec<Value> {
    let (account, other) = (&things.mina.account, &things.joon.account);
    let Some(plain) = body(town, name, account, other, &things.mina.member) else {
        panic!("add the body of {name} to `body`")
    };
    let with = |field: &str, value: Value| {
        let mut body = plain.clone();
        body[field] = value;
        body
    };
    let metadata = json!({ "order": "7" });
    let deep = match name {
        "POST /transfers" | "POST /holds" | "POST /deposits" | "POST /withdrawals" => with("metadata", metadata),
        "POST /transfers/batch" => {
            let mut batch = plain.clone();
            batch[0]["metadata"] = metadata;
            batch
        }
        "POST /linked" => {
            let mut linked = plain.clone();
            linked["steps"][0]["metadata"] = metadata;
            linked
        }
        "POST /me/schedules" => with("retry", json!({ "attempts": 1, "interval_s": 600 })),
        "PATCH /admin/accounts/{number}" => with("frozen", json!({ "debits": false, "credits": false })),
        _ => return vec![plain],
    };
    vec![plain, deep]
}

async fn send(town: &Town, things: &Things, operation: &Operation, query: &str, text: Option<Vec<u8>>) -> Answer {
    let path = format!("/api/v1{}{query}", things.path(&operation.path, Whose::Own));
    let mut request = TestRequest::with_uri(&path).method(operation.method.clone());
    if let Some(who) = caller(operation.permission) {
        request = request.insert_header(town.cookie(who).await);
    }
    if let Some(text) = text {
        request = request.insert_header(("content-type", "application/json")).set_payload(text);
    }
    town.call(request).await
}

/// Returns the problem in an answer, or in the first item of a batch's answer.
fn problem(answer: &Answer) -> Value {
    match &answer.json[0]["problem"] {
        Value::Null => answer.json.clone(),
        problem => problem.clone(),
    }
}

async fn town() -> (Town, Things, Vec<Operation>) {
    let town = Town::new().await;
    let things = Things::of(&town).await;
    let operations = operations(&town).await;
    (town, things, operations)
}

#[actix_web::test]
async fn arrays_are_not_objects_and_keys_are_unique() {
    let (town, things, operations) = town().await;
    let (mut faults, mut tried) = (Vec::new(), 0);
    for operation in operations.iter().filter(|operation| operation.has_body) {
        let name = format!("{} {}", operation.method, operation.path);
        for body in bodies(&town, &things, &name) {
            let mut places = Vec::new();
            objects(&body, &Vec::new(), &mut places);
            for place in places {
                let mut listed = body.clone();
                let object = at(&mut listed, &place);
                let fields = object.as_object().cloned().unwrap_or_else(Map::new);
                *object = fields.values().cloned().collect();
                let answer = send(&town, &things, operation, "", Some(listed.to_string().into())).await;
                let told = problem(&answer);
                let is_right = told["status"] == 400 && told.to_string().contains("invalid type: sequence");
                if !is_right {
                    faults.push(format!("{name} takes {listed}: {} {}", answer.status, answer.text));
                }
                if !fields.is_empty() {
                    let twice = with_key_twice(&body, &place);
                    let answer = send(&town, &things, operation, "", Some(twice.clone().into())).await;
                    if problem(&answer)["status"] != 400 {
                        faults.push(format!("{name} takes {twice}: {} {}", answer.status, answer.text));
                    }
                }
                tried += 1;
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(tried > 35, "{tried} objects are too few to be all");
}

/// Objects with arbitrary keys.
const FREE_KEYS: [&str; 2] = ["metadata", "proof_above"];

#[actix_web::test]
async fn unknown_fields_are_refused() {
    let (town, things, operations) = town().await;
    let (mut faults, mut tried) = (Vec::new(), 0);
    for operation in operations.iter().filter(|operation| operation.has_body) {
        let name = format!("{} {}", operation.method, operation.path);
        for body in bodies(&town, &things, &name) {
            let mut places = Vec::new();
            objects(&body, &Vec::new(), &mut places);
            places.retain(|place| place.last().is_none_or(|last| !FREE_KEYS.contains(&last.as_str())));
            for place in places {
                let mut other = body.clone();
                at(&mut other, &place)["nonsense"] = json!(1);
                let answer = send(&town, &things, operation, "", Some(other.to_string().into())).await;
                if problem(&answer)["status"] != 400 || !problem(&answer).to_string().contains("nonsense") {
                    faults.push(format!("{name} takes {other}: {} {}", answer.status, answer.text));
                }
                tried += 1;
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(tried > 30, "{tried} objects are too few to be all");
}

#[actix_web::test]
async fn queries_have_only_documented_parameters_once() {
    let (town, things, operations) = town().await;
    let mut faults = Vec::new();
    for operation in &operations {
        let name = format!("{} {}", operation.method, operation.path);
        let mut wrong = vec![("?nonsense=1".to_owned(), "nonsense".to_owned(), "unknown")];
        for (parameter, is_list) in &operation.query {
            let parameter = parameter.split('[').next().unwrap();
            if !is_list {
                wrong.push((format!("?{parameter}=1&{parameter}=1"), parameter.to_owned(), "repeated"));
            }
        }
        for (query, field, code) in wrong {
            let answer = send(&town, &things, operation, &query, None).await;
            let told = &answer.json["errors"][0];
            if answer.status != 400 || told["field"] != field || told["code"] != code {
                faults.push(format!("{name}{query}: {} {}", answer.status, answer.text));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Some programs put a byte order mark before UTF-8 text.
#[actix_web::test]
async fn a_byte_order_mark_before_a_body_is_ignored() {
    let (town, things, operations) = town().await;
    let mut faults = Vec::new();
    for operation in operations.iter().filter(|operation| operation.has_body) {
        let name = format!("{} {}", operation.method, operation.path);
        for body in bodies(&town, &things, &name) {
            let marked = [b"\xEF\xBB\xBF".as_slice(), body.to_string().as_bytes()].concat();
            let answer = send(&town, &things, operation, "", Some(marked)).await;
            if answer.text.contains("expected value")
                || problem(&answer)["detail"] == "expected value at line 1 column 1"
            {
                faults.push(format!("{name}: {} {}", answer.status, answer.text));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let pay = |amount: u64| json!({ "from": things.mina.account, "to": things.joon.account, "amount": amount });
    let lines = format!("\u{feff}{}\n{}\n", pay(1), pay(2));
    let request = TestRequest::with_uri("/api/v1/transfers/batch").method(Method::POST);
    let request = request.insert_header(town.cookie("mina").await);
    let answer = town.call(request.insert_header(("content-type", "application/x-ndjson")).set_payload(lines)).await;
    assert_eq!(answer.text.matches("\"status\":201").count(), 2, "{}", answer.text);
}

#[actix_web::test]
async fn paths_for_programs_have_no_pages_in_any_spelling() {
    let town = Town::new().await;
    let api = ["/api", "/API", "/Api/v1/meta", "/API/v1/transfers", "//api/v1/meta", "/api/v1/none"];
    let operators = ["/metrics/", "/METRICS", "//metrics", "/healthz/", "/readyz/x", "/Readyz"];
    for path in api.into_iter().chain(operators) {
        let request = TestRequest::with_uri(path).insert_header(("accept", "text/html"));
        let answer = town.call(request).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json["code"]),
            (404, &"not_found".into()),
            "{path}: {}",
            answer.text
        );
    }
}
