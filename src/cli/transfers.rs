//! `jangbu transfers`: a search over movements of money.

use std::collections::HashMap;

use clap::{ArgGroup, ValueEnum};
use jangbu::blocking::Bank;
use jangbu::{
    AccountNumber, Amount, Currency, HoldId, OwnerId, Position,
    queries::{Movement, MovementKind, MovementStatus, Order, TransferQuery},
    time::When,
};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as Unknown, StrDeserializer};
use serde_json::{Value, json};

use super::args;
use super::bounds::Bound;
use super::context::Context;
use super::data::time_zone;
use super::dry_run::Unit;
use super::error::CliError;
use super::output::{Column, Print, Rows, moment};
use crate::tables::Cell;

/// The number of movements held in memory at a time.
const PAGE: usize = 1_000;
/// The number of accounts whose currency is cached. A full cache is cleared.
const MAX_CACHED_UNITS: usize = 100_000;

/// Search movements of money by account, owner, date, amount, status or text
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("whose").args(["account", "owner"]).multiple(true))]
pub(super) struct Args {
    /// Sent or received by this account
    #[arg(long, value_parser = crate::cli::args::typed)]
    account: Option<AccountNumber>,
    /// Sent or received by an account of this owner
    #[arg(long)]
    owner: Option<OwnerId>,
    /// Recorded on or after this day in the bank's time zone (2026-11-22), or at or after this moment
    /// (2026-11-22T09:00:00+09:00)
    #[arg(long, value_name = "WHEN")]
    from: Option<When>,
    /// Recorded on or before this day, or before this moment; 9999-12-31 means no end
    #[arg(long, value_name = "WHEN")]
    to: Option<When>,
    /// At least this amount, in decimals of the movement's own currency (1234.50)
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    least: Option<Bound>,
    /// At most this amount, in decimals of the movement's own currency
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    most: Option<Bound>,
    /// In this currency
    #[arg(long)]
    currency: Option<Currency>,
    /// With this status: posted, pending, cancelled, rejected, held, settled, partly_settled, voided or expired;
    /// refused movements are shown only with --status refused
    #[arg(long, value_parser = named::<MovementStatus>)]
    status: Option<MovementStatus>,
    /// Of these kinds, separated by commas: transfer, deposit, withdrawal, sweep, reversal, hold, settlement, release
    #[arg(long, value_delimiter = ',', value_parser = named::<MovementKind>)]
    kind: Vec<MovementKind>,
    /// Incoming or outgoing, as seen from --account or --owner
    #[arg(long, value_enum, requires = "whose")]
    direction: Option<Way>,
    /// The settlements and the release of this hold, or of the verified transfer with this id
    #[arg(long, value_name = "UUID")]
    hold: Option<HoldId>,
    /// With this text in a label, the reference, the end-to-end id or a reason, in upper or lower case
    #[arg(long)]
    text: Option<String>,
    /// With this metadata pair; can be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    metadata: Vec<(String, String)>,
    /// The order of the list
    #[arg(long, value_enum, default_value_t)]
    order: Direction,
    /// Only movements after this journal position, in the chosen order
    #[arg(long, value_name = "POSITION")]
    after: Option<u64>,
    /// The largest number of movements; may be exceeded to keep linked steps together
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    #[command(flatten)]
    print: Print,
}

/// The direction of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Way {
    /// To the account or owner
    In,
    /// From the account or owner
    Out,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("not a pair such as order=4711")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Direction {
    /// Newest first
    #[default]
    Newest,
    /// Oldest first
    Oldest,
}

/// Parses a name in its JSON spelling.
fn named<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
    let name: StrDeserializer<'_, Unknown> = text.into_deserializer();
    T::deserialize(name).map_err(|error| error.to_string())
}

/// Prints the matching movements.
pub(super) fn run(context: &Context, args: &Args) -> Result<(), CliError> {
    let columns = [
        Column::Number("position"),
        Column::Text("recorded_at"),
        Column::Text("kind"),
        Column::Text("status"),
        Column::Text("from"),
        Column::Text("to"),
        Column::Text("currency"),
        Column::Number("amount"),
        Column::Number("fee"),
        Column::Number("reversed"),
        Column::Text("label"),
        Column::Text("reference"),
        Column::Text("end_to_end_id"),
        Column::Text("id"),
    ];
    let mut rows = Rows::new(&context.printer(args.print)?, &columns)?;
    let mut query = query(&context.bank, args)?;
    let mut units = Units::default();
    let mut left = args.limit.unwrap_or(usize::MAX);
    while left > 0 {
        query.limit = left.min(PAGE);
        let page = context.bank.transfers(query.clone())?;
        for movement in &page.data {
            let unit = units.of(&context.bank, movement)?;
            if args.fits(movement, unit) {
                rows.push(|| cells(movement, unit), || object(movement, unit))?;
                left = left.saturating_sub(1);
            }
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    rows.finish()
}

fn query(bank: &Bank, args: &Args) -> Result<TransferQuery, CliError> {
    let zone = time_zone(bank)?;
    Ok(TransferQuery {
        account: args.account.map(|typed| args::resolve(bank, typed)).transpose()?,
        owner: args.owner,
        from: args.from.map(|from| from.begin(&zone)).transpose()?,
        to: args.to.map(|to| to.end(&zone)).transpose()?.flatten(),
        least: args.least.map(Bound::fewest_units),
        most: None,
        status: args.status,
        kinds: args.kind.clone(),
        direction: args.direction.map(|way| match way {
            Way::In => jangbu::queries::Direction::In,
            Way::Out => jangbu::queries::Direction::Out,
        }),
        hold: args.hold,
        text: args.text.clone(),
        metadata: args.metadata.clone(),
        viewer: jangbu::queries::Viewer::Bank,
        order: match args.order {
            Direction::Newest => Order::NewestFirst,
            Direction::Oldest => Order::OldestFirst,
        },
        after: args.after.map(Position::new),
        limit: 0,
    })
}

impl Args {
    /// Returns whether a movement matches the requested currency and amounts, which the bank does not filter by.
    fn fits(&self, movement: &Movement, unit: Option<Unit>) -> bool {
        if self.least.is_none() && self.most.is_none() && self.currency.is_none() {
            return true;
        }
        // Without its currency an amount cannot be compared.
        let Some(Unit { currency, scale }) = unit else { return false };
        self.least.is_none_or(|least| least.is_reached_by(movement.amount, scale))
            && self.most.is_none_or(|most| most.is_kept_by(movement.amount, scale))
            && self.currency.is_none_or(|wanted| wanted == currency)
    }
}

/// A cache of the currencies of accounts.
#[derive(Debug, Default)]
struct Units {
    known: HashMap<AccountNumber, Unit>,
}

impl Units {
    /// Returns the unit of a movement's amounts, which is that of either account, or `None` if neither account exists.
    fn of(&mut self, bank: &Bank, movement: &Movement) -> Result<Option<Unit>, CliError> {
        for number in movement.from.iter().chain(&movement.to) {
            if let Some(unit) = self.known.get(number) {
                return Ok(Some(*unit));
            }
            match bank.snapshot(*number) {
                Ok(account) => {
                    let unit = Unit::of(&account);
                    if self.known.len() >= MAX_CACHED_UNITS {
                        self.known.clear();
                    }
                    self.known.insert(*number, unit);
                    return Ok(Some(unit));
                }
                Err(jangbu::Error::Refused(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }
}

fn cells(movement: &Movement, unit: Option<Unit>) -> Vec<Cell> {
    let number = |number: Option<AccountNumber>| number.map_or(Cell::Missing, Cell::text);
    let amount = |amount: Amount| unit.map_or(Cell::Missing, |unit| unit.amount(amount));
    vec![
        Cell::number(movement.position.get()),
        movement.recorded_at.into(),
        Cell::text(movement.kind),
        Cell::text(movement.status),
        number(movement.from),
        number(movement.to),
        unit.map_or(Cell::Missing, |unit| Cell::text(unit.currency)),
        amount(movement.amount),
        amount(movement.fee),
        amount(movement.reversed),
        Cell::text(&movement.details.sender_label),
        Cell::text(&movement.details.reference),
        Cell::text(movement.details.end_to_end_id().unwrap_or_default()),
        Cell::text(movement.id),
    ]
}

fn object(movement: &Movement, unit: Option<Unit>) -> Result<Value, serde_json::Error> {
    let mut object = serde_json::to_value(movement)?;
    if let Some(fields) = object.as_object_mut() {
        fields.insert("recorded_at".into(), json!(moment(movement.recorded_at)));
        fields.insert("asked_at".into(), json!(movement.asked_at.map(moment)));
        fields.insert("ended_at".into(), json!(movement.ended_at.map(moment)));
        fields.insert("date".into(), json!(movement.date.to_string()));
        fields.insert("currency".into(), json!(unit.map(|unit| unit.currency)));
        fields.insert("scale".into(), json!(unit.map(|unit| unit.scale)));
        fields.insert("end_to_end_id".into(), json!(movement.details.end_to_end_id()));
    }
    Ok(object)
}
