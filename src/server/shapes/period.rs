//! A period of time, as requests write it: by days of the bank, or by moments.

use jangbu::{Timestamp, time::When};
use jiff::tz::TimeZone;

use super::{beginning, ending};
use crate::server::http::Problem;

/// A period: from `from` (included) to `to` (excluded).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Period {
    /// Its first moment.
    pub(crate) from: Option<Timestamp>,
    /// The first moment after it.
    pub(crate) to: Option<Timestamp>,
}

impl Period {
    /// Returns the period between two bounds in a time zone. A day belongs to the period entirely at either end; a
    /// moment is included as the beginning and excluded as the end.
    ///
    /// # Errors
    /// 400 for days beyond what the bank can hold, and for a beginning that is no beginning.
    pub(crate) fn between(from: Option<When>, to: Option<When>, zone: &TimeZone) -> Result<Period, Problem> {
        let from = from.map(|from| beginning("from", from, zone)).transpose()?;
        let to = to.map(|to| ending("to", to, zone)).transpose()?.flatten();
        Ok(Period { from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_within_the_period_at_both_ends() {
        let bound = |text: &str| serde_json::from_value::<When>(text.into()).unwrap();
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let day = Some(bound("2026-11-22"));
        let seoul = jangbu::time::time_zone("Asia/Seoul").unwrap();
        let period = Period::between(day, day, &seoul).unwrap();
        assert_eq!(period, Period { from: at("2026-11-21T15:00:00Z"), to: at("2026-11-22T15:00:00Z") });
        let moment = Some(bound("2026-11-22T00:00:00+09:00"));
        let period = Period::between(moment, None, &TimeZone::UTC).unwrap();
        assert_eq!(period, Period { from: at("2026-11-21T15:00:00Z"), to: None });
        let open = Period::between(None, Some(bound("9999-12-31")), &seoul).unwrap();
        assert_eq!(open, Period::default(), "no end");
        assert!(Period::between(Some(bound("9999-12-31")), None, &seoul).is_err());
        for wrong in ["yesterday", "2300-01-01", "2300-01-01T00:00:00Z"] {
            assert!(serde_json::from_value::<When>(wrong.into()).is_err(), "{wrong}");
        }
    }
}
