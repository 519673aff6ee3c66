//! The columns of a file of movements.

use jangbu::{AccountNumber, CommandId};
use serde::Serialize;

use crate::server::http::harmless;
use crate::server::shapes::Transfer;

pub(super) const COLUMNS: [&str; 23] = [
    "position",
    "id",
    "created_at",
    "date",
    "kind",
    "status",
    "from",
    "to",
    "amount",
    "fee",
    "total",
    "currency",
    "scale",
    "sender_label",
    "receiver_label",
    "reference",
    "original",
    "ended_at",
    "hold",
    "reversed",
    "customer_text",
    "reason",
    "metadata",
];

/// A movement as a line of the file: what is not the caller's to see is empty.
pub(super) fn row(transfer: &Transfer) -> Vec<String> {
    let number = |number: Option<AccountNumber>| number.map(|number| number.to_string()).unwrap_or_default();
    let id = |id: Option<CommandId>| id.map(|id| id.to_string()).unwrap_or_default();
    let amount = |amount: Option<u64>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| harmless(text.as_deref().unwrap_or_default());
    let pairs = transfer.metadata.as_ref().filter(|pairs| !pairs.is_empty());
    vec![
        transfer.position.to_string(),
        transfer.id.to_string(),
        transfer.created_at.to_string(),
        transfer.date.clone(),
        name(&transfer.kind),
        name(&transfer.status),
        number(transfer.from),
        number(transfer.to),
        transfer.amount.to_string(),
        amount(transfer.fee),
        amount(transfer.total),
        transfer.currency.map(|currency| currency.to_string()).unwrap_or_default(),
        transfer.scale.map(|scale| scale.to_string()).unwrap_or_default(),
        text(&transfer.sender_label),
        text(&transfer.receiver_label),
        harmless(&transfer.reference),
        id(transfer.original),
        transfer.ended_at.map(|moment| moment.to_string()).unwrap_or_default(),
        id(transfer.hold),
        transfer.reversed.to_string(),
        text(&transfer.customer_text),
        text(&transfer.reason),
        pairs.and_then(|pairs| serde_json::to_string(pairs).ok()).unwrap_or_default(),
    ]
}

/// The name of a kind or status, as JSON has it.
fn name(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
