//! A strict reader of separated values: RFC 4180 and nothing beyond it.
//!
//! The csv crate, which writes every file of this program, accepts anything: it reads `"x"y` as `xy`, and lets a
//! forgotten quote swallow the rest of a file. In a file that moves money, such a row must be rejected, and must not
//! affect other rows.

use std::borrow::Cow;
use std::ops::Range;

/// A field of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    /// The text, without the surrounding quotes.
    pub(crate) text: Cow<'a, str>,
    /// Whether the field was quoted.
    pub(crate) is_quoted: bool,
}

/// Why a line cannot be split into fields. `column`, counted from 0, is the faulty field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QuoteError {
    /// `x"y`: a quote in an unquoted field.
    #[error("there is a quote inside a field that does not begin with one")]
    Inside { column: usize },
    /// `"x"y`: text after the closing quote.
    #[error("there is text after the closing quote")]
    Behind { column: usize },
    /// A quote that is not closed on its line.
    #[error("the quote that begins here is not closed")]
    Open { column: usize },
    /// A field that spans several lines, which no import file allows.
    #[error(
        "the field that begins here continues to line {end}; a field must be on one line, and none of these lines was read"
    )]
    Lines { column: usize, end: u64 },
}

impl QuoteError {
    /// Returns the faulty field, counted from 0.
    pub(crate) const fn column(self) -> usize {
        match self {
            QuoteError::Inside { column }
            | QuoteError::Behind { column }
            | QuoteError::Open { column }
            | QuoteError::Lines { column, .. } => column,
        }
    }
}

/// A row's line number, counted from 1, and its range in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) range: Range<usize>,
    /// The last line of a quoted field that begins on this line and spans several.
    pub(super) until: Option<u64>,
}

/// Splits a text into rows. Empty lines are skipped.
pub(super) fn lines(text: &str, separator: char) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut cursor = LineCursor { text, at: 0, number: 0 };
    while let Some((number, range)) = cursor.next_line() {
        let line = text.get(range.clone()).unwrap_or_default();
        if line.is_empty() {
            continue;
        }
        // A quote that is open at the end of a line starts a field of several lines if a later line closes it properly;
        // the lines between belong to that field. Otherwise the quote was forgotten, and each line is a row.
        let is_open = line.contains('"') && matches!(split(line, separator), Err(QuoteError::Open { .. }));
        let until = if is_open { cursor.closing(separator) } else { None };
        let until = until.map(|after| {
            cursor = after;
            cursor.number
        });
        lines.push(Line { number, range, until });
    }
    lines
}

/// A cursor over the lines of a text.
#[derive(Clone, Copy)]
struct LineCursor<'a> {
    text: &'a str,
    at: usize,
    number: u64,
}

impl LineCursor<'_> {
    /// Returns the next line, without its line ending.
    fn next_line(&mut self) -> Option<(u64, Range<usize>)> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest.find('\n').unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let range = self.at..self.at.saturating_add(line.len());
        self.at = self.at.saturating_add(length).saturating_add(1).min(self.text.len());
        self.number = self.number.saturating_add(1);
        Some((self.number, range))
    }

    /// Returns the cursor after the line that closes the quote open at this cursor.
    fn closing(mut self, separator: char) -> Option<Self> {
        while let Some((_, range)) = self.next_line() {
            let mut rest = self.text.get(range).unwrap_or_default();
            while let Some(at) = rest.find('"') {
                let after = rest.get(at.saturating_add(1)..).unwrap_or_default();
                if let Some(doubled) = after.strip_prefix('"') {
                    rest = doubled;
                    continue;
                }
                let is_sound = match after.strip_prefix(separator) {
                    Some(fields) => split(fields, separator).is_ok(),
                    None => after.is_empty(),
                };
                return is_sound.then_some(self);
            }
        }
        None
    }
}

/// Splits a line into fields.
///
/// # Errors
/// Every variant of [`QuoteError`] except [`QuoteError::Lines`].
pub(crate) fn split(line: &str, separator: char) -> Result<Vec<Field<'_>>, QuoteError> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let column = fields.len();
        let after = match rest.strip_prefix('"') {
            Some(inner) => {
                let (text, after) = quoted(inner).ok_or(QuoteError::Open { column })?;
                fields.push(Field { text, is_quoted: true });
                after
            }
            None => {
                let end = rest.find(separator).unwrap_or(rest.len());
                let (text, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                if text.contains('"') {
                    return Err(QuoteError::Inside { column });
                }
                fields.push(Field { text: Cow::Borrowed(text), is_quoted: false });
                after
            }
        };
        if after.is_empty() {
            return Ok(fields);
        }
        rest = after.strip_prefix(separator).ok_or(QuoteError::Behind { column })?;
    }
}

/// Returns the text up to the closing quote and what follows it; `None` if there is no closing quote.
fn quoted(inner: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut text = Cow::Borrowed("");
    let mut rest = inner;
    loop {
        let (part, after) = rest.split_once('"')?;
        if text.is_empty() {
            text = Cow::Borrowed(part);
        } else {
            text.to_mut().push_str(part);
        }
        match after.strip_prefix('"') {
            Some(doubled) => {
                text.to_mut().push('"');
                rest = doubled;
            }
            None => return Some((text, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads each row as its line number and its fields or error.
    fn read(text: &str, separator: char) -> Vec<(u64, Result<Vec<String>, QuoteError>)> {
        let row = |line: Line| {
            let fields = split(text.get(line.range).unwrap(), separator);
            let fields = match (fields, line.until) {
                (Err(QuoteError::Open { column }), Some(end)) => Err(QuoteError::Lines { column, end }),
                (fields, _) => fields,
            };
            (line.number, fields.map(|fields| fields.into_iter().map(|field| field.text.into_owned()).collect()))
        };
        lines(text, separator).into_iter().map(row).collect()
    }

    fn of(fields: &[&str]) -> Result<Vec<String>, QuoteError> {
        Ok(fields.iter().map(|field| (*field).to_owned()).collect())
    }

    #[test]
    fn well_formed_rows_are_read_with_any_separator_and_line_ending() {
        assert_eq!(
            read("a,b\r\n\r\n\"x, \"\"y\"\"\",\n,\"\"\n\"\",z", ','),
            [(1, of(&["a", "b"])), (3, of(&["x, \"y\"", ""])), (4, of(&["", ""])), (5, of(&["", "z"]))]
        );
        assert_eq!(read("a;b,c\n1;2\n", ';'), [(1, of(&["a", "b,c"])), (2, of(&["1", "2"]))]);
        assert_eq!(read("a\tb c\n", '\t'), [(1, of(&["a", "b c"]))]);
        assert_eq!(read("", ','), []);
    }

    #[test]
    fn a_misplaced_quote_fails_its_own_row_only() {
        let good = || of(&["1", "2"]);
        for (line, wrong) in [
            ("\"x\"y,1", QuoteError::Behind { column: 0 }),
            ("1,\"x\" ,2", QuoteError::Behind { column: 1 }),
            ("1,x\"y", QuoteError::Inside { column: 1 }),
            ("1, \"x\"", QuoteError::Inside { column: 1 }),
            ("1,\"x", QuoteError::Open { column: 1 }),
            ("1,\"", QuoteError::Open { column: 1 }),
            ("1,\"x\"\"", QuoteError::Open { column: 1 }),
        ] {
            for after in ["1,2\n1,2\n", "1,2\n\"1\",2\n", "1,2\n1,\"2\"\n", "1,2\r\n1,2"] {
                let text = format!("1,2\n{line}\n{after}");
                let expected = [(1, good()), (2, Err(wrong)), (3, good()), (4, good())];
                assert_eq!(read(&text, ','), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn the_lines_of_a_quoted_field_are_not_rows() {
        // If they were, the author of a memo in another bank's export could write orders.
        let text = "1,\"memo\n2,attacker\nend\",x\n3,4\n";
        assert_eq!(read(text, ','), [(1, Err(QuoteError::Lines { column: 1, end: 3 })), (4, of(&["3", "4"]))]);
        let text = "1,\"memo \"\"a\"\"\n\"\"b\"\"\"\n3,4\n";
        assert_eq!(read(text, ','), [(1, Err(QuoteError::Lines { column: 1, end: 2 })), (3, of(&["3", "4"]))]);
    }

    #[test]
    fn output_of_the_csv_crate_round_trips() {
        let mut seed: u64 = 20_261_130;
        let mut draw = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for round in 0..300 {
            let separator = [',', ';', '\t'][usize::try_from(draw(3)).unwrap()];
            let rows: Vec<Vec<String>> = (0..1 + draw(5))
                .map(|_| {
                    let field = |_| {
                        (0..draw(5))
                            .map(|_| ['a', '"', ',', ';', '\t', ' ', '월'][usize::try_from(draw(7)).unwrap()])
                            .collect()
                    };
                    (0..2).map(field).collect()
                })
                .collect();
            let mut writer =
                csv::WriterBuilder::new().delimiter(u8::try_from(separator).unwrap()).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let found: Vec<Vec<String>> = read(&text, separator).into_iter().map(|(_, row)| row.unwrap()).collect();
            assert_eq!(found, rows, "round {round}: {text:?}");
        }
    }
}
