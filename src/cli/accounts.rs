//! `jangbu accounts`: every account of the bank, including its own cash and fee accounts.

use jangbu::queries::Snapshot;
use serde_json::json;

use super::context::Context;
use super::dry_run::Unit;
use super::error::CliError;
use super::output::{Column, Print, Rows};
use crate::tables::Cell;

/// The number of accounts held in memory at a time.
const PAGE: usize = 1_000;

/// List all accounts and their balances
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    print: Print,
}

/// Prints the accounts in the order of their numbers.
pub(super) fn run(context: &Context, args: &Args) -> Result<(), CliError> {
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
    let mut rows = Rows::new(&context.printer(args.print)?, &columns)?;
    let mut after = None;
    loop {
        let page = context.bank.accounts(after, PAGE)?;
        for account in &page.data {
            rows.push(|| cells(account), || Ok(object(account)))?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    rows.finish()
}

fn cells(account: &Snapshot) -> Vec<Cell> {
    let unit = Unit::of(account);
    vec![
        Cell::text(account.number),
        Cell::text(account.owner),
        Cell::text(account.kind),
        Cell::text(account.currency),
        unit.balance(account.posted),
        unit.amount(account.held),
        unit.amount(account.pending_in),
        available(account),
        Cell::text(account.status),
    ]
}

/// Returns the available amount as a cell; empty for the bank's own accounts, which have no limit.
pub(super) fn available(account: &Snapshot) -> Cell {
    if account.role.is_system() { Cell::Missing } else { Unit::of(account).amount(account.available) }
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
