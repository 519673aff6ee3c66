//! Whether files with secrets are for their owner: what others can read is no secret any more, and is refused.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What nobody but the owner may do.
pub(crate) const OWNER_ONLY: u32 = 0o077;
/// What others may not do, where the group may read: a settings file is often root's, and the service's group reads it.
pub(crate) const GROUP_MAY_READ: u32 = 0o037;

/// The permissions of a file that others have some of those of `forbidden`; `None` for one that is private enough, or not
/// there.
///
/// # Errors
/// When the file cannot be looked at.
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
