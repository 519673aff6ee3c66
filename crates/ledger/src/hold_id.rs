//! The ids of holds.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::{CommandId, Position};

/// The maximum number of linked steps in one command.
pub const MAX_STEPS: usize = 64;

/// The id of a hold: the id of the command that placed it and, for linked steps, the number of the step.
///
/// As text, and in JSON, it is `<id>` for a hold that a command placed alone, and `<id>.<step>` for a hold that a
/// linked step placed, counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldId {
    command: CommandId,
    step: Option<u8>,
}

/// A text that is not a valid [`HoldId`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hold id is the id of the command that placed it, with .0 to .{} appended for a linked step", MAX_STEPS - 1)]
pub struct HoldIdError;

/// Where a hold was placed. One record can place several holds, so the position alone does not distinguish them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldPosition {
    /// The position of the record in the journal.
    pub position: Position,
    /// The number of the linked step, counted from 0; `None` for a hold that a command placed alone.
    pub step: Option<u8>,
}

/// The number of bytes of a stored hold id: those of the command's id, and one for the step.
const COMMAND_BYTES: usize = 16;
const BYTES_WITH_STEP: usize = COMMAND_BYTES + 1;

impl HoldId {
    /// Returns the id of the hold that `command` placed alone.
    pub const fn new(command: CommandId) -> HoldId {
        HoldId { command, step: None }
    }

    /// Returns the id of the hold that linked step `step` of `command` placed, counted from 0.
    pub const fn of_step(command: CommandId, step: u8) -> HoldId {
        HoldId { command, step: Some(step) }
    }

    /// Returns the command that placed the hold.
    pub const fn command(self) -> CommandId {
        self.command
    }

    /// Returns the number of the linked step that placed the hold, counted from 0; `None` if the command placed it
    /// alone.
    pub const fn step(self) -> Option<u8> {
        self.step
    }

    /// Returns where the hold was placed, given the position of its record.
    pub const fn at(self, position: Position) -> HoldPosition {
        HoldPosition { position, step: self.step }
    }

    /// Returns the key under which the journal's indexes find the record that ended the hold.
    ///
    /// A hold that a command placed alone is found under the command's id. The id of linked steps leads to their
    /// reversals, so a hold among them has a key of its own, which no command can have as its id
    /// ([`CommandId::is_reserved`]).
    pub fn key(self) -> CommandId {
        match self.step {
            None => self.command,
            Some(step) => CommandId::reserved(self.command, step),
        }
    }

    fn is_step(step: u8) -> bool {
        usize::from(step) < MAX_STEPS
    }
}

impl From<CommandId> for HoldId {
    fn from(command: CommandId) -> HoldId {
        HoldId::new(command)
    }
}

impl PartialEq<CommandId> for HoldId {
    fn eq(&self, command: &CommandId) -> bool {
        *self == HoldId::new(*command)
    }
}

impl fmt::Display for HoldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            None => self.command.fmt(f),
            Some(step) => write!(f, "{}.{step}", self.command),
        }
    }
}

impl fmt::Debug for HoldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HoldId({self})")
    }
}

impl FromStr for HoldId {
    type Err = HoldIdError;
    fn from_str(text: &str) -> Result<HoldId, HoldIdError> {
        let (command, step) = match text.split_once('.') {
            None => (text, None),
            Some((command, digits)) => {
                let step: u8 = digits.parse().map_err(|_| HoldIdError)?;
                // Only the canonical spelling is accepted: no sign and no leading zeros.
                if step.to_string() != digits || !HoldId::is_step(step) {
                    return Err(HoldIdError);
                }
                (command, Some(step))
            }
        };
        let command = command.parse().map_err(|_| HoldIdError)?;
        Ok(HoldId { command, step })
    }
}

/// Serialized as text for people and programs. The stored form is the bytes of the command's id, as before there were
/// linked holds, followed by the step if there is one.
impl Serialize for HoldId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        let command = self.command.uuid().into_bytes();
        match self.step {
            None => serializer.serialize_bytes(&command),
            Some(step) => {
                let mut bytes = [step; BYTES_WITH_STEP];
                for (to, from) in bytes.iter_mut().zip(command) {
                    *to = from;
                }
                serializer.serialize_bytes(&bytes)
            }
        }
    }
}

impl<'de> Deserialize<'de> for HoldId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<HoldId, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Text)
        } else {
            deserializer.deserialize_bytes(Bytes)
        }
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = HoldId;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of a hold")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<HoldId, E> {
        text.parse().map_err(E::custom)
    }
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = HoldId;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{COMMAND_BYTES} bytes, or {BYTES_WITH_STEP}")
    }
    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<HoldId, E> {
        let wrong = || E::invalid_value(Unexpected::Bytes(bytes), &self);
        let (command, rest) = bytes.split_first_chunk::<COMMAND_BYTES>().ok_or_else(wrong)?;
        let step = match *rest {
            [] => None,
            [step] if HoldId::is_step(step) => Some(step),
            _ => return Err(wrong()),
        };
        Ok(HoldId { command: CommandId::new(Uuid::from_bytes(*command)), step })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{decode, encode};

    const TEXT: &str = "0192f0c1-2345-7abc-8def-0123456789ab";

    fn command() -> CommandId {
        TEXT.parse().unwrap()
    }

    fn bytes<T: Serialize>(value: &T) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(value, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_hold_id_has_exactly_one_spelling() {
        for (text, hold) in [
            (TEXT.to_owned(), HoldId::new(command())),
            (format!("{TEXT}.0"), HoldId::of_step(command(), 0)),
            (format!("{TEXT}.63"), HoldId::of_step(command(), 63)),
        ] {
            assert_eq!(hold.to_string(), text);
            assert_eq!(text.parse(), Ok(hold));
            let json = serde_json::to_string(&hold).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<HoldId>(&json).unwrap(), hold);
        }
        for behind in [".", ".64", ".00", ".01", ".+1", ".-0", ". 1", ".1 ", ".1.1", ".256", ".x", "..1", ".１"] {
            let text = format!("{TEXT}{behind}");
            assert_eq!(text.parse::<HoldId>(), Err(HoldIdError), "{text}");
            assert!(serde_json::from_str::<HoldId>(&format!("\"{text}\"")).is_err(), "{text}");
        }
        for text in ["", ".0", "0", "x.0"] {
            assert_eq!(text.parse::<HoldId>(), Err(HoldIdError), "{text}");
        }
    }

    #[test]
    fn a_hold_id_is_stored_as_the_command_id_followed_by_the_step() {
        assert_eq!(bytes(&HoldId::new(command())), bytes(&command()));
        assert_eq!(decode::<HoldId>(&bytes(&command())).unwrap(), HoldId::new(command()));
        let step = HoldId::of_step(command(), 63);
        let stored = bytes(&step);
        assert_eq!(stored[..3], [1, 17, 0x01], "version, length, and the id");
        assert_eq!(stored.last(), Some(&63));
        assert_eq!(decode::<HoldId>(&stored).unwrap(), step);
        for wrong in [&[1, 15][..], &[1, 17], &[1, 18]] {
            let mut wrong = wrong.to_vec();
            wrong.resize(2 + usize::from(wrong[1]), 64);
            assert!(decode::<HoldId>(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn index_keys_of_holds_are_unique_and_never_command_ids() {
        assert_eq!(HoldId::new(command()).key(), command());
        let mut keys: Vec<CommandId> = (0..64).map(|step| HoldId::of_step(command(), step).key()).collect();
        assert!(keys.iter().all(|key| key.is_reserved()));
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 64);
        for id in [command(), CommandId::random(), CommandId::derived(b"key"), CommandId::new(Uuid::nil())] {
            assert!(!id.is_reserved(), "{id}");
        }
    }
}
