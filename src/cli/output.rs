//! Standard output: tables for people, CSV for spreadsheets, JSON for programs.

use std::io::{self, BufWriter, StdoutLock, Write};

use clap::ValueEnum;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use jangbu::{Receipt, Timestamp};
use serde_json::{Value, json};

use super::args::Money;
use super::error::CliError;

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people: amounts in decimals
    #[default]
    Table,
    /// For spreadsheets: amounts in decimals
    Csv,
    /// For programs: amounts in minor units
    Json,
}

/// Standard output, locked and buffered. What is left in the buffer is written by [`Output::finish`] alone, so that
/// no error of writing is lost.
pub(super) type Output = BufWriter<StdoutLock<'static>>;

/// Takes standard output.
pub(super) fn stdout() -> Output {
    BufWriter::new(io::stdout().lock())
}

/// A column: what it is called, and on which side it is aligned.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column {
    /// Text, aligned left.
    Text(&'static str),
    /// A number, aligned right.
    Number(&'static str),
}

impl Column {
    const fn name(self) -> &'static str {
        match self {
            Column::Text(name) | Column::Number(name) => name,
        }
    }

    const fn alignment(self) -> CellAlignment {
        match self {
            Column::Text(_) => CellAlignment::Left,
            Column::Number(_) => CellAlignment::Right,
        }
    }
}

/// Rows on their way to standard output in the format that was asked for.
///
/// CSV and JSON leave as they come, so that a bank of any size can be listed; a table is kept until its columns'
/// widths are known.
pub(super) enum Rows {
    /// A table, and where it goes.
    Table(Table, Output),
    /// A CSV file.
    Csv(csv::Writer<Output>),
    /// A JSON array, and whether something is in it.
    Json(Output, bool),
}

impl Rows {
    /// Begins the output with its columns.
    pub(super) fn new(format: Format, columns: &[Column]) -> Result<Rows, CliError> {
        let names = columns.iter().map(|column| column.name());
        Ok(match format {
            Format::Table => {
                let mut table = plain_table();
                table.set_header(names);
                for (at, column) in table.column_iter_mut().zip(columns) {
                    at.set_cell_alignment(column.alignment());
                }
                Rows::Table(table, stdout())
            }
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(stdout());
                writer.write_record(names)?;
                Rows::Csv(writer)
            }
            Format::Json => {
                let mut output = stdout();
                output.write_all(b"[")?;
                Rows::Json(output, false)
            }
        })
    }

    /// Adds a row: `cells` in the order of the columns, for people; `object` for programs.
    pub(super) fn push(
        &mut self,
        cells: impl FnOnce() -> Vec<String>,
        object: impl FnOnce() -> Result<Value, serde_json::Error>,
    ) -> Result<(), CliError> {
        match self {
            Rows::Table(table, _) => {
                table.add_row(cells());
            }
            Rows::Csv(writer) => writer.write_record(cells())?,
            Rows::Json(output, begun) => {
                output.write_all(if *begun { b",\n " } else { b"\n " })?;
                serde_json::to_writer(output, &object()?)?;
                *begun = true;
            }
        }
        Ok(())
    }

    /// Ends the output and writes what is left of it.
    pub(super) fn finish(self) -> Result<(), CliError> {
        match self {
            Rows::Table(mut table, mut output) => {
                write_table(&mut table, &mut output)?;
                output.flush()?;
            }
            Rows::Csv(mut writer) => writer.flush()?,
            Rows::Json(mut output, begun) => {
                output.write_all(if begun { b"\n]\n" } else { b"]\n" })?;
                output.flush()?;
            }
        }
        Ok(())
    }
}

/// Prints one thing: its fields one below the other for people, as one row of CSV, or as one JSON object.
pub(super) fn print_one(format: Format, fields: &[(&'static str, String)], object: &Value) -> Result<(), CliError> {
    let mut output = stdout();
    match format {
        Format::Table => {
            let mut table = plain_table();
            table.add_rows(fields.iter().map(|(name, value)| [*name, value]));
            write_table(&mut table, &mut output)?;
        }
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(&mut output);
            writer.write_record(fields.iter().map(|(name, _)| name))?;
            writer.write_record(fields.iter().map(|(_, value)| value))?;
            writer.flush()?;
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut output, object)?;
            writeln!(output)?;
        }
    }
    output.flush()?;
    Ok(())
}

/// Prints the receipt of money that moved, with the balances that are the caller's to see.
pub(super) fn print_receipt(
    format: Format,
    receipt: &Receipt,
    money: Money,
    balances: &[(&'static str, jangbu::Balance)],
) -> Result<(), CliError> {
    let mut fields = vec![
        ("id", receipt.id.to_string()),
        ("position", receipt.position.to_string()),
        ("recorded_at", moment(receipt.recorded_at)),
        ("date", receipt.date.to_string()),
        ("currency", money.currency.to_string()),
        ("amount", receipt.amount.to_decimal(money.scale)),
        ("fee", receipt.fee.to_decimal(money.scale)),
    ];
    fields.extend(balances.iter().map(|(name, balance)| (*name, balance.to_decimal(money.scale))));
    let mut object = json!({
        "id": receipt.id,
        "position": receipt.position,
        "recorded_at": moment(receipt.recorded_at),
        "date": receipt.date.to_string(),
        "currency": money.currency,
        "amount": receipt.amount,
        "fee": receipt.fee,
    });
    if let Some(object) = object.as_object_mut() {
        object.extend(balances.iter().map(|(name, balance)| ((*name).to_owned(), json!(balance))));
    }
    print_one(format, &fields, &object)
}

/// A moment in RFC 3339, to the nanosecond: records are told apart by their times, and whoever asks for what was at the
/// printed moment must find the record that was printed.
pub(super) fn moment(moment: Timestamp) -> String {
    format!("{:.9}", moment.to_jiff())
}

/// Writes a sum over accounts, which may be beyond what one balance can hold, as a decimal.
pub(super) fn decimal(sum: i128, scale: u8) -> String {
    let scale = usize::from(scale);
    let digits = format!("{:0>width$}", sum.unsigned_abs(), width = scale.saturating_add(1));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
    let (sign, point) = (if sum < 0 { "-" } else { "" }, if scale == 0 { "" } else { "." });
    format!("{sign}{whole}{point}{fraction}")
}

fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

fn write_table(table: &mut Table, output: &mut Output) -> Result<(), CliError> {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for line in table.lines() {
        writeln!(output, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jangbu::Timestamp;

    use super::{decimal, moment};

    #[test]
    fn a_moment_that_is_printed_reads_back_as_what_it_was() {
        let mut ns: i64 = 1_795_457_319_478_031_421;
        for _ in 0..1_000 {
            ns = ns.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = Timestamp::from_ns(ns);
            assert_eq!(moment(at).parse().ok(), Some(at), "{ns}");
        }
        assert_eq!(moment(Timestamp::from_ns(1_500_000_000)), "1970-01-01T00:00:01.500000000Z", "of one width");
    }

    #[test]
    fn sums_are_written_with_the_decimals_of_the_currency() {
        for (sum, scale, text) in [
            (0, 0, "0"),
            (0, 2, "0.00"),
            (-5, 2, "-0.05"),
            (1 << 70, 0, "1180591620717411303424"),
            (123_456, 3, "123.456"),
        ] {
            assert_eq!(decimal(sum, scale), text);
        }
    }
}
