//! A CSV file, its rows, and what is wrong with a row and where.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use csv::{ErrorKind, StringRecord};

use crate::cli::error::CliError;

/// A CSV file with a header, read in full.
#[derive(Debug)]
pub(super) struct Sheet {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<(u64, Result<StringRecord, BadRow>)>,
}

/// A row that cannot be imported: where, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BadRow {
    path: PathBuf,
    line: u64,
    /// The column, counted from 1, and its name.
    column: (usize, String),
    reason: String,
}

impl Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (column, name) = &self.column;
        write!(f, "{}: line {}, column {column} ({name}): {}", self.path.display(), self.line, self.reason)
    }
}

/// One row of a [`Sheet`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    sheet: &'a Sheet,
    /// The line on which the row begins, counted from 1, the header's.
    pub(super) line: u64,
    record: &'a StringRecord,
}

impl Sheet {
    /// Reads the file, which must have the columns named `required`, in any order.
    ///
    /// # Errors
    /// [`CliError::File`] when the file cannot be read, [`CliError::Malformed`] when a column is missing. A row that
    /// cannot be read is not an error here: it is among [`Sheet::rows`].
    pub(super) fn read(path: &Path, required: &[&str]) -> Result<Sheet, CliError> {
        let failed = |source| CliError::File { operation: "read", path: path.into(), source };
        let bytes = std::fs::read(path).map_err(failed)?;
        // Flexible: a row with a field too few is one bad row, not the end of the file.
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice());
        let header = reader.headers().map_err(|error| match error.into_kind() {
            ErrorKind::Io(source) => failed(source),
            _ => CliError::Malformed { path: path.into(), what: "the header is not UTF-8".into() },
        })?;
        let header: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        if let Some(missing) = required.iter().find(|name| !header.iter().any(|column| column == *name)) {
            let what = format!("the header has no column {missing:?}; it has {}", header.join(", "));
            return Err(CliError::Malformed { path: path.into(), what });
        }
        let mut sheet = Sheet { path: path.into(), header, rows: Vec::new() };
        let mut lines = Lines { bytes: &bytes, line: 1, read: 0 };
        for record in reader.records() {
            let position = record.as_ref().map_or_else(csv::Error::position, StringRecord::position);
            let line = lines.line_at(position.map_or(0, csv::Position::byte));
            let record = match record {
                Ok(record) => Ok(record),
                Err(error) => Err(sheet.unreadable(line, error).map_err(failed)?),
            };
            sheet.rows.push((line, record));
        }
        Ok(sheet)
    }

    /// The rows in order, each readable with a field for every column, or bad.
    pub(super) fn rows(&self) -> impl Iterator<Item = Result<Row<'_>, BadRow>> {
        self.rows.iter().map(|(line, record)| {
            let row = Row { sheet: self, line: *line, record: record.as_ref().map_err(BadRow::clone)? };
            let (found, columns) = (row.record.len(), self.header.len());
            if found == columns {
                return Ok(row);
            }
            let column = found.min(columns.saturating_sub(1));
            Err(self.bad(*line, column, format!("the row has {found} fields, the header {columns}")))
        })
    }

    fn unreadable(&self, line: u64, error: csv::Error) -> Result<BadRow, std::io::Error> {
        match error.into_kind() {
            ErrorKind::Io(source) => Err(source),
            ErrorKind::Utf8 { err, .. } => Ok(self.bad(line, err.field(), "the text is not UTF-8".into())),
            // A reader that is flexible and deserialises nothing has no other errors.
            other => Ok(self.bad(line, 0, format!("{other:?}"))),
        }
    }

    fn bad(&self, line: u64, column: usize, reason: String) -> BadRow {
        let name = self.header.get(column).cloned().unwrap_or_default();
        BadRow { path: self.path.clone(), line, column: (column.saturating_add(1), name), reason }
    }
}

/// Tells the line on which a row begins.
///
/// The csv crate takes a row to begin right behind the one before: in front of empty lines, and of the second
/// character of a line end of two. In a file from Windows its lines would all be one too low.
struct Lines<'a> {
    bytes: &'a [u8],
    line: u64,
    read: usize,
}

impl Lines<'_> {
    /// The line of the row that the csv crate has begin at `byte`, which is not before the one of the last call.
    fn line_at(&mut self, byte: u64) -> u64 {
        let start = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(next) = self.bytes.get(self.read)
            && (self.read < start || matches!(next, b'\r' | b'\n'))
        {
            self.line = self.line.saturating_add(u64::from(*next == b'\n'));
            self.read = self.read.saturating_add(1);
        }
        self.line
    }
}

impl<'a> Row<'a> {
    /// The text in a column; empty where the file does not have the column.
    pub(super) fn text(&self, column: &str) -> &'a str {
        self.position(column).and_then(|at| self.record.get(at)).unwrap_or_default()
    }

    /// Reads the text in a column.
    pub(super) fn parse<T: FromStr<Err: Display>>(&self, column: &str) -> Result<T, BadRow> {
        self.text(column).parse().map_err(|error| self.bad(column, error))
    }

    /// What to say of a row that is wrong in this column.
    pub(super) fn bad(&self, column: &str, reason: impl Display) -> BadRow {
        self.sheet.bad(self.line, self.position(column).unwrap_or_default(), reason.to_string())
    }

    fn position(&self, column: &str) -> Option<usize> {
        self.sheet.header.iter().position(|name| name == column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], required: &[&str]) -> Result<Sheet, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        std::fs::write(&path, text).unwrap();
        Sheet::read(&path, required).map_err(|error| error.to_string())
    }

    #[test]
    fn rows_are_told_by_line_and_column() {
        let text = b"from,to,amount\nA,B,1\n\nA,B\n\"two\nlines\",B,3\n\xff,B,4\nA,B,5,6\nA,B,7\n";
        let sheet = read(text, &["amount", "to"]).unwrap();
        let seen: Vec<String> = sheet
            .rows()
            .map(|row| match row {
                Ok(row) => format!("{} ok {}", row.line, row.text("amount")),
                Err(bad) => format!("{} {} {} {}", bad.line, bad.column.0, bad.column.1, bad.reason),
            })
            .collect();
        let expected = [
            "2 ok 1",
            "4 3 amount the row has 2 fields, the header 3",
            "5 ok 3",
            "7 1 from the text is not UTF-8",
            "8 3 amount the row has 4 fields, the header 3",
            "9 ok 7",
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn files_from_windows_have_the_same_lines() {
        let sheet = read(b"\xef\xbb\xbffrom,to\r\nA,B\r\n\r\n\"C\r\nD\",B\r\nE,F", &["from", "to"]).unwrap();
        let lines: Vec<u64> = sheet.rows().map(|row| row.unwrap().line).collect();
        assert_eq!(lines, [2, 4, 6]);
    }

    #[test]
    fn a_missing_column_is_named() {
        let error = read(b"from,amount\n", &["from", "to"]).unwrap_err();
        assert!(error.contains("no column \"to\""), "{error}");
    }
}
