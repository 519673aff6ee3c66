//! What a movement says beside its amount: checked before it comes to the bank, field by field.

use std::collections::BTreeMap;

use jangbu::Details;

use crate::server::http::{FieldProblem, Problem};

/// The pair of metadata by which a hold knows which member of staff placed it. No client sets or sees it.
pub(crate) const PLACED_BY: &str = "jangbu.placed_by";
/// Keys of metadata that begin so are the service's own.
const RESERVED: &str = "jangbu.";

const MAX_LABEL_CHARS: usize = 10;
const MAX_REFERENCE_BYTES: usize = 140;
const MAX_PAIRS: usize = 8;
const MAX_KEY_BYTES: usize = 40;
const MAX_VALUE_BYTES: usize = 200;

/// The texts of a request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Texts<'a> {
    /// What the sender reads.
    pub(crate) sender_label: Option<&'a str>,
    /// What the receiver reads.
    pub(crate) receiver_label: Option<&'a str>,
    /// What both sides read.
    pub(crate) reference: Option<&'a str>,
    /// Pairs for programs.
    pub(crate) metadata: Option<&'a BTreeMap<String, String>>,
}

impl Texts<'_> {
    /// The texts as the bank takes them; `None` when nothing is said.
    ///
    /// # Errors
    /// 400 with every field that does not fit.
    pub(crate) fn details(&self) -> Result<Option<Box<Details>>, Problem> {
        let mut errors = Vec::new();
        for (field, label) in [("sender_label", self.sender_label), ("receiver_label", self.receiver_label)] {
            let label = label.unwrap_or_default();
            if label.len() > MAX_LABEL_CHARS && label.chars().count() > MAX_LABEL_CHARS {
                errors.push(fault(field, "too_long", format!("a label has at most {MAX_LABEL_CHARS} characters")));
            }
            check_characters(field, label, &mut errors);
        }
        let reference = self.reference.unwrap_or_default();
        if reference.len() > MAX_REFERENCE_BYTES {
            let detail = format!("a reference has at most {MAX_REFERENCE_BYTES} bytes");
            errors.push(fault("reference", "too_long", detail));
        }
        check_characters("reference", reference, &mut errors);
        if let Some(pairs) = self.metadata {
            check_metadata(pairs, &mut errors);
        }
        if !errors.is_empty() {
            let problem = Problem::invalid("a text does not fit");
            return Err(errors.into_iter().fold(problem, Problem::with_field));
        }
        let details = Details {
            sender_label: self.sender_label.unwrap_or_default().to_owned(),
            receiver_label: self.receiver_label.unwrap_or_default().to_owned(),
            reference: reference.to_owned(),
            metadata: self.metadata.map(|pairs| pairs.clone().into_iter().collect()).unwrap_or_default(),
        };
        Ok((!details.is_empty()).then(|| Box::new(details)))
    }
}

fn check_metadata(pairs: &BTreeMap<String, String>, errors: &mut Vec<FieldProblem>) {
    if pairs.len() > MAX_PAIRS {
        errors.push(fault("metadata", "too_many", format!("metadata has at most {MAX_PAIRS} pairs")));
    }
    for (key, value) in pairs {
        let field = format!("metadata.{}", key.chars().take(MAX_KEY_BYTES).collect::<String>());
        if key.starts_with(RESERVED) {
            errors.push(fault(&field, "reserved", format!("keys that begin with {RESERVED} are the service's own")));
        }
        if key.len() > MAX_KEY_BYTES || value.len() > MAX_VALUE_BYTES {
            let detail = format!("a key has at most {MAX_KEY_BYTES} bytes, a value {MAX_VALUE_BYTES}");
            errors.push(fault(&field, "too_long", detail));
        }
        check_characters(&field, key, errors);
        check_characters(&field, value, errors);
    }
}

fn check_characters(field: &str, text: &str, errors: &mut Vec<FieldProblem>) {
    if text.chars().any(char::is_control) {
        errors.push(fault(field, "control_character", "a statement could not show it".to_owned()));
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
            reference: Some(&"r".repeat(140)),
            metadata: Some(&metadata),
        };
        let details = texts.details().unwrap().unwrap();
        assert!(details.check().is_ok());
        assert_eq!((details.sender_label.as_str(), details.receiver_label.as_str()), ("열글자라벨이름입니다", ""));
        assert_eq!(Texts { sender_label: Some(""), ..Texts::default() }.details().unwrap(), None);
    }

    #[test]
    fn every_field_that_does_not_fit_is_told() {
        let metadata: BTreeMap<String, String> = (0..9).map(|count| (count.to_string(), String::new())).collect();
        let texts = Texts {
            sender_label: Some("eleven char"),
            receiver_label: Some("a\u{7}"),
            reference: Some(&"r".repeat(141)),
            metadata: Some(&metadata),
        };
        let expected =
            ["sender_label too_long", "receiver_label control_character", "reference too_long", "metadata too_many"];
        assert_eq!(faults(&texts), expected);
        let reserved = BTreeMap::from([(PLACED_BY.to_owned(), "me".to_owned())]);
        let texts = Texts { metadata: Some(&reserved), ..Texts::default() };
        assert_eq!(faults(&texts), ["metadata.jangbu.placed_by reserved"]);
        let long = BTreeMap::from([("k".to_owned(), "v".repeat(201))]);
        assert_eq!(faults(&Texts { metadata: Some(&long), ..Texts::default() }), ["metadata.k too_long"]);
    }
}
