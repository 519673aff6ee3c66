//! `--dry-run`: the expected outcome of a command that moves or holds money, in one form for all such commands. Nothing
//! is changed.

use std::path::Path;

use jangbu::blocking::Bank;
use jangbu::preview::{Objection, Preview, Quote};
use jangbu::{Amount, Balance, Command, Currency, Refusal, queries::Snapshot};
use serde_json::{Value, json, to_value};

use super::data;
use super::error::CliError;
use super::output::{Print, Printer, print_one};
use crate::tables::Cell;

/// Whether to preview a command instead of carrying it out.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct DryRun {
    /// Show what would happen, without changing anything
    #[arg(long)]
    dry_run: bool,
}

/// The unit of an amount: its currency and number of decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) currency: Currency,
    pub(super) scale: u8,
}

impl Unit {
    /// Returns the unit of an account's amounts.
    pub(super) const fn of(account: &Snapshot) -> Unit {
        Unit { currency: account.currency, scale: account.scale }
    }

    /// Returns a cell with an amount in this unit.
    pub(super) fn amount(self, amount: Amount) -> Cell {
        Cell::amount(amount, self.currency, self.scale)
    }

    /// Returns a cell with a balance in this unit.
    pub(super) fn balance(self, balance: Balance) -> Cell {
        Cell::balance(balance, self.currency, self.scale)
    }
}

impl DryRun {
    /// Returns whether the command is only previewed.
    pub(super) const fn is_set(self) -> bool {
        self.dry_run
    }

    /// Opens the bank in `data`, read-only for a dry run.
    pub(super) fn open(self, data: &Path) -> Result<Bank, CliError> {
        if self.dry_run { data::reading(data) } else { data::existing(data) }
    }

    /// Passes on the result of a lookup that the command needs. In a dry run, a refusal is printed like that of a
    /// preview.
    pub(super) fn check_lookup<T>(self, bank: &Bank, print: Print, found: Result<T, CliError>) -> Result<T, CliError> {
        if self.dry_run
            && let Some(refusal) = found.as_ref().err().and_then(refusal_of)
        {
            object(&print.of(bank)?, &Objection { refusal, largest: None, earliest: None }, None)?;
        }
        found
    }
}

/// Prints the expected outcome of a command. `units` has the unit of each of its movements, in order.
///
/// # Errors
/// [`CliError::Refused`] with the expected refusal, after printing what would be accepted instead.
pub(super) fn preview(bank: Bank, command: &Command, units: &[Unit], print: Print) -> Result<(), CliError> {
    let printer = print.of(&bank)?;
    let preview = bank.preview(command)?;
    bank.close()?;
    match preview {
        Preview::Granted(quote) => grant(&printer, &quote, units),
        Preview::Repeated { position } => {
            let fields = [("would_be", "repeated".into()), ("position", Cell::number(position.get()))];
            print_one(&printer, &fields, &json!({ "repeated": { "position": position } }))
        }
        Preview::Refused(objection) => {
            object(&printer, &objection, units.last())?;
            Err(CliError::Refused { unit: unit_of(&objection.refusal, units), refusal: objection.refusal })
        }
    }
}

/// Prints the figures of a command that would be granted.
fn grant(printer: &Printer, quote: &Quote, units: &[Unit]) -> Result<(), CliError> {
    let mut currencies: Vec<String> = units.iter().map(|unit| unit.currency.to_string()).collect();
    currencies.dedup();
    let last = units.last();
    // Amounts in several currencies have no sum.
    let summed = if units.iter().all(|unit| Some(unit) == last) { last } else { None };
    let sum = |amount| summed.map_or("of several currencies".into(), |unit| unit.amount(amount));
    let left = quote.headroom;
    let limit = |limit: Option<Amount>| limit.map_or("no limit".into(), |limit| cell(limit, last));
    let fields = [
        ("would_move", sum(quote.amount)),
        ("fee", sum(quote.fee)),
        ("total", sum(quote.total)),
        ("currency", Cell::text(currencies.join(" "))),
        ("date", Cell::date(quote.date)),
        ("available_after", cell(left.available, last)),
        ("limit_per_transfer", limit(left.per_transfer)),
        ("left_today_after", limit(left.left_today)),
        ("free_transfers_after", Cell::number(left.free_transfers_left)),
    ];
    let mut json = to_value(quote)?;
    if summed.is_none()
        && let Some(fields) = json.as_object_mut()
    {
        fields.extend(["amount", "fee", "total"].map(|name| (name.to_owned(), Value::Null)));
    }
    print_one(printer, &fields, &json)
}

/// Prints why a command would be refused, and what would be accepted instead.
fn object(printer: &Printer, objection: &Objection, unit: Option<&Unit>) -> Result<(), CliError> {
    let fields = [
        ("would_be", objection.refusal.code().into()),
        ("largest_that_would_pass", objection.largest.map_or(Cell::Missing, |largest| cell(largest, unit))),
        ("earliest_that_would_pass", objection.earliest.into()),
    ];
    print_one(printer, &fields, &to_value(objection)?)
}

/// Returns an amount's cell, which is empty if the currency is unknown.
fn cell(amount: Amount, unit: Option<&Unit>) -> Cell {
    unit.map_or(Cell::Missing, |unit| unit.amount(amount))
}

/// Returns the unit of a refusal's amounts: that of the refused step, or of the only movement.
pub(super) fn unit_of(refusal: &Refusal, units: &[Unit]) -> Option<Unit> {
    match refusal {
        Refusal::Linked { step, .. } => units.get(usize::from(*step)).copied(),
        _ => units.last().copied(),
    }
}

/// Returns the refusal in an error, in the form in which a preview of the whole command has it.
fn refusal_of(error: &CliError) -> Option<Refusal> {
    match error {
        CliError::Refused { refusal, .. } => Some(refusal.clone()),
        CliError::RefusedRow { step, refusal, .. } => {
            let step = u8::try_from(*step).unwrap_or(u8::MAX);
            Some(Refusal::Linked { step, refusal: Box::new(refusal.clone()) })
        }
        _ => None,
    }
}
