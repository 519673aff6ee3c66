//! The columns of a file of movements.

use jangbu::AccountNumber;
use serde::Serialize;

use crate::server::shapes::Transfer;
use crate::tables::Cell;

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
    "sender_label",
    "receiver_label",
    "reference",
    "end_to_end_id",
    "hold",
    "original",
    "ended_at",
    "reversed",
    "customer_text",
    "reason",
    "metadata",
];

/// Returns a movement as a row of the file. What the caller may not see is empty.
pub(super) fn row(transfer: &Transfer) -> Vec<Cell> {
    let number = |number: Option<AccountNumber>| number.map_or(Cell::Missing, Cell::text);
    // Without a known currency there is no amount, because the accounts do not exist.
    let money = |units: Option<u64>| match (units, transfer.currency, transfer.scale) {
        (Some(units), Some(currency), Some(scale)) => Cell::Money { units: units.into(), scale, currency },
        _ => Cell::Missing,
    };
    let pairs = transfer.metadata.as_ref().filter(|pairs| !pairs.is_empty());
    vec![
        Cell::number(transfer.position),
        Cell::text(transfer.id),
        Cell::Time(transfer.created_at.0),
        transfer.date.parse().map_or(Cell::Missing, Cell::Date),
        name(&transfer.kind),
        name(&transfer.status),
        number(transfer.from),
        number(transfer.to),
        money(Some(transfer.amount)),
        money(transfer.fee),
        money(transfer.total),
        transfer.currency.map_or(Cell::Missing, Cell::text),
        transfer.sender_label.as_deref().into(),
        transfer.receiver_label.as_deref().into(),
        Cell::text(&transfer.reference),
        transfer.end_to_end_id.as_deref().into(),
        transfer.hold.map_or(Cell::Missing, Cell::text),
        transfer.original.map_or(Cell::Missing, Cell::text),
        transfer.ended_at.map_or(Cell::Missing, |moment| Cell::Time(moment.0)),
        money(Some(transfer.reversed)),
        transfer.customer_text.as_deref().into(),
        transfer.reason.as_deref().into(),
        pairs.and_then(|pairs| serde_json::to_string(pairs).ok()).as_deref().into(),
    ]
}

/// Returns the name of a kind or status, as in JSON.
fn name(value: &impl Serialize) -> Cell {
    serde_json::to_value(value).ok().as_ref().and_then(serde_json::Value::as_str).into()
}
