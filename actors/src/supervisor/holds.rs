//! Why a hold is not open, and what happens when its time is over.

use super::admission::Purpose;
use super::core::Core;
use super::effects::LookUp;
use super::flights::{AnswerTo, Flow};
use super::known::Mark;
use crate::account::Ticket;
use crate::command::{Command, Step};
use crate::ledger::{CommandId, HoldEnd, HoldId, Record, Refusal, Timestamp};

impl Core {
    /// Finds out why a hold is not open, to refuse the command with that.
    pub(super) fn seek_hold(&mut self, ticket: Ticket, hold: HoldId) {
        let unknown = Refusal::HoldUnknown { hold };
        let key = hold.key();
        if let Some(word) = self.tables.referred.get(key) {
            return match word.end {
                Some(end) => self.refuse_for_hold(ticket, hold, ended(hold, end)),
                None => self.fetch(ticket, word.position, Purpose::HoldEnd(hold)),
            };
        }
        match self.known.get(hold.command()) {
            Some(Mark::InFlight(first)) if self.is_in_flight(first, |command| may_place(command, hold)) => {
                // It may be placed yet: what becomes of it is known when its command lands. Nothing else is waited for:
                // commands that wait could wait for each other.
                self.followers.entry(hold.command()).or_default().push(ticket);
            }
            _ if self.sealed.may_refer(key) => {
                if let Some(flight) = self.flights.get_mut(ticket) {
                    flight.flow = Flow::Seeking(Purpose::HoldEnd(hold));
                }
                self.effects.look_up(ticket, LookUp::Reference(key));
            }
            _ => self.refuse_for_hold(ticket, hold, unknown),
        }
    }

    /// Whether that command is in flight, and of such a kind.
    pub(super) fn is_in_flight(&self, ticket: Ticket, kind: impl FnOnce(&Command) -> bool) -> bool {
        self.flights.get(ticket).is_some_and(|flight| kind(&flight.request.command))
    }

    /// The record that ended a hold was looked for.
    pub(super) fn hold_end_found(&mut self, ticket: Ticket, hold: HoldId, record: Option<&Record>) {
        let mut end = None;
        if let Some(record) = record {
            record.body.for_each_hold(|drawn| {
                if drawn.hold == hold {
                    end = drawn.drawn.end.or(end);
                }
            });
        }
        match end {
            Some(end) => self.refuse_for_hold(ticket, hold, ended(hold, end)),
            // It was placed while its end was looked for.
            None if self.tables.open_holds.get(hold).is_some() => self.start(ticket),
            None => self.refuse_for_hold(ticket, hold, Refusal::HoldUnknown { hold }),
        }
    }

    /// Refuses a command because of a hold; one that links steps, because of the first step about that hold.
    pub(super) fn refuse_for_hold(&mut self, ticket: Ticket, hold: HoldId, refusal: Refusal) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let Command::Linked(linked) = &flight.request.command else { return self.refuse(ticket, refusal) };
        let step = linked.steps.iter().position(|step| step.drawn_on() == Some(hold)).unwrap_or(0);
        // While it was found out why this one is not open, one of an earlier step may have ended: that comes first.
        let mut earlier = linked.steps.iter().take(step).filter_map(Step::drawn_on);
        if let Some(ended) = earlier.find(|hold| self.tables.open_holds.get(*hold).is_none()) {
            return self.seek_hold(ticket, ended);
        }
        self.refuse(ticket, linked_refusal(step, refusal));
    }

    /// Commands that waited for what becomes of the command of that id go on.
    pub(super) fn follow(&mut self, id: CommandId) {
        self.leave_line(id);
        if self.followers.is_empty() {
            return;
        }
        for ticket in self.followers.remove(&id).unwrap_or_default() {
            self.start(ticket);
        }
    }

    /// A hold's time may be over: its money goes back, unless it was extended or ended meanwhile.
    pub(super) fn hold_due(&mut self, hold: HoldId, at: Timestamp) {
        if self.tables.hold_waits_for(hold, at) {
            // The clock may go back before that is decided: the hold is over all the same.
            self.tables.appender.not_before(self.tables.schedule_time());
            // The hold itself sees to it that this happens once, so that any new id will do.
            let command = Command::ExpireHold { id: CommandId::random(), hold };
            let content = command.content();
            let ticket = self.take_off(command, content, AnswerTo::Nobody, Flow::Admitted);
            self.start(ticket);
        }
    }
}

/// Whether a command in flight is one that places that hold, and can be waited for. Linked steps cannot when any of them
/// draws on a hold or reverses a movement: they may be waiting themselves for what another command in flight leads to, and
/// that in the end for them.
fn may_place(command: &Command, hold: HoldId) -> bool {
    match command {
        Command::PlaceHold(_) => hold.step().is_none(),
        Command::Linked(linked) => linked.places(hold) && linked.is_about_accounts(),
        _ => false,
    }
}

/// Why nothing can be asked of a hold that ended so.
pub(super) const fn ended(hold: HoldId, end: HoldEnd) -> Refusal {
    match end {
        HoldEnd::Settled => Refusal::HoldSettled { hold },
        HoldEnd::Voided | HoldEnd::Rejected => Refusal::HoldVoided { hold },
        HoldEnd::Expired => Refusal::HoldExpired { hold },
    }
}

/// The refusal of a step, counted from 0, of linked ones.
pub(super) fn linked_refusal(step: usize, refusal: Refusal) -> Refusal {
    let step = u8::try_from(step).unwrap_or(u8::MAX);
    Refusal::Linked { step, refusal: Box::new(refusal) }
}
