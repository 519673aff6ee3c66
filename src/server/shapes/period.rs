//! A period of time, as requests name it: by days of the bank, or by moments.

use jangbu::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

use crate::server::http::Problem;

/// One end of a period: a day (`2026-11-22`) in the bank's time zone, or a moment (RFC 3339).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// A day, wholly within the period at either end.
    Day(Date),
    /// A moment: within the period as its beginning, outside as its end.
    Moment(Timestamp),
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let day = || text.parse().ok().filter(|_| text.len() == 10).map(Bound::Day);
        let moment = || text.parse().ok().map(Bound::Moment);
        let wanted = "neither a day (2026-11-22) nor a moment (2026-11-22T09:00:00Z)";
        day().or_else(moment).ok_or_else(|| serde::de::Error::custom(wanted))
    }
}

/// A period: what was recorded from `from` until before `to`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Period {
    /// Its first moment.
    pub(crate) from: Option<Timestamp>,
    /// The first moment after it.
    pub(crate) to: Option<Timestamp>,
}

impl Period {
    /// The period between two bounds, by the days of a time zone.
    ///
    /// # Errors
    /// 400 for a day that has no neighbour.
    pub(crate) fn between(from: Option<Bound>, to: Option<Bound>, zone: &TimeZone) -> Result<Period, Problem> {
        let start = |field: &'static str, day: Result<Date, jiff::Error>| {
            let start = day.and_then(|day| day.to_zoned(zone.clone()));
            let start = start.map(|start| Timestamp::from(start.timestamp()));
            start.map_err(|_| Problem::invalid_field(field, "out_of_range", "no such day can be asked for"))
        };
        let from = match from {
            Some(Bound::Day(day)) => Some(start("from", Ok(day))?),
            Some(Bound::Moment(moment)) => Some(moment),
            None => None,
        };
        let to = match to {
            Some(Bound::Day(day)) => Some(start("to", day.tomorrow())?),
            Some(Bound::Moment(moment)) => Some(moment),
            None => None,
        };
        Ok(Period { from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_within_the_period_at_both_ends() {
        let bound = |text: &str| serde_json::from_value::<Bound>(text.into()).unwrap();
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let day = Some(bound("2026-11-22"));
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        let period = Period::between(day, day, &seoul).unwrap();
        assert_eq!(period, Period { from: at("2026-11-21T15:00:00Z"), to: at("2026-11-22T15:00:00Z") });
        let moment = Some(bound("2026-11-22T00:00:00+09:00"));
        let period = Period::between(moment, None, &TimeZone::UTC).unwrap();
        assert_eq!(period, Period { from: at("2026-11-21T15:00:00Z"), to: None });
        assert!(serde_json::from_value::<Bound>("yesterday".into()).is_err());
        assert!(Period::between(None, Some(Bound::Day(Date::MAX)), &TimeZone::UTC).is_err());
    }
}
