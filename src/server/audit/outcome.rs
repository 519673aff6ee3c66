//! The outcome of an entry: done, refused, or answered before.
//!
//! An entry is written before its command is carried out, and never changed. The outcome is therefore looked up in the
//! ledger when the entry is read. The ledger has the first answer to every command, so the two cannot contradict each
//! other.

use jangbu::{BankError, CommandId, EventKind};

use super::Audit;
use super::entry::StoredEntry;
use crate::server::http::Problem;

/// The outcome of an entry. `None` if the ledger's record is archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Refused,
    /// The command had been answered before; nothing more was done.
    Repeated,
    /// The ledger has no record of the command: it was rejected earlier, or is not decided yet.
    NotDone,
}

impl Outcome {
    /// Returns the name for clients.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused => "refused",
            Outcome::Repeated => "repeated",
            Outcome::NotDone => "not_done",
        }
    }
}

impl Audit {
    /// Returns the outcome of an entry, and the code of a refusal.
    pub(super) async fn outcome(&self, kept: &StoredEntry) -> Result<(Option<Outcome>, Option<String>), Problem> {
        if let Some(code) = &kept.code {
            return Ok((Some(Outcome::Refused), Some(code.clone())));
        }
        let Some(command) = kept.command else { return Ok((Some(Outcome::Done), None)) };
        let (found, code) = self.outcome_of(command).await?;
        Ok((if kept.repeated { Some(Outcome::Repeated) } else { found }, code))
    }

    async fn outcome_of(&self, command: CommandId) -> Result<(Option<Outcome>, Option<String>), Problem> {
        let Some(position) = self.bank.position_of(command).await? else { return Ok((Some(Outcome::NotDone), None)) };
        let page = match self.bank.events(position, 1).await {
            Ok(page) => page,
            Err(BankError::Archived { .. }) => return Ok((None, None)),
            Err(other) => return Err(other.into()),
        };
        Ok(match page.data.into_iter().next().map(|event| event.what) {
            Some(EventKind::Refused { refusal, .. }) => (Some(Outcome::Refused), Some(refusal.code().to_owned())),
            _ => (Some(Outcome::Done), None),
        })
    }
}
