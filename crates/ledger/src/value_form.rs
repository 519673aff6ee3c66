//! The serialized forms of the values of application records.
//!
//! JSON has them in Base64 (RFC 4648, with padding) instead of a list of numbers. Storage has the bytes. `Debug` shows
//! only the length, because a value may be secret.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

/// Serializes a value.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(value: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.serialize_str(&STANDARD.encode(value))
    } else {
        value.serialize(serializer)
    }
}

/// Deserializes a value.
///
/// # Errors
/// Those of the deserializer, and an error for text that is not Base64.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    if deserializer.is_human_readable() {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    } else {
        Vec::deserialize(deserializer)
    }
}

/// The same for an optional value.
pub mod optional {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    struct Written<'v>(&'v [u8]);

    impl Serialize for Written<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            super::serialize(self.0, serializer)
        }
    }

    struct Read(Vec<u8>);

    impl<'de> Deserialize<'de> for Read {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            super::deserialize(deserializer).map(Read)
        }
    }

    /// Serializes an optional value.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_deref().map(Written).serialize(serializer)
    }

    /// Deserializes an optional value.
    ///
    /// # Errors
    /// Those of the deserializer, and an error for text that is not Base64.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        Ok(Option::<Read>::deserialize(deserializer)?.map(|Read(value)| value))
    }
}

/// The length of a value, for `Debug`.
pub struct Length(pub usize);

impl fmt::Debug for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}
