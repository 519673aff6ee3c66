//! Formats of import files, and files that are refused because they are ambiguous.

use super::program::{Ran, Scratch};

const ACCOUNTS: &str = "number,owner,currency\nA,mina,EUR\nB,joon,EUR\nYZ-871,sora,KRW\nYZ871-0,sora,KRW\n";
const DEPOSITS: &str = "to,amount\nA,1000\nYZ-871,1000\n";
const NO_ORDERS: &str = "order,from,to,amount\n";
/// 월세 in CP949.
const RENT: &[u8] = b"\xbf\xf9\xbc\xbc";

/// Imports with an `orders.csv` of these bytes.
fn import(orders: &[u8], options: &[&str]) -> (Scratch, Ran) {
    let bank = Scratch::new();
    let files = bank.files(ACCOUNTS, DEPOSITS, "");
    std::fs::write(format!("{files}/orders.csv"), orders).expect("the orders");
    let ran = bank.run(&[&["import", &files], options].concat());
    (bank, ran)
}

/// Returns the error that refuses a file of orders, and checks that nothing was imported.
fn refused(orders: &[u8], options: &[&str]) -> String {
    let (bank, ran) = import(orders, options);
    let error = ran.failed(1);
    assert!(!bank.data().exists(), "{error}");
    error
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn every_format_leads_to_the_same_transfers() {
    let text = "order,from,to,amount,label\n1,A,B,12.50,월세\n";
    let comma = "Order;FROM;to;Amount;label\r\n1;A;B;12,50;월세\r\n";
    let tabs = text.replace(',', "\t");
    let korean = [&b"order,from,to,amount,label\n1,A,B,12.50,"[..], RENT, b"\n"].concat();
    let comma_decimals: &[&str] = &["--decimal", "comma"];
    for (bytes, options, named) in [
        (text.as_bytes().to_vec(), &[][..], "UTF-8, separated by commas, 1 row"),
        (format!("\u{feff}{text}").into_bytes(), &[], "UTF-8 with a byte order mark, separated by commas, 1 row"),
        (utf_16(&format!("\u{feff}{tabs}")), &[], "UTF-16, little-endian, separated by tabs, 1 row"),
        (korean, &[], "CP949, separated by commas, 1 row"),
        (comma.as_bytes().to_vec(), comma_decimals, "UTF-8, separated by semicolons, decimal comma, 1 row"),
        (
            text.replace("12.50", "\"12,5\"").into_bytes(),
            comma_decimals,
            "UTF-8, separated by commas, decimal comma, 1 row",
        ),
    ] {
        let (bank, ran) = import(&bytes, options);
        let output = ran.succeeded();
        assert!(output.lines().any(|line| line.ends_with(&format!("orders.csv: {named}"))), "{named}\n{output}");
        let found = bank.run(&["transfers", "--text", "월세", "--format", "json"]).json();
        assert_eq!((&found[0]["amount"], &found[0]["details"]["reference"]), (&1_250.into(), &"1".into()), "{named}");
    }
}

#[test]
fn an_ambiguous_file_is_refused() {
    let head = &b"order,from,to,amount,label\n1,A,B,1,"[..];
    // "Äpfel" in Windows-1252, which would be a syllable and "fel" in CP949.
    let error = refused(&[head, b"\xc4pfel\n"].concat(), &[]);
    assert!(error.contains("orders.csv: line 2: the text is not UTF-8") && error.contains("--encoding"), "{error}");
    refused(&[head, RENT, b"\n"].concat(), &["--encoding", "utf-8"]);
    // If commas can be separators or decimal commas, amounts need quotes; otherwise an amount would be several fields.
    let (_, ran) = import(b"order,from,to,amount,label\n1,A,B,12,50\n", &["--decimal", "comma"]);
    assert!(ran.stderr.contains("line 2, column 4 (amount): \"12\" must be in quotes"), "{ran:?}");
    let (_, ran) = import(b"order,from,to,amount,label\n1,A,B,12,x\n", &["--decimal", "comma"]);
    assert!(ran.stdout.contains("month 1   1 posted (12.00 EUR)"), "{ran:?}");
    for (options, amount, reason) in [
        (&[][..], "12,50", "has a comma"),
        (&["--decimal", "comma"], "12.50", "has a point"),
        (&["--decimal", "comma"], "1.234,50", "has a point"),
        (&["--decimal", "comma"], "1 000,50", "\"1 000,50\" is not an amount such as 1234,50"),
        (&[], "1 000", "\"1 000\" is not an amount such as 1234.50"),
        (&[], "1e3", "is not an amount"),
        (&[], "+5", "is not an amount"),
        (&[], "", "is not an amount"),
    ] {
        let (_, ran) = import(format!("order;from;to;amount\n1;A;B;{amount}\n").as_bytes(), options);
        assert!(ran.status == 1 && ran.stderr.contains(reason), "{amount} {options:?}: {ran:?}");
    }
}

#[test]
fn an_unknown_header_refuses_the_file() {
    for (header, reason) in [
        ("order,from,to,amount,labell", "unknown column \"labell\""),
        ("order,from,to,amount,", "unknown column \"\""),
        ("order,from,to,amount,id", "unknown column \"id\""),
        ("order,from,to,amount,Amount", "has the column \"amount\" twice"),
        ("order,from,to", "has no column \"amount\""),
        ("order,from;to,amount", "unknown column \"from;to\""),
        ("order,from,to,am\u{200b}ount", "unknown column"),
        ("order,from,to,\"amount", "is not closed"),
        ("1,A,B,300", "unknown column \"1\""),
    ] {
        let error = refused(format!("{header}\n1,A,B,1\n").as_bytes(), &[]);
        assert!(error.contains("orders.csv: line 1: ") && error.contains(reason), "{header}: {error}");
        assert!(error.ends_with("known columns are order, from, to, amount, label"), "{header}: {error}");
    }
    assert!(refused(b"", &[]).ends_with("the file is empty; it must have a header"));
}

#[test]
fn misplaced_quotes_fail_their_own_row() {
    let orders = "order,from,to,amount,label\n1,A,B,1,a\n2,A,B,1,\"a\"b\n3,A,B,1,a\"b\n4,A,B,1,\"a\n5,A,B,1,\"a, b\"\n\
                  6,A,B,1,\"two\n7,A,B,500,lines\"\n8,A,B,1,a\n";
    let (bank, ran) = import(orders.as_bytes(), &[]);
    for expected in [
        "orders.csv: line 3, column 5 (label): there is text after the closing quote",
        "orders.csv: line 4, column 5 (label): there is a quote inside a field that does not begin with one",
        "orders.csv: line 5, column 5 (label): the quote that begins here is not closed",
        "orders.csv: line 7, column 5 (label): the field that begins here continues to line 8; a field must be on one \
         line, and none of these lines was read",
        "error: 4 rows could not be imported",
    ] {
        assert!(ran.stderr.lines().any(|line| line.ends_with(expected)), "{expected}\n{}", ran.stderr);
    }
    assert_eq!(ran.stderr.lines().count(), 5);
    assert!(ran.stdout.contains("month 1   3 posted (3.00 EUR)"), "{ran:?}");
    assert_eq!(bank.balances()[1], ("B".into(), 300));
}

#[test]
fn names_with_hidden_characters_are_refused() {
    let names =
        [" 1", "1 ", "1\u{a0}", "1\u{200b}", "1\u{feff}2", "1\u{1}", "1\t", "e\u{301}", "1\u{ad}2", "", "1\u{202e}"];
    let mut orders = String::from("order,from,to,amount\n");
    for name in names {
        orders.push_str(&format!("{name},A,B,1\n"));
        // Such a spelling of a known name is refused, too.
        orders.push_str(&format!("x{},{name}A,B,1\n", orders.len()));
    }
    let (bank, ran) = import(orders.as_bytes(), &[]);
    // The row with an empty name, and so with a plain account number, is the only valid one.
    assert_eq!(ran.stderr.lines().count(), 2 * names.len() - 1 + 1, "{}", ran.stderr);
    assert_eq!(bank.balances()[1], ("B".into(), 100));
}

#[test]
fn accounts_are_found_in_every_unambiguous_spelling() {
    let bank = Scratch::new();
    let deposits = "to,amount\nYZ-871,1\nyz-871,2\nYZ 871,3\n\"ＹＺ８７１\",4\nyz8710,5\nYZ-87,6\nYZ\u{200b}871,7\n";
    let ran = bank.run(&["import", &bank.files(ACCOUNTS, deposits, NO_ORDERS)]);
    assert!(ran.stderr.contains("line 7, column 1 (to): there is no account YZ-87"), "{ran:?}");
    assert!(ran.stderr.contains("line 8, column 1 (to): ") && ran.stderr.contains("U+200B"), "{ran:?}");
    let posted =
        |number: &str| bank.balances().into_iter().find(|(found, _)| found == number).map(|(_, posted)| posted);
    assert_eq!((posted("YZ-871"), posted("YZ871-0")), (Some(10), Some(5)));
    // The same for accounts in the bank, and if another account matches, too.
    bank.run(&["open", "--owner", "sora", "--number", "YZ8-71"]).succeeded();
    let none = "number,owner,currency\n";
    let ran = bank.run(&["import", &bank.files(none, "to,amount\nyz871,8\nYZ8-71,9\nyz871-0,10\n", NO_ORDERS)]);
    assert!(ran.stderr.contains("line 2, column 1 (to): yz871 matches several accounts: YZ-871, YZ8-71"), "{ran:?}");
    assert_eq!((posted("YZ-871"), posted("YZ8-71"), posted("YZ871-0")), (Some(10), Some(9), Some(15)));
}

#[test]
fn dates_must_be_in_the_banks_range() {
    let bank = Scratch::new();
    let opened =
        ["2024-01-31", "", "2262-01-01", "2300-01-01", "1500-01-01", "2024-02-30", "31.01.2024", "2024-01-31T00:00"];
    let accounts =
        opened.iter().zip(1..).fold("number,owner,currency,opened\n".to_owned(), |text, (opened, number)| {
            text + &format!("{number},mina,KRW,{opened}\n")
        });
    let ran = bank.run(&["import", &bank.files(&accounts, "to,amount\n", NO_ORDERS)]);
    assert!(ran.stdout.contains("accounts  3 opened"), "{ran:?}");
    for (line, reason) in [
        (5, "outside the bank's range"),
        (6, "outside"),
        (7, "is not a date"),
        (8, "is not a date"),
        (9, "is not a date"),
    ] {
        let expected = format!("accounts.csv: line {line}, column 4 (opened): ");
        assert!(
            ran.stderr.lines().any(|told| told.contains(&expected) && told.contains(reason)),
            "{expected}\n{ran:?}"
        );
    }
}
