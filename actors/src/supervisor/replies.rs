//! What accounts answered, taken up in the order in which they did.

use crate::account::{Decline, Reply};

use super::core::Core;

impl Core {
    /// Takes up what an account answered.
    pub(super) fn take_up(&mut self, reply: Reply) {
        match reply {
            Reply::Debited { ticket, debited } => self.debited(ticket, debited),
            Reply::Credited { ticket } => self.credited(ticket),
            Reply::Refused { ticket, step: Decline::Debit, refusal } => self.debit_refused(ticket, *refusal),
            Reply::Refused { ticket, step: Decline::Credit, refusal } => {
                let fee = self.flights.get(ticket).map(|flight| flight.fee).unwrap_or_default();
                self.credit_refused(ticket, *refusal, fee);
            }
            Reply::Refused { ticket, step: Decline::Change, refusal } => self.change_refused(ticket, *refusal),
            Reply::Refused { ticket, step: Decline::Hold, refusal } => self.hold_refused(ticket, *refusal),
            Reply::Changed { ticket } => self.changed(ticket),
            Reply::Drawn { ticket, drawn } => self.drawn(ticket, drawn),
            Reply::HoldGone { ticket } => self.hold_gone(ticket),
            Reply::Amended { ticket, amended } => self.amended(ticket, amended),
            Reply::Waiting { seat, undecided } => self.review(seat, undecided, true),
            Reply::Review { seat, undecided } => self.review(seat, undecided, false),
            Reply::Resumed { seat } => {
                if let Some(occupant) = self.seats.active_mut(seat) {
                    occupant.has_waiting = false;
                }
            }
            Reply::Retired { seat, account } => self.retired(seat, &account),
            Reply::Broken { what } => self.broken(&what),
        }
    }
}
