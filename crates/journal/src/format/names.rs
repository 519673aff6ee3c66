//! The names of a journal's files.

use super::super::JournalError;
use std::path::Path;

/// What a file in a journal's directory is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A segment, complete with its header.
    Segment(u64),
    /// The sidecar of a sealed segment.
    Index(u64),
    /// The state that stands in for the segments up to that number.
    State(u64),
    /// What a restore leaves behind that was not completed: nothing here counts.
    Restoring,
    /// What says that the acceptance of a loss is under way: the journal may be half changed.
    Recovering,
    /// What an interrupted program left behind, of no use.
    Leftover,
    /// Something else, which is left alone.
    Other,
}

const SEGMENT: &str = "segment";
const INDEX: &str = "index";
const STATE: &str = "state";
/// A segment or sidecar that is being made: renamed when it is complete and durable.
const MAKING: &str = "making";

/// The name of the file of a segment.
pub fn segment(number: u64) -> String {
    format!("{number:012}.{SEGMENT}")
}

/// The name of the sidecar of a segment.
pub fn index(number: u64) -> String {
    format!("{number:012}.{INDEX}")
}

/// The name of the file with the state that stands in for the segments up to that one.
pub fn state(number: u64) -> String {
    format!("{number:012}.{STATE}")
}

/// The file that is there while a backup is being restored, so that a part of it is not taken for the whole.
pub const RESTORING: &str = "restoring";

/// The file that is there while a loss is being accepted, and says after which position and where what is cut goes.
pub(crate) const RECOVERING: &str = "recovering";

/// The file that says what a backup or an archive holds, beside the directory of the journal's files.
pub const MANIFEST: &str = "manifest";

/// The directory of the journal's files, in a bank as in a backup or an archive.
pub const JOURNAL: &str = "journal";

/// The name that a file has until it is complete.
pub fn making(name: &str) -> String {
    format!("{name}.{MAKING}")
}

/// The name for the bytes of a torn frame; `attempt` tells apart those found at the same position.
pub(crate) fn torn(position: u64, attempt: u64) -> String {
    format!("torn-{position}-{attempt}")
}

/// The position in a name that [`torn`] gave.
pub(crate) fn torn_at(name: &str) -> Option<u64> {
    name.strip_prefix("torn-")?.split_once('-')?.0.parse().ok()
}

/// Tells what `name` is.
///
/// # Errors
/// [`JournalError::Damaged`] for a segment or sidecar whose name is not as this program writes it: a file that was
/// renamed must not go unnoticed.
pub fn kind(dir: &Path, name: &str) -> Result<FileKind, JournalError> {
    if name == RESTORING {
        return Ok(FileKind::Restoring);
    }
    if name == RECOVERING {
        return Ok(FileKind::Recovering);
    }
    let Some((stem, extension)) = name.rsplit_once('.') else { return Ok(FileKind::Other) };
    let number = stem.parse::<u64>().ok().filter(|number| *number > 0);
    match (extension, number) {
        (MAKING, _) => Ok(FileKind::Leftover),
        (SEGMENT, Some(number)) if segment(number) == name => Ok(FileKind::Segment(number)),
        (INDEX, Some(number)) if index(number) == name => Ok(FileKind::Index(number)),
        (STATE, Some(number)) if state(number) == name => Ok(FileKind::State(number)),
        (SEGMENT | INDEX | STATE, _) => {
            Err(JournalError::damaged(&dir.join(name), 0, "the file's name is no segment's"))
        }
        _ => Ok(FileKind::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        for (name, expected) in [
            (segment(1).as_str(), FileKind::Segment(1)),
            ("000000000012.segment", FileKind::Segment(12)),
            ("1234567890123.segment", FileKind::Segment(1_234_567_890_123)),
            (index(7).as_str(), FileKind::Index(7)),
            (state(8).as_str(), FileKind::State(8)),
            (RESTORING, FileKind::Restoring),
            (RECOVERING, FileKind::Recovering),
            (making(&segment(3)).as_str(), FileKind::Leftover),
            (torn(9, 1).as_str(), FileKind::Other),
            ("torn-9", FileKind::Other),
            ("notes.txt", FileKind::Other),
        ] {
            assert_eq!(kind(Path::new("journal"), name).unwrap(), expected, "{name}");
        }
        assert_eq!(torn_at(&torn(9, 1)), Some(9));
        assert_eq!(torn_at("torn-9"), None);
        for name in
            ["1.segment", "000000000000.segment", "copy of 000000000001.segment", "x.index", "1.state", ".segment"]
        {
            assert!(kind(Path::new("journal"), name).is_err(), "{name}");
        }
    }
}
