//! What a transfer says beside its amount: labels, a reference, metadata.

use serde::{Deserialize, Serialize};

use crate::text::{TextError, check_text, count_chars, normalize};

/// The most characters of a label, as each side reads it on its statement.
pub const MAX_LABEL_CHARS: usize = 10;
/// The most characters of a reference, as of the remittance information of ISO 20022.
pub const MAX_REFERENCE_CHARS: usize = 140;
/// The most characters of an end-to-end id, as ISO 20022 has it.
pub const MAX_END_TO_END_ID_CHARS: usize = 35;
/// The pair of metadata that is the end-to-end id: what the sender's own books call the payment, which the receiver sees too.
/// It comes on top of the pairs that programs may use.
pub const END_TO_END_ID: &str = "jangbu.end_to_end_id";
/// The most pairs of metadata.
pub const MAX_METADATA_PAIRS: usize = 8;
/// The most bytes of a key of metadata.
pub const MAX_METADATA_KEY_BYTES: usize = 40;
/// The most bytes of a value of metadata.
pub const MAX_METADATA_VALUE_BYTES: usize = 200;

/// What a transfer says beside its amount. All of it may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What the sender reads on its statement: up to 10 characters.
    pub sender_label: String,
    /// What the receiver reads on its statement: up to 10 characters.
    pub receiver_label: String,
    /// Free text for both sides: up to 140 characters.
    pub reference: String,
    /// Up to 8 pairs for the program that made the transfer: keys up to 40 bytes, values up to 200. They are kept byte for
    /// byte; the other texts are kept in normal form C. The pair of [`END_TO_END_ID`] comes on top.
    pub metadata: Vec<(String, String)>,
}

/// Texts that do not fit into [`Details`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DetailsError {
    /// A label over 10 characters.
    #[error("a label has at most {MAX_LABEL_CHARS} characters: {0:?}")]
    LabelTooLong(String),
    /// A reference over 140 characters.
    #[error("a reference has at most {MAX_REFERENCE_CHARS} characters")]
    ReferenceTooLong,
    /// An end-to-end id over 35 characters.
    #[error("an end-to-end id has at most {MAX_END_TO_END_ID_CHARS} characters")]
    EndToEndIdTooLong,
    /// Metadata with more or longer pairs than fit, or with a key twice.
    #[error("metadata has at most {MAX_METADATA_PAIRS} pairs of distinct keys (40 bytes) and values (200 bytes)")]
    MetadataTooLarge,
    /// A text that a statement could not show.
    #[error(transparent)]
    Text(#[from] TextError),
}

impl Details {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.sender_label.is_empty()
            && self.receiver_label.is_empty()
            && self.reference.is_empty()
            && self.metadata.is_empty()
    }

    /// What the sender's own books call the payment.
    pub fn end_to_end_id(&self) -> Option<&str> {
        self.metadata.iter().find(|(key, _)| key == END_TO_END_ID).map(|(_, id)| id.as_str())
    }

    /// Sets what the sender's own books call the payment: up to 35 characters, which both sides see.
    pub fn set_end_to_end_id(&mut self, id: &str) {
        self.metadata.retain(|(key, _)| key != END_TO_END_ID);
        self.metadata.push((END_TO_END_ID.to_owned(), id.to_owned()));
    }

    /// Brings the texts that people read into normal form C, in which they are kept.
    pub fn normalize(&mut self) {
        let end_to_end_id = self.metadata.iter_mut().filter(|(key, _)| key == END_TO_END_ID).map(|(_, id)| id);
        let texts = [&mut self.sender_label, &mut self.receiver_label, &mut self.reference];
        texts.into_iter().chain(end_to_end_id).for_each(normalize);
    }

    /// Checks every length, counting characters in normal form C, and that people can read every text.
    ///
    /// # Errors
    /// Every variant of [`DetailsError`].
    pub fn check(&self) -> Result<(), DetailsError> {
        for label in [&self.sender_label, &self.receiver_label] {
            if count_chars(label) > MAX_LABEL_CHARS {
                return Err(DetailsError::LabelTooLong(label.chars().take(40).collect()));
            }
        }
        if count_chars(&self.reference) > MAX_REFERENCE_CHARS {
            return Err(DetailsError::ReferenceTooLong);
        }
        if self.end_to_end_id().is_some_and(|id| count_chars(id) > MAX_END_TO_END_ID_CHARS) {
            return Err(DetailsError::EndToEndIdTooLong);
        }
        let fits = |(key, value): &(String, String)| {
            key.len() <= MAX_METADATA_KEY_BYTES && value.len() <= MAX_METADATA_VALUE_BYTES
        };
        let distinct: std::collections::BTreeSet<&str> = self.metadata.iter().map(|(key, _)| key.as_str()).collect();
        let most = MAX_METADATA_PAIRS.saturating_add(usize::from(self.end_to_end_id().is_some()));
        if self.metadata.len() > most || distinct.len() != self.metadata.len() || !self.metadata.iter().all(fits) {
            return Err(DetailsError::MetadataTooLarge);
        }
        let texts = [&self.sender_label, &self.receiver_label, &self.reference].into_iter();
        let mut texts = texts.chain(self.metadata.iter().flat_map(|(key, value)| [key, value]));
        texts.try_for_each(|text| Ok(check_text(text)?))
    }
}
