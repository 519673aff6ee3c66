//! Commands that need several accounts to themselves: linked steps, amendments, reversals, sweeps, and transfers of at
//! most so much: what else happens to their accounts meanwhile would make their amount another.
//!
//! A group first waits in the queues of all its accounts, and locks them all at once when it is the first in each; what comes
//! for a locked account meanwhile queues behind. Then its steps are decided one by one, each by
//! the accounts it is about, which have saved their state before; when one is refused, all go back to that. Only the
//! bank's fee account is not locked: room is kept for the fees, and they follow the record.

use crate::account::{Amend, Conclude, Credit, Debit, DrawHold, Save, SeatIndex, Ticket};
use crate::command::Command;
use crate::ledger::{
    AccountId, AccountNumber, Amended, Amount, Balance, Debited, Details, Drawn, HoldId, HoldTerms, PostingKind,
    Refusal, Terms, Timestamp,
};

use super::core::Core;
use super::flights::Stage;
use super::holds::{ended, linked_refusal};
use super::open_holds::OpenHold;
use super::plans::{Action, Planned};
use super::queues::Standing;
use super::repairs::Repairing;
use super::reversals::Reversing;
use super::seats::Need;

/// What a step led to.
pub(super) enum Effect {
    Moved(Debited),
    Held(Debited),
    Drawn(Drawn, OpenHold),
    Amended(Amended, OpenHold),
}

/// A step that was carried out.
pub(super) struct Done {
    pub(super) from: SeatIndex,
    pub(super) to: SeatIndex,
    pub(super) effect: Effect,
}

/// A command with several accounts to itself.
#[derive(Default)]
pub(super) struct Group {
    /// The accounts to lock, in the order of their numbers.
    accounts: Vec<AccountNumber>,
    /// Those that are locked, in the same order.
    seats: Vec<SeatIndex>,
    pub(super) steps: Vec<Planned>,
    pub(super) done: Vec<Done>,
    /// The current step's debit, hold or raise, which its receiver has not taken yet.
    granted: Option<Effect>,
    /// The earlier movements that are reversed, in the order of the steps that do so.
    pub(super) reversings: Vec<Reversing>,
    /// What is known of the original whose reversals are put right.
    pub(super) repairing: Option<Box<Repairing>>,
    /// How many places are kept for the holds that the steps place.
    pub(super) hold_places: usize,
    /// Steps whose accounts have no numbers yet, in their order.
    pub(super) unplanned: Vec<Unplanned>,
}

/// A step that is known but for the numbers of its accounts.
pub(super) struct Unplanned {
    /// Which step of the command it is, counted from 0.
    pub(super) at: usize,
    /// Who pays, and who gets it.
    pub(super) accounts: [AccountId; 2],
    pub(super) action: Action,
}

impl Core {
    /// Puts the group together and waits for its accounts.
    pub(super) fn lock_accounts(&mut self, ticket: Ticket, mut group: Group) {
        // Where one of the bank's own accounts is among them, the group will be refused.
        let needs = self.alone(group.steps.iter().flat_map(|step| [step.from, step.to]));
        group.accounts = needs.iter().map(|(number, _)| *number).collect();
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.stage = Stage::Locking;
        }
        self.groups.insert(ticket, group);
        self.queue_up(ticket, &needs);
        self.lock(ticket);
    }

    /// Whether that is one of the bank's own accounts, which are always active.
    pub(super) fn is_own(&self, number: &AccountNumber) -> bool {
        number.is_reserved()
            && self.seats.find(number).is_some_and(|index| self.seats.active(index).is_some_and(|it| it.system))
    }

    /// Locks all accounts of a group, once the group is the first in the queue of each and nothing of them is in flight.
    pub(super) fn lock(&mut self, ticket: Ticket) {
        let Some(group) = self.groups.get(&ticket) else { return };
        let mut seats = Vec::with_capacity(group.accounts.len());
        for number in &group.accounts {
            match self.standing(number, Need::Alone, ticket) {
                Standing::Ready(index) => seats.push(index),
                Standing::Waits => return,
                Standing::Vacant => return self.abandon_for_vacancy(ticket, *number),
            }
        }
        self.leave_queues(ticket);
        for index in &seats {
            if let Some(seat) = self.seats.get_mut(*index) {
                seat.changing = true;
                seat.recently_used = true;
            }
        }
        if let Some(group) = self.groups.get_mut(&ticket) {
            group.seats = seats;
        }
        self.run_group(ticket);
    }

    /// One of the accounts is not there.
    fn abandon_for_vacancy(&mut self, ticket: Ticket, number: AccountNumber) {
        // What holds there are comes before what accounts there are, also when one ended meanwhile.
        if let Some(hold) = self.groups.get(&ticket).and_then(|group| self.missing_hold(group)) {
            return self.seek_missing_hold(ticket, hold);
        }
        let refusal = self.refusal_about(ticket, number, Refusal::AccountUnknown { number });
        self.abandon_group(ticket, refusal);
    }

    /// All accounts are the group's: what the accounts cannot know is checked, and the first step begins.
    fn run_group(&mut self, ticket: Ticket) {
        let now = self.now;
        // Time has passed, and others have placed holds, since it was planned.
        let holds = match self.flights.get(ticket).map(|flight| &flight.command) {
            Some(Command::Linked(linked)) => self.check_linked_holds(linked),
            _ => Ok(0),
        };
        let holds = match holds {
            Ok(holds) => holds,
            Err((number, refusal)) => return self.abandon_group(ticket, linked_refusal(number, refusal)),
        };
        let Some(group) = self.groups.get(&ticket) else { return };
        if let Some(hold) = self.missing_hold(group) {
            return self.seek_missing_hold(ticket, hold);
        }
        if let Err((number, refusal)) = self.check_accounts(group) {
            let refusal = self.refusal_of_step(ticket, number, refusal);
            return self.abandon_group(ticket, refusal);
        }
        for index in group.seats.clone() {
            self.send(index, Save);
        }
        self.open_holds.keep_places(holds);
        if let Some(group) = self.groups.get_mut(&ticket) {
            group.hold_places = holds;
        }
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.stage = Stage::Grouped;
            flight.decided_at = now;
        }
        self.next_step(ticket);
    }

    /// Whether the accounts of each step are customers' and of one currency.
    fn check_accounts(&self, group: &Group) -> Result<(), (usize, Refusal)> {
        for (number, step) in group.steps.iter().enumerate() {
            let mut currencies = Vec::new();
            for account in [step.from, step.to] {
                let found = self.seats.find(&account).and_then(|index| self.seats.active(index));
                let Some(occupant) = found else {
                    return Err((number, Refusal::AccountUnknown { number: account }));
                };
                if occupant.system {
                    return Err((number, Refusal::SystemAccount { number: account }));
                }
                currencies.extend(self.registry.currency(occupant.currency).map(|entry| entry.currency));
            }
            if let [from, to] = *currencies
                && from != to
            {
                return Err((number, Refusal::CurrencyMismatch { from, to }));
            }
        }
        Ok(())
    }

    /// A hold ended while the group waited for its accounts: the group lets go of them, and is refused for that.
    pub(super) fn seek_missing_hold(&mut self, ticket: Ticket, hold: HoldId) {
        self.leave_queues(ticket);
        if let Some((_, seats)) = self.take_group(ticket) {
            self.unlock(&seats);
        }
        self.seek_hold(ticket, hold);
        self.serve_queues();
    }

    /// A hold of the group's that is not open any more.
    pub(super) fn missing_hold(&self, group: &Group) -> Option<HoldId> {
        group.steps.iter().find_map(|step| match step.action {
            Action::Draw { hold, .. } | Action::Amend { hold, .. } if self.open_holds.get(hold).is_none() => Some(hold),
            _ => None,
        })
    }

    /// Sends the next step to the account that pays, or ends the group.
    fn next_step(&mut self, ticket: Ticket) {
        let Some(group) = self.groups.get(&ticket) else { return };
        let Some(step) = group.steps.get(group.done.len()) else { return self.conclude_group(ticket) };
        let (from, to) = (self.seats.find(&step.from), self.seats.find(&step.to));
        let Some((from, to)) = from.zip(to) else { return self.broken("a locked account is gone") };
        let now = self.schedule_time();
        match &step.action {
            Action::Move { kind, amount, at_most, most_fee, .. } => {
                let (at_most, most_fee) = (*at_most, *most_fee);
                let Some(terms) = self.terms(*kind, from, to, *amount) else {
                    return self.broken("a locked account is not active");
                };
                let terms = Terms { at_most, most_fee, ..terms };
                self.send(from, Debit { ticket, terms, all_decided: true, hold: None });
            }
            Action::Hold { amount, expires_at, most_fee, .. } => {
                let (amount, expires_at, most_fee, number) = (*amount, *expires_at, *most_fee, group.done.len());
                self.send_hold(ticket, number, (from, to), (amount, expires_at, most_fee));
            }
            Action::Sweep { target, details } => {
                let (target, details) = (*target, details.clone());
                self.plan_sweep(ticket, target, details);
            }
            Action::Draw { hold, draw } => {
                let (hold, draw) = (*hold, *draw);
                self.send_about(Some(hold), from, DrawHold { ticket, hold, draw, now, all_decided: true });
            }
            Action::Amend { hold, raise_to, expires_at } => {
                let (hold, raise_to, expires_at) = (*hold, *raise_to, *expires_at);
                let Some(terms) = self.terms(PostingKind::Transfer, from, to, Amount::ZERO) else {
                    return self.broken("a locked account is not active");
                };
                self.send(from, Amend { ticket, hold, raise_to, expires_at, terms, now });
            }
        }
    }

    /// Asks the account that pays for a hold, which the step of that number places.
    fn send_hold(
        &mut self,
        ticket: Ticket,
        number: usize,
        (from, to): (SeatIndex, SeatIndex),
        (amount, expires_at, most_fee): (Amount, Option<Timestamp>, Option<Amount>),
    ) {
        let terms = self.terms(PostingKind::Transfer, from, to, amount);
        let receiver = self.seats.active(to).map(|occupant| occupant.id);
        let command = self.flights.get(ticket).map(|flight| (flight.command.id(), flight.decided_at));
        let (Some(terms), Some(to), Some((command, placed_at)), Ok(step)) =
            (terms, receiver, command, u8::try_from(number))
        else {
            return self.broken("a locked account is not active");
        };
        let id = HoldId::of_step(command, step);
        let hold = Some(Box::new(HoldTerms { id, to, placed_at, expires_at, verified: false }));
        let terms = Terms { most_fee, ..terms };
        self.send_about(Some(id), from, Debit { ticket, terms, all_decided: true, hold });
    }

    /// With the accounts locked, the balance in the order of the journal is the balance: the sweep becomes a movement.
    fn plan_sweep(&mut self, ticket: Ticket, target: Balance, details: Option<Box<Details>>) {
        let Some(step) = self.groups.get_mut(&ticket).and_then(|group| group.steps.first_mut()) else { return };
        let Some(balance) = self.seats.find(&step.from).and_then(|index| self.seats.active(index)).map(|it| it.balance)
        else {
            return self.broken("a locked account is not active");
        };
        let above = balance.minor_units().saturating_sub(target.minor_units());
        let Ok(amount) = Amount::new(above.unsigned_abs()) else {
            let refusal = Refusal::BalanceLimit { number: step.from, posted: balance };
            return self.abandon_group(ticket, refusal);
        };
        if amount.is_zero() {
            return self.abandon_group(ticket, Refusal::NothingToSweep { target });
        }
        if above < 0 {
            std::mem::swap(&mut step.from, &mut step.to);
        }
        let details = details.filter(|details| !details.is_empty());
        step.action = Action::Move { kind: PostingKind::Sweep, amount, at_most: false, most_fee: None, details };
        self.next_step(ticket);
    }

    /// The current step's sender granted a debit: the receiver is next.
    pub(super) fn step_debited(&mut self, ticket: Ticket, debited: Debited) {
        let Some((_, to)) = self.current_accounts(ticket) else { return self.broken("a step has no accounts") };
        let Some(receiver) = self.seats.active(to) else { return self.broken("a locked account is not active") };
        if !debited.fee.is_zero()
            && let Err(refusal) = self.reserve_fee(receiver.currency, debited.fee)
        {
            return self.step_refused(ticket, refusal);
        }
        let is_hold = self.current_step(ticket).is_some_and(|step| matches!(step.action, Action::Hold { .. }));
        self.send(to, Credit { ticket, amount: debited.amount, expected: is_hold });
        if let Some(group) = self.groups.get_mut(&ticket) {
            group.granted = Some(if is_hold { Effect::Held(debited) } else { Effect::Moved(debited) });
        }
    }

    /// The current step's receiver took its part.
    pub(super) fn step_credited(&mut self, ticket: Ticket) {
        let granted = self.groups.get_mut(&ticket).and_then(|group| group.granted.take());
        match granted {
            Some(effect) => self.step_done(ticket, effect),
            None => self.broken("a step was credited that was not debited"),
        }
    }

    /// The current step drew on a hold: its receiver has it at once, for the steps to come.
    pub(super) fn step_drawn(&mut self, ticket: Ticket, drawn: Drawn) {
        let Some((_, to)) = self.current_accounts(ticket) else { return self.broken("a step has no accounts") };
        let Some(open) = self.current_hold(ticket) else { return self.broken("a step drew on no open hold") };
        let event = crate::account::Accepted::Brought { amount: drawn.amount, released: drawn.released };
        self.send(to, crate::account::Accept { event });
        self.step_done(ticket, Effect::Drawn(drawn, open));
    }

    /// The hold was amended; when it was raised, the receiver has to have room for that.
    pub(super) fn amended(&mut self, ticket: Ticket, amended: Amended) {
        let Some((_, to)) = self.current_accounts(ticket) else { return self.broken("a step has no accounts") };
        let Some(open) = self.current_hold(ticket) else { return self.broken("a step amended no open hold") };
        let effect = Effect::Amended(amended, open);
        if amended.raised.is_zero() {
            return self.step_done(ticket, effect);
        }
        self.send(to, Credit { ticket, amount: amended.raised, expected: true });
        if let Some(group) = self.groups.get_mut(&ticket) {
            group.granted = Some(effect);
        }
    }

    fn step_done(&mut self, ticket: Ticket, effect: Effect) {
        let Some((from, to)) = self.current_accounts(ticket) else { return };
        if let Some(group) = self.groups.get_mut(&ticket) {
            group.done.push(Done { from, to, effect });
        }
        self.next_step(ticket);
    }

    /// The hold of the current step is not there: an earlier step of the group ended it.
    pub(super) fn step_hold_gone(&mut self, ticket: Ticket) {
        let Some(hold) = self.current_hold_id(ticket) else { return self.broken("a step about no hold has none") };
        let end = self.groups.get(&ticket).and_then(|group| {
            let mut steps = group.steps.iter().zip(&group.done);
            steps.find_map(|(step, done)| match (&step.action, &done.effect) {
                (Action::Draw { hold: earlier, .. }, Effect::Drawn(drawn, _)) if *earlier == hold => drawn.end,
                _ => None,
            })
        });
        match end {
            Some(end) => self.step_refused(ticket, ended(hold, end)),
            None => self.broken("an account does not have a hold that is recorded as its own"),
        }
    }

    /// A step is refused, and so all of them.
    pub(super) fn step_refused(&mut self, ticket: Ticket, refusal: Refusal) {
        let number = self.groups.get(&ticket).map_or(0, |group| group.done.len());
        if let Some(group) = self.groups.get_mut(&ticket)
            && let Some(Effect::Moved(debited) | Effect::Held(debited)) = group.granted.take()
        {
            // The debit was granted and its fee reserved; the receiver refused.
            let currency =
                self.current_accounts(ticket).and_then(|(_, to)| self.seats.active(to)).map(|it| it.currency);
            self.unreserve_fee(currency, debited.fee);
        }
        let refusal = self.refusal_of_step(ticket, number, refusal);
        self.abandon_group(ticket, refusal);
    }

    /// Refuses the command and lets go of its accounts, which go back to what they were.
    pub(super) fn abandon_group(&mut self, ticket: Ticket, refusal: Refusal) {
        let begun = self.flights.get(ticket).is_some_and(|flight| flight.stage == Stage::Grouped)
            || self.groups.get(&ticket).is_some_and(|group| !group.done.is_empty());
        let group = self.groups.remove(&ticket);
        let seats = group.map_or(Vec::new(), |group| {
            for done in &group.done {
                if let Effect::Moved(debited) | Effect::Held(debited) = &done.effect {
                    let currency = self.seats.active(done.to).map(|occupant| occupant.currency);
                    self.unreserve_fee(currency, debited.fee);
                }
            }
            self.open_holds.give_places_up(group.hold_places);
            group.seats
        });
        if begun {
            self.conclude(&seats, false);
        }
        self.refuse(ticket, refusal);
        self.unlock(&seats);
    }

    /// Tells the accounts of a group to keep what its steps did, or to go back.
    pub(super) fn conclude(&mut self, seats: &[SeatIndex], keep: bool) {
        for index in seats {
            self.send(*index, Conclude { keep });
        }
    }

    /// Lets others at the accounts again.
    pub(super) fn unlock(&mut self, seats: &[SeatIndex]) {
        for index in seats {
            if let Some(seat) = self.seats.get_mut(*index) {
                seat.changing = false;
            }
        }
        for index in seats {
            self.serve_queue(*index);
        }
    }

    /// Takes the group apart once all its steps are done.
    pub(super) fn take_group(&mut self, ticket: Ticket) -> Option<(Group, Vec<SeatIndex>)> {
        let mut group = self.groups.remove(&ticket)?;
        let seats = std::mem::take(&mut group.seats);
        Some((group, seats))
    }

    fn current_step(&self, ticket: Ticket) -> Option<&Planned> {
        let group = self.groups.get(&ticket)?;
        group.steps.get(group.done.len())
    }

    fn current_accounts(&self, ticket: Ticket) -> Option<(SeatIndex, SeatIndex)> {
        let step = self.current_step(ticket)?;
        self.seats.find(&step.from).zip(self.seats.find(&step.to))
    }

    fn current_hold_id(&self, ticket: Ticket) -> Option<HoldId> {
        match self.current_step(ticket)?.action {
            Action::Draw { hold, .. } | Action::Amend { hold, .. } => Some(hold),
            Action::Move { .. } | Action::Hold { .. } | Action::Sweep { .. } => None,
        }
    }

    fn current_hold(&self, ticket: Ticket) -> Option<OpenHold> {
        self.open_holds.get(self.current_hold_id(ticket)?).copied()
    }

    fn is_linked(&self, ticket: Ticket) -> bool {
        self.flights.get(ticket).is_some_and(|flight| matches!(flight.command, Command::Linked(_)))
    }

    pub(super) fn refusal_of_step(&self, ticket: Ticket, number: usize, refusal: Refusal) -> Refusal {
        if self.is_linked(ticket) { linked_refusal(number, refusal) } else { refusal }
    }

    /// The refusal because of an account: of the first step that names it.
    fn refusal_about(&self, ticket: Ticket, account: AccountNumber, refusal: Refusal) -> Refusal {
        let steps = self.groups.get(&ticket).map(|group| group.steps.as_slice()).unwrap_or_default();
        let number = steps.iter().position(|step| step.from == account || step.to == account).unwrap_or(0);
        self.refusal_of_step(ticket, number, refusal)
    }
}

impl Group {
    /// A group whose steps are planned.
    pub(super) fn planned(steps: Vec<Planned>) -> Group {
        Group { steps, ..Group::default() }
    }

    /// A group that puts reversals right.
    pub(super) fn repairing(repairing: Repairing) -> Group {
        Group { repairing: Some(Box::new(repairing)), ..Group::default() }
    }

    /// The reversal that step `at` is.
    pub(super) fn reversing(&self, at: usize) -> Option<&Reversing> {
        self.reversings.iter().find(|reversing| reversing.at == at)
    }
}
