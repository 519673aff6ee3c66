//! By what a row is known: an id derived from what it says, never from where it stands.
//!
//! The same row leads to the same id in whatever file, line, order and spelling it comes, so that it is paid once. An id that
//! was refused stays refused, and what is tried again is tried under the id of a further attempt.

use std::collections::HashMap;

use jangbu::text::folded;
use jangbu::{AccountNumber, Amount, CommandId};

/// The first attempt at a row.
pub(super) const FIRST: u32 = 1;

/// The id of an account.
pub(super) fn account(number: AccountNumber) -> CommandId {
    derive(&["account", number.as_str()])
}

/// What all spellings of an account's number lead to, by their key. Nothing is recorded under it.
pub(super) fn spellings(key: &str) -> CommandId {
    derive(&["account in any spelling", key])
}

/// The id of an order of a month.
pub(super) fn order(month: u32, order: &str) -> CommandId {
    derive(&["order", &month.to_string(), &folded(order)])
}

/// The id of a deposit that has a name.
pub(super) fn named_deposit(name: &str) -> CommandId {
    derive(&["deposit by id", &folded(name)])
}

/// The ids of deposits that have no names: rows that say the same are told apart by counting them.
///
/// Which of several equal rows is which does not matter, for they say the same. So neither the order of the rows matters nor
/// what stands between them.
#[derive(Debug, Default)]
pub(super) struct Unnamed {
    equal: HashMap<CommandId, u32>,
}

impl Unnamed {
    /// The id of the next row that says this.
    pub(super) fn deposit(&mut self, to: AccountNumber, amount: Amount, label: &str) -> CommandId {
        let content = derive(&["deposit", to.as_str(), &amount.minor_units().to_string(), label]);
        let count = self.equal.entry(content).or_default();
        *count = count.saturating_add(1);
        derive(&["deposit by content", &content.to_string(), &count.to_string()])
    }
}

/// The id of an attempt at a row, counted from 1.
pub(super) fn attempt(row: CommandId, attempt: u32) -> CommandId {
    if attempt == FIRST { row } else { derive(&["attempt", &attempt.to_string(), &row.to_string()]) }
}

/// The id of what `parts` name. Only the last part can be a text from a file, and no text has the separator in it, so that no
/// two lists of parts are one.
fn derive(parts: &[&str]) -> CommandId {
    CommandId::derived(format!("jangbu import\0{}", parts.join("\0")).as_bytes())
}
