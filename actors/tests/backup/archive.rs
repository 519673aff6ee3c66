//! A bank whose oldest segments are archived: it opens, continues, and is checked and backed up.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jangbu_actors::archive::{self, Which};
use jangbu_actors::backup::{self, BackupError};
use jangbu_actors::blocking::Bank;
use jangbu_actors::check::{self, Options};
use jangbu_actors::command::PlaceHold;
use jangbu_actors::ledger::{Position, Refusal};
use jangbu_actors::verification::RandomDelay;
use jangbu_actors::{BankError, Error, HistoryQuery, HoldStatus};
use tempfile::TempDir;

use crate::support::{Picture, checked, copy, files, found, id, number, open, pay, picture, put, transfer};

/// A bank whose oldest segments are archived.
pub(crate) struct Archived {
    scratch: TempDir,
    pub(crate) report: archive::ArchiveReport,
    /// The views of the bank before archiving.
    picture: Picture,
    /// The positions of the transfers.
    pub(crate) places: Vec<Position>,
}

pub(crate) const TRANSFERS: u64 = 600;

impl Archived {
    pub(crate) fn new() -> Archived {
        let scratch = tempfile::tempdir().unwrap();
        let data = scratch.path().join("data");
        let bank = open(&data);
        found(&bank);
        pay(&bank, 0..TRANSFERS);
        let places = (0..TRANSFERS).map(|n| bank.movement(id(n)).unwrap().unwrap().position).collect();
        let picture = picture(&bank);
        bank.close().unwrap();
        let report = archive::archive(&data, scratch.path().join("archive"), Which::AllBut(2)).unwrap();
        Archived { scratch, report, picture, places }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// The first record that is not archived.
    pub(crate) fn first(&self) -> Position {
        self.report.position.next()
    }

    /// An archived transfer, and one that is not archived.
    pub(crate) fn old_and_new(&self) -> (u64, u64) {
        assert!(self.places[7] < self.first() && self.places[590] > self.first(), "{:?}", self.report);
        (7, 590)
    }
}

pub(crate) fn without_state(data: &Path) {
    std::fs::remove_dir_all(data.join("state")).unwrap();
}

#[test]
fn the_bank_opens_without_its_archive_and_without_its_stored_state() {
    let bank = Archived::new();
    assert_eq!(files(&bank.data(), "segment").len(), 3);
    assert_eq!(files(&bank.data(), "state").len(), 1);
    assert_eq!(u64::try_from(files(&bank.path("archive"), "segment").len()).unwrap(), bank.report.segments);
    let report = checked(&bank.data());
    assert_eq!(report.archived, bank.report.position);
    assert!(report.state.contains("agrees"), "{}", report.state);
    for damage in ["none", "missing", "a file", "distrusted", "missing again"] {
        let state = bank.data().join("state");
        match damage {
            "missing" | "missing again" => without_state(&bank.data()),
            "a file" => {
                without_state(&bank.data());
                std::fs::write(&state, b"not sled").unwrap();
            }
            "distrusted" => std::fs::write(bank.data().join("state.distrusted"), b"it failed").unwrap(),
            _ => {}
        }
        let opened = open(&bank.data());
        assert_eq!(picture(&opened), bank.picture, "{damage}");
        opened.close().unwrap();
        checked(&bank.data());
    }
    // It continues, even if it is killed before anything is stored.
    without_state(&bank.data());
    let opened = open(&bank.data());
    pay(&opened, 10_000..10_100);
    put(&opened, "kept", None);
    let seen = picture(&opened);
    copy(&bank.data().join("journal"), &bank.path("killed/journal"));
    opened.close().unwrap();
    for data in [bank.data(), bank.path("killed")] {
        let again = open(&data);
        assert_eq!(picture(&again), seen);
        again.close().unwrap();
        checked(&data);
    }
}

/// A close that starts another segment leaves one without records after those that can be archived.
#[test]
fn all_records_may_be_archived() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    let bank = open(&path("data"));
    found(&bank);
    bank.close().unwrap();
    let seen = (0..200).find_map(|n| {
        let bank = open(&path("data"));
        // Frames of different lengths.
        pay(&bank, n * 8..n * 8 + n * n % 7 + 1);
        let (seen, end) = (picture(&bank), bank.stats().durable);
        bank.close().unwrap();
        // docs/format.md: the position of a segment's first record.
        let last = std::fs::read(files(&path("data"), "segment").last().unwrap()).unwrap();
        let first = u64::from_le_bytes(last[40..48].try_into().unwrap());
        (first == end.next().get()).then_some((seen, end))
    });
    let (seen, end) = seen.expect("a segment without records");
    assert_eq!(archive::archive(path("data"), path("archive"), Which::AllBut(0)).unwrap().position, end);
    let report = checked(&path("data"));
    assert_eq!((report.archived, report.records, report.end), (end, 0, end));
    for round in 0..2 {
        let bank = open(&path("data"));
        assert_eq!((picture(&bank), bank.stats().durable), (seen.clone(), end), "round {round}");
        assert!(matches!(bank.transfer(transfer(0)), Err(Error::Refused(Refusal::Archived { .. }))));
        let history = bank.history(number(0), HistoryQuery::default());
        assert!(matches!(history, Err(Error::Bank(BankError::Archived { .. }))), "{history:?}");
        bank.backup(&path("copies")).unwrap();
        assert_eq!(backup::verify_backup(path("copies")).unwrap().end, end);
        bank.close().unwrap();
        without_state(&path("data"));
    }
    let bank = open(&path("data"));
    pay(&bank, 9_000..9_010);
    bank.close().unwrap();
    check::check_with_archives(&path("data"), Options { deep: true }, &[path("archive")]).unwrap();
}

#[test]
fn a_stored_state_that_is_older_than_what_is_left_is_rebuilt() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    let bank = open(&path("data"));
    found(&bank);
    pay(&bank, 0..20);
    bank.close().unwrap();
    copy(&path("data/state"), &path("older"));
    let bank = open(&path("data"));
    pay(&bank, 20..600);
    let seen = picture(&bank);
    bank.close().unwrap();
    archive::archive(path("data"), path("archive"), Which::AllBut(0)).unwrap();
    without_state(&path("data"));
    copy(&path("older"), &path("data/state"));
    let report = checked(&path("data"));
    assert!(report.state.contains("cannot be used") && report.state.contains("archived"), "{}", report.state);
    let bank = open(&path("data"));
    assert_eq!(picture(&bank), seen);
    bank.close().unwrap();
    assert!(path("data/state.aside").exists());
    checked(&path("data"));
}

/// The verifier of a hold gets the contents of its record.
#[test]
fn the_record_of_a_hold_awaiting_verification_is_not_archived() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    let builder = jangbu_actors::Bank::builder().segment_bytes(16 * 1024);
    let hour = Duration::from_secs(3_600);
    let slow = RandomDelay::new(hour, hour, 0);
    let bank = Bank::from(builder.verifier(slow).open(path("data")).unwrap());
    found(&bank);
    pay(&bank, 0..20);
    bank.place_hold(PlaceHold::for_verification(transfer(5_000))).unwrap();
    pay(&bank, 20..400);
    let placed = bank.hold(id(5_000)).unwrap().unwrap().position;
    bank.close().unwrap();
    let archive = |which| archive::archive(path("data"), path("archive"), which);
    let error = archive(Which::AllBut(0)).unwrap_err();
    assert!(matches!(&error, BackupError::StillNeeded { position, .. } if *position == placed), "{error}");
    assert!(files(&path("data"), "state").is_empty() && !path("archive").exists());
    // The verifier here answers at once.
    let builder = jangbu_actors::Bank::builder().segment_bytes(16 * 1024);
    let quick = RandomDelay::new(Duration::ZERO, Duration::ZERO, 0);
    let bank = Bank::from(builder.verifier(quick).open(path("data")).unwrap());
    let began = std::time::Instant::now();
    while bank.hold(id(5_000)).unwrap().unwrap().status == HoldStatus::Open {
        assert!(began.elapsed() < Duration::from_secs(10), "the hold is not verified");
        std::thread::yield_now();
    }
    bank.close().unwrap();
    assert!(archive(Which::AllBut(0)).unwrap().position > placed);
    checked(&path("data"));
}

/// Without its sidecar, the ids of an archived segment would be forgotten.
#[test]
fn a_damaged_sidecar_of_an_archived_segment_stops_the_bank() {
    let bank = Archived::new();
    let index = files(&bank.data(), "index")[0].clone();
    let bytes = std::fs::read(&index).unwrap();
    // In the ids, which are read by a lookup.
    let mut damaged = bytes.clone();
    let place = bytes.len() - 4_096 + 40;
    damaged[place] ^= 1;
    std::fs::write(&index, &damaged).unwrap();
    let fault = check::check(&bank.data(), Options::default()).unwrap_err().to_string();
    assert!(fault.contains("000000000001.index"), "{fault}");
    let opened = open(&bank.data());
    let mut failed = 0;
    for n in 0..40 {
        match opened.transfer(transfer(n)) {
            Err(Error::Refused(Refusal::Archived { .. })) => {}
            Err(Error::Bank(_)) => failed += 1,
            other => panic!("command {n} was executed again: {other:?}"),
        }
    }
    assert!(failed > 0, "no id was looked up in the damaged block");
    drop(opened);
    // In the head, or the whole file is missing: the bank does not open.
    for damage in [Some(0), None] {
        match damage {
            Some(place) => {
                let mut damaged = bytes.clone();
                damaged[place] ^= 1;
                std::fs::write(&index, &damaged).unwrap();
            }
            None => std::fs::remove_file(&index).unwrap(),
        }
        let error = Bank::open(bank.data()).unwrap_err().to_string();
        assert!(error.contains("the archive has a copy"), "{error}");
    }
    std::fs::copy(bank.path("archive/journal").join(index.file_name().unwrap()), &index).unwrap();
    checked(&bank.data());
}

#[test]
fn the_chain_is_verified_with_the_archive_and_without() {
    let bank = Archived::new();
    let archive = bank.path("archive");
    let with = |archives: &[PathBuf]| check::check_with_archives(&bank.data(), Options { deep: true }, archives);
    let whole = with(std::slice::from_ref(&archive)).unwrap();
    assert_eq!((whole.archived, whole.records), (Position::START, whole.end.get()));
    let part = with(&[]).unwrap();
    assert_eq!(part.archived, bank.report.position);
    assert_eq!((whole.end, whole.accounts, &whole.currencies), (part.end, part.accounts, &part.currencies));
    assert_eq!(part.records, part.end.get() - bank.report.position.get());
    // Every archived segment: its header, its frames; and the archive as a whole.
    for segment in files(&archive, "segment") {
        let bytes = std::fs::read(&segment).unwrap();
        for place in [20, 4_096 + 9, 4_096 + 70, 9_000] {
            let mut damaged = bytes.clone();
            damaged[place] ^= 4;
            std::fs::write(&segment, damaged).unwrap();
            assert!(with(std::slice::from_ref(&archive)).is_err(), "{}: byte {place}", segment.display());
        }
        std::fs::remove_file(&segment).unwrap();
        assert!(with(std::slice::from_ref(&archive)).is_err());
        std::fs::write(&segment, bytes).unwrap();
    }
    assert!(matches!(with(&[bank.data()]), Err(check::CheckError::Archive(_))), "a bank is no archive");
    // In the data directory: the state, the sidecars.
    for file in [files(&bank.data(), "state"), files(&bank.data(), "index")].concat() {
        let bytes = std::fs::read(&file).unwrap();
        for step in 0..40 {
            let mut damaged = bytes.clone();
            let place = step * 769 % bytes.len();
            damaged[place] ^= 1;
            std::fs::write(&file, damaged).unwrap();
            assert!(with(&[]).is_err(), "{}: byte {place}", file.display());
        }
        std::fs::write(&file, bytes).unwrap();
    }
    with(&[archive]).unwrap();
}

/// A state with correct checksums that differs from the records it stands in for.
#[test]
fn a_state_of_another_bank_is_found() {
    let (bank, other) = (Archived::new(), Archived::new());
    let state = files(&bank.data(), "state")[0].clone();
    std::fs::copy(&files(&other.data(), "state")[0], &state).unwrap();
    let error = Bank::open(bank.data()).unwrap_err().to_string();
    assert!(error.contains("the state is"), "{error}");
    assert!(check::check(&bank.data(), Options::default()).is_err());
}

/// Changes a value in a state file and corrects all checksums, by docs/format.md.
fn forge(state: &Path, from: &[u8], to: &[u8]) {
    let mut bytes = std::fs::read(state).unwrap();
    let place = bytes.windows(from.len()).position(|window| window == from).expect("the value is there");
    bytes[place..place + to.len()].copy_from_slice(to);
    let seed = crc32c::crc32c_append(crc32c::crc32c(&bytes[16..32]), &bytes[32..40]);
    let (mut at, mut number) = (4_096, 0u64);
    while at < bytes.len() {
        let section: [u8; 4] = bytes[at..at + 4].try_into().unwrap();
        let length: [u8; 4] = bytes[at + 4..at + 8].try_into().unwrap();
        let end = at + 16 + u32::from_le_bytes(length) as usize;
        if section == [0; 4] {
            let digest = blake3::hash(&bytes[..at]);
            bytes[at + 20..end].copy_from_slice(digest.as_bytes());
        }
        let seed = crc32c::crc32c_append(crc32c::crc32c_append(seed, &number.to_le_bytes()), &section);
        let crc = crc32c::crc32c_append(seed, &bytes[at + 16..end]);
        bytes[at + 8..at + 12].copy_from_slice(&crc.to_le_bytes());
        (at, number) = (end, number + 1);
    }
    std::fs::write(state, bytes).unwrap();
}

#[test]
fn a_wrong_state_is_detected_with_the_archive() {
    let bank = Archived::new();
    forge(&files(&bank.data(), "state")[0], b"as it is", b"as it is");
    let with = |archives: &[PathBuf]| check::check_with_archives(&bank.data(), Options::default(), archives);
    with(&[bank.path("archive")]).unwrap();
    forge(&files(&bank.data(), "state")[0], b"as it is", b"as it iz");
    let error = with(&[]).unwrap_err().to_string();
    assert!(error.contains("stored application record"), "the stored state still knows: {error}");
    without_state(&bank.data());
    with(&[]).unwrap();
    let error = with(&[bank.path("archive")]).unwrap_err().to_string();
    assert!(error.contains("is not what they lead to"), "{error}");
}

#[test]
fn archiving_continues_where_it_ended_and_the_archive_restores_history() {
    let bank = Archived::new();
    let archive = bank.path("archive");
    let again = |which| archive::archive(bank.data(), &archive, which).unwrap();
    assert_eq!(again(Which::AllBut(2)).segments, 0, "there is nothing to move");
    assert_eq!(again(Which::Before(bank.first())).segments, 0);
    let opened = open(&bank.data());
    pay(&opened, 20_000..20_400);
    let seen = picture(&opened);
    opened.close().unwrap();
    let second = again(Which::AllBut(1));
    assert!(second.segments >= 2 && second.position > bank.report.position, "{second:?}");
    assert_eq!(files(&bank.data(), "state").len(), 1, "only the newest state is kept");
    without_state(&bank.data());
    let opened = open(&bank.data());
    assert_eq!(picture(&opened), seen);
    assert!(matches!(opened.transfer(transfer(3)), Err(Error::Refused(Refusal::Archived { .. }))));
    assert!(matches!(opened.transfer(transfer(20_003)), Err(Error::Refused(Refusal::Archived { .. }))));
    opened.close().unwrap();
    check::check_with_archives(&bank.data(), Options { deep: true }, std::slice::from_ref(&archive)).unwrap();
    // Another directory gets the next segments, and both are needed to check from the beginning.
    let opened = open(&bank.data());
    pay(&opened, 30_000..30_300);
    let seen = picture(&opened);
    opened.close().unwrap();
    let further = bank.path("further");
    assert!(archive::archive(bank.data(), &further, Which::AllBut(0)).unwrap().segments > 0);
    let with = |archives: &[PathBuf]| check::check_with_archives(&bank.data(), Options::default(), archives);
    assert!(with(std::slice::from_ref(&further)).is_err());
    assert!(with(std::slice::from_ref(&archive)).is_err());
    with(&[further.clone(), archive.clone()]).unwrap();
    // The bank now begins later, so the first archive cannot be continued.
    let opened = open(&bank.data());
    pay(&opened, 40_000..40_200);
    opened.close().unwrap();
    let error = archive::archive(bank.data(), &archive, Which::AllBut(0)).unwrap_err();
    assert!(matches!(error, BackupError::Behind { .. }), "{error}");
    // Segments that are moved back can be read again.
    for segment in [files(&archive, "segment"), files(&further, "segment")].concat() {
        std::fs::copy(&segment, bank.data().join("journal").join(segment.file_name().unwrap())).unwrap();
    }
    let report = checked(&bank.data());
    assert_eq!(report.archived, Position::START);
    let opened = open(&bank.data());
    assert_eq!(opened.transfer(transfer(7)).unwrap().position, bank.places[7]);
    let entries = opened.history(number(1), HistoryQuery { limit: 1_000, ..HistoryQuery::default() }).unwrap();
    assert_eq!(entries.next, None);
    assert_ne!(picture(&opened), seen, "it went on");
    opened.close().unwrap();
}

#[test]
fn a_bank_with_an_archive_is_backed_up_and_restored() {
    let bank = Archived::new();
    let (before, after) = (bank.path("before"), bank.path("after"));
    let opened = open(&bank.data());
    let fresh = opened.backup(&after).unwrap();
    assert_eq!(fresh.segments_copied, 3, "{fresh:?}");
    let report = backup::verify_backup(&after).unwrap();
    assert_eq!(report.archived, bank.report.position);
    backup::restore(&after, bank.path("restored")).unwrap();
    let copy = open(&bank.path("restored"));
    assert_eq!(picture(&copy), bank.picture);
    assert!(matches!(copy.transfer(transfer(3)), Err(Error::Refused(Refusal::Archived { .. }))));
    copy.close().unwrap();
    checked(&bank.path("restored"));
    // A backup that has all segments keeps those that are archived in the meantime; one that ends before them is
    // refused.
    pay(&opened, 50_000..50_300);
    opened.backup(&before).unwrap();
    let seen = picture(&opened);
    opened.close().unwrap();
    archive::archive(bank.data(), bank.path("archive"), Which::AllBut(0)).unwrap();
    let opened = open(&bank.data());
    let error = opened.backup(&after).unwrap_err();
    assert!(matches!(error, BackupError::Behind { .. }), "{error}");
    assert_eq!(backup::verify_backup(&after).unwrap(), report, "it is as it was");
    let kept = opened.backup(&before).unwrap();
    assert!(kept.segments_copied <= 1, "the last one says by now that the bank was closed: {kept:?}");
    assert_eq!(files(&before, "state").len(), 1, "the older state is removed");
    assert!(backup::verify_backup(&before).unwrap().archived > bank.report.position);
    backup::restore(&before, bank.path("restored-again")).unwrap();
    let copy = open(&bank.path("restored-again"));
    assert_eq!(picture(&copy), seen);
    copy.close().unwrap();
    opened.close().unwrap();
}

#[test]
fn archiving_with_unsuitable_directories_is_refused() {
    let bank = Archived::new();
    let data = bank.data();
    let refused = |data: &Path, archive: &Path| archive::archive(data, archive, Which::AllBut(0)).unwrap_err();
    assert!(matches!(refused(&bank.path("nowhere"), &bank.path("x")), BackupError::NoBank(_)));
    assert!(matches!(refused(&data, &data.join("old")), BackupError::InsideBank { .. }));
    let other = Archived::new();
    assert!(matches!(refused(&data, &other.path("archive")), BackupError::OtherBank(_)));
    let opened = open(&data);
    assert!(matches!(refused(&data, &bank.path("archive")), BackupError::Open(_)), "it is open");
    opened.backup(&bank.path("copies")).unwrap();
    opened.close().unwrap();
    assert!(matches!(refused(&data, &bank.path("copies")), BackupError::OtherKind(_)));
    assert!(matches!(backup::verify_backup(bank.path("archive")), Err(BackupError::OtherKind(_))));
    assert_eq!(files(&data, "segment").len(), 3, "nothing was moved");
    checked(&data);
}
