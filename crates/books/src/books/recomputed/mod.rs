//! What the offline check decides again, from the records alone: fees, limits, free transfers and dates of every debit,
//! draws on holds and their raises, changes of accounts, and the occurrences of schedules.
//!
//! Each is decided by the rules of the running bank (`ledger`), on the account as the previous records left it, and
//! compared with the record. The running bank decided in a slightly different order than the journal's, but with the
//! same outcome: a debit whose outcome depends on an undecided one waits until that is decided.
//!
//! Refusals are not decided again, because a command may have been refused for something in flight that left no record.

mod debits;
mod holds;
mod schedules;
mod terms;

use jangbu_ledger::{
    Account, AccountId, AccountOpened, Body, Event, Hold, HoldId, HoldPosition, LinkedMovement, Record, Timestamp,
    TypeCode, apply, decide_change,
};

use super::state::Books;
use debits::Dates;
use schedules::Attempts;
use terms::Superseded;

/// What the check remembers in addition to the books, which are at the record before the one being checked.
#[derive(Default)]
pub(super) struct Recomputed {
    dates: Option<Dates>,
    superseded: Superseded,
    attempts: Attempts,
    /// When the previous record was recorded.
    last_recorded_at: Timestamp,
}

impl Recomputed {
    /// Starts after the records in `books`, the last of which was recorded at `recorded_at`.
    pub(super) fn begin(&mut self, books: &Books, recorded_at: Timestamp) {
        self.attempts.begin(books);
        self.superseded.begin(recorded_at);
        self.last_recorded_at = recorded_at;
    }

    /// Checks a record against the rules before it is applied to `books`.
    pub(super) fn check(&mut self, books: &Books, record: &Record) -> Result<(), String> {
        if self.dates.is_none() {
            self.dates = books.day.clone().map(Dates::new);
        }
        let mut before = Before { books, accounts: Vec::new(), holds: Vec::new() };
        if let Some(dates) = &mut self.dates {
            let mut check =
                RecordCheck { record, dates, superseded: &self.superseded, last_recorded_at: self.last_recorded_at };
            check.check(&mut before)?;
            self.attempts.check(books, record, self.last_recorded_at)?;
        }
        self.superseded.note(books, record);
        self.last_recorded_at = record.recorded_at;
        Ok(())
    }

    /// Adds a record that was applied to `books`.
    pub(super) fn applied(&mut self, books: &Books, record: &Record) {
        self.attempts.applied(books, record);
    }
}

/// One record being checked.
struct RecordCheck<'a> {
    record: &'a Record,
    dates: &'a mut Dates,
    superseded: &'a Superseded,
    last_recorded_at: Timestamp,
}

impl RecordCheck<'_> {
    fn check(&mut self, before: &mut Before<'_>) -> Result<(), String> {
        let (record, date) = (self.record, self.record.date);
        match &record.body {
            Body::Posted(posted) => self.posted(before, posted, date),
            Body::Reversed(reversed) => self.posted(before, &reversed.posted, date),
            Body::ReversalsRepaired(repaired) => {
                repaired.posted.as_ref().map_or(Ok(()), |posted| self.posted(before, posted, date))
            }
            Body::Held(placed) => self.held(before, HoldId::new(record.id), placed, date),
            Body::Drawn(drawn) => self.drawn(before, drawn),
            Body::Amended(amended) => self.amended(before, amended),
            Body::Linked(steps) => steps.iter().zip(0..).try_for_each(|(step, number)| match &step.movement {
                LinkedMovement::Posted(posted) => self.posted(before, posted, step.date),
                LinkedMovement::Drawn(drawn) => self.drawn(before, drawn),
                LinkedMovement::Reversed(reversed) => self.posted(before, &reversed.posted, step.date),
                LinkedMovement::Held(placed) => {
                    self.held(before, HoldId::of_step(record.id, number), placed, step.date)
                }
            }),
            Body::AccountChanged { account, change } => {
                let account = before.account(*account)?;
                let number = account.number;
                decide_change(account, change)
                    .map_err(|why| format!("account {number} could not be changed like this: {why}"))
            }
            Body::AccountOpened(opened) => check_opening(before.books, opened),
            _ => Ok(()),
        }
    }
}

/// Checks that a customer's account has the next id, and a type and a currency of the bank that belong together.
fn check_opening(books: &Books, opened: &AccountOpened) -> Result<(), String> {
    let AccountOpened { account, number, kind, currency, role, .. } = opened;
    if *account != books.next_account {
        return Err(format!("account {number} has the id {account}, and the next one is {}", books.next_account));
    }
    let of_type = match books.types.get(kind) {
        Some(found) => found.currency,
        None if *kind == TypeCode::basic() => None,
        None => return Err(format!("account {number} is of the type {kind}, which does not exist")),
    };
    let fits = of_type.is_none_or(|of_type| of_type == *currency) && books.currencies.contains_key(currency);
    if !fits || role.is_system() {
        return Err(format!("account {number} cannot be a {role:?} account in {currency}"));
    }
    Ok(())
}

/// Accounts and holds before a record, and after its steps that were already checked.
struct Before<'a> {
    books: &'a Books,
    accounts: Vec<(AccountId, Account)>,
    holds: Vec<(HoldPosition, Hold)>,
}

impl Before<'_> {
    fn account(&mut self, id: AccountId) -> Result<&mut Account, String> {
        let at = match self.accounts.iter().position(|(known, _)| *known == id) {
            Some(at) => at,
            None => {
                let known = self.books.account(id).map_err(|error| error.to_string())?;
                self.accounts.push((id, known.ok_or_else(|| format!("account {id} was never opened"))?));
                self.accounts.len().saturating_sub(1)
            }
        };
        let found = self.accounts.get_mut(at).map(|(_, account)| account);
        found.ok_or_else(|| format!("account {id} was never opened"))
    }

    /// Returns the hold at `place`, which `from` pays.
    fn hold(&mut self, from: AccountId, place: HoldPosition) -> Result<&mut Hold, String> {
        let missing = || format!("no hold that was placed at {} is open", place.position);
        let at = match self.holds.iter().position(|(known, _)| *known == place) {
            Some(at) => at,
            None => {
                let kept = self.books.accounts.get(&from).and_then(|held| held.holds.get(&place));
                self.holds.push((place, kept.ok_or_else(missing)?.clone()));
                self.holds.len().saturating_sub(1)
            }
        };
        self.holds.get_mut(at).map(|(_, hold)| hold).ok_or_else(missing)
    }

    /// Applies an event of the record to an account, for the steps that follow.
    fn apply(&mut self, id: AccountId, event: Event<'_>) -> Result<(), String> {
        apply(self.account(id)?, event).map_err(|fault| fault.to_string())
    }
}
