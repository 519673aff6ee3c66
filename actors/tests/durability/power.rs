//! The power is cut at every sync of a run, and at random operations of a longer one.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jangbu_actors::OpenError;
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::journal::disk::{Access, Disk, DiskFile, FaultDisk};
use parking_lot::Mutex;

use crate::failing::{open, open_with};
use crate::proof::{
    Received, holds_in_journal, holds_when_repeated, open_in_journal, picture, rare_answers, scheduled_in_journal,
    wait_until_idle,
};
use crate::script::{self, Answer, Dice};

const SEED: u64 = 4_711;

/// What a power cut would leave, and how many answers had been given before.
struct Image {
    answers: usize,
    disk: FaultDisk,
}

/// A disk that keeps images of what a power cut would leave.
#[derive(Clone)]
struct Watched {
    disk: FaultDisk,
    /// The number of answers given.
    answers: Arc<AtomicUsize>,
    images: Arc<Mutex<(Dice, Vec<Image>)>>,
    /// One in this many writes is an occasion too; a sync always is, before and after it.
    one_write_in: u64,
    one_sync_in: u64,
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watched")
    }
}

impl Watched {
    fn maybe_cut(&self, one_in: u64) {
        let mut images = self.images.lock();
        if images.0.below(one_in) == 0 {
            // In this order: everything answered before the image was taken must be in it.
            let answers = self.answers.load(Ordering::SeqCst);
            let seed = images.0.roll();
            images.1.push(Image { answers, disk: self.disk.power_cut(seed) });
        }
    }
}

#[derive(Debug)]
struct WatchedFile {
    disk: Watched,
    file: Arc<dyn DiskFile>,
}

impl Disk for Watched {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk.create_dir(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.disk.list(dir)
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(WatchedFile { disk: self.clone(), file: self.disk.open(path, access)? }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.maybe_cut(self.one_sync_in);
        self.disk.sync_dir(dir)
    }
}

impl DiskFile for WatchedFile {
    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn read_at(&self, to: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(to, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.disk.maybe_cut(self.disk.one_write_in);
        self.file.write_at(bytes, offset)
    }

    fn set_len(&self, size: u64) -> io::Result<()> {
        self.file.set_len(size)
    }

    fn drop_cache(&self) -> io::Result<()> {
        self.file.drop_cache()
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.maybe_cut(self.disk.one_sync_in);
        self.file.sync()?;
        self.disk.maybe_cut(self.disk.one_sync_in);
        Ok(())
    }
}

/// Copies a directory of files.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// Runs the script up to `until`, and opens every image with a stored state of some moment, or none.
///
/// Returns the number of images, the number of transfers by schedules in them, and the number of rare answers.
fn survives(seed: u64, until: u64, one_sync_in: u64, one_write_in: u64) -> (usize, usize, (usize, usize)) {
    let (scratch, states) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let directory = scratch.path().join("bank");
    let answers = Arc::new(AtomicUsize::new(0));
    let images = Arc::new(Mutex::new((Dice(seed), Vec::new())));
    let disk = FaultDisk::new();
    let watched =
        Watched { disk, answers: Arc::clone(&answers), images: Arc::clone(&images), one_write_in, one_sync_in };
    let clock = SteppedClock::starting_at(script::moment(0));
    let bank = open_with(Arc::new(watched), &directory, Arc::clone(&clock)).unwrap();
    let mut received: Vec<(u64, Answer)> = Vec::new();
    // The number of images when each state was kept: earlier ones may lack what it has.
    let mut kept: Vec<usize> = Vec::new();
    let (mut dice, mut n) = (Dice(seed + 1), 0);
    while n < until {
        let numbers: Vec<u64> = (n..until.min(n + 1 + dice.below(8))).collect();
        n += numbers.len() as u64;
        clock.set(script::moment(n));
        let said = bank.submit(numbers.iter().map(|n| script::command(seed, *n)).collect()).unwrap();
        received.extend(numbers.into_iter().zip(said));
        answers.store(received.len(), Ordering::SeqCst);
        if dice.below(until / 12) == 0 {
            // Nothing writes to the stored state between checkpoints.
            wait_until_idle(&bank, script::moment(n));
            bank.checkpoint().unwrap();
            copy(&directory.join("state"), &states.path().join(kept.len().to_string()));
            kept.push(images.lock().1.len());
        }
    }
    bank.close().unwrap();
    let images = std::mem::take(&mut images.lock().1);
    let mut scheduled = 0;
    for (place, image) in images.iter().enumerate() {
        let state = directory.join("state");
        std::fs::remove_dir_all(&state).unwrap();
        let chosen = dice.below(kept.len() as u64 + 1) as usize;
        let is_later = kept.get(chosen).is_some_and(|images| *images > place);
        if chosen < kept.len() {
            copy(&states.path().join(chosen.to_string()), &state);
        }
        let received: Received = received[..image.answers].iter().cloned().collect();
        let mut opened = open(Arc::new(image.disk.clone()), &directory);
        if let Err(OpenError::RecordsMissing { .. } | OpenError::JournalMissing { .. }) = &opened {
            assert!(is_later, "image {place} of seed {seed}, on stored state {chosen}: records are missing");
            std::fs::remove_dir_all(&state).unwrap();
            opened = open(Arc::new(image.disk.clone()), &directory);
        }
        let bank = opened.unwrap_or_else(|error| panic!("image {place} of seed {seed}: {error}"));
        wait_until_idle(&bank, script::moment(0));
        holds_when_repeated(&bank, seed, &received);
        let seen = picture(&bank);
        bank.close().unwrap();
        holds_in_journal(&image.disk, &directory.join("journal"), seed, &received);
        let open_in_journal = open_in_journal(&image.disk, &directory.join("journal"));
        assert_eq!(seen.open_holds(), open_in_journal, "image {place} of seed {seed}");
        scheduled += scheduled_in_journal(&image.disk, &directory.join("journal"), seed, until);
        // Whatever state it was opened with, it shows the same as without one.
        if place % 4 == 0 {
            std::fs::remove_dir_all(&state).unwrap();
            let bank = open(Arc::new(image.disk.clone()), &directory).unwrap();
            assert_eq!(
                picture(&bank),
                seen,
                "image {place} of seed {seed}, on stored state {chosen} of {}",
                kept.len()
            );
            bank.close().unwrap();
        }
    }
    (images.len(), scheduled, rare_answers(seed, &received.into_iter().collect()))
}

#[test]
fn every_answer_survives_a_power_cut_at_any_sync() {
    let (images, ..) = survives(SEED, if script::is_long() { 300 } else { 60 }, 1, 1);
    assert!(images > 100, "only {images} images");
}

#[test]
fn every_answer_survives_a_power_cut_at_a_random_moment() {
    // The images of a run are all in memory, so many runs need less of it than a long one.
    let runs = if script::is_long() { 20 } else { 1 };
    let (mut images, mut scheduled, mut to_verify, mut voided) = (0, 0, 0, 0);
    for run in 0..runs {
        let (more, in_them, rare) = survives(SEED + run, 900, 8, 8);
        (images, scheduled) = (images + more, scheduled + in_them);
        (to_verify, voided) = (to_verify + rare.0, voided + rare.1);
    }
    assert!(to_verify > 10 && voided > 2, "only {to_verify} holds to be verified, and {voided} voided together");
    assert!(scheduled > images, "schedules made only {scheduled} transfers");
    assert!(images > if script::is_long() { 2_000 } else { 100 }, "only {images} images");
}
