//! CSV that no spreadsheet program runs.

use actix_web::body::BoxBody;
use actix_web::http::header::{self, Header, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};

use super::Value;

/// Rows of text, to be saved as a file.
#[derive(Debug)]
pub(crate) struct Sheet {
    name: &'static str,
    writer: csv::Writer<Vec<u8>>,
}

impl Sheet {
    /// A sheet with these columns, to be saved as `name.csv`.
    pub(crate) fn new<'a>(name: &'static str, columns: impl IntoIterator<Item = &'a str>) -> Sheet {
        let writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let mut sheet = Sheet { name, writer };
        sheet.write(columns.into_iter().map(str::to_owned));
        sheet
    }

    /// Adds a row.
    pub(crate) fn add<'a>(&mut self, values: impl IntoIterator<Item = Value<'a>>) {
        self.write(values.into_iter().map(|value| match value {
            Value::Text(text) => harmless(&text),
            other => other.to_string(),
        }));
    }

    fn write(&mut self, fields: impl Iterator<Item = String>) {
        // Writing to memory does not fail, and rows of other lengths are allowed.
        let _never_fails = self.writer.write_record(fields);
    }

    /// The file.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.writer.into_inner().unwrap_or_default()
    }
}

/// A text that a spreadsheet program shows, and does not take for a formula: an apostrophe goes before what begins like
/// one (OWASP, CSV Injection).
pub(crate) fn harmless(text: &str) -> String {
    let begins_like_formula = text
        .trim_start_matches(' ')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if begins_like_formula { format!("'{text}") } else { text.to_owned() }
}

impl Responder for Sheet {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let file = format!("attachment; filename=\"{}.csv\"", self.name);
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"))
            .insert_header((
                header::CONTENT_DISPOSITION,
                HeaderValue::from_str(&file).unwrap_or(HeaderValue::from_static("attachment")),
            ))
            .body(self.into_bytes())
    }
}

/// Whether the client would rather have CSV than JSON.
pub(crate) fn prefers_csv(request: &HttpRequest) -> bool {
    let Ok(accept) = header::Accept::parse(request) else { return false };
    let ranked = accept.ranked();
    let wanted = ranked.iter().find(|media| {
        matches!(
            (media.type_().as_str(), media.subtype().as_str()),
            ("text", "csv") | ("application", "json" | "*") | ("*", _)
        )
    });
    wanted.is_some_and(|media| media.subtype() == "csv")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn what_begins_like_a_formula_becomes_text() {
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            ("+82 10", "'+82 10"),
            ("-2", "'-2"),
            ("@sum", "'@sum"),
            ("\t=1", "'\t=1"),
            ("  =1", "'  =1"),
            ("＝1", "'＝1"),
            ("rent = 5", "rent = 5"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    #[test]
    fn numbers_stay_numbers_and_texts_are_quoted() {
        let mut sheet = Sheet::new("test", ["number", "text", "flag"]);
        sheet.add([Value::Number(-5), Value::text("a,\"b\"\n"), Value::Flag(true)]);
        sheet.add([Value::Missing, Value::text("=HYPERLINK(1)"), Value::Flag(false)]);
        let text = String::from_utf8(sheet.into_bytes()).unwrap();
        assert_eq!(text, "number,text,flag\n-5,\"a,\"\"b\"\"\n\",true\n,'=HYPERLINK(1),false\n");
    }

    #[test]
    fn csv_is_given_to_who_prefers_it() {
        for (accept, csv) in [
            ("text/csv", true),
            ("text/csv, application/json;q=0.5", true),
            ("application/json, text/csv;q=0.5", false),
            ("text/html, */*;q=0.1", false),
            ("", false),
        ] {
            let request = TestRequest::default().insert_header(("accept", accept)).to_http_request();
            assert_eq!(prefers_csv(&request), csv, "{accept:?}");
        }
        assert!(!prefers_csv(&TestRequest::default().to_http_request()));
    }
}
