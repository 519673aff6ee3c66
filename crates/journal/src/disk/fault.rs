//! A disk in memory that fails on request, and whose power can be cut.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::garble::Garbling;
use super::{Access, Disk, DiskFile};

/// The unit of a write that reaches the disk completely or not at all.
const SECTOR_BYTES: usize = 512;

/// A disk in memory that fails on request, and whose power can be cut. Clones are handles of the same disk.
///
/// Operations of all files, reads included, are counted from 0.
#[derive(Clone, Debug, Default)]
pub struct FaultDisk {
    pub(super) state: Arc<Mutex<State>>,
}

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An I/O error. Nothing of a write is written. After a failed sync it is undefined what is durable, and another
    /// sync never makes it durable, as on Linux.
    Io,
    /// No space is left. Otherwise like [`Fault::Io`].
    NoSpace,
    /// Half of a write is written before the space runs out, in whole sectors if it is longer than one. Every other
    /// operation fails like [`Fault::Io`].
    ShortWrite,
    /// The machine halts. The operation is not started, and its error tells the caller nothing else.
    Halt,
    /// The operation is not carried out but panics, like a bug on the calling thread. Nothing is printed.
    Panic,
}

/// The message of an injected panic.
pub const INJECTED: &str = "an injected panic";

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// The contents of each file, by the number to which names refer.
    pub(super) files: Vec<Contents>,
    pub(super) names: BTreeMap<PathBuf, usize>,
    pub(super) dirs: BTreeSet<PathBuf>,
    pub(super) durable_names: BTreeMap<PathBuf, usize>,
    pub(super) durable_dirs: BTreeSet<PathBuf>,
    /// Changes of names that no directory sync has covered yet.
    pub(super) renaming: Vec<NameChange>,
    operations: u64,
    plan: Option<Plan>,
    pub(super) garbling: Option<Garbling>,
}

/// The contents of a file: in memory, durable, and in between.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    pub(super) live: Vec<u8>,
    pub(super) durable: Vec<u8>,
    pub(super) pending: Vec<Pending>,
}

#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) change: Change,
    /// A sync that should have made it durable failed: it may or may not be on the disk, permanently.
    pub(super) doomed: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Resize(usize),
}

#[derive(Clone, Debug)]
pub(super) enum NameChange {
    Dir(PathBuf),
    Create(PathBuf, usize),
    Rename { from: PathBuf, to: PathBuf, file: usize },
    Remove(PathBuf),
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    at: u64,
    fault: Fault,
    lasting: bool,
    /// The threads whose operations are counted and fail, and how many operations they have made.
    only_on: Option<(&'static str, u64)>,
    has_come: bool,
}

impl FaultDisk {
    /// Creates an empty disk.
    pub fn new() -> FaultDisk {
        FaultDisk::default()
    }

    /// Returns the number of operations so far.
    pub fn operations(&self) -> u64 {
        self.state.lock().operations
    }

    /// Makes the operation with that number fail, once.
    pub fn fail_once(&self, operation: u64, fault: Fault) {
        self.state.lock().plan = Some(Plan { at: operation, fault, lasting: false, only_on: None, has_come: false });
    }

    /// Makes the operation with that number and every later one fail.
    pub fn fail_from(&self, operation: u64, fault: Fault) {
        self.state.lock().plan = Some(Plan { at: operation, fault, lasting: true, only_on: None, has_come: false });
    }

    /// Makes an operation of the threads with that name fail, after `skip` of theirs, and every later one if `lasting`
    /// is set.
    pub fn fail_on(&self, thread: &'static str, skip: u64, fault: Fault, lasting: bool) {
        self.state.lock().plan = Some(Plan { at: skip, fault, lasting, only_on: Some((thread, 0)), has_come: false });
    }

    /// Returns whether an operation has failed since the last call.
    pub fn has_failed(&self) -> bool {
        self.state.lock().plan.is_some_and(|plan| plan.has_come)
    }

    /// Undoes [`FaultDisk::fail_once`], [`FaultDisk::fail_from`], [`FaultDisk::fail_on`] and
    /// [`FaultDisk::garble_under`].
    pub fn heal(&self) {
        let mut state = self.state.lock();
        (state.plan, state.garbling) = (None, None);
    }

    /// Returns the files and their present contents.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let state = self.state.lock();
        state.names.iter().map(|(path, file)| (path.clone(), state.contents(*file).live)).collect()
    }

    /// Returns the present contents of a file.
    pub fn read_file(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state.lock();
        state.names.get(path).map(|file| state.contents(*file).live)
    }

    /// Adds a file to the disk, durably and without counting an operation.
    pub fn put_file(&self, path: &Path, bytes: Vec<u8>) {
        let mut state = self.state.lock();
        let file = state.files.len();
        state.files.push(Contents { live: bytes.clone(), durable: bytes, pending: Vec::new() });
        state.names.insert(path.to_path_buf(), file);
        state.durable_names.insert(path.to_path_buf(), file);
        if let Some(dir) = path.parent() {
            state.dirs.insert(dir.to_path_buf());
            state.durable_dirs.insert(dir.to_path_buf());
        }
    }

    /// Removes a file from the disk, durably and without counting an operation.
    pub fn take_file(&self, path: &Path) -> Option<Vec<u8>> {
        let mut state = self.state.lock();
        state.durable_names.remove(path);
        let file = state.names.remove(path)?;
        Some(state.contents(file).live)
    }
}

impl State {
    fn contents(&self, file: usize) -> Contents {
        self.files.get(file).cloned().unwrap_or_default()
    }

    /// Counts an operation. Returns the fault if it is to fail.
    fn step(&mut self) -> Option<Fault> {
        let mut operation = self.operations;
        self.operations += 1;
        let plan = self.plan.as_mut()?;
        if let Some((thread, count)) = &mut plan.only_on {
            if std::thread::current().name() != Some(*thread) {
                return None;
            }
            operation = *count;
            *count += 1;
        }
        let fails = operation == plan.at || plan.lasting && operation > plan.at;
        plan.has_come |= fails;
        let fault = fails.then_some(plan.fault);
        if fault == Some(Fault::Panic) {
            std::panic::resume_unwind(Box::new(INJECTED));
        }
        fault
    }

    fn try_step(&mut self) -> io::Result<()> {
        self.step().map_or(Ok(()), |fault| Err(fault.error()))
    }

    fn named(&self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn file(&mut self, file: usize) -> io::Result<&mut Contents> {
        self.files.get_mut(file).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Fault {
    fn error(self) -> io::Error {
        match self {
            Fault::Io => io::Error::other("an injected input/output error"),
            Fault::Halt | Fault::Panic => io::Error::other("the machine halts"),
            Fault::NoSpace | Fault::ShortWrite => io::ErrorKind::StorageFull.into(),
        }
    }
}

impl Contents {
    fn change(&mut self, change: Change) {
        self.change_as(change.clone(), change);
    }

    /// Makes a change that differs between memory and, once it is durable, the medium.
    fn change_as(&mut self, in_memory: Change, on_medium: Change) {
        in_memory.apply(&mut self.live);
        self.pending.push(Pending { change: on_medium, doomed: false });
    }

    /// Does what a sync does: makes everything durable except what an earlier sync failed on.
    ///
    /// If such data is overwritten, its sector reaches the disk as it reads, which resolves it.
    fn make_durable(&mut self) {
        let mut doomed: Vec<Pending> = Vec::new();
        for pending in std::mem::take(&mut self.pending) {
            if pending.doomed {
                doomed.push(pending);
                continue;
            }
            for settled in doomed.extract_if(.., |earlier| earlier.change.touches(&pending.change)) {
                settled.change.apply(&mut self.durable);
            }
            pending.change.apply(&mut self.durable);
        }
        self.pending = doomed;
    }

    /// Does what a failed sync does: from now on, each sector may or may not be on the disk.
    fn doom(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            let pieces = match &pending.change {
                Change::Write { offset, bytes } => sectors(*offset, bytes).collect(),
                Change::Resize(size) => vec![Change::Resize(*size)],
            };
            self.pending.extend(pieces.into_iter().map(|change| Pending { change, doomed: true }));
        }
    }
}

/// Returns the units of a write that each reach the disk completely or not at all.
pub(super) fn sectors(offset: usize, mut bytes: &[u8]) -> impl Iterator<Item = Change> {
    let mut at = offset;
    std::iter::from_fn(move || {
        let to_boundary = SECTOR_BYTES - at % SECTOR_BYTES;
        let (sector, rest) = bytes.split_at_checked(to_boundary).unwrap_or((bytes, &[]));
        let piece = (!sector.is_empty()).then(|| Change::Write { offset: at, bytes: sector.to_vec() });
        bytes = rest;
        at += to_boundary;
        piece
    })
}

impl Change {
    /// Returns whether both concern the same bytes.
    fn touches(&self, other: &Change) -> bool {
        match (self, other) {
            (Change::Write { offset: one, bytes: first }, Change::Write { offset: two, bytes: second }) => {
                *one < two + second.len() && *two < one + first.len()
            }
            _ => true,
        }
    }

    pub(super) fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Change::Resize(size) => to.resize(*size, 0),
            Change::Write { offset, bytes } => {
                let end = offset + bytes.len();
                if to.len() < end {
                    to.resize(end, 0);
                }
                if let Some(place) = to.get_mut(*offset..end) {
                    place.copy_from_slice(bytes);
                }
            }
        }
    }
}

impl NameChange {
    /// Returns the directory whose sync makes the change durable.
    fn dir(&self) -> &Path {
        let (NameChange::Dir(path)
        | NameChange::Create(path, _)
        | NameChange::Rename { to: path, .. }
        | NameChange::Remove(path)) = self;
        path.parent().unwrap_or(Path::new(""))
    }

    pub(super) fn apply(&self, names: &mut BTreeMap<PathBuf, usize>, dirs: &mut BTreeSet<PathBuf>) {
        match self {
            NameChange::Dir(path) => {
                dirs.insert(path.clone());
            }
            NameChange::Create(path, file) => {
                names.insert(path.clone(), *file);
            }
            NameChange::Rename { from, to, file } => {
                names.remove(from);
                names.insert(to.clone(), *file);
            }
            NameChange::Remove(path) => {
                names.remove(path);
            }
        }
    }
}

impl State {
    fn rename_now(&mut self, change: NameChange) {
        change.apply(&mut self.names, &mut self.dirs);
        self.renaming.push(change);
    }
}

impl Disk for FaultDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.try_step()?;
        if !state.dirs.contains(dir) {
            state.rename_now(NameChange::Dir(dir.to_path_buf()));
        }
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut state = self.state.lock();
        state.try_step()?;
        if !state.dirs.contains(dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside = state.names.keys().filter(|path| path.parent() == Some(dir));
        Ok(inside.filter_map(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned()).collect())
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state.lock();
        state.try_step()?;
        let file = match (state.named(path), access) {
            (Ok(file), Access::Create) => {
                state.file(file)?.change(Change::Resize(0));
                file
            }
            (Err(_), Access::Create) => {
                if !path.parent().is_some_and(|dir| state.dirs.contains(dir)) {
                    return Err(io::ErrorKind::NotFound.into());
                }
                let file = state.files.len();
                state.files.push(Contents::default());
                state.rename_now(NameChange::Create(path.to_path_buf(), file));
                file
            }
            (found, _) => found?,
        };
        Ok(Arc::new(FaultFile { disk: self.clone(), file }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.try_step()?;
        let file = state.named(from)?;
        state.rename_now(NameChange::Rename { from: from.to_path_buf(), to: to.to_path_buf(), file });
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.try_step()?;
        state.named(path)?;
        state.rename_now(NameChange::Remove(path.to_path_buf()));
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut guard = self.state.lock();
        guard.try_step()?;
        let state = &mut *guard;
        state.renaming.retain(|change| {
            let covered = change.dir() == dir;
            if covered {
                change.apply(&mut state.durable_names, &mut state.durable_dirs);
            }
            !covered
        });
        Ok(())
    }
}

#[derive(Debug)]
struct FaultFile {
    disk: FaultDisk,
    file: usize,
}

impl DiskFile for FaultFile {
    fn size(&self) -> io::Result<u64> {
        let mut state = self.disk.state.lock();
        state.try_step()?;
        Ok(state.file(self.file)?.live.len() as u64)
    }

    fn read_at(&self, to: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.state.lock();
        state.try_step()?;
        let live = &state.file(self.file)?.live;
        let rest = usize::try_from(offset).ok().and_then(|offset| live.get(offset..)).unwrap_or_default();
        let read = rest.len().min(to.len());
        for (to, from) in to.iter_mut().zip(rest) {
            *to = *from;
        }
        Ok(read)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.state.lock();
        let fault = state.step();
        let written = match fault {
            None => bytes,
            // A file system works in blocks, and therefore in whole sectors.
            Some(Fault::ShortWrite) if bytes.len() >= SECTOR_BYTES => {
                bytes.get(..bytes.len() / 2 / SECTOR_BYTES * SECTOR_BYTES).unwrap_or_default()
            }
            Some(Fault::ShortWrite) => bytes.get(..bytes.len() / 2).unwrap_or_default(),
            Some(Fault::Io | Fault::NoSpace | Fault::Halt | Fault::Panic) => &[],
        };
        if !written.is_empty() {
            let offset = usize::try_from(offset).map_err(io::Error::other)?;
            let (in_memory, mut on_medium) = (written.to_vec(), written.to_vec());
            if state.garbles(self.file)
                && let Some(byte) = on_medium.get_mut(written.len() / 2)
            {
                *byte ^= 1;
            }
            let write = |bytes| Change::Write { offset, bytes };
            state.file(self.file)?.change_as(write(in_memory), write(on_medium));
        }
        fault.map_or(Ok(()), |fault| Err(fault.error()))
    }

    fn set_len(&self, size: u64) -> io::Result<()> {
        let mut state = self.disk.state.lock();
        state.try_step()?;
        let size = usize::try_from(size).map_err(io::Error::other)?;
        state.file(self.file)?.change(Change::Resize(size));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state.lock();
        let fault = state.step();
        let contents = state.file(self.file)?;
        match fault {
            None => contents.make_durable(),
            Some(Fault::Halt) => {}
            Some(_) => contents.doom(),
        }
        fault.map_or(Ok(()), |fault| Err(fault.error()))
    }

    fn drop_cache(&self) -> io::Result<()> {
        let mut state = self.disk.state.lock();
        state.try_step()?;
        state.file(self.file)?.forget_memory();
        Ok(())
    }
}
