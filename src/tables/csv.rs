//! CSV that no spreadsheet program runs.

use std::io::Write;

use super::{Cell, Style};

/// Unicode's byte order mark in UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Rows on their way into a CSV file.
pub(crate) struct CsvRows<W: Write> {
    writer: csv::Writer<W>,
    style: Style,
}

impl<W: Write> CsvRows<W> {
    /// Begins a file with these columns.
    ///
    /// # Errors
    /// Those of writing.
    pub(crate) fn begin(mut to: W, columns: &[&str], style: Style) -> csv::Result<CsvRows<W>> {
        if style.bom {
            to.write_all(BOM)?;
        }
        let mut rows = CsvRows::go_on(to, style);
        rows.writer.write_record(columns)?;
        Ok(rows)
    }

    /// Goes on with a file that was begun elsewhere.
    pub(crate) fn go_on(to: W, style: Style) -> CsvRows<W> {
        CsvRows { writer: csv::Writer::from_writer(to), style }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Those of writing.
    pub(crate) fn add(&mut self, cells: &[Cell]) -> csv::Result<()> {
        for cell in cells {
            let text = cell.shown(&self.style.zone);
            // What the program itself writes as a number must stay one, whatever its sign.
            let is_text = matches!(cell, Cell::Text(_));
            if is_text && begins_like_formula(&text) {
                self.writer.write_field(format!("'{text}"))?;
            } else {
                self.writer.write_field(text.as_ref())?;
            }
        }
        self.writer.write_record(None::<&[u8]>)
    }

    /// Writes what is left in the buffer.
    ///
    /// # Errors
    /// Those of writing.
    pub(crate) fn flush(&mut self) -> std::io::Result<()> {
        self.writer.flush()
    }
}

impl CsvRows<Vec<u8>> {
    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        // Writing to memory does not fail.
        self.writer.into_inner().unwrap_or_default()
    }
}

/// Whether a spreadsheet program could take a text for a formula (OWASP, CSV Injection): also behind spaces, which some of
/// them leave out, and in full width, which some of them read as narrow.
fn begins_like_formula(text: &str) -> bool {
    let wide = ['\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let narrow = ['=', '+', '-', '@', '\t', '\r', '\n'];
    text.trim_start_matches([' ', '\u{a0}', '\u{3000}'])
        .starts_with(|first| narrow.contains(&first) || wide.contains(&first))
}
