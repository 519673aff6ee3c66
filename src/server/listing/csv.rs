//! Rows that are all there, as a file. What one file of CSV is, and what is harmless in it, is the matter of `http::csv`.

use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder};

use super::Value;
use crate::server::http::{csv_answer, harmless};

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

impl Responder for Sheet {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        csv_answer(self.name).body(self.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_numbers_and_texts_are_quoted() {
        let mut sheet = Sheet::new("test", ["number", "text", "flag"]);
        sheet.add([Value::Number(-5), Value::text("a,\"b\"\n"), Value::Flag(true)]);
        sheet.add([Value::Missing, Value::text("=HYPERLINK(1)"), Value::Flag(false)]);
        let text = String::from_utf8(sheet.into_bytes()).unwrap();
        assert_eq!(text, "number,text,flag\n-5,\"a,\"\"b\"\"\n\",true\n,'=HYPERLINK(1),false\n");
    }
}
