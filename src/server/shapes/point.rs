//! A point in time, as requests write it: a day of the bank, or a moment.
//!
//! [`When`] parses it, here as on the command line. Only this module defines, for HTTP, which moment a day stands for.

use jangbu::{
    Timestamp,
    time::{When, WhenError},
};
use jiff::tz::TimeZone;
use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{RefOr, RefOr::T};
use utoipa::{PartialSchema, ToSchema};

use crate::server::http::Problem;

/// The schema of a [`When`].
pub(crate) struct DayOrMoment;

impl PartialSchema for DayOrMoment {
    fn schema() -> RefOr<Schema> {
        let text = |format: KnownFormat, description: &str, example: &str| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(SchemaFormat::KnownFormat(format)))
                .description(Some(description))
                .examples([example])
        };
        let day = text(KnownFormat::Date, "A day in the bank's time zone; 9999-12-31 means no end.", "2026-11-22");
        let moment = text(KnownFormat::DateTime, "A moment, RFC 3339 with an offset.", "2026-11-22T09:00:00+09:00");
        let either = AnyOfBuilder::new().item(day).item(moment).description(Some("A day of the bank, or a moment."));
        T(Schema::AnyOf(either.build()))
    }
}

impl ToSchema for DayOrMoment {}

/// A beginning: a day means its first moment.
///
/// # Errors
/// 400 for a day beyond what the bank can hold, and for no end.
pub(crate) fn beginning(field: &str, when: When, zone: &TimeZone) -> Result<Timestamp, Problem> {
    when.begin(zone).map_err(|error| refused(field, error))
}

/// An end: a day is included entirely, a moment is excluded. `None` for no end.
///
/// # Errors
/// 400 for a day beyond what the bank can hold.
pub(crate) fn ending(field: &str, when: When, zone: &TimeZone) -> Result<Option<Timestamp>, Problem> {
    when.end(zone).map_err(|error| refused(field, error))
}

/// As [`ending`], for an end that is required.
///
/// # Errors
/// 400 for a day beyond what the bank can hold, and for no end.
pub(crate) fn definite_ending(field: &str, when: When, zone: &TimeZone) -> Result<Timestamp, Problem> {
    ending(field, when, zone)?.ok_or_else(|| Problem::invalid_field(field, "out_of_range", "name a day or a moment"))
}

/// An "as of": a day means its last moment. `None` for no end.
///
/// # Errors
/// 400 for a day beyond what the bank can hold.
pub(crate) fn as_of(field: &str, when: When, zone: &TimeZone) -> Result<Option<Timestamp>, Problem> {
    when.last(zone).map_err(|error| refused(field, error))
}

fn refused(field: &str, error: WhenError) -> Problem {
    Problem::invalid_field(field, "out_of_range", error.to_string())
}
