//! The total reversed of an original: read from its newest reversal, recomputed from the first one on, and corrected if
//! it is wrong.
//!
//! Each reversal refers to the previous one and states the total reversed of its movement, so that a few lookups
//! suffice. An early version of this engine could decide two reversals of one linked command at once. Both then
//! referred to the same predecessor, the chain was broken, and later reversals counted too little.
//! [`ReversalsRepaired`] starts a new chain.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::{AccountId, Amount, Body, CommandId, LinkedMovement, Position, Posted, Reversed};

/// The total reversed of one movement of an original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepReversed {
    /// The number of the movement, counted from 0.
    pub step: u8,
    /// The total.
    pub reversed: Amount,
}

/// A correction of the reversals of an original: the part reversed beyond a movement's amount is returned, and the
/// record states the total reversed of each movement from here on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversalsRepaired {
    /// The id of the command that made the original movement.
    pub original: CommandId,
    /// The position of the original in the journal.
    pub original_position: Position,
    /// The movement whose excess is returned, counted from 0.
    pub step: u8,
    /// The return of the excess, from the original's sender, who got too much, to its receiver. `None` if no more was
    /// reversed than had moved and only the chain of the reversals was broken.
    pub posted: Option<Posted>,
    /// Every movement of the original with reversals, and its total after this repair.
    pub reversed: Vec<StepReversed>,
    /// The newest reversal or repair of the original before this one.
    pub previous: Position,
}

/// What one record states about the total reversed of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// The total.
    InAll(Amount),
    /// The record is about another movement; the record at this position comes before it.
    Before(Position),
}

impl Body {
    /// Visits the reversals of the record, in order.
    pub fn for_each_reversal<'a>(&'a self, mut visit: impl FnMut(&'a Reversed)) {
        match self {
            Body::Reversed(it) => visit(it),
            Body::Linked(steps) => {
                for step in steps {
                    if let LinkedMovement::Reversed(it) = &step.movement {
                        visit(it);
                    }
                }
            }
            _ => {}
        }
    }

    /// Visits the ids of the commands whose movements the record reverses or whose reversals it corrects, each once.
    pub fn for_each_undone(&self, mut visit: impl FnMut(CommandId)) {
        if let Body::ReversalsRepaired(it) = self {
            return visit(it.original);
        }
        let mut visited: SmallVec<[CommandId; 1]> = SmallVec::new();
        self.for_each_reversal(|it| {
            if !visited.contains(&it.original) {
                visited.push(it.original);
                visit(it.original);
            }
        });
    }

    /// Returns whether the record reverses a movement of the command `original` or corrects its reversals.
    pub fn undoes(&self, original: CommandId) -> bool {
        let mut found = false;
        self.for_each_undone(|id| found |= id == original);
        found
    }

    /// Returns what this record, the newest about `original`, states about the total reversed of its movement `step`.
    pub fn reversed_of(&self, original: CommandId, step: u8) -> Counted {
        if let Body::ReversalsRepaired(it) = self {
            let of_step = it.reversed.iter().find(|stated| stated.step == step);
            return Counted::InAll(of_step.map_or(Amount::ZERO, |stated| stated.reversed));
        }
        let (mut of_step, mut previous) = (None, Position::START);
        self.for_each_reversal(|it| {
            if it.original == original {
                previous = it.previous;
                of_step = of_step.or((it.step == step).then_some(it.reversed));
            }
        });
        match of_step {
            Some(reversed) => Counted::InAll(reversed),
            None if previous != Position::START => Counted::Before(previous),
            None => Counted::InAll(Amount::ZERO),
        }
    }
}

/// The total reversed of one movement, computed from the amounts that moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The number of the movement, counted from 0.
    pub step: u8,
    /// The amount reversed and not corrected.
    pub amount: Amount,
    /// The original's sender and receiver, according to the reversals.
    pub parties: (AccountId, AccountId),
}

/// The totals reversed of one original, computed from the amounts that moved instead of from the records' own
/// statements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    taken: SmallVec<[Taken; 1]>,
    /// The newest reversal or repair.
    pub last: Position,
    /// The first record since the last repair that does not follow from the previous one.
    pub broken: Option<Position>,
    /// Records up to this position were not read; statements of later records about them are trusted. 0 if all were
    /// read.
    unread: Position,
}

/// The record comes before its original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TallyError {
    /// It comes before its original.
    #[error("the reversal comes before its original")]
    BeforeOriginal,
    /// The accounts differ from those of another reversal of the same movement.
    #[error("the accounts differ from those of the previous reversal of that movement")]
    Parties,
    /// A repair returns more than was reversed.
    #[error("the repair returns more than was reversed")]
    Returned,
    /// A repair states other totals than were reversed.
    #[error("the repair states other totals than were reversed")]
    Stated,
    /// A repair does not refer to the previous reversal.
    #[error("the repair does not follow the previous reversal")]
    Chain,
}

impl Tally {
    /// Creates the tally of an original whose records up to `unread` were not read.
    pub fn behind(unread: Position) -> Tally {
        Tally { unread, ..Tally::default() }
    }

    /// Returns the total reversed of each movement.
    pub fn taken(&self) -> &[Taken] {
        &self.taken
    }

    /// Returns the total reversed of movement `step`.
    pub fn of(&self, step: u8) -> Amount {
        self.taken.iter().find(|taken| taken.step == step).map_or(Amount::ZERO, |taken| taken.amount)
    }

    /// Returns the totals that a repair states that returns `excess` of movement `step`.
    pub fn stated(&self, step: u8, excess: Amount) -> Vec<StepReversed> {
        let after = |taken: &Taken| {
            let back = if taken.step == step { excess } else { Amount::ZERO };
            StepReversed { step: taken.step, reversed: taken.amount.saturating_sub(back) }
        };
        self.taken.iter().map(after).filter(|stated| !stated.reversed.is_zero()).collect()
    }

    /// Adds the next record about the command `original`. A record about anything else has no effect.
    ///
    /// A reversal that does not refer to the previous one, or states a wrong total, is noted in [`Tally::broken`]. A
    /// repair can correct that.
    ///
    /// # Errors
    /// A [`TallyError`] for a record that no repair can correct. The tally is unchanged.
    pub fn add(&mut self, original: CommandId, position: Position, body: &Body) -> Result<(), TallyError> {
        if let Body::ReversalsRepaired(it) = body {
            return if it.original == original { self.repair(position, it) } else { Ok(()) };
        }
        let mut reversals: SmallVec<[&Reversed; 1]> = SmallVec::new();
        body.for_each_reversal(|it| {
            if it.original == original {
                reversals.push(it);
            }
        });
        if reversals.is_empty() {
            return Ok(());
        }
        let mut after = self.clone();
        for it in reversals {
            if it.original_position >= position {
                return Err(TallyError::BeforeOriginal);
            }
            let before = it.reversed.saturating_sub(it.posted.amount);
            // All reversals of one record refer to the record before it.
            let follows = it.previous == self.last || self.believes(it.previous);
            let taken = after.entry(it.step, (it.posted.to, it.posted.from), before)?;
            taken.amount = taken.amount.saturating_add(it.posted.amount);
            if !follows || taken.amount != it.reversed {
                after.broken.get_or_insert(position);
            }
        }
        after.last = position;
        *self = after;
        Ok(())
    }

    fn repair(&mut self, position: Position, it: &ReversalsRepaired) -> Result<(), TallyError> {
        let back = it.posted.as_ref().map_or(Amount::ZERO, |posted| posted.amount);
        if (it.previous != self.last && !self.believes(it.previous)) || it.original_position >= position {
            return Err(TallyError::Chain);
        }
        if self.unread == Position::START {
            let left = self.of(it.step).checked_sub(back).ok_or(TallyError::Returned)?;
            if it.reversed != self.stated(it.step, back) {
                return Err(TallyError::Stated);
            }
            if let Some(posted) = &it.posted {
                self.entry(it.step, (posted.from, posted.to), Amount::ZERO)?.amount = left;
            }
        } else {
            // The writer of a repair has read every reversal. This reader has not, and starts with the totals that the
            // repair states.
            self.taken.retain(|taken| it.reversed.iter().any(|stated| stated.step == taken.step));
            for taken in &mut self.taken {
                let stated = it.reversed.iter().find(|stated| stated.step == taken.step);
                taken.amount = stated.map_or(taken.amount, |stated| stated.reversed);
            }
        }
        (self.last, self.broken) = (position, None);
        Ok(())
    }

    /// Returns whether `previous` may be trusted: it was not read, and this is the first record that is read about the
    /// original.
    fn believes(&self, previous: Position) -> bool {
        self.last == Position::START && previous <= self.unread
    }

    /// Returns the entry of a movement. A new entry starts with `before` if earlier records were not read.
    fn entry(&mut self, step: u8, parties: (AccountId, AccountId), before: Amount) -> Result<&mut Taken, TallyError> {
        let amount = if self.unread == Position::START { Amount::ZERO } else { before };
        let at = self.taken.iter().position(|taken| taken.step == step).unwrap_or_else(|| {
            self.taken.push(Taken { step, amount, parties });
            self.taken.len().saturating_sub(1)
        });
        match self.taken.get_mut(at) {
            Some(taken) if taken.parties == parties => Ok(taken),
            _ => Err(TallyError::Parties),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BusinessDate, LinkedStep, PostingKind};

    const SENDER: AccountId = AccountId::new(3);
    const RECEIVER: AccountId = AccountId::new(4);

    fn won(units: u64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn at(position: u64) -> Position {
        Position::new(position)
    }

    fn original() -> CommandId {
        CommandId::derived(b"original")
    }

    fn moved(from: AccountId, to: AccountId, amount: u64) -> Posted {
        let (fee, fees) = (Amount::ZERO, AccountId::new(0));
        let kind = PostingKind::Reversal;
        Posted { kind, from, to, amount: won(amount), fee, fees, limited: false, counted: false, details: None }
    }

    /// A reversal of an original at 10, which refers to the one at `previous` and states the total `reversed`.
    fn reversal(step: u8, amount: u64, reversed: u64, previous: u64) -> Body {
        Body::Reversed(Box::new(Reversed {
            posted: moved(RECEIVER, SENDER, amount),
            original: original(),
            step,
            original_position: at(10),
            reversed: won(reversed),
            previous: at(previous),
        }))
    }

    /// Several reversals in one record. The last one has another original than the others.
    fn linked(reversals: &[Body]) -> Body {
        let stranger = match reversal(0, 7, 7, 0) {
            Body::Reversed(it) => Body::Reversed(Box::new(Reversed { original: CommandId::derived(b"other"), ..*it })),
            other => other,
        };
        let steps = reversals.iter().chain([&stranger]).filter_map(|body| {
            let Body::Reversed(it) = body else { return None };
            Some(LinkedStep { date: BusinessDate::default(), movement: LinkedMovement::Reversed(it.clone()) })
        });
        Body::Linked(steps.collect())
    }

    fn repair(returned: Option<u64>, reversed: &[(u8, u64)], previous: u64) -> Body {
        Body::ReversalsRepaired(Box::new(ReversalsRepaired {
            original: original(),
            original_position: at(10),
            step: 0,
            posted: returned.map(|amount| moved(SENDER, RECEIVER, amount)),
            reversed: reversed.iter().map(|(step, sum)| StepReversed { step: *step, reversed: won(*sum) }).collect(),
            previous: at(previous),
        }))
    }

    fn tally(records: &[(u64, Body)]) -> Tally {
        let mut tally = Tally::default();
        for (position, body) in records {
            tally.add(original(), at(*position), body).unwrap();
        }
        tally
    }

    #[test]
    fn consistent_reversals_are_sound_whatever_the_steps() {
        let sound = tally(&[(11, reversal(0, 30, 30, 0)), (12, reversal(1, 5, 5, 11)), (14, reversal(0, 20, 50, 12))]);
        assert_eq!((sound.of(0), sound.of(1), sound.last, sound.broken), (won(50), won(5), at(14), None));
    }

    #[test]
    fn the_first_inconsistent_reversal_is_noted_until_a_repair() {
        let twice = [(11, reversal(0, 30, 30, 0)), (12, reversal(1, 5, 5, 0)), (13, reversal(0, 30, 30, 12))];
        let mut broken = tally(&twice);
        assert_eq!((broken.of(0), broken.broken), (won(60), Some(at(12))));
        for (wrong, error) in [
            (repair(Some(61), &[(1, 5)], 13), TallyError::Returned),
            (repair(Some(10), &[(0, 50), (1, 5)], 12), TallyError::Chain),
            (repair(Some(10), &[(0, 60), (1, 5)], 13), TallyError::Stated),
            (repair(Some(10), &[(0, 50)], 13), TallyError::Stated),
        ] {
            let before = broken.clone();
            assert_eq!(broken.add(original(), at(14), &wrong), Err(error));
            assert_eq!(broken, before);
        }
        broken.add(original(), at(14), &repair(Some(10), &[(0, 50), (1, 5)], 13)).unwrap();
        assert_eq!((broken.of(0), broken.of(1), broken.broken), (won(50), won(5), None));
        broken.add(original(), at(15), &reversal(1, 2, 7, 14)).unwrap();
        assert_eq!((broken.of(1), broken.broken), (won(7), None), "later ones follow the repair");
    }

    #[test]
    fn counting_restarts_at_a_repair() {
        let body = repair(Some(10), &[(0, 50), (1, 5)], 13);
        let counted = [0, 1, 2].map(|step| body.reversed_of(original(), step));
        assert_eq!(counted, [50, 5, 0].map(|sum| Counted::InAll(won(sum))));
        assert_eq!(reversal(1, 5, 5, 11).reversed_of(original(), 0), Counted::Before(at(11)));
        assert_eq!(reversal(1, 5, 5, 0).reversed_of(original(), 0), Counted::InAll(Amount::ZERO));
    }

    #[test]
    fn reversals_of_one_record_follow_from_the_record_before_it() {
        let both = linked(&[reversal(0, 30, 40, 11), reversal(2, 5, 5, 11)]);
        let sound = tally(&[(11, reversal(0, 10, 10, 0)), (12, both.clone()), (13, reversal(2, 1, 6, 12))]);
        assert_eq!((sound.of(0), sound.of(2), sound.last, sound.broken), (won(40), won(6), at(13), None));
        let counted = [0, 1, 2].map(|step| both.reversed_of(original(), step));
        assert_eq!(counted, [Counted::InAll(won(40)), Counted::Before(at(11)), Counted::InAll(won(5))]);
        assert_eq!(both.reversed_of(CommandId::derived(b"none"), 0), Counted::InAll(Amount::ZERO));
        let mut undone = Vec::new();
        both.for_each_undone(|id| undone.push(id));
        assert_eq!(undone, [original(), CommandId::derived(b"other")], "each once");
        let chained = linked(&[reversal(0, 30, 40, 11), reversal(2, 5, 5, 12)]);
        let wrong = tally(&[(11, reversal(0, 10, 10, 0)), (12, chained)]);
        assert_eq!(wrong.broken, Some(at(12)), "not from each other");
    }

    #[test]
    fn unread_reversals_are_trusted_once() {
        let mut behind = Tally::behind(at(20));
        behind.add(original(), at(21), &reversal(0, 10, 45, 19)).unwrap();
        assert_eq!((behind.of(0), behind.broken), (won(45), None));
        behind.add(original(), at(22), &reversal(0, 10, 55, 19)).unwrap();
        assert_eq!(behind.broken, Some(at(22)), "the one before it was read");
    }
}
