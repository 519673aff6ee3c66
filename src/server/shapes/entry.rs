//! One line of an account's statement.

use jangbu::{AccountNumber, CommandId, Currency, EntryKind};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;
use crate::tables::Cell;

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
        "account",
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

    /// The line as a row of the file, of this account.
    pub(crate) fn row(&self, account: AccountNumber) -> Vec<Cell> {
        let (scale, currency) = (self.scale, self.currency);
        let money = |units: i128| Cell::Money { units, scale, currency };
        let kind = serde_json::to_value(self.kind).ok();
        vec![
            Cell::text(account),
            Cell::number(self.position),
            Cell::text(self.id),
            Cell::Time(self.recorded_at.0),
            self.date.parse().map_or(Cell::Missing, Cell::Date),
            kind.as_ref().and_then(|kind| kind.as_str()).into(),
            self.counterparty.map_or(Cell::Missing, Cell::text),
            self.counterparty_name.as_deref().into(),
            money(self.change.into()),
            money(self.fee.into()),
            money(self.balance.into()),
            Cell::text(currency),
            Cell::text(&self.label),
            Cell::text(&self.reference),
            self.customer_text.as_deref().into(),
        ]
    }
}
