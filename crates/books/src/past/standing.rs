//! Determines the present state of holds: open ones from the books, ended ones from their last record.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Sources;
use super::movement::MovementKind;
use super::taken_back::Places;
use super::telling::Draft;
use crate::books::Standing;
use crate::status::MovementStatus;
use jangbu_ledger::{Amount, HoldDrawn, HoldEnd, HoldId, Position, Reason, Timestamp};
use jangbu_runtime::BankError;

/// Updates the open holds among the drafts to their present state. Returns the ended ones, whose ends have to be found.
///
/// A verified transfer is listed at the record that ended it. Its placement is removed here, unless the transfer ended
/// after `as_of`, where the search does not look.
pub(super) fn resolve_open(
    sources: &Sources,
    drafts: &mut Vec<Draft>,
    as_of: Position,
) -> Result<Vec<HoldId>, BankError> {
    let asked: Vec<_> = drafts
        .iter()
        .filter(|draft| draft.is_placement())
        .filter_map(|draft| Some((draft.parties?.0, draft.movement.as_hold(), draft.movement.position)))
        .collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let (standings, applied) = sources.ask(move |books| {
        let standings: Vec<_> = asked.iter().map(|(from, id, placed)| books.standing(*from, *id, *placed)).collect();
        (standings, books.applied())
    })?;
    let (mut standings, mut ended) = (standings.into_iter(), Vec::new());
    drafts.retain_mut(|draft| {
        if !draft.is_placement() {
            return true;
        }
        let movement = &mut draft.movement;
        match standings.next().unwrap_or(Standing::Ended) {
            Standing::Open(hold) => (movement.amount, movement.captured) = (hold.amount, hold.captured),
            // The expiry may not be recorded yet, so there is no record at which the hold could be listed.
            Standing::Expired(hold) => {
                (movement.amount, movement.captured) = (hold.amount, hold.captured);
                let end = Some(HoldEnd::Expired);
                movement.status =
                    MovementStatus::of_hold(movement.requires_verification, end, hold.amount, hold.captured);
            }
            // The books know the end, so it is durable.
            Standing::Ended if movement.requires_verification && applied <= as_of => return false,
            Standing::Ended => ended.push(movement.as_hold()),
        }
        true
    });
    Ok(ended)
}

/// The last record about a hold.
struct Last {
    position: Position,
    recorded_at: Timestamp,
    end: HoldEnd,
    captured: Amount,
    amount: Amount,
    reason: Option<Box<str>>,
}

impl Last {
    fn of(drawn: &HoldDrawn, position: Position, recorded_at: Timestamp) -> Option<Last> {
        let (end, captured) = (drawn.drawn.end?, drawn.drawn.captured);
        let amount = captured.saturating_add(drawn.drawn.released);
        // A last capture has no reason, and a release has the only one.
        Some(Last { position, recorded_at, end, captured, amount, reason: drawn.reason.clone() })
    }
}

/// Updates the ended holds among the drafts to their present state. `ended` lists them.
pub(super) fn resolve_ended(
    sources: &Sources,
    drafts: &mut Vec<Draft>,
    (ended, as_of): (&[HoldId], Position),
    places: &Places,
) -> Result<(), BankError> {
    let mut ends: FxHashMap<HoldId, Last> = FxHashMap::default();
    for hold in ended {
        if ends.contains_key(hold) {
            continue;
        }
        let missing = || BankError::Unreadable(format!("the end of the hold {hold} is not in the journal"));
        let place = match places.find(sources, hold.key())? {
            Some(place) => place,
            None => return Err(missing()),
        };
        let record = sources.read(place)?;
        // Holds that ended together have one record.
        record.body.for_each_hold(|drawn| {
            if let Some(last) = Last::of(drawn, record.position, record.recorded_at) {
                ends.insert(drawn.hold, last);
            }
        });
        if !ends.contains_key(hold) {
            return Err(missing());
        }
    }
    let ended: FxHashSet<HoldId> = ended.iter().copied().collect();
    drafts.retain_mut(|draft| {
        let id = draft.movement.as_hold();
        if !draft.is_placement() || !ended.contains(&id) {
            return true;
        }
        let movement = &mut draft.movement;
        let Some(last) = ends.get(&id) else { return true };
        if movement.requires_verification {
            return last.position > as_of;
        }
        movement.status = MovementStatus::of_hold(false, Some(last.end), last.amount, last.captured);
        (movement.amount, movement.captured, movement.ended_at) = (last.amount, last.captured, Some(last.recorded_at));
        let Reason { internal, customer } = Reason::of(last.reason.as_deref());
        (movement.reason, movement.customer_text) = (internal.to_owned(), customer.to_owned());
        true
    });
    Ok(())
}

impl Draft {
    /// Returns whether this is a placement of a hold that may have ended.
    pub(super) fn is_placement(&self) -> bool {
        self.movement.status.is_open()
    }

    /// Returns whether it can be a movement of a hold.
    pub(super) const fn is_hold(&self) -> bool {
        matches!(self.movement.kind, MovementKind::Hold)
    }
}
