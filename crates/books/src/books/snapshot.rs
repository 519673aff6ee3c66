//! Writes and reads the books as a state file of the journal, which stands in for archived records: section by section,
//! value by value.
//!
//! This module must never leave out anything that a replay produces. State files are kept forever, so a section never
//! changes: another form of its values is another section with its own number.

use serde::Serialize;

use super::keys::RecordKey;
use super::replaying::ReplayLimits;
use super::schedules::KeptSchedule;
use super::state::{Books, CurrencyKept, Held, KeptRecord, decoded};
use super::store::StoreError;
use jangbu_journal::{Base, JournalError, JournalReader, StateWriter};
use jangbu_ledger::codec;
use jangbu_ledger::{
    Account, AccountId, AccountType, BankCreated, CommandId, Currency, DayClock, Hold, OwnerId, Position,
};

/// A kind of value in the books: how it is written to a state file, and how it is read back.
struct Section {
    number: u32,
    write: fn(&Books, &mut Values<'_, '_>) -> Result<(), JournalError>,
    read: fn(&mut Books, &[u8]) -> Result<(), StoreError>,
}

/// All sections, in the order in which they are written. Everything in [`Books`] must be in one, except the identity of
/// the bank and the position, which are in the head of the file.
const SECTIONS: &[Section] = &[
    Section { number: 1, write: |books, to| to.add(&books.next_account), read: read_next_account },
    Section { number: 2, write: write_currencies, read: read_currency },
    Section { number: 3, write: |books, to| to.add_all(books.types.values()), read: read_type },
    Section { number: 4, write: |books, to| to.add_all(&books.owners), read: read_owner },
    Section { number: 5, write: write_accounts, read: read_account },
    Section { number: 6, write: write_records, read: read_record },
    Section { number: 7, write: write_holds, read: read_hold },
    Section { number: 8, write: |books, to| to.add_rows(books.every_schedule()), read: read_schedule },
];

/// Writes the values of one section.
struct Values<'a, 'w> {
    writer: &'a mut StateWriter<'w>,
    section: u32,
    buffer: Vec<u8>,
    books: &'a Books,
}

impl Values<'_, '_> {
    fn add<T: Serialize>(&mut self, value: &T) -> Result<(), JournalError> {
        self.buffer.clear();
        let position = self.books.applied;
        codec::encode(value, &mut self.buffer).map_err(|source| JournalError::Undecodable { position, source })?;
        self.writer.value(self.section, &self.buffer)
    }

    fn add_rows<K: Serialize, T: Serialize>(
        &mut self,
        rows: impl IntoIterator<Item = Result<(K, T), StoreError>>,
    ) -> Result<(), JournalError> {
        rows.into_iter().try_for_each(|row| self.add(&row.map_err(unreadable)?))
    }

    fn add_all<T: Serialize>(&mut self, values: impl IntoIterator<Item = T>) -> Result<(), JournalError> {
        values.into_iter().try_for_each(|value| self.add(&value))
    }
}

impl Books {
    /// Writes everything to a state file.
    ///
    /// Equal books give equal bytes.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_to(&self, writer: &mut StateWriter<'_>) -> Result<(), JournalError> {
        for section in SECTIONS {
            let mut values = Values { writer, section: section.number, buffer: Vec::new(), books: self };
            (section.write)(self, &mut values)?;
        }
        Ok(())
    }

    /// Returns the hash of the state file that these books would give.
    ///
    /// # Errors
    /// A value that cannot be encoded, which only a bug can cause.
    pub fn digest(&self, base: &Base) -> Result<[u8; 32], JournalError> {
        let mut nowhere = |_: &[u8]| Ok(());
        let mut writer = StateWriter::begin(base, &mut nowhere)?;
        self.write_to(&mut writer)?;
        writer.finish()
    }

    /// Takes over the identity of the bank and the position from a state file, before its values.
    ///
    /// # Errors
    /// If the time zone is unknown.
    pub fn begin_from(&mut self, base: &Base) -> Result<(), String> {
        let made = BankCreated { bank: base.bank, time_zone: base.time_zone.clone() };
        self.day = Some(DayClock::new(&made.time_zone).map_err(|error| error.to_string())?);
        self.bank = Some(made);
        (self.applied, self.last_id) = (base.position, base.last_id.as_u128());
        self.begun_behind = base.position;
        Ok(())
    }

    /// Adds a value from a state file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn take(&mut self, section: u32, value: &[u8]) -> Result<(), String> {
        let known = SECTIONS.iter().find(|known| known.number == section);
        let known =
            known.ok_or_else(|| format!("the state has a section {section}, which this program does not know"))?;
        (known.read)(self, value).map_err(|error| error.to_string())
    }
}

/// Fills empty books from the state that stands in for archived records.
///
/// # Errors
/// If the state cannot be read.
pub(super) fn load(books: &mut Books, reader: &dyn JournalReader, limits: ReplayLimits) -> Result<(), JournalError> {
    let Some(base) = reader.base() else { return Ok(()) };
    let mut begun = books.begin_from(base);
    reader.read_base(&mut |section, value| {
        std::mem::replace(&mut begun, Ok(()))?;
        books.take(section, value)?;
        if books.store.is_kept() && limits.is_reached(books) {
            limits.store(books, false).map_err(|error| error.to_string())?;
        }
        Ok(())
    })
}

/// Converts an error of the temporary store that a replay of a large bank uses.
pub fn unreadable(error: StoreError) -> JournalError {
    let source = std::io::Error::other(error.to_string());
    JournalError::Io { operation: "read back from", path: std::env::temp_dir(), source }
}

fn read_next_account(books: &mut Books, value: &[u8]) -> Result<(), StoreError> {
    books.next_account = decoded::<AccountId>(value)?;
    Ok(())
}

fn write_currencies(books: &Books, to: &mut Values<'_, '_>) -> Result<(), JournalError> {
    to.add_all(&books.currencies)
}

fn read_currency(books: &mut Books, value: &[u8]) -> Result<(), StoreError> {
    let (currency, kept): (Currency, CurrencyKept) = decoded(value)?;
    books.currencies.insert(currency, kept);
    books.totals.begin(currency, &kept);
    Ok(())
}

fn read_type(books: &mut Books, value: &[u8]) -> Result<(), StoreError> {
    let account_type: AccountType = decoded(value)?;
    books.types.insert(account_type.code, account_type);
    Ok(())
}

fn read_owner(books: &mut Books, value: &[u8]) -> Result<(), StoreError> {
    let (owner, free_transfers_per_day): (OwnerId, u32) = decoded(value)?;
    books.owners.insert(owner, free_transfers_per_day);
    books.changed_owners.insert(owner);
    Ok(())
}

fn write_accounts(books: &Books, to: &mut Values<'_, '_>) -> Result<(), JournalError> {
    books.every_account().try_for_each(|row| to.add(&*row.map_err(unreadable)?.1))
}

fn read_account(books: &mut Books, value: &[u8]) -> Result<(), StoreError> {
    let account: Account = decoded(value)?;
    books.numbers.insert(account.number, account.id);
    books.dirty.push(account.id);
    books.owned.insert((account.owner, account.id), books.applied);
    books.totals.count(&account);
    books.accounts.insert(account.id, Box::new(Held::new(account)));
    Ok(())
}

fn write_holds(books: &Books, to: &mut Values<'_, '_>) -> Result<(), JournalError> {
    books.every_open_hold().try_for_each(|row| {
        let ((account, place), hold) = row.map_err(unreadable)?;
        // The step is part of the hold's id.
        to.add(&(account, place.position, &*hold))
    })
}

/// Reads a hold. Accounts come before their holds.
fn read_hold(books: &mut Books, value: &[u8]) -> Result<(), StoreError> {
    let (account, placed, hold): (AccountId, Position, Hold) = decoded(value)?;
    let held = books.held(account)?;
    let held =
        held.ok_or_else(|| StoreError::Damaged(format!("a hold is on account {account}, which is not there")))?;
    let place = hold.id.at(placed);
    held.holds.insert(place, hold);
    let is_new = held.changed_holds.insert(place);
    let was_dirty = std::mem::replace(&mut held.dirty, true);
    books.notes = books.notes.saturating_add(usize::from(is_new));
    if !was_dirty {
        books.dirty.push(account);
    }
    Ok(())
}

fn write_records(books: &Books, to: &mut Values<'_, '_>) -> Result<(), JournalError> {
    books.every_record().try_for_each(|row| {
        let (key, kept) = row.map_err(unreadable)?;
        to.add(&(key.as_bytes(), &*kept))
    })
}

fn read_record(books: &mut Books, value: &[u8]) -> Result<(), StoreError> {
    let (key, kept): (Vec<u8>, KeptRecord) = decoded(value)?;
    books.records.apply(RecordKey::from_bytes(&key), kept.version, Some(kept.value));
    Ok(())
}

fn read_schedule(books: &mut Books, value: &[u8]) -> Result<(), StoreError> {
    let (id, kept): (CommandId, KeptSchedule) = decoded(value)?;
    books.schedules.take_in(id, kept);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::SECTIONS;

    #[test]
    fn the_specification_has_every_section() {
        let specification = include_str!("../../../../docs/format.md");
        let sections = specification.split_once("| section | values |").map(|(_, after)| after);
        let rows = sections.into_iter().flat_map(str::lines).skip(2).map_while(|line| line.strip_prefix("| "));
        let numbers: Vec<u32> = rows.filter_map(|row| row.split(' ').next()?.parse().ok()).collect();
        assert_eq!(numbers, SECTIONS.iter().map(|section| section.number).collect::<Vec<_>>());
    }
}
