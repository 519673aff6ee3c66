//! Cursors: positions in the history of one particular bank.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::event::Event;
use crate::ledger::{CommandId, Position, Timestamp};

/// The position after an event, together with a mark that identifies the event.
///
/// A position alone exists in every bank and in every history of it. A reader that is ahead of a bank restored from a
/// backup would take new events for events that it has already seen. A cursor also has a mark of the record at its
/// position, derived from the record's random or unique id and its time. So a cursor of another bank, or of a history
/// lost by a restore, is detected whatever has happened since.
///
/// As text, and in JSON, it is `POSITION-MARK`: `4711-1f8a03b2c4d5e6f7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    position: Position,
    mark: u64,
}

/// A text that is not a valid [`Cursor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor such as 4711-1f8a03b2c4d5e6f7")]
pub struct CursorError;

impl Cursor {
    /// The position before the first event, in any bank.
    pub const START: Cursor = Cursor { position: Position::START, mark: 0 };

    /// Returns the cursor after the record at `position`.
    pub(crate) fn behind(position: Position, id: CommandId, recorded_at: Timestamp) -> Cursor {
        let mut hasher = blake3::Hasher::new_derive_key("jangbu 2026-11-30 mark of a record in a cursor");
        hasher.update(&position.get().to_be_bytes());
        hasher.update(&id.as_u128().to_be_bytes());
        hasher.update(&recorded_at.as_ns().to_be_bytes());
        let mark = hasher.finalize().as_bytes().first_chunk().copied().map_or(0, u64::from_be_bytes);
        Cursor { position, mark }
    }

    /// Returns the position of the event that the cursor follows.
    pub const fn position(self) -> Position {
        self.position
    }
}

impl Event {
    /// Returns the cursor after this event. A reader stores it once it has processed the event.
    pub fn cursor(&self) -> Cursor {
        Cursor::behind(self.position, self.id, self.recorded_at)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}", self.position, self.mark)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (position, mark) = text.split_once('-').ok_or(CursorError)?;
        let is_plain = position.bytes().all(|byte| byte.is_ascii_digit())
            && mark.len() == 16
            && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
        let position = position.parse().map(Position::new).map_err(|_| CursorError)?;
        let mark = u64::from_str_radix(mark, 16).map_err(|_| CursorError)?;
        if is_plain { Ok(Cursor { position, mark }) } else { Err(CursorError) }
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_texts_are_cursors() {
        let cursor = Cursor::behind(Position::new(4_711), CommandId::derived(b"id"), Timestamp::from_ns(5));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert_eq!(serde_json::from_value::<Cursor>(serde_json::to_value(cursor).unwrap()).unwrap(), cursor);
        assert_eq!("0-0000000000000000".parse(), Ok(Cursor::START));
        for wrong in ["", "4711", "4711-", "-1f8a03b2c4d5e6f7", "+1-1f8a03b2c4d5e6f7", "1-+f8a03b2c4d5e6f7", "1-1f8a"] {
            assert_eq!(wrong.parse::<Cursor>(), Err(CursorError), "{wrong:?}");
        }
    }

    #[test]
    fn the_mark_depends_on_every_part_of_a_record() {
        let of = |position, id: &[u8], ns| {
            Cursor::behind(Position::new(position), CommandId::derived(id), Timestamp::from_ns(ns)).mark
        };
        let one = of(1, b"a", 1);
        for other in [of(2, b"a", 1), of(1, b"b", 1), of(1, b"a", 2)] {
            assert_ne!(one, other);
        }
    }
}
