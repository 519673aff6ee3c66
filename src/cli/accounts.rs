//! `jangbu accounts`: every account of the bank, the bank's own cash and fees among them.

use std::path::Path;

use jangbu::Snapshot;
use serde_json::json;

use super::data;
use super::error::CliError;
use super::output::{Column, Format, Rows};

/// As many accounts as are held in memory at a time.
const PAGE: usize = 1_000;

/// List all accounts and their balances
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints the accounts in the order of their numbers.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = data::reading(data)?;
    let columns = [
        Column::Text("number"),
        Column::Text("owner"),
        Column::Text("type"),
        Column::Text("currency"),
        Column::Number("posted"),
        Column::Number("held"),
        Column::Number("pending_in"),
        Column::Number("available"),
        Column::Text("status"),
    ];
    let mut rows = Rows::new(args.format, &columns)?;
    let mut after = None;
    loop {
        let page = bank.accounts(after, PAGE)?;
        for account in &page.data {
            rows.push(|| cells(account), || Ok(object(account)))?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    rows.finish()?;
    Ok(bank.close()?)
}

fn cells(account: &Snapshot) -> Vec<String> {
    vec![
        account.number.to_string(),
        account.owner.to_string(),
        account.kind.to_string(),
        account.currency.to_string(),
        account.posted.to_decimal(account.scale),
        account.held.to_decimal(account.scale),
        account.pending_in.to_decimal(account.scale),
        available(account),
        account.status.to_string(),
    ]
}

/// What can be spent, for people; empty for the bank's own accounts, which have no bound.
pub(super) fn available(account: &Snapshot) -> String {
    if account.role.is_system() { String::new() } else { account.available.to_decimal(account.scale) }
}

fn object(account: &Snapshot) -> serde_json::Value {
    json!({
        "number": account.number,
        "owner": account.owner,
        "type": account.kind,
        "currency": account.currency,
        "scale": account.scale,
        "posted": account.posted,
        "held": account.held,
        "pending_in": account.pending_in,
        "open_holds": account.holds.len(),
        "available": account.available,
        "status": account.status,
    })
}
