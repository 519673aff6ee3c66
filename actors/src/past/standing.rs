//! Finds out how holds stand now: open ones from the books, ended ones from their last record.

use rustc_hash::FxHashMap;

use super::Sources;
use super::movement::{MovementKind, MovementStatus};
use super::telling::{Draft, status_of};
use crate::error::BankError;
use crate::history::unreadable;
use crate::ledger::{CommandId, Drawn, HoldEnd, Position};

/// Where the ends of holds are recorded, as far as the sealed part of the journal does not say.
pub(crate) type Ends = FxHashMap<CommandId, Option<Position>>;

/// Brings the open holds among the drafts to how they stand now. Returns the others, whose ends have to be found.
pub(super) fn look_at_open(sources: &Sources, drafts: &mut [Draft]) -> Result<Vec<CommandId>, BankError> {
    let is_hold = |draft: &&mut Draft| draft.is_placed_hold();
    let mut holds: Vec<&mut Draft> = drafts.iter_mut().filter(is_hold).collect();
    if holds.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<_> = holds.iter().filter_map(|draft| Some((draft.parties?.0, draft.movement.position))).collect();
    let open = sources
        .ask(move |books| asked.iter().map(|(from, placed)| books.open_hold(*from, *placed)).collect::<Vec<_>>())?;
    let mut ended = Vec::new();
    for (draft, open) in holds.iter_mut().zip(open) {
        match open {
            Some(hold) => (draft.movement.amount, draft.movement.captured) = (hold.amount, hold.captured),
            // The books have its end, so that is durable.
            None => ended.push(draft.movement.id),
        }
    }
    Ok(ended)
}

/// Brings the ended holds among the drafts to how they stand now: those whose ends are asked for by `ended`.
pub(super) fn look_at_ended(
    sources: &Sources,
    drafts: &mut [Draft],
    ended: &[CommandId],
    recent: &Ends,
) -> Result<(), BankError> {
    let mut ends = FxHashMap::default();
    // Several that ended together have one record.
    let mut last: Option<(Position, Vec<(CommandId, Drawn)>)> = None;
    for hold in ended {
        let missing = || BankError::Unreadable(format!("the end of the hold {hold} is not in the journal"));
        let place = match recent.get(hold).copied().flatten() {
            Some(place) => Some(place),
            None => sources.reader.find_reference(*hold).map_err(unreadable)?,
        };
        let place = place.ok_or_else(missing)?;
        if last.as_ref().is_none_or(|(at, _)| *at != place) {
            let mut drawn = Vec::new();
            sources.read(place)?.body.for_each_hold(|told| drawn.push((told.hold, told.drawn)));
            last = Some((place, drawn));
        }
        let told = last.iter().flat_map(|(_, drawn)| drawn).filter(|(of, _)| of == hold);
        let found: Option<(Drawn, HoldEnd)> = told.filter_map(|(_, drawn)| Some((*drawn, drawn.end?))).next_back();
        ends.insert(*hold, found.ok_or_else(missing)?);
    }
    for draft in drafts.iter_mut().filter(|draft| draft.is_placed_hold()) {
        if let Some((drawn, end)) = ends.get(&draft.movement.id) {
            draft.movement.status = status_of(*end);
            draft.movement.amount = drawn.captured.saturating_add(drawn.released);
            draft.movement.captured = drawn.captured;
        }
    }
    Ok(())
}

impl Draft {
    /// Whether it is a hold that was placed, of which it is not known yet whether it ended.
    fn is_placed_hold(&self) -> bool {
        self.movement.kind == MovementKind::Hold && self.movement.status == MovementStatus::Open
    }
}
