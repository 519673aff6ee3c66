//! The base of a journal with an archived beginning: the state that the archived records lead to, in a file beside the
//! remaining segments.
//!
//! A state file is complete and durable before it gets its name, and is never written again.

use std::path::Path;

use super::JournalError;
use super::disk::{Access, Disk};
pub use super::format::base::Base;
use super::format::header::HeaderFault;
use super::format::state::{self, CHUNK_HEADER_BYTES, END, FULL_CHUNK_BYTES};
use super::format::{BLOCK_BYTES, FORMAT_VERSION, names};
use super::medium;

/// Receives the values of a state file one by one, each with the number of its section. Returns what is wrong with a
/// value.
pub type TakeValue<'a> = dyn FnMut(u32, &[u8]) -> Result<(), String> + 'a;

/// Receives the bytes of a state file in order.
type Sink<'a> = dyn FnMut(&[u8]) -> Result<(), JournalError> + 'a;

/// Assembles a state file value by value.
pub struct StateWriter<'a> {
    sink: &'a mut Sink<'a>,
    hasher: blake3::Hasher,
    seed: u32,
    section: u32,
    chunk: Vec<u8>,
    chunks: u64,
}

impl<'a> StateWriter<'a> {
    /// Starts a state file whose bytes go to `sink`.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn begin(base: &Base, sink: &'a mut Sink<'a>) -> Result<StateWriter<'a>, JournalError> {
        let seed = state::seed(base);
        let hasher = blake3::Hasher::new();
        let mut writer = StateWriter { sink, hasher, seed, section: END, chunk: Vec::new(), chunks: 0 };
        state::begin_chunk(&mut writer.chunk);
        writer.give(&state::encode_head(base))?;
        Ok(writer)
    }

    /// Adds a value to a section, whose number must not be 0. All values of a section are added consecutively.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn value(&mut self, section: u32, value: &[u8]) -> Result<(), JournalError> {
        if section != self.section || self.chunk.len() >= FULL_CHUNK_BYTES {
            self.end_chunk()?;
            self.section = section;
        }
        state::push_value(&mut self.chunk, value);
        Ok(())
    }

    /// Ends the file. Returns the hash of everything before the last chunk, which contains that hash.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn finish(mut self) -> Result<[u8; 32], JournalError> {
        self.end_chunk()?;
        let digest = *self.hasher.finalize().as_bytes();
        self.section = END;
        state::push_value(&mut self.chunk, &digest);
        self.end_chunk()?;
        Ok(digest)
    }

    fn end_chunk(&mut self) -> Result<(), JournalError> {
        if self.chunk.len() > CHUNK_HEADER_BYTES {
            let mut chunk = std::mem::take(&mut self.chunk);
            state::finish_chunk(&mut chunk, self.seed, self.chunks, self.section);
            self.chunks = self.chunks.saturating_add(1);
            self.give(&chunk)?;
            self.chunk = chunk;
        }
        state::begin_chunk(&mut self.chunk);
        Ok(())
    }

    fn give(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        self.hasher.update(bytes);
        (self.sink)(bytes)
    }
}

/// Writes the state file of `base` in `dir`, with the values that `fill` writes. The file gets its name only after it
/// is durable and has been read back.
///
/// # Errors
/// [`JournalError::Io`], and those of `fill`.
pub fn write(
    disk: &dyn Disk,
    dir: &Path,
    base: &Base,
    fill: impl FnOnce(&mut StateWriter<'_>) -> Result<(), JournalError>,
) -> Result<[u8; 32], JournalError> {
    let name = names::state(base.number);
    let (made, path) = (dir.join(names::making(&name)), dir.join(&name));
    let file = disk.open(&made, Access::Create).map_err(JournalError::io("create", &made))?;
    let (mut offset, mut hasher) = (0, blake3::Hasher::new());
    let mut sink = |bytes: &[u8]| {
        file.write_at(bytes, offset).map_err(JournalError::io("write", &made))?;
        offset += bytes.len() as u64;
        hasher.update(bytes);
        Ok(())
    };
    let mut writer = StateWriter::begin(base, &mut sink)?;
    fill(&mut writer)?;
    let digest = writer.finish()?;
    file.sync().map_err(JournalError::io("sync", &made))?;
    // Before it gets its name, because a bank does not open beside a damaged state.
    medium::read_the_medium(&*file).map_err(JournalError::io("read back", &made))?;
    if medium::digest_of(disk, &made, offset)? != *hasher.finalize().as_bytes() {
        return Err(JournalError::damaged(&made, 0, "the state read back differs from what was written"));
    }
    disk.rename(&made, &path).map_err(JournalError::io("rename", &made))?;
    disk.sync_dir(dir).map_err(JournalError::io("sync", dir))?;
    Ok(digest)
}

/// Drops the cached state file of `base`, so that the next reads come from the medium.
///
/// # Errors
/// [`JournalError::Io`].
pub fn read_the_medium(disk: &dyn Disk, dir: &Path, base: &Base) -> Result<(), JournalError> {
    let path = dir.join(names::state(base.number));
    let file = disk.open(&path, Access::Read).map_err(JournalError::io("open", &path))?;
    medium::read_the_medium(&*file).map_err(JournalError::io("read back", &path))
}

/// Returns the length of the state file of `base`.
pub(super) fn size(disk: &dyn Disk, dir: &Path, base: &Base) -> Result<u64, JournalError> {
    let path = dir.join(names::state(base.number));
    let file = disk.open(&path, Access::Read).map_err(JournalError::io("open", &path))?;
    file.size().map_err(JournalError::io("measure", &path))
}

/// Reads the head of the state file for the segments up to `number`.
pub(super) fn read_head(disk: &dyn Disk, dir: &Path, number: u64) -> Result<Base, JournalError> {
    let path = dir.join(names::state(number));
    let file = disk.open(&path, Access::Read).map_err(JournalError::io("open", &path))?;
    let mut block = vec![0; BLOCK_BYTES];
    let read = file.read_full_at(&mut block, 0).map_err(JournalError::io("read", &path))?;
    block.truncate(read);
    let base = state::decode_head(&block).map_err(|fault| match fault {
        HeaderFault::Damaged(what) => JournalError::damaged(&path, 0, what),
        HeaderFault::NewerFormat(found) => {
            JournalError::NewerFormat { path: path.clone(), found, known: FORMAT_VERSION }
        }
    })?;
    if base.number != number {
        let what = format!("the state is that of segment {}, and the file is named {number}", base.number);
        return Err(JournalError::damaged(&path, 0, &what));
    }
    Ok(base)
}

/// Reads a state file to its end, verifying everything, and passes each value with the number of its section to
/// `visit`. Returns the file's hash.
///
/// # Errors
/// [`JournalError::Damaged`], also if `visit` rejects a value; [`JournalError::Io`].
pub fn read(disk: &dyn Disk, dir: &Path, base: &Base, visit: &mut TakeValue<'_>) -> Result<[u8; 32], JournalError> {
    let path = dir.join(names::state(base.number));
    let file = disk.open(&path, Access::Read).map_err(JournalError::io("open", &path))?;
    let seed = state::seed(base);
    let (mut hasher, mut chunk, mut offset) = (blake3::Hasher::new(), Vec::new(), 0u64);
    let read = |to: &mut Vec<u8>, more: usize, offset: u64| {
        let start = to.len();
        to.resize(start + more, 0);
        let rest = to.get_mut(start..).unwrap_or_default();
        let read = file.read_full_at(rest, offset).map_err(JournalError::io("read", &path))?;
        if read == more { Ok(()) } else { Err(JournalError::damaged(&path, offset, "the state is cut off")) }
    };
    read(&mut chunk, BLOCK_BYTES, offset)?;
    if chunk != state::encode_head(base) {
        return Err(JournalError::damaged(&path, 0, "the head of the state has changed"));
    }
    for number in 0.. {
        hasher.update(&chunk);
        offset += chunk.len() as u64;
        chunk.clear();
        let damaged = |what: &str| JournalError::damaged(&path, offset, what);
        read(&mut chunk, CHUNK_HEADER_BYTES, offset)?;
        let values = state::values_bytes(&chunk).ok_or_else(|| damaged("no sound part of the state is here"))?;
        read(&mut chunk, values, offset + CHUNK_HEADER_BYTES as u64)?;
        let Some((section, values)) = state::decode_chunk(&chunk, seed, number) else {
            return Err(damaged("no sound part of the state is here"));
        };
        if section == END {
            let digest = *hasher.finalize().as_bytes();
            let size = file.size().map_err(JournalError::io("measure", &path))?;
            if values != [&digest[..]] || size != offset + chunk.len() as u64 {
                return Err(damaged("the end of the state does not match the rest of it"));
            }
            return Ok(digest);
        }
        for value in values {
            visit(section, value).map_err(|what| damaged(&what))?;
        }
    }
    Err(JournalError::damaged(&path, offset, "the state has no end"))
}
