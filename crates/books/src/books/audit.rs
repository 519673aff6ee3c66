//! The books of the offline check: replayed from zero with additional checks, and compared with the stored state.

use std::collections::BTreeMap;
use std::path::Path;

use super::BooksError;
use super::comparing::compare_books;
use super::opening::{Copied, restore};
use super::recomputed::Recomputed;
#[cfg(any(test, feature = "testing"))]
use super::replaying::ReplayLimits;
use super::replaying::Scratch;
use super::state::Books;
use super::store::Shelf;
use super::taken_back::{Cases, TakenBack};
use crate::views::ApplicationRecord;
use crate::views::CurrencyTotal;
use jangbu_journal::disk::Disk;
use jangbu_journal::{Base, JournalError, Sequence};
use jangbu_ledger::{Body, Currency, LinkedStep, Position, Record, Role};

/// The number of application records read at a time.
const READ_AT_ONCE: usize = 1_000;

/// Replays the journal from zero, and in parallel brings the stored state to the journal's end, to compare the two.
pub struct Auditor {
    from_zero: Books,
    /// The location of the stored state, if there is any.
    shelf: Option<Box<dyn Shelf>>,
    stored: Stored,
    scratch: Scratch,
    taken_back: TakenBack,
    recomputed: Recomputed,
    /// The last position that is archived and represented only by a state.
    archived: Position,
}

/// The stored state, as far as it is usable.
enum Stored {
    NotOpened,
    Missing,
    Unusable(String),
    Open { books: Box<Books>, began: Position },
}

impl Auditor {
    /// An auditor that keeps what it counts in the directory `state`.
    pub fn new(state: &Path) -> Auditor {
        let directory = || -> Box<dyn Shelf> { Box::new(Copied::new(state.to_path_buf())) };
        // If the path cannot be examined, opening it reports why.
        Auditor::over(state.try_exists().unwrap_or(true).then(directory))
    }

    /// Creates an auditor of a state at any location.
    pub fn over(shelf: Option<Box<dyn Shelf>>) -> Auditor {
        let from_zero = Books::in_memory();
        Auditor {
            from_zero,
            shelf,
            stored: Stored::NotOpened,
            scratch: Scratch::on_disk(),
            taken_back: TakenBack::default(),
            recomputed: Recomputed::default(),
            archived: Position::START,
        }
    }

    /// Limits how much is kept in memory, and keeps the rest in memory elsewhere, for tests.
    #[cfg(any(test, feature = "testing"))]
    pub fn with_limits(mut self, limits: ReplayLimits) -> Auditor {
        self.scratch = Scratch::in_memory(limits);
        self
    }

    /// Returns which of `limits` is exceeded by what is in memory, if any.
    #[cfg(any(test, feature = "testing"))]
    pub fn exceeded(&self, limits: ReplayLimits) -> Option<String> {
        limits.exceeded(&self.from_zero)
    }

    /// Creates an auditor of the segments: from zero, or from the state that stands in for the archived ones.
    ///
    /// # Errors
    /// If that state cannot be read.
    pub fn of(sequence: &Sequence, disk: &dyn Disk, state: &Path) -> Result<Auditor, JournalError> {
        let mut auditor = Auditor::new(state);
        auditor.archived = sequence.base().map_or(Position::START, |base| base.position);
        if let Some(base) = sequence.base().filter(|_| sequence.first() > Position::START.next()) {
            let (books, scratch) = (&mut auditor.from_zero, &mut auditor.scratch);
            let mut begun = books.begin_from(base);
            sequence.read_base(disk, &mut |section, value| {
                std::mem::replace(&mut begun, Ok(()))?;
                books.take(section, value)?;
                scratch.relieve(books).map_err(|error| error.to_string())
            })?;
            auditor.stored = auditor.open_stored();
            auditor.taken_back = TakenBack::after(auditor.from_zero.applied);
            auditor.recomputed.begin(&auditor.from_zero, base.recorded_at);
        }
        Ok(auditor)
    }

    /// Returns the position of the replay.
    pub fn applied(&self) -> Position {
        self.from_zero.applied
    }

    /// Returns the replayed application records of a kind.
    pub fn records(&mut self, kind: &str) -> Vec<ApplicationRecord> {
        let (mut found, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = self.from_zero.records(kind, "", after.as_deref(), READ_AT_ONCE);
            found.extend(page.data);
            after = page.next;
            if after.is_none() {
                return found;
            }
        }
    }

    /// Returns the replayed books.
    pub fn into_books(self) -> Books {
        self.from_zero
    }

    /// Compares a state file, given by its hash, with the replay at its position.
    pub fn compare_base(&self, base: &Base, digest: &[u8; 32], last: &Record) -> Result<(), String> {
        let made = self.from_zero.bank.as_ref().map(|made| (made.bank, made.time_zone.as_str()));
        let head = made == Some((base.bank, base.time_zone.as_str()))
            && (last.position, last.id, last.recorded_at) == (base.position, base.last_id, base.recorded_at);
        match self.from_zero.digest(base) {
            Ok(found) if head && found == *digest => Ok(()),
            Ok(_) => Err("the state that stands in for the archived records differs from their replay".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The number of accounts so far.
    pub fn accounts(&self) -> u64 {
        self.from_zero.account_count()
    }

    /// Applies the next record, and checks what a running bank takes for granted.
    pub fn apply(&mut self, record: &Record) -> Result<(), String> {
        let text = |error: BooksError| error.to_string();
        if self.scratch.is_made() {
            self.from_zero.bring_in(record).map_err(|error| error.to_string())?;
        }
        self.check_links(record)?;
        self.from_zero.check_draws(record)?;
        self.taken_back.note(record)?;
        self.recomputed.check(&self.from_zero, record)?;
        self.from_zero.apply(record).map_err(text)?;
        self.recomputed.applied(&self.from_zero, record);
        self.check_bounds(record)?;
        if matches!(self.stored, Stored::NotOpened) {
            self.stored = self.open_stored();
        }
        if let Stored::Open { books, .. } = &self.stored
            && record.position == books.reach.position
            && record.id.as_u128() != books.reach.id
        {
            return Err("the stored state is of another history than the journal".to_owned());
        }
        if let Stored::Open { books, .. } = &mut self.stored
            && record.position > books.applied
            && let Err(error) = books.apply(record)
        {
            return Err(format!("the stored state does not follow the journal: {error}"));
        }
        self.scratch.relieve(&mut self.from_zero).map_err(text)
    }

    fn open_stored(&self) -> Stored {
        let Some(shelf) = &self.shelf else { return Stored::Missing };
        let applied = self.from_zero.applied;
        match shelf.open().and_then(|store| restore(store, self.from_zero.bank.as_ref())) {
            // When the check starts from zero, the first record has already been applied.
            Ok(books) if books.applied < applied && applied > Position::START.next() => Stored::Unusable(format!(
                "it ends at position {}, and the records after that are archived",
                books.applied
            )),
            Ok(books) => Stored::Open { began: books.applied, books: Box::new(books) },
            Err(error) => Stored::Unusable(error.to_string()),
        }
    }

    /// Checks that every leg of a movement refers to the account's previous record, and that all accounts of a movement
    /// have one currency.
    fn check_links(&self, record: &Record) -> Result<(), String> {
        let mut links = record.links.iter();
        let mut currency: Option<Currency> = None;
        let mut wrong = None;
        // Each linked step is checked separately.
        let apart = match &record.body {
            Body::Linked(steps) => self.check_currencies(steps).err(),
            _ => None,
        };
        record.body.for_each_leg(record.date, |id, _| {
            let Some(link) = links.next() else {
                wrong.get_or_insert("a leg has no link".to_owned());
                return;
            };
            let account = self.from_zero.accounts.get(&id).map(|held| &held.account);
            let last = account.map_or(Position::START, |account| account.last);
            if link.previous != last {
                let named = link.previous;
                wrong.get_or_insert(format!("the record of account {id} before is at {last}, not at {named}"));
            }
            let moves = matches!(
                record.body,
                Body::Posted(_)
                    | Body::Held(_)
                    | Body::Drawn(_)
                    | Body::Amended(_)
                    | Body::Reversed(_)
                    | Body::ReversalsRepaired(_)
            );
            if moves {
                let of_account = account.map(|account| account.currency);
                if currency.is_some() && of_account != currency {
                    wrong.get_or_insert("its accounts have different currencies".to_owned());
                }
                currency = of_account;
            }
        });
        if links.next().is_some() {
            wrong.get_or_insert("a link has no leg".to_owned());
        }
        wrong.or(apart).map_or(Ok(()), Err)
    }

    /// Checks that the accounts of each linked step have one currency.
    fn check_currencies(&self, steps: &[LinkedStep]) -> Result<(), String> {
        for step in steps {
            let (mut of_step, mut mixed) = (None, false);
            step.movement.for_each_leg(step.date, |id, _| {
                let currency = self.from_zero.accounts.get(&id).map(|held| held.account.currency);
                mixed |= *of_step.get_or_insert(currency) != currency;
            });
            if mixed {
                return Err("the accounts of one of its steps have different currencies".to_owned());
            }
        }
        Ok(())
    }

    /// Checks that no account of the record is below its overdraft, including the money it holds for others.
    fn check_bounds(&self, record: &Record) -> Result<(), String> {
        let mut wrong = None;
        record.body.for_each_leg(record.date, |id, _| wrong = wrong.take().or(self.from_zero.check_word(id).err()));
        wrong.map_or(Ok(()), Err)
    }

    /// Checks at the end what all records together must add up to. Returns the reversals, which have to be compared
    /// with their originals.
    pub fn finish(&mut self) -> Result<TakenBack, String> {
        self.from_zero.check_promises()?;
        Ok(std::mem::take(&mut self.taken_back))
    }

    /// Describes what is wrong with reversals.
    pub fn tell(&self, cases: &Cases) -> (Position, String) {
        cases.told(|id| match self.from_zero.account(id) {
            Ok(Some(account)) => account.number.to_string(),
            _ => id.to_string(),
        })
    }

    /// Returns the number of open holds.
    ///
    /// # Errors
    ///
    /// If rows outside of memory cannot be read back.
    pub fn open_holds(&self) -> Result<u64, String> {
        let mut holds = self.from_zero.every_open_hold();
        holds.try_fold(0u64, |count, row| row.map(|_| count.saturating_add(1))).map_err(|error| error.to_string())
    }

    /// Returns the sums of each currency.
    pub fn totals(&self) -> Result<Vec<CurrencyTotal>, String> {
        let (mut sums, mut stray) = (BTreeMap::new(), None);
        for (currency, kept) in &self.from_zero.currencies {
            let total = CurrencyTotal { currency: *currency, scale: kept.scale, customers: 0, cash: 0, fees: 0 };
            sums.insert(*currency, total);
        }
        for row in self.from_zero.every_account() {
            let (_, account) = row.map_err(|error| error.to_string())?;
            let Some(total) = sums.get_mut(&account.currency) else {
                stray.get_or_insert(account.number);
                continue;
            };
            let sum = match account.role {
                Role::Customer => &mut total.customers,
                Role::Cash => &mut total.cash,
                Role::Fees => &mut total.fees,
            };
            *sum = sum.saturating_add(i128::from(account.posted.minor_units()));
        }
        match stray {
            Some(number) => Err(format!("account {number} has a currency that the bank does not")),
            None => Ok(sums.into_values().collect()),
        }
    }

    /// Compares the stored state, brought to the journal's end, with the replay from zero.
    pub fn compare(&self) -> Result<String, String> {
        let (books, began) = match &self.stored {
            Stored::NotOpened | Stored::Missing => {
                return Ok("there is no stored state: the next open rebuilds it".to_owned());
            }
            Stored::Unusable(why) => {
                return Ok(format!("the stored state cannot be used ({why}): the next open rebuilds it"));
            }
            Stored::Open { books, began } => (books, *began),
        };
        let end = self.from_zero.applied;
        if books.applied != end || books.reach.position > end {
            let reach = books.applied.max(books.reach.position);
            return Err(format!("the stored state reaches to {reach}, and the journal ends at {end}"));
        }
        compare_books(&self.from_zero, books, self.archived)?;
        super::schedules::compare(&self.from_zero, books)?;
        if books.types != self.from_zero.types || books.currencies != self.from_zero.currencies {
            return Err("the stored types and currencies differ from the journal".to_owned());
        }
        if books.owners != self.from_zero.owners || books.next_account != self.from_zero.next_account {
            return Err("the stored owners differ from the journal".to_owned());
        }
        if books.totals() != self.from_zero.totals() {
            return Err("the stored sums differ from the journal".to_owned());
        }
        Ok(format!("the stored state, kept at position {began}, agrees with a replay from zero"))
    }
}
