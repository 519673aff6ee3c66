//! Workbooks with one sheet, for Excel, LibreOffice and Numbers.
//!
//! Text stays text, so that account numbers keep their leading zeros and no text is read as a formula. An amount is a
//! number in the format of its currency. A time is a date cell in the bank's zone, with the offset in the cell's
//! format. Rows go to a temporary file as they come, so memory does not grow with them.

use std::collections::HashMap;
use std::io::Write;

use jiff::civil::DateTime;
use rust_xlsxwriter::{Format, Worksheet};

use super::{Cell, MAX_SHEET_ROWS, Style, TableError};

/// The number of digits that a sheet's number holds exactly. A longer number becomes text.
const EXACT_DIGITS: usize = 15;
/// The first year of a sheet's calendar.
const FIRST_YEAR: i16 = 1900;
/// The default width of a column, in characters.
const WIDTH: u16 = 16;
/// The width of a column of times, in characters.
const WIDE: u16 = 28;

/// A workbook being written.
pub(crate) struct Workbook {
    workbook: rust_xlsxwriter::Workbook,
    formats: Formats,
    style: Style,
    rows: u32,
}

/// The formats of cells; a workbook stores each once.
struct Formats {
    text: Format,
    number: Format,
    date: Format,
    money: HashMap<String, Format>,
    time: HashMap<String, Format>,
}

impl Workbook {
    /// Creates a workbook whose sheet has these columns.
    ///
    /// # Errors
    /// When the temporary file cannot be created.
    pub(crate) fn begin(columns: &[&str], style: Style) -> Result<Workbook, TableError> {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        for (at, name) in (0u16..).zip(columns) {
            sheet.set_column_width(at, if name.ends_with("_at") || *name == "at" { WIDE } else { WIDTH })?;
            sheet.write_string_with_format(0, at, *name, &bold)?;
        }
        Ok(Workbook { workbook, formats: Formats::new(), style, rows: 0 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`TableError::TooLong`], or when the temporary file cannot be written.
    pub(crate) fn add(&mut self, cells: &[Cell]) -> Result<(), TableError> {
        if self.rows >= MAX_SHEET_ROWS {
            return Err(TableError::TooLong);
        }
        self.rows = self.rows.saturating_add(1);
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (at, cell) in (0u16..).zip(cells) {
            self.formats.write(sheet, (self.rows, at), cell, &self.style)?;
        }
        Ok(())
    }

    /// Writes the file.
    ///
    /// # Errors
    /// When writing fails.
    pub(crate) fn write(mut self, to: impl Write + Send) -> Result<(), TableError> {
        Ok(self.workbook.save_to_writer(to)?)
    }
}

impl Formats {
    fn new() -> Formats {
        let of = |format: &str| Format::new().set_num_format(format);
        let (money, time) = (HashMap::new(), HashMap::new());
        Formats { text: of("@"), number: of("0"), date: of("yyyy-mm-dd"), money, time }
    }

    fn write(
        &mut self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        cell: &Cell,
        style: &Style,
    ) -> Result<(), TableError> {
        let shown = cell.shown(&style.zone);
        let number = exact(&shown);
        match (cell, number) {
            (Cell::Missing, _) => {}
            (Cell::Flag(flag), _) => drop(sheet.write_boolean(row, column, *flag)?),
            (Cell::Number(_), Some(number)) => {
                sheet.write_number_with_format(row, column, number, &self.number)?;
            }
            (Cell::Money { scale, currency, .. }, Some(number)) => {
                let name = format!("#,##0{}\\ [${currency}]", fraction(*scale));
                let format = self.money.entry(name).or_insert_with_key(|name| Format::new().set_num_format(name));
                sheet.write_number_with_format(row, column, number, format)?;
            }
            (Cell::Date(date), _) if date.year() >= FIRST_YEAR => {
                sheet.write_datetime_with_format(row, column, date, &self.date)?;
            }
            (Cell::Time(moment), _) => {
                let zoned = moment.to_jiff().to_zoned(style.zone.clone());
                let at: DateTime = zoned.datetime();
                if at.year() < FIRST_YEAR {
                    sheet.write_string_with_format(row, column, shown, &self.text)?;
                    return Ok(());
                }
                let name = format!("yyyy-mm-dd hh:mm:ss\"{}\"", zoned.strftime("%:z"));
                let format = self.time.entry(name).or_insert_with_key(|name| Format::new().set_num_format(name));
                sheet.write_datetime_with_format(row, column, at, format)?;
            }
            _ => drop(sheet.write_string_with_format(row, column, shown, &self.text)?),
        }
        Ok(())
    }
}

/// Returns the decimals of a number's format.
fn fraction(scale: u8) -> String {
    if scale == 0 { String::new() } else { format!(".{}", "0".repeat(scale.into())) }
}

/// Parses a text as a number, if a sheet can represent it exactly.
fn exact(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches(['-', '0', '.']).chars().filter(char::is_ascii_digit).count();
    if digits <= EXACT_DIGITS { text.parse().ok() } else { None }
}
