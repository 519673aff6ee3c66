//! Every list as a file: the same rows in every form, complete, and nothing that a spreadsheet runs.

use std::io::Cursor;

use actix_web::http::Method;
use calamine::{Data, Reader, Xlsx};
use jangbu::{AccountNumber, Command, Currency, OpenAccount, OwnerId};
use serde_json::{Value, json};

use super::*;

/// More accounts than any list held at once.
const MANY: usize = 100_200;

fn csv_rows(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let text = answer.text.strip_prefix('\u{feff}').unwrap_or_else(|| panic!("no byte order mark: {}", answer.text));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let plain = |field: &str| field.strip_prefix('\'').unwrap_or(field).to_owned();
    reader.records().map(|row| row.unwrap().iter().map(plain).collect()).collect()
}

/// A town with a euro account whose number begins with zeros, and with labels that begin like formulas.
async fn town() -> Town {
    let town = Town::new().await;
    let euro: Currency = "EUR".parse().unwrap();
    let number = AccountNumber::new("000123").unwrap();
    let open = OpenAccount { currency: Some(euro), ..OpenAccount::new(town.member("mina").owner()) };
    town.service.bank.open_account(open.with_number(number)).await.unwrap();
    town.service.bank.deposit(CashPosting::new(number, Amount::new(123_450).unwrap())).await.unwrap();
    for (amount, label) in [(300, "=1+1"), (40, "-3"), (5, "rent")] {
        let mut request = pay(town.mina, town.joon, amount);
        request["sender_label"] = label.into();
        assert_eq!(post(&town, "mina", "/transfers", request).await.status, 201);
    }
    town
}

#[actix_web::test]
async fn every_list_has_the_same_rows_in_every_form() {
    let town = town().await;
    let own = format!("/accounts/{}/entries", town.mina);
    let searched = format!("/admin/transfers?account={}&text=%3D1", town.mina);
    for (who, path, key) in [
        ("mina", own.as_str(), "id"),
        ("mina", "/accounts/000123/entries", "id"),
        ("mina", "/transfers", "id"),
        ("mina", "/transfers?kind=transfer&least=40", "id"),
        ("theo", "/admin/transfers", "id"),
        ("theo", &searched, "id"),
        ("theo", "/admin/accounts", "number"),
        ("theo", "/admin/accounts?q=mina&sort=-posted", "number"),
        ("theo", "/admin/members?role=member", "username"),
        ("theo", "/admin/account-types", "code"),
        ("ada", "/admin/audit?object=member", "id"),
        ("ada", "/admin/tokens", "id"),
    ] {
        let with = |form: &str| format!("{path}{}format={form}", if path.contains('?') { '&' } else { '?' });
        let page = town.get(Some(who), &with("json")).await.json;
        let objects = page["data"].as_array().unwrap_or_else(|| panic!("{path}: {page}")).clone();
        let rows = csv_rows(&town.get(Some(who), &with("csv")).await);
        let workbook = town.get(Some(who), &with("xlsx")).await;
        assert_eq!(workbook.status, 200, "{path}: {}", workbook.text);
        assert!(header(&workbook, "content-type").contains("spreadsheetml"), "{path}");
        assert!(header(&workbook, "content-disposition").ends_with(".xlsx\""), "{path}");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(workbook.bytes.clone())).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        assert_eq!((rows.len(), sheet.height()), (objects.len() + 1, objects.len() + 1), "{path}");
        let column = |name: &str| rows[0].iter().position(|found| found == name);
        let keys: Vec<&str> = rows[1..].iter().map(|row| row[column(key).unwrap()].as_str()).collect();
        let expected: Vec<&str> = objects.iter().map(|object| object[key].as_str().unwrap()).collect();
        assert_eq!(keys, expected, "{path}");
        for (at, row) in rows.iter().enumerate() {
            for (column, text) in row.iter().enumerate() {
                let name = rows[0][column].as_str();
                match sheet.get_value((at as u32, column as u32)).cloned().unwrap_or(Data::Empty) {
                    Data::Empty => assert_eq!(text, "", "{path} {name}"),
                    Data::String(found) => assert_eq!(&found, text, "{path} {name}"),
                    Data::Bool(found) => assert_eq!(&found.to_string(), text, "{path} {name}"),
                    Data::Float(found) => assert_eq!(Ok(found), text.parse(), "{path} {name}"),
                    Data::DateTime(found) => {
                        let (year, month, day, ..) = found.to_ymd_hms_milli();
                        assert!(text.starts_with(&format!("{year:04}-{month:02}-{day:02}")), "{path} {name}: {text}");
                    }
                    other => panic!("{path} {name}: {other:?}"),
                }
            }
        }
        for name in ["created_at", "recorded_at", "opened_at", "joined_at", "at"] {
            let Some(column) = column(name) else { continue };
            assert!(rows[1..].iter().all(|row| row[column].ends_with("+09:00")), "{path} {name}: {rows:?}");
        }
        assert!(column("scale").is_none(), "{path}: amounts are decimals");
    }
}

#[actix_web::test]
async fn files_have_decimals_and_no_formula_and_the_mark_can_be_left_out() {
    let town = town().await;
    let euros = csv_rows(&town.get(Some("mina"), "/accounts/000123/entries?format=csv").await);
    let column = |name: &str| euros[0].iter().position(|found| found == name).unwrap();
    let deposit = &euros[1];
    assert_eq!((deposit[column("account")].as_str(), deposit[column("change")].as_str()), ("000123", "1234.50"));
    assert_eq!(deposit[column("currency")], "EUR");
    let path = format!("/accounts/{}/entries?format=csv&bom=false", town.mina);
    let text = town.get(Some("mina"), &path).await.text;
    assert!(text.starts_with("account,position,"), "{text}");
    assert!(text.contains(",-300,0,99700,KRW,'=1+1,") && text.contains(",-40,0,99660,KRW,'-3,"), "{text}");
    let accepted = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, text/csv;q=0.5";
    let workbook = town.send_with("mina", Method::GET, "/transfers", None, &[("accept", accepted)]).await;
    assert!(workbook.bytes.starts_with(b"PK"), "{}", workbook.text);
    for wrong in ["format=pdf", "bom=maybe"] {
        assert_eq!(town.get(Some("mina"), &format!("/transfers?{wrong}")).await.status, 400, "{wrong}");
    }
}

#[actix_web::test]
async fn lists_of_accounts_have_no_silent_end() {
    let town = Town::new().await;
    let owner = OwnerId::new("many").unwrap();
    let open = |at: usize| {
        let number = AccountNumber::new(&format!("A-{at:06}")).unwrap();
        Command::OpenAccount(Box::new(OpenAccount::new(owner).with_number(number)))
    };
    let numbers: Vec<usize> = (0..MANY).collect();
    for batch in numbers.chunks(8_000) {
        town.service.bank.submit(batch.iter().copied().map(open).collect()).await.unwrap();
    }
    let last = AccountNumber::new("Z-LAST").unwrap();
    town.service.bank.open_account(OpenAccount::new(owner).with_number(last)).await.unwrap();
    town.service.bank.deposit(CashPosting::new(last, Amount::new(777).unwrap())).await.unwrap();
    // The bank's own two, mina's and joon's.
    let all = MANY as u64 + 5;

    let richest = town.get(Some("ada"), "/admin/accounts?sort=-posted&limit=3").await.json;
    assert_eq!((&richest["total"], &richest["data"][2]["number"]), (&json!(all), &json!("Z-LAST")));
    let won = &richest["totals"]["currencies"][0];
    assert_eq!((&won["accounts"], &won["posted"]), (&json!(all), &json!(0)), "{won}");
    assert_eq!(richest["counts"]["status"], json!({ "open": all }));
    let found = town.get(Some("theo"), "/admin/accounts?q=Z-LAST").await.json;
    assert_eq!((&found["total"], &found["data"][0]["posted"]), (&json!(1), &json!(777)));

    for path in ["/admin/accounts?format=csv", "/admin/accounts?format=csv&sort=-posted,number"] {
        let rows = csv_rows(&town.get(Some("ada"), path).await);
        let numbers: std::collections::BTreeSet<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
        assert_eq!((rows.len() as u64, numbers.len() as u64), (all + 1, all), "{path}");
    }

    // Who looks for an account reads that account.
    let read = town.get(Some("ada"), &format!("/admin/audit?member={}", town.member("theo").id)).await.json;
    assert_eq!((&read["data"][0]["action"], &read["data"][0]["object_id"]), (&json!("account.read"), &json!("Z-LAST")));
}

#[actix_web::test]
async fn whoever_finds_an_account_s_movements_by_its_number_reads_the_account() {
    let town = town().await;
    // The same read is written down once a minute, so each is of an account of its own.
    for (query, account) in [(format!("account={}", town.mina), town.mina), (format!("q={}", town.joon), town.joon)] {
        assert_eq!(town.get(Some("theo"), &format!("/admin/transfers?{query}")).await.status, 200);
        let read = town.get(Some("ada"), &format!("/admin/audit?member={}&limit=1", town.member("theo").id)).await.json;
        let entry: &Value = &read["data"][0];
        assert_eq!((&entry["action"], &entry["object_id"]), (&json!("account.read"), &json!(account)), "{query}");
    }
}

#[actix_web::test]
async fn a_file_of_the_audit_log_is_complete() {
    let town = Town::new().await;
    for _ in 0..1_200 {
        let entry = crate::server::audit::Entry {
            action: "account.read".into(),
            object: "account".into(),
            id: town.mina.to_string(),
            before: None,
            after: None,
            command: None,
        };
        town.service.audit.write(&crate::server::audit::Actor::console(), entry).await.unwrap();
    }
    let rows = csv_rows(&town.get(Some("ada"), "/admin/audit?object=account&format=csv").await);
    assert_eq!(rows.len(), 1_201);
    let ids: std::collections::BTreeSet<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(ids.len(), 1_200);
}
