//! CSV in which no text can run as a formula.

use std::io::Write;

use super::{Cell, Style};

/// The byte order mark in UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// A writer of a CSV file.
pub(crate) struct CsvRows<W: Write> {
    writer: csv::Writer<W>,
    style: Style,
}

impl<W: Write> CsvRows<W> {
    /// Starts a file with these columns.
    ///
    /// # Errors
    /// When writing fails.
    pub(crate) fn begin(mut to: W, columns: &[&str], style: Style) -> csv::Result<CsvRows<W>> {
        if style.bom {
            to.write_all(BOM)?;
        }
        let mut rows = CsvRows::resume(to, style);
        rows.writer.write_record(columns)?;
        Ok(rows)
    }

    /// Continues a file that was started elsewhere.
    pub(crate) fn resume(to: W, style: Style) -> CsvRows<W> {
        CsvRows { writer: csv::Writer::from_writer(to), style }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When writing fails.
    pub(crate) fn add(&mut self, cells: &[Cell]) -> csv::Result<()> {
        for cell in cells {
            let text = cell.shown(&self.style.zone);
            // A number written by the program itself stays a number, whatever its sign.
            let is_text = matches!(cell, Cell::Text(_));
            if is_text && begins_like_formula(&text) {
                self.writer.write_field(format!("'{text}"))?;
            } else {
                self.writer.write_field(text.as_ref())?;
            }
        }
        self.writer.write_record(None::<&[u8]>)
    }

    /// Flushes the buffer.
    ///
    /// # Errors
    /// When writing fails.
    pub(crate) fn flush(&mut self) -> std::io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(any(test, feature = "server"))]
impl CsvRows<Vec<u8>> {
    /// Returns the written bytes.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        // Writing to memory does not fail.
        self.writer.into_inner().unwrap_or_default()
    }
}

/// Returns whether a spreadsheet program could read a text as a formula (OWASP, CSV Injection). Some programs ignore
/// leading spaces, and some read full-width characters like their ASCII forms.
fn begins_like_formula(text: &str) -> bool {
    let wide = ['\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let narrow = ['=', '+', '-', '@', '\t', '\r', '\n'];
    text.trim_start_matches([' ', '\u{a0}', '\u{3000}'])
        .starts_with(|first| narrow.contains(&first) || wide.contains(&first))
}
