//! Admission: the way of commands from a caller's thread to the supervisor. They are counted, then handed over in
//! parts.
//!
//! A closing bank waits until everything that was counted is answered. A caller first counts its commands and then
//! checks whether the bank is closing; the bank does the two in the opposite order. So at least one of them sees the
//! other, and no command is handed over that the closing bank does not wait for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use actix::Addr;

use super::{Bank, Inner};
use crate::command::{Command, InvalidCommand, MAX_BATCH};
use crate::error::{BankError, Error};
use crate::fuse::Fuse;
use crate::ledger::ContentHash;
use crate::supervisor::{Failed, ReplyTo, Submit, SubmitMore, Supervisor, TakenBack};

/// The number of commands of a batch that are handed to the supervisor at a time. It decides the first ones while the
/// last are being hashed.
const COMMANDS_PER_PART: usize = 1_024;

/// The same for the small batches of a simulation, so that they have several parts as well.
#[cfg(any(test, feature = "testing"))]
const SIMULATED_PER_PART: usize = 2;
/// Batches up to this size are small.
#[cfg(any(test, feature = "testing"))]
const SMALL_BATCH: usize = 64;

impl Bank {
    /// Normalizes and checks commands, counts them and hands them to the supervisor.
    pub(super) fn send(&self, mut commands: Vec<Command>, reply: ReplyTo) -> Result<(), Error> {
        self.inner.check_writable()?;
        let most = MAX_BATCH.min(self.inner.max_in_flight);
        if commands.len() > most {
            return Err(InvalidCommand::BatchTooLarge { most }.into());
        }
        for command in &mut commands {
            command.normalize();
            command.check()?;
        }
        self.inner.admit(commands.len())?;
        let inner = &self.inner;
        #[cfg(any(test, feature = "testing"))]
        if !inner.closing.has_threads {
            // A caller's thread may be interrupted between any two parts.
            let per_part = if commands.len() > SMALL_BATCH { COMMANDS_PER_PART } else { SIMULATED_PER_PART };
            let mut parts = Parts::new(inner, commands, reply, per_part);
            jangbu_runtime::tasks::start_caller(move || parts.hand_over_next());
            return Ok(());
        }
        let mut parts = Parts::new(inner, commands, reply, COMMANDS_PER_PART);
        while parts.hand_over_next() {}
        Ok(())
    }
}

impl Inner {
    /// Counts commands as in flight, or refuses them.
    fn admit(&self, count: usize) -> Result<(), BankError> {
        let before = self.admitted.fetch_add(count, Ordering::SeqCst);
        let refused = if before.saturating_add(count) > self.max_in_flight {
            BankError::Overloaded
        } else if self.closed.load(Ordering::SeqCst) {
            BankError::Closed
        } else {
            return Ok(());
        };
        self.admitted.fetch_sub(count, Ordering::SeqCst);
        if self.closed.load(Ordering::SeqCst) {
            // The supervisor may have seen them and be waiting for them to end.
            self.supervisor.do_send(TakenBack);
        }
        Err(refused)
    }
}

/// A batch on its way to the supervisor. It is hashed here, on the caller's thread, because the supervisor's thread is
/// the bottleneck.
struct Parts {
    supervisor: Addr<Supervisor>,
    fuse: Arc<Fuse>,
    rest: std::vec::IntoIter<Command>,
    size: usize,
    per_part: usize,
    /// The number of commands that have been handed over.
    handed_over: usize,
    /// Sent with the first part.
    reply: Option<ReplyTo>,
    /// The supervisor's id of the batch, if it has several parts.
    batch: Option<Arc<AtomicU32>>,
}

impl Parts {
    fn new(inner: &Inner, commands: Vec<Command>, reply: ReplyTo, per_part: usize) -> Parts {
        let size = commands.len();
        Parts {
            supervisor: inner.supervisor.clone(),
            fuse: Arc::clone(&inner.fuse),
            rest: commands.into_iter(),
            size,
            per_part,
            handed_over: 0,
            reply: Some(reply),
            batch: (per_part < size).then(Arc::default),
        }
    }

    /// Hands over the next part. Returns whether there is another one.
    fn hand_over_next(&mut self) -> bool {
        let hashed = |command: Command| {
            let content = command.content();
            (command, content)
        };
        let commands: Vec<(Command, ContentHash)> = self.rest.by_ref().take(self.per_part).map(hashed).collect();
        let first = self.handed_over;
        self.handed_over = first.saturating_add(commands.len());
        match (self.reply.take(), &self.batch) {
            (Some(reply), batch) => {
                self.supervisor.do_send(Submit { commands, size: self.size, reply, batch: batch.clone() });
            }
            (None, Some(batch)) => self.supervisor.do_send(SubmitMore { commands, first, batch: Arc::clone(batch) }),
            (None, None) => {}
        }
        self.rest.len() > 0
    }
}

impl Drop for Parts {
    /// If the caller panics half-way, the batch never becomes complete.
    fn drop(&mut self) {
        if self.handed_over < self.size && std::thread::panicking() {
            let reason = "a caller panicked while it handed a batch over";
            self.fuse.blow(reason);
            self.supervisor.do_send(Failed(reason.to_owned()));
        }
    }
}
