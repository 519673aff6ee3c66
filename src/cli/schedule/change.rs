//! `jangbu schedule pause`, `resume` and `cancel`.

use std::path::Path;

use jangbu::{ChangeSchedule, CommandId, ScheduleChange};
use serde_json::json;

use super::super::data;
use super::super::error::CliError;
use super::super::output::{Format, moment, print_one};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The schedule's id
    schedule: CommandId,
    /// The id under which the change happens at most once, a UUID; repeat it to repeat a command safely
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Changes the schedule and prints where it stands.
pub(super) fn run(data: &Path, args: &Args, change: ScheduleChange) -> Result<(), CliError> {
    let bank = data::existing(data)?;
    let id = args.id.unwrap_or_else(CommandId::random);
    bank.change_schedule(ChangeSchedule { id, schedule: args.schedule, change })?;
    let order = bank.standing_order(args.schedule)?;
    bank.close()?;
    let progress = order.map(|order| order.progress);
    let status = progress.map(|progress| progress.status);
    let next = progress.and_then(|progress| progress.pending).map(|pending| moment(pending.at));
    let fields = [
        ("id", args.schedule.to_string()),
        ("status", status.map(|status| status.to_string()).unwrap_or_default()),
        ("next", next.clone().unwrap_or_default()),
    ];
    print_one(args.format, &fields, &json!({ "id": args.schedule, "status": status, "next": next }))
}
