//! Tables as files for spreadsheet programs. The command line and the service share one writer.
//!
//! Callers convert their rows to [`Cell`]s. The rules common to CSV files and workbooks are here: the time zone, the
//! format of amounts, the largest number of rows.
//!
//! This module must never know what a row is about.

mod cell;
mod csv;
mod xlsx;

#[cfg(test)]
mod tests;

use std::io;

use jiff::tz::TimeZone;

pub(crate) use self::cell::{Cell, decimal, time};
pub(crate) use self::csv::CsvRows;
pub(crate) use self::xlsx::Workbook;

/// The largest number of rows below the header of a sheet, which is the limit of the file format.
pub(crate) const MAX_SHEET_ROWS: u32 = 1_048_575;

/// The options for writing a file.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    /// The time zone of all times: the bank's by default.
    pub(crate) zone: TimeZone,
    /// Whether a CSV file begins with a byte order mark, from which spreadsheet programs recognize UTF-8.
    pub(crate) bom: bool,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    /// There are too many rows for a sheet.
    #[error("a sheet has at most {MAX_SHEET_ROWS} rows; narrow the search or use CSV")]
    TooLong,
    /// The workbook cannot be created.
    #[error("cannot create the workbook: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The file cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}
