//! Checks the permissions of files with secrets: a file that other users can read is refused.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The permissions that only the owner may have.
pub(crate) const OWNER_ONLY: u32 = 0o077;
/// The permissions that others may not have if the group may read: a settings file often belongs to root and is
/// readable by the service's group.
pub(crate) const GROUP_MAY_READ: u32 = 0o037;

/// Returns the permissions of a file that grants others some of the `forbidden` ones; `None` if the file is private
/// enough or does not exist.
///
/// # Errors
/// When the file's metadata cannot be read.
pub(crate) fn exposed(path: &Path, forbidden: u32) -> io::Result<Option<u32>> {
    match path.metadata() {
        Ok(metadata) => {
            let mode = metadata.permissions().mode() & 0o7777;
            Ok((mode & forbidden != 0).then_some(mode))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
