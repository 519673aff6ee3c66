//! The moments that a rule gives.
//!
//! The rules of the time zone are an argument. A moment that was computed is stored with the schedule and not computed
//! again, so a newer time zone database affects only occurrences after the next one.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::{BusinessDate, Rule, TimeOfDay, Timestamp, Weekdays};

/// How many days before a moment the search for the next occurrence begins. No gap of a time zone is as long as two
/// days (Samoa skipped one in 2011), so no earlier date leads to a later moment.
const LOOK_BACK_DAYS: i64 = 2;
/// How many dates the search examines. One of them is late enough: the days looked back, the day itself and the next.
const ENOUGH_DATES: usize = 8;

/// Returns the first occurrence after `after`, or `None` if the rule gives no other up to and including the date
/// `until`.
///
/// `start` is the first date that counts. A rule that runs once does not use it.
pub(super) fn next_after(
    rule: &Rule,
    start: BusinessDate,
    until: Option<BusinessDate>,
    after: Timestamp,
    zone: &TimeZone,
) -> Option<Timestamp> {
    let at = match rule {
        Rule::Once(moment) => return (*moment > after).then_some(*moment),
        Rule::Daily { at, .. } | Rule::Weekly { at, .. } | Rule::Monthly { at, .. } => *at,
    };
    let (start, until) = (start.to_jiff(), until.map(BusinessDate::to_jiff));
    let here = zone.to_datetime(after.to_jiff()).date();
    let mut from = start.max(here.saturating_sub(LOOK_BACK_DAYS.days()));
    for _ in 0..ENOUGH_DATES {
        let found = first_date(rule, start, from)?;
        if until.is_some_and(|until| found > until) {
            return None;
        }
        let moment = moment_of(found, at, zone)?;
        if moment > after {
            return Some(moment);
        }
        from = found.tomorrow().ok()?;
    }
    None
}

/// Returns the first date of the rule on or after `from`, which is not before `start`.
fn first_date(rule: &Rule, start: Date, from: Date) -> Option<Date> {
    match rule {
        Rule::Once(_) => None,
        Rule::Daily { every, .. } => {
            let days = next_multiple(days(start, from), *every)?;
            start.checked_add(days.days()).ok()
        }
        Rule::Weekly { every, days, .. } => first_of_weeks(start, from, *every, *days),
        Rule::Monthly { every, day, .. } => first_of_months(start, from, *every, *day),
    }
}

fn first_of_weeks(start: Date, from: Date, every: u16, days_of_week: Weekdays) -> Option<Date> {
    let monday = |date: Date| date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).ok();
    let first_week = monday(start)?;
    // It is in the week of `from` or in the next week that counts, in which every day is late enough.
    let mut from = from;
    for _ in 0..2 {
        let week = days(first_week, monday(from)?).checked_div(7)?;
        let counts = next_multiple(week, every)?;
        if counts > week {
            from = first_week.checked_add(counts.checked_mul(7)?.days()).ok()?;
        }
        let rest = i64::from(7i8.checked_sub(from.weekday().to_monday_zero_offset())?);
        for offset in 0..rest {
            let date = from.checked_add(offset.days()).ok()?;
            if days_of_week.has_offset(date.weekday().to_monday_zero_offset()) {
                return Some(date);
            }
        }
        from = from.checked_add(rest.days()).ok()?;
    }
    None
}

fn first_of_months(start: Date, from: Date, every: u16, day: u8) -> Option<Date> {
    let month =
        |date: Date| i64::from(date.year()).checked_mul(12)?.checked_add(i64::from(date.month()).checked_sub(1)?);
    let first_month = month(start)?;
    // In the month of `from`, the day may have passed.
    let mut months = month(from)?.checked_sub(first_month)?;
    for _ in 0..2 {
        months = next_multiple(months, every)?;
        let month = first_month.checked_add(months)?;
        let year = i16::try_from(month.div_euclid(12)).ok()?;
        let first = Date::new(year, i8::try_from(month.rem_euclid(12)).ok()?.checked_add(1)?, 1).ok()?;
        let day = i8::try_from(day).ok()?.min(first.days_in_month());
        let found = first.checked_add(i64::from(day).checked_sub(1)?.days()).ok()?;
        if found >= from {
            return Some(found);
        }
        months = months.checked_add(1)?;
    }
    None
}

/// Returns the moment of a time of day on a date. If the clocks skip it, the moment at which they resume; if it occurs
/// twice, the first.
fn moment_of(date: Date, at: TimeOfDay, zone: &TimeZone) -> Option<Timestamp> {
    let local = date.at(i8::try_from(at.hour()).ok()?, i8::try_from(at.minute()).ok()?, 0, 0);
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let moment = match ambiguous.offset() {
        // By the offset after the gap, the time of day is before the gap, so the gap is the next transition.
        AmbiguousOffset::Gap { .. } => zone.following(ambiguous.earlier().ok()?).next()?.timestamp(),
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => ambiguous.earlier().ok()?,
    };
    // A moment out of range never comes.
    Timestamp::try_from(moment).ok().filter(|moment| *moment < Timestamp::MAX)
}

/// Returns the days from `from` to `to`. Dates of schedules are far from the bounds of the calendar.
fn days(from: Date, to: Date) -> i64 {
    let epoch = date(1970, 1, 1);
    let number = |date: Date| epoch.until(date).map_or(0, |span| i64::from(span.get_days()));
    number(to).saturating_sub(number(from))
}

/// Returns the smallest multiple of `every` that is at least `number` and at least zero.
fn next_multiple(number: i64, every: u16) -> Option<i64> {
    let every = i64::from(every);
    number.max(0).checked_add(every.checked_sub(1)?)?.checked_div(every)?.checked_mul(every)
}
