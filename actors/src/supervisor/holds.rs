//! What becomes of holds: settled, voided, expired. One account decides, and no other can refuse.

use smallvec::smallvec;

use crate::account::{Accept, Accepted, DrawHold, SeatIndex, Ticket};
use crate::command::{Command, DrawReceipt, Outcome, Step};
use crate::ledger::{
    AccountId, Amended, Amount, Body, CommandId, Draw, Drawn, HoldDrawn, HoldEnd, HoldId, Links, Position, Record,
    Refusal, Timestamp,
};

use super::admission::Purpose;
use super::appender::Draft;
use super::core::Core;
use super::due::Due;
use super::effects::LookUp;
use super::flights::{AnswerTo, Stage};
use super::known::Mark;
use super::open_holds::OpenHold;
use super::queues::Standing;
use super::referred::LastWord;
use super::seats::Need;

/// The legs of a draw, tied to their accounts' histories.
pub(super) struct TiedDraw {
    pub(super) from: AccountId,
    pub(super) to: AccountId,
    pub(super) fees: AccountId,
    pub(super) links: Links,
}

impl Core {
    /// What a command asks of which hold; `None` when it asks nothing of one.
    fn asked_of_hold(command: &Command) -> Option<(HoldId, Draw)> {
        Some(match command {
            Command::SettleHold(settle) => (settle.hold, Draw::Settle { amount: settle.amount, last: settle.last }),
            Command::VoidHold(void) => (void.hold, Draw::Void { rejected: void.rejected }),
            Command::ExpireHold { hold, .. } => (*hold, Draw::Expire),
            _ => return None,
        })
    }

    /// Asks the hold's account, as soon as both accounts are active and nobody has them to himself.
    pub(super) fn draw_hold(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let Some((hold, draw)) = Core::asked_of_hold(&flight.command) else {
            return self.broken("a command about no hold was routed to one");
        };
        if matches!(draw, Draw::Settle { amount: Some(Amount::ZERO), .. }) {
            return self.refuse(ticket, Refusal::AmountZero);
        }
        let Some(open) = self.open_holds.get(hold).copied() else {
            self.leave_queues(ticket);
            self.seek_hold(ticket, hold);
            return self.serve_queues();
        };
        let mut seats = [SeatIndex(u32::MAX); 2];
        for (number, seat) in [open.from, open.to].into_iter().zip(&mut seats) {
            match self.standing(&number, Need::Shared, ticket) {
                Standing::Ready(index) => *seat = index,
                Standing::Vacant => return self.refuse(ticket, Refusal::AccountUnknown { number }),
                // A draw does not wait for what the account pays otherwise: its money is set aside.
                Standing::Waits => return self.wait_for_both(ticket, Some((open.from, Need::Shared)), Some(open.to)),
            }
        }
        let [from, to] = seats;
        self.leave_queues(ticket);
        for index in [from, to] {
            if let Some(seat) = self.seats.get_mut(index) {
                seat.legs = seat.legs.saturating_add(1);
                seat.recently_used = true;
            }
        }
        // By the time that holds fall due, so that one that expired is not settled when the clock is set back.
        let now = self.schedule_time();
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.stage = Stage::Drawing;
            flight.decided_at = self.now;
            (flight.from, flight.to) = (from, to);
        }
        if let Some(occupant) = self.seats.active(from) {
            let all_decided = occupant.undecided == 0;
            self.send_about(Some(hold), from, DrawHold { ticket, hold, draw, now, all_decided });
        }
        self.serve_queues();
    }

    /// The account drew on its hold: that is recorded, and then the receiver and the bank get theirs.
    pub(super) fn drawn(&mut self, ticket: Ticket, drawn: Drawn) {
        if self.flights.get(ticket).is_some_and(|flight| flight.stage == Stage::Grouped) {
            return self.step_drawn(ticket, drawn);
        }
        let Some(mut flight) = self.flights.remove(ticket) else {
            return self.broken("a hold was drawn on for no command");
        };
        let Some((hold, _)) = Core::asked_of_hold(&flight.command) else {
            return self.broken("a hold was drawn on for a command about none");
        };
        let position = self.appender.next();
        let tied = self.open_holds.get(hold).copied().zip(self.tie_draw(flight.from, flight.to, &drawn));
        let Some((open, tied)) = tied else {
            return self.broken("a recorded balance would leave its bounds, or a hold is not known");
        };
        let reason = match &mut flight.command {
            Command::VoidHold(void) => void.reason.take(),
            _ => None,
        };
        let balance = |leg: usize| tied.links.get(leg).map(|link| link.balance).unwrap_or_default();
        let (sender_balance, receiver_balance) = (balance(0), balance(1));
        let body =
            HoldDrawn { hold, placed: open.placed, from: tied.from, to: tied.to, fees: tied.fees, drawn, reason };
        let id = flight.command.id();
        let recorded_at = self.appender.push(
            self.now,
            Draft {
                decided_at: flight.decided_at,
                date: self.registry.day.date_of(self.now),
                id,
                content: flight.content,
                body: Body::Drawn(Box::new(body)),
                links: tied.links,
            },
        );
        self.hand_over(flight.to, &drawn);
        self.hold_drawn(hold, drawn.end, position);
        let receipt = DrawReceipt {
            sender_balance,
            receiver_balance,
            ..DrawReceipt::of(id, hold, position, recorded_at, &drawn)
        };
        let (from, to) = (flight.from, flight.to);
        self.land(flight, Ok(Outcome::Drawn(receipt)));
        self.release_leg(from);
        self.release_leg(to);
    }

    /// Gives each leg of a draw the account's previous position and its balance after it, in journal order.
    fn tie_draw(&mut self, from: SeatIndex, to: SeatIndex, drawn: &Drawn) -> Option<TiedDraw> {
        let taken = drawn.amount.checked_add(drawn.fee)?;
        let (sender, debit) = self.tie(from, |balance| balance.debit(taken))?;
        let (receiver, credit) = self.tie(to, |balance| balance.credit(drawn.amount))?;
        let mut tied =
            TiedDraw { from: sender, to: receiver, fees: AccountId::new(0), links: smallvec![debit, credit] };
        if !drawn.fee.is_zero() || !drawn.fee_released.is_zero() {
            let fees = self.registry.currency(self.seats.active(to)?.currency)?.fees;
            let (account, link) = self.tie(fees, |balance| balance.credit(drawn.fee))?;
            (tied.fees, _) = (account, tied.links.push(link));
        }
        Some(tied)
    }

    /// Lets the receiver and the fee account have what a recorded draw brings them.
    fn hand_over(&mut self, to: SeatIndex, drawn: &Drawn) {
        let Some(receiver) = self.seats.active(to) else { return };
        let currency = receiver.currency;
        let Drawn { amount, released, fee, fee_released, .. } = *drawn;
        self.send(to, Accept { event: Accepted::Brought { amount, released } });
        self.hand_over_fee(currency, fee, fee_released);
    }

    /// Lets the fee account have the fee of a hold, or not expect it any longer.
    pub(super) fn hand_over_fee(&mut self, currency: super::registry::CurrencyIndex, amount: Amount, released: Amount) {
        if amount.is_zero() && released.is_zero() {
            return;
        }
        let Some(entry) = self.registry.currency_mut(currency) else { return };
        entry.fees_held = entry.fees_held.saturating_sub(amount).saturating_sub(released);
        let fees = entry.fees;
        self.send(fees, Accept { event: Accepted::Brought { amount, released } });
    }

    /// Notes what the record at `position` did to a hold.
    pub(super) fn hold_drawn(&mut self, hold: HoldId, end: Option<HoldEnd>, position: Position) {
        if end.is_some() {
            if let Some(open) = self.open_holds.remove(hold) {
                if open.expires_at.is_some() {
                    self.due.give_up();
                }
                if open.verified {
                    self.verify_no_more(hold.command());
                }
            }
            self.referred.note(hold.key(), LastWord { position, end });
        }
    }

    /// The account refused what was asked of its hold.
    pub(super) fn hold_refused(&mut self, ticket: Ticket, refusal: Refusal) {
        let Some(flight) = self.flights.get(ticket) else { return self.broken("a hold's refusal is for no command") };
        if flight.stage == Stage::Grouped {
            return self.step_refused(ticket, refusal);
        }
        let (from, to) = (flight.from, flight.to);
        self.refuse(ticket, refusal);
        self.release_leg(from);
        self.release_leg(to);
    }

    /// The account has no such hold any more: a command before this one ended it, and that is recorded by now.
    pub(super) fn hold_gone(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return self.broken("a hold is gone for no command") };
        if flight.stage == Stage::Grouped {
            return self.step_hold_gone(ticket);
        }
        let (from, to) = (flight.from, flight.to);
        let hold = Core::asked_of_hold(&flight.command).map(|(hold, _)| hold);
        match hold {
            Some(hold) if self.open_holds.get(hold).is_none() => self.seek_hold(ticket, hold),
            _ => self.broken("an account does not have a hold that is recorded as its own"),
        }
        self.release_leg(from);
        self.release_leg(to);
    }

    /// Finds out why a hold is not open, to refuse the command with that.
    pub(super) fn seek_hold(&mut self, ticket: Ticket, hold: HoldId) {
        let unknown = Refusal::HoldUnknown { hold };
        let key = hold.key();
        if let Some(word) = self.referred.get(key) {
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
                    flight.stage = Stage::Seeking(Purpose::HoldEnd(hold));
                }
                self.effects.look_up(ticket, LookUp::Reference(key));
            }
            _ => self.refuse_for_hold(ticket, hold, unknown),
        }
    }

    /// Whether that command is in flight, and of such a kind.
    pub(super) fn is_in_flight(&self, ticket: Ticket, kind: impl FnOnce(&Command) -> bool) -> bool {
        self.flights.get(ticket).is_some_and(|flight| kind(&flight.command))
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
            None if self.open_holds.get(hold).is_some() => self.start(ticket),
            None => self.refuse_for_hold(ticket, hold, Refusal::HoldUnknown { hold }),
        }
    }

    /// Refuses a command because of a hold; one that links steps, because of the first step about that hold.
    pub(super) fn refuse_for_hold(&mut self, ticket: Ticket, hold: HoldId, refusal: Refusal) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let Command::Linked(linked) = &flight.command else { return self.abandon_group(ticket, refusal) };
        let step = linked.steps.iter().position(|step| step.drawn_on() == Some(hold)).unwrap_or(0);
        // While it was found out why this one is not open, one of an earlier step may have ended: that comes first.
        let mut earlier = linked.steps.iter().take(step).filter_map(Step::drawn_on);
        if let Some(ended) = earlier.find(|hold| self.open_holds.get(*hold).is_none()) {
            return self.seek_hold(ticket, ended);
        }
        self.abandon_group(ticket, linked_refusal(step, refusal));
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
        if self.hold_waits_for(hold, at) {
            // The clock may go back before that is decided: the hold is over all the same.
            self.appender.not_before(self.schedule_time());
            // The hold itself sees to it that this happens once, so that any new id will do.
            let command = Command::ExpireHold { id: CommandId::random(), hold };
            let content = command.content();
            let ticket = self.take_off(command, content, AnswerTo::Nobody, Stage::Admitted);
            self.start(ticket);
        }
    }

    /// Whether that is when the hold is over.
    pub(super) fn hold_waits_for(&self, hold: HoldId, at: Timestamp) -> bool {
        self.open_holds.get(hold).is_some_and(|open| open.expires_at == Some(at))
    }

    /// Opens a hold that is recorded, and sees to it that it ends in time.
    pub(super) fn open_hold(&mut self, id: HoldId, hold: OpenHold) {
        if let Some(expires_at) = hold.expires_at {
            self.due.add(expires_at, Due::HoldExpiry(id));
        }
        self.open_holds.insert(id, hold);
    }

    /// Gives a hold another end, or a larger amount.
    pub(super) fn hold_amended(&mut self, id: HoldId, amended: &Amended) {
        let Some(before) = self.open_holds.get(id).copied() else { return };
        let expires_at = amended.expires_at;
        let open = OpenHold { expires_at, amount: before.amount.saturating_add(amended.raised), ..before };
        if before.expires_at == expires_at {
            self.open_holds.insert(id, open);
            return;
        }
        if before.expires_at.is_some() {
            self.due.give_up();
        }
        self.open_hold(id, open);
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
