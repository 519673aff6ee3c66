//! A transfer to make.

use std::collections::BTreeMap;

use jangbu::{AccountNumber, Amount, Details};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Texts;
use crate::server::http::{Problem, typed_number};

/// A transfer to make. The bank determines the fee, so it is not a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferRequest {
    /// The sender, one of the caller's own accounts.
    #[serde(deserialize_with = "typed_number")]
    #[schema(value_type = String, max_length = 20)]
    pub(crate) from: AccountNumber,
    /// The receiver.
    #[serde(deserialize_with = "typed_number")]
    #[schema(value_type = String, max_length = 20)]
    pub(crate) to: AccountNumber,
    /// What the receiver gets, in minor units. The sender pays the fee on top.
    #[schema(value_type = u64, maximum = 9007199254740991_u64)]
    pub(crate) amount: Amount,
    /// The label on the sender's statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10)]
    pub(crate) sender_label: Option<String>,
    /// The label on the receiver's statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10)]
    pub(crate) receiver_label: Option<String>,
    /// The reference for both sides, up to 140 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 140)]
    pub(crate) reference: Option<String>,
    /// The sender's own reference for the payment, up to 35 characters, as in ISO 20022; visible to both sides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35)]
    pub(crate) end_to_end_id: Option<String>,
    /// Up to 8 key-value pairs for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) metadata: Option<BTreeMap<String, String>>,
    /// Whether less is moved if less is available.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) at_most: bool,
    /// The largest fee that the sender accepts, in minor units. Default: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
    pub(crate) most_fee: Option<Amount>,
}

impl TransferRequest {
    /// Returns the texts as the bank takes them.
    ///
    /// # Errors
    /// 400 with every field that does not fit.
    pub(crate) fn details(&self) -> Result<Option<Box<Details>>, Problem> {
        let (sender_label, receiver_label) = (self.sender_label.as_deref(), self.receiver_label.as_deref());
        let (reference, metadata) = (self.reference.as_deref(), self.metadata.as_ref());
        let end_to_end_id = self.end_to_end_id.as_deref();
        Texts { sender_label, receiver_label, reference, end_to_end_id, metadata }.details()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::server::http::parse;

    fn read(value: &serde_json::Value) -> Result<TransferRequest, Problem> {
        parse(value.to_string().as_bytes())
    }

    #[test]
    fn a_request_is_read_strictly() {
        let plain = json!({"from": "A", "to": "B", "amount": 5});
        assert_eq!(read(&plain).unwrap().amount, Amount::new(5).unwrap());
        for (field, value) in [
            ("fee", json!(0)),
            ("amount", json!(-1)),
            ("amount", json!(1.5)),
            ("amount", json!("5")),
            ("amount", json!(1u64 << 53)),
            ("to", json!("a+b")),
            ("metadata", json!({"k": 1})),
        ] {
            let mut request = plain.clone();
            request[field] = value;
            let problem = read(&request).unwrap_err().to_value();
            assert_eq!(problem["status"], 400, "{request}");
            let at = problem["errors"][0]["field"].as_str().unwrap_or_default();
            assert!(at.starts_with(field) || problem["detail"].as_str().unwrap().contains(field), "{problem}");
        }
    }
}
