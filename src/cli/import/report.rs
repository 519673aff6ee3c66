//! Every row and what became of it, as a file.

use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use tempfile::NamedTempFile;

use super::Phase;
use super::fate::Fate;
use super::plan::reference;
use super::sheet::Sheet;
use crate::cli::error::CliError;
use crate::tables::{Cell, CsvRows, Style};

/// The columns of a report.
const COLUMNS: [&str; 6] = ["file", "line", "id", "status", "reason", "transfer_id"];

/// A report that is being written. It has its name only once it is complete.
#[derive(Debug)]
pub(super) struct Report {
    path: PathBuf,
    file: NamedTempFile,
}

impl Report {
    /// Begins a report, before anything moves: where none can be written, nothing is imported.
    ///
    /// # Errors
    /// [`CliError::File`]; [`CliError::Usage`] where it would replace one of the files to import.
    pub(super) fn begin(path: &Path, sheets: &[Sheet]) -> Result<Report, CliError> {
        let same = |sheet: &Sheet| {
            let canonical = (fs::canonicalize(path), fs::canonicalize(sheet.path()));
            matches!(canonical, (Ok(report), Ok(sheet)) if report == sheet)
        };
        if sheets.iter().any(same) {
            return Err(CliError::Usage(format!(
                "the report would replace {}, which is to be imported",
                path.display()
            )));
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

    /// Writes the rows of all files, and gives the report its name.
    pub(super) fn finish(mut self, phases: &[Phase]) -> Result<(), CliError> {
        let written = write(self.file.as_file_mut(), phases);
        written.map_err(|error| cannot_write(&self.path, std::io::Error::other(error)))?;
        self.file.persist(&self.path).map_err(|error| cannot_write(&self.path, error.error))?;
        Ok(())
    }
}

fn write(file: &mut fs::File, phases: &[Phase]) -> Result<(), csv::Error> {
    // It has no times, and so no zone that matters.
    let mut rows = CsvRows::begin(BufWriter::new(file), &COLUMNS, Style { zone: TimeZone::UTC, bom: true })?;
    for Phase { plan, fates } in phases {
        let file = plan.sheet.path().display();
        for (at, (verdict, fate)) in plan.verdicts.iter().zip(fates).enumerate() {
            let row = plan.sheet.row(at);
            rows.add(&[
                Cell::text(&file),
                Cell::number(plan.sheet.line(at)),
                Cell::text(row.as_ref().map_or("", |row| reference(row))),
                Cell::Text(fate.status.word(plan.sheet.kind().done())),
                Cell::Text(reason(fate)),
                fate.movement(verdict).map_or(Cell::Missing, Cell::text),
            ])?;
        }
    }
    Ok(rows.flush()?)
}

/// Why a row was not imported; empty where it was.
fn reason(fate: &Fate) -> String {
    match fate.reason.as_deref() {
        None => String::new(),
        Some(reason) if reason.code.is_empty() => reason.words.clone(),
        Some(reason) => format!("{}: {}", reason.code, reason.words),
    }
}

fn cannot_write(path: &Path, source: std::io::Error) -> CliError {
    CliError::File { operation: "write", path: path.into(), source }
}
