//! Finds out how holds stand now: open ones from the books, ended ones from their last record.

use std::collections::BTreeMap;

use super::Sources;
use super::movement::{MovementKind, MovementStatus};
use super::telling::{Draft, status_of};
use crate::error::BankError;
use crate::ledger::{CommandId, Drawn, HoldEnd, Position};

/// Brings the holds among the drafts to how they stand now. Returns for how many the end had to be found.
pub(super) fn complete(sources: &Sources, drafts: &mut [Draft]) -> Result<usize, BankError> {
    let is_hold =
        |draft: &&mut Draft| draft.movement.kind == MovementKind::Hold && draft.movement.status == MovementStatus::Open;
    let mut holds: Vec<&mut Draft> = drafts.iter_mut().filter(is_hold).collect();
    if holds.is_empty() {
        return Ok(0);
    }
    let asked: Vec<_> = holds.iter().filter_map(|draft| Some((draft.parties?.0, draft.movement.position))).collect();
    let open = sources
        .ask(move |books| asked.iter().map(|(from, placed)| books.open_hold(*from, *placed)).collect::<Vec<_>>())?;
    let mut ended = Vec::new();
    for (draft, open) in holds.iter_mut().zip(open) {
        match open {
            Some(hold) => {
                (draft.movement.amount, draft.movement.captured) = (hold.amount, hold.captured);
            }
            // The books have its end, so that is durable.
            None => ended.push(draft.movement.id),
        }
    }
    let ends = ends(sources, &ended)?;
    for draft in holds {
        if let Some((drawn, end)) = ends.get(&draft.movement.id) {
            draft.movement.status = status_of(*end);
            draft.movement.amount = drawn.captured.saturating_add(drawn.released);
            draft.movement.captured = drawn.captured;
        }
    }
    Ok(ended.len())
}

/// The ends of holds that are not open any more.
fn ends(sources: &Sources, holds: &[CommandId]) -> Result<BTreeMap<CommandId, (Drawn, HoldEnd)>, BankError> {
    let mut ends = BTreeMap::new();
    let places = sources.references(holds)?;
    // Several that ended together have one record.
    let mut last: Option<(Position, Vec<(CommandId, Drawn)>)> = None;
    for (hold, place) in holds.iter().zip(places) {
        let missing = || BankError::Unreadable(format!("the end of the hold {hold} is not in the journal"));
        let place = place.ok_or_else(missing)?;
        if last.as_ref().is_none_or(|(at, _)| *at != place) {
            let mut drawn = Vec::new();
            sources.read(place)?.body.for_each_hold(|told| drawn.push((told.hold, told.drawn)));
            last = Some((place, drawn));
        }
        let told = last.iter().flat_map(|(_, drawn)| drawn).filter(|(of, _)| of == hold);
        let (drawn, end) = told.filter_map(|(_, drawn)| Some((*drawn, drawn.end?))).next_back().ok_or_else(missing)?;
        ends.insert(*hold, (drawn, end));
    }
    Ok(ends)
}
