//! Writes the report of an import: every row and its outcome.

use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use tempfile::NamedTempFile;

use super::Phase;
use super::outcome::RowOutcome;
use super::plan::reference;
use super::sheet::Sheet;
use crate::cli::error::CliError;
use crate::tables::{Cell, CsvRows, Style};

const COLUMNS: [&str; 6] = ["file", "line", "id", "status", "reason", "transfer_id"];

/// A report being written. The file gets its name when it is complete.
#[derive(Debug)]
pub(super) struct Report {
    path: PathBuf,
    file: NamedTempFile,
}

impl Report {
    /// Creates the report before anything moves: if it cannot be written, nothing is imported.
    ///
    /// # Errors
    /// [`CliError::File`]; [`CliError::Usage`] if it would replace one of the files to import.
    pub(super) fn begin(path: &Path, sheets: &[Sheet]) -> Result<Report, CliError> {
        let same = |sheet: &Sheet| {
            let canonical = (fs::canonicalize(path), fs::canonicalize(sheet.path()));
            matches!(canonical, (Ok(report), Ok(sheet)) if report == sheet)
        };
        if sheets.iter().any(same) {
            return Err(CliError::Usage(format!("the report would replace the import file {}", path.display())));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if path.is_dir() {
            return Err(CliError::Usage(format!("the report would replace the folder {}", path.display())));
        }
        let file = NamedTempFile::new_in(folder).map_err(|source| cannot_write(path, source))?;
        Ok(Report { path: path.into(), file })
    }

    /// Writes the rows of all files, and names the file.
    pub(super) fn finish(mut self, phases: &[Phase]) -> Result<(), CliError> {
        let written = write(self.file.as_file_mut(), phases);
        written.map_err(|error| cannot_write(&self.path, std::io::Error::other(error)))?;
        self.file.persist(&self.path).map_err(|error| cannot_write(&self.path, error.error))?;
        Ok(())
    }
}

fn write(file: &mut fs::File, phases: &[Phase]) -> Result<(), csv::Error> {
    // The report has no times, so the zone does not matter.
    let mut rows = CsvRows::begin(BufWriter::new(file), &COLUMNS, Style { zone: TimeZone::UTC, bom: true })?;
    for Phase { plan, outcomes } in phases {
        let file = plan.sheet.path().display();
        for (at, (verdict, outcome)) in plan.verdicts.iter().zip(outcomes).enumerate() {
            let row = plan.sheet.row(at);
            rows.add(&[
                Cell::text(&file),
                Cell::number(plan.sheet.line(at)),
                Cell::text(row.as_ref().map_or("", |row| reference(row))),
                Cell::Text(outcome.status.word(plan.sheet.kind().done())),
                Cell::Text(reason(outcome)),
                outcome.movement(verdict).map_or(Cell::Missing, Cell::text),
            ])?;
        }
    }
    Ok(rows.flush()?)
}

/// Returns why a row was not imported; empty if it was.
fn reason(outcome: &RowOutcome) -> String {
    match outcome.reason.as_deref() {
        None => String::new(),
        Some(reason) if reason.code.is_empty() => reason.words.clone(),
        Some(reason) => format!("{}: {}", reason.code, reason.words),
    }
}

fn cannot_write(path: &Path, source: std::io::Error) -> CliError {
    CliError::File { operation: "write", path: path.into(), source }
}
