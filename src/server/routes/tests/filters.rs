//! What lists of movements can be asked for: direction, several kinds, metadata, a hold, an order by amount, and back again.

use serde_json::{Value, json};

use super::{account, pay, post};
use crate::server::testing::Town;

/// A town in which something happened between two accounts of mina's and joon's.
async fn town() -> (Town, jangbu::AccountNumber) {
    let town = Town::new().await;
    let second = account(&town, "mina", 5).await;
    for (amount, order) in [(300, "a"), (700, "b"), (300, "b"), (50, "c")] {
        let mut wanted = pay(town.mina, town.joon, amount);
        wanted["metadata"] = json!({ "order": order, "shop": "7" });
        assert_eq!(post(&town, "mina", "/transfers", wanted).await.status, 201);
    }
    post(&town, "joon", "/transfers", pay(town.joon, town.mina, 20)).await;
    post(&town, "mina", "/transfers", pay(town.mina, second, 9)).await;
    post(&town, "theo", "/withdrawals", json!({ "from": town.mina.as_str(), "amount": 1 })).await;
    (town, second)
}

async fn amounts(town: &Town, who: &str, path: &str) -> Vec<u64> {
    let answer = town.get(Some(who), path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.json["data"].as_array().unwrap().iter().map(|row| row["amount"].as_u64().unwrap()).collect()
}

#[actix_web::test]
async fn movements_are_found_by_direction_kinds_and_metadata() {
    let (town, second) = town().await;
    let (mina, member) = (town.mina, town.member("mina").id);
    for (who, path, expected) in [
        ("mina", "/transfers?direction=in".to_owned(), vec![9, 20, 5, 100_000]),
        ("mina", "/transfers?direction=out".to_owned(), vec![1, 9, 50, 300, 700, 300]),
        ("mina", format!("/transfers?direction=in&account={second}"), vec![9, 5]),
        ("mina", format!("/transfers?direction=out&account={second}"), vec![]),
        ("joon", "/transfers?direction=out".to_owned(), vec![20]),
        ("auda", format!("/transfers?direction=in&account={mina}"), vec![20, 100_000]),
        ("auda", format!("/admin/transfers?direction=out&member={member}"), vec![1, 9, 50, 300, 700, 300]),
        ("auda", format!("/admin/transfers?direction=in&q={mina}&member={member}"), vec![9, 20, 100_000]),
        ("mina", "/transfers?kind=deposit,withdrawal".to_owned(), vec![1, 5, 100_000]),
        ("mina", "/transfers?kind=transfer&direction=in".to_owned(), vec![9, 20]),
        ("mina", "/transfers?metadata[order]=b".to_owned(), vec![300, 700]),
        ("mina", "/transfers?metadata[order]=b&metadata[shop]=7&least=500".to_owned(), vec![700]),
        ("mina", "/transfers?metadata[order]=B".to_owned(), vec![]),
        ("joon", "/transfers?metadata[order]=b".to_owned(), vec![]),
        ("auda", "/admin/transfers?metadata[shop]=7&order=smallest".to_owned(), vec![50, 300, 300, 700]),
    ] {
        assert_eq!(amounts(&town, who, &path).await, expected, "{path} by {who}");
    }
    for wrong in ["/admin/transfers?direction=in", "/admin/transfers?kind=deposit,", "/admin/transfers?metadata=x"] {
        assert_eq!(town.get(Some("ada"), wrong).await.status, 400, "{wrong}");
    }
}

#[actix_web::test]
async fn pages_go_on_and_back_in_every_order() {
    let (town, _) = town().await;
    let key = |row: &Value| (row["position"].as_u64().unwrap(), row["step"].as_u64());
    for (order, first) in [("newest", 1), ("oldest", 100_000), ("largest", 100_000), ("smallest", 1)] {
        let path = format!("/transfers?order={order}");
        let whole = town.get(Some("mina"), &path).await.json;
        let all: Vec<_> = whole["data"].as_array().unwrap().iter().map(key).collect();
        assert_eq!(whole["data"][0]["amount"], first, "{order}");
        assert!(whole["next"].is_null() && whole.get("previous").is_none());
        let (mut pages, mut cursor, mut back) = (Vec::new(), String::new(), Value::Null);
        loop {
            let page = town.get(Some("mina"), &format!("{path}&limit=2{cursor}")).await.json;
            assert_eq!(page.get("previous").is_none(), cursor.is_empty(), "{page}");
            back = page.get("previous").cloned().unwrap_or(back);
            pages.push(page["data"].as_array().unwrap().iter().map(key).collect::<Vec<_>>());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(pages.concat(), all, "{order}");
        // From the last page back to the first, and from there on again.
        let mut before = pages.len() - 1;
        while let Some(previous) = back.as_str() {
            before -= 1;
            let page = town.get(Some("mina"), &format!("{path}&limit=2&cursor={previous}")).await.json;
            let found: Vec<_> = page["data"].as_array().unwrap().iter().map(key).collect();
            assert_eq!(found, pages[before], "{order}, page {before}");
            let next = page["next"].as_str().unwrap();
            let on = town.get(Some("mina"), &format!("{path}&limit=2&cursor={next}")).await.json;
            assert_eq!(
                on["data"].as_array().unwrap().iter().map(key).collect::<Vec<_>>(),
                pages[before + 1],
                "{order}"
            );
            back = page.get("previous").cloned().unwrap_or_default();
        }
        assert_eq!(before, 0, "{order}");
        let file = town.send_with("mina", actix_web::http::Method::GET, &path, None, &[("accept", "text/csv")]).await;
        let positions: Vec<u64> =
            file.text.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
        assert_eq!(positions, all.iter().map(|(position, _)| *position).collect::<Vec<_>>(), "the file by {order}");
    }
    let newest = town.get(Some("mina"), "/transfers?limit=2").await.json["next"].as_str().unwrap().to_owned();
    let other = format!("/transfers?order=largest&cursor={newest}");
    assert_eq!(town.get(Some("mina"), &other).await.status, 400, "a cursor is that of one order");
}

#[actix_web::test]
async fn what_became_of_a_hold_is_found_by_it_and_named_when_it_is_to_be_taken_back() {
    let town = Town::new().await;
    let mut order = pay(town.mina, town.joon, 900);
    order["sender_label"] = "hotel".into();
    order["reference"] = "room 7".into();
    order["metadata"] = json!({ "booking": "12" });
    let hold = post(&town, "theo", "/holds", order).await.json["id"].as_str().unwrap().to_owned();
    let path = format!("/transfers/{hold}/settle");
    let first = post(&town, "theo", &path, json!({ "amount": 300, "keep_rest": true })).await.json;
    assert_eq!(
        (&first["id"], &first["status"], &first["captured"]),
        (&hold.clone().into(), &"held".into(), &300.into())
    );
    let captures = [
        first["settlement"].as_str().unwrap().to_owned(),
        post(&town, "theo", &path, json!({ "amount": 200, "keep_rest": true })).await.json["settlement"]
            .as_str()
            .unwrap()
            .to_owned(),
    ];
    let voided = post(&town, "theo", &format!("/transfers/{hold}/void"), json!({ "reason": "left early" })).await.json;
    assert_eq!((&voided["status"], &voided["captured"]), (&"partly_settled".into(), &500.into()), "{voided}");
    let found = town.get(Some("mina"), &format!("/transfers?hold={hold}&order=oldest")).await.json;
    let rows: Vec<_> = found["data"].as_array().unwrap().iter().map(|row| (&row["kind"], &row["status"])).collect();
    assert_eq!(
        rows,
        [
            (&"settlement".into(), &"posted".into()),
            (&"settlement".into(), &"posted".into()),
            (&"release".into(), &"voided".into())
        ]
    );
    for row in found["data"].as_array().unwrap() {
        assert_eq!((&row["sender_label"], &row["reference"]), (&"hotel".into(), &"room 7".into()), "{row}");
        assert_eq!((&row["metadata"], &row["hold"]), (&json!({ "booking": "12" }), &hold.clone().into()), "{row}");
    }
    for text in ["text=hotel", "text=ROOM", "metadata[booking]=12"] {
        let found = town.get(Some("mina"), &format!("/transfers?{text}&kind=settlement")).await.json;
        assert_eq!(found["data"].as_array().unwrap().len(), 2, "{text}");
    }
    let entries = town.get(Some("mina"), &format!("/accounts/{}/entries?text=room&limit=2", town.mina)).await.json;
    let kinds =
        |page: &Value| page["data"].as_array().unwrap().iter().map(|it| it["kind"].to_string()).collect::<Vec<_>>();
    assert_eq!(kinds(&entries), ["\"released\"", "\"settled_out\""]);
    let next = entries["next"].as_str().unwrap();
    let path = format!("/accounts/{}/entries?text=room&limit=2&cursor={next}", town.mina);
    let more = town.get(Some("mina"), &path).await.json;
    assert_eq!(kinds(&more), ["\"settled_out\"", "\"hold_out\""]);
    let next = more["next"].as_str().unwrap();
    let path = format!("/accounts/{}/entries?text=room&limit=2&cursor={next}", town.mina);
    let rest = town.get(Some("mina"), &path).await.json;
    assert_eq!((kinds(&rest).len(), &rest["next"]), (0, &Value::Null));
    let none = town.get(Some("mina"), &format!("/accounts/{}/entries?text=early", town.mina)).await.json;
    assert_eq!(none["data"], json!([]), "a reason is the bank's own");
    // Which of the captures is to be taken back has to be said, and they are named.
    let back = post(&town, "theo", &format!("/transfers/{hold}/reverse"), json!({})).await;
    assert_eq!((back.status.as_u16(), &back.json["code"]), (422, &"several_captures".into()), "{}", back.text);
    let named: Vec<_> =
        back.json["figures"]["captures"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(named, captures);
    let taken = post(&town, "theo", &format!("/transfers/{}/reverse", captures[1]), json!({ "amount": 50 })).await.json;
    assert_eq!((&taken["original"], &taken["original_step"]), (&captures[1].clone().into(), &0.into()));
    let capture = town.get(Some("joon"), &format!("/transfers/{}", captures[1])).await.json;
    assert_eq!((&capture["reversed"], &capture["reversals"]), (&50.into(), &json!([taken["id"]])));
    assert_eq!((&capture["reference"], &capture["sender_label"]), (&"room 7".into(), &Value::Null));
}

#[actix_web::test]
async fn a_statement_is_searched_by_all_that_it_shows_and_its_file_has_what_was_found() {
    let town = Town::new().await;
    let mut order = pay(town.mina, town.joon, 1_234);
    (order["sender_label"], order["reference"]) = ("Caf\u{e9}".into(), "room 7".into());
    order["end_to_end_id"] = "E2E-77".into();
    assert_eq!(post(&town, "mina", "/transfers", order).await.status, 201);
    assert_eq!(post(&town, "mina", "/transfers", pay(town.mina, town.joon, 5)).await.status, 201);
    let path = format!("/accounts/{}/entries", town.mina);
    let joon = town.joon.to_string();
    let masked = town.get(Some("mina"), &path).await.json["data"][0]["counterparty_name"].as_str().unwrap().to_owned();
    for (text, count) in [
        ("CAFE%CC%81", 1),
        ("room", 1),
        ("e2e-77", 1),
        ("1,234", 1),
        ("-1234", 1),
        ("234", 0),
        (&*joon, 2),
        (&joon.replace('-', "")[..6], 2),
        (&masked.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>(), 2),
        ("nothing", 0),
    ] {
        let found = town.get(Some("mina"), &format!("{path}?text={text}")).await.json;
        let positions: Vec<String> =
            found["data"].as_array().unwrap().iter().map(|entry| entry["position"].to_string()).collect();
        assert_eq!(positions.len(), count, "{text}: {found}");
        let csv = town.get(Some("mina"), &format!("{path}?text={text}&format=csv")).await.text;
        let rows: Vec<String> = csv.lines().skip(1).map(|row| row.split(',').nth(1).unwrap().to_owned()).collect();
        assert_eq!(rows, positions, "the file of {text}");
    }
}

#[actix_web::test]
async fn a_statement_is_read_on_and_back() {
    let town = Town::new().await;
    for amount in 1..=10 {
        assert_eq!(post(&town, "mina", "/transfers", pay(town.mina, town.joon, amount)).await.status, 201);
    }
    let path = format!("/accounts/{}/entries?limit=3", town.mina);
    let read = async |cursor: &Value| {
        let cursor = cursor.as_str().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        town.get(Some("mina"), &format!("{path}{cursor}")).await.json
    };
    let mut pages = vec![read(&Value::Null).await];
    while pages.last().unwrap()["next"].is_string() {
        pages.push(read(&pages.last().unwrap()["next"]).await);
    }
    assert!(pages.len() > 3 && pages[0].get("previous").is_none(), "{pages:?}");
    for pair in pages.windows(2) {
        let back = read(&pair[1]["previous"]).await;
        assert_eq!((&back["data"], &back["next"]), (&pair[0]["data"], &pair[0]["next"]));
    }
    // What happened meanwhile is on pages before the first.
    assert_eq!(post(&town, "mina", "/transfers", pay(town.mina, town.joon, 77)).await.status, 201);
    let first = read(&pages[1]["previous"]).await;
    let newer = read(&first["previous"]).await;
    assert_eq!(newer["data"].as_array().unwrap().iter().map(|it| &it["change"]).collect::<Vec<_>>(), [&json!(-77)]);
    assert_eq!(read(&newer["next"]).await["data"], pages[0]["data"]);
    let of_file = format!("{path}&format=csv&cursor={}", pages[1]["previous"].as_str().unwrap());
    assert_eq!(town.get(Some("mina"), &of_file).await.status, 400);
}
