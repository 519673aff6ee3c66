//! The serialized forms of moments and dates.
//!
//! JSON has them as text, because a moment in nanoseconds exceeds 2^53, above which JSON readers lose precision. The
//! journal and the state store them as numbers.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::{BusinessDate, BusinessDateError, Timestamp, TimestampError};

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { self.as_ns().serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Timestamp::from_ns);
        }
        let read = |text: &str| text.parse().map_err(|error: TimestampError| error.to_string());
        let count = |ns| Some(Timestamp::from_ns(ns));
        deserializer.deserialize_any(TextOrNumber { read, count, wanted: "a moment such as 2026-11-22T09:00:00Z" })
    }
}

impl Serialize for BusinessDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { self.as_days().serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for BusinessDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i32::deserialize(deserializer).map(BusinessDate::from_days);
        }
        let read = |text: &str| text.parse().map_err(|error: BusinessDateError| error.to_string());
        let count = |days| i32::try_from(days).ok().map(BusinessDate::from_days);
        deserializer.deserialize_any(TextOrNumber { read, count, wanted: "a date such as 2026-11-22" })
    }
}

/// Reads the text form, or the number that earlier application records have in its place.
struct TextOrNumber<R, C> {
    read: R,
    count: C,
    wanted: &'static str,
}

impl<T, R: Fn(&str) -> Result<T, String>, C: Fn(i64) -> Option<T>> Visitor<'_> for TextOrNumber<R, C> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wanted)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.read)(text).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        (self.count)(number).ok_or_else(|| E::invalid_value(de::Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        let count = i64::try_from(number).ok().and_then(&self.count);
        count.ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(number), &self))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;
    use crate::codec;

    #[test]
    fn moments_and_dates_are_text_in_json() {
        for (ns, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (1_795_457_319_478_031_421, "2026-11-23T18:08:39.478031421Z"),
            (i64::MAX, "2262-04-11T23:47:16.854775807Z"),
        ] {
            let moment = Timestamp::from_ns(ns);
            assert_eq!(to_value(moment).unwrap(), text);
            assert_eq!(from_value::<Timestamp>(json!(text)).unwrap(), moment);
            assert_eq!(from_value::<Timestamp>(json!(ns)).unwrap(), moment, "as it was written once");
        }
        for (days, text) in [(0, "1970-01-01"), (-1, "1969-12-31"), (20_781, "2026-11-24")] {
            let date = BusinessDate::from_days(days);
            assert_eq!(to_value(date).unwrap(), text);
            assert_eq!(from_value::<BusinessDate>(json!(text)).unwrap(), date);
            assert_eq!(from_value::<BusinessDate>(json!(days)).unwrap(), date, "as it was written once");
        }
        for wrong in [json!("soon"), json!(u64::MAX), json!(1.5), json!(null)] {
            assert!(from_value::<Timestamp>(wrong.clone()).is_err(), "{wrong}");
            assert!(from_value::<BusinessDate>(wrong.clone()).is_err(), "{wrong}");
        }
        for wrong in [json!(i64::MAX), json!("2026-11-24T00:00:00Z"), json!("20261124")] {
            assert!(from_value::<BusinessDate>(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn moments_and_dates_are_stored_as_numbers() {
        let (mut told, mut numbers) = (Vec::new(), Vec::new());
        let (ns, days) = (1_795_457_319_478_031_421_i64, 20_781_i32);
        let (moment, date) = (Timestamp::from_ns(ns), BusinessDate::from_days(days));
        codec::encode(&(moment, date), &mut told).unwrap();
        codec::encode(&(ns, days), &mut numbers).unwrap();
        assert_eq!(told, numbers);
        assert_eq!(codec::decode::<(Timestamp, BusinessDate)>(&told).unwrap(), (moment, date));
    }
}
