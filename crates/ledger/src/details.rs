//! The texts of a transfer: labels, a reference and metadata.

use serde::{Deserialize, Serialize};

use crate::text::{TextError, check_text, count_chars, normalize};

/// The maximum number of characters of a label on a statement.
pub const MAX_LABEL_CHARS: usize = 10;
/// The maximum number of characters of a reference, as of unstructured remittance information in ISO 20022.
pub const MAX_REFERENCE_CHARS: usize = 140;
/// The maximum number of characters of an end-to-end id, as in ISO 20022.
pub const MAX_END_TO_END_ID_CHARS: usize = 35;
/// The metadata key of the end-to-end id: the sender's own reference for the payment, which the receiver can see. It
/// does not count towards [`MAX_METADATA_PAIRS`].
pub const END_TO_END_ID: &str = "jangbu.end_to_end_id";
/// The maximum number of metadata pairs.
pub const MAX_METADATA_PAIRS: usize = 8;
/// The maximum size of a metadata key in bytes.
pub const MAX_METADATA_KEY_BYTES: usize = 40;
/// The maximum size of a metadata value in bytes.
pub const MAX_METADATA_VALUE_BYTES: usize = 200;

/// The texts of a transfer. Each may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// The label on the sender's statement: up to 10 characters.
    pub sender_label: String,
    /// The label on the receiver's statement: up to 10 characters.
    pub receiver_label: String,
    /// Free text for both sides: up to 140 characters.
    pub reference: String,
    /// Up to 8 pairs for the program that made the transfer: keys up to 40 bytes, values up to 200 bytes. They are
    /// stored byte for byte; the other texts are stored in normal form C. The pair of [`END_TO_END_ID`] does not count.
    pub metadata: Vec<(String, String)>,
}

/// Why a transfer's texts do not fit into [`Details`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DetailsError {
    /// A label with more than 10 characters.
    #[error("a label has at most {MAX_LABEL_CHARS} characters: {0:?}")]
    LabelTooLong(String),
    /// A reference over 140 characters.
    #[error("a reference has at most {MAX_REFERENCE_CHARS} characters")]
    ReferenceTooLong,
    /// An end-to-end id over 35 characters.
    #[error("an end-to-end id has at most {MAX_END_TO_END_ID_CHARS} characters")]
    EndToEndIdTooLong,
    /// Too many or too long pairs of metadata, or a key that occurs twice.
    #[error("metadata has at most {MAX_METADATA_PAIRS} pairs of distinct keys (40 bytes) and values (200 bytes)")]
    MetadataTooLarge,
    /// A text that a statement could not show.
    #[error(transparent)]
    Text(#[from] TextError),
}

impl Details {
    /// Returns whether all texts are empty.
    pub fn is_empty(&self) -> bool {
        self.sender_label.is_empty()
            && self.receiver_label.is_empty()
            && self.reference.is_empty()
            && self.metadata.is_empty()
    }

    /// Returns the sender's own reference for the payment.
    pub fn end_to_end_id(&self) -> Option<&str> {
        self.metadata.iter().find(|(key, _)| key == END_TO_END_ID).map(|(_, id)| id.as_str())
    }

    /// Sets the sender's own reference for the payment: up to 35 characters, which both sides can see.
    pub fn set_end_to_end_id(&mut self, id: &str) {
        self.metadata.retain(|(key, _)| key != END_TO_END_ID);
        self.metadata.push((END_TO_END_ID.to_owned(), id.to_owned()));
    }

    /// Brings the texts that people read into normal form C, in which they are stored.
    pub fn normalize(&mut self) {
        let end_to_end_id = self.metadata.iter_mut().filter(|(key, _)| key == END_TO_END_ID).map(|(_, id)| id);
        let texts = [&mut self.sender_label, &mut self.receiver_label, &mut self.reference];
        texts.into_iter().chain(end_to_end_id).for_each(normalize);
    }

    /// Checks the length of every text, counted in characters of normal form C, and that every text is readable.
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
