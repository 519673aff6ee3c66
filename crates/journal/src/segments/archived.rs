//! The archived beginning of a journal: only the sidecars of these segments and the state that they lead to remain.

use std::path::Path;

use super::super::JournalError;
use super::super::base;
use super::super::disk::Disk;
use super::super::format::base::Base;
use super::super::format::header::SegmentHeader;
use super::super::format::names;
use super::listing::{Files, check_link};
use super::sidecars::{self, Sidecar};
use jangbu_ledger::{Position, Timestamp};

/// What a journal still has of archived segments.
#[derive(Debug, Default)]
pub(crate) struct Archived {
    /// The sidecars of these segments, from the first on.
    pub sidecars: Vec<Sidecar>,
    /// The newest state. Segments that it covers may still exist.
    pub base: Option<Base>,
}

impl Archived {
    /// Loads what there is, and checks that the segments continue from it. `headers` are those of the segments, in
    /// order.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] if something is missing, damaged or does not belong together. Unlike the sidecar of an
    /// existing segment, none of it can be rebuilt.
    pub(crate) fn load(
        disk: &dyn Disk,
        dir: &Path,
        files: &Files,
        headers: &[SegmentHeader],
    ) -> Result<Archived, JournalError> {
        let Some(first) = headers.first() else { return Ok(Archived::default()) };
        let mut sidecars: Vec<Sidecar> = Vec::new();
        let (mut last, mut chain) = (Position::START, SegmentHeader::first_chain(first.journal));
        for number in 1..first.number {
            let path = dir.join(names::index(number));
            let damaged = |what: &str| JournalError::damaged_after(last, &path, 0, what);
            let loaded = if files.indexes.contains(&number) { sidecars::load(disk, dir, number)? } else { None };
            let sidecar = loaded.ok_or_else(|| {
                damaged("the sidecar of an archived segment is missing or damaged; the archive has a copy of it")
            })?;
            let facts = &sidecar.summary.facts;
            if (facts.journal, facts.number) != (first.journal, number) {
                return Err(damaged("the sidecar does not belong to the archived segment"));
            }
            if facts.first != last.next() || facts.chains.0 != chain {
                return Err(damaged("the sidecar does not follow the previous one"));
            }
            (last, chain) = (facts.last(), facts.chains.1);
            sidecars.push(sidecar);
        }
        check_link(dir, first, last, &chain)?;
        let Some(number) = files.states.last().copied() else { return Ok(Archived { sidecars, base: None }) };
        let base = base::read_head(disk, dir, number)?;
        let next = headers.iter().find(|header| header.number == number.saturating_add(1));
        let follows = next.is_some_and(|next| {
            (next.journal, next.first, next.chain) == (base.journal, base.position.next(), base.chain)
        });
        if !follows {
            let what = "the state is not the one that the next segment follows";
            return Err(JournalError::damaged(&dir.join(names::state(number)), 0, what));
        }
        Ok(Archived { sidecars, base: Some(base) })
    }

    /// Returns the position of the first record that is not archived.
    pub(crate) fn first(&self) -> Position {
        self.sidecars.last().map_or(Position::START, |sidecar| sidecar.summary.facts.last()).next()
    }

    /// Returns when the last archived record was recorded; `None` if none is archived.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.sidecars.iter().rev().find_map(|sidecar| sidecar.summary.facts.last_recorded_at)
    }
}
