//! Separated values, read strictly: RFC 4180 and nothing that goes beyond it.
//!
//! The csv crate, which writes every file of this program, reads anything: it takes `"x"y` for `xy` and lets a quote that was
//! forgotten swallow the rest of a file. In a file that moves money, such a row must not be understood, and must not take
//! another one with it.

use std::borrow::Cow;
use std::ops::Range;

/// A field of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    /// Its text, without the quotes around it.
    pub(crate) text: Cow<'a, str>,
    /// Whether there are quotes around it.
    pub(crate) is_quoted: bool,
}

/// Why a line is no row. `column`, counted from 0, is the field at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Misquoted {
    /// `x"y`: a quote in a field that does not begin with one.
    #[error("a quote stands inside a field that does not begin with one")]
    Inside { column: usize },
    /// `"x"y`: text behind the quote that ends a field.
    #[error("there is text behind the closing quote")]
    Behind { column: usize },
    /// A quote that is not closed on its line.
    #[error("the quote that begins here is not closed")]
    Open { column: usize },
    /// A field of several lines, which no field of an import can have.
    #[error("the field that begins here goes on to line {end}; no field has several lines, and none of them was read")]
    Lines { column: usize, end: u64 },
}

impl Misquoted {
    /// The field at fault, counted from 0.
    pub(crate) const fn column(self) -> usize {
        match self {
            Misquoted::Inside { column }
            | Misquoted::Behind { column }
            | Misquoted::Open { column }
            | Misquoted::Lines { column, .. } => column,
        }
    }
}

/// A row: the line on which it begins, counted from 1, and where it is in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) range: Range<usize>,
    /// The last line of a quoted field that begins on this one and goes over several.
    pub(super) until: Option<u64>,
}

/// The rows of a text; empty lines are none.
pub(super) fn lines(text: &str, separator: char) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut walk = Walk { text, at: 0, number: 0 };
    while let Some((number, range)) = walk.next_line() {
        let line = text.get(range.clone()).unwrap_or_default();
        if line.is_empty() {
            continue;
        }
        // A quote that is open at the end of a line begins a field of several lines if a line further down closes it properly.
        // The lines in between then belong to that field. Otherwise the quote was forgotten, and each of them is a row.
        let is_open = line.contains('"') && matches!(split(line, separator), Err(Misquoted::Open { .. }));
        let until = if is_open { walk.closing(separator) } else { None };
        let until = until.map(|behind| {
            walk = behind;
            walk.number
        });
        lines.push(Line { number, range, until });
    }
    lines
}

/// A walk along the lines of a text.
#[derive(Clone, Copy)]
struct Walk<'a> {
    text: &'a str,
    at: usize,
    number: u64,
}

impl Walk<'_> {
    /// The next line, without its end.
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

    /// The walk behind the line on which the quote is closed that is open where this walk stands.
    fn closing(mut self, separator: char) -> Option<Self> {
        while let Some((_, range)) = self.next_line() {
            let mut rest = self.text.get(range).unwrap_or_default();
            while let Some(at) = rest.find('"') {
                let behind = rest.get(at.saturating_add(1)..).unwrap_or_default();
                if let Some(doubled) = behind.strip_prefix('"') {
                    rest = doubled;
                    continue;
                }
                let is_sound = match behind.strip_prefix(separator) {
                    Some(fields) => split(fields, separator).is_ok(),
                    None => behind.is_empty(),
                };
                return is_sound.then_some(self);
            }
        }
        None
    }
}

/// The fields of a line.
///
/// # Errors
/// [`Misquoted`], but never [`Misquoted::Lines`].
pub(crate) fn split(line: &str, separator: char) -> Result<Vec<Field<'_>>, Misquoted> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let column = fields.len();
        let behind = match rest.strip_prefix('"') {
            Some(inner) => {
                let (text, behind) = quoted(inner).ok_or(Misquoted::Open { column })?;
                fields.push(Field { text, is_quoted: true });
                behind
            }
            None => {
                let end = rest.find(separator).unwrap_or(rest.len());
                let (text, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
                if text.contains('"') {
                    return Err(Misquoted::Inside { column });
                }
                fields.push(Field { text: Cow::Borrowed(text), is_quoted: false });
                behind
            }
        };
        if behind.is_empty() {
            return Ok(fields);
        }
        rest = behind.strip_prefix(separator).ok_or(Misquoted::Behind { column })?;
    }
}

/// The text up to the closing quote, and what is behind it; `None` when there is none.
fn quoted(inner: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut text = Cow::Borrowed("");
    let mut rest = inner;
    loop {
        let (part, behind) = rest.split_once('"')?;
        if text.is_empty() {
            text = Cow::Borrowed(part);
        } else {
            text.to_mut().push_str(part);
        }
        match behind.strip_prefix('"') {
            Some(doubled) => {
                text.to_mut().push('"');
                rest = doubled;
            }
            None => return Some((text, behind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row as its line and its fields, or what is wrong with it.
    fn read(text: &str, separator: char) -> Vec<(u64, Result<Vec<String>, Misquoted>)> {
        let row = |line: Line| {
            let fields = split(text.get(line.range).unwrap(), separator);
            let fields = match (fields, line.until) {
                (Err(Misquoted::Open { column }), Some(end)) => Err(Misquoted::Lines { column, end }),
                (fields, _) => fields,
            };
            (line.number, fields.map(|fields| fields.into_iter().map(|field| field.text.into_owned()).collect()))
        };
        lines(text, separator).into_iter().map(row).collect()
    }

    fn of(fields: &[&str]) -> Result<Vec<String>, Misquoted> {
        Ok(fields.iter().map(|field| (*field).to_owned()).collect())
    }

    #[test]
    fn sound_rows_are_read_whatever_ends_and_separates_them() {
        assert_eq!(
            read("a,b\r\n\r\n\"x, \"\"y\"\"\",\n,\"\"\n\"\",z", ','),
            [(1, of(&["a", "b"])), (3, of(&["x, \"y\"", ""])), (4, of(&["", ""])), (5, of(&["", "z"]))]
        );
        assert_eq!(read("a;b,c\n1;2\n", ';'), [(1, of(&["a", "b,c"])), (2, of(&["1", "2"]))]);
        assert_eq!(read("a\tb c\n", '\t'), [(1, of(&["a", "b c"]))]);
        assert_eq!(read("", ','), []);
    }

    #[test]
    fn a_quote_out_of_place_costs_its_own_row_and_no_other() {
        let good = || of(&["1", "2"]);
        for (line, wrong) in [
            ("\"x\"y,1", Misquoted::Behind { column: 0 }),
            ("1,\"x\" ,2", Misquoted::Behind { column: 1 }),
            ("1,x\"y", Misquoted::Inside { column: 1 }),
            ("1, \"x\"", Misquoted::Inside { column: 1 }),
            ("1,\"x", Misquoted::Open { column: 1 }),
            ("1,\"", Misquoted::Open { column: 1 }),
            ("1,\"x\"\"", Misquoted::Open { column: 1 }),
        ] {
            for behind in ["1,2\n1,2\n", "1,2\n\"1\",2\n", "1,2\n1,\"2\"\n", "1,2\r\n1,2"] {
                let text = format!("1,2\n{line}\n{behind}");
                let expected = [(1, good()), (2, Err(wrong)), (3, good()), (4, good())];
                assert_eq!(read(&text, ','), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn the_lines_of_one_quoted_field_are_no_rows() {
        // Were they, whoever writes the memo in another bank's export would write orders.
        let text = "1,\"memo\n2,attacker\nend\",x\n3,4\n";
        assert_eq!(read(text, ','), [(1, Err(Misquoted::Lines { column: 1, end: 3 })), (4, of(&["3", "4"]))]);
        let text = "1,\"memo \"\"a\"\"\n\"\"b\"\"\"\n3,4\n";
        assert_eq!(read(text, ','), [(1, Err(Misquoted::Lines { column: 1, end: 2 })), (3, of(&["3", "4"]))]);
    }

    #[test]
    fn what_the_csv_crate_writes_is_read_as_it_was() {
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
