//! What was reversed of an original in all: counted from its newest reversal back, tallied from the first one on, and put
//! right where it went wrong.
//!
//! Each reversal names the one before it and states what was reversed of its movement so far, so that a few look-ups
//! count it. A version of this engine could decide two reversals of one linked command at once: both then named the same
//! predecessor, the chain was broken, and later reversals counted too little. [`ReversalsRepaired`] starts the chain anew.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::{AccountId, Amount, Body, CommandId, LinkedMovement, Position, Posted, Reversed};

/// What was reversed of one movement of an original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepReversed {
    /// The movement, counted from 0.
    pub step: u8,
    /// How much of it, in all.
    pub reversed: Amount,
}

/// The reversals of an original put right: what was reversed of a movement beyond its amount goes back, and the record
/// states what has been reversed of each movement from here on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversalsRepaired {
    /// The id of the command that led to the original.
    pub original: CommandId,
    /// The place of the original in the journal.
    pub original_position: Position,
    /// Which of the original's movements the excess is returned of, counted from 0.
    pub step: u8,
    /// The excess, from the original's sender, who got too much, to its receiver. `None` where no more was reversed than
    /// had moved, and only the chain of the reversals was broken.
    pub posted: Option<Posted>,
    /// Every movement of the original of which anything has been reversed, after this repair.
    pub reversed: Vec<StepReversed>,
    /// The newest reversal or repair of the original before this one.
    pub previous: Position,
}

/// What a record says of what was reversed of one movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// So much, in all.
    InAll(Amount),
    /// It is about another movement: the record there says more.
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

    /// Visits the ids of the commands whose movements the record reverses, or whose reversals it puts right, each once.
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

    /// Whether the record reverses a movement of the command `original`, or puts its reversals right.
    pub fn undoes(&self, original: CommandId) -> bool {
        let mut found = false;
        self.for_each_undone(|id| found |= id == original);
        found
    }

    /// What the newest record about `original` says of what was reversed of its movement `step`.
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

/// What was reversed of one movement, by the amounts that moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The movement, counted from 0.
    pub step: u8,
    /// How much of it was reversed and not put right.
    pub amount: Amount,
    /// The original's sender and receiver, by the reversals.
    pub parties: (AccountId, AccountId),
}

/// Everything that was reversed of one original, told by what moved and not by what the records say of each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    taken: SmallVec<[Taken; 1]>,
    /// The newest reversal or repair.
    pub last: Position,
    /// The first record since the last repair that does not follow from the one before it.
    pub broken: Option<Position>,
    /// Records up to here are not read: what later ones state of them is believed. 0 when all are read.
    unread: Position,
}

/// A record that not even a repair can have led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TallyError {
    /// It comes before its original.
    #[error("it comes before its original")]
    BeforeOriginal,
    /// Another reversal of the same movement has other parties.
    #[error("its accounts are not those of the reversal of that movement before it")]
    Parties,
    /// A repair returns more than was reversed.
    #[error("it returns more than was reversed")]
    Returned,
    /// A repair states other sums than were reversed.
    #[error("it states that other amounts were reversed than were")]
    Stated,
    /// A repair does not name the reversal before it.
    #[error("it does not follow the reversal before it")]
    Chain,
}

impl Tally {
    /// The tally of an original whose reversals up to `unread` are not read.
    pub fn behind(unread: Position) -> Tally {
        Tally { unread, ..Tally::default() }
    }

    /// What was reversed of each movement.
    pub fn taken(&self) -> &[Taken] {
        &self.taken
    }

    /// How much of movement `step` was reversed.
    pub fn of(&self, step: u8) -> Amount {
        self.taken.iter().find(|taken| taken.step == step).map_or(Amount::ZERO, |taken| taken.amount)
    }

    /// Every movement of which anything is reversed, as a repair states it that returns `excess` of movement `step`.
    pub fn stated(&self, step: u8, excess: Amount) -> Vec<StepReversed> {
        let after = |taken: &Taken| {
            let back = if taken.step == step { excess } else { Amount::ZERO };
            StepReversed { step: taken.step, reversed: taken.amount.saturating_sub(back) }
        };
        self.taken.iter().map(after).filter(|stated| !stated.reversed.is_zero()).collect()
    }

    /// Takes in the next record about the command `original`; one about anything else makes no difference.
    ///
    /// A reversal that does not name the one before it, or states another sum than was reversed, is noted in
    /// [`Tally::broken`]: a repair can put that right.
    ///
    /// # Errors
    /// A [`TallyError`] for what no repair can put right; the tally is as it was.
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
            // Those of one record all follow from the record before it.
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
            // A repair reads every reversal; this reader has not, and begins with what it states.
            self.taken.retain(|taken| it.reversed.iter().any(|stated| stated.step == taken.step));
            for taken in &mut self.taken {
                let stated = it.reversed.iter().find(|stated| stated.step == taken.step);
                taken.amount = stated.map_or(taken.amount, |stated| stated.reversed);
            }
        }
        (self.last, self.broken) = (position, None);
        Ok(())
    }

    /// Whether the first record that is read about the original may name that one, which is not.
    fn believes(&self, previous: Position) -> bool {
        self.last == Position::START && previous <= self.unread
    }

    /// What was reversed of a movement; of one that is new here, `before` when records before are not read.
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

    /// A reversal of an original at 10, which names the one at `previous` and states `reversed` in all.
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

    /// Several reversals in one record, all of the same original but for the last, which is of another.
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
    fn what_follows_from_each_other_is_sound_whatever_the_steps() {
        let sound = tally(&[(11, reversal(0, 30, 30, 0)), (12, reversal(1, 5, 5, 11)), (14, reversal(0, 20, 50, 12))]);
        assert_eq!((sound.of(0), sound.of(1), sound.last, sound.broken), (won(50), won(5), at(14), None));
    }

    #[test]
    fn the_first_that_does_not_follow_is_noted_until_a_repair() {
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
    fn a_repair_is_where_counting_begins() {
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
    fn what_is_not_read_is_believed_once() {
        let mut behind = Tally::behind(at(20));
        behind.add(original(), at(21), &reversal(0, 10, 45, 19)).unwrap();
        assert_eq!((behind.of(0), behind.broken), (won(45), None));
        behind.add(original(), at(22), &reversal(0, 10, 55, 19)).unwrap();
        assert_eq!(behind.broken, Some(at(22)), "the one before it was read");
    }
}
