//! The description of the state that stands in for archived segments.

use super::Chain;
use jangbu_ledger::{BankCreated, CommandId, Position, Timestamp};

/// What is known of the archived records, in addition to the state that they lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The id of the journal.
    pub journal: u128,
    /// The number of the last segment that the state covers.
    pub number: u64,
    /// The last record of that segment.
    pub position: Position,
    /// When that record was recorded.
    pub recorded_at: Timestamp,
    /// The chain after that segment's last frame.
    pub chain: Chain,
    /// The id of that record.
    pub last_id: CommandId,
    /// The id of the bank, from the journal's first record.
    pub bank: u128,
    /// The IANA name of the bank's time zone.
    pub time_zone: String,
}

impl Base {
    /// Describes the state that stands in for the records up to `last`, the last one of the segment `through`, in the
    /// journal of the bank `made`.
    pub fn new(through: &FullSegment, last: &(Position, CommandId, Timestamp), made: &BankCreated) -> Base {
        Base {
            journal: through.journal,
            number: through.number,
            position: last.0,
            recorded_at: last.2,
            chain: through.chain,
            last_id: last.1,
            bank: made.bank,
            time_zone: made.time_zone.clone(),
        }
    }

    /// Returns the position, id and time of the last record.
    pub const fn last(&self) -> (Position, CommandId, Timestamp) {
        (self.position, self.last_id, self.recorded_at)
    }

    /// Returns whether the state covers that segment.
    pub const fn covers(&self, segment: &FullSegment) -> bool {
        segment.number <= self.number
    }
}

/// A full segment.
#[derive(Clone, Copy, Debug)]
pub struct FullSegment {
    /// The id of the journal.
    pub journal: u128,
    /// The number of the segment.
    pub number: u64,
    /// The last record.
    pub last: Position,
    /// Where the last frame ends.
    pub bytes: u64,
    /// The chain after it.
    pub chain: Chain,
}
