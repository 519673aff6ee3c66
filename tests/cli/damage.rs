//! A damaged journal is reported with its position and left unchanged; a journal torn by a kill is repaired.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use jangbu::{Amount, CashPosting, OpenAccount, OwnerId, Transfer};

use super::program::{Ran, Scratch};

/// A bank of several segments, as a kill would have left it.
struct Segmented {
    scratch: Scratch,
    killed: PathBuf,
}

impl Segmented {
    fn new() -> Segmented {
        let scratch = Scratch::new();
        let bank = jangbu::Bank::builder().segment_bytes(16 * 1024).open(scratch.data()).unwrap();
        let bank = jangbu::blocking::Bank::from(bank);
        let open = |name| bank.open_account(OpenAccount::new(OwnerId::new(name).unwrap())).unwrap();
        let (mina, joon) = (open("mina"), open("joon"));
        bank.deposit(CashPosting::new(mina, Amount::new(1_000_000).unwrap())).unwrap();
        for sum in 1..400 {
            bank.transfer(Transfer::new(mina, joon, Amount::new(sum).unwrap())).unwrap();
        }
        let killed = scratch.path().join("killed");
        fs::create_dir_all(killed.join("journal")).unwrap();
        restore(&scratch.data().join("journal"), &killed.join("journal"));
        bank.close().unwrap();
        Segmented { scratch, killed }
    }

    fn journal(&self) -> PathBuf {
        self.scratch.data().join("journal")
    }

    /// The full segments and the last one.
    fn segments(&self) -> Vec<PathBuf> {
        let names = fs::read_dir(self.journal()).unwrap().map(|entry| entry.unwrap().path());
        let mut segments: Vec<PathBuf> = names.filter(|path| path.metadata().unwrap().len() == 16 * 1024).collect();
        segments.sort();
        // A prepared segment may exist that is not in use yet.
        segments.retain(|path| path.file_stem().is_some_and(|stem| stem.len() == 12));
        assert!(segments.len() >= 4, "{segments:?}");
        segments
    }

    /// Runs the program, after processes being started by other tests have released the lock.
    fn run(&self, arguments: &[&str]) -> Ran {
        loop {
            let ran = self.scratch.run(arguments);
            if !ran.stderr.contains("in use by another process") {
                return ran;
            }
        }
    }

    /// Checks that the damage is reported and left unchanged, then undoes it.
    fn is_reported(&self, what: &str, damage: impl FnOnce()) {
        let whole = self.scratch.path().join("whole");
        fs::create_dir_all(&whole).unwrap();
        restore(&self.journal(), &whole);
        damage();
        let damaged = contents(&self.journal());
        let ran = self.run(&["check"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{what}: {ran:?}");
        assert!(ran.stderr.starts_with("error: fault at position "), "{what}: {ran:?}");
        assert!(contents(&self.journal()) == damaged, "{what}: a damaged journal must be left as it is");
        restore(&whole, &self.journal());
    }
}

/// Replaces the files of a directory with those of another.
fn restore(from: &Path, to: &Path) {
    for entry in fs::read_dir(to).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    for (path, bytes) in contents(from) {
        fs::write(to.join(path.file_name().unwrap()), bytes).unwrap();
    }
}

fn contents(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.filter_map(|path| fs::read(&path).ok().map(|bytes| (path, bytes))).collect();
    files.sort();
    files
}

#[test]
fn a_flipped_bit_is_reported() {
    let bank = Segmented::new();
    let segments = bank.segments();
    for (place, segment) in segments[..segments.len() - 1].iter().enumerate() {
        let bytes = fs::read(segment).unwrap();
        let used: Vec<usize> = (0..bytes.len()).filter(|byte| bytes[*byte] != 0).collect();
        for step in 0..8 {
            let byte = used[(step * 997 + place * 131) % used.len()];
            bank.is_reported(&format!("bit {step} of byte {byte} of segment {place}"), || {
                let mut damaged = bytes.clone();
                damaged[byte] ^= 1 << step;
                fs::write(segment, damaged).unwrap();
            });
        }
    }
    bank.run(&["check", "--deep"]).succeeded();
}

#[test]
fn a_segment_that_is_missing_swapped_or_doubled_is_reported() {
    let bank = Segmented::new();
    let segments = bank.segments();
    for segment in &segments {
        bank.is_reported(&format!("{} is missing", segment.display()), || fs::remove_file(segment).unwrap());
    }
    for pair in segments.windows(2) {
        bank.is_reported("swapped", || {
            let (one, other) = (fs::read(&pair[0]).unwrap(), fs::read(&pair[1]).unwrap());
            fs::write(&pair[0], other).unwrap();
            fs::write(&pair[1], one).unwrap();
        });
        bank.is_reported("doubled over the next", || assert!(fs::copy(&pair[0], &pair[1]).is_ok()));
        bank.is_reported("doubled over the one before", || assert!(fs::copy(&pair[1], &pair[0]).is_ok()));
    }
    bank.run(&["check", "--deep"]).succeeded();
}

#[test]
fn a_missing_last_segment_is_detected_from_the_state() {
    let bank = Segmented::new();
    bank.is_reported("the end of the journal is gone", || {
        let mut segments = bank.segments();
        fs::remove_file(segments.pop().unwrap()).unwrap();
        let before = segments.pop().unwrap();
        for (path, _) in contents(&bank.journal()) {
            if path.file_stem() == before.file_stem() && path != before {
                fs::remove_file(path).unwrap();
            }
        }
    });
}

#[test]
fn a_torn_tail_is_cut_off_and_kept() {
    let bank = Segmented::new();
    let balances = bank.scratch.balances();
    let last = bank.killed.join("journal").join(bank.segments().last().unwrap().file_name().unwrap());
    let mut bytes = fs::read(&last).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() / 512 * 512 + 512;
    // The first sector of the frame was not written; the next one and a half were.
    bytes[end + 512..end + 512 + 700].fill(0x5A);
    fs::write(&last, &bytes).unwrap();
    fs::remove_dir_all(bank.scratch.data()).unwrap();
    fs::rename(&bank.killed, bank.scratch.data()).unwrap();

    bank.run(&["check", "--deep"]).succeeded();
    let ran = bank.run(&["accounts", "--format", "json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("is left as it is"), "{ran:?}");
    assert_eq!(fs::read(bank.journal().join(last.file_name().unwrap())).unwrap(), bytes);
    let ran = bank.run(&["schedule", "run"]);
    assert!(ran.status == 0 && ran.stderr.contains("it is cut off"), "{ran:?}");
    let kept = contents(&bank.journal()).into_iter().find(|(path, _)| path.to_string_lossy().contains("torn-"));
    assert!(kept.unwrap().1.windows(700).any(|bytes| bytes.iter().all(|byte| *byte == 0x5A)));
    assert_eq!(bank.scratch.balances(), balances);
    bank.run(&["check", "--deep"]).succeeded();
}

#[test]
fn a_check_names_the_last_intact_record() {
    let bank = Segmented::new();
    let segments = bank.segments();
    let whole = bank.scratch.path().join("sound");
    fs::create_dir_all(&whole).unwrap();
    restore(&bank.journal(), &whole);
    let position = |command: &str| {
        let ran = bank.run(&[command]);
        let error = ran.stderr.strip_prefix("error: fault at position ").unwrap_or_else(|| panic!("{ran:?}"));
        let position: u64 = error.split(':').next().unwrap().parse().unwrap();
        (position, error.contains(&format!("after position {position},")))
    };
    let mut sound = 0;
    for segment in &segments[1..] {
        fs::remove_file(segment).unwrap();
        let (found, is_said_twice) = position("check");
        assert!(found > sound && is_said_twice, "{} is missing: {found} after {sound}", segment.display());
        assert_eq!(position("recover").0, found);
        // Opening the bank reports the same.
        let opened = bank.run(&["accounts"]);
        assert!(opened.stderr.contains(&format!("after position {found},")), "{opened:?}");
        sound = found;
        restore(&whole, &bank.journal());
    }
    // The sidecar is that of an intact segment.
    let stem = segments[0].file_stem();
    let is_sidecar = |path: &PathBuf| path.file_stem() == stem && *path != segments[0];
    let (sidecar, mut bytes) = contents(&bank.journal()).into_iter().find(|(path, _)| is_sidecar(path)).unwrap();
    let last = bytes.len() - 5;
    bytes[last] ^= 1;
    fs::write(&sidecar, &bytes).unwrap();
    let (found, _) = position("check");
    assert!(found > 0, "the segment is sound up to {found}");
}
