//! Determines how much of a movement was reversed, starting from its newest reversal.

use rustc_hash::FxHashMap;

use super::Sources;
use super::movement::{Movement, MovementKind};
use crate::status::MovementStatus;
use jangbu_ledger::{Amount, CommandId, Counted, Position};
use jangbu_runtime::BankError;
use jangbu_runtime::unreadable;

/// The maximum number of reversals that are listed per movement.
const MOST_NAMED: usize = 20;
/// The maximum number of reversals that are read to find those of one movement of a record.
const MOST_READ: usize = 256;

/// The positions of the last records about commands, as far as the sealed part of the journal does not have them.
#[derive(Debug, Default)]
pub struct Places(FxHashMap<CommandId, Option<Position>>);

impl Places {
    /// Stores the position of the last record about a command.
    pub fn note(&mut self, id: CommandId, recent: Option<Position>) {
        self.0.insert(id, recent);
    }

    /// Returns whether all of them were looked up.
    pub(super) fn know(&self, ids: &[CommandId]) -> bool {
        ids.iter().all(|id| self.0.contains_key(id))
    }

    /// Returns the position of the last record about a command.
    pub(super) fn find(&self, sources: &Sources, id: CommandId) -> Result<Option<Position>, BankError> {
        match self.0.get(&id).copied().flatten() {
            Some(place) => Ok(Some(place)),
            None => sources.reader.find_reference(id).map_err(unreadable),
        }
    }
}

/// Returns the command by which reversals refer to a movement, or `None` if it cannot be reversed.
pub(super) fn reversible(movement: &Movement) -> Option<CommandId> {
    let can_be = matches!(movement.kind, MovementKind::Transfer | MovementKind::Sweep | MovementKind::Settlement);
    let is_posted = movement.status == MovementStatus::Posted;
    (can_be && is_posted).then(|| movement.settlement.unwrap_or(movement.id))
}

/// Fills in how much of each movement was reversed, and by which commands.
pub(super) fn mark(sources: &Sources, movements: &mut [Movement], places: &Places) -> Result<(), BankError> {
    for movement in movements {
        let Some(original) = reversible(movement) else { continue };
        let mut next = places.find(sources, original)?;
        let step = movement.step.unwrap_or(0);
        let mut reversed: Option<Amount> = None;
        for _ in 0..MOST_READ {
            let Some(place) = next.filter(|place| *place != Position::START) else { break };
            let record = match sources.read(place) {
                // Older reversals are included in the total of newer ones.
                Err(BankError::Archived { .. }) if reversed.is_some() => break,
                read => read?,
            };
            if let Counted::InAll(counted) = record.body.reversed_of(original, step) {
                reversed = reversed.or(Some(counted));
            }
            next = None;
            record.body.for_each_reversal(|it| {
                if it.original == original {
                    next = Some(it.previous);
                    if it.step == step {
                        movement.reversals.push(record.id);
                    }
                }
            });
            if movement.reversals.len() >= MOST_NAMED {
                break;
            }
        }
        movement.reversed = reversed.unwrap_or_default();
    }
    Ok(())
}
