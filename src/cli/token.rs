//! `jangbu token`: tokens of the API, of a running service or of a bank that is stopped.

use std::io::Write;
use std::path::Path;

use clap::{Subcommand, ValueEnum};
use serde_json::Value;

use super::error::CliError;
use super::order::{carry_out, cell_of, time_zone};
use super::output::{Column, Print, Rows, stdout};
use crate::server::local::Order;
use crate::server::principal;
use crate::tables::Cell;

/// Make, list and revoke tokens of the API, also while the bank is served
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a token of a member; its secret is printed once
    Create {
        /// Whose
        username: String,
        /// What the token is called
        #[arg(long)]
        name: String,
        /// What it may be used for; can be given several times
        #[arg(long = "scope", value_enum, required = true)]
        scopes: Vec<Scope>,
        /// For how many days
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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Scope {
    Read,
    Transfer,
    Batch,
    Counter,
    Admin,
}

impl From<Scope> for principal::Scope {
    fn from(scope: Scope) -> principal::Scope {
        match scope {
            Scope::Read => principal::Scope::Read,
            Scope::Transfer => principal::Scope::Transfer,
            Scope::Batch => principal::Scope::Batch,
            Scope::Counter => principal::Scope::Counter,
            Scope::Admin => principal::Scope::Admin,
        }
    }
}

/// Does what was asked and prints what is to be known.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    let order = match args.what {
        What::Create { username, name, scopes, days } => {
            Order::CreateToken { username, name, scopes: scopes.into_iter().map(Into::into).collect(), days }
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
    let fields = ["id", "name", "scopes", "created_at", "expires_at", "revoked_at"];
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
