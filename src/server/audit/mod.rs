//! The audit log: who did or read what, when, from where, with the values before and after. Append-only, in the
//! journal.
//!
//! An entry is an application record of kind `audit`. Its key sorts by time, newest first. Beside it are index records
//! without a value, by object and by member, so that either can be found without reading everything. A member's
//! personal data (an address, values of a profile) is sealed under that member's key, and gone when the member is
//! erased.
//!
//! This module must never delete or change an entry, or let an action proceed that could not be recorded.

mod entry;
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

use jangbu::{Bank, RecordPut};
use serde_json::Value;

use super::http::Problem;
use super::members::{Keys, MemberId};
use super::principal::{Principal, Role, Via};
use super::time::Time;
use entry::Circumstances;
pub(crate) use entry::{Entry, Times};
pub(crate) use following::After;
use notes::{Note, Notes, Now};
pub(crate) use outcome::Outcome;
pub(crate) use reading::{Found, Query};
pub(crate) use refusals::{KINDS, note_refusals};

/// The largest number of counted entries written in one record.
const MAX_NOTES_PER_RECORD: usize = jangbu::MAX_PUTS / 3;
/// How often it is recorded that somebody follows the audit log, because a follower reads it all the time.
const FOLLOWING_WINDOW: Duration = Duration::from_secs(60 * 60);

/// Who does something.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    /// The member; `None` for an operator at the machine.
    pub(crate) member: Option<MemberId>,
    /// The member's role at the time.
    pub(crate) role: Option<Role>,
    /// How the member was authenticated: `session/<id>`, `token/<id>`, `sign_up`, `sign_in`, `console`.
    pub(crate) via: String,
    /// The client's address.
    pub(crate) address: Option<IpAddr>,
}

impl Actor {
    /// The `via` of a new member who is signing up.
    pub(crate) const SIGN_UP: &str = "sign_up";
    /// The `via` of an operator at the machine.
    pub(super) const CONSOLE: &str = "console";

    /// Returns the operator at the machine.
    pub(crate) fn console() -> Actor {
        Actor { member: None, role: None, via: Actor::CONSOLE.into(), address: None }
    }
}

impl From<&Principal> for Actor {
    fn from(caller: &Principal) -> Actor {
        let via = match &caller.via {
            Via::Session(id) => format!("session/{id}"),
            Via::Token(id, _) => format!("token/{id}"),
        };
        Actor { member: Some(caller.id()), role: Some(caller.member.role), via, address: Some(caller.address) }
    }
}

/// The audit log. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Audit {
    bank: Bank,
    keys: Arc<Keys>,
    time: Time,
    notes: Arc<Notes>,
}

impl Audit {
    /// Creates the audit log of a bank.
    pub(crate) fn new(bank: Bank, keys: Arc<Keys>, time: Time) -> Audit {
        Audit { bank, keys, time, notes: Arc::default() }
    }

    /// Records that staff read somebody's data, before the data is sent. Repetitions by the same caller within a minute
    /// are counted, and written with their count when the minute is over.
    ///
    /// # Errors
    /// Those of the bank: a read that cannot be recorded is not answered.
    pub(crate) async fn read(&self, caller: &Principal, object: &str, id: &str) -> Result<(), Problem> {
        self.read_as(caller, &format!("{object}.read"), (object, id), None, notes::WINDOW).await
    }

    /// Records that somebody follows the audit log, at most once an hour.
    ///
    /// # Errors
    /// See [`Audit::read`].
    pub(crate) async fn followed(&self, caller: &Principal) -> Result<(), Problem> {
        self.read_as(caller, "audit.followed", ("audit", "list"), None, FOLLOWING_WINDOW).await
    }

    /// Records a read: the action, the object and, in the caller's own words, the search.
    async fn read_as(
        &self,
        caller: &Principal,
        action: &str,
        (object, id): (&str, &str),
        search: Option<Value>,
        within: Duration,
    ) -> Result<(), Problem> {
        let (object, id) = (object.to_owned(), id.to_owned());
        let entry = Entry { action: action.into(), object, id, before: None, after: search, command: None };
        let actor = caller.into();
        if self.notes.is_repeated(&actor, &entry, self.now()) {
            return Ok(());
        }
        let how = Circumstances { are_own_words: entry.after.is_some(), ..self.circumstances() };
        self.bank.put_records(self.records_of(&actor, entry.clone(), how)?).await?;
        self.notes.begin(&actor, &entry, within, self.now());
        Ok(())
    }

    /// Records a change before it is carried out. A command that was answered before is marked as repeated.
    ///
    /// # Errors
    /// Those of the bank: a change that cannot be recorded is not made.
    pub(crate) async fn change(&self, caller: &Principal, entry: Entry) -> Result<(), Problem> {
        let repeated = match entry.command {
            Some(command) => self.bank.position_of(command).await?.is_some(),
            None => false,
        };
        let how = Circumstances { repeated, ..self.circumstances() };
        self.bank.put_records(self.records_of(&caller.into(), entry, how)?).await?;
        Ok(())
    }

    /// Records an action before it is carried out.
    ///
    /// # Errors
    /// Those of the bank: an action that cannot be recorded is not carried out.
    pub(crate) async fn write(&self, actor: &Actor, entry: Entry) -> Result<(), Problem> {
        self.bank.put_records(self.records(actor, entry)?).await?;
        Ok(())
    }

    /// Counts a refusal, or an event too frequent for an entry each. It is written within a minute.
    pub(crate) fn note(&self, actor: &Actor, entry: &Entry, code: Option<&str>, about: Option<String>) {
        self.notes.add(actor, entry, code, about, self.now());
    }

    /// Writes counted entries whose window is over, or `everything`.
    ///
    /// # Errors
    /// Those of the bank. The entries are then kept for the next attempt.
    pub(crate) async fn flush(&self, everything: bool) -> Result<(), Problem> {
        let mut due = self.notes.take(self.now(), everything);
        while !due.is_empty() {
            let rest = due.split_off(due.len().min(MAX_NOTES_PER_RECORD));
            if let Err(problem) = self.write_notes(&due).await {
                due.extend(rest);
                self.notes.put_back(due);
                return Err(problem);
            }
            due = rest;
        }
        Ok(())
    }

    async fn write_notes(&self, notes: &[Note]) -> Result<(), Problem> {
        let mut puts = Vec::new();
        for note in notes {
            let how = Circumstances {
                code: note.code.clone(),
                times: Some(Times { count: note.count, first: note.first, last: note.last }),
                request_id: note.request_id.clone(),
                // The ledger's commands among them are repetitions.
                repeated: note.entry.command.is_some(),
                are_own_words: note.actor.member.is_some() && note.entry.after.is_some(),
            };
            puts.extend(self.records_of(&note.actor, note.entry(), how)?);
        }
        self.bank.put_records(puts).await?;
        Ok(())
    }

    /// Returns the records of an entry, to be written together with the records that it is about.
    ///
    /// # Errors
    /// 503 if a part of it cannot be sealed.
    pub(crate) fn records(&self, actor: &Actor, entry: Entry) -> Result<Vec<RecordPut>, Problem> {
        self.records_of(actor, entry, self.circumstances())
    }

    fn records_of(&self, actor: &Actor, entry: Entry, how: Circumstances) -> Result<Vec<RecordPut>, Problem> {
        Ok(entry::records(&self.keys, actor, entry, how, self.time.now())?)
    }

    fn circumstances(&self) -> Circumstances {
        Circumstances { request_id: notes::request_id(), ..Circumstances::default() }
    }

    fn now(&self) -> Now {
        Now { at: self.time.now(), uptime: self.time.uptime() }
    }
}
