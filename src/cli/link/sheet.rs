//! Reads the rows of a file of steps, and reports which row is wrong.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use jangbu::transfers::MAX_STEPS;

use crate::cli::error::CliError;
use crate::cli::import::split;

/// One row: a step with the fields of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The row's line number, counted from 1.
    pub(super) line: u64,
    fields: Vec<String>,
}

/// Reads the file, which must have 1 to 64 steps.
///
/// # Errors
/// [`CliError::File`] if it cannot be read, [`CliError::BadRows`] if it is not UTF-8 or has no steps or too many.
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
        // One line at a time: no field of a step spans several lines.
        let fields = split(text, ',').map_err(|wrong| bad(path, line, wrong.column(), "step", wrong))?;
        rows.push(Row { line, fields: fields.iter().map(|field| field.text.trim().to_owned()).collect() });
    }
    let what = match rows.len() {
        0 => "the file has no steps".to_owned(),
        count if count > MAX_STEPS => format!("it has {count} steps; one command links 1 to {MAX_STEPS}"),
        _ => return Ok(rows),
    };
    Err(CliError::BadRows(format!("{}: {what}", path.display())))
}

impl Row {
    /// Returns the text of field `at`, counted from 0, or an empty text if the row is shorter.
    pub(super) fn text(&self, at: usize) -> &str {
        self.fields.get(at).map_or("", String::as_str)
    }

    /// Returns the number of fields.
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// Parses field `at`, called `name` in errors.
    pub(super) fn parse<T: FromStr<Err: Display>>(&self, path: &Path, at: usize, name: &str) -> Result<T, CliError> {
        self.text(at).parse().map_err(|error| self.bad(path, at, name, error))
    }

    /// Returns the error for field `at`.
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
    fn rows_know_their_line_numbers() {
        let rows = read_text(b"\xef\xbb\xbf# rent\r\n\r\ntransfer, A ,B,1\r\n# and\r\nvoid,X\r\n").unwrap();
        let seen: Vec<_> = rows.iter().map(|row| (row.line, row.len(), row.text(1))).collect();
        assert_eq!(seen, [(3, 4, "A"), (5, 2, "X")]);
    }

    #[test]
    fn a_quote_out_of_place_refuses_the_file() {
        for (line, wrong) in [
            ("transfer,\"A\"x,B,1", "column 2 (step): there is text after the closing quote"),
            ("transfer,A,B,1,te\"a", "column 5 (step): there is a quote inside a field that does not begin with one"),
            ("transfer,A,B,1,\"tea", "column 5 (step): the quote that begins here is not closed"),
        ] {
            let error = read_text(format!("void,X\n{line}\nvoid,Y\n").as_bytes()).unwrap_err();
            assert_eq!(error, format!("F: line 2, {wrong}"));
        }
        let rows = read_text(b"transfer,A,B,1,\"tea, \"\"green\"\"\"\n").unwrap();
        assert_eq!(rows[0].text(4), "tea, \"green\"");
    }

    #[test]
    fn a_file_has_1_to_64_steps() {
        assert_eq!(read_text(b"# nothing\n").unwrap_err(), "F: the file has no steps");
        let many = "void,X\n".repeat(65);
        assert_eq!(read_text(many.as_bytes()).unwrap_err(), "F: it has 65 steps; one command links 1 to 64");
        assert_eq!(read_text(&many.as_bytes()[7..]).unwrap().len(), 64);
        assert_eq!(read_text(b"void,X\nvoid,\xff\n").unwrap_err(), "F: line 2, column 1 (step): the text is not UTF-8");
    }
}
