//! Records of the application, which the ledger stores without interpreting them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Position;
use crate::value_form::{self, Length};

/// An application record to write or delete.
///
/// JSON has the value in Base64. `Debug` shows only its length, because it may be secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPut {
    /// The kind, which keeps the records of different layers apart: 1 to 20 bytes. The key within the kind: up to 200
    /// bytes.
    pub kind: String,
    /// The key within the kind: up to 200 bytes.
    pub key: String,
    /// The value, up to 4,096 bytes; `None` deletes.
    #[serde(with = "value_form::optional")]
    pub value: Option<Vec<u8>>,
    /// The version that the record must have for the write to succeed; [`Position::START`] if it must not exist. `None`
    /// writes unconditionally.
    pub expected: Option<Position>,
}

impl fmt::Debug for RecordPut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RecordPut { kind, key, value, expected } = self;
        let value = value.as_ref().map(|value| Length(value.len()));
        let mut shown = f.debug_struct("RecordPut");
        shown.field("kind", kind).field("key", key).field("value", &value).field("expected", expected).finish()
    }
}

impl RecordPut {
    /// Creates a write, whether or not the record exists.
    pub fn new(kind: impl Into<String>, key: impl Into<String>, value: impl Into<Vec<u8>>) -> RecordPut {
        RecordPut { kind: kind.into(), key: key.into(), value: Some(value.into()), expected: None }
    }

    /// Creates a deletion, which succeeds also if there is no such record.
    pub fn delete(kind: impl Into<String>, key: impl Into<String>) -> RecordPut {
        RecordPut { kind: kind.into(), key: key.into(), value: None, expected: None }
    }

    /// Makes the write succeed only if the record has this version; [`Position::START`] if it must not exist.
    #[must_use]
    pub const fn expecting(mut self, version: Position) -> RecordPut {
        self.expected = Some(version);
        self
    }
}
