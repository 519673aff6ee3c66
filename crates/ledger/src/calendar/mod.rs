//! Moments and business dates. A business day begins at midnight in the bank's time zone.

mod forms;
mod when;

pub use when::{When, WhenError};

use std::fmt;
use std::str::FromStr;

use jangbu_plant::{Bug, is_planted};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A moment: nanoseconds since 1970-01-01T00:00:00Z.
///
/// JSON has it as text (RFC 3339), because the number exceeds what JSON readers keep exactly. Storage has the number.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest moment that can be represented, in the year 1677.
    pub const MIN: Timestamp = Timestamp(i64::MIN);
    /// The latest moment that can be represented, in the year 2262.
    pub const MAX: Timestamp = Timestamp(i64::MAX);

    /// Creates a moment from nanoseconds since 1970.
    pub const fn from_ns(ns: i64) -> Timestamp {
        Timestamp(ns)
    }

    /// Returns the nanoseconds since 1970.
    pub const fn as_ns(self) -> i64 {
        self.0
    }

    /// Returns the moment `duration` later, or `None` beyond [`Timestamp::MAX`].
    pub fn checked_after(self, duration: std::time::Duration) -> Option<Timestamp> {
        self.0.checked_add(i64::try_from(duration.as_nanos()).ok()?).map(Timestamp)
    }

    /// Returns the moment `duration` later, capped at [`Timestamp::MAX`].
    #[must_use]
    pub fn after(self, duration: std::time::Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)))
    }

    /// Converts a moment, clamping it to the range. Used to compare bounds, never to read input.
    pub(super) fn nearest(moment: jiff::Timestamp) -> Timestamp {
        let nearest = if moment < jiff::Timestamp::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX };
        Timestamp::try_from(moment).unwrap_or(nearest)
    }

    /// Converts the moment for jiff's calendars and its RFC 3339 text.
    pub fn to_jiff(self) -> jiff::Timestamp {
        // Every `i64` of nanoseconds lies within jiff's years −9999 to 9999.
        jiff::Timestamp::UNIX_EPOCH.saturating_add(SignedDuration::from_nanos(self.0)).unwrap_or(jiff::Timestamp::MAX)
    }
}

impl TryFrom<jiff::Timestamp> for Timestamp {
    type Error = TimestampError;

    fn try_from(moment: jiff::Timestamp) -> Result<Self, TimestampError> {
        i64::try_from(moment.as_nanosecond()).map(Timestamp).map_err(|_| TimestampError::OutOfRange)
    }
}

/// A text or a moment that is not a valid [`Timestamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// Not a moment, or one without its offset from UTC.
    #[error("not a moment such as 2026-11-22T09:00:00+09:00")]
    Malformed,
    /// Beyond the range of 64 bits of nanoseconds.
    #[error("out of range: the bank holds moments from 1677-09-21 to 2262-04-11")]
    OutOfRange,
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

/// The date for which a transfer counts: days since 1970-01-01.
///
/// JSON has it as text (`2026-11-24`), storage as a number.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessDate(i32);

impl BusinessDate {
    /// Creates a date from days since 1970-01-01.
    pub const fn from_days(days: i32) -> BusinessDate {
        BusinessDate(days)
    }

    /// Returns the days since 1970-01-01.
    pub const fn as_days(self) -> i32 {
        self.0
    }

    /// Returns whether the whole day fits into the range of a [`Timestamp`], in every time zone.
    pub fn is_held(self) -> bool {
        // The first and the last moment lie within these days. Every zone is less than a day apart from UTC.
        const DAY_NS: i64 = 86_400_000_000_000;
        let whole_days = Timestamp::MIN.0 / DAY_NS..=Timestamp::MAX.0 / DAY_NS - 1;
        whole_days.contains(&i64::from(self.0))
    }

    /// Converts the date for jiff's calendars.
    pub fn to_jiff(self) -> Date {
        let nearest = if self.0 < 0 { Date::MIN } else { Date::MAX };
        let days = jiff::Span::new().try_days(self.0);
        days.and_then(|days| jiff::civil::date(1970, 1, 1).checked_add(days)).unwrap_or(nearest)
    }
}

impl From<Date> for BusinessDate {
    fn from(date: Date) -> Self {
        let days = date.since(jiff::civil::date(1970, 1, 1)).map(|span| span.get_days()).unwrap_or_default();
        BusinessDate(days)
    }
}

impl FromStr for BusinessDate {
    type Err = BusinessDateError;

    fn from_str(text: &str) -> Result<Self, BusinessDateError> {
        let date = text.parse::<Date>().map(BusinessDate::from).map_err(|_| BusinessDateError)?;
        // jiff accepts a moment here and ignores its time.
        if date.to_string() == text { Ok(date) } else { Err(BusinessDateError) }
    }
}

impl fmt::Debug for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BusinessDate({self})")
    }
}

/// A text that is not a valid [`BusinessDate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a date such as 2026-11-22")]
pub struct BusinessDateError;

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

/// A name that is not an IANA time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time zone of the IANA database that is part of this program; one is Asia/Seoul")]
pub struct TimeZoneError(String);

/// Returns the time zone of an IANA name such as `Asia/Seoul`.
///
/// The database is part of the program. One on the machine could be missing, incomplete or updated, and the ledger's
/// decisions must depend on nothing but their arguments.
///
/// # Errors
/// [`TimeZoneError`] if there is no such zone.
pub fn time_zone(name: &str) -> Result<TimeZone, TimeZoneError> {
    let found = jiff::tz::TimeZoneDatabase::bundled().get(name);
    found.map_err(|_| TimeZoneError(name.chars().take(60).collect()))
}

/// Computes the business date of a moment. It caches the bounds of the last day, so that repeated calls are cheap.
#[derive(Clone, Debug)]
pub struct DayClock {
    zone: TimeZone,
    date: BusinessDate,
    /// The first moment of `date`, and the first moment after it.
    bounds: (Timestamp, Timestamp),
}

impl DayClock {
    /// Creates a day clock for an IANA time zone.
    ///
    /// # Errors
    /// [`TimeZoneError`] if there is no such zone.
    pub fn new(zone: &str) -> Result<DayClock, TimeZoneError> {
        let zone = if is_planted(Bug::WrongDayBoundary) { "Europe/London" } else { zone };
        let zone = time_zone(zone)?;
        let nothing = (Timestamp(i64::MAX), Timestamp(i64::MIN));
        Ok(DayClock { zone, date: BusinessDate(0), bounds: nothing })
    }

    /// Returns the business date of `moment`.
    pub fn date_of(&mut self, moment: Timestamp) -> BusinessDate {
        if moment < self.bounds.0 || moment >= self.bounds.1 {
            let date = moment.to_jiff().to_zoned(self.zone.clone()).date();
            self.date = date.into();
            self.bounds =
                (self.start_of(date), date.tomorrow().map_or(Timestamp(i64::MAX), |next| self.start_of(next)));
        }
        self.date
    }

    /// Returns the first moment of a date. Where the clocks skip midnight, the day begins when they resume.
    pub fn start_of(&self, date: Date) -> Timestamp {
        self.zone.to_zoned(date.at(0, 0, 0, 0)).map_or(Timestamp::MAX, |start| Timestamp::nearest(start.timestamp()))
    }

    /// Returns the time zone.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        match jiff::Timestamp::from_str(text) {
            Ok(moment) => moment.try_into(),
            Err(_) if is_moment_of_another_age(text) => Err(TimestampError::OutOfRange),
            Err(_) => Err(TimestampError::Malformed),
        }
    }
}

/// Returns whether the text would be a moment if its year, 0000 or 9999, were another. An offset can take a moment at
/// the edge out of jiff's calendar, which has years of four digits.
fn is_moment_of_another_age(text: &str) -> bool {
    let same = |rest: &str| jiff::Timestamp::from_str(&format!("2000{rest}")).is_ok();
    text.strip_prefix("9999").or_else(|| text.strip_prefix("0000")).is_some_and(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date_at(zone: &str, moment: &str) -> String {
        DayClock::new(zone).unwrap().date_of(moment.parse().unwrap()).to_string()
    }

    #[test]
    fn the_day_turns_at_midnight_of_the_zone() {
        for (zone, moment, date) in [
            ("Asia/Seoul", "2026-11-21T14:59:59.999999999Z", "2026-11-21"),
            ("Asia/Seoul", "2026-11-21T15:00:00Z", "2026-11-22"),
            ("UTC", "2026-11-21T23:59:59Z", "2026-11-21"),
            // 25 hours long: the clocks go back at 01:00 UTC.
            ("Europe/Prague", "2026-10-24T21:59:59Z", "2026-10-24"),
            ("Europe/Prague", "2026-10-24T22:00:00Z", "2026-10-25"),
            ("Europe/Prague", "2026-10-25T22:59:59Z", "2026-10-25"),
            ("Europe/Prague", "2026-10-25T23:00:00Z", "2026-10-26"),
            // Midnight itself is skipped: the day begins at 01:00, 04:00 UTC.
            ("America/Santiago", "2026-09-06T03:59:59Z", "2026-09-05"),
            ("America/Santiago", "2026-09-06T04:00:00Z", "2026-09-06"),
        ] {
            assert_eq!(date_at(zone, moment), date, "{moment} in {zone}");
        }
    }

    #[test]
    fn the_cached_day_gives_the_answer_of_a_fresh_clock() {
        let mut remembering = DayClock::new("America/Santiago").unwrap();
        let start: Timestamp = "2026-09-04T00:00:00Z".parse().unwrap();
        for hour in 0..96 {
            let moment = start.after(std::time::Duration::from_secs(hour * 3600 + 1800));
            let fresh = DayClock::new("America/Santiago").unwrap().date_of(moment);
            assert_eq!(remembering.date_of(moment), fresh, "{moment}");
        }
    }

    #[test]
    fn dates_convert_both_ways() {
        for text in ["1969-12-31", "1970-01-01", "2000-02-29", "2262-04-11"] {
            let date: Date = text.parse().unwrap();
            assert_eq!(BusinessDate::from(date).to_jiff(), date);
        }
        assert_eq!(BusinessDate::from_days(i32::MAX).to_jiff(), Date::MAX);
        assert_eq!(BusinessDate::from_days(i32::MIN).to_jiff(), Date::MIN);
        assert!(DayClock::new("Asia/Atlantis").is_err());
    }

    #[test]
    fn moments_beyond_the_range_are_refused_and_never_clamped() {
        for (text, expected) in [
            ("2262-04-11T23:47:16.854775807Z", Ok(Timestamp::MAX)),
            ("1677-09-21T00:12:43.145224192Z", Ok(Timestamp::MIN)),
            ("2262-04-11T23:47:16.854775808Z", Err(TimestampError::OutOfRange)),
            ("1677-09-21T00:12:43.145224191Z", Err(TimestampError::OutOfRange)),
            ("2300-01-01T00:00:00Z", Err(TimestampError::OutOfRange)),
            ("1600-01-01T00:00:00+09:00", Err(TimestampError::OutOfRange)),
            ("9999-12-31T23:59:59Z", Err(TimestampError::OutOfRange)),
            ("2026-11-22T09:00:00", Err(TimestampError::Malformed)),
            ("2026-11-22", Err(TimestampError::Malformed)),
            ("9999-12-31", Err(TimestampError::Malformed)),
            ("soon", Err(TimestampError::Malformed)),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }
}
