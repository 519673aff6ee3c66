//! The texts and metadata of a movement, checked field by field before they reach the bank.

use std::collections::BTreeMap;

use jangbu::text::{check_text, count_chars, normalized};
use jangbu::{
    Details,
    transfers::{
        MAX_END_TO_END_ID_CHARS, MAX_LABEL_CHARS, MAX_METADATA_KEY_BYTES, MAX_METADATA_PAIRS, MAX_METADATA_VALUE_BYTES,
        MAX_REFERENCE_CHARS,
    },
};

use crate::server::http::{FieldProblem, Problem};

/// The metadata key that records which member of staff placed a hold. Clients neither set nor see it.
pub(crate) const PLACED_BY: &str = "jangbu.placed_by";
/// Metadata keys with this prefix belong to the service.
pub(crate) const RESERVED: &str = "jangbu.";

/// The texts of a request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Texts<'a> {
    /// The sender's label.
    pub(crate) sender_label: Option<&'a str>,
    /// The receiver's label.
    pub(crate) receiver_label: Option<&'a str>,
    /// The reference for both sides.
    pub(crate) reference: Option<&'a str>,
    /// The sender's own reference for the payment.
    pub(crate) end_to_end_id: Option<&'a str>,
    /// Key-value pairs for programs.
    pub(crate) metadata: Option<&'a BTreeMap<String, String>>,
}

impl Texts<'_> {
    /// Returns the texts as the bank takes them; `None` if there are none.
    ///
    /// # Errors
    /// 400 with every field that does not fit.
    pub(crate) fn details(&self) -> Result<Option<Box<Details>>, Problem> {
        let mut errors = Vec::new();
        let texts = [
            ("sender_label", self.sender_label, MAX_LABEL_CHARS),
            ("receiver_label", self.receiver_label, MAX_LABEL_CHARS),
            ("reference", self.reference, MAX_REFERENCE_CHARS),
            ("end_to_end_id", self.end_to_end_id, MAX_END_TO_END_ID_CHARS),
        ];
        for (field, text, most) in texts {
            check_shown(field, text.unwrap_or_default(), most, &mut errors);
        }
        if let Some(pairs) = self.metadata {
            check_metadata(pairs, &mut errors);
        }
        if !errors.is_empty() {
            let problem = Problem::invalid("a text does not fit");
            return Err(errors.into_iter().fold(problem, Problem::with_field));
        }
        let text = |text: Option<&str>| normalized(text.unwrap_or_default()).into_owned();
        let mut details = Details {
            sender_label: text(self.sender_label),
            receiver_label: text(self.receiver_label),
            reference: text(self.reference),
            metadata: self.metadata.map(|pairs| pairs.clone().into_iter().collect()).unwrap_or_default(),
        };
        if let Some(id) = self.end_to_end_id.filter(|id| !id.is_empty()) {
            details.set_end_to_end_id(&normalized(id));
        }
        Ok((!details.is_empty()).then(|| Box::new(details)))
    }
}

/// Checks a text that people read, in a field of that name.
///
/// # Errors
/// 400 for a text that is too long or cannot be read.
pub(crate) fn check_readable(field: &str, text: &str, most: usize) -> Result<(), Problem> {
    let mut errors = Vec::new();
    check_shown(field, text, most, &mut errors);
    if errors.is_empty() {
        return Ok(());
    }
    Err(errors.into_iter().fold(Problem::invalid("a text does not fit"), Problem::with_field))
}

/// Counts characters as the bank does.
fn check_shown(field: &str, text: &str, most: usize, errors: &mut Vec<FieldProblem>) {
    if text.len() > most && count_chars(text) > most {
        errors.push(fault(field, "too_long", format!("at most {most} characters")));
    }
    check_characters(field, text, errors);
}

fn check_metadata(pairs: &BTreeMap<String, String>, errors: &mut Vec<FieldProblem>) {
    if pairs.len() > MAX_METADATA_PAIRS {
        errors.push(fault("metadata", "too_many", format!("metadata has at most {MAX_METADATA_PAIRS} pairs")));
    }
    for (key, value) in pairs {
        let field = format!("metadata.{}", key.chars().take(MAX_METADATA_KEY_BYTES).collect::<String>());
        if key.starts_with(RESERVED) {
            errors.push(fault(&field, "reserved", format!("keys that begin with {RESERVED} are the service's own")));
        }
        if key.len() > MAX_METADATA_KEY_BYTES || value.len() > MAX_METADATA_VALUE_BYTES {
            let detail =
                format!("a key has at most {MAX_METADATA_KEY_BYTES} bytes, a value {MAX_METADATA_VALUE_BYTES}");
            errors.push(fault(&field, "too_long", detail));
        }
        check_characters(&field, key, errors);
        check_characters(&field, value, errors);
    }
}

fn check_characters(field: &str, text: &str, errors: &mut Vec<FieldProblem>) {
    if let Err(error) = check_text(text) {
        errors.push(fault(field, error.code(), error.to_string()));
    }
}

fn fault(field: &str, code: &'static str, detail: String) -> FieldProblem {
    FieldProblem { field: field.to_owned(), code: code.into(), detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(texts: &Texts<'_>) -> Vec<String> {
        let problem = texts.details().unwrap_err().to_value();
        assert_eq!(problem["status"], 400);
        let of = |error: &serde_json::Value| {
            format!("{} {}", error["field"].as_str().unwrap(), error["code"].as_str().unwrap())
        };
        problem["errors"].as_array().unwrap().iter().map(of).collect()
    }

    #[test]
    fn what_fits_is_taken_as_it_is() {
        let metadata = BTreeMap::from([("order".to_owned(), "4711".to_owned())]);
        let texts = Texts {
            sender_label: Some("열글자라벨이름입니다"),
            receiver_label: None,
            reference: Some(&"훈".repeat(140)),
            end_to_end_id: Some(&"번".repeat(35)),
            metadata: Some(&metadata),
        };
        let details = texts.details().unwrap().unwrap();
        assert!(details.check().is_ok());
        assert_eq!((details.sender_label.as_str(), details.receiver_label.as_str()), ("열글자라벨이름입니다", ""));
        assert_eq!(details.reference.chars().count(), 140);
        assert_eq!(details.end_to_end_id().map(|id| id.chars().count()), Some(35));
        let decomposed = Texts { reference: Some("e\u{301}"), end_to_end_id: Some(""), ..Texts::default() };
        let details = decomposed.details().unwrap().unwrap();
        assert_eq!((details.reference.as_str(), details.end_to_end_id()), ("é", None));
        assert_eq!(Texts { sender_label: Some(""), ..Texts::default() }.details().unwrap(), None);
    }

    #[test]
    fn every_field_that_does_not_fit_is_told() {
        let metadata: BTreeMap<String, String> = (0..9).map(|count| (count.to_string(), String::new())).collect();
        let texts = Texts {
            sender_label: Some("eleven char"),
            receiver_label: Some("a\u{7}"),
            reference: Some(&"훈".repeat(141)),
            end_to_end_id: Some(&"r".repeat(36)),
            metadata: Some(&metadata),
        };
        let expected = [
            "sender_label too_long",
            "receiver_label control_character",
            "reference too_long",
            "end_to_end_id too_long",
            "metadata too_many",
        ];
        assert_eq!(faults(&texts), expected);
        let texts = Texts {
            sender_label: Some("a\u{2028}"),
            receiver_label: Some("\u{3164}"),
            reference: Some("\u{202e}tner"),
            ..Texts::default()
        };
        let expected = ["sender_label line_separator", "receiver_label invisible", "reference direction_control"];
        assert_eq!(faults(&texts), expected);
        let reserved = BTreeMap::from([(PLACED_BY.to_owned(), "me".to_owned())]);
        let texts = Texts { metadata: Some(&reserved), ..Texts::default() };
        assert_eq!(faults(&texts), ["metadata.jangbu.placed_by reserved"]);
        let long = BTreeMap::from([("k".to_owned(), "v".repeat(201))]);
        assert_eq!(faults(&Texts { metadata: Some(&long), ..Texts::default() }), ["metadata.k too_long"]);
    }
}
