//! Transfers, deposits and withdrawals on their way: to the sender's account, to the receiver's, into the journal.

use smallvec::smallvec;

use crate::account::{Accept, Accepted, Credit, Debit, Decided, Refund, SeatIndex, Ticket};
use crate::command::{Command, HoldReceipt, Outcome, PlaceHold, Receipt};
use crate::ledger::{
    AccountId, AccountNumber, Amount, Balance, Body, Debited, HoldId, HoldPlaced, HoldTerms, Link, Links, Posted,
    PostingKind, Refusal, Schedule, Terms, Timestamp,
};
use crate::plant::{Bug, is_planted};

use super::appender::Draft;
use super::core::Core;
use super::flights::{Flight, Stage};
use super::open_holds::OpenHold;
use super::queues::{Needs, Standing};
use super::registry::CurrencyIndex;
use super::seats::Need;

impl Core {
    /// Sends the debit of a command, as soon as both accounts are active, nobody has them to himself, and it is its turn at
    /// the one that pays. Until then it waits in the queues of both.
    pub(super) fn route(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let (kind, from, to, amount) = match &flight.command {
            Command::Transfer(transfer) => {
                (PostingKind::Transfer, Some(transfer.from), Some(transfer.to), transfer.amount)
            }
            Command::SetSchedule(set) => {
                let Schedule { from, to, amount, .. } = &set.schedule;
                (PostingKind::Transfer, Some(*from), Some(*to), amount.most())
            }
            Command::Deposit(cash) => (PostingKind::Deposit, None, Some(cash.account), cash.amount),
            Command::Withdrawal(cash) => (PostingKind::Withdrawal, Some(cash.account), None, cash.amount),
            Command::PlaceHold(hold) => (PostingKind::Transfer, Some(hold.from), Some(hold.to), hold.amount),
            _ => return self.broken("a command without money was routed"),
        };
        if amount.is_zero() {
            return self.refuse(ticket, Refusal::AmountZero);
        }
        if from == to {
            return self.refuse(ticket, Refusal::SameAccount);
        }
        let scheduled = matches!(flight.command, Command::SetSchedule(_));
        if let Command::PlaceHold(hold) = &flight.command
            && let Err(refusal) = self.check_hold(hold.expires_at, 0)
        {
            return self.refuse(ticket, refusal);
        }
        // A schedule moves nothing yet.
        let pays = if scheduled { Need::Shared } else { Need::InTurn };
        let mut seats = [None, None];
        for ((number, need), seat) in [(from, pays), (to, Need::Shared)].into_iter().zip(&mut seats) {
            let Some(number) = number else { continue };
            match self.standing(&number, need, ticket) {
                Standing::Ready(index) => *seat = Some(index),
                Standing::Vacant => return self.refuse(ticket, Refusal::AccountUnknown { number }),
                Standing::Waits => return self.wait_for_both(ticket, from.map(|from| (from, pays)), to),
            }
        }
        self.leave_queues(ticket);
        match self.resolve(seats) {
            Ok((from, to)) if scheduled => match [from, to].into_iter().find_map(|seat| self.closed_account(seat)) {
                Some(number) => self.refuse(ticket, Refusal::AccountClosed { number }),
                None => self.set_schedule(ticket),
            },
            Ok((from, to)) => self.send_debit(ticket, kind, from, to, amount),
            Err(refusal) => self.refuse(ticket, refusal),
        }
        self.serve_queues();
    }

    /// The number of the account in the seat if it is closed.
    fn closed_account(&self, seat: SeatIndex) -> Option<AccountNumber> {
        let seat = self.seats.get(seat)?;
        seat.active().filter(|occupant| occupant.closed).map(|_| seat.number())
    }

    /// Queues a command at the account that pays and the account that receives, as far as it has them.
    pub(super) fn wait_for_both(
        &mut self,
        ticket: Ticket,
        from: Option<(AccountNumber, Need)>,
        to: Option<AccountNumber>,
    ) {
        let mut needs: Needs = from.into_iter().chain(to.map(|to| (to, Need::Shared))).collect();
        if is_planted(Bug::PlaceLost) {
            self.leave_queues(ticket);
            let waits =
                |need: &(AccountNumber, Need)| matches!(self.standing(&need.0, need.1, ticket), Standing::Waits);
            needs.retain(|need| waits(need));
            needs.truncate(1);
        }
        self.queue_up(ticket, &needs);
    }

    /// Completes a movement of cash with the bank's cash account, and checks that the accounts fit together.
    fn resolve(&self, seats: [Option<SeatIndex>; 2]) -> Result<(SeatIndex, SeatIndex), Refusal> {
        let mut currencies: [Option<CurrencyIndex>; 2] = [None, None];
        for (seat, currency) in seats.into_iter().zip(&mut currencies) {
            let Some(seat) = seat.and_then(|index| self.seats.get(index)) else { continue };
            let Some(occupant) = seat.active() else { continue };
            if occupant.system {
                return Err(Refusal::SystemAccount { number: seat.number() });
            }
            *currency = Some(occupant.currency);
        }
        let cash = |index: Option<CurrencyIndex>| index.and_then(|index| self.registry.currency(index));
        match (seats, currencies) {
            ([Some(from), Some(to)], [Some(from_currency), Some(to_currency)]) => {
                if from_currency == to_currency {
                    return Ok((from, to));
                }
                let code = |index| self.registry.currency(index).map(|entry| entry.currency);
                match (code(from_currency), code(to_currency)) {
                    (Some(from), Some(to)) => Err(Refusal::CurrencyMismatch { from, to }),
                    _ => Err(Refusal::SameAccount),
                }
            }
            ([Some(from), None], [currency, _]) => {
                cash(currency).map(|entry| (from, entry.cash)).ok_or(Refusal::SameAccount)
            }
            ([None, Some(to)], [_, currency]) => {
                cash(currency).map(|entry| (entry.cash, to)).ok_or(Refusal::SameAccount)
            }
            _ => Err(Refusal::SameAccount),
        }
    }

    /// Phase one.
    fn send_debit(&mut self, ticket: Ticket, kind: PostingKind, from: SeatIndex, to: SeatIndex, amount: Amount) {
        let Some((owner, receiver_kind, receiver)) = self.seats.get_mut(to).and_then(|seat| {
            seat.legs = seat.legs.saturating_add(1);
            seat.recently_used = true;
            seat.active().map(|occupant| (occupant.owner, occupant.kind, occupant.id))
        }) else {
            return self.broken("a debit was sent for a receiver that is not active");
        };
        let date = self.registry.day.date_of(self.now);
        let Some(seat) = self.seats.get_mut(from) else { return };
        seat.legs = seat.legs.saturating_add(1);
        seat.recently_used = true;
        let Some(occupant) = seat.active_mut() else {
            return self.broken("a debit was sent to a sender that is not active");
        };
        let most_fee = self.flights.get(ticket).and_then(|flight| flight.command.most_fee());
        let terms = self.registry.terms(kind, occupant, (owner, receiver_kind), amount, date);
        let terms = Terms { most_fee, ..terms };
        let all_decided = occupant.undecided == 0;
        occupant.undecided = occupant.undecided.saturating_add(1);
        let mut hold = None;
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.stage = Stage::Debiting;
            flight.decided_at = self.now;
            flight.from = from;
            flight.to = to;
            flight.date = date;
            if let Command::PlaceHold(placed) = &flight.command {
                let PlaceHold { id, expires_at, verify, .. } = **placed;
                let (id, placed_at) = (HoldId::new(id), self.now);
                hold = Some(Box::new(HoldTerms { id, to: receiver, placed_at, expires_at, verified: verify }));
                self.open_holds.keep_places(1);
            }
        }
        let about = hold.as_ref().map(|hold| hold.id);
        self.send_about(about, from, Debit { ticket, terms, all_decided, hold });
    }

    /// The terms of a movement between two active accounts; `None` when one is not.
    pub(super) fn terms(&mut self, kind: PostingKind, from: SeatIndex, to: SeatIndex, amount: Amount) -> Option<Terms> {
        let date = self.registry.day.date_of(self.now);
        let receiver = self.seats.active(to)?;
        let sender = self.seats.active(from)?;
        Some(self.registry.terms(kind, sender, (receiver.owner, receiver.kind), amount, date))
    }

    /// The sender granted the debit: phase two, unless the fee account has no room for the fee.
    pub(super) fn debited(&mut self, ticket: Ticket, debited: Debited) {
        let Some(flight) = self.flights.get_mut(ticket) else {
            return self.broken("a debit was granted for no command");
        };
        if flight.stage == Stage::Grouped {
            return self.step_debited(ticket, debited);
        }
        flight.stage = Stage::Crediting;
        flight.amount = debited.amount;
        flight.fee = debited.fee;
        flight.date = debited.date;
        flight.limited = debited.limited;
        flight.counted = debited.counted;
        let to = flight.to;
        let expected = matches!(flight.command, Command::PlaceHold(_));
        let Some(receiver) = self.seats.active(to) else {
            return self.broken("a credit has no receiver");
        };
        if !debited.fee.is_zero()
            && let Err(refusal) = self.reserve_fee(receiver.currency, debited.fee)
        {
            return self.credit_refused(ticket, refusal, Amount::ZERO);
        }
        self.send(to, Credit { ticket, amount: debited.amount, expected });
    }

    /// Makes sure that the fee account can take every fee that is under way: its credit cannot be refused later.
    pub(super) fn reserve_fee(&mut self, index: CurrencyIndex, fee: Amount) -> Result<(), Refusal> {
        let Some(entry) = self.registry.currency(index) else { return Ok(()) };
        let refusal = Refusal::CurrencyLimit { currency: entry.currency };
        let Some(under_way) = entry.fees_under_way.checked_add(fee) else { return Err(refusal) };
        let coming = under_way.checked_add(entry.fees_held);
        let room = self.seats.active(entry.fees).zip(coming).and_then(|(fees, coming)| fees.balance.credit(coming));
        if room.is_none() {
            return Err(refusal);
        }
        if let Some(entry) = self.registry.currency_mut(index) {
            entry.fees_under_way = under_way;
        }
        Ok(())
    }

    /// Gives up room that was kept for a fee.
    pub(super) fn unreserve_fee(&mut self, currency: Option<CurrencyIndex>, fee: Amount) {
        if let Some(entry) = currency.and_then(|currency| self.registry.currency_mut(currency)) {
            entry.fees_under_way = entry.fees_under_way.saturating_sub(fee);
        }
    }

    /// The receiver took the credit: the record is queued, and the command decided.
    pub(super) fn credited(&mut self, ticket: Ticket) {
        if self.flights.get(ticket).is_some_and(|flight| flight.stage == Stage::Grouped) {
            return self.step_credited(ticket);
        }
        let Some(mut flight) = self.flights.remove(ticket) else {
            return self.broken("a credit was taken for no command");
        };
        let (kind, details) = match &mut flight.command {
            Command::Transfer(transfer) => (PostingKind::Transfer, transfer.details.take()),
            Command::Deposit(cash) => (PostingKind::Deposit, cash.details.take()),
            Command::Withdrawal(cash) => (PostingKind::Withdrawal, cash.details.take()),
            Command::PlaceHold(_) => return self.hold_credited(ticket, flight),
            _ => return self.broken("a command without money was credited"),
        };
        let amount = flight.amount;
        let Some(legs) = self.link_legs(&flight, amount, Held::No) else {
            return self.broken("a recorded balance would leave its bounds");
        };
        let position = self.appender.next();
        let balance = |leg: usize| legs.links.get(leg).map(|link| link.balance).unwrap_or_default();
        let (sender_balance, receiver_balance) = (balance(0), balance(1));
        let details = details.filter(|details| !details.is_empty());
        let body = Body::Posted(Posted {
            kind,
            from: legs.from,
            to: legs.to,
            amount,
            fee: flight.fee,
            fees: legs.fees,
            limited: flight.limited,
            counted: flight.counted,
            details,
        });
        let recorded_at = self.push_movement(&flight, body, legs.links);
        let receipt = Receipt {
            id: flight.command.id(),
            position,
            recorded_at,
            date: flight.date,
            amount,
            fee: flight.fee,
            sender_balance,
            receiver_balance,
        };
        let (from, to) = (flight.from, flight.to);
        self.land(flight, Ok(Outcome::Posted(receipt)));
        self.debit_decided(from, ticket);
        self.release_leg(from);
        self.release_leg(to);
    }

    /// The receiver has room for what a hold may bring: the hold is recorded, and open from now on.
    fn hold_credited(&mut self, ticket: Ticket, mut flight: Flight) {
        let Command::PlaceHold(placed) = &mut flight.command else { return };
        let PlaceHold { id, expires_at, verify: verified, .. } = **placed;
        let details = placed.details.take().filter(|details| !details.is_empty());
        let (amount, fee, date) = (flight.amount, flight.fee, flight.date);
        let (from, to, next) = (placed.from, placed.to, self.appender.next());
        let place = OpenHold { from, to, amount, placed: next, expires_at, verified };
        let Some(legs) = self.link_legs(&flight, amount, Held::Yes) else {
            return self.broken("an account of a hold is not active");
        };
        let body = Body::Held(Box::new(HoldPlaced {
            from: legs.from,
            to: legs.to,
            amount,
            fee,
            fees: legs.fees,
            limited: flight.limited,
            counted: flight.counted,
            expires_at,
            verified,
            details,
        }));
        let recorded_at = self.push_movement(&flight, body, legs.links);
        self.open_holds.give_places_up(1);
        self.open_hold(HoldId::new(id), place);
        self.verify_later(id, &place);
        let (from, to) = (flight.from, flight.to);
        let position = place.placed;
        let receipt = HoldReceipt { id, position, recorded_at, date, amount, fee, expires_at };
        self.land(flight, Ok(Outcome::Held(receipt)));
        self.debit_decided(from, ticket);
        self.release_leg(from);
        self.release_leg(to);
    }

    fn push_movement(&mut self, flight: &Flight, body: Body, links: Links) -> Timestamp {
        let draft = Draft {
            decided_at: flight.decided_at,
            date: flight.date,
            id: flight.command.id(),
            content: flight.content,
            body,
            links,
        };
        self.appender.push(self.now, draft)
    }

    /// Gives each leg the account's previous position and its balance after it, in journal order, and sends the fee to
    /// the fee account. A hold leaves balances as they are. `None` when a balance would leave its bounds, which the
    /// decisions have ruled out.
    fn link_legs(&mut self, flight: &Flight, amount: Amount, held: Held) -> Option<Legs> {
        let total = amount.checked_add(flight.fee)?;
        let by = |amount| if held == Held::Yes { Amount::ZERO } else { amount };
        let (from, debit) = self.tie(flight.from, |balance| balance.debit(by(total)))?;
        let (to, credit) = self.tie(flight.to, |balance| balance.credit(by(amount)))?;
        let mut links: Links = smallvec![debit, credit];
        let mut fees = AccountId::new(0);
        if !flight.fee.is_zero() {
            let currency = self.seats.active(flight.to)?.currency;
            let entry = self.registry.currency_mut(currency)?;
            entry.fees_under_way = entry.fees_under_way.saturating_sub(flight.fee);
            if held == Held::Yes {
                entry.fees_held = entry.fees_held.saturating_add(flight.fee);
            }
            let seat = entry.fees;
            let (account, link) = self.tie(seat, |balance| balance.credit(by(flight.fee)))?;
            let event = match held {
                Held::Yes => Accepted::Expected(flight.fee),
                Held::No => Accepted::Credited(flight.fee),
            };
            self.send(seat, Accept { event });
            fees = account;
            links.push(link);
        }
        Some(Legs { from, to, fees, links })
    }

    /// Makes the next record the account's last, with the balance that it leads to: what the leg's link has to say.
    pub(super) fn tie(
        &mut self,
        index: SeatIndex,
        after: impl FnOnce(Balance) -> Option<Balance>,
    ) -> Option<(AccountId, Link)> {
        let position = self.appender.next();
        let occupant = self.seats.active_mut(index)?;
        let link = Link { previous: occupant.last, balance: after(occupant.balance)? };
        (occupant.last, occupant.balance, occupant.version) =
            (position, link.balance, occupant.version.saturating_add(1));
        Some((occupant.id, link))
    }

    /// The sender refused: nothing happened, and that is recorded.
    pub(super) fn debit_refused(&mut self, ticket: Ticket, refusal: Refusal) {
        let Some(flight) = self.flights.get(ticket) else {
            return self.broken("a debit was refused for no command");
        };
        if flight.stage == Stage::Grouped {
            return self.step_refused(ticket, refusal);
        }
        let (from, to) = (flight.from, flight.to);
        self.give_hold_up(ticket);
        self.refuse(ticket, refusal);
        self.debit_decided(from, ticket);
        self.release_leg(from);
        self.release_leg(to);
    }

    /// The receiver refused: the sender is refunded, and the refusal is recorded.
    pub(super) fn credit_refused(&mut self, ticket: Ticket, refusal: Refusal, fee: Amount) {
        let Some(flight) = self.flights.get(ticket) else {
            return self.broken("a credit was refused for no command");
        };
        if flight.stage == Stage::Grouped {
            return self.step_refused(ticket, refusal);
        }
        let (from, to) = (flight.from, flight.to);
        if let Some(sender) = self.seats.active(from) {
            let currency = sender.currency;
            self.send(from, Refund { ticket });
            self.unreserve_fee(Some(currency), fee);
        }
        self.give_hold_up(ticket);
        self.refuse(ticket, refusal);
        if let Some(sender) = self.seats.active_mut(from) {
            sender.undecided = sender.undecided.saturating_sub(1);
        }
        self.release_leg(from);
        self.release_leg(to);
    }

    /// Counts one undecided debit less, and tells the account when others wait for it.
    fn debit_decided(&mut self, from: SeatIndex, ticket: Ticket) {
        let Some(sender) = self.seats.active_mut(from) else { return };
        sender.undecided = sender.undecided.saturating_sub(1);
        if sender.has_waiting {
            self.send(from, Decided { tickets: [ticket].into_iter().collect() });
        }
    }

    /// One leg of the account less is under way; what waits for it to come to rest may go on.
    pub(super) fn release_leg(&mut self, index: SeatIndex) {
        let Some(seat) = self.seats.get_mut(index) else { return };
        seat.legs = seat.legs.saturating_sub(1);
        if seat.legs == 0 && seat.has_queue() {
            self.serve_queue(index);
        }
    }

    /// An account has debits that wait, or a long list: tells it which of those it names are decided by now.
    pub(super) fn review(&mut self, index: SeatIndex, undecided: Vec<Ticket>, waiting: bool) {
        let under_way = |ticket: &Ticket| self.flights.get(*ticket).is_some();
        let decided = undecided.into_iter().filter(|ticket| !under_way(ticket)).collect();
        let Some(occupant) = self.seats.active_mut(index) else { return };
        if waiting {
            occupant.has_waiting = true;
        }
        self.send(index, Decided { tickets: decided });
    }
}

/// Whether money moves or is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Yes,
    No,
}

/// The accounts of a movement's legs, and their links.
struct Legs {
    from: AccountId,
    to: AccountId,
    fees: AccountId,
    links: Links,
}
