//! `jangbu token`: tokens of the API, of a running service or of a bank that is stopped.

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
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Create a token for a member; its secret is printed once
    Create {
        /// Whose
        username: String,
        /// The token's name
        #[arg(long)]
        name: String,
        /// What the token may be used for; can be given several times
        ///
        /// One of read, transfer, batch, hold, schedule, counter, events, audit, admin_read, admin
        #[arg(long = "scope", value_parser = scope, required = true)]
        scopes: Vec<Scope>,
        #[command(flatten)]
        bounds: BoundsArgs,
        /// The number of days until it expires
        #[arg(long, default_value_t = 90)]
        days: u16,
    },
    /// List tokens, without their secrets
    List {
        /// Whose; everybody's when not given
        username: Option<String>,
        #[command(flatten)]
        print: Print,
    },
    /// Revoke a token
    Revoke {
        /// Its id
        id: uuid::Uuid,
    },
}

/// Reads a scope by its name.
fn scope(text: &str) -> Result<Scope, String> {
    let found = Scope::ALL.into_iter().find(|scope| scope.name() == text);
    found.ok_or_else(|| format!("is none of {}", Scope::ALL.map(Scope::name).join(", ")))
}

/// What a new token is bound to; to nothing of what is not given.
#[derive(Debug, clap::Args)]
struct BoundsArgs {
    /// The only account of the member that the token reads and pays from; can be given several times
    #[arg(long = "account", value_name = "NUMBER", value_parser = AccountNumber::typed)]
    accounts: Vec<AccountNumber>,
    /// The only account that the token pays to; can be given several times
    #[arg(long = "payee", value_name = "NUMBER", value_parser = AccountNumber::typed)]
    payees: Vec<AccountNumber>,
    /// The only address or network that the token is used from, as 192.0.2.0/24; can be given several times
    #[arg(long = "address", value_name = "NETWORK")]
    addresses: Vec<String>,
    /// The most that the token pays in a day, in minor units, as KRW:500000; once for each currency
    #[arg(long = "per-day", value_name = "CURRENCY:AMOUNT", value_parser = total)]
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

/// Reads a total of a day.
fn total(text: &str) -> Result<DailyTotal, String> {
    let parts = text.split_once(':').and_then(|(currency, amount)| {
        let amount = amount.parse().ok().and_then(|minor| Amount::new(minor).ok())?;
        Some(DailyTotal { currency: currency.parse().ok()?, amount })
    });
    parts.ok_or_else(|| "is no currency and amount in minor units, as KRW:500000".into())
}

/// Does what was asked and prints what is to be known.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    let order = match args.what {
        What::Create { username, name, scopes, bounds, days } => {
            Order::CreateToken { username, name, scopes, bounds: bounds.bounds()?, days }
        }
        What::List { username, print } => {
            return list(data, &carry_out(data, Order::ListTokens { username })?, print);
        }
        What::Revoke { id } => Order::RevokeToken { id },
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
