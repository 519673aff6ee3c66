//! From rows to steps: what each kind of row says, in which currency.

use std::path::Path;

use jangbu::blocking::Bank;
use jangbu::{AccountNumber, Amount, CommandId, Details, Error, Refusal, Step};

use super::sheet::Row;
use crate::cli::args;
use crate::cli::dry_run::Unit;
use crate::cli::error::CliError;

/// Reads all rows.
///
/// # Errors
/// [`CliError::BadRows`] with the first row that is not what it must be; [`CliError::RefusedRow`] where the account or the
/// hold is not there, whose currency tells how many decimals an amount has.
pub(super) fn read(bank: &Bank, path: &Path, rows: &[Row]) -> Result<Vec<Step>, CliError> {
    let reading = |(at, row)| Reading { bank, path, row, step: at };
    (1..).zip(rows).map(reading).map(|reading| reading.step()).collect()
}

/// What the amounts of each step are counted in. Steps about a hold that is not there have none.
pub(super) fn units(bank: &Bank, steps: &[Step]) -> Result<Vec<Unit>, CliError> {
    let mut units = Vec::with_capacity(steps.len());
    for step in steps {
        let from = match step {
            Step::Transfer { from, .. } => Some(*from),
            Step::Settle { hold, .. } | Step::Void { hold } => bank.hold(*hold)?.map(|view| view.from),
            // No other kind of step is read from a file.
            _ => None,
        };
        if let Some(from) = from {
            let payer = bank.snapshot(from)?;
            units.push(Unit { currency: payer.currency, scale: payer.scale });
        }
    }
    Ok(units)
}

/// One row on its way to a step.
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
            other => {
                Err(self.bad(0, "step", format!("{other:?} is no step; there are transfer, at-most, settle, void")))
            }
        }
    }

    fn transfer(&self, at_most: bool) -> Result<Step, CliError> {
        self.fields(4, 5, "transfer,FROM,TO,AMOUNT[,LABEL]")?;
        let from: AccountNumber = self.row.parse(self.path, 1, "from")?;
        let to = self.row.parse(self.path, 2, "to")?;
        let amount = self.amount(3, self.scale_of(from)?)?;
        let label = self.row.text(4);
        let details = (!label.is_empty()).then(|| {
            let (sender_label, receiver_label) = (label.to_owned(), label.to_owned());
            Box::new(Details { sender_label, receiver_label, ..Details::default() })
        });
        if let Some(Err(error)) = details.as_deref().map(Details::check) {
            return Err(self.bad(4, "label", error));
        }
        Ok(Step::Transfer { from, to, amount, at_most, details })
    }

    fn settle(&self) -> Result<Step, CliError> {
        self.fields(2, 4, "settle,HOLD[,AMOUNT[,keep]]")?;
        let hold: CommandId = self.row.parse(self.path, 1, "hold")?;
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
            _ => return Err(self.bad(3, "keep", "here stands nothing or, behind an amount, keep")),
        };
        Ok(Step::Settle { hold, amount, last })
    }

    fn scale_of(&self, account: AccountNumber) -> Result<u8, CliError> {
        match self.bank.snapshot(account) {
            Ok(snapshot) => Ok(snapshot.scale),
            Err(Error::Refused(refusal)) => Err(self.refused(refusal)),
            Err(error) => Err(error.into()),
        }
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
        Err(self.bad(at, "step", format!("the row has {count} fields; it must be {form}")))
    }

    fn bad(&self, at: usize, name: &str, reason: impl std::fmt::Display) -> CliError {
        self.row.bad(self.path, at, name, reason)
    }

    fn refused(&self, refusal: Refusal) -> CliError {
        CliError::RefusedRow { path: self.path.into(), line: self.row.line, step: self.step, refusal, unit: None }
    }
}
