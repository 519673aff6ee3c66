//! Writes that a [`FaultDisk`] gets wrong without a word, and the difference between what it holds in memory and on the
//! medium.

use std::path::{Path, PathBuf};

use super::fault::{Contents, FaultDisk, State};

/// A write that the disk gets wrong without a word.
#[derive(Clone, Debug)]
pub(super) struct Garbling {
    /// Only writes to files below this directory count.
    under: PathBuf,
    /// The number of writes to leave intact first.
    skip: u64,
    done: bool,
}

impl FaultDisk {
    /// Garbles one write to a file below `under`, after `skip` others: it succeeds, reads back right from memory, and is
    /// on the medium with its middle bit flipped. Only a power cut or
    /// [`DiskFile::drop_cache`](super::DiskFile::drop_cache) shows it.
    pub fn garble_under(&self, under: &Path, skip: u64) {
        self.state.lock().garbling = Some(Garbling { under: under.to_path_buf(), skip, done: false });
    }

    /// Whether the write that [`FaultDisk::garble_under`] asked for has come.
    pub fn has_garbled(&self) -> bool {
        self.state.lock().garbling.as_ref().is_some_and(|garbling| garbling.done)
    }
}

impl State {
    /// Whether a write to that file is to be garbled.
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
    /// What is read from now on is what the medium has, under what was not written to it yet. What a failed sync left
    /// open is lost, which is one of the two things that can have become of it.
    pub(super) fn forget_memory(&mut self) {
        self.pending.retain(|pending| !pending.doomed);
        self.live.clone_from(&self.durable);
        for pending in &self.pending {
            pending.change.apply(&mut self.live);
        }
    }
}
