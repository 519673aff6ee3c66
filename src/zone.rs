//! The time zone of a bank, fixed when the bank is created.

use std::path::Path;

use jangbu::{Bank, Builder, OpenError};

/// A bank keeps the time zone with which it was created, although a different one is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptTimeZone {
    /// The bank's time zone.
    pub(crate) made: String,
    /// The time zone that is set.
    pub(crate) set: String,
    /// The source of the setting.
    pub(crate) origin: String,
}

impl std::fmt::Display for KeptTimeZone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let KeptTimeZone { made, set, origin } = self;
        write!(f, "time_zone is set to {set} ({origin}), but the bank was created with {made} and keeps it")
    }
}

/// A time zone that is set, and the source of the setting.
pub(crate) type TimeZoneSetting = (String, String);

/// Opens the bank in `data`, or creates it in the time zone that is set. The setting does not change an existing bank.
///
/// # Errors
/// Every variant of [`OpenError`] except [`OpenError::TimeZoneFixed`].
pub(crate) fn open(
    builder: Builder,
    data: &Path,
    set: Option<TimeZoneSetting>,
) -> Result<(Bank, Option<KeptTimeZone>), OpenError> {
    let Some((set, origin)) = set else { return Ok((builder.open(data)?, None)) };
    match builder.clone().time_zone(&set).open(data) {
        Err(OpenError::TimeZoneFixed { made, wanted: set }) => {
            Ok((builder.open(data)?, Some(KeptTimeZone { made, set, origin })))
        }
        opened => Ok((opened?, None)),
    }
}
