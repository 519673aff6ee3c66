//! The ids of commands, accounts and owners, and positions in the journal.

use std::fmt;
use std::str::FromStr;

use arrayvec::ArrayString;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

/// The bits that are set in every id that is reserved for the journal's indexes: all bits of the octets with the
/// version and the variant of a UUID.
const RESERVED: u128 = (0xFF << 72) | (0xFF << 56);

#[cfg(feature = "testing")]
pub use simulated::draw_ids_from;

/// Ids drawn by a simulation, so that one seed always gives the same ids.
#[cfg(feature = "testing")]
mod simulated {
    use std::cell::RefCell;

    use super::CommandId;

    type Source = Box<dyn FnMut() -> CommandId>;

    thread_local! {
        static SOURCE: RefCell<Option<Source>> = const { RefCell::new(None) };
    }

    /// Makes [`CommandId::random`] use `source` on this thread. `None` restores the machine's clock and random numbers.
    pub fn draw_ids_from(source: Option<Source>) {
        SOURCE.with(|kept| *kept.borrow_mut() = source);
    }

    pub(super) fn draw() -> Option<CommandId> {
        SOURCE.with(|kept| kept.borrow_mut().as_mut().map(|source| source()))
    }
}
/// The id of a command: a UUID that the caller chooses. Version 7 is recommended, because it is the cheapest to look
/// up.
///
/// A command takes effect at most once per id, however old the id is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommandId(Uuid);

impl CommandId {
    /// Creates an id from a UUID.
    pub const fn new(uuid: Uuid) -> CommandId {
        CommandId(uuid)
    }

    /// Generates a new id: a UUID of version 7, which contains the time. In a simulation, time and randomness are
    /// simulated.
    #[expect(clippy::disallowed_methods, reason = "the one home of new ids")]
    pub fn random() -> CommandId {
        #[cfg(feature = "testing")]
        if let Some(drawn) = simulated::draw() {
            return drawn;
        }
        CommandId(Uuid::now_v7())
    }

    /// Derives an id from bytes. Equal bytes give equal ids (a UUID of version 8, RFC 9562, from a BLAKE3 hash).
    ///
    /// For keys from outside, include the caller's identity in the bytes, so that no caller can receive another's
    /// answer.
    pub fn derived(bytes: &[u8]) -> CommandId {
        let mut half = [0u8; 16];
        for (to, from) in half.iter_mut().zip(blake3::hash(bytes).as_bytes()) {
            *to = *from;
        }
        CommandId(uuid::Builder::from_custom_bytes(half).into_uuid())
    }

    /// Returns the index key of step `step` of the command `linked`. No command can have it as its id.
    pub(super) fn reserved(linked: CommandId, step: u8) -> CommandId {
        let mut hasher = blake3::Hasher::new();
        hasher.update(linked.0.as_bytes()).update(&[step]);
        let hash = u128::from_be_bytes(hasher.finalize().as_bytes().first_chunk().copied().unwrap_or_default());
        CommandId(Uuid::from_u128(hash | RESERVED))
    }

    /// Returns whether the id is reserved for the journal's indexes: a UUID of the variant and version that RFC 9562
    /// reserves for the future. Commands with such an id are rejected.
    pub const fn is_reserved(self) -> bool {
        self.as_u128() & RESERVED == RESERVED
    }

    /// Returns the UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// Returns the UUID as a big-endian number.
    pub const fn as_u128(self) -> u128 {
        self.0.as_u128()
    }

    /// Returns the milliseconds since 1970 in a version 7 id, or `None` for every other version.
    pub const fn unix_ms(self) -> Option<u64> {
        let bits = self.as_u128();
        if (bits >> 76) & 0xF == 7 { Some((bits >> 80) as u64) } else { None }
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CommandId {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::from_str(text).map(CommandId)
    }
}

impl From<Uuid> for CommandId {
    fn from(uuid: Uuid) -> Self {
        CommandId(uuid)
    }
}

/// A hash of a command's content: the first 128 bits of the BLAKE3 hash of its encoding.
///
/// Distinguishes a repeated command from a different command with the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentHash(u128);

impl ContentHash {
    /// Hashes the encoding of a command.
    pub fn of(encoded: &[u8]) -> ContentHash {
        let hash = blake3::hash(encoded);
        let half = hash.as_bytes().first_chunk::<16>().copied().unwrap_or_default();
        ContentHash(u128::from_le_bytes(half))
    }
}

/// The engine's own id of an account, which records use.
///
/// The upper 16 bits are the partition, which is 0 until accounts are distributed over nodes. The lower 48 bits count
/// up from 1 in the order of opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(u64);

impl AccountId {
    /// Creates an id from its number.
    pub const fn new(id: u64) -> AccountId {
        AccountId(id)
    }

    /// Returns the id as a number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns the id after this one.
    pub const fn next(self) -> AccountId {
        AccountId(self.0.saturating_add(1))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The position of a record in the journal, counted from 1 without gaps. 0 is before the first record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(u64);

impl Position {
    /// The position before the first record.
    pub const START: Position = Position(0);

    /// Creates a position from its number.
    pub const fn new(position: u64) -> Position {
        Position(position)
    }

    /// Returns the position as a number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns the position `count` records later.
    #[must_use]
    pub const fn plus(self, count: u64) -> Position {
        Position(self.0.saturating_add(count))
    }

    /// Returns the next position.
    #[must_use]
    pub const fn next(self) -> Position {
        self.plus(1)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The engine's id of a member: 1 to 36 printable ASCII characters without spaces, so that a UUID fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct OwnerId(ArrayString<36>);

/// A text that is not a valid [`OwnerId`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an owner is 1 to 36 printable ASCII characters without spaces, not {0:?}")]
pub struct OwnerIdError(String);

impl OwnerId {
    /// Parses an owner id.
    pub fn new(text: &str) -> Result<OwnerId, OwnerIdError> {
        let error = || OwnerIdError(text.chars().take(60).collect());
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(error());
        }
        ArrayString::from(text).map(OwnerId).map_err(|_| error())
    }

    /// Returns the id of the bank itself, which owns the cash and fee accounts.
    pub fn bank() -> OwnerId {
        let mut id = ArrayString::new();
        id.push_str("bank");
        OwnerId(id)
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OwnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for OwnerId {
    type Err = OwnerIdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        OwnerId::new(text)
    }
}

impl<'de> Deserialize<'de> for OwnerId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = ArrayString::<36>::deserialize(deserializer)?;
        OwnerId::new(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_version_7_ids_contain_a_time() {
        let id: CommandId = "0192f0c1-2345-7abc-8def-0123456789ab".parse().unwrap();
        assert_eq!(id.unix_ms(), Some(0x0192_f0c1_2345));
        assert_eq!(CommandId::new(Uuid::from_u128(7)).unix_ms(), None);
        assert_eq!(CommandId::derived(b"a key").unix_ms(), None);
    }

    #[test]
    fn derived_ids_depend_on_every_byte() {
        assert_eq!(CommandId::derived(b"a"), CommandId::derived(b"a"));
        assert_ne!(CommandId::derived(b"a"), CommandId::derived(b"b"));
        assert_eq!(CommandId::derived(b"a").uuid().get_version_num(), 8);
    }

    #[test]
    fn owners_are_short_and_printable() {
        assert!(OwnerId::new("client-1").is_ok());
        assert!(OwnerId::new(&"x".repeat(36)).is_ok());
        for wrong in ["", " ", "a b", "é", &"x".repeat(37), "tab\t"] {
            assert!(OwnerId::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
