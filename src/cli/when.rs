//! Moments, dates and positions as arguments.

use std::str::FromStr;

use jangbu::blocking::Bank;
use jangbu::{Moment, Position, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::data::time_zone;
use super::error::CliError;

/// A day of the bank's calendar, or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// A date.
    Date(Date),
    /// A moment.
    Moment(Timestamp),
}

impl FromStr for When {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A date first: of a moment, jiff would read the date and leave out the rest.
        let date = if text.contains(['T', 't', ' ']) { None } else { text.parse::<Date>().ok() };
        match date {
            Some(date) => Ok(When::Date(date)),
            None => text
                .parse()
                .map(When::Moment)
                .map_err(|_| "neither a date such as 2026-11-22 nor a moment such as 2026-11-22T09:00:00+09:00".into()),
        }
    }
}

impl When {
    /// The moment, or the first one of the day in `zone`.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a day beyond the calendar.
    pub(super) fn start(self, zone: &TimeZone) -> Result<Timestamp, CliError> {
        match self {
            When::Moment(moment) => Ok(moment),
            When::Date(date) => first_moment(date, zone),
        }
    }

    /// The moment, or the first one after the day in `zone`.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a day beyond the calendar.
    pub(super) fn end(self, zone: &TimeZone) -> Result<Timestamp, CliError> {
        match self {
            When::Moment(moment) => Ok(moment),
            When::Date(date) => first_moment(date.tomorrow().map_err(|_| beyond(date))?, zone),
        }
    }
}

fn first_moment(date: Date, zone: &TimeZone) -> Result<Timestamp, CliError> {
    let start = date.to_zoned(zone.clone()).map_err(|_| beyond(date))?;
    Ok(start.timestamp().into())
}

fn beyond(date: Date) -> CliError {
    CliError::Usage(format!("{date} is beyond the calendar"))
}

/// A moment of the past, by the clock or by the journal; now when neither is given.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct At {
    /// After everything recorded at or before this moment (2026-11-22T09:00:00+09:00), or by the end of this day in the
    /// bank's time zone (2026-11-22)
    #[arg(long, value_name = "WHEN")]
    at: Option<When>,
    /// Right after the record at this position of the journal
    #[arg(long, value_name = "POSITION")]
    position: Option<u64>,
}

impl At {
    /// What was asked for.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a day beyond the calendar; those of asking the bank.
    pub(super) fn moment(self, bank: &Bank) -> Result<Moment, CliError> {
        Ok(match (self.at, self.position) {
            (Some(When::Moment(moment)), _) => Moment::Time(moment),
            (Some(day), _) => {
                // Everything recorded before the next day begins.
                let next = day.end(&time_zone(bank)?)?;
                Moment::Time(Timestamp::from_ns(next.as_ns().saturating_sub(1)))
            }
            (None, Some(position)) => Moment::Position(Position::new(position)),
            (None, None) => Moment::Position(Position::new(u64::MAX)),
        })
    }
}

/// Reads a moment in RFC 3339.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "no moment such as 2026-11-22T09:00:00+09:00".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_moments_are_told_apart() {
        assert_eq!("2026-11-22".parse(), Ok(When::Date(jiff::civil::date(2026, 11, 22))));
        let moment: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        assert_eq!("2026-11-22T09:00:00+09:00".parse(), Ok(When::Moment(moment)));
        for wrong in ["", "yesterday", "2026-13-01", "2026-11-22T09:00:00", "2026-11-22 09:00"] {
            assert!(wrong.parse::<When>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_day_is_one_of_the_bank_s_zone() {
        let zone = TimeZone::get("Asia/Seoul").unwrap();
        let day: When = "2026-11-22".parse().unwrap();
        assert_eq!(day.start(&zone).unwrap().to_string(), "2026-11-21T15:00:00Z");
        assert_eq!(day.end(&zone).unwrap().to_string(), "2026-11-22T15:00:00Z");
        assert!("9999-12-31".parse::<When>().unwrap().end(&zone).is_err());
    }
}
