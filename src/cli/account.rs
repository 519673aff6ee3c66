//! `jangbu account`: all that can be said about one account.

use std::path::Path;

use jangbu::{AccountNumber, Amount, Snapshot, SnapshotHold};
use serde_json::json;

use super::accounts::available;
use super::data;
use super::error::CliError;
use super::output::{Format, moment, print_one};

/// Show one account: balance, limits, what is left of today
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account number
    number: AccountNumber,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints the account.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = data::reading(data)?;
    let account = bank.snapshot(args.number)?;
    print_one(args.format, &fields(&account), &object(&account))?;
    Ok(bank.close()?)
}

fn fields(account: &Snapshot) -> Vec<(&'static str, String)> {
    let decimal = |amount: Amount| amount.to_decimal(account.scale);
    let limit = |limit: Option<Amount>| limit.map_or("none".into(), decimal);
    let frozen = match (account.frozen.debits, account.frozen.credits) {
        (false, false) => "no",
        (true, false) => "debits",
        (false, true) => "credits",
        (true, true) => "debits and credits",
    };
    vec![
        ("number", account.number.to_string()),
        ("owner", account.owner.to_string()),
        ("type", account.kind.to_string()),
        ("currency", account.currency.to_string()),
        ("status", account.status.to_string()),
        ("frozen", frozen.into()),
        ("opened_at", moment(account.opened_at)),
        ("posted", account.posted.to_decimal(account.scale)),
        ("held", decimal(account.held)),
        ("pending_in", decimal(account.pending_in)),
        ("open_holds", account.holds.len().to_string()),
        ("available", available(account)),
        ("overdraft", decimal(account.overdraft)),
        ("limit_per_transfer", limit(account.limit_per_transfer)),
        ("limit_per_day", limit(account.limit_per_day)),
        ("left_today", limit(account.left_today)),
        ("free_transfers_left", account.free_transfers_left.to_string()),
        ("date", account.date.to_string()),
        ("version", account.version.to_string()),
        ("position", account.position.to_string()),
    ]
}

fn hold(hold: &SnapshotHold) -> serde_json::Value {
    json!({
        "id": hold.id,
        "held": hold.held,
        "remaining": hold.remaining,
        "placed_at": moment(hold.placed_at),
        "expires_at": hold.expires_at.map(moment),
        "verified": hold.verified,
        "position": hold.position,
    })
}

fn object(account: &Snapshot) -> serde_json::Value {
    json!({
        "number": account.number,
        "owner": account.owner,
        "type": account.kind,
        "currency": account.currency,
        "scale": account.scale,
        "status": account.status,
        "frozen": account.frozen,
        "opened_at": moment(account.opened_at),
        "posted": account.posted,
        "held": account.held,
        "pending_in": account.pending_in,
        "holds": account.holds.iter().map(hold).collect::<Vec<_>>(),
        "available": account.available,
        "overdraft": account.overdraft,
        "limit_per_transfer": account.limit_per_transfer,
        "limit_per_day": account.limit_per_day,
        "left_today": account.left_today,
        "free_transfers_left": account.free_transfers_left,
        "date": account.date.to_string(),
        "version": account.version,
        "position": account.position,
    })
}
