//! Writes the same rows as CSV and as a workbook, and reads them back with another library.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use jangbu::{Currency, Timestamp};
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::*;

const COLUMNS: [&str; 7] = ["number", "label", "amount", "recorded_at", "date", "position", "flag"];

fn seoul() -> Style {
    Style { zone: TimeZone::get("Asia/Seoul").unwrap(), bom: true }
}

fn money(units: i128, code: &str, scale: u8) -> Cell {
    Cell::Money { units, scale, currency: Currency::new(code).unwrap() }
}

fn rows() -> Vec<Vec<Cell>> {
    let at: Timestamp = "2026-11-30T16:00:00.123456789Z".parse().unwrap();
    vec![
        vec![
            Cell::text("000123"),
            Cell::text("=HYPERLINK(\"http://x\")"),
            money(-123_450, "EUR", 2),
            Cell::Time(at),
            Cell::Date(date(2026, 12, 1)),
            Cell::Number(7),
            Cell::Flag(true),
        ],
        vec![
            Cell::text("-5"),
            Cell::text("a,\"b\"\nc"),
            money(9_007_199_254_740_991, "KRW", 0),
            Cell::Missing,
            Cell::Date(date(1899, 1, 1)),
            Cell::number(u64::MAX),
            Cell::Flag(false),
        ],
    ]
}

fn csv(style: Style, rows: &[Vec<Cell>]) -> String {
    let mut file = CsvRows::begin(Vec::new(), &COLUMNS, style).unwrap();
    rows.iter().for_each(|row| file.add(row).unwrap());
    String::from_utf8(file.into_bytes()).unwrap()
}

#[test]
fn csv_has_numbers_times_with_their_offset_and_no_formula() {
    let text = csv(seoul(), &rows());
    let expected = "\u{feff}number,label,amount,recorded_at,date,position,flag\n\
        000123,\"'=HYPERLINK(\"\"http://x\"\")\",-1234.50,2026-12-01T01:00:00.123456789+09:00,2026-12-01,7,true\n\
        '-5,\"a,\"\"b\"\"\nc\",9007199254740991,,1899-01-01,18446744073709551615,false\n";
    assert_eq!(text, expected);
    let utc = csv(Style { zone: TimeZone::UTC, bom: false }, &rows());
    assert!(utc.starts_with("number,") && utc.contains(",2026-11-30T16:00:00.123456789Z,"), "{utc}");
}

#[test]
fn only_text_that_looks_like_a_formula_is_changed() {
    let style = Style { zone: TimeZone::UTC, bom: false };
    for (text, shown) in [
        ("=1+1", "'=1+1"),
        ("+82 10", "'+82 10"),
        ("-2", "'-2"),
        ("@sum", "'@sum"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("\u{3000}=1", "'\u{3000}=1"),
        ("＝1", "'＝1"),
        ("rent = 5", "rent = 5"),
        ("", ""),
    ] {
        let mut file = CsvRows::resume(Vec::new(), style.clone());
        file.add(&[Cell::text("A"), Cell::text(text)]).unwrap();
        let bytes = file.into_bytes();
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
        assert_eq!(reader.records().next().unwrap().unwrap().get(1), Some(shown));
    }
}

fn workbook(rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut file = Workbook::begin(&COLUMNS, seoul()).unwrap();
    rows.iter().for_each(|row| file.add(row).unwrap());
    let mut bytes = Cursor::new(Vec::new());
    file.write(&mut bytes).unwrap();
    bytes.into_inner()
}

/// Returns the text of a part of the file, which is a zip archive.
fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
}

#[test]
fn a_workbook_has_typed_cells() {
    let bytes = workbook(&rows());
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.clone())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let cell = |row, column| sheet.get_value((row, column)).cloned().unwrap_or(Data::Empty);
    let header: Vec<Data> = (0..7).map(|column| cell(0, column)).collect();
    assert_eq!(header, COLUMNS.map(|name| Data::String(name.into())));
    assert_eq!(cell(1, 0), Data::String("000123".into()));
    assert_eq!(cell(1, 1), Data::String("=HYPERLINK(\"http://x\")".into()));
    assert_eq!(cell(1, 2), Data::Float(-1234.5));
    assert_eq!((cell(1, 5), cell(1, 6)), (Data::Float(7.0), Data::Bool(true)));
    let Data::DateTime(at) = cell(1, 3) else { panic!("{:?}", cell(1, 3)) };
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    assert_eq!((year, month, day, hour, minute, second, milli), (2026, 12, 1, 1, 0, 0, 123));
    let Data::DateTime(day) = cell(1, 4) else { panic!("{:?}", cell(1, 4)) };
    assert_eq!(day.to_ymd_hms_milli(), (2026, 12, 1, 0, 0, 0, 0));
    // A value that a sheet's numbers or calendar cannot represent exactly is text.
    assert_eq!(cell(2, 0), Data::String("-5".into()));
    assert_eq!(cell(2, 2), Data::String("9007199254740991".into()));
    assert_eq!(cell(2, 3), Data::Empty);
    assert_eq!(cell(2, 4), Data::String("1899-01-01".into()));
    assert_eq!(cell(2, 5), Data::String("18446744073709551615".into()));
    let styles = part(&bytes, "xl/styles.xml");
    for format in ["#,##0.00\\ [$EUR]", "yyyy-mm-dd hh:mm:ss&quot;+09:00&quot;", "yyyy-mm-dd"] {
        assert!(styles.contains(&format!("formatCode=\"{format}\"")), "{format}: {styles}");
    }
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<pane ySplit=\"1\" topLeftCell=\"A2\"") && sheet.contains("state=\"frozen\""), "{sheet}");
}

#[test]
fn sums_are_written_with_the_decimals_of_the_currency() {
    for (sum, scale, text) in
        [(0, 0, "0"), (0, 2, "0.00"), (-5, 2, "-0.05"), (1 << 70, 0, "1180591620717411303424"), (123_456, 3, "123.456")]
    {
        assert_eq!(decimal(sum, scale), text);
    }
}
