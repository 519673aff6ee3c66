//! Accounts coming to life and going to rest: loading, opening, changing, retiring.

use smallvec::smallvec;

use crate::account::{Retire, SeatIndex, Ticket, Vary};
use crate::command::{Command, OpenAccount, Outcome};
use crate::ledger::{
    Account, AccountNumber, AccountOpened, Balance, Body, Change, Currency, Link, Links, OwnerId, Position, Refusal,
    Role, TypeCode,
};
use crate::plant::{Bug, is_planted};

use super::appender::Draft;
use super::core::Core;
use super::effects::Effect;
use super::flights::{Flight, Stage};
use super::input::LoadedAccount;
use super::registry::CurrencyIndex;
use super::seats::{Occupant, Seat, SeatState};

/// How many seats are looked at to find one to retire.
const LOOK_AT_SEATS: usize = 64;

impl Core {
    /// Asks the books for an account, for which a seat is kept meanwhile. Where that takes a seat too many, an idle
    /// account is retired; when none is idle the limit is passed until one is.
    pub(super) fn start_loading(&mut self, number: AccountNumber) -> SeatIndex {
        self.retire_beyond_limit();
        let seat = self.seats.add(number, SeatState::Loading);
        self.effects.push(Effect::Load { seat, number });
        seat
    }

    fn retire_beyond_limit(&mut self) {
        // Two at a time bring the number down again after it had to pass the limit.
        for _ in 0..2 {
            if self.seats.len() < self.max_active_accounts {
                return;
            }
            let Some(index) = self.seats.idle(self.appender.durable(), LOOK_AT_SEATS) else { return };
            self.send(index, Retire);
            if let Some(occupant) = self.seats.active_mut(index) {
                occupant.retiring = true;
            }
        }
    }

    /// A retired account handed over its state, which must be what its recorded history adds up to.
    pub(super) fn retired(&mut self, index: SeatIndex, account: &Account) {
        let Some(seat) = self.seats.get_mut(index) else { return };
        let SeatState::Active(occupant) = std::mem::replace(&mut seat.state, SeatState::Loading) else {
            return self.broken("an account retired without being asked to");
        };
        if !occupant.agrees_with(account) {
            let number = account.number;
            return self.broken(&format!("account {number} is not what its records add up to"));
        }
        self.registry.unseat_owner(occupant.owner);
        self.effects.push(Effect::Forget { seat: index });
        let number = seat.number();
        if seat.has_queue() {
            self.effects.push(Effect::Load { seat: index, number });
        } else {
            self.seats.remove(index);
        }
        self.meters.set_active_accounts(self.seats.len());
    }

    /// The books' answer: the account comes to life, or there is none. One of the bank's own may have come to life
    /// meanwhile, with its currency: what the books knew when they were asked is of no interest then.
    pub(super) fn loaded(&mut self, index: SeatIndex, found: Option<Box<LoadedAccount>>) {
        let Some(seat) = self.seats.get_mut(index) else { return };
        let is_waited_for = matches!(seat.state, SeatState::Loading) || is_planted(Bug::AnswerTooLate);
        match found {
            Some(found) if is_waited_for => self.activate(index, found),
            None if is_waited_for => seat.state = SeatState::Vacant,
            _ => {}
        }
        self.serve_queue(index);
    }

    /// Starts the actor of an account.
    fn activate(&mut self, index: SeatIndex, loaded: Box<LoadedAccount>) {
        let account = &loaded.account;
        let (Some(kind), Some(currency)) =
            (self.registry.type_index(&account.kind), self.registry.currency_index(account.currency))
        else {
            return self.broken("an account has a type or a currency that the bank does not");
        };
        let free_transfers_per_day = self.registry.free_transfers_per_day(&account.owner);
        let owner = self.registry.seat_owner(account.owner);
        let (id, last, balance, version) = (account.id, account.last, account.posted, account.version);
        let (system, closed) = (account.role.is_system(), account.closed);
        self.effects.push(Effect::Start { seat: index, account: loaded });
        let occupant = Occupant {
            id,
            owner,
            kind,
            currency,
            last,
            balance,
            version,
            system,
            closed,
            retiring: false,
            free_transfers_per_day,
            undecided: 0,
            has_waiting: false,
        };
        if let Some(seat) = self.seats.get_mut(index) {
            seat.state = SeatState::Active(occupant);
        }
        self.meters.set_active_accounts(self.seats.len());
    }

    /// Starts the actor of an account without open holds.
    fn activate_new(&mut self, index: SeatIndex, account: Account) {
        self.activate(index, Box::new(LoadedAccount { account, holds: Vec::new() }));
    }

    /// The account is there or known not to be, and nothing of it is in flight: opens or changes it.
    pub(super) fn open_or_change(&mut self, ticket: Ticket) {
        let Some(index) = self.flights.get(ticket).and_then(|flight| flight.waits_at.first().copied()) else { return };
        let Some(number) = self.seats.get(index).map(Seat::number) else { return };
        self.leave_queues(ticket);
        let Some(flight) = self.flights.get(ticket) else { return };
        match &flight.command {
            Command::OpenAccount(open) => {
                let open = open.clone();
                self.open(index, ticket, &open);
            }
            Command::ChangeAccount(change) => {
                let change = change.change;
                match self.seats.get(index).and_then(Seat::active).map(|occupant| occupant.system) {
                    None => self.refuse(ticket, Refusal::AccountUnknown { number }),
                    Some(true) => self.refuse(ticket, Refusal::SystemAccount { number }),
                    Some(false) => self.send_change(index, ticket, change),
                }
            }
            _ => self.broken("a command about several accounts was taken for one about one"),
        }
    }

    /// Begins the opening of an account: finds the number, and queues at its seat, where it is decided.
    pub(super) fn request_opening(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let Command::OpenAccount(open) = &flight.command else { return };
        let number = match open.number {
            Some(number) if number.is_reserved() => {
                // The bank's own accounts are always active.
                let exists = self.seats.find(&number).is_some_and(|index| self.seats.active(index).is_some());
                let refusal =
                    if exists { Refusal::AccountExists { number } } else { Refusal::NumberReserved { number } };
                return self.refuse(ticket, refusal);
            }
            Some(number) => number,
            None => self.generate_number(),
        };
        self.queue_at(number, ticket);
    }

    fn generate_number(&mut self) -> AccountNumber {
        let number = AccountNumber::generated(self.next_number);
        self.next_number = self.next_number.saturating_add(1);
        number
    }

    /// Decides an opening at the seat of its number, which is vacant or has the account that is in the way.
    fn open(&mut self, index: SeatIndex, ticket: Ticket, open: &OpenAccount) {
        let Some(seat) = self.seats.get(index) else { return };
        let number = seat.number();
        if seat.active().is_some() {
            return match open.number {
                Some(number) => self.refuse(ticket, Refusal::AccountExists { number }),
                // Somebody chose the number that was generated: the next one.
                None => self.request_opening(ticket),
            };
        }
        let currency = match self.opening_terms(open) {
            Ok(currency) => currency,
            Err(refusal) => return self.refuse(ticket, refusal),
        };
        let kind = open.kind.unwrap_or_else(TypeCode::basic);
        let Some(flight) = self.flights.remove(ticket) else { return };
        let opened = self.opened(number, open.owner, kind, currency, Role::Customer, open.overdraft);
        let first = Link { previous: Position::START, balance: Balance::ZERO };
        let position = self.append(&flight, Body::AccountOpened(Box::new(opened.clone())), smallvec![first]);
        self.settle_in(index, &opened, position);
        self.land(flight, Ok(Outcome::Opened { number, position }));
    }

    /// The currency of an account to open, which is added to the bank when it is new and in ISO 4217.
    fn opening_terms(&mut self, open: &OpenAccount) -> Result<Currency, Refusal> {
        let code = open.kind.unwrap_or_else(TypeCode::basic);
        let account_type = self.registry.type_index(&code).and_then(|index| self.registry.account_type(index));
        let type_currency = account_type.ok_or(Refusal::TypeUnknown { code })?.currency;
        let currency = open.currency.or(type_currency).unwrap_or_else(Currency::krw);
        if type_currency.is_some_and(|of_type| of_type != currency) {
            return Err(Refusal::TypeCurrency { code, currency });
        }
        if self.registry.currency_index(currency).is_none() {
            let scale = currency.iso_scale().ok_or(Refusal::CurrencyUnknown { currency })?;
            self.add_currency(currency, scale, None)?;
        }
        Ok(currency)
    }

    /// The facts of a new account, with the next id.
    pub(super) fn opened(
        &mut self,
        number: AccountNumber,
        owner: OwnerId,
        kind: TypeCode,
        currency: Currency,
        role: Role,
        overdraft: crate::ledger::Amount,
    ) -> AccountOpened {
        let account = self.next_account;
        self.next_account = account.next();
        AccountOpened { account, number, owner, kind, currency, role, overdraft, opened_at: self.now }
    }

    /// Queues the record of a command that moved no money, for today.
    pub(super) fn append(&mut self, flight: &Flight, body: Body, links: Links) -> Position {
        let draft = Draft {
            decided_at: flight.decided_at,
            date: self.registry.day.date_of(self.now),
            id: flight.command.id(),
            content: flight.content,
            body,
            links,
        };
        self.appender.push(self.now, draft);
        self.appender.end()
    }

    /// Brings an account to life that was opened by the record at `position`.
    pub(super) fn settle_in(&mut self, index: SeatIndex, opened: &AccountOpened, position: Position) {
        let mut account = Account::open(opened);
        account.last = position;
        self.activate_new(index, account);
    }

    /// Makes the bank's own accounts of a currency active, which they stay.
    ///
    /// A command that names one of them may have been waiting since before there was the currency: the account takes the
    /// seat at which it waits.
    pub(super) fn seat_currency(&mut self, currency: Currency, scale: u8, cash: Account, fees: Account) {
        let [cash_seat, fees_seat] = [&cash, &fees].map(|account| {
            let waiting = self.seats.find(&account.number).filter(|_| !is_planted(Bug::TwoSeats));
            waiting.unwrap_or_else(|| self.seats.add(account.number, SeatState::Loading))
        });
        self.registry.add_currency(super::registry::CurrencyEntry {
            currency,
            scale,
            cash: cash_seat,
            fees: fees_seat,
            fees_under_way: crate::ledger::Amount::ZERO,
            fees_held: fees.pending_in,
        });
        self.activate_new(cash_seat, cash);
        self.activate_new(fees_seat, fees);
        for index in [cash_seat, fees_seat] {
            if self.seats.get(index).is_some_and(Seat::has_queue) {
                self.serve_queue(index);
            }
        }
    }

    /// What the account's actor cannot know: whether the new type exists and fits.
    fn check_change(&self, index: SeatIndex, change: &Change) -> Result<(), Refusal> {
        let (Some(code), Some(occupant)) = (change.new_type(), self.seats.active(index)) else { return Ok(()) };
        let account_type = self.registry.type_index(&code).and_then(|index| self.registry.account_type(index));
        let type_currency = account_type.ok_or(Refusal::TypeUnknown { code })?.currency;
        let currency = self.registry.currency(occupant.currency).map(|entry| entry.currency);
        match (type_currency, currency) {
            (Some(of_type), Some(currency)) if of_type != currency => Err(Refusal::TypeCurrency { code, currency }),
            _ => Ok(()),
        }
    }

    fn send_change(&mut self, index: SeatIndex, ticket: Ticket, change: Change) {
        let objection = self.check_change(index, &change).err().map(Box::new);
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.stage = Stage::Changing;
            flight.decided_at = self.now;
            flight.from = index;
        }
        if let Some(seat) = self.seats.get_mut(index) {
            seat.changing = true;
            seat.recently_used = true;
        }
        self.send(index, Vary { ticket, change, objection });
    }

    /// The account took the change: it is recorded.
    pub(super) fn changed(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.remove(ticket) else {
            return self.broken("a change was made for no command");
        };
        let Command::ChangeAccount(command) = &flight.command else {
            return self.broken("a change was made for a command without one");
        };
        let (index, change, position) = (flight.from, command.change, self.appender.next());
        let kind = change.new_type().and_then(|code| self.registry.type_index(&code));
        let Some(occupant) = self.seats.active_mut(index) else {
            return self.broken("a change was made to an account that is not active");
        };
        let link = Link { previous: occupant.last, balance: occupant.balance };
        (occupant.last, occupant.version) = (position, occupant.version.saturating_add(1));
        occupant.kind = kind.unwrap_or(occupant.kind);
        let (account, number) = (occupant.id, command.account);
        let closes = change == Change::Close;
        occupant.closed |= closes;
        self.append(&flight, Body::AccountChanged { account, change: Box::new(change) }, smallvec![link]);
        // Before further records: landing remembers the id under the last one.
        self.land(flight, Ok(Outcome::Recorded { position }));
        if closes {
            self.end_schedules_of(number);
        }
        self.change_over(index);
    }

    pub(super) fn change_refused(&mut self, ticket: Ticket, refusal: Refusal) {
        let Some(index) = self.flights.get(ticket).map(|flight| flight.from) else { return };
        self.refuse(ticket, refusal);
        self.change_over(index);
    }

    fn change_over(&mut self, index: SeatIndex) {
        if let Some(seat) = self.seats.get_mut(index) {
            seat.changing = false;
        }
        self.serve_queue(index);
    }

    /// The place of a currency in the registry, for commands that add one.
    pub(super) fn known_currency(&self, currency: Currency) -> Option<CurrencyIndex> {
        self.registry.currency_index(currency)
    }
}
