//! One line of an account's statement.

use jangbu::{AccountNumber, CommandId, Currency, EntryKind};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;
use crate::server::http::harmless;

/// One line of an account's statement. Amounts are in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Entry {
    /// The place of the record in the journal.
    pub(crate) position: u64,
    /// The id of the command.
    #[schema(value_type = String, format = Uuid)]
    pub(crate) id: CommandId,
    /// When it was recorded.
    pub(crate) recorded_at: Moment,
    /// The business date for which it counts.
    #[schema(format = Date)]
    pub(crate) date: String,
    /// What happened, for example `transfer_out`.
    #[schema(value_type = String)]
    pub(crate) kind: EntryKind,
    /// Which of several linked movements it is of, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step: Option<u8>,
    /// The hold or verified transfer, for what settles or releases one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(crate) hold: Option<CommandId>,
    /// The other account, for money that moved.
    #[schema(value_type = Option<String>)]
    pub(crate) counterparty: Option<AccountNumber>,
    /// The name of the other account's owner, partly masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) counterparty_name: Option<String>,
    /// By how much the entry changed the balance, fee included.
    pub(crate) change: i64,
    /// The fee within it.
    pub(crate) fee: u64,
    /// The balance after it.
    pub(crate) balance: i64,
    /// The currency.
    #[schema(value_type = String)]
    pub(crate) currency: Currency,
    /// The currency's number of decimals.
    pub(crate) scale: u8,
    /// The label on this account's side.
    pub(crate) label: String,
    /// The reference.
    pub(crate) reference: String,
    /// Of what was given back to this account: why, as its owner is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) customer_text: Option<String>,
}

impl Entry {
    /// The columns of the file.
    pub(crate) const COLUMNS: [&'static str; 15] = [
        "position",
        "id",
        "recorded_at",
        "date",
        "kind",
        "counterparty",
        "counterparty_name",
        "change",
        "fee",
        "balance",
        "currency",
        "scale",
        "label",
        "reference",
        "customer_text",
    ];

    /// A line in that money; `name` is the other owner's, partly masked.
    pub(crate) fn of(entry: &jangbu::Entry, (currency, scale): (Currency, u8), name: Option<String>) -> Entry {
        Entry {
            position: entry.position.get(),
            id: entry.id,
            recorded_at: Moment(entry.recorded_at),
            date: entry.date.to_string(),
            kind: entry.what,
            step: entry.step,
            hold: entry.hold,
            counterparty: entry.counterparty,
            counterparty_name: name,
            change: entry.change.minor_units(),
            fee: entry.fee.minor_units(),
            balance: entry.balance.minor_units(),
            currency,
            scale,
            label: entry.label.clone(),
            reference: entry.reference.clone(),
            customer_text: (!entry.customer_text.is_empty()).then(|| entry.customer_text.clone()),
        }
    }

    /// Whether it has a text, given in lower case.
    pub(crate) fn has(&self, text: &str) -> bool {
        [Some(&self.label), Some(&self.reference), self.customer_text.as_ref()]
            .into_iter()
            .flatten()
            .any(|said| said.to_lowercase().contains(text))
    }

    /// The line as a row of the file.
    pub(crate) fn row(&self) -> Vec<String> {
        let kind = serde_json::to_value(self.kind).ok();
        vec![
            self.position.to_string(),
            self.id.to_string(),
            self.recorded_at.to_string(),
            self.date.clone(),
            kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or_default().to_owned(),
            self.counterparty.map(|number| number.to_string()).unwrap_or_default(),
            harmless(self.counterparty_name.as_deref().unwrap_or_default()),
            self.change.to_string(),
            self.fee.to_string(),
            self.balance.to_string(),
            self.currency.to_string(),
            self.scale.to_string(),
            harmless(&self.label),
            harmless(&self.reference),
            harmless(self.customer_text.as_deref().unwrap_or_default()),
        ]
    }
}
