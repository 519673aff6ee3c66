//! What would be accepted instead of a refused command: another amount now, or the same command later.

use super::preview::{Trial, WayBack};
use crate::preview::Objection;
use jangbu_ledger::command::Command;
use jangbu_ledger::{Account, AccountNumber, Amount, BusinessDate, MAX_MINOR_UNITS, Refusal, Role};

impl Trial<'_> {
    /// Returns why the command would be refused, and what would be accepted instead.
    pub(super) fn objection(&mut self, command: &Command, refusal: Refusal) -> Objection {
        let mut objection = Objection { refusal, largest: None, earliest: None };
        self.forget();
        let candidates = self.candidates(command).unwrap_or_default();
        let mut candidates = candidates.into_iter().filter(|amount| !amount.is_zero());
        objection.largest = candidates.find(|amount| self.passes(&with_amount(command, *amount)));
        if matches!(objection.refusal, Refusal::LimitPerDay { .. }) {
            let (now, today) = (self.now, self.date);
            self.date = BusinessDate::from_days(today.as_days().saturating_add(1));
            if let Some(begin) = self.books.day.as_ref().map(|day| day.start_of(self.date.to_jiff())) {
                // Holds that expire until then count as expired.
                self.now = now.max(begin);
                objection.earliest = self.passes(command).then_some(begin);
            }
            (self.now, self.date) = (now, today);
        }
        objection
    }

    /// Returns the candidates for the largest accepted amount, in descending order: one for each figure that can be the
    /// limit. `None` for a command without an amount of its own.
    fn candidates(&mut self, command: &Command) -> Option<Vec<Amount>> {
        match command {
            Command::Transfer(it) => self.of_transfer(it.from, it.to, Amount::ZERO),
            Command::PlaceHold(it) => self.of_transfer(it.from, it.to, Amount::ZERO),
            Command::AmendHold(it) => {
                it.raise_to?;
                let (hold, from, to) = self.hold(it.hold).ok()?;
                let mut candidates = self.of_transfer(from, to, hold.amount)?;
                // No raise at all, to which neither limits nor a frozen receiver are an obstacle.
                candidates.push(hold.amount);
                Some(candidates)
            }
            Command::SettleHold(it) => {
                it.amount?;
                let (hold, ..) = self.hold(it.hold).ok()?;
                Some(vec![hold.remaining()])
            }
            Command::Deposit(it) => {
                let account = self.account(it.account).ok()?;
                let cash = self.own(&account, Role::Cash).ok()?;
                let owed = i128::from(MAX_MINOR_UNITS) + i128::from(cash.posted.minor_units());
                Some(vec![room(&account).min(amount(owed))])
            }
            Command::Withdrawal(it) => {
                let account = self.account(it.account).ok()?;
                Some(vec![account.available()])
            }
            Command::Reverse(it) => {
                let WayBack { from, to, left, .. } = *self.basis.ways_back.get(&(it.original, it.step))?;
                let (sender, receiver) = (self.account(from).ok()?, self.account(to).ok()?);
                Some(vec![left.min(sender.available()).min(room(&receiver))])
            }
            _ => None,
        }
    }

    /// Returns the candidates for a transfer or a hold, or for raising a hold of `already`.
    fn of_transfer(&mut self, from: AccountNumber, to: AccountNumber, already: Amount) -> Option<Vec<Amount>> {
        let (sender, receiver) = (self.account(from).ok()?, self.account(to).ok()?);
        let headroom = self.headroom(&sender);
        let bears_fee = headroom.free_transfers_left == 0 && already.is_zero();
        let fee = if bears_fee { self.type_of(&sender).fee } else { Amount::ZERO };
        let bounds = [headroom.left_today, Some(room(&receiver))];
        let most = |funds: Amount| {
            let more = bounds.iter().flatten().fold(funds, |least, bound| least.min(*bound));
            already.saturating_add(more).min(headroom.per_transfer.unwrap_or(Amount::MAX))
        };
        // Between accounts of one owner, no fee may be due.
        Some(vec![most(headroom.available), most(headroom.available.saturating_sub(fee))])
    }
}

/// Returns what an account can still receive.
fn room(account: &Account) -> Amount {
    let taken = i128::from(account.posted.minor_units()) + i128::from(account.pending_in.minor_units());
    amount(i128::from(MAX_MINOR_UNITS) - taken)
}

/// Returns the amount of this many units, or the nearest valid one.
fn amount(units: i128) -> Amount {
    let units = u64::try_from(units.max(0)).unwrap_or(u64::MAX);
    Amount::new(units).unwrap_or(Amount::MAX)
}

/// Returns the same command with exactly that amount.
fn with_amount(command: &Command, amount: Amount) -> Command {
    let mut command = command.clone();
    match &mut command {
        Command::Transfer(it) => (it.amount, it.at_most) = (amount, false),
        Command::PlaceHold(it) => it.amount = amount,
        Command::AmendHold(it) => it.raise_to = Some(amount),
        Command::SettleHold(it) => it.amount = Some(amount),
        Command::Deposit(it) | Command::Withdrawal(it) => it.amount = amount,
        Command::Reverse(it) => it.amount = Some(amount),
        _ => {}
    }
    command
}
