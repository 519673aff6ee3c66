//! The names of a journal's files.

use super::super::JournalError;
use std::path::Path;

/// The kind of a file in a journal's directory, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A segment with its header.
    Segment(u64),
    /// The sidecar of a sealed segment.
    Index(u64),
    /// The state that stands in for the segments up to that number.
    State(u64),
    /// The mark of a restore that is not completed: nothing in the directory counts.
    Restoring,
    /// The mark of a loss that is being accepted: the journal may be partly changed.
    Recovering,
    /// A remnant of an interrupted program, which is not needed.
    Leftover,
    /// Another file, which is left alone.
    Other,
}

const SEGMENT: &str = "segment";
const INDEX: &str = "index";
const STATE: &str = "state";
/// A segment or sidecar in the making. It is renamed once it is complete and durable.
const MAKING: &str = "making";

/// Returns the file name of a segment.
pub fn segment(number: u64) -> String {
    format!("{number:012}.{SEGMENT}")
}

/// Returns the file name of a segment's sidecar.
pub fn index(number: u64) -> String {
    format!("{number:012}.{INDEX}")
}

/// Returns the file name of the state that stands in for the segments up to that number.
pub fn state(number: u64) -> String {
    format!("{number:012}.{STATE}")
}

/// The file that exists while a backup is being restored, so that an incomplete restore is not opened.
pub const RESTORING: &str = "restoring";

/// The file that exists while a loss is being accepted. It contains the position, and where the cut-off part goes.
pub(crate) const RECOVERING: &str = "recovering";

/// The file with the contents of a backup or an archive, beside the directory of the journal's files.
pub const MANIFEST: &str = "manifest";

/// The directory of the journal's files, in a bank, a backup or an archive.
pub const JOURNAL: &str = "journal";

/// Returns the temporary name of a file until it is complete.
pub fn making(name: &str) -> String {
    format!("{name}.{MAKING}")
}

/// Returns the file name for the bytes of a torn frame. `attempt` distinguishes files for the same position.
pub(crate) fn torn(position: u64, attempt: u64) -> String {
    format!("torn-{position}-{attempt}")
}

/// Returns the position in a name made by [`torn`].
pub(crate) fn torn_at(name: &str) -> Option<u64> {
    name.strip_prefix("torn-")?.split_once('-')?.0.parse().ok()
}

/// Returns the kind of the file `name`.
///
/// # Errors
/// [`JournalError::Damaged`] for a segment or sidecar whose name is not exactly as this program writes it, so that a
/// renamed file does not go unnoticed.
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
            Err(JournalError::damaged(&dir.join(name), 0, "the file does not have the name of a segment"))
        }
        _ => Ok(FileKind::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_have_the_right_kind() {
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
