//! The audit log: who did or read what, when, from where, before and after. Append-only, in the journal.
//!
//! An entry is an application record of kind `audit`. Its key sorts by time, the newest first; beside it are records
//! without a value by object and by who it was, so that either is found without reading everything. Whatever is a
//! member's own (an address, values of a profile) is sealed under that member's key, and gone when the member is erased.
//!
//! What this module must never do: delete or change an entry, or let something go on that could not be written down.

mod entry;
mod reading;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jangbu::{Bank, RecordPut};
use parking_lot::Mutex;

use super::http::Problem;
use super::members::{Keys, MemberId};
use super::principal::{Principal, Role, Via};
use super::time::Time;
pub(crate) use entry::Entry;
pub(crate) use reading::{Found, Query};

/// The same read by the same caller is written once within this time.
const READS_WITHIN: Duration = Duration::from_secs(60);
/// The most reads that are remembered for that.
const MOST_READS: usize = 10_000;

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
    /// By what whoever signs up is known.
    pub(crate) const SIGN_UP: &str = "sign_up";

    /// Whoever works at the machine that the bank runs on.
    pub(crate) fn console() -> Actor {
        Actor { member: None, role: None, via: "console".into(), address: None }
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

/// The audit log. Clones write the same one.
#[derive(Clone, Debug)]
pub(crate) struct Audit {
    bank: Bank,
    keys: Arc<Keys>,
    time: Time,
    reads: Arc<Mutex<Reads>>,
}

/// When each read was last written down.
type Reads = HashMap<(MemberId, String, String), Duration>;

impl Audit {
    /// The audit log of a bank.
    pub(crate) fn new(bank: Bank, keys: Arc<Keys>, time: Time) -> Audit {
        Audit { bank, keys, time, reads: Arc::default() }
    }

    /// Writes down a read of somebody's data by staff, before it is answered. The same read by the same caller within a
    /// minute is written once.
    ///
    /// # Errors
    /// As the bank's: what cannot be written down is not answered.
    pub(crate) async fn read(&self, caller: &Principal, object: &str, id: &str) -> Result<(), Problem> {
        let now = self.time.uptime();
        let read = (caller.id(), object.to_owned(), id.to_owned());
        if self.reads.lock().get(&read).is_some_and(|last| now < last.saturating_add(READS_WITHIN)) {
            return Ok(());
        }
        let entry = Entry {
            action: format!("{object}.read"),
            object: object.into(),
            id: id.into(),
            before: None,
            after: None,
            command: None,
        };
        self.change(caller, entry).await?;
        let mut reads = self.reads.lock();
        if reads.len() >= MOST_READS {
            reads.retain(|_, last| now < last.saturating_add(READS_WITHIN));
        }
        // Forgetting one only means that it is written down once more.
        if reads.len() >= MOST_READS {
            reads.clear();
        }
        reads.insert(read, now);
        Ok(())
    }

    /// Writes down a change, before it is carried out.
    ///
    /// # Errors
    /// As the bank's: what cannot be written down is not done.
    pub(crate) async fn change(&self, caller: &Principal, entry: Entry) -> Result<(), Problem> {
        self.write(&caller.into(), entry).await
    }

    /// Writes down what somebody does, before it is carried out.
    ///
    /// # Errors
    /// As the bank's: what cannot be written down is not done.
    pub(crate) async fn write(&self, actor: &Actor, entry: Entry) -> Result<(), Problem> {
        self.bank.put_records(self.records(actor, entry)?).await?;
        Ok(())
    }

    /// The records of an entry, to be written together with the records that it is about.
    ///
    /// # Errors
    /// 503 when something in it cannot be sealed.
    pub(crate) fn records(&self, actor: &Actor, entry: Entry) -> Result<Vec<RecordPut>, Problem> {
        Ok(entry::records(&self.keys, actor, entry, self.time.now())?)
    }
}
