//! The state of a [`FaultDisk`] after a power cut.

use std::collections::BTreeMap;
use std::path::Path;

use super::fault::{Change, Contents, FaultDisk, sectors};
use jangbu_plant::Dice;

impl FaultDisk {
    /// Returns the disk as a power cut at this moment could leave it. Equal seeds give equal results.
    ///
    /// Everything synced is kept. Each write that is not synced is, depending on the seed, lost, kept, or torn at
    /// multiples of 512 bytes, and writes to the same place may arrive in another order. Names that no directory sync
    /// has covered are kept or lost independently.
    pub fn power_cut(&self, seed: u64) -> FaultDisk {
        let mut dice = Dice::new(seed);
        let state = self.state.lock();
        let mut dirs = state.durable_dirs.clone();
        let mut names = state.durable_names.clone();
        for change in &state.renaming {
            if dice.heads() {
                change.apply(&mut names, &mut dirs);
            }
        }
        names.retain(|path, _| path.parent().is_none_or(|dir| dirs.contains(dir)));
        let mut after = super::fault::State::default();
        (after.dirs, after.durable_dirs) = (dirs.clone(), dirs);
        let mut kept = BTreeMap::new();
        for (path, file) in names {
            let place = *kept.entry(file).or_insert_with(|| {
                let bytes = state.files.get(file).map(|contents| survive(contents, &mut dice)).unwrap_or_default();
                after.files.push(Contents { live: bytes.clone(), durable: bytes, pending: Vec::new() });
                after.files.len() - 1
            });
            after.names.insert(path, place);
        }
        after.durable_names = after.names.clone();
        FaultDisk { state: std::sync::Arc::new(parking_lot::Mutex::new(after)) }
    }

    /// Flips one bit of a file, durably and without counting an operation. Returns whether the file has that bit.
    pub fn flip_bit(&self, path: &Path, bit: usize) -> bool {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        let Some(contents) = state.names.get(path).and_then(|file| state.files.get_mut(*file)) else { return false };
        let places = [contents.live.get_mut(bit / 8), contents.durable.get_mut(bit / 8)];
        places.into_iter().flatten().map(|byte| *byte ^= 1 << (bit % 8)).count() == 2
    }
}

fn survive(contents: &Contents, dice: &mut Dice) -> Vec<u8> {
    let mut pieces = Vec::new();
    for pending in &contents.pending {
        match (&pending.change, dice.below(4)) {
            (_, 0) => {}
            (Change::Write { offset, bytes }, 1 | 2) => {
                pieces.extend(sectors(*offset, bytes).filter(|_| dice.heads()));
            }
            (Change::Write { offset, bytes }, _) => pieces.extend(sectors(*offset, bytes)),
            (Change::Resize(size), _) => pieces.push(Change::Resize(*size)),
        }
    }
    // In order half of the time, otherwise shuffled, because unsynced writes arrive in any order.
    if dice.heads() {
        for at in (1..pieces.len()).rev() {
            pieces.swap(at, dice.below(at + 1));
        }
    }
    let mut bytes = contents.durable.clone();
    for piece in &pieces {
        piece.apply(&mut bytes);
    }
    bytes
}
