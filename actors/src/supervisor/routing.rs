//! Transfers, deposits and withdrawals on their way: to the sender's account, to the receiver's, into the journal.

use smallvec::smallvec;

use crate::account::{Credit, CreditFee, Debit, Decided, Refund, SeatIndex, Ticket};
use crate::command::{Command, Outcome, Receipt};
use crate::ledger::{
    AccountId, AccountNumber, Amount, Body, Debited, Link, Links, Posted, PostingKind, Refusal, Refused, Terms,
};

use super::Supervisor;
use super::appender::Draft;
use super::flights::{Flight, Stage};
use super::registry::CurrencyIndex;

impl Supervisor {
    /// Sends the debit of a command, as soon as both accounts are active and not being changed; until then it waits at
    /// the first of them that is not. `at` is the seat from whose queue it was just taken.
    pub(super) fn route(&mut self, ticket: Ticket, at: Option<SeatIndex>) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let (kind, from, to, amount) = match &flight.command {
            Command::Transfer(transfer) => {
                (PostingKind::Transfer, Some(transfer.from), Some(transfer.to), transfer.amount)
            }
            Command::Deposit(cash) => (PostingKind::Deposit, None, Some(cash.account), cash.amount),
            Command::Withdrawal(cash) => (PostingKind::Withdrawal, Some(cash.account), None, cash.amount),
            _ => return self.broken("a command without money was routed"),
        };
        if amount.is_zero() {
            return self.refuse(ticket, Refusal::AmountZero);
        }
        if from == to {
            return self.refuse(ticket, Refusal::SameAccount);
        }
        if at.is_some() {
            self.let_go(ticket);
        }
        let (mut seats, mut first) = ([None, None], None);
        for (number, seat) in [from, to].into_iter().zip(&mut seats) {
            let Some(number) = number else { continue };
            match self.take_seat(number, ticket, at, first) {
                Some(taken) => (*seat, first) = (Some(taken), Some(taken)),
                None => return,
            }
        }
        match self.resolve(seats) {
            Ok((from, to)) => self.send_debit(ticket, kind, from, to, amount),
            Err(refusal) => self.refuse(ticket, refusal),
        }
    }

    /// The seat of an account that can be routed to now; otherwise the command is queued there, and the account that it
    /// has already, `first`, is kept active: retired for the second, it would have to be loaded again, for which the
    /// second could be retired, and so on without an end.
    fn take_seat(
        &mut self,
        number: AccountNumber,
        ticket: Ticket,
        at: Option<SeatIndex>,
        first: Option<SeatIndex>,
    ) -> Option<SeatIndex> {
        let found = self.seats.find(&number);
        if let Some(index) = found
            && let Some(seat) = self.seats.get(index)
            && (!seat.has_queue() || at == Some(index))
            && !seat.changing
            && seat.active().is_some()
        {
            return Some(index);
        }
        if let (Some(first), Some(flight)) = (first, self.flights.get_mut(ticket)) {
            flight.keeps = Some(first);
            if let Some(seat) = self.seats.get_mut(first) {
                seat.keep();
            }
        }
        let index = found.unwrap_or_else(|| self.start_loading(number));
        self.seats.get_mut(index)?.queue_up(ticket);
        None
    }

    /// The command no longer waits for its second account: the first need not be kept for it.
    fn let_go(&mut self, ticket: Ticket) {
        let kept = self.flights.get_mut(ticket).and_then(|flight| flight.keeps.take());
        if let Some(seat) = kept.and_then(|index| self.seats.get_mut(index)) {
            seat.let_go();
        }
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
        let date = self.registry.day.date_of(self.now);
        let Some((owner, receiver_kind)) = self.seats.get_mut(to).and_then(|seat| {
            seat.legs = seat.legs.saturating_add(1);
            seat.recently_used = true;
            seat.active().map(|occupant| (occupant.owner, occupant.kind))
        }) else {
            return self.broken("a debit was sent for a receiver that is not active");
        };
        let Some(seat) = self.seats.get_mut(from) else { return };
        seat.legs = seat.legs.saturating_add(1);
        seat.recently_used = true;
        let Some(occupant) = seat.active_mut() else {
            return self.broken("a debit was sent to a sender that is not active");
        };
        let transfer = kind == PostingKind::Transfer;
        let mut terms = Terms {
            amount,
            fee: Amount::ZERO,
            free_transfers_per_day: 0,
            exempt: !transfer,
            limited: transfer,
            limit_per_transfer: None,
            limit_per_day: None,
            date,
        };
        if transfer && let Some(account_type) = self.registry.account_type(occupant.kind) {
            let same_owner_and_type = occupant.owner == owner && occupant.kind == receiver_kind;
            terms.exempt = account_type.same_owner_exempt && same_owner_and_type;
            terms.fee = account_type.fee;
            terms.free_transfers_per_day = occupant.free_transfers_per_day;
            terms.limit_per_transfer = account_type.limit_per_transfer;
            terms.limit_per_day = account_type.limit_per_day;
        }
        let all_decided = occupant.undecided == 0;
        occupant.undecided = occupant.undecided.saturating_add(1);
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.stage = Stage::Debiting;
            flight.decided_at = self.now;
            flight.from = from;
            flight.to = to;
            flight.date = date;
        }
        occupant.address.do_send(Debit { ticket, terms, all_decided });
    }

    /// The sender granted the debit: phase two, unless the fee account has no room for the fee.
    pub(super) fn debited(&mut self, ticket: Ticket, debited: Debited) {
        let Some(flight) = self.flights.get_mut(ticket) else {
            return self.broken("a debit was granted for no command");
        };
        flight.stage = Stage::Crediting;
        flight.fee = debited.fee;
        flight.date = debited.date;
        flight.limited = debited.limited;
        flight.counted = debited.counted;
        let to = flight.to;
        let Some(receiver) = self.seats.active(to) else {
            return self.broken("a credit has no receiver");
        };
        if !debited.fee.is_zero()
            && let Err(refusal) = self.reserve_fee(receiver.currency, debited.fee)
        {
            return self.credit_refused(ticket, refusal, Amount::ZERO);
        }
        if let Some(receiver) = self.seats.active(to) {
            receiver.address.do_send(Credit { ticket, amount: debited.amount });
        }
    }

    /// Makes sure that the fee account can take every fee that is under way: its credit cannot be refused later.
    fn reserve_fee(&mut self, index: CurrencyIndex, fee: Amount) -> Result<(), Refusal> {
        let Some(entry) = self.registry.currency(index) else { return Ok(()) };
        let refusal = Refusal::CurrencyLimit { currency: entry.currency };
        let Some(under_way) = entry.fees_under_way.checked_add(fee) else { return Err(refusal) };
        let room = self.seats.active(entry.fees).and_then(|fees| fees.balance.credit(under_way));
        if room.is_none() {
            return Err(refusal);
        }
        if let Some(entry) = self.registry.currency_mut(index) {
            entry.fees_under_way = under_way;
        }
        Ok(())
    }

    /// The receiver took the credit: the record is queued, and the command decided.
    pub(super) fn credited(&mut self, ticket: Ticket) {
        let Some(mut flight) = self.flights.remove(ticket) else {
            return self.broken("a credit was taken for no command");
        };
        let (kind, amount, details) = match &mut flight.command {
            Command::Transfer(transfer) => (PostingKind::Transfer, transfer.amount, transfer.details.take()),
            Command::Deposit(cash) => (PostingKind::Deposit, cash.amount, cash.details.take()),
            Command::Withdrawal(cash) => (PostingKind::Withdrawal, cash.amount, cash.details.take()),
            _ => return self.broken("a command without money was credited"),
        };
        let Some(legs) = self.link_legs(&flight, amount) else {
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
        let id = flight.command.id();
        let draft = Draft {
            decided_at: flight.decided_at,
            date: flight.date,
            id,
            content: flight.content,
            body,
            links: legs.links,
        };
        let recorded_at = self.appender.push(self.now, draft);
        let receipt = Receipt {
            id,
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

    /// Gives each leg the account's previous position and its balance after it, in journal order, and sends the fee to
    /// the fee account. `None` when a balance would leave its bounds, which the decisions have ruled out.
    fn link_legs(&mut self, flight: &Flight, amount: Amount) -> Option<Legs> {
        let position = self.appender.next();
        let sender = self.seats.active_mut(flight.from)?;
        let from = sender.id;
        let total = amount.checked_add(flight.fee)?;
        let currency = sender.currency;
        let debit = Link { previous: sender.last, balance: sender.balance.debit(total)? };
        (sender.last, sender.balance, sender.version) = (position, debit.balance, sender.version.saturating_add(1));
        let receiver = self.seats.active_mut(flight.to)?;
        let to = receiver.id;
        let credit = Link { previous: receiver.last, balance: receiver.balance.credit(amount)? };
        (receiver.last, receiver.balance, receiver.version) =
            (position, credit.balance, receiver.version.saturating_add(1));
        let mut links: Links = smallvec![debit, credit];
        let mut fees = AccountId::new(0);
        if !flight.fee.is_zero() {
            let entry = self.registry.currency_mut(currency)?;
            entry.fees_under_way = entry.fees_under_way.saturating_sub(flight.fee);
            let account = self.seats.active_mut(entry.fees)?;
            let link = Link { previous: account.last, balance: account.balance.credit(flight.fee)? };
            (account.last, account.balance, account.version) =
                (position, link.balance, account.version.saturating_add(1));
            account.address.do_send(CreditFee { fee: flight.fee });
            fees = account.id;
            links.push(link);
        }
        Some(Legs { from, to, fees, links })
    }

    /// The sender refused: nothing happened, and that is recorded.
    pub(super) fn debit_refused(&mut self, ticket: Ticket, refusal: Refusal) {
        let Some(flight) = self.flights.get(ticket) else {
            return self.broken("a debit was refused for no command");
        };
        let (from, to) = (flight.from, flight.to);
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
        let (from, to) = (flight.from, flight.to);
        if let Some(sender) = self.seats.active(from) {
            sender.address.do_send(Refund { ticket });
            if let Some(entry) = self.registry.currency_mut(sender.currency) {
                entry.fees_under_way = entry.fees_under_way.saturating_sub(fee);
            }
        }
        self.refuse(ticket, refusal);
        if let Some(sender) = self.seats.active_mut(from) {
            sender.undecided = sender.undecided.saturating_sub(1);
        }
        self.release_leg(from);
        self.release_leg(to);
    }

    /// Records a refusal and answers with it.
    pub(super) fn refuse(&mut self, ticket: Ticket, refusal: Refusal) {
        self.let_go(ticket);
        let Some(mut flight) = self.flights.remove(ticket) else { return };
        self.meters.count_refusal(&refusal);
        let id = flight.command.id();
        // The record keeps the command; the flight needs only its id from here on.
        let emptied = Command::PutRecords { id, puts: Vec::new() };
        let command = std::mem::replace(&mut flight.command, emptied);
        let date = self.registry.day.date_of(self.now);
        let draft = Draft {
            decided_at: flight.decided_at,
            date,
            id,
            content: flight.content,
            body: Body::Refused(Box::new(Refused { command, refusal: refusal.clone() })),
            links: Links::new(),
        };
        self.appender.push(self.now, draft);
        self.land(flight, Err(refusal));
    }

    /// Counts one undecided debit less, and tells the account when others wait for it.
    fn debit_decided(&mut self, from: SeatIndex, ticket: Ticket) {
        let Some(sender) = self.seats.active_mut(from) else { return };
        sender.undecided = sender.undecided.saturating_sub(1);
        if sender.has_waiting {
            sender.address.do_send(Decided { tickets: [ticket].into_iter().collect() });
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
        occupant.address.do_send(Decided { tickets: decided });
    }
}

/// The accounts of a movement's legs, and their links.
struct Legs {
    from: AccountId,
    to: AccountId,
    fees: AccountId,
    links: Links,
}
