//! The thin seam under the journal: the few file operations it needs, so that tests can fail them and cut the power.
//!
//! [`RealDisk`] hands each operation to the operating system. `FaultDisk` (feature `testing`) keeps everything in
//! memory, fails any operation on request and shows what a power cut at any moment would leave behind.
//!
//! What this module must never do: buffer, retry, or pretend that something is durable. A write is durable after
//! [`DiskFile::sync`] of its file, a name (created, renamed, removed) after [`Disk::sync_dir`] of its directory.

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
    /// Makes a directory whose parent exists. No error when it is there already.
    ///
    /// # Errors
    /// The operating system's.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// The names in a directory, in no order.
    ///
    /// # Errors
    /// The operating system's.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Opens or creates a file.
    ///
    /// # Errors
    /// The operating system's.
    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn DiskFile>>;

    /// Gives a file another name, replacing what had it.
    ///
    /// # Errors
    /// The operating system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// The operating system's.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    ///
    /// # Errors
    /// The operating system's.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading an existing file.
    Read,
    /// Reading and writing an existing file.
    Write,
    /// Reading and writing a file that is created, or emptied when it exists.
    Create,
}

/// An open file. Reads and writes name their place, so that threads can share it.
pub trait DiskFile: Debug + Send + Sync {
    /// The length in bytes.
    ///
    /// # Errors
    /// The operating system's.
    fn size(&self) -> io::Result<u64>;

    /// Reads up to `to.len()` bytes at `offset`; 0 at the end of the file.
    ///
    /// # Errors
    /// The operating system's.
    fn read_at(&self, to: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`. After an error, any part of them may have been written.
    ///
    /// # Errors
    /// The operating system's.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts the file off, or lengthens it by zeros.
    ///
    /// # Errors
    /// The operating system's.
    fn set_len(&self, size: u64) -> io::Result<()>;

    /// Makes everything written so far durable (fdatasync). After an error nothing can be said about any of it, and
    /// a second try proves nothing.
    ///
    /// # Errors
    /// The operating system's.
    fn sync(&self) -> io::Result<()>;

    /// Drops what the system keeps of the file in memory and has written already, so that the next read is answered by
    /// the medium. To be called after [`DiskFile::sync`]: what is not durable stays in memory.
    ///
    /// # Errors
    /// The operating system's.
    fn drop_cache(&self) -> io::Result<()>;

    /// Fills `to` from `offset`, as far as the file goes, and returns the number of bytes read.
    ///
    /// # Errors
    /// The operating system's.
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
