//! Derives a row's id from its content, never from its position.
//!
//! The same row leads to the same id in any file, on any line, in any order and spelling, so it is paid once. A refused
//! id stays refused; a retry uses the id of a further attempt.

use std::collections::HashMap;

use jangbu::text::folded;
use jangbu::{AccountNumber, Amount, CommandId};

/// The number of a row's first attempt.
pub(super) const FIRST: u32 = 1;

/// Returns the id of an account.
pub(super) fn account(number: AccountNumber) -> CommandId {
    derive(&["account", number.as_str()])
}

/// Returns an id shared by all spellings of an account number, from their key. Nothing is recorded under it.
pub(super) fn spellings(key: &str) -> CommandId {
    derive(&["account in any spelling", key])
}

/// Returns the id of an order of a month.
pub(super) fn order(month: u32, order: &str) -> CommandId {
    derive(&["order", &month.to_string(), &folded(order)])
}

/// Returns the id of a deposit with an `id` column.
pub(super) fn named_deposit(name: &str) -> CommandId {
    derive(&["deposit by id", &folded(name)])
}

/// Derives the ids of deposits without an `id` column. Rows with the same content are counted.
///
/// Equal rows are interchangeable, so neither the order of the rows nor what comes between them matters.
#[derive(Debug, Default)]
pub(super) struct Unnamed {
    equal: HashMap<CommandId, u32>,
}

impl Unnamed {
    /// Returns the id of the next row with this content.
    pub(super) fn deposit(&mut self, to: AccountNumber, amount: Amount, label: &str) -> CommandId {
        let content = derive(&["deposit", to.as_str(), &amount.minor_units().to_string(), label]);
        let count = self.equal.entry(content).or_default();
        *count = count.saturating_add(1);
        derive(&["deposit by content", &content.to_string(), &count.to_string()])
    }
}

/// Returns the id of an attempt at a row, counted from 1.
pub(super) fn attempt(row: CommandId, attempt: u32) -> CommandId {
    if attempt == FIRST { row } else { derive(&["attempt", &attempt.to_string(), &row.to_string()]) }
}

/// Derives an id from `parts`. Only the last part can be text from a file, and no text contains the separator, so
/// different lists of parts give different ids.
fn derive(parts: &[&str]) -> CommandId {
    CommandId::derived(format!("jangbu import\0{}", parts.join("\0")).as_bytes())
}
