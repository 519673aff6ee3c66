//! What a step of a flow leads to, and how the core goes on from there: the one place in which commands are answered,
//! queued and taken out of flight.

use super::core::Core;
use super::effects::Effects;
use super::flights::{Flow, Request};
use super::queues::Needs;
use super::reversals::undone;
use super::tables::Tables;
use super::transfer::Route;
use crate::account::{Decided, SeatIndex, Ticket, ToAccount};
use crate::ledger::{AccountNumber, HoldId, Refusal};
use crate::plant::{Bug, is_planted};

/// What comes after a step.
pub(super) enum Next {
    /// The flow waits for an answer.
    Stay,
    /// The command waits in the queues of these accounts.
    Queue(Needs),
    /// Its record is queued, and it is decided.
    Landed(Rest),
    /// It is refused, which is to be recorded.
    Refused { refusal: Refusal, rest: Rest },
    /// It begins once more, somewhere else.
    Again,
    /// A hold is not open; why is to be found out.
    SeekHold { hold: HoldId, rest: Rest },
    /// Something happened that cannot be: the bank must stop.
    Broken(&'static str),
}

impl Next {
    pub(super) const fn refused(refusal: Refusal) -> Next {
        Next::Refused { refusal, rest: Rest::Nothing }
    }
}

/// What comes to rest once a command is decided.
pub(super) enum Rest {
    Nothing,
    /// A debit that was granted for good, or refused.
    Debit(Route),
    /// A debit that was refunded.
    Refund(Route),
    /// Legs without a debit.
    Legs(Route),
    /// Accounts that the command had to itself.
    Locks(Vec<SeatIndex>),
    /// An account that was changed or not, and its number when it was closed.
    Changed {
        seat: SeatIndex,
        closed: Option<AccountNumber>,
    },
    /// Accounts that came to life.
    Seats([SeatIndex; 2]),
}

/// Sends a message to an account that can be routed to.
pub(super) fn send(seat: SeatIndex, message: impl Into<ToAccount>, tables: &Tables, effects: &mut Effects) {
    if tables.seats.active(seat).is_some() {
        effects.send(seat, message);
    }
}

impl Core {
    /// Carries a command a step on.
    pub(super) fn step(
        &mut self,
        ticket: Ticket,
        step: impl FnOnce(&mut Request, &mut Flow, &mut Tables, &mut Effects) -> Next,
    ) {
        let Some(flight) = self.flights.get_mut(ticket) else {
            return self.broken("an account answered to no command");
        };
        let next = step(&mut flight.request, &mut flight.flow, &mut self.tables, &mut self.effects);
        self.proceed(ticket, next);
    }

    /// Begins a command, or tries once more to.
    pub(super) fn begin(
        &mut self,
        ticket: Ticket,
        begin: impl FnOnce(&mut Request, &mut Flow, &mut Tables, &mut Effects) -> Next,
    ) {
        let Some(flight) = self.flights.get_mut(ticket) else { return };
        let next = begin(&mut flight.request, &mut flight.flow, &mut self.tables, &mut self.effects);
        if !matches!(next, Next::Queue(_)) || is_planted(Bug::PlaceLost) {
            self.leave_queues(ticket);
        }
        self.proceed(ticket, next);
        self.serve_queues();
    }

    pub(super) fn proceed(&mut self, ticket: Ticket, next: Next) {
        match next {
            Next::Stay => {}
            Next::Queue(needs) => self.queue_up(ticket, &needs),
            Next::Landed(rest) => {
                let Some(flight) = self.flights.remove(ticket) else { return };
                let undone = matches!(rest, Rest::Locks(_)).then(|| undone(&flight.request.command));
                self.land(flight.request);
                self.come_to_rest(rest, ticket);
                if let Some(undone) = undone {
                    self.end_turns(&undone, ticket);
                }
            }
            Next::Refused { refusal, rest } => {
                self.refuse(ticket, refusal);
                self.come_to_rest(rest, ticket);
            }
            Next::SeekHold { hold, rest } => {
                self.seek_hold(ticket, hold);
                self.come_to_rest(rest, ticket);
            }
            Next::Again => self.start(ticket),
            Next::Broken(what) => self.broken(what),
        }
    }

    fn come_to_rest(&mut self, rest: Rest, ticket: Ticket) {
        let Route { from, to } = match rest {
            Rest::Nothing => return,
            Rest::Locks(seats) => return self.unlock(&seats),
            Rest::Changed { seat, closed } => {
                if let Some(number) = closed {
                    self.end_schedules_of(number);
                }
                return self.unlock(&[seat]);
            }
            Rest::Seats(seats) => {
                // Commands may have waited for them since before there was their currency.
                self.to_serve.extend(seats);
                return self.serve_queues();
            }
            Rest::Debit(route) => {
                self.debit_decided(route.from, ticket);
                route
            }
            Rest::Refund(route) => {
                if let Some(sender) = self.tables.seats.active_mut(route.from) {
                    sender.undecided = sender.undecided.saturating_sub(1);
                }
                route
            }
            Rest::Legs(route) => route,
        };
        self.release_leg(from);
        self.release_leg(to);
    }

    /// Counts one undecided debit less, and tells the account when others wait for it.
    fn debit_decided(&mut self, from: SeatIndex, ticket: Ticket) {
        let Some(sender) = self.tables.seats.active_mut(from) else { return };
        sender.undecided = sender.undecided.saturating_sub(1);
        if sender.has_waiting {
            self.send(from, Decided { tickets: [ticket].into_iter().collect() });
        }
    }

    /// One leg of the account less is under way; what waits for it to come to rest may go on.
    fn release_leg(&mut self, index: SeatIndex) {
        let Some(seat) = self.tables.seats.get_mut(index) else { return };
        seat.legs = seat.legs.saturating_sub(1);
        if seat.legs == 0 && seat.has_queue() {
            self.serve_queue(index);
        }
    }

    /// An account has debits that wait, or a long list: tells it which of those it names are decided by now.
    pub(super) fn review(&mut self, index: SeatIndex, undecided: Vec<Ticket>, waiting: bool) {
        let under_way = |ticket: &Ticket| self.flights.get(*ticket).is_some();
        let decided = undecided.into_iter().filter(|ticket| !under_way(ticket)).collect();
        let Some(occupant) = self.tables.seats.active_mut(index) else { return };
        if waiting {
            occupant.has_waiting = true;
        }
        self.send(index, Decided { tickets: decided });
    }

    /// Lets others at accounts again that a command had to itself.
    pub(super) fn unlock(&mut self, seats: &[SeatIndex]) {
        for index in seats {
            if let Some(seat) = self.tables.seats.get_mut(*index) {
                seat.changing = false;
            }
        }
        for index in seats {
            self.serve_queue(*index);
        }
    }
}
