//! A file of rows with a header. It is read and checked as a whole, and split row by row on demand.

use std::fmt::{self, Display};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use jangbu::text::{SpellingError, check_spelling};

use super::columns::Kind;
use super::encoding::{self, Encoding, Found};
use super::fields::{self, Field, Line, QuoteError};
use crate::cli::error::CliError;

/// The supported separators and their names.
const SEPARATORS: [(char, &str); 3] = [(',', "commas"), (';', "semicolons"), ('\t', "tabs")];

/// A file read in full. Its rows are split on demand.
#[derive(Debug)]
pub(super) struct Sheet {
    kind: Kind,
    path: PathBuf,
    text: String,
    found: Found,
    separator: (char, &'static str),
    /// The names of the columns, in the order of the file.
    header: Vec<&'static str>,
    lines: Vec<Line>,
}

/// A row that cannot be imported, with the column and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BadRow {
    /// The column's number, counted from 1, and its name.
    column: (usize, &'static str),
    reason: String,
}

impl Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (column, name) = self.column;
        write!(f, "column {column} ({name}): {}", self.reason)
    }
}

/// One row of a [`Sheet`].
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    sheet: &'a Sheet,
    /// The line on which the row begins, counted from 1.
    pub(super) line: u64,
    fields: Vec<Field<'a>>,
}

impl Sheet {
    /// Reads the file in the folder `dir`, in the named or detected encoding.
    ///
    /// # Errors
    /// [`CliError::File`]; [`CliError::Malformed`] for a file that cannot be imported at all: its encoding is unknown,
    /// its header lacks a column, repeats one or has an unknown one, or the file changed during reading. A malformed
    /// row is not an error here.
    pub(super) fn read(dir: &Path, kind: Kind, named: Option<Encoding>) -> Result<Sheet, CliError> {
        let path = dir.join(kind.file());
        let malformed = |what: String| CliError::Malformed { path: path.clone(), what };
        let bytes = read_whole(&path)?;
        let (text, found) = encoding::decode(bytes, named).map_err(malformed)?;
        let Some(first) = fields::lines(&text, ',').into_iter().next() else {
            return Err(malformed("the file is empty; it must have a header".into()));
        };
        let line = text.get(first.range).unwrap_or_default();
        let (separator, header) =
            read_header(kind, line).map_err(|what| malformed(format!("line {}: {what}", first.number)))?;
        let lines = fields::lines(&text, separator.0).split_off(1);
        Ok(Sheet { kind, path, text, found, separator, header, lines })
    }

    /// Returns which file it is.
    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the encoding that was used.
    pub(super) const fn found(&self) -> Found {
        self.found
    }

    /// Returns the separator and its name.
    pub(super) const fn separator(&self) -> (char, &'static str) {
        self.separator
    }

    /// Returns whether the file has this column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.header.contains(&column)
    }

    /// Returns the number of rows.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Returns the line number of a row, counted from 1. `row` counts from 0, without the header.
    pub(super) fn line(&self, row: usize) -> u64 {
        self.lines.get(row).map_or(0, |line| line.number)
    }

    /// Returns a row with a field for every column.
    pub(super) fn row(&self, row: usize) -> Result<Row<'_>, BadRow> {
        let Some(line) = self.lines.get(row) else { return Err(self.bad(0, "the row does not exist")) };
        let text = self.text.get(line.range.clone()).unwrap_or_default();
        let fields = fields::split(text, self.separator.0).map_err(|wrong| match (wrong, line.until) {
            (QuoteError::Open { column }, Some(end)) => QuoteError::Lines { column, end },
            (wrong, _) => wrong,
        });
        let fields = fields.map_err(|wrong| self.bad(wrong.column(), wrong))?;
        let (found, columns) = (fields.len(), self.header.len());
        if found == columns {
            return Ok(Row { sheet: self, line: line.number, fields });
        }
        let column = found.min(columns.saturating_sub(1));
        Err(self.bad(column, format!("the row has {found} fields, but the header has {columns}")))
    }

    fn bad(&self, column: usize, reason: impl Display) -> BadRow {
        let name = self.header.get(column).copied().unwrap_or_default();
        BadRow { column: (column.saturating_add(1), name), reason: reason.to_string() }
    }
}

/// Reads a file, and fails if it changes meanwhile.
fn read_whole(path: &Path) -> Result<Vec<u8>, CliError> {
    let failed = |source| CliError::File { operation: "read", path: path.into(), source };
    let mut file = File::open(path).map_err(failed)?;
    let stamp = |metadata: fs::Metadata| Ok((metadata.len(), metadata.modified()?));
    let before = file.metadata().and_then(stamp).map_err(failed)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed)?;
    let after = file.metadata().and_then(stamp).map_err(failed)?;
    if before == after && u64::try_from(bytes.len()).is_ok_and(|length| length == after.0) {
        return Ok(bytes);
    }
    Err(CliError::Malformed {
        path: path.into(),
        what: "the file changed while it was read; import it when it is complete".into(),
    })
}

type Header = ((char, &'static str), Vec<&'static str>);

/// Finds the separator and the columns of a header. Only one separator can lead to known columns, because no column
/// name contains one.
fn read_header(kind: Kind, line: &str) -> Result<Header, String> {
    let count = |(separator, _): &(char, &str)| line.matches(*separator).count();
    // A header with a single column has no separator and needs none.
    let mut ranked = SEPARATORS;
    ranked.sort_by_key(|separator| std::cmp::Reverse(count(separator)));
    let mut first_error = None;
    for separator in ranked {
        match columns(kind, line, separator.0) {
            Ok(columns) => return Ok((separator, columns)),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(format!("{}; known columns are {}", first_error.unwrap_or_default(), kind.names()))
}

fn columns(kind: Kind, line: &str, separator: char) -> Result<Vec<&'static str>, String> {
    let fields = fields::split(line, separator).map_err(|wrong| wrong.to_string())?;
    let mut columns = Vec::new();
    for field in fields {
        let name = field.text.trim_matches(' ').to_ascii_lowercase();
        let known = kind.columns().iter().find(|column| column.name == name);
        let known = known.ok_or_else(|| format!("the header has an unknown column {:?}", field.text))?;
        if columns.contains(&known.name) {
            return Err(format!("the header has the column {:?} twice", known.name));
        }
        columns.push(known.name);
    }
    let mut required = kind.columns().iter().filter(|column| column.is_required);
    match required.find(|column| !columns.contains(&column.name)) {
        Some(missing) => Err(format!("the header has no column {:?}; it has {}", missing.name, columns.join(", "))),
        None => Ok(columns),
    }
}

impl<'a> Row<'a> {
    /// Returns the text in a column; empty if the file does not have the column.
    pub(super) fn text(&self, column: &str) -> &str {
        self.field(column).map_or("", |field| &field.text)
    }

    /// Returns whether the text in a column is unquoted and the next field could be its decimals.
    pub(super) fn is_followed_by_digits(&self, column: &str) -> bool {
        let Some(at) = self.position(column) else { return false };
        let (field, next) = (self.fields.get(at), self.fields.get(at.saturating_add(1)));
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        field.is_some_and(|field| !field.is_quoted) && next.is_some_and(|next| !next.is_quoted && is_digits(&next.text))
    }

    /// Parses the text in a column.
    pub(super) fn parse<T: std::str::FromStr<Err: Display>>(&self, column: &str) -> Result<T, BadRow> {
        self.text(column).parse().map_err(|error| self.bad(column, error))
    }

    /// Returns the text in a column that identifies something, and checks its spelling.
    pub(super) fn name(&self, column: &str) -> Result<&str, BadRow> {
        let text = self.text(column);
        let wrong = |error: SpellingError| self.bad(column, format!("{text:?} cannot be used: {error}"));
        check_spelling(text).map_err(|error| match error {
            SpellingError::Empty => self.bad(column, "the field is empty"),
            error => wrong(error),
        })?;
        Ok(text)
    }

    /// Returns an error for this column.
    pub(super) fn bad(&self, column: &str, reason: impl Display) -> BadRow {
        self.sheet.bad(self.position(column).unwrap_or_default(), reason)
    }

    /// Returns the sheet of the row.
    pub(super) const fn sheet(&self) -> &'a Sheet {
        self.sheet
    }

    fn field(&self, column: &str) -> Option<&Field<'a>> {
        self.fields.get(self.position(column)?)
    }

    fn position(&self, column: &str) -> Option<usize> {
        self.sheet.header.iter().position(|name| *name == column)
    }
}
