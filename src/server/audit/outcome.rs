//! What became of what an entry says: it was done, it was refused, or it had been answered before.
//!
//! An entry is written before its command is carried out, and never changed. So the outcome is looked up where the entry is
//! read, in the ledger, which has the first answer to every command: the two cannot contradict each other.

use jangbu::{BankError, CommandId, events::EventKind};

use super::entry::Kept;
use super::{Audit, AuditError};

/// What became of it. `None` when the ledger's record is archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
    /// The command had been answered before, and nothing more was done.
    Repeated,
    /// The ledger has nothing under the command: it was turned away before, or is not decided yet.
    NotDone,
}

impl Outcome {
    /// The name, as clients read it.
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
    /// What became of an entry, and the code of the refusal.
    pub(super) async fn outcome(&self, kept: &Kept) -> Result<(Option<Outcome>, Option<String>), AuditError> {
        if let Some(code) = &kept.code {
            return Ok((Some(Outcome::Refused), Some(code.clone())));
        }
        let Some(command) = kept.command else { return Ok((Some(Outcome::Done), None)) };
        let (found, code) = self.outcome_of(command).await?;
        Ok((if kept.repeated { Some(Outcome::Repeated) } else { found }, code))
    }

    async fn outcome_of(&self, command: CommandId) -> Result<(Option<Outcome>, Option<String>), AuditError> {
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
