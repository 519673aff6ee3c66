//! Commands about what accounts share: types, owners, currencies.

use crate::account::Ticket;
use crate::command::{Command, Outcome};
use crate::ledger::{
    Account, AccountNumber, Amount, Body, Currency, Links, OwnerId, Position, Refusal, Role, TypeCode,
};

use super::appender::Draft;
use super::core::Core;
use super::flights::Flight;

impl Core {
    /// Decides what needs no account's word.
    pub(super) fn decide_shared(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        match &flight.command {
            Command::SetType { account_type, .. } => {
                let account_type = (**account_type).clone();
                let existing = self.registry.type_index(&account_type.code);
                let current = existing.and_then(|index| self.registry.account_type(index));
                let code = account_type.code;
                if code == TypeCode::basic() || current.is_some_and(|now| now.currency != account_type.currency) {
                    return self.refuse(ticket, Refusal::TypeFixed { code });
                }
                if let Some(currency) = account_type.currency
                    && currency.iso_scale().is_none()
                    && self.known_currency(currency).is_none()
                {
                    return self.refuse(ticket, Refusal::CurrencyUnknown { currency });
                }
                if existing.is_none() && !self.registry.has_room_for_types() {
                    return self.refuse(ticket, Refusal::TooMany { most: u32::from(u16::MAX) });
                }
                self.registry.set_type(account_type.clone());
                self.record(ticket, Body::TypeSet(Box::new(account_type)));
            }
            Command::SetOwner { owner, free_transfers_per_day, .. } => {
                let (owner, free_transfers_per_day) = (**owner, *free_transfers_per_day);
                if let Some(owner) = self.registry.set_owner(owner, free_transfers_per_day) {
                    for occupant in self.seats.all_active_mut().filter(|occupant| occupant.owner == owner) {
                        occupant.free_transfers_per_day = free_transfers_per_day;
                    }
                }
                self.record(ticket, Body::OwnerSet { owner, free_transfers_per_day });
            }
            Command::AddCurrency { currency, scale, .. } => {
                let (currency, scale) = (*currency, *scale);
                let existing = self.known_currency(currency).and_then(|index| self.registry.currency(index));
                let fixed = existing.map(|entry| entry.scale).or_else(|| currency.iso_scale());
                if existing.is_some() || fixed.is_some_and(|fixed| fixed != scale) {
                    let scale = fixed.unwrap_or(scale);
                    return self.refuse(ticket, Refusal::CurrencyFixed { currency, scale });
                }
                if !self.registry.has_room_for_currencies() {
                    return self.refuse(ticket, Refusal::TooMany { most: u32::from(u16::MAX) });
                }
                if let Some(flight) = self.flights.remove(ticket) {
                    match self.add_currency(currency, scale, Some(&flight)) {
                        Ok(position) => self.land(flight, Ok(Outcome::Recorded { position })),
                        Err(_) => self.broken("a currency was added without room for it"),
                    }
                }
            }
            _ => self.broken("a command about an account was decided without it"),
        }
    }

    /// Opens the bank's own accounts of a currency, which thereby belongs to the bank.
    ///
    /// The record bears the id of the command that asked for it; one that only needed it leaves its own id to its own record.
    pub(super) fn add_currency(
        &mut self,
        currency: Currency,
        scale: u8,
        asked: Option<&Flight>,
    ) -> Result<Position, Refusal> {
        if !self.registry.has_room_for_currencies() {
            return Err(Refusal::TooMany { most: u32::from(u16::MAX) });
        }
        let own = |core: &mut Core, role, prefix| {
            let number = AccountNumber::system(prefix, currency.as_str());
            core.opened(number, OwnerId::bank(), TypeCode::basic(), currency, role, Amount::ZERO)
        };
        let cash = own(self, Role::Cash, "CASH");
        let fees = own(self, Role::Fees, "FEES");
        let position = self.appender.next();
        let link = crate::ledger::Link { previous: Position::START, balance: crate::ledger::Balance::ZERO };
        let draft = Draft {
            decided_at: asked.map_or(self.now, |flight| flight.decided_at),
            date: self.registry.day.date_of(self.now),
            id: asked.map_or_else(crate::ledger::CommandId::random, |flight| flight.command.id()),
            content: asked.map_or_else(|| crate::ledger::ContentHash::of(&[]), |flight| flight.content),
            body: Body::CurrencyAdded { currency, scale, accounts: Box::new([cash.clone(), fees.clone()]) },
            links: std::iter::repeat_n(link, 2).collect(),
        };
        self.appender.push(self.now, draft);
        let [cash, fees] = [cash, fees].map(|opened| {
            let mut account = Account::open(&opened);
            account.last = position;
            account
        });
        self.seat_currency(currency, scale, cash, fees);
        Ok(position)
    }

    /// Records a body without legs and answers.
    pub(super) fn record(&mut self, ticket: Ticket, body: Body) {
        let Some(flight) = self.flights.remove(ticket) else { return };
        let position = self.append(&flight, body, Links::new());
        self.land(flight, Ok(Outcome::Recorded { position }));
    }
}
