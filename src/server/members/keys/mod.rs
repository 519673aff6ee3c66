//! The keys of members, under which everything personal or secret about them is sealed.
//!
//! A key is on disk, synced, before the first record that needs it is written. Erasing a member destroys the key and
//! leaves a mark in its place, so that an erased member can be distinguished from a key file of another bank.
//!
//! What this module must never do: show a key, or write one anywhere but into the key file.

#[cfg(test)]
mod fault_tests;
mod file;
mod lines;
mod seal;

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use jangbu_actors::journal::disk::{Disk, RealDisk};
use parking_lot::{Mutex, RwLock};
use secrecy::{ExposeSecret, SecretBox};

use super::MemberId;
use crate::server::exposure::{OWNER_ONLY, exposed};
use file::KeyFile;
pub(crate) use file::KeysError;
use lines::Line;

/// 256 random bits.
pub(super) type Key = SecretBox<[u8; 32]>;

/// The keys of a bank: in the file `keys` of its directory, or in memory for a bank in memory.
pub(crate) struct Keys {
    ring: RwLock<Ring>,
    file: Mutex<Option<KeyFile>>,
}

#[derive(Default)]
struct Ring {
    names: Option<Key>,
    members: HashMap<MemberId, Slot>,
}

enum Slot {
    Key(Key),
    Erased,
}

/// What the key ring contains for a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// A key.
    Key,
    /// The mark of a destroyed key.
    Erased,
    /// Nothing.
    Nothing,
}

/// What a sealed value belongs to. It cannot be opened as anything else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label<'a> {
    /// The owner.
    pub(crate) member: MemberId,
    /// The kind of its record.
    pub(crate) kind: &'a str,
    /// The key of its record.
    pub(crate) key: &'a str,
}

impl Keys {
    /// Makes the keys of a bank in memory.
    #[cfg(test)]
    pub(crate) fn in_memory() -> Keys {
        Keys { ring: RwLock::default(), file: Mutex::new(None) }
    }

    /// Opens the keys in the file `keys` of the bank's directory, and in its copy. The files are created with the first
    /// key. The next write, or [`Keys::mend`], repairs what is damaged, torn or missing in one of them.
    ///
    /// # Errors
    /// [`KeysError::Exposed`] for files that others can use; [`KeysError::Damaged`] for a line that is as it was written in
    /// neither; [`KeysError::Strangers`]; [`KeysError::File`].
    pub(crate) fn open(directory: &Path) -> Result<Keys, KeysError> {
        for path in file::NAMES.map(|name| directory.join(name)) {
            match exposed(&path, OWNER_ONLY) {
                Ok(None) => {}
                Ok(Some(mode)) => return Err(KeysError::Exposed { path, mode }),
                Err(source) => return Err(KeysError::File { operation: "look at", path, source }),
            }
        }
        Keys::open_on(Arc::new(RealDisk), directory)
    }

    /// As [`Keys::open`], on another disk.
    ///
    /// # Errors
    /// Those of [`Keys::open`].
    pub(super) fn open_on(disk: Arc<dyn Disk>, directory: &Path) -> Result<Keys, KeysError> {
        let (file, lines) = KeyFile::open(disk, directory)?;
        Ok(Keys { ring: RwLock::new(Ring::of(lines)), file: Mutex::new(Some(file)) })
    }

    /// Reads the keys from the bytes of a key file; `path` is where they come from.
    ///
    /// # Errors
    /// [`KeysError::Damaged`].
    pub(crate) fn of_bytes(path: &Path, bytes: &[u8]) -> Result<Keys, KeysError> {
        let lines = file::lines_of(path, bytes)?;
        Ok(Keys { ring: RwLock::new(Ring::of(lines)), file: Mutex::new(None) })
    }

    /// Rewrites the file and its copy if one of them is not as it should be. Returns whether that was so. Blocks on the
    /// disk.
    ///
    /// # Errors
    /// [`KeysError::File`]: then what could be read before can be read still.
    pub(crate) fn mend(&self) -> Result<bool, KeysError> {
        match &mut *self.file.lock() {
            Some(file) if file.needs_mending() => file.rewrite(&self.ring.read().lines()).map(|()| true),
            _ => Ok(false),
        }
    }

    /// Passes the bytes of a key file with all keys to `take`. No key is created or destroyed until it returns. `None`
    /// without a key file.
    pub(crate) fn with_bytes<T>(&self, take: impl FnOnce(Option<Vec<u8>>) -> T) -> T {
        let file = self.file.lock();
        let bytes = file.as_ref().and_then(|file| file.text(&self.ring.read().lines()));
        take(bytes)
    }

    /// Whether a key file or a copy exists.
    pub(crate) fn are_there(&self) -> bool {
        self.file.lock().as_ref().is_some_and(KeyFile::is_there)
    }

    /// Returns how many members have a key, and how many have a mark of a destroyed one.
    pub(crate) fn count(&self) -> (usize, usize) {
        let ring = self.ring.read();
        let keys = ring.members.values().filter(|slot| matches!(slot, Slot::Key(_))).count();
        (keys, ring.members.len().saturating_sub(keys))
    }

    /// Creates a key for a member without one, and the key for names if it is missing. Blocks on the disk.
    ///
    /// # Errors
    /// [`KeysError::File`]: then there is no key.
    pub(crate) fn create(&self, member: MemberId) -> Result<(), KeysError> {
        let mut file = self.file.lock();
        let mut lines = Vec::new();
        if self.ring.read().names.is_none() {
            lines.push(Line::Names(seal::random_key()?));
        }
        lines.push(Line::Member(member, seal::random_key()?));
        if let Some(file) = &mut *file {
            file.append(&lines, || {
                let mut all = self.ring.read().lines();
                all.extend(lines.iter().map(Line::copied));
                all
            })?;
        }
        let mut ring = self.ring.write();
        for line in lines {
            match line {
                Line::Names(key) => ring.names = Some(key),
                Line::Member(member, key) => drop(ring.members.insert(member, Slot::Key(key))),
                Line::Erased(_) => {}
            }
        }
        Ok(())
    }

    /// Destroys a member's key and leaves a mark in its place. Blocks on the disk.
    ///
    /// From then on nothing is sealed or opened with the key, whatever happens to the files, and every later write
    /// omits it.
    ///
    /// # Errors
    /// [`KeysError::File`]: then the files may still have the key, which [`Keys::needs_mending`] tells, and destroying it has
    /// to be tried again.
    pub(crate) fn erase(&self, member: MemberId) -> Result<(), KeysError> {
        let mut file = self.file.lock();
        self.ring.write().members.insert(member, Slot::Erased);
        match &mut *file {
            Some(file) => file.rewrite_without_key(&self.ring.read().lines()),
            None => Ok(()),
        }
    }

    /// Whether the file and its copy must be rewritten: one of them lacks something, or may still contain a destroyed
    /// key.
    pub(crate) fn needs_mending(&self) -> bool {
        self.file.lock().as_ref().is_some_and(KeyFile::needs_mending)
    }

    /// Returns what the key ring contains for a member.
    pub(crate) fn known(&self, member: MemberId) -> Known {
        match self.ring.read().members.get(&member) {
            Some(Slot::Key(_)) => Known::Key,
            Some(Slot::Erased) => Known::Erased,
            None => Known::Nothing,
        }
    }

    /// Whether the bank's key for names exists, which every bank with members has.
    pub(crate) fn has_names(&self) -> bool {
        self.ring.read().names.is_some()
    }

    /// Returns a name as the key of its record: 64 hexadecimal digits that do not reveal it without the key file.
    ///
    /// # Errors
    /// [`KeysError::NoKey`] before the first member.
    pub(crate) fn hash_name(&self, name: &str) -> Result<String, KeysError> {
        let ring = self.ring.read();
        let key = ring.names.as_ref().ok_or(KeysError::NoKey)?;
        Ok(blake3::keyed_hash(key.expose_secret(), name.as_bytes()).to_hex().to_string())
    }

    /// Returns the hash by which a member's device is recognised, with the bank's own key. Its input never equals that
    /// for a name: it begins with a byte that no name contains.
    ///
    /// # Errors
    /// [`KeysError::NoKey`] without keys.
    pub(crate) fn hash_device(&self, text: &[u8]) -> Result<blake3::Hash, KeysError> {
        let ring = self.ring.read();
        let key = ring.names.as_ref().ok_or(KeysError::NoKey)?;
        let mut hasher = blake3::Hasher::new_keyed(key.expose_secret());
        Ok(hasher.update(b"\0device\0").update(text).finalize())
    }

    /// Seals bytes under a member's key.
    ///
    /// # Errors
    /// [`KeysError::NoKey`] when the member has none or is erased.
    pub(crate) fn seal(&self, label: Label<'_>, plain: &[u8]) -> Result<Vec<u8>, KeysError> {
        match self.ring.read().members.get(&label.member) {
            Some(Slot::Key(key)) => seal::seal(key, label, plain),
            _ => Err(KeysError::NoKey),
        }
    }

    /// Opens what was sealed under a member's key.
    ///
    /// # Errors
    /// [`KeysError::NoKey`] when the member has none or is erased, [`KeysError::Sealed`] for bytes that were not sealed
    /// with this key under this label.
    pub(crate) fn open_sealed(&self, label: Label<'_>, sealed: &[u8]) -> Result<Vec<u8>, KeysError> {
        match self.ring.read().members.get(&label.member) {
            Some(Slot::Key(key)) => seal::open(key, label, sealed),
            _ => Err(KeysError::NoKey),
        }
    }
}

impl Ring {
    /// Reads the lines of a file.
    fn of(lines: Vec<Line>) -> Ring {
        let mut ring = Ring::default();
        for line in lines {
            match line {
                Line::Names(key) => ring.names = Some(key),
                Line::Member(member, key) => drop(ring.members.insert(member, Slot::Key(key))),
                Line::Erased(member) => drop(ring.members.insert(member, Slot::Erased)),
            }
        }
        ring
    }

    /// Returns all lines of the file.
    fn lines(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = self.names.iter().map(|key| Line::Names(copied(key))).collect();
        let mut members: Vec<_> = self.members.iter().collect();
        members.sort_by_key(|(member, _)| **member);
        lines.extend(members.into_iter().map(|(member, slot)| match slot {
            Slot::Key(key) => Line::Member(*member, copied(key)),
            Slot::Erased => Line::Erased(*member),
        }));
        lines
    }
}

fn copied(key: &Key) -> Key {
    Key::new(Box::new(*key.expose_secret()))
}

impl Line {
    fn copied(&self) -> Line {
        match self {
            Line::Names(key) => Line::Names(copied(key)),
            Line::Member(member, key) => Line::Member(*member, copied(key)),
            Line::Erased(member) => Line::Erased(*member),
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("members", &self.ring.read().members.len()).finish_non_exhaustive()
    }
}
