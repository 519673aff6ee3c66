//! The checks of reversals in the offline check: together they reverse no more of a movement than it moved, and each
//! refers to the previous one, so that later ones count correctly.

use std::collections::BTreeMap;
use std::fmt::Write;

use smallvec::SmallVec;

use jangbu_ledger::{AccountId, Amount, Body, CommandId, Original, Position, Record, Tally};

/// The maximum number of cases that are listed one by one.
const MOST_TOLD: usize = 20;
/// The maximum number of reversals that are listed per case.
const MOST_NAMED: usize = 50;

/// The reversals, to be compared with the originals once all are known.
#[derive(Default)]
pub struct TakenBack {
    /// By the originals' positions.
    tallies: BTreeMap<Position, (CommandId, Tally)>,
    /// Reversals and originals up to this position are archived; their totals are trusted.
    archived: Position,
}

impl TakenBack {
    /// Creates the collection of reversals after the archived records, the last of which is at `archived`.
    pub fn after(archived: Position) -> TakenBack {
        TakenBack { archived, ..TakenBack::default() }
    }

    /// Adds a record. [`TakenBack::check_original`] reports what a repair could correct.
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

    /// Adds what a record says about one original.
    fn note_one(&mut self, record: &Record, id: CommandId, original: Position) -> Result<(), String> {
        // If the original is archived, earlier reversals of it may be archived too.
        let unread = if original <= self.archived { self.archived } else { Position::START };
        let (known, tally) = self.tallies.entry(original).or_insert_with(|| (id, Tally::behind(unread)));
        if *known != id {
            return Err(format!("it reverses the command {id} at {original}, where an earlier one found {known}"));
        }
        let wrong = |error| format!("a reversal of the command {id} at {original}: {error}");
        tally.add(id, record.position, &record.body).map_err(wrong)
    }

    /// Returns whether nothing was reversed.
    pub fn is_empty(&self) -> bool {
        self.tallies.is_empty()
    }

    /// Compares the reversals of a record with what it moved.
    ///
    /// # Errors
    /// What is wrong and cannot be repaired.
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

/// A movement that was reversed by more than its amount.
struct Case {
    original: Original,
    reversed: Amount,
    /// The records of its reversals.
    records: Vec<Position>,
    /// The total of these reversals, minus what repairs returned.
    sum: Amount,
    /// The first of them that exceeded the amount.
    at: Option<Position>,
}

/// Faults of reversals that can be repaired.
#[derive(Default)]
pub struct Cases {
    found: Vec<Case>,
    /// Originals with inconsistent reversals: the id, the position, a step that was reversed, and the first
    /// inconsistent reversal.
    broken: Vec<(CommandId, Position, u8, Position)>,
}

impl Cases {
    /// Returns whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty() && self.broken.is_empty()
    }

    /// Notes a record that is part of a case, to be listed.
    pub fn note(&mut self, record: &Record) {
        for case in self.found.iter_mut().filter(|case| record.body.undoes(case.original.id)) {
            case.note(record);
        }
    }

    /// Returns the position of the first fault and a description of all of them, with account numbers.
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

    /// Counts what moved instead of what the records state.
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
