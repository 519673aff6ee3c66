//! Converts rows to steps.

use std::path::Path;

use jangbu::blocking::Bank;
use jangbu::{
    AccountNumber, Amount, Details, HoldId, Refusal,
    time::{When, WhenError},
    transfers::Step,
};

use super::sheet::Row;
use crate::cli::args;
use crate::cli::data::time_zone;
use crate::cli::dry_run::Unit;
use crate::cli::error::CliError;
use crate::cli::reverse::{capture_of, sender_of};

/// Converts all rows.
///
/// # Errors
/// [`CliError::BadRows`] with the first malformed row; [`CliError::RefusedRow`] if the account or the hold that
/// determines the currency does not exist.
pub(super) fn read(bank: &Bank, path: &Path, rows: &[Row]) -> Result<Vec<Step>, CliError> {
    let reading = |(at, row)| Reading { bank, path, row, step: at };
    (0..).zip(rows).map(reading).map(|reading| reading.step()).collect()
}

/// Returns the unit of each step's amounts. A step about an unknown hold has none.
pub(super) fn units(bank: &Bank, steps: &[Step]) -> Result<Vec<Unit>, CliError> {
    let mut units = Vec::with_capacity(steps.len());
    for step in steps {
        let from = match step {
            Step::Transfer { from, .. } | Step::Hold { from, .. } => Some(*from),
            Step::Settle { hold, .. } | Step::Void { hold } => bank.hold(*hold)?.map(|view| view.from),
            Step::Reverse { original, step, .. } => Some(sender_of(bank, *original, *step)?.number),
        };
        if let Some(from) = from {
            let payer = bank.snapshot(from)?;
            units.push(Unit { currency: payer.currency, scale: payer.scale });
        }
    }
    Ok(units)
}

/// A row being converted to a step.
struct Reading<'a> {
    bank: &'a Bank,
    path: &'a Path,
    row: &'a Row,
    step: usize,
}

impl Reading<'_> {
    fn step(&self) -> Result<Step, CliError> {
        match self.row.text(0) {
            "transfer" => self.transfer(false),
            "at-most" => self.transfer(true),
            "settle" => self.settle(),
            "void" => {
                self.fields(2, 2, "void,HOLD")?;
                Ok(Step::Void { hold: self.row.parse(self.path, 1, "hold")? })
            }
            "reverse" => self.reverse(),
            "hold" => self.hold(),
            other => {
                let known = "transfer, at-most, hold, settle, void, reverse";
                Err(self.bad(0, "step", format!("{other:?} is not a step; the steps are {known}")))
            }
        }
    }

    fn transfer(&self, at_most: bool) -> Result<Step, CliError> {
        self.fields(4, 7, "transfer,FROM,TO,AMOUNT[,LABEL[,MOST FEE[,END-TO-END ID]]]")?;
        let (from, to) = (self.account(1, "from")?, self.account(2, "to")?);
        let scale = self.scale_of(from)?;
        let amount = self.amount(3, scale)?;
        let (most_fee, details) = (self.most_fee(5, scale)?, self.texts(4, 6)?);
        Ok(Step::Transfer { from, to, amount, at_most, most_fee, details })
    }

    fn hold(&self) -> Result<Step, CliError> {
        self.fields(4, 8, "hold,FROM,TO,AMOUNT[,LABEL[,EXPIRES[,MOST FEE[,END-TO-END ID]]]]")?;
        let (from, to) = (self.account(1, "from")?, self.account(2, "to")?);
        let scale = self.scale_of(from)?;
        let amount = self.amount(3, scale)?;
        let expires_at = match self.row.text(5) {
            "" => None,
            _ => {
                let expires: When = self.row.parse(self.path, 5, "expires")?;
                let end = expires.end(&time_zone(self.bank)?).and_then(|end| end.ok_or(WhenError::OutOfRange));
                Some(end.map_err(|error| self.bad(5, "expires", error))?)
            }
        };
        let (most_fee, details) = (self.most_fee(6, scale)?, self.texts(4, 7)?);
        Ok(Step::Hold { from, to, amount, expires_at, most_fee, details })
    }

    fn most_fee(&self, at: usize, scale: u8) -> Result<Option<Amount>, CliError> {
        match self.row.text(at) {
            "" => Ok(None),
            text => args::amount(text, scale).map(Some).map_err(|error| self.bad(at, "most fee", error)),
        }
    }

    /// Returns the label and the end-to-end id from the fields with these numbers.
    fn texts(&self, label: usize, end_to_end_id: usize) -> Result<Option<Box<Details>>, CliError> {
        let mut details = self.label(label)?;
        if !self.row.text(end_to_end_id).is_empty() {
            let details = details.get_or_insert_default();
            details.set_end_to_end_id(self.row.text(end_to_end_id));
            details.check().map_err(|error| self.bad(end_to_end_id, "end-to-end id", error))?;
        }
        Ok(details)
    }

    fn reverse(&self) -> Result<Step, CliError> {
        self.fields(2, 5, "reverse,ID[,AMOUNT[,STEP[,LABEL]]]")?;
        let named: HoldId = self.row.parse(self.path, 1, "id")?;
        let step: u8 = if self.row.text(3).is_empty() { 0 } else { self.row.parse(self.path, 3, "step")? };
        let (original, step) = capture_of(self.bank, named, step).map_err(|error| self.bad(1, "id", error))?;
        let amount = match self.row.text(2) {
            "" => None,
            _ => Some(self.amount(2, self.check_lookup(sender_of(self.bank, original, step))?.scale)?),
        };
        Ok(Step::Reverse { original, step, amount, details: self.label(4)? })
    }

    /// Returns the account that field `at` stands for.
    fn account(&self, at: usize, name: &str) -> Result<AccountNumber, CliError> {
        let typed = args::typed(self.row.text(at)).map_err(|error| self.bad(at, name, error))?;
        args::resolve(self.bank, typed)
    }

    /// Returns the label in field `at`.
    fn label(&self, at: usize) -> Result<Option<Box<Details>>, CliError> {
        let label = self.row.text(at);
        if label.is_empty() {
            return Ok(None);
        }
        let (sender_label, receiver_label) = (label.to_owned(), label.to_owned());
        let details = Box::new(Details { sender_label, receiver_label, ..Details::default() });
        details.check().map_err(|error| self.bad(at, "label", error))?;
        Ok(Some(details))
    }

    /// Turns the refusal of a lookup into a refusal of this row.
    fn check_lookup<T>(&self, found: Result<T, CliError>) -> Result<T, CliError> {
        found.map_err(|error| match error {
            CliError::Refused { refusal, .. } => self.refused(refusal),
            other => other,
        })
    }

    fn settle(&self) -> Result<Step, CliError> {
        self.fields(2, 4, "settle,HOLD[,AMOUNT[,keep]]")?;
        let hold: HoldId = self.row.parse(self.path, 1, "hold")?;
        let amount = match self.row.text(2) {
            "" => None,
            _ => {
                let Some(view) = self.bank.hold(hold)? else { return Err(self.refused(Refusal::HoldUnknown { hold })) };
                Some(self.amount(2, self.scale_of(view.from)?)?)
            }
        };
        let last = match (self.row.text(3), amount) {
            ("", _) => true,
            ("keep", Some(_)) => false,
            _ => return Err(self.bad(3, "keep", "expected nothing or, after an amount, `keep`")),
        };
        Ok(Step::Settle { hold, amount, last })
    }

    fn scale_of(&self, account: AccountNumber) -> Result<u8, CliError> {
        self.check_lookup(self.bank.snapshot(account).map_err(CliError::from)).map(|snapshot| snapshot.scale)
    }

    fn amount(&self, at: usize, scale: u8) -> Result<Amount, CliError> {
        args::amount(self.row.text(at), scale).map_err(|error| self.bad(at, "amount", error))
    }

    fn fields(&self, least: usize, most: usize, form: &str) -> Result<(), CliError> {
        let count = self.row.len();
        if (least..=most).contains(&count) {
            return Ok(());
        }
        let at = count.min(most).saturating_sub(1);
        Err(self.bad(at, "step", format!("the row has {count} fields; expected {form}")))
    }

    fn bad(&self, at: usize, name: &str, reason: impl std::fmt::Display) -> CliError {
        self.row.bad(self.path, at, name, reason)
    }

    fn refused(&self, refusal: Refusal) -> CliError {
        CliError::RefusedRow { path: self.path.into(), line: self.row.line, step: self.step, refusal, unit: None }
    }
}
