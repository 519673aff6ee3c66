//! Output formats: tables for people, CSV and workbooks for spreadsheets, JSON for programs.

use std::cell::RefCell;
use std::io::{self, BufWriter, IsTerminal, Seek, Write};
use std::rc::Rc;

use clap::ValueEnum;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use jangbu::blocking::Bank;
use jangbu::{Receipt, Timestamp};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::args::Money;
use super::data::time_zone;
use super::error::CliError;
use crate::tables::{Cell, CsvRows, Style, TableError, Workbook, time};

/// The output format of a list or a single item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people: amounts in decimals
    #[default]
    Table,
    /// For spreadsheets: amounts in decimals; text that looks like a formula gets a leading apostrophe
    Csv,
    /// An Excel workbook; redirect it to a file
    Xlsx,
    /// For programs: amounts in minor units, times in UTC
    Json,
}

/// The output format of a report, which has no CSV or workbook form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

/// The output format.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Print {
    /// The output format
    #[arg(long, value_enum, default_value_t, global = true)]
    format: Format,
    /// Print times in UTC instead of the bank's time zone
    #[arg(long, global = true)]
    utc: bool,
    /// Write CSV without a byte order mark
    #[arg(long, global = true)]
    no_bom: bool,
}

impl Print {
    /// Returns a printer to standard output, in the bank's time zone.
    ///
    /// # Errors
    /// When the bank cannot be asked, or a workbook would go to a terminal.
    pub(super) fn of(self, bank: &Bank) -> Result<Printer, CliError> {
        self.to(Sink::default(), self.zone(bank)?)
    }

    /// Returns a printer to standard output for data that belongs to no bank. Times are in UTC.
    ///
    /// # Errors
    /// When a workbook would go to a terminal.
    #[cfg(feature = "server")]
    pub(super) fn without_bank(self) -> Result<Printer, CliError> {
        self.to(Sink::default(), TimeZone::UTC)
    }

    /// Returns a printer to standard output, in `zone` unless UTC is requested.
    ///
    /// # Errors
    /// When a workbook would go to a terminal.
    pub(super) fn in_zone(self, zone: TimeZone) -> Result<Printer, CliError> {
        self.to(Sink::default(), if self.utc { TimeZone::UTC } else { zone })
    }

    /// Returns a printer to `sink`, in the bank's time zone.
    ///
    /// # Errors
    /// As [`Print::of`].
    pub(super) fn into_sink(self, sink: &Sink, bank: &Bank) -> Result<Printer, CliError> {
        self.to(sink.clone(), self.zone(bank)?)
    }

    fn zone(self, bank: &Bank) -> Result<TimeZone, CliError> {
        if self.utc {
            return Ok(TimeZone::UTC);
        }
        time_zone(bank)
    }

    fn to(self, sink: Sink, zone: TimeZone) -> Result<Printer, CliError> {
        if self.format == Format::Xlsx && sink.is_terminal() {
            let what = "a workbook cannot be printed to a terminal; redirect it: `jangbu accounts --format xlsx > accounts.xlsx`";
            return Err(CliError::Usage(what.into()));
        }
        Ok(Printer { format: self.format, style: Style { zone, bom: !self.no_bom }, sink })
    }
}

/// The destination of the output: standard output, or a client of the service.
#[derive(Clone, Default)]
pub(super) struct Sink(Option<Rc<RefCell<dyn Write>>>);

impl Sink {
    #[cfg(feature = "server")]
    pub(super) fn other(to: impl Write + 'static) -> Sink {
        Sink(Some(Rc::new(RefCell::new(to))))
    }

    /// Opens a buffered writer. The caller must flush it, so that no write error is lost.
    pub(super) fn open(&self) -> Output {
        BufWriter::new(match &self.0 {
            None => Box::new(io::stdout().lock()),
            Some(other) => Box::new(Other(Rc::clone(other))),
        })
    }

    fn is_terminal(&self) -> bool {
        self.0.is_none() && io::stdout().is_terminal()
    }
}

/// A shared writer that outlives one output.
struct Other(Rc<RefCell<dyn Write>>);

impl Write for Other {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

/// A buffered output.
pub(super) type Output = BufWriter<Box<dyn Write>>;

/// Opens standard output.
pub(super) fn stdout() -> Output {
    Sink::default().open()
}

/// Prints in the requested format.
#[derive(Clone)]
pub(super) struct Printer {
    pub(super) format: Format,
    style: Style,
    sink: Sink,
}

/// A column's name and alignment.
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

/// Writes rows in the requested format.
///
/// CSV and JSON rows are written as they come, and a workbook's rows wait in a temporary file, so that a bank of any
/// size can be listed. A table is kept in memory until the widths of its columns are known.
pub(super) enum Rows {
    /// A table, its destination, and the time zone of its times.
    Table(Table, Output, TimeZone),
    Csv(CsvRows<Output>),
    /// A workbook and its destination.
    Xlsx(Box<Workbook>, Output),
    /// A JSON array, and whether it has an element yet.
    Json(Output, bool),
}

impl Rows {
    /// Starts the output with its columns.
    pub(super) fn new(printer: &Printer, columns: &[Column]) -> Result<Rows, CliError> {
        let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
        let mut output = printer.sink.open();
        Ok(match printer.format {
            Format::Table => {
                let mut table = plain_table();
                table.set_header(names);
                for (at, column) in table.column_iter_mut().zip(columns) {
                    at.set_cell_alignment(column.alignment());
                }
                Rows::Table(table, output, printer.style.zone.clone())
            }
            Format::Csv => Rows::Csv(CsvRows::begin(output, &names, printer.style.clone())?),
            Format::Xlsx => Rows::Xlsx(Box::new(Workbook::begin(&names, printer.style.clone())?), output),
            Format::Json => {
                output.write_all(b"[")?;
                Rows::Json(output, false)
            }
        })
    }

    /// Adds a row: `cells` in column order for people, `object` for programs.
    pub(super) fn push(
        &mut self,
        cells: impl FnOnce() -> Vec<Cell>,
        object: impl FnOnce() -> Result<Value, serde_json::Error>,
    ) -> Result<(), CliError> {
        match self {
            Rows::Table(table, _, zone) => {
                table.add_row(cells().iter().map(|cell| cell.shown(zone).into_owned()));
            }
            Rows::Csv(file) => file.add(&cells())?,
            Rows::Xlsx(workbook, _) => workbook.add(&cells())?,
            Rows::Json(output, begun) => {
                output.write_all(if *begun { b",\n " } else { b"\n " })?;
                serde_json::to_writer(output, &object()?)?;
                *begun = true;
            }
        }
        Ok(())
    }

    /// Ends the output and flushes it.
    pub(super) fn finish(self) -> Result<(), CliError> {
        match self {
            Rows::Table(mut table, mut output, _) => {
                write_table(&mut table, &mut output)?;
                output.flush()?;
            }
            Rows::Csv(mut file) => file.flush()?,
            Rows::Xlsx(workbook, output) => write_workbook(*workbook, output)?,
            Rows::Json(mut output, begun) => {
                output.write_all(if begun { b"\n]\n" } else { b"]\n" })?;
                output.flush()?;
            }
        }
        Ok(())
    }
}

/// A field's name, and its value for people.
pub(super) type Field = (&'static str, Cell);

/// Prints one item: one field per line for people, one row for spreadsheets, one object as JSON.
pub(super) fn print_one(printer: &Printer, fields: &[Field], object: &Value) -> Result<(), CliError> {
    let mut output = printer.sink.open();
    let zone = &printer.style.zone;
    let names = || fields.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let cells = || fields.iter().map(|(_, cell)| cell.clone()).collect::<Vec<_>>();
    match printer.format {
        Format::Table => {
            let mut table = plain_table();
            table.add_rows(fields.iter().map(|(name, cell)| [(*name).into(), cell.shown(zone)]));
            write_table(&mut table, &mut output)?;
        }
        Format::Csv => {
            let mut file = CsvRows::begin(output, &names(), printer.style.clone())?;
            file.add(&cells())?;
            return Ok(file.flush()?);
        }
        Format::Xlsx => {
            let mut workbook = Workbook::begin(&names(), printer.style.clone())?;
            workbook.add(&cells())?;
            return write_workbook(workbook, output);
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut output, object)?;
            writeln!(output)?;
        }
    }
    output.flush()?;
    Ok(())
}

/// Prints one JSON object.
pub(super) fn print_object(object: &Value) -> Result<(), CliError> {
    let mut output = stdout();
    serde_json::to_writer_pretty(&mut output, object)?;
    writeln!(output)?;
    Ok(output.flush()?)
}

/// Prints the receipt of a movement, with the balances that the caller may see.
pub(super) fn print_receipt(
    printer: &Printer,
    receipt: &Receipt,
    money: Money,
    balances: &[(&'static str, jangbu::Balance)],
) -> Result<(), CliError> {
    let unit = money.unit();
    let mut fields = vec![
        ("id", Cell::text(receipt.id)),
        ("position", Cell::number(receipt.position.get())),
        ("recorded_at", receipt.recorded_at.into()),
        ("date", Cell::date(receipt.date)),
        ("currency", Cell::text(money.currency)),
        ("amount", unit.amount(receipt.amount)),
        ("fee", unit.amount(receipt.fee)),
    ];
    fields.extend(balances.iter().map(|(name, balance)| (*name, unit.balance(*balance))));
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
    print_one(printer, &fields, &object)
}

/// Writes a workbook. It is built in a temporary file, so that nothing is printed if building it fails.
fn write_workbook(workbook: Workbook, mut output: Output) -> Result<(), CliError> {
    let mut file = tempfile::tempfile().map_err(TableError::from)?;
    workbook.write(&mut file)?;
    file.rewind().map_err(TableError::from)?;
    io::copy(&mut file, &mut output)?;
    Ok(output.flush()?)
}

/// Formats a moment for programs: in UTC, to the nanosecond.
pub(super) fn moment(moment: Timestamp) -> String {
    time(moment, &TimeZone::UTC)
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

    use super::moment;

    #[test]
    fn printed_moments_parse_back_to_the_same_moment() {
        let mut ns: i64 = 1_795_457_319_478_031_421;
        for _ in 0..1_000 {
            ns = ns.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = Timestamp::from_ns(ns);
            assert_eq!(moment(at).parse().ok(), Some(at), "{ns}");
        }
        assert_eq!(moment(Timestamp::from_ns(1_500_000_000)), "1970-01-01T00:00:01.500000000Z", "of one width");
    }
}
