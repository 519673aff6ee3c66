//! The audit log: who did or read what, when, from where, before and after. Append-only, in the journal.
//!
//! An entry is an application record of kind `audit`. Its key sorts by time, the newest first; beside it are records
//! without a value by object and by who it was, so that either is found without reading everything. Whatever is a
//! member's own (an address, values of a profile) is sealed under that member's key, and gone when the member is erased.
//!
//! What this module must never do: delete or change an entry, or let something go on that could not be written down.

mod entry;
mod error;
mod following;
mod lists;
mod notes;
mod outcome;
mod reading;
mod refusals;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jangbu::{Bank, records::RecordPut};
use serde_json::Value;

use super::members::{Keys, MemberId};
use super::principal::{Principal, Role, Via};
use super::time::Time;
use entry::Circumstances;
pub(crate) use entry::{Entry, Times};
pub(crate) use error::AuditError;
pub(crate) use following::Behind;
use notes::{Note, Notes, Now};
pub(crate) use outcome::Outcome;
pub(crate) use reading::{Found, Query};
pub(crate) use refusals::{KINDS, note_refusals};

/// The most entries with counts that one record holds.
const WRITTEN_AT_ONCE: usize = jangbu::records::MAX_PUTS / 3;
/// How often it is recorded that somebody follows the audit log, which is read all the time.
const FOLLOWING_WITHIN: Duration = Duration::from_secs(60 * 60);

/// Who does something.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    /// The member; `None` for whoever works at the machine itself.
    pub(crate) member: Option<MemberId>,
    /// The role at the time.
    pub(crate) role: Option<Role>,
    /// By what the member was known: `session/<id>`, `token/<id>`, `sign_up`, `sign_in`, `console`.
    pub(crate) via: String,
    /// From where.
    pub(crate) address: Option<IpAddr>,
}

impl Actor {
    /// How a new member is known while signing up.
    pub(crate) const SIGN_UP: &str = "sign_up";
    /// How an operator at the machine is known.
    pub(super) const CONSOLE: &str = "console";

    /// Whoever works at the machine that the bank runs on.
    pub(crate) fn console() -> Actor {
        Actor { member: None, role: None, via: Actor::CONSOLE.into(), address: None }
    }
}

impl Principal {
    /// Returns the caller as the audit log names it.
    pub(crate) fn actor(&self) -> Actor {
        let via = match &self.via {
            Via::Session(id) => format!("session/{id}"),
            Via::Token(id, _) => format!("token/{id}"),
        };
        Actor { member: Some(self.id()), role: Some(self.member.role), via, address: Some(self.address) }
    }
}

/// The audit log. Clones write the same one.
#[derive(Clone, Debug)]
pub(crate) struct Audit {
    bank: Bank,
    keys: Arc<Keys>,
    time: Time,
    notes: Arc<Notes>,
}

impl Audit {
    /// The audit log of a bank.
    pub(crate) fn new(bank: Bank, keys: Arc<Keys>, time: Time) -> Audit {
        Audit { bank, keys, time, notes: Arc::default() }
    }

    /// Writes down a read of somebody's data by staff, before it is answered. The same read by the same caller within a
    /// minute is counted, and written with the count when the minute is over.
    ///
    /// # Errors
    /// As the bank's: what cannot be written down is not answered.
    pub(crate) async fn read(&self, caller: &Principal, object: &str, id: &str) -> Result<(), AuditError> {
        self.read_as(caller, &format!("{object}.read"), (object, id), None, notes::WITHIN).await
    }

    /// The same for who follows the audit log, which is written once an hour.
    ///
    /// # Errors
    /// As [`Audit::read`].
    pub(crate) async fn followed(&self, caller: &Principal) -> Result<(), AuditError> {
        self.read_as(caller, "audit.followed", ("audit", "list"), None, FOLLOWING_WITHIN).await
    }

    /// Writes down a read: what was done, to which thing, and in the caller's own words what was looked for.
    async fn read_as(
        &self,
        caller: &Principal,
        action: &str,
        (object, id): (&str, &str),
        sought: Option<Value>,
        within: Duration,
    ) -> Result<(), AuditError> {
        let (object, id) = (object.to_owned(), id.to_owned());
        let entry = Entry { action: action.into(), object, id, before: None, after: sought, command: None };
        let actor = caller.actor();
        if self.notes.is_repeated(&actor, &entry, self.now()) {
            return Ok(());
        }
        let how = Circumstances { are_own_words: entry.after.is_some(), ..self.circumstances() };
        self.bank.put_records(self.records_of(&actor, entry.clone(), how)?).await?;
        self.notes.begin(&actor, &entry, within, self.now());
        Ok(())
    }

    /// Writes down a change, before it is carried out. A command that was answered before is marked as repeated.
    ///
    /// # Errors
    /// As the bank's: what cannot be written down is not done.
    pub(crate) async fn change(&self, caller: &Principal, entry: Entry) -> Result<(), AuditError> {
        let repeated = match entry.command {
            Some(command) => self.bank.position_of(command).await?.is_some(),
            None => false,
        };
        let how = Circumstances { repeated, ..self.circumstances() };
        self.bank.put_records(self.records_of(&caller.actor(), entry, how)?).await?;
        Ok(())
    }

    /// Writes down what somebody does, before it is carried out.
    ///
    /// # Errors
    /// As the bank's: what cannot be written down is not done.
    pub(crate) async fn write(&self, actor: &Actor, entry: Entry) -> Result<(), AuditError> {
        self.bank.put_records(self.records(actor, entry)?).await?;
        Ok(())
    }

    /// Counts something that was refused, or that comes too often for an entry each: it is written within a minute.
    pub(crate) fn note(&self, actor: &Actor, entry: &Entry, code: Option<&str>, about: Option<String>) {
        self.notes.add(actor, entry, code, about, self.now());
    }

    /// Writes what was counted and whose time is over, or `everything`.
    ///
    /// # Errors
    /// As the bank's: then it is kept for the next time.
    pub(crate) async fn flush(&self, everything: bool) -> Result<(), AuditError> {
        let mut due = self.notes.take(self.now(), everything);
        while !due.is_empty() {
            let rest = due.split_off(due.len().min(WRITTEN_AT_ONCE));
            if let Err(error) = self.write_notes(&due).await {
                due.extend(rest);
                self.notes.put_back(due);
                return Err(error);
            }
            due = rest;
        }
        Ok(())
    }

    async fn write_notes(&self, notes: &[Note]) -> Result<(), AuditError> {
        let mut puts = Vec::new();
        for note in notes {
            let how = Circumstances {
                code: note.code.clone(),
                times: Some(Times { count: note.count, first: note.first, last: note.last }),
                request_id: note.request_id.clone(),
                // The ledger's commands among them were answered before.
                repeated: note.entry.command.is_some(),
                are_own_words: note.actor.member.is_some() && note.entry.after.is_some(),
            };
            puts.extend(self.records_of(&note.actor, note.entry(), how)?);
        }
        self.bank.put_records(puts).await?;
        Ok(())
    }

    /// The records of an entry, to be written together with the records that it is about.
    ///
    /// # Errors
    /// 503 when something in it cannot be sealed.
    pub(crate) fn records(&self, actor: &Actor, entry: Entry) -> Result<Vec<RecordPut>, AuditError> {
        self.records_of(actor, entry, self.circumstances())
    }

    fn records_of(&self, actor: &Actor, entry: Entry, how: Circumstances) -> Result<Vec<RecordPut>, AuditError> {
        Ok(entry::records(&self.keys, actor, entry, how, self.time.now())?)
    }

    fn circumstances(&self) -> Circumstances {
        Circumstances { request_id: notes::request_id(), ..Circumstances::default() }
    }

    fn now(&self) -> Now {
        Now { at: self.time.now(), uptime: self.time.uptime() }
    }
}
