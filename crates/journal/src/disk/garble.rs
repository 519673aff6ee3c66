//! Writes that a [`FaultDisk`] corrupts silently, and the difference between its memory and its medium.

use std::path::{Path, PathBuf};

use super::fault::{Contents, FaultDisk, State};

/// A write that the disk corrupts silently.
#[derive(Clone, Debug)]
pub(super) struct Garbling {
    /// Only writes to files below this directory count.
    under: PathBuf,
    /// The number of writes to leave intact first.
    skip: u64,
    done: bool,
}

impl FaultDisk {
    /// Corrupts one write to a file below `under`, after `skip` others. The write succeeds and reads back correctly
    /// from memory, but on the medium its middle bit is flipped. Only a power cut or
    /// [`DiskFile::drop_cache`](super::DiskFile::drop_cache) reveals it.
    pub fn garble_under(&self, under: &Path, skip: u64) {
        self.state.lock().garbling = Some(Garbling { under: under.to_path_buf(), skip, done: false });
    }

    /// Returns whether the write of [`FaultDisk::garble_under`] has happened.
    pub fn has_garbled(&self) -> bool {
        self.state.lock().garbling.as_ref().is_some_and(|garbling| garbling.done)
    }
}

impl State {
    /// Returns whether a write to that file is to be corrupted.
    pub(super) fn garbles(&mut self, file: usize) -> bool {
        let Some(garbling) = self.garbling.as_mut().filter(|garbling| !garbling.done) else { return false };
        if !self.names.iter().any(|(path, named)| *named == file && path.starts_with(&garbling.under)) {
            return false;
        }
        garbling.done = garbling.skip == 0;
        garbling.skip = garbling.skip.saturating_sub(1);
        garbling.done
    }
}

impl Contents {
    /// Makes the next reads return the contents of the medium, overlaid with what was not written to it yet. What a
    /// failed sync left undefined is lost, which is one of its two possible outcomes.
    pub(super) fn forget_memory(&mut self) {
        self.pending.retain(|pending| !pending.doomed);
        self.live.clone_from(&self.durable);
        for pending in &self.pending {
            pending.change.apply(&mut self.live);
        }
    }
}
