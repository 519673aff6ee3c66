//! The dry run: decides a command by the same rules, without any effect.
//!
//! It uses the books, and so the durable state. Concurrent activity can change the real outcome.

use std::collections::BTreeMap;

use super::state::Books;
use crate::open_hold::HoldRoom;
use crate::preview::{Headroom, Preview, Quote};
use crate::views::{HoldStatus, HoldView};
use jangbu_ledger::command::{Command, Step, Sweep};
use jangbu_ledger::{
    Account, AccountNumber, AccountType, Amount, BusinessDate, CommandId, Draw, Event, FREE_TRANSFERS_PER_DAY, Hold,
    HoldEnd, HoldId, PostingKind, Refusal, Role, Terms, Timestamp, apply, decide_amend, decide_credit, decide_debit,
    decide_draw, decide_hold,
};

/// What a preview needs beside the books: the time, and the holds that the command names, which were looked up before.
pub struct Basis {
    /// The moment by which holds expire.
    pub now: Timestamp,
    /// The date for which movements count.
    pub date: BusinessDate,
    /// The number of holds that may still be placed.
    pub hold_room: HoldRoom,
    /// The holds that the command names; `None` for one that is not open.
    pub holds: BTreeMap<HoldId, Option<HoldView>>,
    /// The reversals that the command could make, by the original's id and the movement's number.
    pub ways_back: BTreeMap<(CommandId, u8), WayBack>,
}

/// The possible reversal of a movement.
#[derive(Clone, Copy, Debug)]
pub struct WayBack {
    /// The movement's receiver.
    pub from: AccountNumber,
    /// The movement's sender.
    pub to: AccountNumber,
    /// The amount of the movement.
    pub whole: Amount,
    /// The part of it that is not reversed yet.
    pub left: Amount,
}

/// The accounts of a preview, as the previous steps have left them.
pub(super) struct Trial<'a> {
    pub(super) books: &'a mut Books,
    pub(super) basis: &'a Basis,
    pub(super) now: Timestamp,
    pub(super) date: BusinessDate,
    accounts: BTreeMap<AccountNumber, Account>,
    holds: BTreeMap<HoldId, Hold>,
    /// Holds that a step ended.
    ended: BTreeMap<HoldId, HoldEnd>,
}

/// One movement to try.
struct Attempt {
    kind: PostingKind,
    from: AccountNumber,
    to: AccountNumber,
    amount: Amount,
    at_most: bool,
    most_fee: Option<Amount>,
    held: bool,
}

impl Books {
    /// Decides the command on copies of its accounts; returns `None` for commands that move no money.
    pub fn preview(&mut self, command: &Command, basis: &Basis) -> Option<Preview> {
        let position = self.applied;
        let mut trial = Trial {
            books: self,
            basis,
            now: basis.now,
            date: basis.date,
            accounts: BTreeMap::new(),
            holds: BTreeMap::new(),
            ended: BTreeMap::new(),
        };
        let decided = trial.command(command)?;
        Some(match decided {
            Ok(quote) => Preview::Granted(Quote { position, ..quote }),
            Err(refusal) => Preview::Refused(trial.objection(command, refusal)),
        })
    }
}

impl Trial<'_> {
    /// Returns whether the command would be granted if nothing had been tried before.
    pub(super) fn passes(&mut self, command: &Command) -> bool {
        self.forget();
        self.command(command).is_some_and(|decided| decided.is_ok())
    }

    /// Undoes what was tried.
    pub(super) fn forget(&mut self) {
        self.accounts.clear();
        self.holds.clear();
        self.ended.clear();
    }

    fn command(&mut self, command: &Command) -> Option<Result<Quote, Refusal>> {
        let attempt = |from, to, amount| {
            let kind = PostingKind::Transfer;
            Attempt { kind, from, to, amount, at_most: false, most_fee: None, held: false }
        };
        Some(match command {
            Command::Transfer(it) => {
                let (at_most, most_fee) = (it.at_most, it.most_fee);
                self.movement(&Attempt { at_most, most_fee, ..attempt(it.from, it.to, it.amount) })
            }
            Command::PlaceHold(it) => {
                self.check_placing((it.from, it.to, it.amount), it.expires_at, 0).and_then(|()| {
                    let most_fee = it.most_fee;
                    self.movement(&Attempt { held: true, most_fee, ..attempt(it.from, it.to, it.amount) })
                })
            }
            Command::Deposit(it) => self.cash(it.account, it.amount, PostingKind::Deposit),
            Command::Withdrawal(it) => self.cash(it.account, it.amount, PostingKind::Withdrawal),
            Command::SettleHold(it) if it.amount.is_some_and(Amount::is_zero) => Err(Refusal::AmountZero),
            Command::SettleHold(it) => self.draw(it.hold, Draw::Settle { amount: it.amount, last: it.last }),
            Command::VoidHold(it) => self.draw(it.hold, Draw::Void { rejected: it.rejected }),
            Command::AmendHold(it) => match it.expires_at {
                Some(expires_at) if expires_at <= self.now => Err(Refusal::ExpiryPassed { expires_at }),
                _ => self.amend(it.hold, it.raise_to, it.expires_at),
            },
            Command::Linked(linked) => self.linked(&linked.steps),
            Command::Sweep(sweep) => self.sweep(sweep),
            Command::Reverse(reverse) if reverse.amount.is_some_and(Amount::is_zero) => Err(Refusal::AmountZero),
            Command::Reverse(reverse) => {
                let back = self.reversal((reverse.original, reverse.step), reverse.amount);
                back.and_then(|back| self.movement(&back))
            }
            _ => return None,
        })
    }

    fn sweep(&mut self, sweep: &Sweep) -> Result<Quote, Refusal> {
        let (account, against) = (sweep.account, sweep.against);
        if account == against {
            return Err(Refusal::SameAccount);
        }
        self.account(account.min(against))?;
        self.account(account.max(against))?;
        let (swept, _) = self.parties(account, against)?;
        let above = swept.posted.minor_units().saturating_sub(sweep.target.minor_units());
        let Ok(amount) = Amount::new(above.unsigned_abs()) else {
            return Err(Refusal::BalanceLimit { number: account, posted: swept.posted });
        };
        if amount.is_zero() {
            return Err(Refusal::NothingToSweep { target: sweep.target });
        }
        let (from, to) = if above > 0 { (account, against) } else { (against, account) };
        self.movement(&Attempt {
            kind: PostingKind::Sweep,
            from,
            to,
            amount,
            at_most: false,
            most_fee: None,
            held: false,
        })
    }

    fn linked(&mut self, steps: &[Step]) -> Result<Quote, Refusal> {
        let refused = |number: usize, refusal: Refusal| {
            let step = u8::try_from(number).unwrap_or(u8::MAX);
            Refusal::Linked { step, refusal: Box::new(refusal) }
        };
        // In the order of the supervisor: the steps themselves, their holds and their accounts, before any money.
        let mut holds: usize = 0;
        for (number, step) in steps.iter().enumerate() {
            self.check_step(step, holds).map_err(|refusal| refused(number, refusal))?;
            holds = holds.saturating_add(usize::from(matches!(step, Step::Hold { .. })));
        }
        for (number, step) in steps.iter().enumerate() {
            if let Step::Reverse { original, step, amount, .. } = step {
                self.reversal((*original, *step), *amount).map_err(|refusal| refused(number, refusal))?;
            }
        }
        let mut named: Vec<_> = steps.iter().enumerate().flat_map(|(number, step)| accounts_of(step, number)).collect();
        named.sort_unstable();
        for (account, number) in named {
            self.account(account).map_err(|refusal| refused(number, refusal))?;
        }
        for (number, step) in steps.iter().enumerate() {
            if let Step::Transfer { from, to, .. } | Step::Hold { from, to, .. } = step {
                self.parties(*from, *to).map_err(|refusal| refused(number, refusal))?;
            }
        }
        let mut whole: Option<Quote> = None;
        for (number, step) in steps.iter().enumerate() {
            let decided = match step {
                Step::Transfer { from, to, amount, at_most, most_fee, .. } => {
                    let kind = PostingKind::Transfer;
                    let (from, to, amount, at_most, most_fee) = (*from, *to, *amount, *at_most, *most_fee);
                    self.movement(&Attempt { kind, from, to, amount, at_most, most_fee, held: false })
                }
                Step::Hold { from, to, amount, most_fee, .. } => {
                    let (kind, at_most, held) = (PostingKind::Transfer, false, true);
                    let (from, to, amount, most_fee) = (*from, *to, *amount, *most_fee);
                    self.movement(&Attempt { kind, from, to, amount, at_most, most_fee, held })
                }
                Step::Reverse { original, step, amount, .. } => {
                    let back = self.reversal((*original, *step), *amount);
                    back.and_then(|back| self.movement(&back))
                }
                Step::Settle { hold, amount, last } => self.draw(*hold, Draw::Settle { amount: *amount, last: *last }),
                Step::Void { hold } => self.draw(*hold, Draw::Void { rejected: false }),
            };
            let quote = decided.map_err(|refusal| refused(number, refusal))?;
            whole = Some(match whole {
                None => quote,
                Some(before) => Quote {
                    amount: before.amount.saturating_add(quote.amount),
                    fee: before.fee.saturating_add(quote.fee),
                    total: before.total.saturating_add(quote.total),
                    ..quote
                },
            });
        }
        whole.ok_or(Refusal::AmountZero)
    }

    /// Checks what does not depend on an account when a hold is placed. `before` is the number of holds that the same
    /// command places before it.
    fn check_placing(
        &self,
        (from, to, amount): (AccountNumber, AccountNumber, Amount),
        expires_at: Option<Timestamp>,
        before: usize,
    ) -> Result<(), Refusal> {
        match expires_at {
            _ if amount.is_zero() => Err(Refusal::AmountZero),
            _ if from == to => Err(Refusal::SameAccount),
            Some(expires_at) if expires_at <= self.now => Err(Refusal::ExpiryPassed { expires_at }),
            _ => self.basis.hold_room.check(before),
        }
    }

    /// Checks what does not depend on an account for a step. `holds` is the number of holds that the steps before it
    /// place.
    fn check_step(&mut self, step: &Step, holds: usize) -> Result<(), Refusal> {
        match step {
            Step::Transfer { amount: Amount::ZERO, .. }
            | Step::Settle { amount: Some(Amount::ZERO), .. }
            | Step::Reverse { amount: Some(Amount::ZERO), .. } => Err(Refusal::AmountZero),
            Step::Transfer { from, to, .. } if from == to => Err(Refusal::SameAccount),
            Step::Transfer { .. } | Step::Reverse { .. } => Ok(()),
            Step::Hold { from, to, amount, expires_at, .. } => {
                self.check_placing((*from, *to, *amount), *expires_at, holds)
            }
            Step::Settle { hold, .. } | Step::Void { hold } => self.hold(*hold).map(|_| ()),
        }
    }

    /// Returns the attempt to reverse a movement, if no more is reversed than is left.
    fn reversal(&self, movement: (CommandId, u8), amount: Option<Amount>) -> Result<Attempt, Refusal> {
        let way_back = self.basis.ways_back.get(&movement);
        let WayBack { from, to, whole, left } = *way_back.ok_or(Refusal::NotReversible { original: movement.0 })?;
        let amount = amount.unwrap_or(if left.is_zero() { whole } else { left });
        if amount > left {
            return Err(Refusal::ReversalTooLarge { left, requested: amount });
        }
        let kind = PostingKind::Reversal;
        Ok(Attempt { kind, from, to, amount, at_most: false, most_fee: None, held: false })
    }

    pub(super) fn account(&mut self, number: AccountNumber) -> Result<Account, Refusal> {
        if let Some(account) = self.accounts.get(&number) {
            return Ok(account.clone());
        }
        let account = self.books.account_by_number(&number).ok_or(Refusal::AccountUnknown { number })?;
        self.accounts.insert(number, account.clone());
        Ok(account)
    }

    fn customer(&mut self, number: AccountNumber) -> Result<Account, Refusal> {
        match self.account(number)? {
            account if account.role.is_system() => Err(Refusal::SystemAccount { number }),
            account => Ok(account),
        }
    }

    /// Returns both accounts, which must be customers' and of one currency.
    fn parties(&mut self, from: AccountNumber, to: AccountNumber) -> Result<(Account, Account), Refusal> {
        let (sender, receiver) = (self.customer(from)?, self.customer(to)?);
        if sender.currency != receiver.currency {
            return Err(Refusal::CurrencyMismatch { from: sender.currency, to: receiver.currency });
        }
        Ok((sender, receiver))
    }

    pub(super) fn type_of(&self, account: &Account) -> AccountType {
        self.books.types.get(&account.kind).cloned().unwrap_or_else(AccountType::basic)
    }

    fn free_transfers(&self, account: &Account) -> u32 {
        self.books.owners.get(&account.owner).copied().unwrap_or(FREE_TRANSFERS_PER_DAY)
    }

    fn terms(&self, kind: PostingKind, from: &Account, to: &Account, amount: Amount) -> Terms {
        let same = from.owner == to.owner && from.kind == to.kind;
        Terms::of(kind, &self.type_of(from), same, self.free_transfers(from), amount, self.date)
    }

    /// Returns the bank's own account of that role in the currency of `account`.
    pub(super) fn own(&mut self, account: &Account, role: Role) -> Result<Account, Refusal> {
        let kept = self.books.currencies.get(&account.currency).copied();
        let id = kept.map(|kept| if role == Role::Fees { kept.fees } else { kept.cash });
        let found = id.map(|id| self.books.account(id));
        let found = found.and_then(|found| self.books.noted(found));
        match found {
            Some(own) => self.account(own.number),
            None => Err(Refusal::CurrencyUnknown { currency: account.currency }),
        }
    }

    fn movement(&mut self, attempt: &Attempt) -> Result<Quote, Refusal> {
        let Attempt { kind, from, to, amount, at_most, most_fee, held } = *attempt;
        if amount.is_zero() {
            return Err(Refusal::AmountZero);
        }
        if from == to {
            return Err(Refusal::SameAccount);
        }
        // A command that needs both accounts exclusively requests them in the order of their numbers.
        let (first, second) = if at_most { (from.min(to), from.max(to)) } else { (from, to) };
        self.account(first)?;
        self.account(second)?;
        let (sender, receiver) = self.parties(from, to)?;
        let terms = Terms { at_most, most_fee, ..self.terms(kind, &sender, &receiver, amount) };
        self.decide(sender, receiver, &terms, held)
    }

    fn cash(&mut self, number: AccountNumber, amount: Amount, kind: PostingKind) -> Result<Quote, Refusal> {
        if amount.is_zero() {
            return Err(Refusal::AmountZero);
        }
        let customer = self.customer(number)?;
        let cash = self.own(&customer, Role::Cash)?;
        let before = customer.available();
        let (from, to) = if kind == PostingKind::Deposit { (cash, customer) } else { (customer, cash) };
        let terms = self.terms(kind, &from, &to, amount);
        let quote = self.decide(from, to, &terms, false)?;
        // The bank's own cash has no limit, so nobody needs its remaining funds.
        let after = self.account(number)?;
        Ok(Quote { available_before: before, headroom: self.headroom(&after), ..quote })
    }

    fn decide(
        &mut self,
        mut sender: Account,
        mut receiver: Account,
        terms: &Terms,
        held: bool,
    ) -> Result<Quote, Refusal> {
        let before = sender.available();
        let debited = if held { decide_hold(&sender, terms) } else { decide_debit(&sender, terms) }?;
        if !debited.fee.is_zero() {
            let mut fees = self.own(&sender, Role::Fees)?;
            decide_credit(&fees, debited.fee)?;
            self.keep(&mut fees, if held { Event::Expected(debited.fee) } else { Event::Credited(debited.fee) });
        }
        decide_credit(&receiver, debited.amount)?;
        self.keep(&mut sender, if held { Event::Held(debited) } else { Event::Debited(debited) });
        self.keep(&mut receiver, if held { Event::Expected(debited.amount) } else { Event::Credited(debited.amount) });
        Ok(self.quote(&sender, before, debited.amount, debited.fee))
    }

    /// Applies an event to the copy.
    fn keep(&mut self, account: &mut Account, event: Event<'_>) {
        // A decided event can be applied. If it could not, the preview would use the account unchanged.
        let _ = apply(account, event);
        self.accounts.insert(account.number, account.clone());
    }

    fn quote(&self, sender: &Account, before: Amount, amount: Amount, fee: Amount) -> Quote {
        Quote {
            amount,
            fee,
            total: amount.saturating_add(fee),
            date: self.date.max(sender.day.date),
            available_before: before,
            headroom: self.headroom(sender),
            position: jangbu_ledger::Position::START,
        }
    }

    pub(super) fn headroom(&self, account: &Account) -> Headroom {
        let of_type = self.type_of(account);
        let date = self.date.max(account.day.date);
        let (per_transfer, left_today) = account.headroom(of_type.limit_per_transfer, of_type.limit_per_day, date);
        let free = self.free_transfers(account).saturating_sub(account.used_on(date).counted_transfers);
        Headroom { available: account.available(), per_transfer, left_today, free_transfers_left: free }
    }

    /// Returns the hold as earlier steps have left it, with its parties.
    pub(super) fn hold(&mut self, id: HoldId) -> Result<(Hold, AccountNumber, AccountNumber), Refusal> {
        let view = self.basis.holds.get(&id).and_then(Option::as_ref).ok_or(Refusal::HoldUnknown { hold: id })?;
        match view.status {
            HoldStatus::Open => {}
            HoldStatus::Settled => return Err(Refusal::HoldSettled { hold: id }),
            HoldStatus::Voided | HoldStatus::Rejected => return Err(Refusal::HoldVoided { hold: id }),
            HoldStatus::Expired => return Err(Refusal::HoldExpired { hold: id }),
        }
        let (from, to, position) = (view.from, view.to, view.position);
        let payer = self.account(from)?;
        if let Some(hold) = self.holds.get(&id) {
            return Ok((hold.clone(), from, to));
        }
        let hold = self.books.open_hold(payer.id, id, position).ok_or(Refusal::HoldUnknown { hold: id })?;
        Ok((hold, from, to))
    }

    fn draw(&mut self, id: HoldId, draw: Draw) -> Result<Quote, Refusal> {
        let (mut hold, from, to) = self.hold(id)?;
        if let Some(end) = self.ended.get(&id) {
            return Err(match end {
                HoldEnd::Settled => Refusal::HoldSettled { hold: id },
                _ => Refusal::HoldVoided { hold: id },
            });
        }
        let drawn = decide_draw(&hold, draw, self.now)?;
        let (mut payer, mut receiver) = (self.account(from)?, self.account(to)?);
        let before = payer.available();
        self.keep(&mut payer, Event::Drawn(drawn));
        self.keep(&mut receiver, Event::Brought { amount: drawn.amount, released: drawn.released });
        hold.draw(&drawn);
        if let Some(end) = drawn.end {
            self.ended.insert(id, end);
        }
        self.holds.insert(id, hold);
        Ok(self.quote(&payer, before, drawn.amount, drawn.fee))
    }

    fn amend(&mut self, id: HoldId, raise_to: Option<Amount>, expires_at: Option<Timestamp>) -> Result<Quote, Refusal> {
        let (hold, from, to) = self.hold(id)?;
        let (mut payer, mut receiver) = (self.account(from)?, self.account(to)?);
        let terms = self.terms(PostingKind::Transfer, &payer, &receiver, Amount::ZERO);
        let amended = decide_amend(&payer, &hold, raise_to, expires_at, &terms, self.now)?;
        let before = payer.available();
        if !amended.raised.is_zero() {
            decide_credit(&receiver, amended.raised)?;
            self.keep(&mut receiver, Event::Expected(amended.raised));
        }
        self.keep(&mut payer, Event::Amended(amended));
        Ok(self.quote(&payer, before, amended.raised, Amount::ZERO))
    }
}

/// Returns the accounts that a transfer or a hold among linked steps names. Those of other steps are known to exist.
fn accounts_of(step: &Step, number: usize) -> Vec<(AccountNumber, usize)> {
    match step {
        Step::Transfer { from, to, .. } | Step::Hold { from, to, .. } => vec![(*from, number), (*to, number)],
        Step::Settle { .. } | Step::Void { .. } | Step::Reverse { .. } => Vec::new(),
    }
}
