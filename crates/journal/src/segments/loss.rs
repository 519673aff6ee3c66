//! Determines how far a journal that cannot be opened is sound, and cuts off the rest once an operator accepts that
//! loss.
//!
//! This module must never change a byte of the sound part, or destroy a byte of what it cuts off.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::JournalError;
use super::super::disk::{Access, Disk, DiskFile};
use super::super::format::header::SegmentHeader;
use super::super::format::names::{self, FileKind};
use super::archived::Archived;
use super::listing::{Files, check_journal, check_link};
use super::tail::Tail;
use super::walk::{self, Walk};
use jangbu_ledger::{Position, decode_record};

/// How much is copied or zeroed at a time.
const STEP_BYTES: usize = 256 * 1024;

/// How far a journal is sound.
#[derive(Debug)]
pub struct Survey {
    /// The position of the last record before the first fault.
    pub last: Position,
    /// The first fault; `None` if the journal can be opened.
    pub fault: Option<String>,
    /// The end of the last sound frame.
    end: SoundEnd,
    /// The files after the sound part.
    later: Vec<String>,
}

/// The segment in which the sound part of a journal ends.
#[derive(Debug)]
struct SoundEnd {
    path: PathBuf,
    header: SegmentHeader,
    /// The start and the end of its last sound frame.
    last_frame: (u64, u64),
    last: Position,
    chain: super::super::format::Chain,
}

impl SoundEnd {
    fn of(walk: &Walk) -> SoundEnd {
        SoundEnd {
            path: walk.path.clone(),
            header: walk.header.clone(),
            last_frame: (walk.last_frame_at, walk.offset),
            last: walk.last,
            chain: walk.chain,
        }
    }
}

impl Survey {
    /// Adds the last sound record before the damage to an error that was found by the files' names and headers only.
    /// This requires reading the frames before it.
    pub fn locate(disk: &dyn Disk, dir: &Path, error: JournalError) -> JournalError {
        if !matches!(error, JournalError::Damaged { after: Position::START, .. }) {
            return error;
        }
        error.sound_up_to(Survey::of(disk, dir).map_or(Position::START, |survey| survey.last))
    }

    /// Reads and verifies every frame of the journal in `dir` up to the first fault, without changing anything.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] if not even the beginning or the archived part is sound, so that there is nothing to
    /// continue from; [`JournalError::Io`] and [`JournalError::NewerFormat`].
    pub fn of(disk: &dyn Disk, dir: &Path) -> Result<Survey, JournalError> {
        let (files, misnamed) = list(disk, dir)?;
        let (mut end, mut headers, mut fault) = (None::<SoundEnd>, Vec::new(), None);
        let newest = files.segments.last().copied().unwrap_or(0);
        let first = files.segments.first().copied().unwrap_or(1);
        for number in first..=newest {
            let path = dir.join(names::segment(number));
            let walked = match files.segments.contains(&number) {
                true => walk_on(disk, dir, &path, number, end.as_ref(), number == newest),
                false => Err(JournalError::damaged(&path, 0, "the segment is missing")),
            };
            match walked {
                Ok((walk, after)) => {
                    headers.push(walk.header.clone());
                    end = Some(SoundEnd::of(&walk));
                    fault = after;
                }
                Err(error @ JournalError::Damaged { .. }) => fault = Some(error.to_string()),
                Err(other) => return Err(other),
            }
            if fault.is_some() {
                break;
            }
        }
        let Some(end) = end else {
            return Err(JournalError::damaged(dir, 0, fault.as_deref().unwrap_or("the journal has no segment")));
        };
        check_journal(dir, &headers)?;
        let number = end.header.number;
        let is_later = |kind: FileKind| match kind {
            FileKind::Segment(later) => later > number,
            FileKind::Index(later) | FileKind::State(later) => later >= number,
            _ => false,
        };
        let mut later = misnamed;
        for name in disk.list(dir).map_err(JournalError::io("list", dir))? {
            if names::kind(dir, &name).is_ok_and(is_later) {
                later.push(name);
            }
        }
        if fault.is_none() && !later.is_empty() {
            fault = Some(format!("segment {} is missing, or a file has an unknown name", number + 1));
        }
        let states = files.states.iter().copied().filter(|state| *state < number).collect();
        let kept = Files::of(files.segments.clone(), files.indexes.clone(), states);
        Archived::load(disk, dir, &kept, &headers)?;
        Ok(Survey { last: end.last, fault, end, later })
    }

    /// Cuts off everything after the last sound record, and keeps it in the directory `aside`.
    ///
    /// It can be interrupted at any point and repeated with the same directory.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn cut(&self, disk: &dyn Disk, dir: &Path, aside: &Path) -> Result<(), JournalError> {
        if self.fault.is_none() {
            return Ok(());
        }
        let path = &self.end.path;
        let file = disk.open(path, Access::Write).map_err(JournalError::io("open", path))?;
        self.keep_rest(disk, &*file, aside)?;
        for name in &self.later {
            let from = dir.join(name);
            disk.rename(&from, &aside.join(name)).map_err(JournalError::io("rename", &from))?;
        }
        for changed in [aside, dir] {
            disk.sync_dir(changed).map_err(JournalError::io("sync", changed))?;
        }
        self.zero_rest(&*file)
    }

    /// Copies what follows the last sound frame. It is done once, because a later attempt may find it zeroed.
    fn keep_rest(&self, disk: &dyn Disk, file: &dyn DiskFile, aside: &Path) -> Result<(), JournalError> {
        let (path, start) = (&self.end.path, self.end.last_frame.1);
        let name = format!("{}.from-{start}", names::segment(self.end.header.number));
        let (made, kept) = (aside.join(names::making(&name)), aside.join(&name));
        if disk.list(aside).map_err(JournalError::io("list", aside))?.contains(&name) {
            return Ok(());
        }
        let copy = disk.open(&made, Access::Create).map_err(JournalError::io("create", &made))?;
        let size = file.size().map_err(JournalError::io("measure", path))?;
        let mut bytes = vec![0; STEP_BYTES];
        let mut at = start;
        while at < size {
            let read = file.read_full_at(&mut bytes, at).map_err(JournalError::io("read", path))?;
            let piece = bytes.get(..read).unwrap_or_default();
            copy.write_at(piece, at - start).map_err(JournalError::io("write", &made))?;
            at += read.max(1) as u64;
        }
        copy.sync().map_err(JournalError::io("sync", &made))?;
        disk.rename(&made, &kept).map_err(JournalError::io("rename", &made))?;
        disk.sync_dir(aside).map_err(JournalError::io("sync", aside))
    }

    /// Makes the segment writable again: zeros after the last sound frame, up to its original length.
    fn zero_rest(&self, file: &dyn DiskFile) -> Result<(), JournalError> {
        let path = &self.end.path;
        let size = file.size().map_err(JournalError::io("measure", path))?;
        let full = self.end.header.bytes;
        if size > full {
            file.set_len(full).map_err(JournalError::io("truncate", path))?;
        }
        let zeros = vec![0; STEP_BYTES];
        let mut at = self.end.last_frame.1;
        while at < full {
            let length = usize::try_from(full - at).unwrap_or(STEP_BYTES).min(STEP_BYTES);
            let piece = zeros.get(..length).unwrap_or(&zeros);
            file.write_at(piece, at).map_err(JournalError::io("write", path))?;
            at += length as u64;
        }
        file.sync().map_err(JournalError::io("sync", path))
    }
}

/// Walks a segment, which must follow the sound part so far. Also returns the fault that ended the walk.
fn walk_on(
    disk: &dyn Disk,
    dir: &Path,
    path: &Path,
    number: u64,
    before: Option<&SoundEnd>,
    is_newest: bool,
) -> Result<(Walk, Option<String>), JournalError> {
    let header = walk::header(disk, path, number)?;
    if let Some(before) = before {
        if header.journal != before.header.journal {
            return Err(JournalError::damaged(path, 0, "the segment belongs to another journal than the first one"));
        }
        check_link(dir, &header, before.last, &before.chain)?;
    }
    let mut walk = Walk::new(disk, path, header)?;
    let walked = walk.run(|passed| {
        let position = passed.position;
        let undecodable = |source| JournalError::Undecodable { position, source };
        decode_record(position, passed.bytes).map(drop).map_err(undecodable)
    });
    let walked = walked.and_then(|tail| match tail {
        Tail::Torn { .. } if !is_newest => {
            let what = "no sound frame is here, although the segment is not the last one";
            Err(JournalError::damaged_after(walk.last, path, walk.offset, what))
        }
        _ => walk.check_size(is_newest),
    });
    match walked {
        Ok(()) => Ok((walk, None)),
        Err(error @ JournalError::Damaged { .. }) => Ok((walk, Some(error.to_string()))),
        Err(other) => Err(other),
    }
}

/// Returns the files in a journal's directory, even if some are missing, and those with unknown names.
fn list(disk: &dyn Disk, dir: &Path) -> Result<(Files, Vec<String>), JournalError> {
    let (mut segments, mut indexes, mut states) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut misnamed = Vec::new();
    for name in disk.list(dir).map_err(JournalError::io("list", dir))? {
        match names::kind(dir, &name) {
            Ok(FileKind::Segment(number)) => drop(segments.insert(number)),
            Ok(FileKind::Index(number)) => drop(indexes.insert(number)),
            Ok(FileKind::State(number)) => drop(states.insert(number)),
            Ok(FileKind::Restoring) => return Err(JournalError::HalfRestored(dir.to_path_buf())),
            Ok(_) => {}
            Err(_) => misnamed.push(name),
        }
    }
    Ok((Files::of(segments, indexes, states), misnamed))
}

/// The mark of a loss that is being accepted, which prevents the journal from being opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovering {
    /// The position of the last record that is kept.
    pub after: Position,
    /// The name of the directory for what is cut off, in the bank's directory.
    pub aside: String,
}

impl Recovering {
    /// Reads the mark in `dir`, if there is one.
    ///
    /// # Errors
    /// [`JournalError::Io`], and [`JournalError::Damaged`] if the mark is not readable.
    pub fn read(disk: &dyn Disk, dir: &Path) -> Result<Option<Recovering>, JournalError> {
        let path = dir.join(names::RECOVERING);
        let file = match disk.open(&path, Access::Read) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(JournalError::io("open", &path))?,
        };
        let size = file.size().map_err(JournalError::io("measure", &path))?;
        let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
        file.read_full_at(&mut bytes, 0).map_err(JournalError::io("read", &path))?;
        let text = String::from_utf8_lossy(&bytes);
        let read = text.strip_prefix("after ").and_then(|rest| rest.trim_end().split_once(" into "));
        let after = read.and_then(|(after, aside)| Some((after.parse().ok()?, aside.to_owned())));
        let damaged = || JournalError::damaged(&path, 0, "it does not say which loss was being accepted");
        after.map(|(after, aside)| Some(Recovering { after: Position::new(after), aside })).ok_or_else(damaged)
    }

    /// Writes the mark durably.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn write(&self, disk: &dyn Disk, dir: &Path) -> Result<(), JournalError> {
        let path = dir.join(names::RECOVERING);
        let made = dir.join(names::making(names::RECOVERING));
        let text = format!("after {} into {}\n", self.after, self.aside);
        let file = disk.open(&made, Access::Create).map_err(JournalError::io("create", &made))?;
        file.write_at(text.as_bytes(), 0).map_err(JournalError::io("write", &made))?;
        file.sync().map_err(JournalError::io("sync", &made))?;
        disk.rename(&made, &path).map_err(JournalError::io("rename", &made))?;
        disk.sync_dir(dir).map_err(JournalError::io("sync", dir))
    }

    /// Removes the mark, so that the journal can be opened.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn remove(disk: &dyn Disk, dir: &Path) -> Result<(), JournalError> {
        let path = dir.join(names::RECOVERING);
        disk.remove(&path).map_err(JournalError::io("remove", &path))?;
        disk.sync_dir(dir).map_err(JournalError::io("sync", dir))
    }
}
