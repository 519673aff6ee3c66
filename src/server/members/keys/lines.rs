//! The contents of a key file, and how two copies are merged.
//!
//! ```text
//! jangbu-keys 2 <32 hexadecimal digits> <generation> <checksum>
//! names <64 hexadecimal digits> <checksum>
//! member <id> <64 hexadecimal digits> <checksum>
//! erased <id> <checksum>
//! ```
//!
//! The digits of the first line are the same in both copies and in no other bank's; the generation grows each time the
//! file is written anew. The first line of version 1 is `jangbu-keys 1`, and such a file has no copy.
//!
//! The copies are identical, byte for byte, except for what a crash or damage did to one of them. So a line that is
//! damaged in one is read from the same position in the other.

use secrecy::ExposeSecret;

use super::Key;
use crate::server::members::MemberId;

const OLD_HEADER: &str = "jangbu-keys 1";
const HEADER: &str = "jangbu-keys 2";
const CHECKSUM_CONTEXT: &str = "jangbu 2026-11 checksum of a line of the key file";

/// A line of the file, except the first.
pub(super) enum Line {
    /// The key for names.
    Names(Key),
    /// A member's key.
    Member(MemberId, Key),
    /// A member whose key is destroyed.
    Erased(MemberId),
}

/// The contents of the first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Distinguishes the files of one bank from another's; 0 in version 1.
    pub(super) id: u128,
    /// How often the file was rewritten; 0 in version 1.
    pub(super) generation: u64,
}

impl Header {
    /// Returns the first line, with its line end.
    pub(super) fn to_text(self) -> String {
        let line = format!("{HEADER} {:032x} {}", self.id, self.generation);
        format!("{line} {}\n", checksum(&line))
    }

    fn parse(line: &str) -> Option<Header> {
        if line == OLD_HEADER {
            return Some(Header { id: 0, generation: 0 });
        }
        let (said, sum) = line.rsplit_once(' ')?;
        let (id, generation) = said.strip_prefix(HEADER)?.strip_prefix(' ')?.split_once(' ')?;
        if checksum(said) != sum {
            return None;
        }
        Some(Header { id: u128::from_str_radix(id, 16).ok()?, generation: generation.parse().ok()? })
    }

    const fn is_old(self) -> bool {
        self.generation == 0
    }
}

impl Line {
    /// Returns the line, with its checksum and line end.
    pub(super) fn to_text(&self) -> String {
        let hex = |key: &Key| blake3::Hash::from_bytes(*key.expose_secret()).to_hex();
        let line = match self {
            Line::Names(key) => format!("names {}", hex(key)),
            Line::Member(member, key) => format!("member {member} {}", hex(key)),
            Line::Erased(member) => format!("erased {member}"),
        };
        format!("{line} {}\n", checksum(&line))
    }

    fn parse(line: &str) -> Option<Line> {
        let (line, sum) = line.rsplit_once(' ')?;
        if checksum(line) != sum {
            return None;
        }
        let key = |hex: &str| Some(Key::new(Box::new(*blake3::Hash::from_hex(hex).ok()?.as_bytes())));
        let mut parts = line.split(' ');
        let read = match (parts.next()?, parts.next()?, parts.next()) {
            ("names", hex, None) => Line::Names(key(hex)?),
            ("member", member, Some(hex)) => Line::Member(member.parse().ok()?, key(hex)?),
            ("erased", member, None) => Line::Erased(member.parse().ok()?),
            _ => return None,
        };
        parts.next().is_none().then_some(read)
    }
}

/// 16 hexadecimal digits.
fn checksum(line: &str) -> String {
    let mut hasher = blake3::Hasher::new_derive_key(CHECKSUM_CONTEXT);
    hasher.update(line.as_bytes());
    hasher.finalize().to_hex().chars().take(16).collect()
}

/// The common contents of two copies.
pub(super) struct Merged {
    pub(super) header: Header,
    pub(super) lines: Vec<Line>,
    /// The length of the first line and these lines, in bytes.
    pub(super) bytes: usize,
    /// Whether both copies exist, are equal and undamaged.
    pub(super) is_sound: bool,
    /// What was being written when the program or the machine stopped; no record needs it.
    pub(super) torn: Vec<u8>,
    /// The lines, counted from 1, that are damaged or missing in one of the copies.
    pub(super) healed: Vec<usize>,
}

/// Why two copies cannot be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The line of that number, counted from 1, is damaged in every copy.
    Damaged(usize),
    /// Both are undamaged, but they are not copies of each other.
    Strangers,
}

/// Merges a key file and its copy, of which at least one exists.
pub(super) fn merge(first: Option<&[u8]>, copy: Option<&[u8]>) -> Result<Merged, Fault> {
    let (mut first, mut copy) = (first, copy);
    let headers = (first.and_then(header_at_start), copy.and_then(header_at_start));
    let mut is_stale = false;
    match headers {
        (Some((one, _)), Some((other, _))) if one != other => {
            if one.id != other.id && !one.is_old() && !other.is_old() {
                return Err(Fault::Strangers);
            }
            // The machine stopped after rewriting the file and before rewriting its copy.
            is_stale = true;
            if one.generation > other.generation { copy = None } else { first = None }
        }
        _ => {}
    }
    let known = first.and(headers.0).or_else(|| copy.and(headers.1));
    let (header, start) = known.ok_or(Fault::Damaged(1))?;
    let both_known = headers.0.is_some() == first.is_some() && headers.1.is_some() == copy.is_some();
    let mut merging = Merging { first, copy, at: start, number: 1, both_known, lines: Vec::new(), healed: Vec::new() };
    if !both_known {
        merging.healed.push(1);
    }
    while merging.take_line()? {}
    let torn = merging.torn()?;
    let is_sound = !is_stale && !header.is_old() && torn.is_empty() && first == copy && merging.healed.is_empty();
    Ok(Merged { header, lines: merging.lines, bytes: merging.at, is_sound, torn, healed: merging.healed })
}

struct Merging<'a> {
    first: Option<&'a [u8]>,
    copy: Option<&'a [u8]>,
    at: usize,
    /// The number of the previous line.
    number: usize,
    /// Whether the first line of each copy is undamaged.
    both_known: bool,
    lines: Vec<Line>,
    healed: Vec<usize>,
}

impl Merging<'_> {
    /// Reads the line at `at` from whichever copy has it; `false` if none does.
    fn take_line(&mut self) -> Result<bool, Fault> {
        let (one, other) =
            (self.first.and_then(|file| line_at(file, self.at)), self.copy.and_then(|file| line_at(file, self.at)));
        let number = self.number.saturating_add(1);
        // A copy that ends here was not written yet when the machine stopped, which is not damage.
        let ends = |file: Option<&[u8]>| file.is_none_or(|file| file.len() <= self.at);
        let is_healed = match (&one, &other) {
            (Some(one), Some(other)) if one.text != other.text => return Err(Fault::Strangers),
            (Some(one), Some(other)) => !one.has_end || !other.has_end,
            (Some(one), None) => !one.has_end || !ends(self.copy),
            (None, Some(_)) => self.first.is_some(),
            (None, None) => false,
        };
        let Some(found) = one.or(other) else { return Ok(false) };
        if is_healed {
            self.healed.push(number);
        }
        (self.at, self.number) = (found.end, number);
        self.lines.push(found.line);
        Ok(true)
    }

    /// Returns what follows the last line, if an interrupted write can have left it.
    fn torn(&self) -> Result<Vec<u8>, Fault> {
        let rest = |file: Option<&[u8]>| file.and_then(|file| file.get(self.at..)).unwrap_or_default().to_vec();
        let (first, copy) = (rest(self.first), rest(self.copy));
        let damaged = Err(Fault::Damaged(self.number.saturating_add(1)));
        match (first.is_empty(), copy.is_empty()) {
            (true, true) => Ok(Vec::new()),
            // The file is written before its copy: this was never completed, and may be on disk only in part.
            (false, true) if self.copy.is_some() && self.both_known && !has_line(&first) => Ok(first),
            // Without a second copy, only a line without an end can be distinguished from damage.
            (false, true) if self.copy.is_none() && !first.contains(&b'\n') => Ok(first),
            (true, false) if self.first.is_none() && !copy.contains(&b'\n') => Ok(copy),
            _ => damaged,
        }
    }
}

/// A line of a file, and its end.
struct Found<'a> {
    line: Line,
    text: &'a str,
    end: usize,
    /// Whether its line end is undamaged.
    has_end: bool,
}

fn header_at_start(file: &[u8]) -> Option<(Header, usize)> {
    let end = file.iter().position(|byte| *byte == b'\n')?;
    let text = std::str::from_utf8(file.get(..end)?).ok()?;
    Some((Header::parse(text)?, end.saturating_add(1)))
}

fn line_at(file: &[u8], at: usize) -> Option<Found<'_>> {
    let rest = file.get(at..)?;
    let length = rest.iter().position(|byte| *byte == b'\n');
    // The last line is valid even if its line end is damaged.
    let length = length.or_else(|| rest.len().checked_sub(1))?;
    let text = std::str::from_utf8(rest.get(..length)?).ok()?;
    let end = at.saturating_add(length).saturating_add(1);
    Some(Found { line: Line::parse(text)?, text, end, has_end: rest.get(length) == Some(&b'\n') })
}

/// Whether an undamaged line occurs anywhere in these bytes except at their start.
fn has_line(bytes: &[u8]) -> bool {
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    ends.map(|(place, _)| place.saturating_add(1)).any(|start| line_at(bytes, start).is_some())
}
