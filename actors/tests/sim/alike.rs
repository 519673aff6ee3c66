//! A seed determines everything: repeating it gives the same bytes, and another one does not.

use jangbu_actors::journal::disk::FaultDisk;

use crate::clients::{Plan, simulate};

const PLAN: Plan = Plan { clients: 3, commands_each: 20 };

fn files(disk: &FaultDisk) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    disk.files()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let mut crashes = 0;
    for seed in 1..=40 {
        let (first, first_notes) = simulate(seed, PLAN).unwrap();
        let (again, again_notes) = simulate(seed, PLAN).unwrap();
        assert_eq!(first.fingerprint, again.fingerprint, "seed {seed}");
        assert_eq!((first.steps, first.crashes, first.end), (again.steps, again.crashes, again.end), "seed {seed}");
        assert_eq!(first_notes.borrow().told, again_notes.borrow().told, "seed {seed}");
        assert!(files(&first.disk) == files(&again.disk), "the journals of seed {seed} differ");
        crashes += first.crashes;
    }
    assert!(crashes > 20, "only {crashes} crashes");
}

#[test]
fn the_same_seed_gives_the_same_on_another_thread() {
    let here = simulate(7, PLAN).unwrap().0.fingerprint;
    let there = std::thread::spawn(|| simulate(7, PLAN).unwrap().0.fingerprint).join().unwrap();
    assert_eq!(here, there);
}

#[test]
fn another_seed_gives_something_else() {
    let fingerprint = |seed| simulate(seed, PLAN).unwrap().0.fingerprint;
    assert_ne!(fingerprint(1), fingerprint(2));
}
