//! The calendar: tables for the common cases, and a naive model for the rest.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::calendar::next_after;
use super::{BusinessDate, Rule, TimeOfDay, Timestamp, Weekdays};

const ZONES: [&str; 5] = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Seoul", "Pacific/Apia"];

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn day(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

/// Parses a rule such as `daily/2 09:00`, `weekly/1 mon,fri 09:00`, `monthly/1 31 09:00`.
fn rule(text: &str) -> Rule {
    let words: Vec<&str> = text.split([' ', '/']).collect();
    let every = words[1].parse().unwrap();
    let at: TimeOfDay = words.last().unwrap().parse().unwrap();
    match words[0] {
        "daily" => Rule::Daily { every, at },
        "weekly" => Rule::Weekly { every, days: words[2].parse().unwrap(), at },
        _ => Rule::Monthly { every, day: words[2].parse().unwrap(), at },
    }
}

fn local(moment: Timestamp, zone: &TimeZone) -> String {
    moment.to_jiff().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %:z").to_string()
}

/// Returns the first occurrences of a rule from its start on, in the time of the zone.
fn first(name: &str, text: &str, start: &str, count: usize) -> Vec<String> {
    let zone = zone(name);
    let before = zone.to_timestamp(start.parse::<Date>().unwrap().at(0, 0, 0, 0)).unwrap() - 1.nanosecond();
    let next = |after: &Timestamp| next_after(&rule(text), day(start), None, *after, &zone);
    let found = std::iter::successors(next(&before.try_into().unwrap()), next).take(count);
    found.map(|moment| local(moment, &zone)).collect()
}

#[test]
fn rules_give_the_moments_that_people_expect() {
    for (name, text, start, expected) in [
        ("Asia/Seoul", "daily/1 09:00", "2026-11-21", "2026-11-21 09:00 +09:00|2026-11-22 09:00 +09:00"),
        ("Asia/Seoul", "daily/10 00:00", "2026-12-25", "2026-12-25 00:00 +09:00|2027-01-04 00:00 +09:00"),
        // 2026-11-21 is a Saturday: the rest of its week has no Monday, and the next week does not count.
        (
            "Asia/Seoul",
            "weekly/2 mon,sun 09:00",
            "2026-11-21",
            "2026-11-22 09:00 +09:00|2026-11-30 09:00 +09:00|2026-12-06 09:00 +09:00",
        ),
        // The end of the month, in a leap year and in another.
        (
            "Asia/Seoul",
            "monthly/1 31 09:00",
            "2028-01-31",
            "2028-01-31 09:00 +09:00|2028-02-29 09:00 +09:00|2028-03-31 09:00 +09:00|2028-04-30 09:00 +09:00",
        ),
        ("Asia/Seoul", "monthly/1 30 09:00", "2027-02-01", "2027-02-28 09:00 +09:00|2027-03-30 09:00 +09:00"),
        ("Asia/Seoul", "monthly/1 29 09:00", "2100-02-01", "2100-02-28 09:00 +09:00|2100-03-29 09:00 +09:00"),
        // The day has passed in the month of the start.
        ("Asia/Seoul", "monthly/3 15 09:00", "2026-11-21", "2027-02-15 09:00 +09:00|2027-05-15 09:00 +09:00"),
        ("Asia/Seoul", "monthly/12 29 09:00", "2028-02-01", "2028-02-29 09:00 +09:00|2029-02-28 09:00 +09:00"),
        // Set forward over 02:30, from 02:00 to 03:00: it occurs when the gap ends.
        (
            "America/New_York",
            "daily/1 02:30",
            "2026-03-07",
            "2026-03-07 02:30 -05:00|2026-03-08 03:00 -04:00|2026-03-09 02:30 -04:00",
        ),
        // Set back over 01:30, from 02:00 to 01:00: it occurs once, the first time.
        (
            "America/New_York",
            "daily/1 01:30",
            "2026-10-31",
            "2026-10-31 01:30 -04:00|2026-11-01 01:30 -04:00|2026-11-02 01:30 -05:00",
        ),
        ("Europe/Berlin", "daily/1 02:00", "2026-03-28", "2026-03-28 02:00 +01:00|2026-03-29 03:00 +02:00"),
        ("Europe/Berlin", "daily/1 03:00", "2026-10-24", "2026-10-24 03:00 +02:00|2026-10-25 03:00 +01:00"),
        // Half an hour: 02:00 to 02:30, and 02:00 back to 01:30.
        ("Australia/Lord_Howe", "daily/1 02:15", "2026-10-03", "2026-10-03 02:15 +10:30|2026-10-04 02:30 +11:00"),
        ("Australia/Lord_Howe", "daily/1 01:45", "2026-04-04", "2026-04-04 01:45 +11:00|2026-04-05 01:45 +11:00"),
        // A whole day that the islands skipped: 30 December 2011 ends when it begins, and coincides with the 31st.
        (
            "Pacific/Apia",
            "daily/1 00:00",
            "2011-12-29",
            "2011-12-29 00:00 -10:00|2011-12-31 00:00 +14:00|2012-01-01 00:00 +14:00",
        ),
        (
            "Pacific/Apia",
            "daily/1 12:00",
            "2011-12-29",
            "2011-12-29 12:00 -10:00|2011-12-31 00:00 +14:00|2011-12-31 12:00 +14:00",
        ),
    ] {
        let expected: Vec<&str> = expected.split('|').collect();
        assert_eq!(first(name, text, start, expected.len()), expected, "{text} from {start} in {name}");
    }
}

#[test]
fn a_rule_with_one_moment_runs_once() {
    let (rule, at) = (Rule::Once(Timestamp::from_ns(100)), Timestamp::from_ns);
    let next = |after| next_after(&rule, day("2030-01-01"), None, at(after), &zone("Asia/Seoul"));
    assert_eq!((next(99), next(100)), (Some(at(100)), None));
}

#[test]
fn no_occurrence_follows_the_last_date_or_the_range_of_time() {
    let zone = zone("America/New_York");
    let after: Timestamp = "2026-03-07T12:00:00Z".parse().unwrap();
    let until = |date| next_after(&rule("daily/1 02:30"), day("2026-01-01"), Some(day(date)), after, &zone);
    // The date that counts is that of the rule, even if the clocks move its moment.
    assert_eq!(until("2026-03-07"), None);
    assert_eq!(until("2026-03-08").map(|moment| local(moment, &zone)), Some("2026-03-08 03:00 -04:00".into()));
    let late: Timestamp = "2262-04-11T12:00:00Z".parse().unwrap();
    assert_eq!(next_after(&rule("daily/1 22:00"), day("2026-01-01"), None, late, &zone), None);
    assert_eq!(next_after(&rule("daily/1 00:00"), BusinessDate::from_days(i32::MAX), None, late, &zone), None);
}

/// Returns whether the rule names the date, by counting.
fn names(rule: &Rule, start: Date, date: Date) -> bool {
    let counted = |every: u16, units: i32| units >= 0 && units % i32::from(every) == 0;
    match rule {
        Rule::Once(_) => false,
        Rule::Daily { every, .. } => date >= start && counted(*every, (date - start).get_days()),
        Rule::Weekly { every, days, .. } => {
            let mut monday = start;
            while monday.weekday() != jiff::civil::Weekday::Monday {
                monday = monday.yesterday().unwrap();
            }
            let name = date.strftime("%a").to_string();
            let weeks = (date - monday).get_days().div_euclid(7);
            date >= start && counted(*every, weeks) && days.to_string().contains(&name.to_lowercase())
        }
        Rule::Monthly { every, day, .. } => {
            let months = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
            let last = date.last_of_month().day();
            let wanted = i8::try_from(*day).unwrap().min(last);
            date >= start && counted(*every, months(date) - months(start)) && date.day() == wanted
        }
    }
}

/// Returns the first minute at which the clocks show the time of the date or a later one.
fn first_shown(date: Date, at: TimeOfDay, zone: &TimeZone) -> Timestamp {
    let wanted = date.at(at.hour() as i8, at.minute() as i8, 0, 0);
    let begin = wanted.to_zoned(TimeZone::UTC).unwrap().timestamp() - (40 * 60).minutes();
    let shown = (0..80 * 60).map(|minutes| begin + minutes.minutes());
    shown.into_iter().find(|moment| zone.to_datetime(*moment) >= wanted).unwrap().try_into().unwrap()
}

fn rules() -> impl Strategy<Value = Rule> {
    let at = (0u8..24, 0u8..60).prop_map(|(hour, minute)| TimeOfDay::new(hour, minute).unwrap());
    let early = (0u8..5, 0u8..60).prop_map(|(hour, minute)| TimeOfDay::new(hour, minute).unwrap());
    let at = prop_oneof![at, early];
    let days = prop::collection::vec(prop::sample::select(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), 1..4)
        .prop_map(|names| names.join(",").parse::<Weekdays>().unwrap());
    prop_oneof![
        (1u16..40, at.clone()).prop_map(|(every, at)| Rule::Daily { every, at }),
        (1u16..6, days, at.clone()).prop_map(|(every, days, at)| Rule::Weekly { every, days, at }),
        (1u16..14, 1u8..32, at).prop_map(|(every, day, at)| Rule::Monthly { every, day, at }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("JANGBU_LONG").is_some() { 4_000 } else { 150 }))]

    #[test]
    fn the_next_moment_is_the_first_that_the_clocks_show(
        rule in rules(),
        name in prop::sample::select(ZONES.to_vec()),
        start in 14_900i32..22_000,
        hours in 0i64..24 * 420,
        early_days in 0i64..3,
    ) {
        let (zone, start) = (zone(name), BusinessDate::from_days(start));
        let begin = zone.to_timestamp(start.to_jiff().at(0, 0, 0, 0)).unwrap();
        let after = begin + hours.hours() - (early_days * 24).hours();
        let found = next_after(&rule, start, None, after.try_into().unwrap(), &zone);
        let at = match rule {
            Rule::Daily { at, .. } | Rule::Weekly { at, .. } | Rule::Monthly { at, .. } => at,
            Rule::Once(_) => TimeOfDay::default(),
        };
        // All candidate dates, every one of which the model examines.
        let from = zone.to_datetime(after).date().saturating_sub(3.days());
        let dates = from.series(1.day()).take(450).filter(|date| names(&rule, start.to_jiff(), *date));
        let expected = dates.map(|date| first_shown(date, at, &zone)).find(|moment| *moment > Timestamp::try_from(after).unwrap());
        prop_assert_eq!(found, expected);
    }
}
