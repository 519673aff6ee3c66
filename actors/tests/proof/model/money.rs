//! Movements that happen at once.

use jangbu_actors::command::{Reverse, Sweep, Transfer};
use jangbu_actors::ledger::{AccountNumber, Amount, CommandId, Refusal};

use super::{Expected, Holder, Model, Movement, in_force, own};
use crate::support::{CAP, amount, balance, units};

/// The conditions that a sender accepted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Granted {
    pub(super) amount: i128,
    pub(super) fee: i128,
    pub(super) date: jiff::civil::Date,
    /// Whether limits and free transfers apply.
    pub(super) limited: bool,
    pub(super) counted: bool,
}

impl Model {
    pub(super) fn transfer(&mut self, asked: &Transfer) -> Result<Expected, Refusal> {
        Model::check_order(asked.from, asked.to, asked.amount)?;
        if asked.at_most {
            self.check_known(&[(asked.from, asked.to)]).map_err(|(_, refusal)| refusal)?;
        }
        self.check_pair(asked.from, asked.to)?;
        let answer = self.pay(asked.from, asked.to, units(asked.amount), asked.at_most, asked.most_fee)?;
        self.note_movement(asked.id, asked.from, asked.to, &answer);
        Ok(answer)
    }

    pub(super) fn check_order(from: AccountNumber, to: AccountNumber, moved: Amount) -> Result<(), Refusal> {
        if units(moved) == 0 {
            return Err(Refusal::AmountZero);
        }
        if from == to { Err(Refusal::SameAccount) } else { Ok(()) }
    }

    /// Checks whether two accounts are compatible.
    pub(super) fn check_pair(&self, from: AccountNumber, to: AccountNumber) -> Result<(), Refusal> {
        for number in [from, to] {
            self.accounts.get(&number).ok_or(Refusal::AccountUnknown { number })?;
        }
        let (sender, receiver) = (self.customer(from)?, self.customer(to)?);
        if sender.currency != receiver.currency {
            return Err(Refusal::CurrencyMismatch { from: sender.currency, to: receiver.currency });
        }
        Ok(())
    }

    /// An ordinary transfer between compatible accounts.
    pub(super) fn pay(
        &mut self,
        from: AccountNumber,
        to: AccountNumber,
        asked: i128,
        at_most: bool,
        most_fee: Option<Amount>,
    ) -> Result<Expected, Refusal> {
        let granted = self.grant(from, to, asked, at_most, most_fee)?;
        self.check_receiver(to, granted.amount)?;
        Ok(self.post(from, to, granted))
    }

    /// A movement without a fee and without limits or free transfers.
    pub(super) fn pay_freely(
        &mut self,
        from: AccountNumber,
        to: AccountNumber,
        moved: i128,
    ) -> Result<Expected, Refusal> {
        let sender = self.accounts[&from].clone();
        Model::open_for_debit(from, &sender)?;
        Model::check_funds(&sender, moved)?;
        if sender.system && sender.posted - moved < -CAP {
            return Err(Refusal::CurrencyLimit { currency: sender.currency });
        }
        self.check_receiver(to, moved)?;
        let date = self.today().max(sender.date);
        Ok(self.post(from, to, Granted { amount: moved, fee: 0, date, limited: false, counted: false }))
    }

    /// The decision of the sender's account about a transfer or a hold, and that of the fee account.
    pub(super) fn grant(
        &self,
        from: AccountNumber,
        to: AccountNumber,
        asked: i128,
        at_most: bool,
        most_fee: Option<Amount>,
    ) -> Result<Granted, Refusal> {
        let (sender, receiver) = (&self.accounts[&from], &self.accounts[&to]);
        let terms = &self.types[&sender.kind];
        Model::open_for_debit(from, sender)?;
        let date = self.today().max(sender.date);
        let (_, counted) = sender.used_on(date);
        let exempt = terms.same_owner_exempt && sender.owner == receiver.owner && sender.kind == receiver.kind;
        let quota = self.owners.get(&sender.owner).copied().unwrap_or(3);
        let fee = if exempt || counted < quota { 0 } else { units(terms.fee) };
        if let Some(most_fee) = most_fee.filter(|most_fee| units(*most_fee) < fee) {
            return Err(Refusal::FeeTooHigh { fee: amount(fee), most_fee });
        }
        let available = sender.available();
        let moved = if at_most { asked.min((available - fee).max(0)) } else { asked };
        if moved == 0 {
            return Err(Refusal::InsufficientFunds { available: amount(available), needed: amount(fee + 1) });
        }
        self.check_limits(sender, moved, moved, date)?;
        Model::check_funds(sender, moved + fee)?;
        let fees = &self.accounts[&own("FEES", sender.currency)];
        if fee > 0 && fees.posted + fees.pending_in + fee > CAP {
            return Err(Refusal::CurrencyLimit { currency: sender.currency });
        }
        Ok(Granted { amount: moved, fee, date, limited: true, counted: !exempt })
    }

    /// Checks `whole` against the limit per transfer, and `more` against the daily limit.
    pub(super) fn check_limits(
        &self,
        sender: &Holder,
        whole: i128,
        more: i128,
        date: jiff::civil::Date,
    ) -> Result<(), Refusal> {
        let terms = &self.types[&sender.kind];
        let (sent, _) = sender.used_on(date);
        if let Some(limit) = in_force(sender.per_transfer, terms.limit_per_transfer)
            && whole > limit
        {
            return Err(Refusal::LimitPerTransfer { limit: amount(limit), requested: amount(whole) });
        }
        if let Some(limit) = in_force(sender.per_day, terms.limit_per_day)
            && sent + more > limit
        {
            let (limit, used, requested) = (amount(limit), amount(sent.min(CAP)), amount(more));
            return Err(Refusal::LimitPerDay { limit, used, requested });
        }
        Ok(())
    }

    pub(super) fn cash(&mut self, number: AccountNumber, moved: Amount, comes_in: bool) -> Result<Expected, Refusal> {
        if units(moved) == 0 {
            return Err(Refusal::AmountZero);
        }
        let vault = own("CASH", self.customer(number)?.currency);
        let (from, to) = if comes_in { (vault, number) } else { (number, vault) };
        self.pay_freely(from, to, units(moved))
    }

    pub(super) fn sweep(&mut self, asked: &Sweep) -> Result<Expected, Refusal> {
        if asked.account == asked.against {
            return Err(Refusal::SameAccount);
        }
        self.check_known(&[(asked.account, asked.against)]).map_err(|(_, refusal)| refusal)?;
        self.check_pair(asked.account, asked.against)?;
        let posted = self.accounts[&asked.account].posted;
        let above = posted - i128::from(asked.target.minor_units());
        if above.abs() > CAP {
            return Err(Refusal::BalanceLimit { number: asked.account, posted: balance(posted) });
        }
        if above == 0 {
            return Err(Refusal::NothingToSweep { target: asked.target });
        }
        let (from, to) = if above > 0 { (asked.account, asked.against) } else { (asked.against, asked.account) };
        let answer = self.pay_freely(from, to, above.abs())?;
        self.note_movement(asked.id, from, to, &answer);
        Ok(answer)
    }

    pub(super) fn reverse(&mut self, asked: &Reverse) -> Result<Expected, Refusal> {
        if asked.amount.is_some_and(|amount| units(amount) == 0) {
            return Err(Refusal::AmountZero);
        }
        let (_, requested) = self.left_of(asked.original, asked.step, asked.amount.map(units))?;
        self.take_back(asked.original, asked.step, requested)
    }

    /// Returns a movement that can be reversed, and how much of it goes back for a requested amount.
    pub(super) fn left_of(
        &self,
        original: CommandId,
        step: u8,
        asked: Option<i128>,
    ) -> Result<(Movement, i128), Refusal> {
        let found = self.movements.get(&original).and_then(|steps| steps.get(usize::from(step))?.clone());
        let movement = found.ok_or(Refusal::NotReversible { original })?;
        let left = movement.amount - movement.reversed;
        let requested = asked.unwrap_or(if left == 0 { movement.amount } else { left });
        if requested > left {
            return Err(Refusal::ReversalTooLarge { left: amount(left), requested: amount(requested) });
        }
        Ok((movement, requested))
    }

    /// Reverses this much of an earlier movement.
    pub(super) fn take_back(&mut self, original: CommandId, step: u8, moved: i128) -> Result<Expected, Refusal> {
        let Movement { from, to, .. } = self.movements[&original][usize::from(step)].clone().unwrap();
        let answer = self.pay_freely(to, from, moved)?;
        self.movements.get_mut(&original).unwrap()[usize::from(step)].as_mut().unwrap().reversed += moved;
        Ok(answer)
    }

    pub(super) fn note_movement(&mut self, id: CommandId, from: AccountNumber, to: AccountNumber, answer: &Expected) {
        let moved = match answer {
            Expected::Posted { amount, .. } | Expected::Drawn { amount, .. } => *amount,
            _ => 0,
        };
        let movement = (moved > 0).then_some(Movement { from, to, amount: moved, reversed: 0 });
        self.movements.entry(id).or_default().push(movement);
    }

    pub(super) fn open_for_debit(number: AccountNumber, holder: &Holder) -> Result<(), Refusal> {
        if holder.closed {
            return Err(Refusal::AccountClosed { number });
        }
        if holder.frozen.debits { Err(Refusal::AccountFrozen { number }) } else { Ok(()) }
    }

    pub(super) fn check_receiver(&self, number: AccountNumber, more: i128) -> Result<(), Refusal> {
        let holder = &self.accounts[&number];
        if holder.closed {
            return Err(Refusal::AccountClosed { number });
        }
        if holder.frozen.credits {
            return Err(Refusal::AccountFrozen { number });
        }
        if holder.posted + holder.pending_in + more > CAP {
            return Err(match holder.system {
                true => Refusal::CurrencyLimit { currency: holder.currency },
                false => Refusal::BalanceLimit { number, posted: balance(holder.posted) },
            });
        }
        Ok(())
    }

    pub(super) fn check_funds(holder: &Holder, needed: i128) -> Result<(), Refusal> {
        let available = holder.available();
        if needed > available {
            return Err(Refusal::InsufficientFunds { available: amount(available), needed: amount(needed) });
        }
        Ok(())
    }

    /// Moves the granted amount.
    fn post(&mut self, from: AccountNumber, to: AccountNumber, granted: Granted) -> Expected {
        let Granted { amount, fee, date, .. } = granted;
        let sender = self.leg(from, -amount - fee, 0, 0);
        let receiver = self.leg(to, amount, 0, 0);
        if fee > 0 {
            let fees = own("FEES", self.accounts[&from].currency);
            self.leg(fees, fee, 0, 0);
        }
        self.use_day(from, granted);
        Expected::Posted { position: self.position, date, amount, fee, sender, receiver }
    }

    /// Counts the granted amount towards its day.
    pub(super) fn use_day(&mut self, from: AccountNumber, granted: Granted) {
        let holder = self.holder(from);
        let (sent, counted) = holder.used_on(granted.date);
        holder.date = granted.date;
        holder.sent = sent + if granted.limited { granted.amount } else { 0 };
        holder.counted = counted + u32::from(granted.counted);
    }
}

impl Holder {
    /// Returns the day's counters for a date.
    pub(super) fn used_on(&self, date: jiff::civil::Date) -> (i128, u32) {
        if date == self.date { (self.sent, self.counted) } else { (0, 0) }
    }

    pub(crate) fn available(&self) -> i128 {
        if self.system { CAP } else { ((self.posted + self.overdraft).min(CAP) - self.held).max(0) }
    }
}
