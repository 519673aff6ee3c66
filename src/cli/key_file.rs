//! The key file of a bank's members, beside its journal: what is personal in the journal is sealed with its keys, so a
//! copy of the one without the other is of no use.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::error::CliError;

/// Its name in the bank's directory, and in that of a backup.
const NAME: &str = "keys";

/// Copies the key file from directory to directory, if there is one, and syncs it. Returns whether there is.
///
/// It is copied after the journal: every key is older than the records that need it, so it has all that the copied
/// records need. A copy that is there is replaced as a whole, with keys that were destroyed since.
pub(super) fn copy(from: &Path, to: &Path) -> Result<bool, CliError> {
    let source = from.join(NAME);
    let bytes = match fs::read(&source) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(CliError::File { operation: "read", path: source, source: error }),
    };
    let target = to.join(NAME);
    let replace = || -> io::Result<()> {
        let beside = to.join("keys.new");
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Nobody but the bank's own user may read it, there as here.
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&beside, &target)?;
        File::open(to)?.sync_all()
    };
    replace().map_err(|error| CliError::File { operation: "write", path: target.clone(), source: error })?;
    Ok(true)
}
