//! Rows by the year, the month or the day of a moment, and how many there are of each.

use jangbu::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

/// A year (`2026`), a month (`2026-11`) or a day (`2026-11-22`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DatePart(String);

impl<'de> Deserialize<'de> for DatePart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let fits = |(at, found): (usize, char)| if at == 4 || at == 7 { found == '-' } else { found.is_ascii_digit() };
        if matches!(text.len(), YEAR | MONTH | DAY) && text.chars().enumerate().all(fits) {
            return Ok(DatePart(text));
        }
        Err(serde::de::Error::custom("neither a year (2026) nor a month (2026-11) nor a day (2026-11-22)"))
    }
}

const YEAR: usize = 4;
const MONTH: usize = 7;
const DAY: usize = 10;

/// Which dates of a column are wanted, in the bank's time zone.
#[derive(Clone, Debug)]
pub(super) struct Dates {
    pub(super) column: &'static str,
    wanted: Option<DatePart>,
    zone: TimeZone,
}

impl Dates {
    pub(super) fn new(column: &'static str, wanted: Option<DatePart>, zone: &TimeZone) -> Dates {
        Dates { column, wanted, zone: zone.clone() }
    }

    /// The day of a moment.
    pub(super) fn day(&self, moment: Timestamp) -> String {
        moment.to_jiff().to_zoned(self.zone.clone()).date().to_string()
    }

    /// Whether the day is wanted.
    pub(super) fn has(&self, day: &str) -> bool {
        self.wanted.as_ref().is_none_or(|DatePart(wanted)| day.starts_with(wanted.as_str()))
    }

    /// Under what the day is counted, one step finer than what is wanted: years, the months of the year, the days of the
    /// month. `None` for a day outside.
    pub(super) fn counted<'d>(&self, day: &'d str) -> Option<&'d str> {
        let Some(DatePart(wanted)) = &self.wanted else { return day.get(..YEAR) };
        let (within, finer) = if wanted.len() == YEAR { (YEAR, MONTH) } else { (MONTH, DAY) };
        day.starts_with(wanted.get(..within)?).then(|| day.get(..finer)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> Option<DatePart> {
        serde_json::from_value(text.into()).ok()
    }

    #[test]
    fn only_years_months_and_days_are_read() {
        assert!(["2026", "2026-11", "2026-11-22"].into_iter().all(|text| part(text).is_some()));
        assert!(
            ["", "26", "2026-", "2026-1", "2026/11", "2026-11-2x", "2026-11-22T"]
                .into_iter()
                .all(|text| part(text).is_none())
        );
    }

    #[test]
    fn a_day_is_counted_one_step_finer_than_what_is_wanted() {
        for (wanted, day, has, counted) in [
            (None, "2026-11-22", true, Some("2026")),
            (Some("2026"), "2026-11-22", true, Some("2026-11")),
            (Some("2026"), "2025-11-22", false, None),
            (Some("2026-11"), "2026-11-22", true, Some("2026-11-22")),
            (Some("2026-11-21"), "2026-11-22", false, Some("2026-11-22")),
            (Some("2026-11-21"), "2026-10-22", false, None),
        ] {
            let dates = Dates::new("at", wanted.and_then(part), &TimeZone::UTC);
            assert_eq!((dates.has(day), dates.counted(day)), (has, counted), "{wanted:?} {day}");
        }
    }

    #[test]
    fn the_bank_s_midnight_decides() {
        let moment = "2026-12-31T15:00:00Z".parse().unwrap();
        assert_eq!(Dates::new("at", None, &jangbu::time::time_zone("Asia/Seoul").unwrap()).day(moment), "2027-01-01");
        assert_eq!(Dates::new("at", None, &TimeZone::UTC).day(moment), "2026-12-31");
    }
}
