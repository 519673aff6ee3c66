//! The binary encoding of everything that is stored: the only module that knows bincode.
//!
//! bincode is pinned at 2.0.1 and unmaintained (decision 0002). Its standard configuration is used through serde:
//! little-endian, variable-length integers. Every stored value begins with a version byte and is decoded with a
//! size limit, so that damaged bytes cannot ask for memory that is not there.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::error::DecodeError;
use serde::Serialize;
use serde::de::DeserializeOwned;

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

/// Reads a value at the beginning of `bytes`; returns it and the number of bytes that follow it.
///
/// # Errors
/// Every variant of [`CodecError`] but `LeftOver` and `Unencodable`.
pub fn decode_start<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, usize), CodecError> {
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
