//! The time zone that a bank is made with, wherever one is made.

use std::path::Path;

use jangbu::{Bank, Builder, OpenError};

/// A bank that keeps the time zone with which it was made, although another one is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The bank's.
    pub(crate) made: String,
    /// The one that is set.
    pub(crate) set: String,
    /// Where it is set.
    pub(crate) origin: String,
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Kept { made, set, origin } = self;
        write!(f, "time_zone is {set} ({origin}), but the bank keeps {made}, with which it was made")
    }
}

/// A time zone that is set, and where.
pub(crate) type Set = (String, String);

/// Opens the bank in `data`, or makes one there in the time zone that is set. What is set does not change one that is there.
///
/// # Errors
/// Every variant of [`OpenError`] but [`OpenError::TimeZoneFixed`].
pub(crate) fn open(builder: Builder, data: &Path, set: Option<Set>) -> Result<(Bank, Option<Kept>), OpenError> {
    let Some((set, origin)) = set else { return Ok((builder.open(data)?, None)) };
    match builder.clone().time_zone(&set).open(data) {
        Err(OpenError::TimeZoneFixed { made, wanted: set }) => {
            Ok((builder.open(data)?, Some(Kept { made, set, origin })))
        }
        opened => Ok((opened?, None)),
    }
}
