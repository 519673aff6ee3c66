//! One line of an account's statement.

use jangbu::text::folded;
use jangbu::{AccountNumber, Amount, CommandId, Currency, EntryKind, HoldId};
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
    #[schema(value_type = Option<String>)]
    pub(crate) hold: Option<HoldId>,
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
    /// What the sender's own books call the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_to_end_id: Option<String>,
    /// Of what was given back to this account: why, as its owner is told.
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

    /// A line in that money; `name` is the other owner's, partly masked.
    pub(crate) fn of(entry: &jangbu::Entry, (currency, scale): (Currency, u8), name: Option<String>) -> Entry {
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

    /// Whether it has a text, folded: in what it says, in the other account's number or owner, or in how much it changed.
    pub(crate) fn has(&self, text: &str) -> bool {
        let said = [Some(&self.label), Some(&self.reference), self.end_to_end_id.as_ref(), self.customer_text.as_ref()];
        let has = |said: &str| folded(said).contains(text);
        said.into_iter().flatten().chain(&self.counterparty_name).any(|said| has(said))
            || self.counterparty.is_some_and(|number| is_in(number, text))
            || (self.change != 0 && self.has_amount(text))
    }

    /// Whether the change is that amount, with or without its sign, decimals and separators of thousands.
    fn has_amount(&self, text: &str) -> bool {
        let asked: String = text.chars().filter(|character| *character != ',').collect();
        let Ok(change) = Amount::new(self.change.unsigned_abs()) else { return false };
        let shown = change.to_decimal(self.scale);
        let whole = shown.split_once('.').map_or(&*shown, |(whole, _)| whole);
        let asked = asked.trim_start_matches(['-', '+', '−']);
        !asked.is_empty() && (asked == shown || asked == whole)
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
            self.end_to_end_id.as_deref().into(),
            self.customer_text.as_deref().into(),
        ]
    }
}

/// Whether a number has a text in it, however either is written.
fn is_in(number: AccountNumber, text: &str) -> bool {
    let bare = |text: &str| text.chars().filter(|character| character.is_alphanumeric()).collect::<String>();
    let (number, text) = (folded(&bare(number.as_str())), bare(text));
    // A letter or two would be in most numbers.
    text.len() > 2 && number.contains(&text)
}
