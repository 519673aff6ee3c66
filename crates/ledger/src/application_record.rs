//! Records of the application, which the ledger keeps without knowing what they mean.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Position;
use crate::value_form::{self, Length};

/// One application record to write or delete.
///
/// In JSON its value is text, in Base64; `Debug` shows how long it is, as it may be secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPut {
    /// The kind, by which the layers above keep their records apart: up to 20 bytes.
    pub kind: String,
    /// The key within the kind: up to 200 bytes.
    pub key: String,
    /// The value, up to 4,096 bytes; `None` deletes.
    #[serde(with = "value_form::optional")]
    pub value: Option<Vec<u8>>,
    /// When given: the version that the record must have, 0 for a record that must not exist.
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
    /// Writes a record, whether there is one of that key or not.
    pub fn new(kind: impl Into<String>, key: impl Into<String>, value: impl Into<Vec<u8>>) -> RecordPut {
        RecordPut { kind: kind.into(), key: key.into(), value: Some(value.into()), expected: None }
    }

    /// Deletes a record, if there is one.
    pub fn delete(kind: impl Into<String>, key: impl Into<String>) -> RecordPut {
        RecordPut { kind: kind.into(), key: key.into(), value: None, expected: None }
    }

    /// Has it done only if the record is at this version; [`Position::START`] for one that must not exist.
    #[must_use]
    pub const fn expecting(mut self, version: Position) -> RecordPut {
        self.expected = Some(version);
        self
    }
}
