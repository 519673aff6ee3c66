//! What accounts answered, taken up in the order in which they did.

use crate::account::{Decline, Reply};
use crate::plant::{Bug, is_planted};

use super::Supervisor;
use super::ahead::AT_ONCE;

impl Supervisor {
    /// Empties a worker's outbox.
    pub(super) fn collect(&mut self, worker: usize) {
        let mut replies = std::mem::take(&mut self.spare_replies);
        if let Some(worker) = self.workers.get(worker) {
            worker.outbox.swap(&mut replies);
        }
        self.meters.set_waiting_replies(replies.len());
        let mut coming = replies.drain(..);
        for taken in 0usize.. {
            if taken.is_multiple_of(AT_ONCE) {
                self.look_at_replies(coming.as_slice());
            }
            let Some(reply) = coming.next() else { break };
            self.take_up(reply);
            if self.fuse.is_blown() && !is_planted(Bug::CommitAfterPanic) {
                // An account that failed may have decided anything since.
                break;
            }
        }
        drop(coming);
        self.spare_replies = replies;
    }

    fn take_up(&mut self, reply: Reply) {
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
