//! Moments, days and positions as arguments.

use jangbu::blocking::Bank;
use jangbu::{Position, Timestamp, queries::Moment, time::When};

use super::data::time_zone;
use super::error::CliError;

/// A point of the past, by the clock or by the journal; now when neither is given.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct At {
    /// As of this moment (2026-11-22T09:00:00+09:00), or the end of this day of the bank (2026-11-22)
    #[arg(long, value_name = "WHEN")]
    at: Option<When>,
    /// Right after the record at this position of the journal
    #[arg(long, value_name = "POSITION")]
    position: Option<u64>,
}

impl At {
    /// What was asked for, by the days of the bank.
    pub(super) fn moment(self, bank: &Bank) -> Result<Moment, CliError> {
        Ok(match (self.at, self.position) {
            (Some(when), _) => Moment::Time(when.last(&time_zone(bank)?)?.unwrap_or(Timestamp::MAX)),
            (None, Some(position)) => Moment::Position(Position::new(position)),
            (None, None) => Moment::Position(Position::new(u64::MAX)),
        })
    }
}
