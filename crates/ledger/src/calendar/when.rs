//! Days and moments, as people name them in queries for a period or a point in time.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{BusinessDate, Timestamp, TimestampError};

/// The date that databases and programs use for "without end".
const NO_END: &str = "9999-12-31";

/// A day of the bank (`2026-11-22`), a moment (`2026-11-22T09:00:00+09:00`) or no end (`9999-12-31`).
///
/// Serialized as that text; a moment is written in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// A whole day, in the bank's time zone.
    Day(BusinessDate),
    /// A moment.
    Moment(Timestamp),
    /// After every moment.
    NoEnd,
}

/// A text that is not a day or a moment that the bank can represent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WhenError {
    /// Neither a day nor a moment.
    #[error("neither a day such as 2026-11-22 nor a moment such as 2026-11-22T09:00:00+09:00")]
    Malformed,
    /// Beyond the range of [`Timestamp`].
    #[error("out of range: the bank holds days from 1677-09-22 to 2262-04-10; 9999-12-31 stands for no end")]
    OutOfRange,
}

impl When {
    /// Returns the first moment, where a period begins.
    ///
    /// # Errors
    /// [`WhenError::OutOfRange`] for [`When::NoEnd`], and for a day whose start is out of range.
    pub fn begin(self, zone: &TimeZone) -> Result<Timestamp, WhenError> {
        match self {
            When::Day(day) => start_of(day.to_jiff(), zone),
            When::Moment(moment) => Ok(moment),
            When::NoEnd => Err(WhenError::OutOfRange),
        }
    }

    /// Returns the exclusive end of a period: the first moment after a whole day, or the moment itself. `None` means no
    /// end.
    ///
    /// # Errors
    /// [`WhenError::OutOfRange`] for a day whose end is out of range.
    pub fn end(self, zone: &TimeZone) -> Result<Option<Timestamp>, WhenError> {
        match self {
            When::Day(day) => {
                let next = day.to_jiff().tomorrow().map_err(|_| WhenError::OutOfRange)?;
                start_of(next, zone).map(Some)
            }
            When::Moment(moment) => Ok(Some(moment)),
            When::NoEnd => Ok(None),
        }
    }

    /// Returns the last moment, as "as of" queries use it. `None` means no end.
    ///
    /// # Errors
    /// [`WhenError::OutOfRange`] for a day whose end is out of range.
    pub fn last(self, zone: &TimeZone) -> Result<Option<Timestamp>, WhenError> {
        match self {
            When::Moment(moment) => Ok(Some(moment)),
            When::Day(_) | When::NoEnd => {
                let before = |end: Timestamp| Timestamp::from_ns(end.as_ns().saturating_sub(1));
                Ok(self.end(zone)?.map(before))
            }
        }
    }
}

fn start_of(day: Date, zone: &TimeZone) -> Result<Timestamp, WhenError> {
    let start = zone.to_zoned(day.at(0, 0, 0, 0)).map_err(|_| WhenError::OutOfRange)?;
    Timestamp::try_from(start.timestamp()).map_err(|_| WhenError::OutOfRange)
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            When::Day(day) => day.fmt(f),
            When::Moment(moment) => moment.fmt(f),
            When::NoEnd => f.write_str(NO_END),
        }
    }
}

impl FromStr for When {
    type Err = WhenError;

    fn from_str(text: &str) -> Result<Self, WhenError> {
        if text.starts_with(NO_END) && matches!(text.parse::<Timestamp>(), Err(TimestampError::OutOfRange))
            || text == NO_END
        {
            return Ok(When::NoEnd);
        }
        if let Ok(day) = text.parse::<BusinessDate>() {
            return if day.is_held() { Ok(When::Day(day)) } else { Err(WhenError::OutOfRange) };
        }
        match text.parse() {
            Ok(moment) => Ok(When::Moment(moment)),
            Err(TimestampError::OutOfRange) => Err(WhenError::OutOfRange),
            Err(TimestampError::Malformed) => Err(WhenError::Malformed),
        }
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time_zone;

    fn when(text: &str) -> When {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn only_days_and_moments_are_accepted() {
        let day = |text: &str| When::Day(text.parse().unwrap());
        for (text, expected) in [
            ("2026-11-22", Ok(day("2026-11-22"))),
            ("2026-11-22T09:00:00+09:00", Ok(When::Moment(at("2026-11-22T00:00:00Z")))),
            ("9999-12-31", Ok(When::NoEnd)),
            ("9999-12-31T23:59:59Z", Ok(When::NoEnd)),
            ("9999-12-31T23:59:59.999+09:00", Ok(When::NoEnd)),
            ("1677-09-22", Ok(day("1677-09-22"))),
            ("2262-04-10", Ok(day("2262-04-10"))),
            ("2262-04-11", Err(WhenError::OutOfRange)),
            ("1677-09-21", Err(WhenError::OutOfRange)),
            ("2262-04-11T00:00:00Z", Ok(When::Moment(at("2262-04-11T00:00:00Z")))),
            ("2300-01-01", Err(WhenError::OutOfRange)),
            ("2300-01-01T00:00:00Z", Err(WhenError::OutOfRange)),
            ("1600-01-01", Err(WhenError::OutOfRange)),
            ("9999-12-30", Err(WhenError::OutOfRange)),
            ("9999-12-31x", Err(WhenError::Malformed)),
            ("2026-11-22T09:00:00", Err(WhenError::Malformed)),
            ("2026-13-01", Err(WhenError::Malformed)),
            ("20261122", Err(WhenError::Malformed)),
            ("yesterday", Err(WhenError::Malformed)),
            ("", Err(WhenError::Malformed)),
        ] {
            assert_eq!(text.parse(), expected, "{text:?}");
            if let Ok(when) = expected {
                assert_eq!(when.to_string().parse(), Ok(when), "{text:?}");
                assert_eq!(serde_json::to_value(when).unwrap(), when.to_string());
            }
        }
    }

    #[test]
    fn a_day_is_in_the_banks_zone_and_inclusive_at_both_ends() {
        let seoul = time_zone("Asia/Seoul").unwrap();
        let day = when("2026-11-22");
        assert_eq!(day.begin(&seoul), Ok(at("2026-11-21T15:00:00Z")));
        assert_eq!(day.end(&seoul), Ok(Some(at("2026-11-22T15:00:00Z"))));
        assert_eq!(day.last(&seoul), Ok(Some(at("2026-11-22T14:59:59.999999999Z"))));
        let moment = when("2026-11-22T00:00:00+09:00");
        let expected = at("2026-11-21T15:00:00Z");
        assert_eq!(moment.begin(&seoul), Ok(expected));
        assert_eq!((moment.end(&seoul), moment.last(&seoul)), (Ok(Some(expected)), Ok(Some(expected))));
        assert_eq!(When::NoEnd.end(&seoul), Ok(None));
        assert_eq!(When::NoEnd.last(&seoul), Ok(None));
        assert_eq!(When::NoEnd.begin(&seoul), Err(WhenError::OutOfRange));
    }

    #[test]
    fn a_day_that_is_partly_out_of_range_is_refused() {
        for zone in ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Seoul"].map(|name| time_zone(name).unwrap()) {
            for held in ["1677-09-22", "2262-04-10"].map(when) {
                assert!(held.begin(&zone).is_ok() && held.end(&zone).is_ok(), "{held:?} {zone:?}");
            }
        }
        let beyond = When::Day("2262-04-11".parse().unwrap());
        assert_eq!(beyond.end(&TimeZone::UTC), Err(WhenError::OutOfRange));
        assert_eq!(beyond.last(&TimeZone::UTC), Err(WhenError::OutOfRange));
    }
}
