//! `jangbu type`: account types, the terms shared by accounts of one kind.

use std::path::Path;

use clap::Subcommand;
use jangbu::blocking::Bank;
use jangbu::{
    Amount, Command, CommandId, Currency,
    accounts::{AccountType, TypeCode},
};
use serde_json::Value;

use super::context::Context;
use super::dry_run::Unit;
use super::error::CliError;
use super::fields::Fields;
use super::output::{Column, Print, Rows};
use super::{args, data, registry};
use crate::tables::Cell;

/// Create, change and list account types
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Set(Box<SetArgs>),
    /// List the account types, including the built-in one
    List {
        #[command(flatten)]
        print: Print,
    },
}

/// Create an account type, or change the given terms of an existing one
#[derive(Debug, clap::Args)]
struct SetArgs {
    /// The code: 1 to 10 letters, digits, hyphens and underscores
    code: TypeCode,
    /// The display name; a new type is named by its code by default
    #[arg(long)]
    name: Option<String>,
    /// The currency of every account of the type; required for a new type, and fixed for good
    #[arg(long)]
    currency: Option<Currency>,
    /// The fee of a transfer after the day's free transfers are used up, in decimals of the currency
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    fee: Option<String>,
    /// The largest amount of one transfer, in decimals, or `none`
    #[arg(long, value_name = "LIMIT", allow_negative_numbers = true)]
    limit_per_transfer: Option<String>,
    /// The largest total amount of a day's transfers, in decimals, or `none`
    #[arg(long, value_name = "LIMIT", allow_negative_numbers = true)]
    limit_per_day: Option<String>,
    /// Whether transfers between two accounts of this type and of one owner are free
    #[arg(long, value_name = "BOOL")]
    same_owner_exempt: Option<bool>,
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

/// Creates or changes a type, or lists the types.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    match &args.action {
        Action::Set(args) => set(data, args),
        Action::List { .. } => data::read(data, |context| args.read(context)),
    }
}

fn set(data: &Path, args: &SetArgs) -> Result<(), CliError> {
    let bank = data::existing(data)?;
    let printer = args.print.of(&bank)?;
    let (kind, unit) = wanted(&bank, args)?;
    // A command without an id cannot be repeated, so a change that has no effect is not recorded.
    if args.id.is_some() || !bank.account_types()?.contains(&kind) {
        let id = args.id.unwrap_or_else(CommandId::random);
        registry::submit(&bank, Command::SetType { id, account_type: Box::new(kind.clone()) })?;
    }
    bank.close()?;
    fields(&kind, unit).print(&printer)
}

/// Returns the type with the requested changes, and the unit of its amounts.
fn wanted(bank: &Bank, args: &SetArgs) -> Result<(AccountType, Option<Unit>), CliError> {
    let known = bank.account_types()?.into_iter().find(|kind| kind.code == args.code);
    let mut kind = match (known, args.currency) {
        (Some(mut known), currency) => {
            // The ledger refuses a change of currency.
            known.currency = currency.or(known.currency);
            known
        }
        (None, Some(currency)) => AccountType::new(args.code, args.code.as_str(), currency),
        (None, None) => {
            let what = format!("there is no account type {}; a new one needs --currency", args.code);
            return Err(CliError::Usage(what));
        }
    };
    let unit = unit(bank, kind.currency)?;
    let amount = |text: &str| match unit {
        Some(unit) => args::amount(text, unit.scale),
        None => Err(CliError::Usage("the built-in type has no currency, so it cannot have amounts".into())),
    };
    let limit = |text: &String| if text == "none" { Ok(None) } else { amount(text).map(Some) };
    if let Some(name) = &args.name {
        kind.name.clone_from(name);
    }
    kind.fee = args.fee.as_deref().map_or(Ok(kind.fee), amount)?;
    kind.limit_per_transfer = args.limit_per_transfer.as_ref().map_or(Ok(kind.limit_per_transfer), limit)?;
    kind.limit_per_day = args.limit_per_day.as_ref().map_or(Ok(kind.limit_per_day), limit)?;
    kind.same_owner_exempt = args.same_owner_exempt.unwrap_or(kind.same_owner_exempt);
    Ok((kind, unit))
}

/// Returns the unit of a type's amounts; `None` for the built-in type.
fn unit(bank: &Bank, currency: Option<Currency>) -> Result<Option<Unit>, CliError> {
    let Some(currency) = currency else { return Ok(None) };
    match bank.currency_scale(currency)? {
        Some(scale) => Ok(Some(Unit { currency, scale })),
        None => Err(jangbu::Refusal::CurrencyUnknown { currency }.into()),
    }
}

fn fields(kind: &AccountType, unit: Option<Unit>) -> Fields {
    let amount = |amount: Amount| unit.map_or(Cell::Missing, |unit| unit.amount(amount));
    let limit = |limit: Option<Amount>| limit.map_or("none".into(), amount);
    Fields::default()
        .text("type", kind.code)
        .text("name", &kind.name)
        .both("currency", kind.currency.map_or(Cell::Missing, Cell::text), serde_json::json!(kind.currency))
        .both("fee", amount(kind.fee), serde_json::json!(kind.fee))
        .both("limit_per_transfer", limit(kind.limit_per_transfer), serde_json::json!(kind.limit_per_transfer))
        .both("limit_per_day", limit(kind.limit_per_day), serde_json::json!(kind.limit_per_day))
        .both("same_owner_exempt", Cell::Flag(kind.same_owner_exempt), Value::Bool(kind.same_owner_exempt))
}

impl Args {
    /// Returns whether the command only reads.
    #[cfg(feature = "server")]
    pub(super) const fn is_reading(&self) -> bool {
        matches!(self.action, Action::List { .. })
    }

    /// Lists the types.
    pub(super) fn read(&self, context: &Context) -> Result<(), CliError> {
        let Action::List { print } = &self.action else { return Ok(()) };
        let columns = [
            Column::Text("type"),
            Column::Text("name"),
            Column::Text("currency"),
            Column::Number("fee"),
            Column::Number("limit_per_transfer"),
            Column::Number("limit_per_day"),
            Column::Text("same_owner_exempt"),
        ];
        let mut rows = Rows::new(&context.printer(*print)?, &columns)?;
        for kind in context.bank.account_types()? {
            let unit = unit(&context.bank, kind.currency)?;
            rows.push(|| fields(&kind, unit).into_cells(), || Ok(fields(&kind, unit).into_object()))?;
        }
        rows.finish()
    }
}
