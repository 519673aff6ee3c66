//! `jangbu schedule add`: creates a schedule.

use std::path::Path;

use clap::ValueEnum;
use jangbu::{
    AccountNumber, BusinessDate, CommandId,
    schedules::{CatchUp, End, Retry, Rule, Schedule, SetSchedule, TimeOfDay, Weekdays},
    time::When,
};
use jiff::tz::TimeZone;
use serde_json::json;

use super::super::error::CliError;
use super::super::output::{Print, moment, print_one};
use super::super::texts::Texts;
use super::super::{args, data};
use crate::tables::Cell;

/// Create a schedule; dates and times are in the bank's time zone
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account to debit
    #[arg(value_parser = crate::cli::args::typed)]
    from: AccountNumber,
    /// The account to credit
    #[arg(value_parser = crate::cli::args::typed)]
    to: AccountNumber,
    /// The amount of each run, in decimals of the sender's currency
    #[arg(allow_negative_numbers = true)]
    amount: String,
    #[command(flatten)]
    rule: RuleArgs,
    /// The time of day of a daily, weekly or monthly schedule
    #[arg(long, value_name = "HH:MM", default_value = "00:00")]
    time: TimeOfDay,
    /// Run every N days, weeks or months
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "at")]
    every: u16,
    /// The first date on which the schedule may run; today by default
    #[arg(long, value_name = "DATE", conflicts_with = "at")]
    start: Option<BusinessDate>,
    /// The last date on which the schedule may run
    #[arg(long, value_name = "DATE", conflicts_with_all = ["at", "times"])]
    until: Option<BusinessDate>,
    /// End after N runs
    #[arg(long, value_name = "N", conflicts_with = "at")]
    times: Option<u32>,
    /// Move what is available if that is less than the amount
    #[arg(long)]
    up_to: bool,
    /// The largest fee to accept for each run, in decimals of the sender's currency; with a larger fee, the run is
    /// refused
    #[arg(long, value_name = "AMOUNT")]
    most_fee: Option<String>,
    /// What happens to runs that were missed while the bank was closed
    #[arg(long, value_enum, default_value_t)]
    catch_up: CatchUpArg,
    /// The number of retries of a run that lacks funds
    #[arg(long, value_name = "N", default_value_t = 0, requires = "retry_after")]
    retries: u8,
    /// The time between two attempts, in seconds
    #[arg(long, value_name = "SECONDS", requires = "retries")]
    retry_after: Option<u32>,
    #[command(flatten)]
    texts: Texts,
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct RuleArgs {
    /// Run once, at a moment (2026-12-01T09:00:00+09:00), or when a day of the bank begins (2026-12-01)
    #[arg(long, value_name = "WHEN")]
    at: Option<When>,
    /// Run every day
    #[arg(long)]
    daily: bool,
    /// Run on these days of the week (mon,thu)
    #[arg(long, value_name = "DAYS")]
    weekly: Option<Weekdays>,
    /// Run on this day of the month, or on the last day of a shorter month
    #[arg(long, value_name = "DAY")]
    monthly: Option<u8>,
}

/// The treatment of runs that were missed while the bank was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum CatchUpArg {
    /// Run each of them
    All,
    /// Run only the latest
    #[default]
    Latest,
    /// Run none that is more than an hour late
    Skip,
}

/// Creates the schedule and prints its id and next run.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    let bank = data::existing(data)?;
    let (from, to) = (args::resolve(&bank, args.from)?, args::resolve(&bank, args.to)?);
    let money = args::amount_of(&bank, from, &args.amount)?;
    let mut schedule = Schedule::new(from, to, money.amount, rule(&args, &data::time_zone(&bank)?)?);
    schedule.start = args.start;
    schedule.end = match (args.times, args.until) {
        (Some(times), _) => End::AfterRuns(times),
        (None, Some(day)) => End::Until(day),
        (None, None) => End::Never,
    };
    schedule.catch_up = match args.catch_up {
        CatchUpArg::All => CatchUp::All,
        CatchUpArg::Latest => CatchUp::Latest,
        CatchUpArg::Skip => CatchUp::Skip,
    };
    schedule.retry = Retry { attempts: args.retries, interval_s: args.retry_after.unwrap_or_default() };
    schedule.most_fee = args.most_fee.as_deref().map(|fee| args::amount(fee, money.scale)).transpose()?;
    if args.up_to {
        schedule = schedule.up_to();
    }
    schedule.details = args.texts.details();
    let set = SetSchedule { id: args.id.unwrap_or_else(CommandId::random), schedule };
    let id = set.id;
    bank.schedule(set)?;
    let order = bank.standing_order(id)?;
    let printer = args.print.of(&bank)?;
    bank.close()?;
    let next = order.and_then(|order| order.progress.pending).map(|pending| pending.at);
    let fields = [("id", Cell::text(id)), ("next", next.into())];
    print_one(&printer, &fields, &json!({ "id": id, "next": next.map(moment) }))
}

fn rule(args: &Args, zone: &TimeZone) -> Result<Rule, CliError> {
    let (every, at) = (args.every, args.time);
    Ok(match args.rule {
        RuleArgs { at: Some(when), .. } => Rule::Once(when.begin(zone)?),
        RuleArgs { weekly: Some(days), .. } => Rule::Weekly { every, days, at },
        RuleArgs { monthly: Some(day), .. } => Rule::Monthly { every, day, at },
        RuleArgs { .. } => Rule::Daily { every, at },
    })
}
