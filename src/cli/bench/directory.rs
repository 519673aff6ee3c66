//! The temporary directory of a run, on a real disk, and measurements of the machine.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::cli::error::CliError;

/// The block size and the number of syncs in the measurement of `fdatasync`.
const BLOCK_BYTES: usize = 4_096;
const SYNCS: usize = 101;

/// File systems by the number that statfs(2) returns, and whether they are on a disk.
const FILE_SYSTEMS: &[(u64, &str, bool)] = &[
    (0x0102_1994, "tmpfs", false),
    (0x8584_58F6, "ramfs", false),
    (0xEF53, "ext4", true),
    (0x5846_5342, "xfs", true),
    (0x9123_683E, "btrfs", true),
    (0xF2F5_2010, "f2fs", true),
    (0xCA45_1A4E, "bcachefs", true),
    (0x2FC1_2FC1, "zfs", true),
    (0x794C_7630, "overlay", true),
    (0x6969, "nfs", true),
    (0x0102_1997, "9p", true),
    (0x6573_5546, "fuse", true),
];

/// A temporary directory, removed with its contents on drop.
#[derive(Debug)]
pub(super) struct BenchDirectory {
    path: PathBuf,
    bank: PathBuf,
    filesystem: String,
}

impl BenchDirectory {
    /// Creates a directory in `parent`, which must not be in memory.
    ///
    /// # Errors
    /// [`CliError::Machine`] on a file system that loses its contents without power.
    pub(super) fn create(parent: &Path) -> Result<BenchDirectory, CliError> {
        let failed = |source: io::Error| CliError::File { operation: "read", path: parent.into(), source };
        let parent = parent.canonicalize().map_err(failed)?;
        let kind = rustix::fs::statfs(&parent).map_err(|error| failed(error.into()))?.f_type;
        let (filesystem, durable) = file_system(kind as u64);
        if !durable {
            let what = format!("{} is on {filesystem}, which is not durable", parent.display());
            return Err(CliError::Machine(format!("{what}; choose a directory on a disk with --dir")));
        }
        let path = parent.join(format!("jangbu-bench-{}", std::process::id()));
        fs::create_dir(&path).map_err(|source| CliError::File { operation: "create", path: path.clone(), source })?;
        Ok(BenchDirectory { bank: path.join("data"), path, filesystem })
    }

    /// Returns the bank's directory.
    pub(super) fn bank(&self) -> &Path {
        &self.bank
    }

    /// Returns the name of the file system.
    pub(super) fn filesystem(&self) -> &str {
        &self.filesystem
    }

    /// Returns the bytes allocated on disk for the bank's files other than segments. Segments are allocated in full
    /// before they are written; the engine counts the bytes written to them.
    pub(super) fn bytes_beside_segments(&self) -> Result<u64, CliError> {
        bytes_beside_segments(&self.bank).map_err(|source| CliError::File {
            operation: "read",
            path: self.bank.clone(),
            source,
        })
    }

    /// Returns the median time, in microseconds, to write 4 KiB to preallocated blocks of a file and sync them.
    pub(super) fn fdatasync_us(&self) -> Result<u64, CliError> {
        let path = self.path.join("fdatasync");
        let measured = fdatasync_us(&path).and_then(|us| fs::remove_file(&path).map(|()| us));
        measured.map_err(|source| CliError::File { operation: "sync", path, source })
    }
}

impl Drop for BenchDirectory {
    fn drop(&mut self) {
        // The directory may be gone already, and an error here cannot be reported.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Returns the peak memory of this process.
pub(super) fn peak_rss_bytes() -> Result<u64, CliError> {
    let path = Path::new("/proc/self/status");
    let status =
        fs::read_to_string(path).map_err(|source| CliError::File { operation: "read", path: path.into(), source })?;
    let kib =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let missing = || CliError::Machine(format!("{} has no VmHWM", path.display()));
    Ok(kib.ok_or_else(missing)?.saturating_mul(1_024))
}

fn file_system(kind: u64) -> (String, bool) {
    // Some systems sign-extend the 32-bit number.
    let kind = kind & 0xFFFF_FFFF;
    let known = FILE_SYSTEMS.iter().find(|(number, ..)| *number == kind);
    known.map_or_else(|| (format!("{kind:#x}"), true), |(_, name, durable)| ((*name).to_owned(), *durable))
}

fn bytes_beside_segments(path: &Path) -> io::Result<u64> {
    let mut bytes: u64 = 0;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let own = match entry.file_name().to_string_lossy().contains(".segment") {
            true => 0,
            false if metadata.is_dir() => bytes_beside_segments(&entry.path())?,
            // A block of stat(2) has 512 bytes, whatever the file system's block size.
            false => metadata.blocks().saturating_mul(512),
        };
        bytes = bytes.saturating_add(own);
    }
    Ok(bytes)
}

fn fdatasync_us(path: &Path) -> io::Result<u64> {
    let mut file = File::create_new(path)?;
    let mut block = vec![0u8; BLOCK_BYTES];
    for _ in 0..SYNCS {
        file.write_all(&block)?;
    }
    file.sync_all()?;
    block.fill(1);
    let mut times_us = Vec::with_capacity(SYNCS);
    for at in (0u64..).step_by(BLOCK_BYTES).take(SYNCS) {
        let begin = Instant::now();
        file.write_all_at(&block, at)?;
        file.sync_data()?;
        times_us.push(u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    times_us.sort_unstable();
    Ok(times_us.get(SYNCS / 2).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_systems_in_memory_are_recognized() {
        assert_eq!(file_system(0x0102_1994), ("tmpfs".into(), false));
        assert_eq!(file_system(0xFFFF_FFFF_9123_683E), ("btrfs".into(), true));
        assert_eq!(file_system(0x1234), ("0x1234".into(), true));
    }

    #[test]
    fn the_directory_is_removed_with_its_contents() {
        let parent = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let directory = BenchDirectory::create(parent.path()).unwrap();
        fs::create_dir(directory.bank()).unwrap();
        fs::write(directory.bank().join("file"), vec![1; 10_000]).unwrap();
        assert!(directory.bytes_beside_segments().unwrap() >= 10_000);
        drop(directory);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
