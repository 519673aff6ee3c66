//! What the offline checker asks of reversals: all of them together take back no more of a movement than it moved, and
//! each follows from the one before it, so that a later one counts right.

use std::collections::BTreeMap;
use std::fmt::Write;

use smallvec::SmallVec;

use jangbu_ledger::{AccountId, Amount, Body, CommandId, Original, Position, Record, Tally};

/// The most cases that are told one by one.
const MOST_TOLD: usize = 20;
/// The most reversals of one case that are named.
const MOST_NAMED: usize = 50;

/// What was taken back, to be held against the originals once all of it is known.
#[derive(Default)]
pub struct TakenBack {
    /// By the originals' positions.
    tallies: BTreeMap<Position, (CommandId, Tally)>,
    /// Up to here reversals and originals are archived: what they took back is believed.
    archived: Position,
}

impl TakenBack {
    /// What is taken back after the archived records, the last of which is at `archived`.
    pub fn after(archived: Position) -> TakenBack {
        TakenBack { archived, ..TakenBack::default() }
    }

    /// Takes in a record. What a repair could put right is told by [`TakenBack::check_original`].
    pub fn note(&mut self, record: &Record) -> Result<(), String> {
        if let Body::ReversalsRepaired(it) = &record.body {
            return self.note_one(record, it.original, it.original_position);
        }
        let mut noted: SmallVec<[(CommandId, Position); 1]> = SmallVec::new();
        record.body.for_each_reversal(|it| {
            if !noted.contains(&(it.original, it.original_position)) {
                noted.push((it.original, it.original_position));
            }
        });
        noted.into_iter().try_for_each(|(id, original)| self.note_one(record, id, original))
    }

    /// Takes in what a record says of one original.
    fn note_one(&mut self, record: &Record, id: CommandId, original: Position) -> Result<(), String> {
        // Of an archived original, reversals before the first that is read may be archived, too.
        let unread = if original <= self.archived { self.archived } else { Position::START };
        let (known, tally) = self.tallies.entry(original).or_insert_with(|| (id, Tally::behind(unread)));
        if *known != id {
            return Err(format!("it reverses the command {id} at {original}, where an earlier one found {known}"));
        }
        let wrong = |error| format!("a reversal of the command {id} at {original}: {error}");
        tally.add(id, record.position, &record.body).map_err(wrong)
    }

    /// Whether nothing was taken back.
    pub fn is_empty(&self) -> bool {
        self.tallies.is_empty()
    }

    /// Holds what was taken back of a record against what it moved.
    ///
    /// # Errors
    /// What is wrong, where no repair can put that right.
    pub fn check_original(&mut self, record: &Record, cases: &mut Cases) -> Result<(), String> {
        let Some((id, tally)) = self.tallies.remove(&record.position) else { return Ok(()) };
        if id != record.id {
            return Err(format!("reversals take it for the record of the command {id}"));
        }
        for taken in tally.taken() {
            let step = taken.step;
            let original = Original::of(record, id, step).filter(|original| original.parties == taken.parties);
            let Some(original) = original else {
                return Err(format!(
                    "{} were taken back of its movement {step}, which is none of that kind",
                    taken.amount
                ));
            };
            if taken.amount > original.amount {
                cases.found.push(Case::new(original, taken.amount));
            }
        }
        if let Some(broken) = tally.broken {
            let step = tally.taken().first().map_or(0, |taken| taken.step);
            cases.broken.push((id, record.position, step, broken));
        }
        Ok(())
    }
}

/// A movement of which more was taken back than it moved.
struct Case {
    original: Original,
    reversed: Amount,
    /// The records that did.
    records: Vec<Position>,
    /// What those took back, less what repairs returned meanwhile.
    sum: Amount,
    /// The first of them with which it was too much.
    at: Option<Position>,
}

/// What is wrong with reversals and can be repaired.
#[derive(Default)]
pub struct Cases {
    found: Vec<Case>,
    /// Originals whose reversals do not follow from each other: the id, the place, a step that was reversed, and the first
    /// reversal that does not.
    broken: Vec<(CommandId, Position, u8, Position)>,
}

impl Cases {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty() && self.broken.is_empty()
    }

    /// Notes a record that had a part in a case, to be named.
    pub fn note(&mut self, record: &Record) {
        for case in self.found.iter_mut().filter(|case| record.body.undoes(case.original.id)) {
            case.note(record);
        }
    }

    /// The place of the first fault and all of them in words, with the numbers that accounts have.
    pub fn told(&self, number: impl Fn(AccountId) -> String) -> (Position, String) {
        let (mut text, mut first) = (String::new(), None::<Position>);
        let mut told = 0usize;
        let mut tell = |at: Position, what: String| {
            first = Some(first.map_or(at, |first| first.min(at)));
            told = told.saturating_add(1);
            if told <= MOST_TOLD {
                let between = if text.is_empty() { "" } else { "; " };
                let _ = write!(text, "{between}{what}");
            }
        };
        for case in &self.found {
            tell(case.at.unwrap_or(case.original.position), case.told(&number));
        }
        let is_told = |id: CommandId| self.found.iter().any(|case| case.original.id == id);
        for (id, position, step, broken) in self.broken.iter().filter(|(id, ..)| !is_told(*id)) {
            tell(
                *broken,
                format!(
                    "the reversals of the command {id} at {position} do not add up or do not follow from each other, and \
                     later ones would count wrong: `jangbu repair reversal {id} --step {step}` puts that right"
                ),
            );
        }
        let more = told.saturating_sub(MOST_TOLD);
        if more > 0 {
            let _ = write!(text, "; and {more} more");
        }
        (first.unwrap_or_default(), text)
    }
}

impl Case {
    const fn new(original: Original, reversed: Amount) -> Case {
        Case { original, reversed, records: Vec::new(), sum: Amount::ZERO, at: None }
    }

    /// Goes by what moved, and not by what the records state.
    fn note(&mut self, record: &Record) {
        record.body.for_each_reversal(|it| {
            if (it.original, it.step) == (self.original.id, self.original.step) {
                self.sum = self.sum.saturating_add(it.posted.amount);
                if self.records.len() < MOST_NAMED {
                    self.records.push(record.position);
                }
            }
        });
        if let Body::ReversalsRepaired(it) = &record.body
            && it.step == self.original.step
        {
            let returned = it.posted.as_ref().map_or(Amount::ZERO, |posted| posted.amount);
            (self.sum, self.at) = (self.sum.saturating_sub(returned), None);
        }
        if self.sum > self.original.amount {
            self.at.get_or_insert(record.position);
        }
    }

    fn told(&self, number: &impl Fn(AccountId) -> String) -> String {
        let Original { id, step, position, amount, parties: (sender, receiver) } = self.original;
        let excess = self.reversed.saturating_sub(amount);
        let records: Vec<String> = self.records.iter().map(ToString::to_string).collect();
        format!(
            "step {step} of the command {id} at {position} moved {amount} and was reversed by {} in all, in the records {}: \
             account {} has {excess} too much, and account {} {excess} too little; \
             `jangbu repair reversal {id} --step {step}` returns it",
            self.reversed,
            records.join(", "),
            number(sender),
            number(receiver),
        )
    }
}
