//! Moments and positions as arguments.

use jangbu::{Moment, Position, Timestamp};

/// A moment of the past, by the clock or by the journal; now when neither is given.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct At {
    /// After everything recorded at or before this moment (2026-11-22T09:00:00+09:00)
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    at: Option<Timestamp>,
    /// Right after the record at this position of the journal
    #[arg(long, value_name = "POSITION")]
    position: Option<u64>,
}

impl At {
    /// What was asked for.
    pub(super) fn moment(self) -> Moment {
        match (self.at, self.position) {
            (Some(time), _) => Moment::Time(time),
            (None, Some(position)) => Moment::Position(Position::new(position)),
            (None, None) => Moment::Position(Position::new(u64::MAX)),
        }
    }
}

/// Reads a moment in RFC 3339.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "no moment such as 2026-11-22T09:00:00+09:00".to_owned())
}
