//! Who waits for an account: until it is active, until nobody has it to itself, until it is their turn.
//!
//! A command that cannot go on joins the queues of all its accounts at once, and leaves all of them when it goes on. What
//! waits therefore waits for something that came before it, or for an account to come to life: no commands wait for each
//! other in a circle, and none loses its place.

use smallvec::SmallVec;

use crate::account::{SeatIndex, Ticket};
use crate::command::{Command, Linked, Step, Transfer};
use crate::ledger::AccountNumber;
use crate::plant::{Bug, is_planted};

use super::core::Core;
use super::flights::Stage;
use super::seats::{Need, SeatState};

/// What a command finds at an account that it needs.
pub(super) enum Standing {
    /// It can go on there.
    Ready(SeatIndex),
    /// There is no such account.
    Vacant,
    /// It has to wait.
    Waits,
}

/// The accounts that a command needs, and what for. Most need one or two.
pub(super) type Needs = SmallVec<[(AccountNumber, Need); 2]>;

impl Core {
    /// How an account stands for a command, which may wait in its queue already.
    pub(super) fn standing(&self, number: &AccountNumber, need: Need, ticket: Ticket) -> Standing {
        let found = self.seats.find(number);
        let Some((index, seat)) = found.and_then(|index| Some((index, self.seats.get(index)?))) else {
            return Standing::Waits;
        };
        let is_free = !seat.changing && (need != Need::Alone || seat.legs == 0);
        match &seat.state {
            SeatState::Active(occupant) if !occupant.retiring && is_free && seat.lets_pass(ticket, need) => {
                Standing::Ready(index)
            }
            SeatState::Vacant if is_free && seat.lets_pass(ticket, need) => Standing::Vacant,
            _ => Standing::Waits,
        }
    }

    /// Puts a command into the queues of all its accounts, unless it is there already. Accounts that are not active are
    /// loaded.
    pub(super) fn queue_up(&mut self, ticket: Ticket, needs: &[(AccountNumber, Need)]) {
        let Some(flight) = self.flights.get(ticket) else { return };
        if !flight.waits_at.is_empty() {
            return;
        }
        let mut seats = SmallVec::new();
        // First those that are there: an account with a queue is not retired to make room for another one.
        let is_there: SmallVec<[bool; 2]> = needs.iter().map(|(number, _)| self.seats.find(number).is_some()).collect();
        for there in [true, false] {
            for ((number, need), _) in needs.iter().zip(&is_there).filter(|(_, is_there)| **is_there == there) {
                let index = self.seats.find(number).unwrap_or_else(|| self.start_loading(*number));
                if let Some(seat) = self.seats.get_mut(index) {
                    seat.queue_up(ticket, *need);
                    seats.push(index);
                }
            }
        }
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.waits_at = seats;
        }
    }

    /// Takes a command out of every queue that it waits in. Whoever calls this lets the others go on with
    /// [`Core::serve_queues`], once the command has gone on.
    pub(super) fn leave_queues(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get_mut(ticket) else { return };
        for index in std::mem::take(&mut flight.waits_at) {
            if let Some(seat) = self.seats.get_mut(index) {
                seat.leave_queue(ticket);
                self.to_serve.push_back(index);
            }
        }
    }

    /// Something changed at an account: lets the commands in its queue go on that can.
    pub(super) fn serve_queue(&mut self, index: SeatIndex) {
        self.to_serve.push_back(index);
        self.serve_queues();
    }

    /// Continues commands at seats where something changed.
    ///
    /// What goes on from one queue can let another one move, and that the first again. Those are served one after the
    /// other, and not from within each other, as a crowd of commands that are all refused would exhaust the stack.
    pub(super) fn serve_queues(&mut self) {
        if self.to_serve.is_empty() || std::mem::replace(&mut self.is_serving, true) {
            return;
        }
        while let Some(index) = self.to_serve.pop_front() {
            self.serve_one_queue(index);
        }
        self.is_serving = false;
    }

    fn serve_one_queue(&mut self, index: SeatIndex) {
        let (mut at, mut is_turn_taken) = (0usize, false);
        loop {
            let Some(seat) = self.seats.get(index) else { return };
            if seat.changing || seat.is_in_between() {
                return;
            }
            let Some(waiting) = seat.waiting(at) else { break };
            match waiting.need {
                Need::Alone if at > 0 || seat.legs > 0 => return,
                Need::InTurn if is_turn_taken => {}
                _ => self.go_on(waiting.ticket),
            }
            let seat = self.seats.get(index);
            if seat.and_then(|seat| seat.waiting(at)).is_some_and(|next| next.ticket == waiting.ticket) {
                // It waits for another account.
                match waiting.need {
                    Need::Alone => return,
                    Need::InTurn => is_turn_taken = !is_planted(Bug::DebitOvertakes),
                    Need::Shared => {}
                }
                at = at.saturating_add(1);
            }
        }
        if self.seats.get(index).is_some_and(|seat| matches!(seat.state, SeatState::Vacant) && !seat.has_queue()) {
            self.seats.remove(index);
        }
    }

    /// Retries a waiting command.
    fn go_on(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return self.broken("a queue holds no command") };
        match &flight.command {
            // It keeps its place until it is known whether it is new.
            _ if flight.stage == Stage::LookingUp => {}
            Command::OpenAccount(_) | Command::ChangeAccount(_) => self.open_or_change(ticket),
            command if needs_all(command) => self.lock(ticket),
            command if command.is_about_hold() => self.draw_hold(ticket),
            _ => self.route(ticket),
        }
    }

    /// Queues a command that nothing of the account may overlap with.
    pub(super) fn queue_at(&mut self, number: AccountNumber, ticket: Ticket) {
        self.queue_up(ticket, &[(number, Need::Alone)]);
        if let Some(index) = self.seats.find(&number) {
            self.serve_queue(index);
        }
    }

    /// Keeps the place of a command at its accounts, and at the records that it writes, while it is looked up whether it is
    /// new.
    pub(super) fn keep_place(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let needs: Needs = match &flight.command {
            Command::Transfer(Transfer { from, to, at_most: false, .. }) if from != to => {
                [(*from, Need::InTurn), (*to, Need::Shared)].into_iter().collect()
            }
            Command::PlaceHold(hold) if hold.from != hold.to => {
                [(hold.from, Need::InTurn), (hold.to, Need::Shared)].into_iter().collect()
            }
            Command::Withdrawal(cash) => std::iter::once((cash.account, Need::InTurn)).collect(),
            Command::ChangeAccount(change) => std::iter::once((change.account, Need::Alone)).collect(),
            Command::Transfer(Transfer { from, to, .. }) if from != to => self.alone([*from, *to]),
            Command::Sweep(sweep) if sweep.account != sweep.against => self.alone([sweep.account, sweep.against]),
            Command::Linked(linked) => match accounts_of(linked) {
                Some(accounts) => self.alone(accounts),
                None => return,
            },
            Command::PutRecords { .. } => return self.join_puts(ticket),
            _ => return,
        };
        self.queue_up(ticket, &needs);
    }

    /// What a group needs: each of its accounts to itself, except the bank's own, which are seldom idle.
    pub(super) fn alone(&self, accounts: impl IntoIterator<Item = AccountNumber>) -> Needs {
        let mut accounts: Vec<_> = accounts.into_iter().filter(|number| !self.is_own(number)).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts.into_iter().map(|number| (number, Need::Alone)).collect()
    }
}

/// The accounts of linked steps, where these are known without a look at any hold.
fn accounts_of(linked: &Linked) -> Option<Vec<AccountNumber>> {
    let mut accounts = Vec::new();
    for step in &linked.steps {
        let (Step::Transfer { from, to, .. } | Step::Hold { from, to, .. }) = step else { return None };
        accounts.extend([*from, *to]);
    }
    Some(accounts)
}

/// Whether a command has its accounts to itself.
pub(super) const fn needs_all(command: &Command) -> bool {
    matches!(
        command,
        Command::OpenAccount(_)
            | Command::ChangeAccount(_)
            | Command::Transfer(Transfer { at_most: true, .. })
            | Command::Linked(_)
            | Command::AmendHold(_)
            | Command::Reverse(_)
            | Command::RepairReversals(_)
            | Command::Sweep(_)
    )
}
