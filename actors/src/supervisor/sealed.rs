//! The little that the core asks the journal itself: quick questions about the sealed part, answered from memory.

use std::sync::Arc;

use crate::journal::JournalReader;
use crate::ledger::{CommandId, Position};

/// What is certain about the sealed part of the journal without reading any file.
pub(super) struct SealedPart(Arc<dyn JournalReader>);

impl SealedPart {
    pub(super) fn new(reader: Arc<dyn JournalReader>) -> SealedPart {
        SealedPart(reader)
    }

    /// Whether the command of an id may be recorded there; `false` is certain.
    pub(super) fn may_contain(&self, id: CommandId) -> bool {
        self.0.may_contain(id)
    }

    /// Whether a record there may refer to an id; `false` is certain.
    pub(super) fn may_refer(&self, id: CommandId) -> bool {
        self.0.may_refer(id)
    }

    /// The last position of the sealed part, which only grows.
    pub(super) fn through(&self) -> Position {
        self.0.sealed_through()
    }
}
