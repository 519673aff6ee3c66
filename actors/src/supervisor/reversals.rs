//! Reversals: the original is looked up, what was reversed of it before is counted, and its accounts are locked.
//!
//! Reversals of one original take turns, whatever their accounts ([`turns`](super::turns)): nothing that is counted can
//! change before the reversal is recorded, and so the accounts are not locked while records are read.

use smallvec::{SmallVec, smallvec};

use crate::account::Ticket;
use crate::command::{Command, Reverse, Step};
use crate::ledger::{
    AccountId, AccountNumber, Amount, CommandId, Counted, Details, Original, Position, Posted, Record, Refusal,
    Reversed,
};

use super::admission::Purpose;
use super::core::Core;
use super::effects::{Effect, LookUp};
use super::flights::Stage;
use super::groups::{Group, Unplanned};
use super::known::Mark;
use super::plans::{Action, Planned};

/// What is to be reversed, and what was before.
#[derive(Clone, Debug)]
pub(super) struct Reversing {
    /// Which step of the command does that, counted from 0.
    pub(super) at: usize,
    pub(super) original: Original,
    /// What was reversed of it before, once that is counted.
    pub(super) reversed: Amount,
    /// The place of the last reversal before; 0 when there is none.
    pub(super) previous: Position,
}

impl Reversing {
    /// What the record says of it. `None` when the sum would leave its bounds, which the decision has ruled out.
    pub(super) fn recorded(&self, posted: Posted) -> Option<Reversed> {
        Some(Reversed {
            original: self.original.id,
            step: self.original.step,
            original_position: self.original.position,
            reversed: self.reversed.checked_add(posted.amount)?,
            previous: self.previous,
            posted,
        })
    }
}

/// What a command asks back of an earlier movement.
pub(super) struct AskedBack<'a> {
    /// Which step of the command does, counted from 0.
    at: usize,
    original: CommandId,
    step: u8,
    amount: Option<Amount>,
    details: &'a Option<Box<Details>>,
}

impl Core {
    /// Begins a command that reverses movements, or the repair of reversals, as soon as its turn at every original has come.
    /// `group` has the steps that are planned already.
    pub(super) fn begin_reversals(&mut self, ticket: Ticket, group: Group) {
        let Some(flight) = self.flights.get(ticket) else { return };
        if matches!(&flight.command, Command::Reverse(reverse) if reverse.amount == Some(Amount::ZERO)) {
            return self.refuse(ticket, Refusal::AmountZero);
        }
        let (undone, is_repair) = (undone(&flight.command), matches!(flight.command, Command::RepairReversals(_)));
        // It queues at all of them at once, so that two commands come in the same order everywhere and never wait for each
        // other.
        let mut has_turn = true;
        for undone in &undone {
            has_turn &= self.turns.take(*undone, ticket);
        }
        if has_turn {
            // A repair is a group once it is known that anything goes back.
            if !is_repair {
                self.groups.insert(ticket, group);
            }
            self.seek_original(ticket);
        }
    }

    /// A command that had its turns, or waited for them, is decided: the next ones' turns come.
    ///
    /// What is refused at once lets the one after it begin. They begin one after the other and not from within each
    /// other, as a crowd of them would exhaust the stack.
    pub(super) fn end_turns(&mut self, undone: &[(CommandId, u8)], ticket: Ticket) {
        for undone in undone {
            self.turns.end(*undone, ticket);
        }
        if self.turns.begin_serving() {
            while let Some(next) = self.turns.next() {
                self.start(next);
            }
        }
    }

    /// The step whose original is being looked for, or counted, and which movement it undoes.
    fn sought(&self, ticket: Ticket) -> Option<(usize, CommandId, u8)> {
        let flight = self.flights.get(ticket)?;
        if let Command::RepairReversals(repair) = &flight.command {
            return Some((0, repair.original, repair.step));
        }
        let known = self.groups.get(&ticket).map_or(0, |group| group.unplanned.len());
        let asked = asked_back(&flight.command);
        asked.get(known).map(|asked| (asked.at, asked.original, asked.step))
    }

    /// Refuses a command because of the movement that is being looked for.
    pub(super) fn refuse_reversal(&mut self, ticket: Ticket, refusal: Refusal) {
        // What holds there are comes first, also when one ended while the original was looked for.
        if let Some(hold) = self.groups.get(&ticket).and_then(|group| self.missing_hold(group)) {
            return self.seek_missing_hold(ticket, hold);
        }
        let at = self.sought(ticket).map_or(0, |(at, ..)| at);
        let refusal = self.refusal_of_step(ticket, at, refusal);
        self.abandon_group(ticket, refusal);
    }

    /// Looks the next original up.
    fn seek_original(&mut self, ticket: Ticket) {
        let Some((_, original, _)) = self.sought(ticket) else { return self.name_accounts(ticket) };
        match self.known.get(original) {
            Some(Mark::InFlight(first)) if self.is_in_flight(first, may_be_reversed) => {
                self.followers.entry(original).or_default().push(ticket);
            }
            Some(Mark::Recorded(position)) => self.fetch(ticket, position, Purpose::Original),
            _ if self.sealed.may_contain(original) => {
                if let Some(flight) = self.flights.get_mut(ticket) {
                    flight.stage = Stage::Seeking(Purpose::Original);
                }
                self.effects.look_up(ticket, LookUp::Id(original));
            }
            _ => self.refuse_reversal(ticket, Refusal::NotReversible { original }),
        }
    }

    /// The original's record is here, or there is none.
    pub(super) fn original_found(&mut self, ticket: Ticket, record: Option<&Record>) {
        let Some((at, id, step)) = self.sought(ticket) else { return };
        let Some(original) = record.and_then(|record| Original::of(record, id, step)) else {
            return self.refuse_reversal(ticket, Refusal::NotReversible { original: id });
        };
        if self.is_in_flight(ticket, |command| matches!(command, Command::RepairReversals(_))) {
            return self.seek_reversals_to_repair(ticket, original);
        }
        let reversing = Reversing { at, original, reversed: Amount::ZERO, previous: Position::START };
        let Some(group) = self.groups.get_mut(&ticket) else { return self.broken("a reversal has no group") };
        group.reversings.push(reversing);
        self.count_reversals(ticket, id);
    }

    /// Looks for the last reversal of the original.
    fn count_reversals(&mut self, ticket: Ticket, id: CommandId) {
        if let Some(word) = self.referred.get(id) {
            return self.fetch(ticket, word.position, Purpose::Reversals);
        }
        if !self.sealed.may_refer(id) {
            return self.reversals_counted(ticket, Amount::ZERO);
        }
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.stage = Stage::Seeking(Purpose::Reversals);
        }
        self.effects.look_up(ticket, LookUp::Reference(id));
    }

    /// A reversal of the original is here: the last one, or one before it when that was of another step.
    pub(super) fn reversal_found(&mut self, ticket: Ticket, record: Option<&Record>) {
        let group = self.groups.get_mut(&ticket);
        let Some(reversing) = group.and_then(|group| group.reversings.last_mut()) else { return };
        let Some(record) = record else { return self.reversals_counted(ticket, Amount::ZERO) };
        if reversing.previous == Position::START {
            reversing.previous = record.position;
        }
        match record.body.reversed_of(reversing.original.id, reversing.original.step) {
            Counted::InAll(reversed) => self.reversals_counted(ticket, reversed),
            Counted::Before(previous) => self.fetch(ticket, previous, Purpose::Reversals),
        }
    }

    /// It is known what was reversed before: the step is planned, and the next original is looked for.
    fn reversals_counted(&mut self, ticket: Ticket, reversed: Amount) {
        let Some(group) = self.groups.get_mut(&ticket) else { return };
        let asked = self.flights.get(ticket).and_then(|flight| {
            let asked = asked_back(&flight.command).into_iter().nth(group.unplanned.len())?;
            Some((asked.at, asked.amount, asked.details.clone()))
        });
        let Some(((at, asked, details), reversing)) = asked.zip(group.reversings.last_mut()) else { return };
        reversing.reversed = reversed;
        let (whole, (sender, receiver)) = (reversing.original.amount, reversing.original.parties);
        let left = whole.saturating_sub(reversed);
        let amount = asked.unwrap_or(if left.is_zero() { whole } else { left });
        if amount > left {
            return self.refuse_reversal(ticket, Refusal::ReversalTooLarge { left, requested: amount });
        }
        let action = Action::reversal(amount, details);
        group.unplanned.push(Unplanned { at, accounts: [receiver, sender], action });
        self.seek_original(ticket);
    }

    /// Asks the books for the numbers of the accounts that the steps are about.
    pub(super) fn name_accounts(&mut self, ticket: Ticket) {
        let Some(group) = self.groups.get(&ticket) else { return };
        let accounts: Vec<AccountId> = group.unplanned.iter().flat_map(|step| step.accounts).collect();
        self.effects.push(Effect::Name { ticket, accounts });
    }

    /// The accounts have numbers: the steps take their places, and the accounts are locked.
    pub(super) fn named(&mut self, ticket: Ticket, numbers: &[Option<AccountNumber>]) {
        let Some(mut group) = self.groups.remove(&ticket) else { return };
        for (step, numbers) in std::mem::take(&mut group.unplanned).into_iter().zip(numbers.chunks(2)) {
            let Unplanned { at, action, .. } = step;
            let ([Some(from), Some(to)], true) = (numbers, at <= group.steps.len()) else {
                return self.broken("a recorded movement has no accounts");
            };
            group.steps.insert(at, Planned { from: *from, to: *to, action });
        }
        self.lock_accounts(ticket, group);
    }
}

/// What a command asks back of earlier movements, in the order of its steps.
pub(super) fn asked_back(command: &Command) -> SmallVec<[AskedBack<'_>; 1]> {
    match command {
        Command::Reverse(it) => {
            let Reverse { original, step, amount, details, .. } = &**it;
            smallvec![AskedBack { at: 0, original: *original, step: *step, amount: *amount, details }]
        }
        Command::Linked(linked) => {
            let mut asked = SmallVec::new();
            for (at, step) in linked.steps.iter().enumerate() {
                if let Step::Reverse { original, step, amount, details } = step {
                    asked.push(AskedBack { at, original: *original, step: *step, amount: *amount, details });
                }
            }
            asked
        }
        _ => SmallVec::new(),
    }
}

/// Which movements of which originals a command undoes or puts right.
pub(super) fn undone(command: &Command) -> SmallVec<[(CommandId, u8); 1]> {
    match command {
        Command::RepairReversals(repair) => smallvec![(repair.original, repair.step)],
        _ => asked_back(command).iter().map(|asked| (asked.original, asked.step)).collect(),
    }
}

/// Whether a command can lead to a movement that can be reversed. None of these waits for one that waits for a reversal:
/// two commands that reverse each other's movements would wait for each other.
fn may_be_reversed(command: &Command) -> bool {
    match command {
        Command::Transfer(_) | Command::Sweep(_) | Command::SettleHold(_) => true,
        Command::Linked(_) => asked_back(command).is_empty(),
        _ => false,
    }
}
