//! `jangbu hold place`: places a hold.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use jangbu::clock::{Clock, SystemClock};
use jangbu::{
    AccountNumber, Command, CommandId,
    holds::PlaceHold,
    time::{When, WhenError},
};
use jiff::{Span, SpanRelativeTo};

use crate::cli::args;
use crate::cli::data::time_zone;
use crate::cli::dry_run::{self, DryRun};
use crate::cli::error::CliError;
use crate::cli::fields::Fields;
use crate::cli::output::Print;
use crate::cli::texts::Texts;

/// Set money aside for a receiver
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account that pays
    #[arg(value_parser = crate::cli::args::typed)]
    from: AccountNumber,
    /// The receiver
    #[arg(value_parser = crate::cli::args::typed)]
    to: AccountNumber,
    /// The amount for the receiver, in decimals of the sender's currency; the fee is held on top
    #[arg(allow_negative_numbers = true)]
    amount: String,
    /// When the hold expires: at a moment (2026-11-24T12:00:00+09:00), or at the end of a day of the bank (2026-11-24)
    #[arg(long, value_name = "WHEN")]
    expires: Option<When>,
    /// When the hold expires, from now: 90m, 2h or 3 days; not with --id, because a retry would differ
    #[arg(long, value_name = "HOW LONG", conflicts_with_all = ["expires", "id"])]
    expires_in: Option<HowLong>,
    /// The largest fee to accept, in decimals of the sender's currency; with a larger fee, the hold is refused
    #[arg(long, value_name = "AMOUNT")]
    most_fee: Option<String>,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    texts: Texts,
    /// The id of the hold, a UUID: it is placed at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

/// A duration from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct HowLong(Duration);

impl FromStr for HowLong {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let span: Option<Span> = text.parse().ok();
        // A day has 24 hours here: the duration is not counted by a calendar.
        let duration = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
        match duration.and_then(|duration| Duration::try_from(duration).ok()) {
            Some(duration) if !duration.is_zero() => Ok(HowLong(duration)),
            _ => Err("not a duration such as 90m, 2h or 3 days".into()),
        }
    }
}

/// Places the hold and prints the receipt.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    let bank = args.dry_run.open(data)?;
    let (from, to) = (args::resolve(&bank, args.from)?, args::resolve(&bank, args.to)?);
    let money = args.dry_run.check_lookup(&bank, args.print, args::amount_of(&bank, from, &args.amount))?;
    let mut hold = PlaceHold::new(from, to, money.amount);
    if let Some(id) = args.id {
        hold = hold.with_id(id);
    }
    hold.details = args.texts.details();
    hold.most_fee = args.most_fee.as_deref().map(|fee| args::amount(fee, money.scale)).transpose()?;
    hold.expires_at = match (args.expires, args.expires_in) {
        (Some(expires), _) => expires.end(&time_zone(&bank)?)?,
        (None, Some(HowLong(time))) => Some(SystemClock.now().checked_after(time).ok_or(WhenError::OutOfRange)?),
        (None, None) => None,
    };
    if args.dry_run.is_set() {
        return dry_run::preview(bank, &Command::PlaceHold(Box::new(hold)), &[money.unit()], args.print);
    }
    let printer = args.print.of(&bank)?;
    let receipt = bank.place_hold(hold).map_err(CliError::in_unit(money.unit()))?;
    bank.close()?;
    Fields::default()
        .text("id", receipt.id)
        .plain("position", receipt.position)
        .moment("recorded_at", Some(receipt.recorded_at))
        .date("date", receipt.date)
        .text("currency", money.currency)
        .amount("amount", receipt.amount, money.unit())
        .amount("fee", receipt.fee, money.unit())
        .moment("expires_at", receipt.expires_at)
        .print(&printer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_from_now_are_positive() {
        for (text, seconds) in [("90m", 5_400), ("2h", 7_200), ("1h 30m", 5_400), ("3 days", 259_200), ("PT2H", 7_200)]
        {
            assert_eq!(text.parse(), Ok(HowLong(Duration::from_secs(seconds))), "{text}");
        }
        for wrong in ["", "2", "0s", "-2h", "2h ago", "soon", "1 month"] {
            assert!(wrong.parse::<HowLong>().is_err(), "{wrong:?}");
        }
    }
}
