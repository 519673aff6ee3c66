//! A temporary copy of a bank, on which a dry run of an import is carried out.
//!
//! Rows depend on each other: an order on an earlier deposit, a fee on the number of free transfers left that day. The
//! only reliable preview is to run the import on a copy and discard it.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::cli::data;
use crate::cli::error::CliError;

/// The parts of the bank's directory that are copied. Keys and settings are not needed.
const PARTS: [&str; 2] = ["journal", "state"];

/// A temporary copy of a bank, removed on drop.
#[derive(Debug)]
pub(super) struct Rehearsal {
    dir: TempDir,
}

impl Rehearsal {
    /// Copies the bank in `data` to the directory for temporary files. If there is no bank, the copy is empty.
    ///
    /// # Errors
    /// Those of opening the bank for reading, which fails while another process has it open for writing;
    /// [`CliError::File`].
    pub(super) fn of(data: &Path) -> Result<Rehearsal, CliError> {
        let dir = tempfile::tempdir();
        let dir = dir.map_err(|source| CliError::File { operation: "create", path: std::env::temp_dir(), source })?;
        match data::must_exist(data) {
            Ok(()) => {
                // Keeps the bank open, so that nobody writes to it during the copy, and reports its faults under its
                // own path.
                let bank = data::reading(data)?;
                // A distrusted state is skipped; the journal rebuilds it.
                let is_trusted = !data.join("state.distrusted").exists();
                let is_needed = |part: &&str| data.join(part).exists() && (is_trusted || *part == "journal");
                for part in PARTS.into_iter().filter(is_needed) {
                    copy(&data.join(part), &dir.path().join("bank").join(part))?;
                }
                bank.close()?;
            }
            Err(CliError::NoBank { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(Rehearsal { dir })
    }

    /// Returns the path of the copy, which may not exist yet.
    pub(super) fn path(&self) -> PathBuf {
        self.dir.path().join("bank")
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), CliError> {
    let failed = |source| CliError::File { operation: "copy", path: from.into(), source };
    fs::create_dir_all(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().map_err(failed)?.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(&from, &to).map_err(|source| CliError::File { operation: "copy", path: from, source })?;
        }
    }
    Ok(())
}
