//! `jangbu currency`: the bank's currencies.

use std::path::Path;

use clap::Subcommand;
use jangbu::{Command, CommandId, Currency, Position, queries::Moment};
use serde_json::json;

use super::context::Context;
use super::error::CliError;
use super::fields::Fields;
use super::output::{Column, Print, Rows};
use super::{data, registry};
use crate::tables::Cell;

/// Add a currency, or list the bank's currencies
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a currency; ISO 4217 currencies are added automatically with their first account
    Add {
        /// The code: three capital letters
        code: Currency,
        /// The number of decimals, 0 to 8; it can never be changed
        #[arg(long, value_name = "DECIMALS")]
        scale: u8,
        /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
        #[arg(long, value_name = "UUID")]
        id: Option<CommandId>,
        #[command(flatten)]
        print: Print,
    },
    /// List the bank's currencies
    List {
        #[command(flatten)]
        print: Print,
    },
}

/// Adds a currency, or lists the currencies.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    match args.action {
        Action::Add { code, scale, id, print } => {
            let bank = data::existing(data)?;
            let printer = print.of(&bank)?;
            let id = id.unwrap_or_else(CommandId::random);
            let position = registry::submit(&bank, Command::AddCurrency { id, currency: code, scale })?;
            bank.close()?;
            Fields::default().text("currency", code).plain("scale", scale).plain("position", position).print(&printer)
        }
        Action::List { .. } => data::read(data, |context| args.read(context)),
    }
}

impl Args {
    /// Returns whether the command only reads.
    #[cfg(feature = "server")]
    pub(super) const fn is_reading(&self) -> bool {
        matches!(self.action, Action::List { .. })
    }

    /// Lists the currencies.
    pub(super) fn read(&self, context: &Context) -> Result<(), CliError> {
        let Action::List { print } = &self.action else { return Ok(()) };
        let columns = [Column::Text("currency"), Column::Number("scale")];
        let mut rows = Rows::new(&context.printer(*print)?, &columns)?;
        let now = Moment::Position(Position::new(u64::MAX));
        for total in context.bank.trial_balance_at(now)?.currencies {
            rows.push(
                || vec![Cell::text(total.currency), Cell::number(total.scale)],
                || Ok(json!({ "currency": total.currency, "scale": total.scale })),
            )?;
        }
        rows.finish()
    }
}
