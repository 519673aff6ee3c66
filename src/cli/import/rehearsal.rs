//! The copy of a bank in which an import is tried out.
//!
//! Rows rest on each other: an order on the deposit before it, a fee on how many transfers were free that day. What an import
//! would do can be told for certain only by doing it, and so it is done, to a copy that is thrown away.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::cli::data;
use crate::cli::error::CliError;

/// What of the bank's directory is copied. Its keys and its settings are not needed.
const PARTS: [&str; 2] = ["journal", "state"];

/// A copy of a bank, which is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Rehearsal {
    dir: TempDir,
}

impl Rehearsal {
    /// Copies the bank in `data` to the directory for temporary files; an empty directory where there is no bank.
    ///
    /// # Errors
    /// As of opening the bank for reading, which nobody else may have open to write; [`CliError::File`].
    pub(super) fn of(data: &Path) -> Result<Rehearsal, CliError> {
        let dir = tempfile::tempdir();
        let dir = dir.map_err(|source| CliError::File { operation: "make", path: std::env::temp_dir(), source })?;
        match data::must_exist(data) {
            Ok(()) => {
                // Opened so that nobody writes to it while it is copied, and so that a fault is said of the bank itself.
                let bank = data::reading(data)?;
                // A state that is not trusted is left; the journal leads to it again.
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

    /// Where the copy is, or will be made.
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
