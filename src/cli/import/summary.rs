//! What an import says at its end.

use std::io::Write;

use super::submit::Tally;
use crate::cli::error::CliError;
use crate::cli::output::stdout;
use crate::tables::decimal;

/// What became of the three files.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) accounts: Tally,
    pub(super) deposits: Tally,
    pub(super) orders: Tally,
    pub(super) month: u32,
}

impl Summary {
    /// Prints a line per file, and below it the refusals by reason.
    pub(super) fn print(&self) -> Result<(), CliError> {
        let mut output = stdout();
        write_tally(&mut output, "accounts", "opened", &self.accounts)?;
        write_tally(&mut output, "deposits", "posted", &self.deposits)?;
        write_tally(&mut output, &format!("month {}", self.month), "posted", &self.orders)?;
        Ok(output.flush()?)
    }
}

fn write_tally(output: &mut impl Write, title: &str, done: &str, tally: &Tally) -> Result<(), CliError> {
    let moved: Vec<String> = tally
        .moved
        .iter()
        .map(|((currency, scale), units)| {
            format!("{} {currency}", decimal(i128::try_from(*units).unwrap_or(i128::MAX), *scale))
        })
        .collect();
    let moved = if moved.is_empty() { String::new() } else { format!(" ({})", moved.join(", ")) };
    let refused: u64 = tally.refused.values().sum();
    writeln!(output, "{title:10}{} {done}{moved}, {} {done} before, {refused} refused", tally.done, tally.done_before)?;
    for (reason, count) in &tally.refused {
        writeln!(output, "{:10}refused {count}: {reason}", "")?;
    }
    Ok(())
}
