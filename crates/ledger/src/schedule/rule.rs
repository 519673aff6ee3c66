//! The rules by which schedules run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Timestamp;

/// The maximum number of days, weeks or months between two occurrences.
const MAX_EVERY: u16 = 1_000;

/// The rule by which a schedule runs. Days, weeks and times are in the bank's time zone.
///
/// Where the clocks are set forward past the time of day, the occurrence is the moment at which they resume. Where they
/// are set back, it is the first of the two moments. Occurrences at the same moment count as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Once, at this moment.
    Once(Timestamp),
    /// Every `every` days, counted from the start.
    Daily {
        /// 1 for every day; up to 1,000.
        every: u16,
        /// The time of day.
        at: TimeOfDay,
    },
    /// On some days of every `every` weeks, counted from the week of the start. Weeks begin on Monday.
    Weekly {
        /// 1 for every week; up to 1,000.
        every: u16,
        /// The days of the week.
        days: Weekdays,
        /// The time of day.
        at: TimeOfDay,
    },
    /// On one day of every `every` months, counted from the month of the start.
    Monthly {
        /// 1 for every month, 12 for once a year; up to 1,000.
        every: u16,
        /// The day of the month, 1 to 31. In shorter months, the last day: 31 always means the last day.
        day: u8,
        /// The time of day.
        at: TimeOfDay,
    },
}

impl Rule {
    /// Creates a rule for every day at that time.
    pub const fn daily(at: TimeOfDay) -> Rule {
        Rule::Daily { every: 1, at }
    }

    /// Creates a rule for some days of every week.
    pub const fn weekly(days: Weekdays, at: TimeOfDay) -> Rule {
        Rule::Weekly { every: 1, days, at }
    }

    /// Creates a rule for one day of every month, or for the month's last day if it is shorter.
    pub const fn monthly(day: u8, at: TimeOfDay) -> Rule {
        Rule::Monthly { every: 1, day, at }
    }

    /// Checks that the rule is possible in a calendar.
    ///
    /// # Errors
    /// [`RuleError::Every`], [`RuleError::NoWeekday`] and [`RuleError::DayOfMonth`].
    pub fn check(&self) -> Result<(), RuleError> {
        match self {
            Rule::Once(_) => Ok(()),
            Rule::Daily { every, .. } | Rule::Weekly { every, .. } | Rule::Monthly { every, .. }
                if !(1..=MAX_EVERY).contains(every) =>
            {
                Err(RuleError::Every)
            }
            Rule::Weekly { days, .. } if days.is_empty() => Err(RuleError::NoWeekday),
            Rule::Monthly { day, .. } if !(1..=31).contains(day) => Err(RuleError::DayOfMonth),
            Rule::Daily { .. } | Rule::Weekly { .. } | Rule::Monthly { .. } => Ok(()),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let every = |f: &mut fmt::Formatter<'_>, every: u16, unit: &str| match every {
            1 => write!(f, "every {unit}"),
            _ => write!(f, "every {every} {unit}s"),
        };
        match self {
            Rule::Once(moment) => write!(f, "once at {moment}"),
            Rule::Daily { every: n, at } => {
                every(f, *n, "day")?;
                write!(f, " at {at}")
            }
            Rule::Weekly { every: n, days, at } => {
                every(f, *n, "week")?;
                write!(f, " on {days} at {at}")
            }
            Rule::Monthly { every: n, day, at } => {
                every(f, *n, "month")?;
                write!(f, " on day {day} at {at}")
            }
        }
    }
}

/// Why a rule, or a part of one, is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// Every 0 or more than 1,000 days, weeks or months.
    #[error("a schedule runs every 1 to {MAX_EVERY} days, weeks or months")]
    Every,
    /// No day of the week.
    #[error("a weekly schedule has at least one day of the week")]
    NoWeekday,
    /// A day that no month has.
    #[error("a month has the days 1 to 31")]
    DayOfMonth,
    /// Not a time of day.
    #[error("a time of day is 00:00 to 23:59, for example 09:30, not {0:?}")]
    TimeOfDay(String),
    /// Not days of the week.
    #[error("days of the week are mon, tue, wed, thu, fri, sat and sun, separated by commas, not {0:?}")]
    Weekday(String),
}

/// A time of day, to the minute.
///
/// JSON has it as text (`09:30`), storage as minutes since midnight.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    const MINUTES: u16 = 24 * 60;

    /// Creates a time of day from an hour, 0 to 23, and a minute, 0 to 59.
    pub fn new(hour: u8, minute: u8) -> Result<TimeOfDay, RuleError> {
        if hour > 23 || minute > 59 {
            return Err(RuleError::TimeOfDay(format!("{hour}:{minute:02}")));
        }
        Ok(TimeOfDay(u16::from(hour).saturating_mul(60).saturating_add(minute.into())))
    }

    /// Returns the hour, 0 to 23.
    pub const fn hour(self) -> u8 {
        (self.0 / 60) as u8
    }

    /// Returns the minute, 0 to 59.
    pub const fn minute(self) -> u8 {
        (self.0 % 60) as u8
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour(), self.minute())
    }
}

impl fmt::Debug for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimeOfDay({self})")
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { self.0.serialize(serializer) }
    }
}

impl FromStr for TimeOfDay {
    type Err = RuleError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || RuleError::TimeOfDay(text.chars().take(40).collect());
        let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
        let number = |digits: &str| {
            let fits = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            if fits { digits.parse::<u8>().ok() } else { None }
        };
        match (number(hour), number(minute)) {
            (Some(hour), Some(minute)) => TimeOfDay::new(hour, minute).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
        }
        let minutes = u16::deserialize(deserializer)?;
        if minutes < TimeOfDay::MINUTES {
            return Ok(TimeOfDay(minutes));
        }
        Err(serde::de::Error::custom(format!("a day has {} minutes, not {minutes}", TimeOfDay::MINUTES)))
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say everything")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    const NAMED: [(Weekday, &str); 7] = [
        (Weekday::Monday, "mon"),
        (Weekday::Tuesday, "tue"),
        (Weekday::Wednesday, "wed"),
        (Weekday::Thursday, "thu"),
        (Weekday::Friday, "fri"),
        (Weekday::Saturday, "sat"),
        (Weekday::Sunday, "sun"),
    ];

    const fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

/// A set of days of the week.
///
/// JSON has it as text (`mon,thu`), storage as one bit per day.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Weekdays {
    const ALL: u8 = 0x7F;

    /// Returns whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns whether the set contains `day`.
    pub const fn has(self, day: Weekday) -> bool {
        self.0 & day.bit() != 0
    }

    /// Returns whether the set contains the day that is `days_after_monday` days after Monday.
    pub(super) fn has_offset(self, days_after_monday: i8) -> bool {
        u32::try_from(days_after_monday)
            .ok()
            .and_then(|days| self.0.checked_shr(days))
            .is_some_and(|bits| bits & 1 == 1)
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<T: IntoIterator<Item = Weekday>>(days: T) -> Self {
        Weekdays(days.into_iter().fold(0, |bits, day| bits | day.bit()))
    }
}

impl fmt::Display for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Weekday::NAMED.iter().filter(|(day, _)| self.has(*day)).map(|(_, name)| *name);
        f.write_str(&names.collect::<Vec<_>>().join(","))
    }
}

impl fmt::Debug for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Weekdays({self})")
    }
}

impl Serialize for Weekdays {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { self.0.serialize(serializer) }
    }
}

impl FromStr for Weekdays {
    type Err = RuleError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = |name: &str| {
            let found = Weekday::NAMED.iter().find(|(_, known)| known.eq_ignore_ascii_case(name.trim()));
            found.map(|(day, _)| *day).ok_or_else(|| RuleError::Weekday(name.chars().take(40).collect()))
        };
        text.split(',').map(day).collect()
    }
}

impl<'de> Deserialize<'de> for Weekdays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            return if text.is_empty() {
                Ok(Weekdays::default())
            } else {
                text.parse().map_err(serde::de::Error::custom)
            };
        }
        let bits = u8::deserialize(deserializer)?;
        if bits <= Weekdays::ALL {
            return Ok(Weekdays(bits));
        }
        Err(serde::de::Error::custom(format!("a week has seven days, and {bits:#x} has more")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;

    #[test]
    fn times_of_day_are_read_and_written() {
        for text in ["00:00", "09:05", "23:59"] {
            assert_eq!(text.parse::<TimeOfDay>().unwrap().to_string(), text);
        }
        assert_eq!("9:5".parse::<TimeOfDay>(), TimeOfDay::new(9, 5));
        for wrong in ["", "9", "24:00", "12:60", "+1:00", "12:00:00", "12:", ":1", "012:00", "noon"] {
            assert!(wrong.parse::<TimeOfDay>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn days_of_the_week_are_read_and_written_in_their_order() {
        let days: Weekdays = "Sun, mon,THU".parse().unwrap();
        assert_eq!(days, [Weekday::Thursday, Weekday::Sunday, Weekday::Monday].into_iter().collect());
        assert_eq!(days.to_string(), "mon,thu,sun");
        assert!(days.has_offset(0) && days.has_offset(6) && !days.has_offset(1) && !days.has_offset(-1));
        for wrong in ["", "mo", "mon;tue", "mon,,tue", "monday"] {
            assert!(wrong.parse::<Weekdays>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn stored_rules_are_checked_when_read() {
        fn stored<T: Serialize>(value: T) -> Vec<u8> {
            let mut encoded = Vec::new();
            codec::encode(&value, &mut encoded).unwrap();
            encoded
        }
        assert_eq!(codec::decode::<TimeOfDay>(&stored(1_439_u16)).unwrap(), TimeOfDay::new(23, 59).unwrap());
        assert!(codec::decode::<TimeOfDay>(&stored(1_440_u16)).is_err());
        assert_eq!(codec::decode::<Weekdays>(&stored(127_u8)).unwrap().to_string(), "mon,tue,wed,thu,fri,sat,sun");
        assert!(codec::decode::<Weekdays>(&stored(128_u8)).is_err());
    }

    #[test]
    fn rules_read_like_a_sentence() {
        let at = TimeOfDay::new(9, 0).unwrap();
        let days: Weekdays = "mon,fri".parse().unwrap();
        assert_eq!(Rule::daily(at).to_string(), "every day at 09:00");
        assert_eq!(Rule::Weekly { every: 2, days, at }.to_string(), "every 2 weeks on mon,fri at 09:00");
        assert_eq!(Rule::monthly(31, at).to_string(), "every month on day 31 at 09:00");
        assert_eq!(Rule::Once(Timestamp::from_ns(0)).to_string(), "once at 1970-01-01T00:00:00Z");
    }
}
