//! The file operations that the journal needs, as a small interface, so that tests can make them fail and cut the
//! power.
//!
//! [`RealDisk`] passes each operation to the operating system. `FaultDisk` (feature `testing`) keeps everything in
//! memory, fails any operation on request, and shows what a power cut at any moment would leave.
//!
//! An implementation must never buffer, retry, or pretend that something is durable. A write is durable after
//! [`DiskFile::sync`] of its file; a name that is created, changed or removed is durable after [`Disk::sync_dir`] of
//! its directory.

#[cfg(any(test, feature = "testing"))]
mod fault;
#[cfg(any(test, feature = "testing"))]
mod garble;
#[cfg(any(test, feature = "testing"))]
mod image;
mod real;
#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::Arc;

#[cfg(any(test, feature = "testing"))]
#[cfg(any(test, feature = "testing"))]
pub use fault::{Fault, FaultDisk, INJECTED};
pub use real::RealDisk;

/// The file operations of a journal.
pub trait Disk: Debug + Send + Sync {
    /// Creates a directory whose parent exists, if it does not exist yet.
    ///
    /// # Errors
    /// Those of the operating system.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Returns the names in a directory, in no particular order.
    ///
    /// # Errors
    /// Those of the operating system.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Opens or creates a file.
    ///
    /// # Errors
    /// Those of the operating system.
    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn DiskFile>>;

    /// Renames a file, replacing a file with the new name.
    ///
    /// # Errors
    /// Those of the operating system.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// Those of the operating system.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    ///
    /// # Errors
    /// Those of the operating system.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading an existing file.
    Read,
    /// Reading and writing an existing file.
    Write,
    /// Reading and writing a new file, or an existing one that is truncated.
    Create,
}

/// An open file. Reads and writes take an offset, so that threads can share it.
pub trait DiskFile: Debug + Send + Sync {
    /// Returns the length in bytes.
    ///
    /// # Errors
    /// Those of the operating system.
    fn size(&self) -> io::Result<u64>;

    /// Reads up to `to.len()` bytes at `offset`. Returns 0 at the end of the file.
    ///
    /// # Errors
    /// Those of the operating system.
    fn read_at(&self, to: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`. After an error, any part of them may have been written.
    ///
    /// # Errors
    /// Those of the operating system.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Truncates the file, or extends it with zeros.
    ///
    /// # Errors
    /// Those of the operating system.
    fn set_len(&self, size: u64) -> io::Result<()>;

    /// Makes everything written so far durable (fdatasync). After an error, nothing is known about any of it, and a
    /// second call proves nothing.
    ///
    /// # Errors
    /// Those of the operating system.
    fn sync(&self) -> io::Result<()>;

    /// Drops the parts of the file from the operating system's cache that are already on the medium, so that the next
    /// read comes from the medium. Call it after [`DiskFile::sync`]: what is not durable stays in the cache.
    ///
    /// # Errors
    /// Those of the operating system.
    fn drop_cache(&self) -> io::Result<()>;

    /// Fills `to` from `offset`, up to the end of the file. Returns the number of bytes read.
    ///
    /// # Errors
    /// Those of the operating system.
    fn read_full_at(&self, to: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = to.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.read_at(rest, offset + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}
