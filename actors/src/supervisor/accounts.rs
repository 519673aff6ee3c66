//! Accounts coming to life and going to rest: loading, activating, retiring.

use jangbu_books::open_hold::LoadedAccount;

use super::core::Core;
use super::effects::Effect;
use super::opening::activate;
use super::seats::SeatState;
use crate::account::{Retire, SeatIndex};
use crate::ledger::{Account, AccountNumber};
use crate::plant::{Bug, is_planted};

/// How many seats are looked at to find one to retire.
const LOOK_AT_SEATS: usize = 64;

impl Core {
    /// Asks the books for an account, for which a seat is kept meanwhile. Where that takes a seat too many, an idle
    /// account is retired; when none is idle the limit is passed until one is.
    pub(super) fn start_loading(&mut self, number: AccountNumber) -> SeatIndex {
        self.retire_beyond_limit();
        let seat = self.tables.seats.add(number, SeatState::Loading);
        self.effects.push(Effect::Load { seat, number });
        seat
    }

    fn retire_beyond_limit(&mut self) {
        // Two at a time bring the number down again after it had to pass the limit.
        for _ in 0..2 {
            if self.tables.seats.len() < self.max_active_accounts {
                return;
            }
            let Some(index) = self.tables.seats.idle(self.tables.appender.durable(), LOOK_AT_SEATS) else { return };
            self.send(index, Retire);
            if let Some(occupant) = self.tables.seats.active_mut(index) {
                occupant.retiring = true;
            }
        }
    }

    /// A retired account handed over its state, which must be what its recorded history adds up to.
    pub(super) fn retired(&mut self, index: SeatIndex, account: &Account) {
        let Some(seat) = self.tables.seats.get_mut(index) else { return };
        let SeatState::Active(occupant) = std::mem::replace(&mut seat.state, SeatState::Loading) else {
            return self.broken("an account retired without being asked to");
        };
        if !occupant.agrees_with(account) {
            let number = account.number;
            return self.broken(&format!("account {number} is not what its records add up to"));
        }
        self.tables.registry.unseat_owner(occupant.owner);
        self.effects.push(Effect::Forget { seat: index });
        let number = seat.number();
        if seat.has_queue() {
            self.effects.push(Effect::Load { seat: index, number });
        } else {
            self.tables.seats.remove(index);
        }
    }

    /// The books' answer: the account comes to life, or there is none. One of the bank's own may have come to life
    /// meanwhile, with its currency: what the books knew when they were asked is of no interest then.
    pub(super) fn loaded(&mut self, index: SeatIndex, found: Option<Box<LoadedAccount>>) {
        let Some(seat) = self.tables.seats.get_mut(index) else { return };
        let is_waited_for = matches!(seat.state, SeatState::Loading) || is_planted(Bug::AnswerTooLate);
        match found {
            Some(found) if is_waited_for => activate(index, found, &mut self.tables, &mut self.effects),
            None if is_waited_for => seat.state = SeatState::Vacant,
            _ => {}
        }
        self.serve_queue(index);
    }
}
