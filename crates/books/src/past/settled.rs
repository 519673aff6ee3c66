//! Completes settlements and releases from their hold's placement: its texts, and whether it was a transfer that
//! awaited verification.

use super::Sources;
use super::movement::{Movement, MovementKind};
use super::telling::Draft;
use crate::status::MovementStatus;
use jangbu_ledger::{HoldPlaced, Position, Record};
use jangbu_runtime::BankError;

/// Completes the settlements and releases among the drafts from the records of their holds, which are in `records` or
/// are read. Archived placements are left out. Returns the number of records read.
pub(super) fn complete(sources: &Sources, records: &[Record], drafts: &mut [Draft]) -> Result<usize, BankError> {
    let mut reads: usize = 0;
    // Several steps or captures of one hold are often adjacent.
    let mut last: Option<Record> = None;
    for draft in drafts.iter_mut() {
        let Some(drawn) = draft.drawn else { continue };
        let position = drawn.place.position;
        let record = match among(records, position) {
            Some(record) => record,
            None => {
                if last.as_ref().is_none_or(|record| record.position != position) {
                    reads = reads.saturating_add(1);
                    last = match sources.read(position) {
                        Err(BankError::Archived { .. }) => None,
                        read => Some(read?),
                    };
                }
                let Some(record) = &last else { continue };
                record
            }
        };
        if let Some((placed, _)) = record.placed(drawn.place.step) {
            draft.say_as_placed(record, placed);
        }
    }
    Ok(reads)
}

/// Returns the record at `position` from records in the order of their positions.
fn among(records: &[Record], position: Position) -> Option<&Record> {
    let place = records.binary_search_by_key(&position, |record| record.position).ok()?;
    records.get(place)
}

impl Draft {
    fn say_as_placed(&mut self, record: &Record, placed: &HoldPlaced) {
        let Some(drawn) = self.drawn else { return };
        self.movement.details = placed.details.as_deref().cloned().unwrap_or_default();
        if placed.requires_verification {
            let Movement { id: command, recorded_at, amount, .. } = self.movement;
            let is_settled = self.movement.kind == MovementKind::Settlement;
            let movement = &mut self.movement;
            (movement.id, movement.kind, movement.requires_verification) = (record.id, MovementKind::Transfer, true);
            (movement.asked_at, movement.ended_at) = (Some(record.recorded_at), Some(recorded_at));
            (movement.hold, movement.captured) = (None, drawn.captured);
            if is_settled {
                movement.settlement = Some(command);
            } else {
                movement.fee = placed.fee;
                movement.status = MovementStatus::of_hold(true, drawn.end, amount, jangbu_ledger::Amount::ZERO);
            }
        }
    }
}
