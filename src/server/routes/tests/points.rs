//! Points in time: every field that names one takes a day of the bank and a moment.

use std::collections::BTreeSet;

use jangbu::{Timestamp, time::When};

use super::*;

/// Fields that name a business date and no point in time, and answers that are sent back.
const DATES: [&str; 2] = ["starts_on", "ends_on"];

/// A field that takes a point in time, and what it makes of a day.
struct Field {
    name: &'static str,
    /// The day that is named, from now.
    in_days: i64,
    day: Day,
    /// Whether `9999-12-31` is accepted.
    endless: bool,
}

/// What a day stands for.
#[derive(Clone, Copy, PartialEq)]
enum Day {
    Begin,
    End,
}

/// One per field, in the order of [`ask`].
const FIELDS: [Field; 14] = [
    Field { name: "POST /holds expires_at", in_days: 40, day: Day::End, endless: true },
    Field { name: "POST /linked steps.expires_at", in_days: 40, day: Day::End, endless: true },
    Field { name: "POST /transfers/{id}/amend expires_at", in_days: 40, day: Day::End, endless: false },
    Field { name: "POST /me/tokens expires_at", in_days: 40, day: Day::End, endless: false },
    Field { name: "POST /me/schedules rule.at", in_days: 40, day: Day::Begin, endless: false },
    Field { name: "GET /transfers from", in_days: 0, day: Day::Begin, endless: false },
    Field { name: "GET /transfers to", in_days: 0, day: Day::End, endless: true },
    Field { name: "GET /accounts/{number}/entries from", in_days: 0, day: Day::Begin, endless: false },
    Field { name: "GET /accounts/{number}/entries to", in_days: 0, day: Day::End, endless: true },
    Field { name: "GET /admin/transfers from", in_days: 0, day: Day::Begin, endless: false },
    Field { name: "GET /admin/transfers to", in_days: 0, day: Day::End, endless: true },
    Field { name: "GET /admin/audit from", in_days: 0, day: Day::Begin, endless: false },
    Field { name: "GET /admin/audit to", in_days: 0, day: Day::End, endless: true },
    Field { name: "GET /accounts/{number}/balance at", in_days: 0, day: Day::End, endless: true },
];

/// Names a point in time in a field. Gives the answer, the field that an error names, and the moment that came of it where
/// the answer shows it.
async fn ask(town: &Town, field: &Field, text: &str) -> (Answer, String) {
    let (operation, name) = field.name.rsplit_once(' ').unwrap();
    let (method, path) = operation.split_once(' ').unwrap();
    let path = path.replace("{number}", town.mina.as_str());
    let answer = match (method, path.as_str()) {
        ("GET", path) => {
            let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let who = if path.starts_with("/admin") { "ada" } else { "mina" };
            town.get(Some(who), &format!("{path}?{name}={text}")).await
        }
        (_, "/holds") => {
            let mut hold = pay(town.mina, town.joon, 1);
            hold["expires_at"] = text.into();
            post(town, "theo", "/holds", hold).await
        }
        (_, "/linked") => {
            let mut step = pay(town.mina, town.joon, 1);
            (step["type"], step["expires_at"]) = ("hold".into(), text.into());
            let answer = post(town, "theo", "/linked", json!({ "steps": [step] })).await;
            // A step is read whole, once its kind is known: an error names the step.
            return (answer, "steps[0]".to_owned());
        }
        (_, "/transfers/{id}/amend") => {
            let placed = post(town, "theo", "/holds", pay(town.mina, town.joon, 1)).await.json;
            let path = format!("/transfers/{}/amend", placed["id"].as_str().unwrap());
            post(town, "theo", &path, json!({ "expires_at": text })).await
        }
        (_, "/me/tokens") => {
            post(town, "mina", "/me/tokens", json!({ "name": "t", "scopes": ["read"], "expires_at": text })).await
        }
        (_, "/me/schedules") => {
            let mut order = pay(town.mina, town.joon, 1);
            order["rule"] = json!({ "every": "once", "at": text });
            post(town, "mina", "/me/schedules", order).await
        }
        (method, path) => panic!("{method} {path}"),
    };
    (answer, name.to_owned())
}

/// The moment that an answer to [`ask`] shows; `None` where it shows none.
fn shown(answer: &Answer) -> Option<Timestamp> {
    let json = &answer.json;
    let step = &json["transfers"][0];
    let found = [&json["expires_at"], &step["expires_at"], &json["token"]["expires_at"], &json["rule"]["at"]];
    found.into_iter().find_map(Value::as_str).map(|text| text.parse().unwrap())
}

#[actix_web::test]
async fn every_point_in_time_is_a_day_of_the_bank_or_a_moment() {
    let town = Town::new().await;
    let zone = town.service.time_zone().clone();
    for field in &FIELDS {
        let now = town.service.time.now();
        let date = now.to_jiff().to_zoned(zone.clone()).date().saturating_add(jiff::Span::new().days(field.in_days));
        let day: When = date.to_string().parse().unwrap();
        let (begin, end) = (day.begin(&zone).unwrap(), day.end(&zone).unwrap().unwrap());
        let of_day = if field.day == Day::Begin { begin } else { end };
        let offset = begin.to_jiff().to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        let named = [(date.to_string(), of_day), (begin.to_string(), begin), (offset, begin)];
        for (text, expected) in named {
            let (answer, _) = ask(&town, field, &text).await;
            assert!(answer.status.is_success(), "{} {text}: {}", field.name, answer.text);
            if !field.name.starts_with("GET") {
                assert_eq!(shown(&answer), Some(expected), "{} {text}: {}", field.name, answer.text);
            }
        }
        let (endless, name) = ask(&town, field, "9999-12-31").await;
        assert_eq!(endless.status.is_success(), field.endless, "{}: {}", field.name, endless.text);
        if field.endless {
            assert_eq!(shown(&endless), None, "{}: {}", field.name, endless.text);
        } else {
            assert_eq!(endless.json["errors"][0]["field"], *name, "{}", endless.text);
        }
        for wrong in ["2300-01-01", "2300-01-01T00:00:00Z", "2026-11-22T09:00:00", "20261122", "2026-13-01", "soon", ""]
        {
            let (answer, name) = ask(&town, field, wrong).await;
            assert_eq!(answer.status, 400, "{} {wrong:?}: {}", field.name, answer.text);
            assert_eq!(answer.json["errors"][0]["field"], *name, "{} {wrong:?}: {}", field.name, answer.text);
        }
    }
}

/// A day is meant as a whole: what happens on it is within a period that begins or ends with it.
#[actix_web::test]
async fn a_day_is_wholly_within_every_list() {
    let town = Town::new().await;
    post(&town, "mina", "/transfers", pay(town.mina, town.joon, 1)).await;
    let today = town.service.time.now().to_jiff().to_zoned(town.service.time_zone().clone()).date();
    let number = town.mina;
    for (who, path) in [
        ("mina", "/transfers".to_owned()),
        ("mina", format!("/accounts/{number}/entries")),
        ("ada", "/admin/transfers".to_owned()),
        ("ada", "/admin/audit".to_owned()),
    ] {
        // What is audited is there before it is asked for.
        town.get(Some("ada"), "/admin/audit").await;
        let (before, after) = (today.yesterday().unwrap(), today.tomorrow().unwrap());
        for (query, any) in [
            (format!("from={today}&to={today}"), true),
            (format!("to={before}"), false),
            (format!("from={after}"), false),
        ] {
            let answer = town.get(Some(who), &format!("{path}?{query}")).await;
            let rows = answer.json["data"].as_array().unwrap_or_else(|| panic!("{path} {query}: {}", answer.text));
            assert_eq!(!rows.is_empty(), any, "{path}?{query}: {}", answer.text);
        }
    }
}

/// Whether a schema, or one of its parts, is text with a format of dates.
fn is_dated(schema: &Value) -> bool {
    match schema {
        Value::Object(fields) => {
            matches!(fields.get("format").and_then(Value::as_str), Some("date" | "date-time"))
                || fields.values().any(is_dated)
        }
        Value::Array(items) => items.iter().any(is_dated),
        _ => false,
    }
}

/// The fields of a schema that name points in time, those of the schemas it refers to included.
fn points(document: &Value, schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    let followed = |reference: &str| document.pointer(reference.trim_start_matches('#')).unwrap();
    match schema {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                if reference.ends_with("/DayOrMoment") {
                    found.insert(path.to_owned());
                } else {
                    points(document, followed(reference), path, found);
                }
                return;
            }
            for (name, property) in fields.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                if is_dated(property) && !DATES.contains(&name.as_str()) {
                    panic!("{path} takes dates or moments, and not both");
                }
                points(document, property, &path, found);
            }
            for (_, part) in fields.iter().filter(|(name, _)| *name != "properties") {
                points(document, part, path, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| points(document, item, path, found)),
        _ => {}
    }
}

/// A new field that takes a point in time belongs into [`FIELDS`], and into the document with the schema of all.
#[test]
fn the_document_has_the_same_schema_for_every_point_in_time() {
    let document = serde_json::to_value(crate::server::openapi::document()).unwrap();
    let mut found = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let operation_name = format!("{} {}", method.to_uppercase(), path.trim_start_matches("/api/v1"));
            let mut here = BTreeSet::new();
            points(&document, &operation["requestBody"], "", &mut here);
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                assert!(
                    !is_dated(&parameter["schema"]),
                    "{operation_name} {name} takes dates or moments, and not both"
                );
                points(&document, &parameter["schema"], name, &mut here);
            }
            found.extend(here.into_iter().map(|name| format!("{operation_name} {name}")));
        }
    }
    let other = found.iter().filter(|name| !FIELDS.iter().any(|field| field.name == **name)).collect::<Vec<_>>();
    // The same parameters as another list has, by the same type.
    let same = |name: &str| {
        ["/me/transfers", "/admin/trial-balance", "/admin/accounts/{number}/entries", "/admin/transfers"]
            .iter()
            .any(|path| name.contains(path))
    };
    assert!(other.iter().all(|name| same(name)), "{other:?}");
    let missing: Vec<_> = FIELDS.iter().filter(|field| !found.contains(field.name)).map(|field| field.name).collect();
    assert_eq!(missing, [] as [&str; 0]);
}
