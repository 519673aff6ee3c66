//! The movements of one record, as they stand now.

use super::movement::Movement;
use super::standing;
use super::taken_back::{self, Places};
use super::telling::{self, Draft};
use super::{Sources, settled};
use crate::status::MovementStatus;
use jangbu_ledger::{CommandId, HoldId, Position};
use jangbu_runtime::BankError;

/// The movements of one record, on the way to being told.
pub struct Told {
    drafts: Vec<Draft>,
    ended: Vec<HoldId>,
    as_of: Position,
    /// Those that lack only what was reversed of them.
    found: Option<Vec<Movement>>,
}

/// How far they have come.
pub enum Telling {
    /// They are all told.
    All(Vec<Movement>),
    /// It has to be known where the last words on these commands are recorded.
    Unplaced(Vec<CommandId>),
}

impl Told {
    /// Those of the record at `position`.
    pub fn at(sources: &Sources, position: Position) -> Result<Told, BankError> {
        let record = sources.read(position)?;
        let mut drafts = telling::drafts(std::slice::from_ref(&record));
        telling::name(sources, &mut drafts)?;
        settled::complete(sources, std::slice::from_ref(&record), &mut drafts)?;
        // As of the record itself, so that a transfer that was verified is not taken out: its end is told in its place.
        let ended = standing::look_at_open(sources, &mut drafts, Position::START)?;
        Ok(Told { drafts, ended, as_of: position, found: None })
    }

    /// Goes on, once it is known where the last words are that were asked for last. The movements come in the order of
    /// their steps.
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
        let verified = drafts.iter().find(|draft| draft.movement.verified && draft.is_placement());
        let transfer = verified.map(|draft| draft.movement.id).filter(|id| self.ended.contains(&HoldId::new(*id)));
        if let Some(transfer) = transfer
            && let Some(place) = places.find(sources, transfer)?
        {
            // It stands where it ended.
            let record = sources.read(place)?;
            drafts = telling::drafts(std::slice::from_ref(&record));
            telling::name(sources, &mut drafts)?;
            settled::complete(sources, std::slice::from_ref(&record), &mut drafts)?;
            drafts.retain(|draft| draft.movement.verified && draft.movement.id == transfer);
            for Draft { movement, .. } in &mut drafts {
                // Something of it was paid before the rest went back: then that is what it is about.
                if movement.settlement.is_none() && !movement.captured.is_zero() {
                    (movement.status, movement.amount) = (MovementStatus::Posted, movement.captured);
                }
            }
        } else {
            standing::look_at_ended(sources, &mut drafts, (&self.ended, self.as_of), places)?;
        }
        Ok(drafts.into_iter().map(|draft| draft.movement).collect())
    }
}
