//! Iterates over the rows in memory and in the store together, so that a page costs only what it contains.

use std::cmp::Ordering;

use super::store::{Pair, Store, StoreError};

/// The store's pairs with a prefix, in key order, read in parts.
pub(super) struct StoredRows<'a> {
    store: &'a dyn Store,
    prefix: Vec<u8>,
    /// The key from which to continue; `None` at the end.
    from: Option<Vec<u8>>,
    at_once: usize,
    read: std::vec::IntoIter<Pair>,
}

impl<'a> StoredRows<'a> {
    /// Creates an iterator over the pairs from `from` on, read `at_once` at a time.
    pub(super) fn new(store: &'a dyn Store, prefix: &[u8], from: &[u8], at_once: usize) -> StoredRows<'a> {
        let (prefix, from) = (prefix.to_vec(), Some(from.to_vec()));
        StoredRows { store, prefix, from, at_once: at_once.max(1), read: Vec::new().into_iter() }
    }
}

impl Iterator for StoredRows<'_> {
    type Item = Result<Pair, StoreError>;

    fn next(&mut self) -> Option<Result<Pair, StoreError>> {
        if let Some(pair) = self.read.next() {
            return Some(Ok(pair));
        }
        let from = self.from.take()?;
        match self.store.scan(&self.prefix, &from, self.at_once) {
            Ok(rows) => {
                if let Some((last, _)) = rows.last().filter(|_| rows.len() >= self.at_once) {
                    // The smallest key that can follow it.
                    self.from = Some([last.as_slice(), &[0]].concat());
                }
                self.read = rows.into_iter();
                self.read.next().map(Ok)
            }
            Err(error) => Some(Err(error)),
        }
    }
}

/// The rows in memory and in the store, in key order. Of two rows with the same key, the one in memory counts.
pub(super) struct Merged<M: Iterator, S: Iterator> {
    in_memory: std::iter::Peekable<M>,
    stored: std::iter::Peekable<S>,
}

impl<K, V, M, S> Merged<M, S>
where
    M: Iterator<Item = Result<(K, V), StoreError>>,
    S: Iterator<Item = Result<(K, V), StoreError>>,
{
    pub(super) fn new(in_memory: M, stored: S) -> Merged<M, S> {
        Merged { in_memory: in_memory.peekable(), stored: stored.peekable() }
    }
}

impl<K, V, M, S> Iterator for Merged<M, S>
where
    K: Ord,
    M: Iterator<Item = Result<(K, V), StoreError>>,
    S: Iterator<Item = Result<(K, V), StoreError>>,
{
    type Item = Result<(K, V), StoreError>;

    fn next(&mut self) -> Option<Result<(K, V), StoreError>> {
        let order = match (self.in_memory.peek(), self.stored.peek()) {
            (None, _) | (_, Some(Err(_))) => Ordering::Greater,
            (Some(_), None) | (Some(Err(_)), _) => Ordering::Less,
            (Some(Ok((in_memory, _))), Some(Ok((stored, _)))) => in_memory.cmp(stored),
        };
        match order {
            Ordering::Less => self.in_memory.next(),
            Ordering::Greater => self.stored.next(),
            Ordering::Equal => {
                drop(self.stored.next());
                self.in_memory.next()
            }
        }
    }
}
