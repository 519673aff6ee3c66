//! Files and folders that only their owner may read, whatever the process's umask is.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// What a file of a bank may be used for: its owner reads and writes it.
pub const FILE_MODE: u32 = 0o600;
/// The same of a folder.
pub const FOLDER_MODE: u32 = 0o700;

/// Makes a folder and all those above it that are not there. Each is durable before the next is made in it.
///
/// # Errors
/// The operating system's.
pub fn make_folders(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(Path::new(""));
    make_folders(parent)?;
    make_folder(path)?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    File::open(parent)?.sync_all()
}

/// Makes a folder whose parent exists. No error when it is there already.
///
/// # Errors
/// The operating system's.
pub fn make_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(FOLDER_MODE).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// Writes a small file.
///
/// # Errors
/// The operating system's.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(FILE_MODE).open(path)?.write_all(bytes)
}

/// Takes everybody else's permissions away from a folder and all that is in it: for what others made there.
///
/// # Errors
/// The operating system's. Files that are gone meanwhile are none.
pub fn restrict(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(FOLDER_MODE))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let restricted = match entry.file_type()? {
            kind if kind.is_dir() => restrict(&entry.path()),
            kind if kind.is_file() => fs::set_permissions(entry.path(), Permissions::from_mode(FILE_MODE)),
            _ => Ok(()),
        };
        match restricted {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
