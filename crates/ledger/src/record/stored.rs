//! The stored form of records.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{Body, Links, Record};
use crate::codec::{CodecError, MAX_RECORD_BYTES, decode, decode_start, encode};
use crate::{BusinessDate, CommandId, ContentHash, Position, Timestamp};

/// The stored form of a record. Its position follows from where it is in the journal.
#[derive(Serialize, Deserialize)]
struct StoredRecord<B, L> {
    recorded_at: Timestamp,
    /// Nanoseconds from the decision to the record, a small number that takes few bytes.
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
/// [`CodecError::Unencodable`], which only a bug can cause; also for a record larger than [`MAX_RECORD_BYTES`].
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

/// Decodes the record at `position`.
///
/// # Errors
/// Every variant of [`CodecError`] except `Unencodable`.
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

/// The beginning of a [`StoredRecord`]. It contains what indexes need and is several times faster to decode than the
/// whole.
#[derive(Deserialize)]
struct StoredKey {
    recorded_at: Timestamp,
    _decided_before_ns: u64,
    _date: BusinessDate,
    id: CommandId,
    _content: ContentHash,
    /// The variant index of the body.
    kind: u32,
}

/// Bodies with this variant index or a higher one can refer to earlier commands.
const FIRST_REFERRING_KIND: u32 = 10;

/// The parts of a record that indexes need.
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
    /// Returns the keys of a decoded record.
    pub fn of(record: &Record) -> RecordKeys {
        let mut references = SmallVec::new();
        record.body.for_each_reference(|id| references.push(id));
        RecordKeys { recorded_at: record.recorded_at, id: record.id, references }
    }
}

/// Decodes what indexes need of the record at `position`.
///
/// # Errors
/// Those of [`decode_record`]. For most kinds of records, damage after the kind is not detected.
pub fn decode_record_keys(position: Position, bytes: &[u8]) -> Result<RecordKeys, CodecError> {
    let key: StoredKey = decode_start(bytes)?.0;
    if key.kind >= FIRST_REFERRING_KIND {
        return decode_record(position, bytes).map(|record| RecordKeys::of(&record));
    }
    Ok(RecordKeys { recorded_at: key.recorded_at, id: key.id, references: SmallVec::new() })
}
