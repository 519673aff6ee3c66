//! `jangbu schedule list`: the schedules that can still run.

use std::path::Path;

use jangbu::{AccountNumber, ScheduledAmount, StandingOrder};
use serde_json::{Value, json};

use super::super::data;
use super::super::error::CliError;
use super::super::output::{Column, Format, Rows, moment};

/// As many schedules as are held in memory at a time.
const PAGE: usize = 1_000;

/// List the schedules that can still run
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only those that pay from or to this account
    #[arg(long, value_name = "NUMBER")]
    account: Option<AccountNumber>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints the schedules in the order of their ids.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = data::reading(data)?;
    // An unknown account is an error before anything is printed.
    if let Some(account) = args.account {
        bank.snapshot(account)?;
    }
    let columns = [
        Column::Text("id"),
        Column::Text("from"),
        Column::Text("to"),
        Column::Number("amount"),
        Column::Text("up_to"),
        Column::Text("when"),
        Column::Text("status"),
        Column::Text("next"),
        Column::Number("posted"),
        Column::Number("failed"),
        Column::Number("skipped"),
    ];
    let mut rows = Rows::new(args.format, &columns)?;
    let mut after = None;
    loop {
        let page = match args.account {
            Some(account) => bank.schedules_of(account, after, PAGE)?,
            None => bank.schedules(after, PAGE)?,
        };
        for order in &page.data {
            let scale = bank.snapshot(order.schedule.from)?.scale;
            rows.push(|| cells(order, scale), || Ok(object(order)))?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    rows.finish()?;
    Ok(bank.close()?)
}

fn is_up_to(order: &StandingOrder) -> bool {
    matches!(order.schedule.amount, ScheduledAmount::UpTo(_))
}

fn next(order: &StandingOrder) -> Option<String> {
    order.progress.pending.map(|pending| moment(pending.at))
}

fn cells(order: &StandingOrder, scale: u8) -> Vec<String> {
    let StandingOrder { id, schedule, progress, .. } = order;
    vec![
        id.to_string(),
        schedule.from.to_string(),
        schedule.to.to_string(),
        schedule.amount.most().to_decimal(scale),
        if is_up_to(order) { "yes" } else { "no" }.into(),
        schedule.rule.to_string(),
        progress.status.to_string(),
        next(order).unwrap_or_default(),
        progress.posted.to_string(),
        progress.failed.to_string(),
        progress.skipped.to_string(),
    ]
}

fn object(order: &StandingOrder) -> Value {
    let StandingOrder { id, schedule, progress, .. } = order;
    json!({
        "id": id,
        "from": schedule.from,
        "to": schedule.to,
        "amount": schedule.amount.most(),
        "up_to": is_up_to(order),
        "when": schedule.rule.to_string(),
        "status": progress.status,
        "next": next(order),
        "posted": progress.posted,
        "failed": progress.failed,
        "skipped": progress.skipped,
    })
}
