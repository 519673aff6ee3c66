//! Repairs of reversals: everything that was reversed of an original is tallied from its records, what is too much goes
//! back, and one record states what has been reversed from then on.

use crate::account::Ticket;
use crate::command::Outcome;
use crate::journal::{JournalError, JournalReader};
use crate::ledger::{Amount, Body, Links, Original, Posted, Refusal, ReversalsRepaired, Tally, TallyError};

use super::admission::Purpose;
use super::core::Core;
use super::effects::Effect;
use super::flights::Stage;
use super::groups::{Group, Unplanned};
use super::plans::Action;
use super::referred::LastWord;

/// What is to be put right.
#[derive(Clone, Debug)]
pub(super) struct Repairing {
    pub(super) original: Original,
    pub(super) tally: Tally,
    /// What was reversed of the movement beyond its amount.
    pub(super) excess: Amount,
}

impl Repairing {
    /// The record's body. `posted` is the way back of the excess, if there is any.
    pub(super) fn body(&self, posted: Option<Posted>) -> Body {
        Body::ReversalsRepaired(Box::new(ReversalsRepaired {
            original: self.original.id,
            original_position: self.original.position,
            step: self.original.step,
            posted,
            reversed: self.tally.stated(self.original.step, self.excess),
            previous: self.tally.last,
        }))
    }
}

impl Core {
    /// The original is known: waits until its newest reversal is durable, and reads all of them.
    pub(super) fn seek_reversals_to_repair(&mut self, ticket: Ticket, original: Original) {
        let newest = self.referred.get(original.id).map(|word| word.position);
        if let Some(newest) = newest
            && newest > self.appender.durable()
        {
            // Its turn is not over: the original is looked up once more, and its reversals are durable then.
            return self.fetch(ticket, newest, Purpose::Repair);
        }
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.stage = Stage::Comparing;
        }
        self.effects.push(Effect::Tally { ticket, original: Box::new(original) });
    }

    pub(super) fn tallied(
        &mut self,
        ticket: Ticket,
        original: Original,
        tally: Result<Result<Tally, TallyError>, JournalError>,
    ) {
        let tally = match tally {
            Ok(Ok(tally)) => tally,
            // No repair can put that right, and nothing is to be made worse.
            Ok(Err(_)) => return self.refuse(ticket, Refusal::NotReversible { original: original.id }),
            Err(JournalError::Archived { position, .. }) => return self.refuse(ticket, Refusal::Archived { position }),
            Err(error) => return self.broken(&error.to_string()),
        };
        let excess = tally.of(original.step).saturating_sub(original.amount);
        if excess.is_zero() && tally.broken.is_none() {
            return self.refuse(ticket, Refusal::ReversalsSound { original: original.id });
        }
        let repairing = Repairing { original, tally, excess };
        if excess.is_zero() {
            return self.record_repair(ticket, &repairing);
        }
        let (sender, receiver) = original.parties;
        let mut group = Group::repairing(repairing);
        let action = Action::reversal(excess, None);
        group.unplanned.push(Unplanned { at: 0, accounts: [sender, receiver], action });
        self.groups.insert(ticket, group);
        self.name_accounts(ticket);
    }

    /// Records a repair that moves nothing.
    fn record_repair(&mut self, ticket: Ticket, repairing: &Repairing) {
        let Original { id: original, step, .. } = repairing.original;
        let Some(flight) = self.flights.remove(ticket) else { return };
        let position = self.append(&flight, repairing.body(None), Links::new());
        self.referred.note(original, LastWord { position, end: None });
        self.land(flight, Ok(Outcome::Recorded { position }));
        self.end_turns(&[(original, step)], ticket);
    }
}

/// Reads every reversal of an original that is durable.
pub(super) fn tally(
    reader: &dyn JournalReader,
    original: &Original,
) -> Result<Result<Tally, TallyError>, JournalError> {
    let (mut tally, end) = (Tally::default(), reader.end());
    for record in reader.scan(original.position.next()) {
        let record = record?;
        if record.position > end {
            break;
        }
        if let Err(error) = tally.add(original.id, record.position, &record.body) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(tally))
}
