//! Keys on a disk that fails, loses power, rots: no key that was made is lost or mistaken, and none that was destroyed
//! comes back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jangbu_actors::journal::disk::{Disk, Fault, FaultDisk};
use uuid::Uuid;

use super::super::MemberId;
use super::{Keys, KeysError, Known};

const FILES: [&str; 2] = ["/bank/keys", "/bank/keys.copy"];
/// A key file of version 1, with one member and one who was erased.
const OLD: &str = include_str!("keys-v1.txt");

fn is_long() -> bool {
    std::env::var_os("JANGBU_LONG").is_some()
}

fn bank() -> &'static Path {
    Path::new("/bank")
}

fn blank() -> FaultDisk {
    let disk = FaultDisk::new();
    disk.put_file(Path::new("/bank/jangbu.toml"), Vec::new());
    disk
}

fn open(disk: &FaultDisk) -> Result<Keys, KeysError> {
    Keys::open_on(Arc::new(disk.clone()) as Arc<dyn Disk>, bank())
}

fn member(number: u128) -> MemberId {
    Uuid::from_u128(number).to_string().parse().unwrap()
}

/// Every line but the first, by whose it is.
fn lines(keys: &Keys) -> BTreeMap<String, String> {
    let text = keys.with_bytes(|bytes| String::from_utf8(bytes.unwrap_or_default()).unwrap());
    let lines = text.lines().skip(1).map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        (if words[0] == "names" { String::new() } else { words[1].to_owned() }, line.to_owned())
    });
    lines.collect()
}

/// A disk with the keys of so many members, the second of whom was erased.
fn made(members: u128) -> FaultDisk {
    let disk = blank();
    let keys = open(&disk).unwrap();
    for number in 1..=members {
        keys.create(member(number)).unwrap();
    }
    keys.erase(member(2)).unwrap();
    disk.power_cut(0)
}

/// Whether both files are there and equal, which is so after a writing.
fn are_equal(disk: &FaultDisk) -> bool {
    let [one, other] = FILES.map(|file| disk.read_file(Path::new(file)));
    one.is_some() && one == other
}

/// Each operation of making and erasing keys fails or is the last: whatever was answered holds.
#[test]
fn whatever_was_answered_of_keys_holds_after_a_failure_anywhere() {
    const FAULTS: [Fault; 4] = [Fault::Io, Fault::NoSpace, Fault::ShortWrite, Fault::Halt];
    let mut failures = 0;
    for step in 0..2_000 {
        let fault = FAULTS[step as usize % 4];
        let lasting = fault == Fault::Halt || step % 8 < 4;
        let disk = blank();
        match lasting {
            true => disk.fail_from(step, fault),
            false => disk.fail_once(step, fault),
        }
        let (mut made, mut erased, mut any) = (BTreeMap::new(), BTreeMap::new(), false);
        if let Ok(keys) = open(&disk) {
            for number in 1..=6 {
                match keys.create(member(number)) {
                    Ok(()) => drop(made.insert(member(number), lines(&keys)[&member(number).to_string()].clone())),
                    Err(_) => any = true,
                }
                if number == 4 {
                    match keys.erase(member(1)) {
                        Ok(()) => drop(made.remove(&member(1)).and_then(|key| erased.insert(member(1), key))),
                        // It may be destroyed or not.
                        Err(_) => {
                            made.remove(&member(1));
                            any = true;
                        }
                    }
                }
            }
        } else {
            any = true;
        }
        let came = disk.has_failed();
        disk.heal();
        let what = format!("{fault:?} at {step}, for good: {lasting}");
        for (image, place) in
            [(disk.power_cut(step), "cut"), (disk.power_cut(step + 5_000), "cut too"), (disk, "as it is")]
        {
            let keys = open(&image).unwrap_or_else(|error| panic!("{what}, {place}: {error}"));
            for pass in ["opened", "mended", "opened again"] {
                let found = lines(&keys);
                for (member, line) in &made {
                    assert_eq!(found.get(&member.to_string()), Some(line), "{what}, {place}, {pass}");
                }
                for member in erased.keys() {
                    // Only the mark is certain: an id that was never there has no line.
                    assert_ne!(keys.known(*member), Known::Key, "{what}, {place}, {pass}");
                }
                keys.mend().unwrap();
            }
            if keys.are_there() {
                assert!(are_equal(&image), "{what}, {place}");
            }
            let again = open(&image).unwrap();
            assert_eq!(lines(&again), lines(&keys), "{what}, {place}");
            // And it goes on.
            again.create(member(99)).unwrap();
            assert_eq!(open(&image.power_cut(step)).unwrap().known(member(99)), Known::Key, "{what}, {place}");
            for line in erased.values() {
                let key = line.split(' ').nth(2).unwrap();
                let is_left =
                    |(_, bytes): &(PathBuf, Vec<u8>)| bytes.windows(key.len()).any(|part| part == key.as_bytes());
                assert!(!image.files().iter().any(is_left), "{what}, {place}: a destroyed key is on the disk");
            }
        }
        failures += u32::from(any);
        if !came {
            break;
        }
        assert!(step < 1_999);
    }
    assert!(failures > 50, "only {failures}");
}

/// Opens what damage to one of the files left, which must lead to the same keys; mends it, and looks again.
fn is_healed(disk: &FaultDisk, expected: &BTreeMap<String, String>, what: &str) {
    let before = disk.files();
    let keys = open(disk).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(&lines(&keys), expected, "{what}");
    assert_eq!(disk.files(), before, "{what}: opening changed something");
    keys.mend().unwrap();
    assert!(are_equal(disk), "{what}");
    assert_eq!(&lines(&open(disk).unwrap()), expected, "{what}");
}

#[test]
fn every_flipped_bit_truncation_and_lost_sector_of_either_file_is_healed() {
    let disk = made(12);
    let expected = lines(&open(&disk).unwrap());
    assert_eq!(expected.len(), 13);
    for file in FILES.map(Path::new) {
        let bytes = disk.read_file(file).unwrap();
        let step = if is_long() { 1 } else { 11 };
        for bit in (0..bytes.len() * 8).step_by(step) {
            let image = disk.power_cut(0);
            assert!(image.flip_bit(file, bit));
            is_healed(&image, &expected, &format!("bit {bit} of {}", file.display()));
        }
        for size in (0..bytes.len()).step_by(if is_long() { 1 } else { 13 }) {
            let image = disk.power_cut(0);
            image.put_file(file, bytes[..size].to_vec());
            is_healed(&image, &expected, &format!("{} cut to {size}", file.display()));
        }
        for sector in 0..bytes.len().div_ceil(512) {
            for other in [None, Some(sector + 1)] {
                let mut damaged = bytes.clone();
                let place = sector * 512..bytes.len().min(sector * 512 + 512);
                match other.and_then(|other| bytes.get(other * 512..(other * 512 + 512).min(bytes.len()))) {
                    Some(next) => damaged[place.start..place.start + next.len()].copy_from_slice(next),
                    None => damaged[place].fill(0),
                }
                let image = disk.power_cut(0);
                image.put_file(file, damaged);
                is_healed(&image, &expected, &format!("sector {sector} of {}", file.display()));
            }
        }
        let image = disk.power_cut(0);
        image.take_file(file);
        is_healed(&image, &expected, &format!("{} is gone", file.display()));
    }
}

#[test]
fn damage_in_the_same_line_of_both_is_told_and_nothing_is_cut() {
    let disk = made(4);
    let text = String::from_utf8(disk.read_file(Path::new(FILES[0])).unwrap()).unwrap();
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let image = disk.power_cut(0);
        for (file, place) in FILES.iter().zip([1, line.len() / 2]) {
            assert!(image.flip_bit(Path::new(file), (start + place) * 8 + 1));
        }
        let before = image.files();
        let error = open(&image).unwrap_err();
        assert!(matches!(error, KeysError::Damaged { line, .. } if line == number + 1), "{number}: {error}");
        assert_eq!(image.files(), before);
        start += line.len();
    }
}

/// A file of version 1 has no copy: what is damaged in it is told, and only what has no end is cut off, by who writes.
#[test]
fn a_file_of_version_1_is_read_and_its_damage_is_never_cut_off() {
    let old = |bytes: &[u8]| {
        let disk = blank();
        disk.put_file(Path::new(FILES[0]), bytes.to_vec());
        disk
    };
    let expected = lines(&open(&old(OLD.as_bytes())).unwrap());
    assert_eq!(expected.len(), 3);
    is_healed(&old(OLD.as_bytes()), &expected, "as it is");
    for bit in (0..OLD.len() * 8).step_by(if is_long() { 1 } else { 5 }) {
        let disk = old(OLD.as_bytes());
        assert!(disk.flip_bit(Path::new(FILES[0]), bit));
        let before = disk.files();
        match open(&disk) {
            Ok(keys) => assert_eq!(lines(&keys), expected, "bit {bit}"),
            Err(error) => assert!(matches!(error, KeysError::Damaged { .. }), "bit {bit}: {error}"),
        }
        assert_eq!(disk.files(), before, "bit {bit}");
    }
    for torn in 1..40 {
        let bytes = [OLD.as_bytes(), &OLD.as_bytes()[OLD.len() - 60..][..torn]].concat();
        let disk = old(&bytes);
        let keys = open(&disk).unwrap();
        assert_eq!(disk.read_file(Path::new(FILES[0])).unwrap(), bytes, "who only looks cuts nothing off");
        keys.mend().unwrap();
        assert_eq!(lines(&open(&disk).unwrap()), expected, "{torn}");
        let kept = disk.read_file(Path::new("/bank/keys.torn-1")).unwrap();
        assert_eq!(kept, &bytes[OLD.len()..], "{torn}");
        keys.erase(member(7)).unwrap();
        assert!(disk.read_file(Path::new("/bank/keys.torn-1")).is_none(), "an erasure leaves nothing of it");
    }
}

#[test]
fn keys_that_are_garbled_on_their_way_to_the_disk_are_not_relied_on() {
    for write in 0.. {
        let disk = blank();
        let keys = open(&disk).unwrap();
        keys.create(member(1)).unwrap();
        disk.garble_under(bank(), write);
        let results = [keys.create(member(2)), keys.erase(member(1)), keys.create(member(3))];
        let came = disk.has_garbled();
        let image = disk.power_cut(write);
        let found = open(&image).unwrap_or_else(|error| panic!("write {write}: {error}"));
        for (number, result) in [(2, &results[0]), (3, &results[2])] {
            if result.is_ok() {
                assert_eq!(found.known(member(number)), Known::Key, "write {write}");
            }
        }
        if !came {
            break;
        }
    }
}
