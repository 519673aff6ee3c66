//! A line of an account's statement.

use jangbu::text::folded;
use jangbu::{AccountNumber, Amount, CommandId, Currency, HoldId, queries::EntryKind};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;
use crate::tables::Cell;

/// A line of an account statement. Amounts are in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Entry {
    /// The journal position of the record.
    pub(crate) position: u64,
    /// The id of the command.
    #[schema(value_type = String, format = Uuid)]
    pub(crate) id: CommandId,
    /// When it was recorded.
    pub(crate) recorded_at: Moment,
    /// The business date on which it counts.
    #[schema(format = Date)]
    pub(crate) date: String,
    /// The kind of entry, for example `transfer_out`.
    #[schema(value_type = String)]
    pub(crate) kind: EntryKind,
    /// Which of several linked movements, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step: Option<u8>,
    /// The hold or verified transfer that this settles or releases.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) hold: Option<HoldId>,
    /// The other account, if money moved.
    #[schema(value_type = Option<String>)]
    pub(crate) counterparty: Option<AccountNumber>,
    /// The name of the other account's owner, in masked form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) counterparty_name: Option<String>,
    /// The change of the balance, fee included.
    pub(crate) change: i64,
    /// The fee included.
    pub(crate) fee: u64,
    /// The balance after it.
    pub(crate) balance: i64,
    /// The currency.
    #[schema(value_type = String)]
    pub(crate) currency: Currency,
    /// The number of decimals of the currency.
    pub(crate) scale: u8,
    /// This account's label.
    pub(crate) label: String,
    /// The reference.
    pub(crate) reference: String,
    /// The sender's own reference for the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_to_end_id: Option<String>,
    /// For money released to this account: the reason given to the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) customer_text: Option<String>,
}

impl Entry {
    /// The columns of the file.
    pub(crate) const COLUMNS: [&'static str; 16] = [
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
        "end_to_end_id",
        "customer_text",
    ];

    /// Makes a line in that currency; `name` is the other owner's, masked.
    pub(crate) fn of(entry: &jangbu::queries::Entry, (currency, scale): (Currency, u8), name: Option<String>) -> Entry {
        let said = |text: &String| (!text.is_empty()).then(|| text.clone());
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
            end_to_end_id: said(&entry.end_to_end_id),
            customer_text: said(&entry.customer_text),
        }
    }

    /// Whether a folded text occurs in the line: in its texts, in the other account's number or owner, or in the change
    /// of the balance.
    pub(crate) fn has(&self, text: &str) -> bool {
        let said = [Some(&self.label), Some(&self.reference), self.end_to_end_id.as_ref(), self.customer_text.as_ref()];
        let has = |said: &str| folded(said).contains(text);
        said.into_iter().flatten().chain(&self.counterparty_name).any(|said| has(said))
            || self.counterparty.is_some_and(|number| is_in(number, text))
            || (self.change != 0 && self.has_amount(text))
    }

    /// Whether the change is that amount, with or without sign, decimals and thousands separators.
    fn has_amount(&self, text: &str) -> bool {
        let asked: String = text.chars().filter(|character| *character != ',').collect();
        let Ok(change) = Amount::new(self.change.unsigned_abs()) else { return false };
        let shown = change.to_decimal(self.scale);
        let whole = shown.split_once('.').map_or(&*shown, |(whole, _)| whole);
        let asked = asked.trim_start_matches(['-', '+', '−']);
        !asked.is_empty() && (asked == shown || asked == whole)
    }

    /// Returns the line as a row of this account's file.
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
            self.end_to_end_id.as_deref().into(),
            self.customer_text.as_deref().into(),
        ]
    }
}

/// Whether a number contains a text, however either is written.
fn is_in(number: AccountNumber, text: &str) -> bool {
    let bare = |text: &str| text.chars().filter(|character| character.is_alphanumeric()).collect::<String>();
    let (number, text) = (folded(&bare(number.as_str())), bare(text));
    // One or two letters occur in most numbers.
    text.len() > 2 && number.contains(&text)
}
