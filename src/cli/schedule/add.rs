//! `jangbu schedule add`: a new schedule.

use std::path::Path;
use std::str::FromStr;

use clap::ValueEnum;
use jangbu::{
    AccountNumber, BusinessDate, CatchUp, CommandId, Details, End, Retry, Rule, Schedule, SetSchedule, TimeOfDay,
    Timestamp, Weekdays,
};
use jiff::civil::Date;
use serde_json::json;

use super::super::error::CliError;
use super::super::output::{Print, moment, print_one};
use super::super::{args, data};
use crate::tables::Cell;

/// Make a schedule; dates and times are those of the bank's time zone
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account to debit
    from: AccountNumber,
    /// The account to credit
    to: AccountNumber,
    /// How much each run moves, in decimals of the sender's currency
    #[arg(allow_negative_numbers = true)]
    amount: String,
    #[command(flatten)]
    rule: RuleArgs,
    /// The time of day of a daily, weekly or monthly schedule
    #[arg(long, value_name = "HH:MM", default_value = "00:00")]
    time: TimeOfDay,
    /// Every so many days, weeks or months
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "at")]
    every: u16,
    /// The first date on which it may run; today when not given
    #[arg(long, value_name = "DATE", conflicts_with = "at")]
    start: Option<Day>,
    /// The last date on which it may run
    #[arg(long, value_name = "DATE", conflicts_with_all = ["at", "times"])]
    until: Option<Day>,
    /// End after so many runs
    #[arg(long, value_name = "N", conflicts_with = "at")]
    times: Option<u32>,
    /// Move what is available where that is less than the amount
    #[arg(long)]
    up_to: bool,
    /// What happens to runs that nobody was there for
    #[arg(long, value_enum, default_value_t)]
    catch_up: CatchUpArg,
    /// How often a run is tried again when the money is not there
    #[arg(long, value_name = "N", default_value_t = 0, requires = "retry_after")]
    retries: u8,
    /// How long after one attempt the next one comes, in seconds
    #[arg(long, value_name = "SECONDS", requires = "retries")]
    retry_after: Option<u32>,
    /// What both sides read on their statements, up to 10 characters
    #[arg(long)]
    label: Option<String>,
    /// The id under which it is made at most once, a UUID; repeat it to repeat a command safely
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct RuleArgs {
    /// Once, at a moment (2026-12-01T09:00:00+09:00)
    #[arg(long, value_name = "MOMENT")]
    at: Option<Timestamp>,
    /// Every day
    #[arg(long)]
    daily: bool,
    /// On days of the week (mon,thu)
    #[arg(long, value_name = "DAYS")]
    weekly: Option<Weekdays>,
    /// On a day of the month, or on the last of a month that has fewer
    #[arg(long, value_name = "DAY")]
    monthly: Option<u8>,
}

/// What happens to runs that nobody was there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum CatchUpArg {
    /// Each is run
    All,
    /// The latest is run
    #[default]
    Latest,
    /// None is run that is more than an hour late
    Skip,
}

/// A date of the bank's calendar, and nothing behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Day(BusinessDate);

impl FromStr for Day {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Of a moment, jiff would read the date and leave out the rest.
        let date = if text.contains(['T', 't', ' ']) { None } else { text.parse::<Date>().ok() };
        date.map(|date| Day(date.into())).ok_or_else(|| "not a date such as 2026-12-01".into())
    }
}

/// Makes the schedule and prints its id and its first run.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    let bank = data::existing(data)?;
    let money = args::amount_of(&bank, args.from, &args.amount)?;
    let mut schedule = Schedule::new(args.from, args.to, money.amount, rule(&args));
    schedule.start = args.start.map(|day| day.0);
    schedule.end = match (args.times, args.until) {
        (Some(times), _) => End::AfterRuns(times),
        (None, Some(day)) => End::Until(day.0),
        (None, None) => End::Never,
    };
    schedule.catch_up = match args.catch_up {
        CatchUpArg::All => CatchUp::All,
        CatchUpArg::Latest => CatchUp::Latest,
        CatchUpArg::Skip => CatchUp::Skip,
    };
    schedule.retry = Retry { attempts: args.retries, interval_s: args.retry_after.unwrap_or_default() };
    if args.up_to {
        schedule = schedule.up_to();
    }
    if let Some(label) = &args.label {
        let (sender_label, receiver_label) = (label.clone(), label.clone());
        schedule = schedule.with_details(Details { sender_label, receiver_label, ..Details::default() });
    }
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

fn rule(args: &Args) -> Rule {
    let (every, at) = (args.every, args.time);
    match args.rule {
        RuleArgs { at: Some(moment), .. } => Rule::Once(moment),
        RuleArgs { weekly: Some(days), .. } => Rule::Weekly { every, days, at },
        RuleArgs { monthly: Some(day), .. } => Rule::Monthly { every, day, at },
        RuleArgs { .. } => Rule::Daily { every, at },
    }
}
