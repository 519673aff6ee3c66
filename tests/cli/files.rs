//! Exports for spreadsheets: the same rows as CSV, workbook and JSON, and no formulas.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use serde_json::Value;

use super::program::Scratch;

/// Creates a bank with accounts whose numbers begin with zeros, and labels that look like formulas.
fn bank() -> Scratch {
    let bank = Scratch::new();
    for (number, currency) in [("000123", "KRW"), ("0-1", "KRW"), ("000456", "EUR")] {
        bank.run(&["open", "--owner", "mina", "--number", number, "--currency", currency]).succeeded();
    }
    bank.run(&["deposit", "000456", "1234.50", "--label", "=1+1"]).succeeded();
    for (amount, label) in [("5000", "@SUM(1)"), ("700", "＝2"), ("30", "rent")] {
        bank.run(&["deposit", "000123", amount, "--label", label]).succeeded();
    }
    bank.run(&["transfer", "000123", "0-1", "200", "--label=-3"]).succeeded();
    bank
}

fn bytes(bank: &Scratch, arguments: &[&str]) -> Vec<u8> {
    let output = bank.command(arguments).output().expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

/// Parses a CSV file, without the apostrophes before texts that look like formulas.
fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let plain = |field: &str| field.strip_prefix('\'').unwrap_or(field).to_owned();
    reader.records().map(|row| row.expect("a row").iter().map(plain).collect()).collect()
}

#[test]
fn every_list_has_the_same_rows_in_every_format() {
    let bank = bank();
    for (list, key) in [
        (&["accounts"][..], "number"),
        (&["statement", "000123"], "label"),
        (&["statement", "000123", "--from", "2001-01-01", "--to", "2199-01-01"], "reference"),
        (&["transfers"], "id"),
        (&["transfers", "--account", "000123", "--least", "500", "--kind", "deposit"], "id"),
        (&["trial-balance"], "currency"),
        (&["trial-balance", "--accounts"], "number"),
        (&["account", "000456"], "number"),
        (&["hold", "list", "000123"], "id"),
        (&["schedule", "list"], "id"),
        (&["config"], "key"),
    ] {
        let run = |format: &str| bytes(&bank, &[list, &["--format", format]].concat());
        let rows = csv_rows(&String::from_utf8(run("csv")).unwrap());
        let json: Value = serde_json::from_slice(&run("json")).unwrap();
        let objects = json.as_array().cloned().unwrap_or_else(|| vec![json.clone()]);
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(run("xlsx"))).expect("a workbook");
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        assert_eq!(rows.len(), objects.len() + 1, "{list:?}");
        assert_eq!(sheet.height(), rows.len(), "{list:?}");
        let key = rows[0].iter().position(|name| name == key).expect("the column");
        for (at, row) in rows.iter().enumerate() {
            for (column, text) in row.iter().enumerate() {
                let place = (u32::try_from(at).unwrap(), u32::try_from(column).unwrap());
                let cell = sheet.get_value(place).cloned().unwrap_or(Data::Empty);
                let name = rows[0][column].as_str();
                match cell {
                    Data::Empty => assert_eq!(text, "", "{list:?} {name}"),
                    Data::String(found) => assert_eq!(&found, text, "{list:?} {name}"),
                    Data::Bool(found) => assert_eq!(&found.to_string(), text, "{list:?} {name}"),
                    Data::Float(found) => assert_eq!(Ok(found), text.parse(), "{list:?} {name}"),
                    Data::DateTime(found) => {
                        let (year, month, day, hour, ..) = found.to_ymd_hms_milli();
                        let date = format!("{year:04}-{month:02}-{day:02}");
                        let is_time = name.ends_with("_at");
                        let expected = if is_time { format!("{date}T{hour:02}") } else { date };
                        assert!(text.starts_with(&expected), "{list:?} {name}: {text} {expected}");
                    }
                    other => panic!("{list:?} {name}: {other:?}"),
                }
                if at > 0 && column == key {
                    assert!(objects.iter().any(|object| object[name] == **text || text.is_empty()), "{list:?} {text}");
                }
                if matches!(name, "posted" | "change" | "balance" | "amount" | "fee") && at > 0 && !text.is_empty() {
                    let is_number = matches!(sheet.get_value(place), Some(Data::Float(_)));
                    assert!(is_number, "{list:?} {name}: {text} is no number");
                }
            }
        }
    }
}

#[test]
fn texts_are_not_formulas_and_amounts_are_not_texts() {
    let bank = bank();
    let csv = bank.run(&["statement", "000123", "--format", "csv"]).succeeded();
    for cell in [",'-3,", ",'@SUM(1),", ",'＝2,", ",-200,"] {
        assert!(csv.contains(cell), "{cell}: {csv}");
    }
    let receipt = bank.run(&["withdraw", "000456", "34.50", "--format", "csv"]).succeeded();
    assert!(receipt.contains(",EUR,34.50,0.00,1200.00"), "{receipt}");
    let accounts = bank.run(&["accounts", "--format", "csv"]).succeeded();
    assert!(accounts.contains("\nCASH-KRW,") && accounts.contains(",KRW,-5730,"), "{accounts}");
    for list in [&["transfers"][..], &["statement", "000123"], &["accounts"], &["hold", "list", "000123"]] {
        let text = bank.run(&[list, &["--format", "csv", "--no-bom"]].concat()).succeeded();
        assert!(text.is_ascii() || !text.starts_with('\u{feff}'), "{text}");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        for field in reader.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()) {
            let is_number = field.parse::<f64>().is_ok();
            assert!(is_number || !field.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{list:?}: {field}");
        }
    }
}

#[test]
fn times_are_in_the_banks_time_zone_unless_utc_is_requested() {
    let bank = bank();
    let at = |more: &[&str], prefix: &str| {
        let text = bank.run(&[&["account", "000123"], more].concat()).succeeded();
        text.lines().find_map(|line| line.strip_prefix(prefix)).expect("the line").trim().to_owned()
    };
    let (here, utc) = (at(&[], "opened_at"), at(&["--utc"], "opened_at"));
    assert!(here.ends_with("+09:00") && utc.ends_with('Z'), "{here} {utc}");
    let read = |text: &str| text.parse::<jangbu::Timestamp>().unwrap();
    assert_eq!(read(&here), read(&utc));
    // JSON has UTC in any case.
    let json = bank.run(&["account", "000123", "--format", "json"]).json();
    assert_eq!(json["opened_at"], *utc);
}
