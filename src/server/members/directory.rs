//! The directory in memory: the contents of the members' records, by id and by username.

use std::collections::{BTreeMap, HashMap};

use jangbu::Timestamp;

use super::{Member, MemberId};

/// All members; erased ones have no names.
#[derive(Debug, Default)]
pub(super) struct Directory {
    members: HashMap<MemberId, Member>,
    by_name: HashMap<String, MemberId>,
    by_joining: BTreeMap<(Timestamp, MemberId), MemberId>,
}

impl Directory {
    /// Adds a member's newest record. An older one that arrives late has no effect.
    pub(super) fn set(&mut self, member: Member) {
        if let Some(known) = self.members.get(&member.id) {
            if known.version > member.version {
                return;
            }
            self.by_name.remove(&known.username.to_lowercase());
        }
        if !member.erased {
            self.by_name.insert(member.username.to_lowercase(), member.id);
        }
        self.by_joining.insert((member.joined_at, member.id), member.id);
        self.members.insert(member.id, member);
    }

    /// Returns the member with that id.
    pub(super) fn find(&self, id: MemberId) -> Option<&Member> {
        self.members.get(&id)
    }

    /// Returns the member with that username, regardless of case.
    pub(super) fn find_by_username(&self, username: &str) -> Option<&Member> {
        self.members.get(self.by_name.get(&username.to_lowercase())?)
    }

    /// Returns all members, in the order in which they joined.
    pub(super) fn all(&self) -> impl Iterator<Item = &Member> {
        self.by_joining.values().filter_map(|id| self.members.get(id))
    }
}
