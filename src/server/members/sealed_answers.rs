//! Stored answers for repetitions, sealed under the key of the member they are about.

use super::keys::Label;
use super::{MemberError, MemberId, Members};

/// The kind of a sealed answer.
const KIND: &str = "answer";
/// The bytes of the member's id that precede the sealed part.
const ID_BYTES: usize = 16;

impl Members {
    /// Seals an answer under the key of the member it is about, for the record of that key.
    ///
    /// # Errors
    /// Those of the keys: a member who is erased.
    pub(crate) fn seal_answer(&self, member: MemberId, key: &str, plain: &[u8]) -> Result<Vec<u8>, MemberError> {
        let sealed = self.keys.seal(Label { member, kind: KIND, key }, plain)?;
        Ok([&member.0.as_bytes()[..], &sealed[..]].concat())
    }

    /// Opens a sealed answer; `None` if its member is erased.
    pub(crate) fn open_answer(&self, key: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (id, sealed) = sealed.split_first_chunk::<ID_BYTES>()?;
        let member = MemberId(uuid::Uuid::from_bytes(*id));
        self.keys.open_sealed(Label { member, kind: KIND, key }, sealed).ok()
    }
}
