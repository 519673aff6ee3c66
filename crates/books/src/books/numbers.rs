//! The index of account numbers, and of their other spellings.
//!
//! A number is found as it is. In addition, every number whose plain form (capital letters and digits only) differs is
//! indexed by that form, so that typed numbers are understood. Two numbers may have the same plain form.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeBounds;

use super::keys;
use super::state::Books;
use super::store::{Change, Store, StoreError};
use jangbu_ledger::{AccountId, AccountNumber};

/// The number of numbers read at a time when all plain forms are indexed.
const AT_ONCE: usize = 10_000;
/// Enough to know that a plain form is ambiguous.
const SEVERAL: usize = 2;

/// The numbers of the accounts in memory.
#[derive(Default)]
pub(super) struct Numbers {
    ids: BTreeMap<AccountNumber, AccountId>,
    /// By plain form, if that differs from the number.
    plain: BTreeSet<(AccountNumber, AccountNumber)>,
}

impl Numbers {
    pub(super) fn insert(&mut self, number: AccountNumber, id: AccountId) {
        self.ids.insert(number, id);
        if let Some(plain) = other_form(number) {
            self.plain.insert((plain, number));
        }
    }

    pub(super) fn remove(&mut self, number: &AccountNumber) {
        self.ids.remove(number);
        if let Some(plain) = other_form(*number) {
            self.plain.remove(&(plain, *number));
        }
    }

    pub(super) fn get(&self, number: &AccountNumber) -> Option<AccountId> {
        self.ids.get(number).copied()
    }

    /// Returns numbers and ids in order.
    pub(super) fn range(
        &self,
        range: impl RangeBounds<AccountNumber>,
    ) -> impl Iterator<Item = (AccountNumber, AccountId)> + '_ {
        self.ids.range(range).map(|(number, id)| (*number, *id))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    fn of_plain(&self, plain: AccountNumber) -> impl Iterator<Item = AccountNumber> + '_ {
        let from = self.plain.range((plain, AccountNumber::least())..);
        from.take_while(move |(form, _)| *form == plain).map(|(_, number)| *number)
    }
}

/// Returns the plain form of a number, if it differs.
fn other_form(number: AccountNumber) -> Option<AccountNumber> {
    Some(number.plain()).filter(|plain| *plain != number)
}

/// Returns the stored entry by which the number is found under its plain form.
pub(super) fn plain_form_of(number: AccountNumber) -> Option<Change> {
    other_form(number).map(|plain| (keys::plain_form(&plain, &number), Some(Vec::new())))
}

/// Indexes the plain forms of all stored numbers, in a state written before there was this index.
pub(super) fn enter_plain_forms(store: &dyn Store) -> Result<(), StoreError> {
    // A state without a mark is empty, or is not used.
    if store.get(keys::MARK)?.is_none() || store.get(keys::PLAIN_FORMS)?.is_some() {
        return Ok(());
    }
    let mut from = vec![keys::NUMBER];
    loop {
        let rows = store.scan(&[keys::NUMBER], &from, AT_ONCE)?;
        let Some((last, _)) = rows.last() else { break };
        from = last.clone();
        from.push(0);
        let mut changes = Vec::new();
        for (key, _) in &rows {
            changes.extend(plain_form_of(keys::number_of(key)?));
        }
        store.write(changes)?;
    }
    store.write(vec![(keys::PLAIN_FORMS.to_vec(), Some(Vec::new()))])
}

impl Books {
    /// Returns the account meant by a typed number: the one with that number, or the only one with the same plain form;
    /// `None` if there is no such account, or several. A failing store stops the books.
    pub fn meant_by(&mut self, typed: AccountNumber) -> Option<AccountNumber> {
        let found = self.find_meant(typed);
        self.noted(found)
    }

    fn find_meant(&self, typed: AccountNumber) -> Result<Option<AccountNumber>, StoreError> {
        if self.id_of(&typed)?.is_some() {
            return Ok(Some(typed));
        }
        let plain = typed.plain();
        let mut meant: BTreeSet<AccountNumber> = self.numbers.of_plain(plain).take(SEVERAL).collect();
        if self.id_of(&plain)?.is_some() {
            meant.insert(plain);
        }
        let prefix = keys::plain_forms(&plain);
        for (key, _) in self.store.scan(&prefix, &prefix, SEVERAL)? {
            meant.insert(keys::of_plain_form(&key)?);
        }
        Ok(meant.first().copied().filter(|_| meant.len() == 1))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::books::store::MemoryStore;

    fn number(text: &str) -> AccountNumber {
        AccountNumber::new(text).unwrap()
    }

    /// Books with these numbers in memory and those in a store that has no plain forms yet.
    fn books(in_memory: &[&str], stored: &[&str]) -> Books {
        let store = Arc::new(MemoryStore::default());
        let id = crate::books::checkpoint::encoded(&AccountId::new(7)).unwrap();
        let mut changes: Vec<Change> =
            stored.iter().map(|text| (keys::number(&number(text)), Some(id.clone()))).collect();
        changes.push((keys::MARK.to_vec(), Some(Vec::new())));
        store.write(changes).unwrap();
        enter_plain_forms(&*store).unwrap();
        let mut books = Books::new(store);
        in_memory.iter().for_each(|text| books.numbers.insert(number(text), AccountId::new(8)));
        books
    }

    #[test]
    fn a_number_is_found_exactly_or_by_an_unambiguous_plain_form() {
        for (in_memory, stored) in [
            (&["110-1001", "yz-87", "YZ-88", "yz88", "200300", "AB-C", "ABC"][..], &[][..]),
            (&[], &["110-1001", "yz-87", "YZ-88", "yz88", "200300", "AB-C", "ABC"]),
            (&["110-1001", "YZ-88", "ABC"], &["yz-87", "yz88", "200300", "AB-C", "110-1001"]),
        ] {
            let mut books = books(in_memory, stored);
            for (typed, meant) in [
                ("110-1001", Some("110-1001")),
                ("1101001", Some("110-1001")),
                ("11-01-001", Some("110-1001")),
                ("YZ87", Some("yz-87")),
                ("Yz-8-7", Some("yz-87")),
                ("200-300", Some("200300")),
                ("yz88", Some("yz88")),
                ("YZ-88", Some("YZ-88")),
                ("YZ88", None),
                ("Yz88", None),
                ("AB-C", Some("AB-C")),
                ("abc", None),
                ("999", None),
            ] {
                assert_eq!(books.meant_by(number(typed)), meant.map(number), "{typed} {in_memory:?}");
            }
        }
    }

    #[test]
    fn a_removed_number_is_removed_in_every_form() {
        let mut numbers = Numbers::default();
        numbers.insert(number("a-1"), AccountId::new(1));
        numbers.insert(number("A1"), AccountId::new(2));
        numbers.remove(&number("a-1"));
        assert_eq!(numbers.of_plain(number("A1")).count(), 0);
        assert_eq!((numbers.get(&number("a-1")), numbers.get(&number("A1"))), (None, Some(AccountId::new(2))));
    }

    #[test]
    fn an_empty_state_is_left_empty() {
        let store = MemoryStore::default();
        enter_plain_forms(&store).unwrap();
        assert!(store.scan(&[], &[], 1).unwrap().is_empty());
    }
}
