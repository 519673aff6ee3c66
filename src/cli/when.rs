//! Moments, days and positions as arguments.

use jangbu::blocking::Bank;
use jangbu::{Position, Timestamp, queries::Moment, time::When};

use super::data::time_zone;
use super::error::CliError;

/// A point in the past, by the clock or by the journal. The default is now.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct At {
    /// As of this moment (2026-11-22T09:00:00+09:00), or the end of this day of the bank (2026-11-22)
    #[arg(long, value_name = "WHEN")]
    at: Option<When>,
    /// As of the record at this journal position
    #[arg(long, value_name = "POSITION")]
    position: Option<u64>,
}

impl At {
    /// Returns the requested point. Days are in the bank's time zone.
    pub(super) fn moment(self, bank: &Bank) -> Result<Moment, CliError> {
        Ok(match (self.at, self.position) {
            (Some(when), _) => Moment::Time(when.last(&time_zone(bank)?)?.unwrap_or(Timestamp::MAX)),
            (None, Some(position)) => Moment::Position(Position::new(position)),
            (None, None) => Moment::Position(Position::new(u64::MAX)),
        })
    }
}
