//! The movements of one record in their present state.

use super::movement::Movement;
use super::standing;
use super::taken_back::{self, Places};
use super::telling::{self, Draft};
use super::{Sources, settled};
use crate::status::MovementStatus;
use jangbu_ledger::{CommandId, HoldId, Position};
use jangbu_runtime::BankError;

/// The movements of one record while their present state is being determined.
pub struct Told {
    drafts: Vec<Draft>,
    ended: Vec<HoldId>,
    as_of: Position,
    /// The movements without their reversals.
    found: Option<Vec<Movement>>,
}

/// The progress of the work.
pub enum Telling {
    /// The movements are complete.
    All(Vec<Movement>),
    /// The positions of the last records about these commands are needed.
    Unplaced(Vec<CommandId>),
}

impl Told {
    /// Starts with the movements of the record at `position`.
    pub fn at(sources: &Sources, position: Position) -> Result<Told, BankError> {
        let record = sources.read(position)?;
        let mut drafts = telling::drafts(std::slice::from_ref(&record));
        telling::name(sources, &mut drafts)?;
        settled::complete(sources, std::slice::from_ref(&record), &mut drafts)?;
        // As of the record itself, so that a verified transfer is not left out. Its end is filled in below.
        let ended = standing::resolve_open(sources, &mut drafts, Position::START)?;
        Ok(Told { drafts, ended, as_of: position, found: None })
    }

    /// Continues once the positions that were requested last are known. The movements are in the order of their steps.
    pub fn go_on(&mut self, sources: &Sources, places: &Places) -> Result<Telling, BankError> {
        if self.found.is_none() {
            let ended: Vec<CommandId> = self.ended.iter().map(|hold| hold.key()).collect();
            if !places.know(&ended) {
                return Ok(Telling::Unplaced(ended));
            }
            self.found = Some(self.stand(sources, places)?);
        }
        let found = self.found.get_or_insert_default();
        let originals: Vec<CommandId> = found.iter().filter_map(taken_back::reversible).collect();
        if !places.know(&originals) {
            return Ok(Telling::Unplaced(originals));
        }
        taken_back::mark(sources, found, places)?;
        Ok(Telling::All(std::mem::take(found)))
    }

    fn stand(&mut self, sources: &Sources, places: &Places) -> Result<Vec<Movement>, BankError> {
        let mut drafts = std::mem::take(&mut self.drafts);
        let verified = drafts.iter().find(|draft| draft.movement.requires_verification && draft.is_placement());
        let transfer = verified.map(|draft| draft.movement.id).filter(|id| self.ended.contains(&HoldId::new(*id)));
        if let Some(transfer) = transfer
            && let Some(place) = places.find(sources, transfer)?
        {
            // A verified transfer is listed at the record that ended it.
            let record = sources.read(place)?;
            drafts = telling::drafts(std::slice::from_ref(&record));
            telling::name(sources, &mut drafts)?;
            settled::complete(sources, std::slice::from_ref(&record), &mut drafts)?;
            drafts.retain(|draft| draft.movement.requires_verification && draft.movement.id == transfer);
            for Draft { movement, .. } in &mut drafts {
                // Part of it was paid before the rest went back, so it counts as a posted transfer of that part.
                if movement.settlement.is_none() && !movement.captured.is_zero() {
                    (movement.status, movement.amount) = (MovementStatus::Posted, movement.captured);
                }
            }
        } else {
            standing::resolve_ended(sources, &mut drafts, (&self.ended, self.as_of), places)?;
        }
        Ok(drafts.into_iter().map(|draft| draft.movement).collect())
    }
}
