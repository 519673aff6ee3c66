//! A file of rows with a header: read in full, checked as a whole, taken apart row by row.

use std::fmt::{self, Display};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use jangbu::text::{SpellingError, check_spelling};

use super::columns::Kind;
use super::encoding::{self, Encoding, Found};
use super::fields::{self, Field, Line, Misquoted};
use crate::cli::error::CliError;

/// What can stand between fields, and what it is called.
const SEPARATORS: [(char, &str); 3] = [(',', "commas"), (';', "semicolons"), ('\t', "tabs")];

/// A file, read in full. Its rows are taken apart when they are asked for.
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

/// A row that cannot be imported: where, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BadRow {
    /// The column, counted from 1, and its name.
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
    /// Reads the file in the folder `dir`, in the encoding that was told or is found out.
    ///
    /// # Errors
    /// [`CliError::File`], and [`CliError::Malformed`] for a file of which nothing may be imported: it is
    /// in an unknown encoding, its header lacks a column, has one twice or an unknown one, or it changed meanwhile. A row
    /// that cannot be read is not an error here.
    pub(super) fn read(dir: &Path, kind: Kind, told: Option<Encoding>) -> Result<Sheet, CliError> {
        let path = dir.join(kind.file());
        let malformed = |what: String| CliError::Malformed { path: path.clone(), what };
        let bytes = read_whole(&path)?;
        let (text, found) = encoding::decode(bytes, told).map_err(malformed)?;
        let Some(first) = fields::lines(&text, ',').into_iter().next() else {
            return Err(malformed("it is empty; it needs a header".into()));
        };
        let line = text.get(first.range).unwrap_or_default();
        let (separator, header) =
            read_header(kind, line).map_err(|what| malformed(format!("line {}: {what}", first.number)))?;
        let lines = fields::lines(&text, separator.0).split_off(1);
        Ok(Sheet { kind, path, text, found, separator, header, lines })
    }

    /// Which file it is.
    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What it was read as.
    pub(super) const fn found(&self) -> Found {
        self.found
    }

    /// What its fields are separated by, and what that is called.
    pub(super) const fn separator(&self) -> (char, &'static str) {
        self.separator
    }

    /// Whether it has that column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.header.contains(&column)
    }

    /// How many rows it has.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The line on which a row begins, counted from 1; `row` counts from 0, the header left out.
    pub(super) fn line(&self, row: usize) -> u64 {
        self.lines.get(row).map_or(0, |line| line.number)
    }

    /// A row, with a field for every column.
    pub(super) fn row(&self, row: usize) -> Result<Row<'_>, BadRow> {
        let Some(line) = self.lines.get(row) else { return Err(self.bad(0, "there is no such row")) };
        let text = self.text.get(line.range.clone()).unwrap_or_default();
        let fields = fields::split(text, self.separator.0).map_err(|wrong| match (wrong, line.until) {
            (Misquoted::Open { column }, Some(end)) => Misquoted::Lines { column, end },
            (wrong, _) => wrong,
        });
        let fields = fields.map_err(|wrong| self.bad(wrong.column(), wrong))?;
        let (found, columns) = (fields.len(), self.header.len());
        if found == columns {
            return Ok(Row { sheet: self, line: line.number, fields });
        }
        let column = found.min(columns.saturating_sub(1));
        Err(self.bad(column, format!("the row has {found} fields, the header {columns}")))
    }

    fn bad(&self, column: usize, reason: impl Display) -> BadRow {
        let name = self.header.get(column).copied().unwrap_or_default();
        BadRow { column: (column.saturating_add(1), name), reason: reason.to_string() }
    }
}

/// The bytes of a file, as they were at one moment.
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
        what: "it was changed while it was read; import it when it is complete".into(),
    })
}

type Header = ((char, &'static str), Vec<&'static str>);

/// The separator and the columns of a header. Only one separator can lead to known columns, for no name has one in it.
fn read_header(kind: Kind, line: &str) -> Result<Header, String> {
    let count = |(separator, _): &(char, &str)| line.matches(*separator).count();
    // Where there is a single column there is no separator, and none is needed.
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
    /// The text in a column; empty where the file does not have the column.
    pub(super) fn text(&self, column: &str) -> &str {
        self.field(column).map_or("", |field| &field.text)
    }

    /// Whether the text in a column is not in quotes, and the next field could be its decimals.
    pub(super) fn is_followed_by_digits(&self, column: &str) -> bool {
        let Some(at) = self.position(column) else { return false };
        let (field, next) = (self.fields.get(at), self.fields.get(at.saturating_add(1)));
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        field.is_some_and(|field| !field.is_quoted) && next.is_some_and(|next| !next.is_quoted && is_digits(&next.text))
    }

    /// Reads the text in a column.
    pub(super) fn parse<T: std::str::FromStr<Err: Display>>(&self, column: &str) -> Result<T, BadRow> {
        self.text(column).parse().map_err(|error| self.bad(column, error))
    }

    /// The text in a column that is the name of something, and has one spelling.
    pub(super) fn name(&self, column: &str) -> Result<&str, BadRow> {
        let text = self.text(column);
        let wrong = |error: SpellingError| self.bad(column, format!("{text:?} cannot be used: {error}"));
        check_spelling(text).map_err(|error| match error {
            SpellingError::Empty => self.bad(column, "it is empty"),
            error => wrong(error),
        })?;
        Ok(text)
    }

    /// What to say of a row that is wrong in this column.
    pub(super) fn bad(&self, column: &str, reason: impl Display) -> BadRow {
        self.sheet.bad(self.position(column).unwrap_or_default(), reason)
    }

    /// The sheet that the row is of.
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
