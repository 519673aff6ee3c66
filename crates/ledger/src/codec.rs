//! The binary encoding of everything that is stored: the only module that knows bincode.
//!
//! bincode is pinned at 2.0.1 and unmaintained (decision 0002). Its standard configuration is used through serde:
//! little-endian, variable-length integers. Every stored value begins with a version byte and is decoded with a
//! size limit, so that damaged bytes cannot ask for memory that is not there.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::error::DecodeError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use smallvec::SmallVec;

use crate::command::Command;
use crate::{Body, BusinessDate, CommandId, ContentHash, Links, Position, Record, Timestamp};

/// The version that is written before every stored value.
pub const VERSION: u8 = 1;

/// The most bytes of a record's encoding, its version byte included: whatever a journal is kept in. Commands are bounded
/// far below it, but journals of earlier versions have records of up to this size.
pub const MAX_RECORD_BYTES: usize = 128 * 1024 + 1;

/// What a decoder may claim for one value, in bytes.
///
/// bincode does not count the bytes that it reads, but what they become: a number claims its whole width, which is 16 bytes
/// at most, and may be stored in one. So this is no bound on the length of what is decoded, which frames, blocks and chunks
/// have of their own, but one on the memory that damaged bytes can ask for.
const MAX_CLAIMED_BYTES: usize = 16 * 1024 * 1024;

/// How much more than its bytes a value can claim.
const MOST_CLAIMED_PER_BYTE: usize = size_of::<u128>();

// Whatever fits into a record can be decoded, several times over.
const _: () = assert!(MAX_RECORD_BYTES * MOST_CLAIMED_PER_BYTE * 4 <= MAX_CLAIMED_BYTES);

type Config = Configuration<LittleEndian, Varint, Limit<MAX_CLAIMED_BYTES>>;

const fn config() -> Config {
    bincode::config::standard().with_limit::<MAX_CLAIMED_BYTES>()
}

/// Bytes that no value of the expected kind can have been.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// A version that this program does not know.
    #[error("stored in format version {found}, and this program reads versions up to {VERSION}")]
    NewerVersion {
        /// The version byte found.
        found: u8,
    },
    /// Bytes that do not decode.
    #[error("does not decode: {0}")]
    Malformed(#[from] DecodeError),
    /// Bytes behind the end of the value.
    #[error("{0} bytes are left over behind the value")]
    LeftOver(usize),
    /// No bytes at all.
    #[error("is empty")]
    Empty,
    /// A value that does not encode, which only a bug can bring about.
    #[error("does not encode: {0}")]
    Unencodable(String),
}

/// A record as it is stored; its position follows from its place.
#[derive(serde::Serialize, serde::Deserialize)]
struct StoredRecord<B, L> {
    recorded_at: Timestamp,
    /// Nanoseconds from the decision to the record, so that the usual small number takes few bytes.
    decided_before_ns: u64,
    date: BusinessDate,
    id: CommandId,
    content: ContentHash,
    body: B,
    links: L,
}

/// Appends the encoding of `record` to `to`.
///
/// # Errors
/// [`CodecError::Unencodable`], which only a bug can bring about: also for a record over [`MAX_RECORD_BYTES`].
pub fn encode_record(record: &Record, to: &mut Vec<u8>) -> Result<(), CodecError> {
    let begin = to.len();
    let waited = record.recorded_at.as_ns().saturating_sub(record.decided_at.as_ns());
    encode(
        &StoredRecord {
            recorded_at: record.recorded_at,
            decided_before_ns: u64::try_from(waited).unwrap_or(0),
            date: record.date,
            id: record.id,
            content: record.content,
            body: &record.body,
            links: &record.links,
        },
        to,
    )?;
    match to.len().saturating_sub(begin) {
        ..=MAX_RECORD_BYTES => Ok(()),
        bytes => Err(CodecError::Unencodable(format!("a record of {bytes} bytes is too large"))),
    }
}

/// Reads the record at `position`.
///
/// # Errors
/// Every variant of [`CodecError`] but `Unencodable`.
pub fn decode_record(position: Position, bytes: &[u8]) -> Result<Record, CodecError> {
    let stored: StoredRecord<Body, Links> = decode(bytes)?;
    let waited = i64::try_from(stored.decided_before_ns).unwrap_or(i64::MAX);
    Ok(Record {
        position,
        recorded_at: stored.recorded_at,
        decided_at: Timestamp::from_ns(stored.recorded_at.as_ns().saturating_sub(waited)),
        date: stored.date,
        id: stored.id,
        content: stored.content,
        body: stored.body,
        links: stored.links,
    })
}

/// The beginning of a [`StoredRecord`]: what indexes need, several times quicker to read than the whole.
#[derive(serde::Deserialize)]
struct StoredKey {
    recorded_at: Timestamp,
    _decided_before_ns: u64,
    _date: BusinessDate,
    id: CommandId,
    _content: ContentHash,
    /// The number of the body's kind.
    kind: u32,
}

/// Kinds of bodies from this number on can refer to earlier commands.
const FIRST_REFERRING_KIND: u32 = 10;

/// What indexes need of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordKeys {
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The id of its command.
    pub id: CommandId,
    /// See [`Body::for_each_reference`].
    pub references: SmallVec<[CommandId; 1]>,
}

impl RecordKeys {
    /// The keys of a record that is at hand.
    pub fn of(record: &Record) -> RecordKeys {
        let mut references = SmallVec::new();
        record.body.for_each_reference(|id| references.push(id));
        RecordKeys { recorded_at: record.recorded_at, id: record.id, references }
    }
}

/// Reads what indexes need of the record at `position` from its encoding.
///
/// # Errors
/// As [`decode_record`], but for what follows the kind of most records.
pub fn decode_record_keys(position: Position, bytes: &[u8]) -> Result<RecordKeys, CodecError> {
    let key: StoredKey = decode_start(bytes)?.0;
    if key.kind >= FIRST_REFERRING_KIND {
        return decode_record(position, bytes).map(|record| RecordKeys::of(&record));
    }
    Ok(RecordKeys { recorded_at: key.recorded_at, id: key.id, references: SmallVec::new() })
}

/// Appends a version byte and the encoding of `value` to `to`.
///
/// # Errors
/// [`CodecError::Unencodable`], which only a bug can bring about.
pub fn encode<T: Serialize>(value: &T, to: &mut Vec<u8>) -> Result<(), CodecError> {
    to.push(VERSION);
    bincode::serde::encode_into_std_write(value, to, config())
        .map(|_| ())
        .map_err(|error| CodecError::Unencodable(error.to_string()))
}

/// Reads what [`encode`] wrote; nothing may follow it.
///
/// # Errors
/// Every variant of [`CodecError`] but `Unencodable`.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    match decode_start(bytes)? {
        (value, 0) => Ok(value),
        (_, left) => Err(CodecError::LeftOver(left)),
    }
}

/// Reads a value and tells how many bytes follow it.
fn decode_start<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, usize), CodecError> {
    let Some((version, rest)) = bytes.split_first() else { return Err(CodecError::Empty) };
    if *version != VERSION {
        return Err(CodecError::NewerVersion { found: *version });
    }
    let (value, read) = bincode::serde::decode_from_slice(rest, config())?;
    Ok((value, rest.len().saturating_sub(read)))
}

/// The length of the encoding of `value`, its version byte included.
pub fn encoded_bytes<T: Serialize>(value: &T) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(1);
    match bincode::serde::encode_into_std_write(value, &mut count, config()) {
        Ok(_) => count.0,
        // What does not encode at all fits nowhere.
        Err(_) => usize::MAX,
    }
}

/// Hashes the encoding of a command.
pub fn content_hash(command: &Command) -> ContentHash {
    thread_local! {
        static BUFFER: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        // Encoding into memory cannot fail for these types; were it to, equal commands would still hash equally.
        let _ = encode(command, buffer);
        ContentHash::of(buffer)
    })
}
