//! Tables as files that open right in a spreadsheet program: one writer for the command line and the service.
//!
//! Whoever has rows makes [`Cell`]s of them, and says nothing about how they are written. What a CSV file and a workbook
//! have in common is decided here: in which zone times are, how amounts look, how many rows there can be.
//!
//! What this module must never do: know what a row is about.

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

/// The most rows of a sheet below its header, which is the limit of the file format.
pub(crate) const MOST_SHEET_ROWS: u32 = 1_048_575;

/// How a file is written, as far as whoever wants it may choose.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    /// The time zone of all times: the bank's, unless another one is asked for.
    pub(crate) zone: TimeZone,
    /// Whether a CSV file begins with a byte order mark, by which spreadsheet programs know that it is UTF-8.
    pub(crate) bom: bool,
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    /// The rows do not fit.
    #[error("a sheet has at most {MOST_SHEET_ROWS} rows; narrow the search, or take CSV")]
    TooLong,
    /// The workbook cannot be made.
    #[error("cannot make the workbook: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The file cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}
