//! `jangbu schedule pause`, `resume` and `cancel`.

use std::path::Path;

use jangbu::{
    CommandId,
    schedules::{ChangeSchedule, ScheduleChange},
};
use serde_json::json;

use super::super::data;
use super::super::error::CliError;
use super::super::output::{Print, moment, print_one};
use crate::tables::Cell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The schedule's id
    schedule: CommandId,
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

/// Changes the schedule and prints its state.
pub(super) fn run(data: &Path, args: &Args, change: ScheduleChange) -> Result<(), CliError> {
    let bank = data::existing(data)?;
    let before = bank.standing_order(args.schedule)?.map(|order| order.progress.status);
    // A command without an id cannot be repeated, so a change that has no effect is not recorded.
    if args.id.is_some() || !before.is_some_and(|status| change.leaves(status)) {
        let id = args.id.unwrap_or_else(CommandId::random);
        bank.change_schedule(ChangeSchedule { id, schedule: args.schedule, change })?;
    }
    let order = bank.standing_order(args.schedule)?;
    let printer = args.print.of(&bank)?;
    bank.close()?;
    let progress = order.map(|order| order.progress);
    let status = progress.map(|progress| progress.status);
    let next = progress.and_then(|progress| progress.pending).map(|pending| pending.at);
    let fields = [
        ("id", Cell::text(args.schedule)),
        ("status", status.map_or(Cell::Missing, Cell::text)),
        ("next", next.into()),
    ];
    print_one(&printer, &fields, &json!({ "id": args.schedule, "status": status, "next": next.map(moment) }))
}
