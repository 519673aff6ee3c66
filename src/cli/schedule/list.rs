//! `jangbu schedule list`: the schedules that can still run.

use jangbu::{
    AccountNumber, Timestamp,
    schedules::{ScheduledAmount, StandingOrder},
};
use serde_json::{Value, json};

use super::super::args;
use super::super::context::Context;
use super::super::dry_run::Unit;
use super::super::error::CliError;
use super::super::output::{Column, Print, Rows, moment};
use crate::tables::Cell;

/// The number of schedules held in memory at a time.
const PAGE: usize = 1_000;

/// List the schedules that can still run
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Only schedules that pay from or to this account
    #[arg(long, value_name = "NUMBER", value_parser = crate::cli::args::typed)]
    account: Option<AccountNumber>,
    #[command(flatten)]
    print: Print,
}

/// Prints the schedules in the order of their ids.
pub(super) fn run(context: &Context, args: &Args) -> Result<(), CliError> {
    let bank = &context.bank;
    // Report an unknown account before anything is printed.
    let account = args.account.map(|typed| args::resolve(bank, typed)).transpose()?;
    if let Some(account) = account {
        bank.snapshot(account)?;
    }
    let columns = [
        Column::Text("id"),
        Column::Text("from"),
        Column::Text("to"),
        Column::Text("currency"),
        Column::Number("amount"),
        Column::Text("up_to"),
        Column::Number("most_fee"),
        Column::Text("when"),
        Column::Text("status"),
        Column::Text("next"),
        Column::Number("posted"),
        Column::Number("failed"),
        Column::Number("skipped"),
    ];
    let mut rows = Rows::new(&context.printer(args.print)?, &columns)?;
    let mut after = None;
    loop {
        let page = match account {
            Some(account) => bank.schedules_of(account, after, PAGE)?,
            None => bank.schedules(after, PAGE)?,
        };
        for order in &page.data {
            let unit = Unit::of(&bank.snapshot(order.schedule.from)?);
            rows.push(|| cells(order, unit), || Ok(object(order, unit)))?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    rows.finish()
}

fn is_up_to(order: &StandingOrder) -> bool {
    matches!(order.schedule.amount, ScheduledAmount::UpTo(_))
}

fn next(order: &StandingOrder) -> Option<Timestamp> {
    order.progress.pending.map(|pending| pending.at)
}

fn cells(order: &StandingOrder, unit: Unit) -> Vec<Cell> {
    let StandingOrder { id, schedule, progress, .. } = order;
    vec![
        Cell::text(id),
        Cell::text(schedule.from),
        Cell::text(schedule.to),
        Cell::text(unit.currency),
        unit.amount(schedule.amount.most()),
        if is_up_to(order) { "yes" } else { "no" }.into(),
        schedule.most_fee.map_or(Cell::Missing, |most_fee| unit.amount(most_fee)),
        Cell::text(schedule.rule),
        Cell::text(progress.status),
        next(order).into(),
        Cell::number(progress.posted),
        Cell::number(progress.failed),
        Cell::number(progress.skipped),
    ]
}

fn object(order: &StandingOrder, unit: Unit) -> Value {
    let StandingOrder { id, schedule, progress, .. } = order;
    json!({
        "id": id,
        "from": schedule.from,
        "to": schedule.to,
        "currency": unit.currency,
        "scale": unit.scale,
        "amount": schedule.amount.most(),
        "up_to": is_up_to(order),
        "most_fee": schedule.most_fee,
        "when": schedule.rule.to_string(),
        "status": progress.status,
        "next": next(order).map(moment),
        "posted": progress.posted,
        "failed": progress.failed,
        "skipped": progress.skipped,
    })
}
