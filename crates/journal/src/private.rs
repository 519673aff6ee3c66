//! Files and folders that only their owner may access, whatever the umask of the process is.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// The permissions of a bank's files: reading and writing by the owner.
pub const FILE_MODE: u32 = 0o600;
/// The permissions of a bank's folders.
pub const FOLDER_MODE: u32 = 0o700;

/// Creates a folder and its missing parents. Each is durable before the next is created in it.
///
/// # Errors
/// Those of the operating system.
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

/// Creates a folder whose parent exists, if it does not exist yet.
///
/// # Errors
/// Those of the operating system.
pub fn make_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(FOLDER_MODE).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// Writes a small file.
///
/// # Errors
/// Those of the operating system.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(FILE_MODE).open(path)?.write_all(bytes)
}

/// Removes other users' permissions from a folder and everything in it, for files made by other programs.
///
/// # Errors
/// Those of the operating system. Files that disappear in the meantime are ignored.
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
