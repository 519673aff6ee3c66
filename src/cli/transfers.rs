//! `jangbu transfers`: movements of money by everything that can be asked of them.

use std::path::Path;

use clap::{ArgGroup, ValueEnum};
use jangbu::blocking::Bank;
use jangbu::{
    AccountNumber, Amount, CommandId, Movement, MovementKind, MovementStatus, Order, OwnerId, Position, Timestamp,
    TransferQuery,
};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as Unknown, StrDeserializer};
use serde_json::{Value, json};

use super::data;
use super::error::CliError;
use super::output::{Column, Format, Rows, moment};
use super::when;

/// As many movements as are held in memory at a time.
const PAGE: usize = 1_000;

/// List movements of money: transfers, cash, holds, what became of them, reversals, sweeps
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("whose").args(["account", "owner"]).multiple(true))]
pub(super) struct Args {
    /// Sent or received by this account
    #[arg(long)]
    account: Option<AccountNumber>,
    /// Sent or received by an account of this owner
    #[arg(long)]
    owner: Option<OwnerId>,
    /// Recorded at or after this moment (2026-11-22T09:00:00+09:00)
    #[arg(long, value_name = "MOMENT", value_parser = when::moment)]
    from: Option<Timestamp>,
    /// Recorded before this moment
    #[arg(long, value_name = "MOMENT", value_parser = when::moment)]
    to: Option<Timestamp>,
    /// Of at least this amount, in minor units
    #[arg(long, value_name = "UNITS", value_parser = units)]
    least: Option<Amount>,
    /// Of at most this amount, in minor units
    #[arg(long, value_name = "UNITS", value_parser = units)]
    most: Option<Amount>,
    /// Standing so: posted, pending, cancelled, rejected, held, settled, partly_settled, voided, expired; refused ones are
    /// found only when asked for
    #[arg(long, value_parser = named::<MovementStatus>)]
    status: Option<MovementStatus>,
    /// Of this kind, or of several: transfer, deposit, withdrawal, sweep, reversal, hold, settlement, release
    #[arg(long, value_delimiter = ',', value_parser = named::<MovementKind>)]
    kind: Vec<MovementKind>,
    /// Coming in or going out, as seen from --account or --owner
    #[arg(long, value_enum, requires = "whose")]
    direction: Option<Way>,
    /// Of this hold: its settlements and its release; or the verified transfer of this id
    #[arg(long, value_name = "UUID")]
    hold: Option<CommandId>,
    /// With this text in a label, in the reference or in a reason, in upper or lower case
    #[arg(long)]
    text: Option<String>,
    /// With this pair among its metadata; can be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    metadata: Vec<(String, String)>,
    /// In which order
    #[arg(long, value_enum, default_value_t)]
    order: Direction,
    /// Only what comes behind this position of the journal in that order
    #[arg(long, value_name = "POSITION")]
    after: Option<u64>,
    /// No more than about so many: the steps of linked movements stay together
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Which way money goes.
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
    /// The newest first
    #[default]
    Newest,
    /// The oldest first
    Oldest,
}

fn units(text: &str) -> Result<Amount, String> {
    let units: u64 = text.parse().map_err(|_| "no number of minor units".to_owned())?;
    Amount::new(units).map_err(|error| error.to_string())
}

/// Reads a name as JSON has it.
fn named<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
    let name: StrDeserializer<'_, Unknown> = text.into_deserializer();
    T::deserialize(name).map_err(|error| error.to_string())
}

/// Prints the movements that fit.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = data::reading(data)?;
    let columns = [
        Column::Number("position"),
        Column::Text("recorded_at"),
        Column::Text("kind"),
        Column::Text("status"),
        Column::Text("from"),
        Column::Text("to"),
        Column::Number("amount"),
        Column::Number("fee"),
        Column::Number("reversed"),
        Column::Text("label"),
        Column::Text("reference"),
        Column::Text("id"),
    ];
    let mut rows = Rows::new(args.format, &columns)?;
    let mut query = query(args);
    let mut left = args.limit.unwrap_or(usize::MAX);
    while left > 0 {
        query.limit = left.min(PAGE);
        let page = bank.transfers(query.clone())?;
        left = left.saturating_sub(page.data.len());
        for movement in &page.data {
            let scale = scale(&bank, movement)?;
            rows.push(|| cells(movement, scale), || object(movement))?;
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    rows.finish()?;
    Ok(bank.close()?)
}

fn query(args: &Args) -> TransferQuery {
    TransferQuery {
        account: args.account,
        owner: args.owner,
        from: args.from,
        to: args.to,
        least: args.least,
        most: args.most,
        status: args.status,
        kinds: args.kind.clone(),
        direction: args.direction.map(|way| match way {
            Way::In => jangbu::Direction::In,
            Way::Out => jangbu::Direction::Out,
        }),
        hold: args.hold,
        text: args.text.clone(),
        metadata: args.metadata.clone(),
        viewer: jangbu::Viewer::Bank,
        order: match args.order {
            Direction::Newest => Order::NewestFirst,
            Direction::Oldest => Order::OldestFirst,
        },
        after: args.after.map(Position::new),
        limit: 0,
    }
}

/// The decimals of a movement's currency, which is that of either account; none where no such account is there.
fn scale(bank: &Bank, movement: &Movement) -> Result<u8, CliError> {
    for number in movement.from.iter().chain(&movement.to) {
        match bank.snapshot(*number) {
            Ok(account) => return Ok(account.scale),
            Err(jangbu::Error::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(0)
}

fn cells(movement: &Movement, scale: u8) -> Vec<String> {
    let number = |number: Option<AccountNumber>| number.map(|number| number.to_string()).unwrap_or_default();
    vec![
        movement.position.to_string(),
        moment(movement.recorded_at),
        movement.kind.to_string(),
        movement.status.to_string(),
        number(movement.from),
        number(movement.to),
        movement.amount.to_decimal(scale),
        movement.fee.to_decimal(scale),
        movement.reversed.to_decimal(scale),
        movement.details.sender_label.clone(),
        movement.details.reference.clone(),
        movement.id.to_string(),
    ]
}

fn object(movement: &Movement) -> Result<Value, serde_json::Error> {
    let mut object = serde_json::to_value(movement)?;
    if let Some(fields) = object.as_object_mut() {
        fields.insert("recorded_at".into(), json!(moment(movement.recorded_at)));
        fields.insert("asked_at".into(), json!(movement.asked_at.map(moment)));
        fields.insert("ended_at".into(), json!(movement.ended_at.map(moment)));
        fields.insert("date".into(), json!(movement.date.to_string()));
    }
    Ok(object)
}
