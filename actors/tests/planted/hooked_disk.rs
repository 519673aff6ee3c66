//! A disk with a hook at each write or sync: it takes time, to reveal callers that do not wait for it, or it lets the
//! journal write only on request.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jangbu_actors::journal::disk::{Access, Disk, DiskFile, FaultDisk};
use parking_lot::{Condvar, Mutex};

type Hook = Arc<dyn Fn() + Send + Sync>;

/// A disk in memory whose power can be cut.
#[derive(Clone)]
pub(crate) struct HookedDisk {
    disk: FaultDisk,
    before_write: Hook,
    before_sync: Hook,
}

/// Each sync takes 3 ms.
pub(crate) fn slow(disk: FaultDisk) -> Arc<HookedDisk> {
    let wait = || std::thread::sleep(Duration::from_millis(3));
    Arc::new(HookedDisk { disk, before_write: Arc::new(|| ()), before_sync: Arc::new(wait) })
}

/// The journal's thread writes only while the gate is open.
pub(crate) fn gated(disk: FaultDisk, gate: Arc<Gate>) -> Arc<HookedDisk> {
    Arc::new(HookedDisk { disk, before_write: Arc::new(move || gate.pass()), before_sync: Arc::new(|| ()) })
}

/// The gate that the journal's thread must pass before it writes.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// Whether it is shut, and whether a thread waits at it.
    state: Mutex<(bool, bool)>,
    changed: Condvar,
}

/// Opens the gate again when it is dropped.
pub(crate) struct Shut<'a>(&'a Gate);

impl Gate {
    pub(crate) fn shut(&self) -> Shut<'_> {
        *self.state.lock() = (true, false);
        Shut(self)
    }

    fn pass(&self) {
        if std::thread::current().name() != Some("jangbu-journal") {
            return;
        }
        let mut state = self.state.lock();
        while state.0 {
            state.1 = true;
            self.changed.notify_all();
            self.changed.wait(&mut state);
        }
    }
}

impl Shut<'_> {
    /// Waits until the journal's thread has something to write.
    pub(crate) fn wait_for_writer(&self) {
        let mut state = self.0.state.lock();
        while !state.1 {
            self.0.changed.wait(&mut state);
        }
    }
}

impl Drop for Shut<'_> {
    fn drop(&mut self) {
        self.0.state.lock().0 = false;
        self.0.changed.notify_all();
    }
}

impl fmt::Debug for HookedDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HookedDisk").field(&self.disk).finish()
    }
}

#[derive(Debug)]
struct HookedFile {
    disk: HookedDisk,
    file: Arc<dyn DiskFile>,
}

impl Disk for HookedDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk.create_dir(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.disk.list(dir)
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(HookedFile { disk: self.clone(), file: self.disk.open(path, access)? }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk.sync_dir(dir)
    }
}

impl DiskFile for HookedFile {
    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn read_at(&self, to: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(to, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        (self.disk.before_write)();
        self.file.write_at(bytes, offset)
    }

    fn set_len(&self, size: u64) -> io::Result<()> {
        self.file.set_len(size)
    }

    fn drop_cache(&self) -> io::Result<()> {
        self.file.drop_cache()
    }

    fn sync(&self) -> io::Result<()> {
        (self.disk.before_sync)();
        self.file.sync()
    }
}
