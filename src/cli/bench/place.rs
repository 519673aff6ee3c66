//! Where a run takes place: a fresh directory on a real disk, and what the machine tells about it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::cli::error::CliError;

/// What a bare sync is measured with.
const BLOCK_BYTES: usize = 4_096;
const SYNCS: usize = 101;

/// File systems by the number that statfs(2) gives, and whether they are on a disk.
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

/// A fresh directory, removed with everything in it when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    bank: PathBuf,
    filesystem: String,
}

impl Place {
    /// Makes a directory in `parent`, which must not be in memory.
    ///
    /// # Errors
    /// [`CliError::Machine`] on a file system that is lost with the power.
    pub(super) fn make(parent: &Path) -> Result<Place, CliError> {
        let failed = |source: io::Error| CliError::File { operation: "read", path: parent.into(), source };
        let parent = parent.canonicalize().map_err(failed)?;
        let kind = rustix::fs::statfs(&parent).map_err(|error| failed(error.into()))?.f_type;
        let (filesystem, durable) = file_system(kind as u64);
        if !durable {
            let what = format!("{} is on {filesystem}, which is lost with the power", parent.display());
            return Err(CliError::Machine(format!("{what}; choose a directory on a disk with --dir")));
        }
        let path = parent.join(format!("jangbu-bench-{}", std::process::id()));
        fs::create_dir(&path).map_err(|source| CliError::File { operation: "create", path: path.clone(), source })?;
        Ok(Place { bank: path.join("data"), path, filesystem })
    }

    /// The bank's directory.
    pub(super) fn bank(&self) -> &Path {
        &self.bank
    }

    /// The name of the file system.
    pub(super) fn filesystem(&self) -> &str {
        &self.filesystem
    }

    /// The bytes of the bank's files other than segments, as the disk has set them aside. Segments are set aside whole
    /// before they are written; the engine tells what it has written of them.
    pub(super) fn bytes_beside_segments(&self) -> Result<u64, CliError> {
        bytes_beside_segments(&self.bank).map_err(|source| CliError::File {
            operation: "read",
            path: self.bank.clone(),
            source,
        })
    }

    /// The median time, in microseconds, to write 4 KiB to a file that has its blocks already, and to sync them.
    pub(super) fn fdatasync_us(&self) -> Result<u64, CliError> {
        let path = self.path.join("fdatasync");
        let measured = fdatasync_us(&path).and_then(|us| fs::remove_file(&path).map(|()| us));
        measured.map_err(|source| CliError::File { operation: "sync", path, source })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // It may be gone already, and there is nobody left to tell.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The most memory that this process has had at a time.
pub(super) fn peak_rss_bytes() -> Result<u64, CliError> {
    let path = Path::new("/proc/self/status");
    let status =
        fs::read_to_string(path).map_err(|source| CliError::File { operation: "read", path: path.into(), source })?;
    let kib =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let missing = || CliError::Machine(format!("{}: there is no VmHWM", path.display()));
    Ok(kib.ok_or_else(missing)?.saturating_mul(1_024))
}

fn file_system(kind: u64) -> (String, bool) {
    // Some systems extend the sign of what are 32 bits.
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
            // A block of stat(2) has 512 bytes, whatever the file system's own have.
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
    fn memory_is_told_from_disks() {
        assert_eq!(file_system(0x0102_1994), ("tmpfs".into(), false));
        assert_eq!(file_system(0xFFFF_FFFF_9123_683E), ("btrfs".into(), true));
        assert_eq!(file_system(0x1234), ("0x1234".into(), true));
    }

    #[test]
    fn the_directory_is_removed_with_everything_in_it() {
        let parent = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let place = Place::make(parent.path()).unwrap();
        fs::create_dir(place.bank()).unwrap();
        fs::write(place.bank().join("file"), vec![1; 10_000]).unwrap();
        assert!(place.bytes_beside_segments().unwrap() >= 10_000);
        drop(place);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
