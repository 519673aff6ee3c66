//! The rows of a file of steps, and what is wrong with a row and where.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use csv::StringRecord;
use jangbu::MAX_STEPS;

use crate::cli::error::CliError;

/// One row: a step, with as many fields as its kind has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The line that it is, counted from 1.
    pub(super) line: u64,
    record: StringRecord,
}

/// Reads the file, which must have 1 to 64 steps.
///
/// # Errors
/// [`CliError::File`] when it cannot be read, [`CliError::BadRows`] when it is not UTF-8 or has no steps, or too many.
pub(super) fn read(path: &Path) -> Result<Vec<Row>, CliError> {
    let failed = |source| CliError::File { operation: "read", path: path.into(), source };
    let bytes = std::fs::read(path).map_err(failed)?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        let text = std::str::from_utf8(text).map_err(|_| bad(path, line, 0, "step", "the text is not UTF-8"))?.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        // A line at a time: no field of a step can go over several.
        let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(text.as_bytes());
        let record = reader.records().next().transpose().map_err(|error| bad(path, line, 0, "step", error))?;
        rows.extend(record.map(|record| Row { line, record }));
    }
    let what = match rows.len() {
        0 => "there is no step in it".to_owned(),
        count if count > MAX_STEPS => format!("it has {count} steps; one command links 1 to {MAX_STEPS}"),
        _ => return Ok(rows),
    };
    Err(CliError::BadRows(format!("{}: {what}", path.display())))
}

impl Row {
    /// The text of the field `at`, counted from 0; nothing when the row ends before it.
    pub(super) fn text(&self, at: usize) -> &str {
        self.record.get(at).unwrap_or_default()
    }

    /// How many fields the row has.
    pub(super) fn len(&self) -> usize {
        self.record.len()
    }

    /// Reads the field `at`, which people know as `name`.
    pub(super) fn parse<T: FromStr<Err: Display>>(&self, path: &Path, at: usize, name: &str) -> Result<T, CliError> {
        self.text(at).parse().map_err(|error| self.bad(path, at, name, error))
    }

    /// What to say of a row that is wrong in the field `at`.
    pub(super) fn bad(&self, path: &Path, at: usize, name: &str, reason: impl Display) -> CliError {
        bad(path, self.line, at, name, reason)
    }
}

fn bad(path: &Path, line: u64, at: usize, name: &str, reason: impl Display) -> CliError {
    let column = at.saturating_add(1);
    CliError::BadRows(format!("{}: line {line}, column {column} ({name}): {reason}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &[u8]) -> Result<Vec<Row>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("steps.csv");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|error| error.to_string().replace(&path.display().to_string(), "F"))
    }

    #[test]
    fn rows_are_told_by_their_lines() {
        let rows = read_text(b"\xef\xbb\xbf# rent\r\n\r\ntransfer, A ,B,1\r\n# and\r\nvoid,X\r\n").unwrap();
        let seen: Vec<_> = rows.iter().map(|row| (row.line, row.len(), row.text(1))).collect();
        assert_eq!(seen, [(3, 4, "A"), (5, 2, "X")]);
    }

    #[test]
    fn files_that_hold_no_steps_or_too_many() {
        assert_eq!(read_text(b"# nothing\n").unwrap_err(), "F: there is no step in it");
        let many = "void,X\n".repeat(65);
        assert_eq!(read_text(many.as_bytes()).unwrap_err(), "F: it has 65 steps; one command links 1 to 64");
        assert_eq!(read_text(&many.as_bytes()[7..]).unwrap().len(), 64);
        assert_eq!(read_text(b"void,X\nvoid,\xff\n").unwrap_err(), "F: line 2, column 1 (step): the text is not UTF-8");
    }
}
