//! The binary encoding of everything that is stored. No other module knows bincode.
//!
//! bincode is pinned at 2.0.1 and unmaintained (decision 0002). Its standard configuration is used through serde:
//! little-endian, variable-length integers. Every stored value begins with a version byte and is decoded with a limit
//! on memory, so that damaged bytes cannot cause a huge allocation.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::error::DecodeError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The version byte at the start of every stored value.
pub const VERSION: u8 = 1;

/// The maximum size of an encoded record in bytes, its version byte included, in every kind of journal. Commands are
/// limited to far less, but journals of earlier versions contain records of up to this size.
pub const MAX_RECORD_BYTES: usize = 128 * 1024 + 1;

/// The maximum number of bytes that decoding one value may claim.
///
/// bincode counts decoded sizes instead of encoded bytes: a number that is stored in one byte claims its whole width,
/// up to 16 bytes. So this limit bounds the memory that damaged bytes can claim. Frames, blocks and chunks bound the
/// encoded length themselves.
const MAX_CLAIMED_BYTES: usize = 16 * 1024 * 1024;

/// The largest ratio of claimed bytes to encoded bytes.
const MOST_CLAIMED_PER_BYTE: usize = size_of::<u128>();

// Every record can be decoded, with a margin.
const _: () = assert!(MAX_RECORD_BYTES * MOST_CLAIMED_PER_BYTE * 4 <= MAX_CLAIMED_BYTES);

type Config = Configuration<LittleEndian, Varint, Limit<MAX_CLAIMED_BYTES>>;

const fn config() -> Config {
    bincode::config::standard().with_limit::<MAX_CLAIMED_BYTES>()
}

/// Bytes that cannot be a value of the expected kind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// A format version that this program does not know.
    #[error("stored in format version {found}, but this program reads only versions up to {VERSION}")]
    NewerVersion {
        /// The version byte found.
        found: u8,
    },
    /// Bytes that do not decode.
    #[error("does not decode: {0}")]
    Malformed(#[from] DecodeError),
    /// Bytes after the end of the value.
    #[error("{0} unexpected bytes follow the value")]
    LeftOver(usize),
    /// No bytes at all.
    #[error("is empty")]
    Empty,
    /// A value that cannot be encoded, which only a bug can cause.
    #[error("does not encode: {0}")]
    Unencodable(String),
}

/// Appends a version byte and the encoding of `value` to `to`.
///
/// # Errors
/// [`CodecError::Unencodable`], which only a bug can cause.
pub fn encode<T: Serialize>(value: &T, to: &mut Vec<u8>) -> Result<(), CodecError> {
    to.push(VERSION);
    bincode::serde::encode_into_std_write(value, to, config())
        .map(|_| ())
        .map_err(|error| CodecError::Unencodable(error.to_string()))
}

/// Decodes what [`encode`] wrote. No bytes may follow it.
///
/// # Errors
/// Every variant of [`CodecError`] except `Unencodable`.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    match decode_start(bytes)? {
        (value, 0) => Ok(value),
        (_, left) => Err(CodecError::LeftOver(left)),
    }
}

/// Decodes a value at the beginning of `bytes`. Returns it and the number of bytes that follow it.
///
/// # Errors
/// Every variant of [`CodecError`] except `LeftOver` and `Unencodable`.
pub fn decode_start<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, usize), CodecError> {
    let Some((version, rest)) = bytes.split_first() else { return Err(CodecError::Empty) };
    if *version != VERSION {
        return Err(CodecError::NewerVersion { found: *version });
    }
    let (value, read) = bincode::serde::decode_from_slice(rest, config())?;
    Ok((value, rest.len().saturating_sub(read)))
}

/// Returns the length of the encoding of `value` in bytes, its version byte included.
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
        // A value that cannot be encoded fits nowhere.
        Err(_) => usize::MAX,
    }
}
