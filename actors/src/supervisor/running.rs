//! A group that has its accounts to itself: its steps are decided one by one, each by the accounts it is about, which have
//! saved their state before. When one is refused, all go back to that; when all are done, one record says so.

use super::draw::NOWHERE;
use super::effects::Effects;
use super::flights::Request;
use super::groups::Group;
use super::holds::{ended, linked_refusal};
use super::next::{Next, Rest, send};
use super::open_holds::OpenHold;
use super::plans::{Action, Planned};
use super::tables::Tables;
use super::transfer::Route;
use crate::account::{Accept, Accepted, Amend, Conclude, Credit, Debit, DrawHold, Save, SeatIndex};
use crate::command::Command;
use crate::ledger::{
    Amended, Amount, Balance, Debited, Details, Drawn, HoldId, HoldTerms, PostingKind, Refusal, Terms, Timestamp,
};

/// What a step led to.
pub(super) enum Effect {
    Moved(Debited),
    Held(Debited),
    Drawn(Drawn, OpenHold),
    Amended(Amended, OpenHold),
}

/// A step that was carried out.
pub(super) struct Done {
    pub(super) route: Route,
    pub(super) effect: Effect,
}

/// A group whose steps are being decided.
pub(super) struct Running {
    pub(super) group: Group,
    /// The accounts, which are locked.
    seats: Vec<SeatIndex>,
    pub(super) done: Vec<Done>,
    /// The current step's debit, hold or raise, which its receiver has not taken yet.
    granted: Option<Effect>,
    /// How many positions are kept for the holds that the steps place.
    hold_places: usize,
}

impl Running {
    pub(super) fn new(group: Group, seats: Vec<SeatIndex>, holds: usize) -> Running {
        Running { group, seats, done: Vec::new(), granted: None, hold_places: holds }
    }

    /// Tells the accounts to save their state, and starts the first step.
    pub(super) fn begin(&mut self, request: &mut Request, tables: &mut Tables, effects: &mut Effects) -> Next {
        for index in &self.seats {
            send(*index, Save, tables, effects);
        }
        tables.open_holds.keep_places(self.hold_places);
        request.decided_at = tables.now;
        self.next_step(request, tables, effects)
    }

    /// Sends the next step to the account that pays, or ends the group.
    fn next_step(&mut self, request: &Request, tables: &mut Tables, effects: &mut Effects) -> Next {
        let Some(step) = self.current_step() else { return self.conclude(request, tables, effects) };
        let Some(Route { from, to }) = self.current_route(tables) else {
            return Next::Broken("a locked account is gone");
        };
        let ticket = request.ticket;
        let now = tables.schedule_time();
        match &step.action {
            Action::Move { kind, amount, at_most, most_fee, .. } => {
                let (at_most, most_fee) = (*at_most, *most_fee);
                let Some(terms) = tables.terms(*kind, from, to, *amount) else {
                    return Next::Broken("a locked account is not active");
                };
                let terms = Terms { at_most, most_fee, ..terms };
                send(from, Debit { ticket, terms, all_decided: true, hold: None }, tables, effects);
            }
            Action::Hold { amount, expires_at, most_fee, .. } => {
                let asked = (*amount, *expires_at, *most_fee);
                return self.send_hold(request, Route { from, to }, asked, tables, effects);
            }
            Action::Sweep { target, details } => {
                let (target, details) = (*target, details.clone());
                return self.plan_sweep(request, from, target, details, tables, effects);
            }
            Action::Draw { hold, draw } => {
                let draw = DrawHold { ticket, hold: *hold, draw: *draw, now, all_decided: true };
                send(from, draw, tables, effects);
            }
            Action::Amend { hold, raise_to, expires_at } => {
                let (hold, raise_to, expires_at) = (*hold, *raise_to, *expires_at);
                let Some(terms) = tables.terms(PostingKind::Transfer, from, to, Amount::ZERO) else {
                    return Next::Broken("a locked account is not active");
                };
                send(from, Amend { ticket, hold, raise_to, expires_at, terms, now }, tables, effects);
            }
        }
        Next::Stay
    }

    /// Asks the account that pays for a hold, which the current step places.
    fn send_hold(
        &self,
        request: &Request,
        Route { from, to }: Route,
        (amount, expires_at, most_fee): (Amount, Option<Timestamp>, Option<Amount>),
        tables: &mut Tables,
        effects: &mut Effects,
    ) -> Next {
        let terms = tables.terms(PostingKind::Transfer, from, to, amount);
        let receiver = tables.seats.active(to).map(|occupant| occupant.id);
        let (Some(terms), Some(to), Ok(step)) = (terms, receiver, u8::try_from(self.done.len())) else {
            return Next::Broken("a locked account is not active");
        };
        let id = HoldId::of_step(request.command.id(), step);
        let placed_at = request.decided_at;
        let hold = Some(Box::new(HoldTerms { id, to, placed_at, expires_at, requires_verification: false }));
        let terms = Terms { most_fee, ..terms };
        send(from, Debit { ticket: request.ticket, terms, all_decided: true, hold }, tables, effects);
        Next::Stay
    }

    /// With the accounts locked, the balance in the order of the journal is the balance: the sweep becomes a movement.
    fn plan_sweep(
        &mut self,
        request: &Request,
        from: SeatIndex,
        target: Balance,
        details: Option<Box<Details>>,
        tables: &mut Tables,
        effects: &mut Effects,
    ) -> Next {
        let Some(balance) = tables.seats.active(from).map(|occupant| occupant.balance) else {
            return Next::Broken("a locked account is not active");
        };
        let Some(step) = self.group.steps.first_mut() else { return Next::Broken("a sweep has no step") };
        let above = balance.minor_units().saturating_sub(target.minor_units());
        let Ok(amount) = Amount::new(above.unsigned_abs()) else {
            let refusal = Refusal::BalanceLimit { number: step.from, posted: balance };
            return self.abandon(refusal, tables, effects);
        };
        if amount.is_zero() {
            return self.abandon(Refusal::NothingToSweep { target }, tables, effects);
        }
        if above < 0 {
            std::mem::swap(&mut step.from, &mut step.to);
        }
        let details = details.filter(|details| !details.is_empty());
        step.action = Action::Move { kind: PostingKind::Sweep, amount, at_most: false, most_fee: None, details };
        self.next_step(request, tables, effects)
    }

    /// The current step's sender granted a debit: the receiver is next.
    pub(super) fn on_debited(
        &mut self,
        request: &Request,
        debited: Debited,
        tables: &mut Tables,
        effects: &mut Effects,
    ) -> Next {
        let Some(Route { to, .. }) = self.current_route(tables) else { return Next::Broken("a step has no accounts") };
        let Some(currency) = tables.currency_of(to) else { return Next::Broken("a locked account is not active") };
        if !debited.fee.is_zero()
            && let Err(refusal) = tables.reserve_fee(currency, debited.fee)
        {
            return self.on_refused(request, refusal, tables, effects);
        }
        let expected = self.current_step().is_some_and(|step| matches!(step.action, Action::Hold { .. }));
        send(to, Credit { ticket: request.ticket, amount: debited.amount, expected }, tables, effects);
        self.granted = Some(if expected { Effect::Held(debited) } else { Effect::Moved(debited) });
        Next::Stay
    }

    /// The current step's receiver took its part.
    pub(super) fn on_credited(&mut self, request: &Request, tables: &mut Tables, effects: &mut Effects) -> Next {
        match self.granted.take() {
            Some(effect) => self.step_done(request, effect, tables, effects),
            None => Next::Broken("a step was credited that was not debited"),
        }
    }

    /// The current step drew on a hold: its receiver has it at once, for the steps to come.
    pub(super) fn on_drawn(
        &mut self,
        request: &Request,
        drawn: Drawn,
        tables: &mut Tables,
        effects: &mut Effects,
    ) -> Next {
        let Some(Route { to, .. }) = self.current_route(tables) else { return Next::Broken("a step has no accounts") };
        let Some(open) = self.current_hold(tables) else { return Next::Broken("a step drew on no open hold") };
        let event = Accepted::Brought { amount: drawn.amount, released: drawn.released };
        send(to, Accept { event }, tables, effects);
        self.step_done(request, Effect::Drawn(drawn, open), tables, effects)
    }

    /// The hold was amended; when it was raised, the receiver has to have room for that.
    pub(super) fn on_amended(
        &mut self,
        request: &Request,
        amended: Amended,
        tables: &mut Tables,
        effects: &mut Effects,
    ) -> Next {
        let Some(Route { to, .. }) = self.current_route(tables) else { return Next::Broken("a step has no accounts") };
        let Some(open) = self.current_hold(tables) else { return Next::Broken("a step amended no open hold") };
        let effect = Effect::Amended(amended, open);
        if amended.raised.is_zero() {
            return self.step_done(request, effect, tables, effects);
        }
        send(to, Credit { ticket: request.ticket, amount: amended.raised, expected: true }, tables, effects);
        self.granted = Some(effect);
        Next::Stay
    }

    fn step_done(&mut self, request: &Request, effect: Effect, tables: &mut Tables, effects: &mut Effects) -> Next {
        let Some(route) = self.current_route(tables) else { return Next::Broken("a step has no accounts") };
        self.done.push(Done { route, effect });
        self.next_step(request, tables, effects)
    }

    /// The hold of the current step is not there: an earlier step of the group ended it.
    pub(super) fn on_hold_gone(&mut self, request: &Request, tables: &mut Tables, effects: &mut Effects) -> Next {
        let Some(hold) = self.current_hold_id() else { return Next::Broken("a step about no hold has none") };
        let mut steps = self.group.steps.iter().zip(&self.done);
        let end = steps.find_map(|(step, done)| match (&step.action, &done.effect) {
            (Action::Draw { hold: earlier, .. }, Effect::Drawn(drawn, _)) if *earlier == hold => drawn.end,
            _ => None,
        });
        match end {
            Some(end) => self.on_refused(request, ended(hold, end), tables, effects),
            None => Next::Broken("an account does not have a hold that is recorded as its own"),
        }
    }

    /// A step is refused, and so all of them.
    pub(super) fn on_refused(
        &mut self,
        request: &Request,
        refusal: Refusal,
        tables: &mut Tables,
        effects: &mut Effects,
    ) -> Next {
        if let Some(Effect::Moved(debited) | Effect::Held(debited)) = self.granted.take() {
            // The debit was granted and its fee reserved; the receiver refused.
            let receiver = self.current_route(tables).map_or(NOWHERE, |route| route.to);
            tables.unreserve_fee(tables.currency_of(receiver), debited.fee);
        }
        let is_linked = matches!(request.command, Command::Linked(_));
        let refusal = if is_linked { linked_refusal(self.done.len(), refusal) } else { refusal };
        self.abandon(refusal, tables, effects)
    }

    /// Refuses the command and lets go of its accounts, which go back to what they were.
    fn abandon(&mut self, refusal: Refusal, tables: &mut Tables, effects: &mut Effects) -> Next {
        for done in &self.done {
            if let Effect::Moved(debited) | Effect::Held(debited) = &done.effect {
                tables.unreserve_fee(tables.currency_of(done.route.to), debited.fee);
            }
        }
        tables.open_holds.give_places_up(self.hold_places);
        let rest = self.release(false, tables, effects);
        Next::Refused { refusal, rest }
    }

    /// Tells the accounts to keep the effects of the steps or to restore their state, and releases them.
    pub(super) fn release(&mut self, keep: bool, tables: &Tables, effects: &mut Effects) -> Rest {
        for index in &self.seats {
            send(*index, Conclude { keep }, tables, effects);
        }
        Rest::Locks(std::mem::take(&mut self.seats))
    }

    /// The holds that the steps placed have their own positions from now on.
    pub(super) fn give_places_up(&self, tables: &mut Tables) {
        tables.open_holds.give_places_up(self.hold_places);
    }

    fn current_step(&self) -> Option<&Planned> {
        self.group.steps.get(self.done.len())
    }

    fn current_route(&self, tables: &Tables) -> Option<Route> {
        let step = self.current_step()?;
        let (from, to) = tables.seats.find(&step.from).zip(tables.seats.find(&step.to))?;
        Some(Route { from, to })
    }

    fn current_hold_id(&self) -> Option<HoldId> {
        match self.current_step()?.action {
            Action::Draw { hold, .. } | Action::Amend { hold, .. } => Some(hold),
            Action::Move { .. } | Action::Hold { .. } | Action::Sweep { .. } => None,
        }
    }

    fn current_hold(&self, tables: &Tables) -> Option<OpenHold> {
        tables.open_holds.get(self.current_hold_id()?).copied()
    }
}
