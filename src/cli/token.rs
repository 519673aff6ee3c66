//! `jangbu token`: manages API tokens, in a running service or in a stopped bank.

use std::io::Write;
use std::path::Path;

use clap::Subcommand;
use jangbu::{AccountNumber, Amount};
use serde_json::{Value, json};

use super::error::CliError;
use super::order::{carry_out, cell_of, time_zone};
use super::output::{Column, Print, Rows, stdout};
use crate::server::local::Order;
use crate::server::scopes::{Bounds, DailyTotal, Scope};
use crate::tables::Cell;

/// Create, list and revoke API tokens; works while the bank is served
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Create a token for a member; its secret is printed once
    Create {
        /// The member's username
        username: String,
        /// The token's name
        #[arg(long)]
        name: String,
        /// A scope of the token; can be repeated
        ///
        /// One of read, transfer, batch, hold, schedule, counter, events, audit, admin_read, admin
        #[arg(long = "scope", value_parser = scope, required = true)]
        scopes: Vec<Scope>,
        #[command(flatten)]
        bounds: BoundsArgs,
        /// The number of days until the token expires
        #[arg(long, default_value_t = 90)]
        days: u16,
    },
    /// List tokens, without their secrets
    List {
        /// The member's username; all members by default
        username: Option<String>,
        #[command(flatten)]
        print: Print,
    },
    /// Revoke a token
    Revoke {
        /// The token's id
        id: uuid::Uuid,
    },
}

/// Parses a scope's name.
fn scope(text: &str) -> Result<Scope, String> {
    let found = Scope::ALL.into_iter().find(|scope| scope.name() == text);
    found.ok_or_else(|| format!("not one of {}", Scope::ALL.map(Scope::name).join(", ")))
}

/// Restrictions of a new token. An omitted one does not apply.
#[derive(Debug, clap::Args)]
struct BoundsArgs {
    /// Restrict the token to reading and paying from this account of the member; can be repeated
    #[arg(long = "account", value_name = "NUMBER", value_parser = AccountNumber::typed)]
    accounts: Vec<AccountNumber>,
    /// Restrict the token to paying to this account; can be repeated
    #[arg(long = "payee", value_name = "NUMBER", value_parser = AccountNumber::typed)]
    payees: Vec<AccountNumber>,
    /// Restrict the token to this address or network, such as 192.0.2.0/24; can be repeated
    #[arg(long = "address", value_name = "NETWORK")]
    addresses: Vec<String>,
    /// The largest total amount that the token may pay in a day, in minor units, such as KRW:500000; once per currency
    #[arg(long = "per-day", value_name = "CURRENCY:AMOUNT", value_parser = daily_total)]
    per_day: Vec<DailyTotal>,
}

impl BoundsArgs {
    fn bounds(self) -> Result<Bounds, CliError> {
        let bounds = json!({
            "accounts": self.accounts, "payees": self.payees, "addresses": self.addresses, "per_day": self.per_day,
        });
        serde_json::from_value(bounds).map_err(|error| CliError::Usage(error.to_string()))
    }
}

/// Parses a daily total.
fn daily_total(text: &str) -> Result<DailyTotal, String> {
    let parts = text.split_once(':').and_then(|(currency, amount)| {
        let amount = amount.parse().ok().and_then(|minor| Amount::new(minor).ok())?;
        Some(DailyTotal { currency: currency.parse().ok()?, amount })
    });
    parts.ok_or_else(|| "not a currency and an amount in minor units, such as KRW:500000".into())
}

/// Carries out the action and prints its result.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    let order = match args.action {
        Action::Create { username, name, scopes, bounds, days } => {
            Order::CreateToken { username, name, scopes, bounds: bounds.bounds()?, days }
        }
        Action::List { username, print } => {
            return list(data, &carry_out(data, Order::ListTokens { username })?, print);
        }
        Action::Revoke { id } => Order::RevokeToken { id },
    };
    let done = carry_out(data, order)?;
    let mut output = stdout();
    if let Some(id) = done.get("token").and_then(|token| token.get("id")).and_then(Value::as_str) {
        writeln!(output, "id      {id}")?;
    }
    if let Some(secret) = done.get("secret").and_then(Value::as_str) {
        writeln!(output, "secret  {secret}")?;
    }
    Ok(output.flush()?)
}

fn list(data: &Path, tokens: &Value, print: Print) -> Result<(), CliError> {
    let fields =
        ["id", "name", "scopes", "bounds", "created_at", "expires_at", "last_used_at", "last_used_from", "revoked_at"];
    let mut rows = Rows::new(&print.in_zone(time_zone(data)?)?, &fields.map(Column::Text))?;
    for token in tokens.as_array().into_iter().flatten() {
        let cell = |field| match token.get(field) {
            Some(Value::String(text)) => cell_of(field, text),
            None | Some(Value::Null) => Cell::Missing,
            Some(Value::Bool(flag)) => Cell::Flag(*flag),
            Some(other) => Cell::text(other),
        };
        rows.push(|| fields.into_iter().map(cell).collect(), || Ok(token.clone()))?;
    }
    rows.finish()
}
