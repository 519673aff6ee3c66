//! The directory in memory: what the records of members say, found by id and by name.

use std::collections::{BTreeMap, HashMap};

use jangbu::Timestamp;

use super::{Member, MemberId};

/// Every member, the erased ones without names.
#[derive(Debug, Default)]
pub(super) struct Directory {
    members: HashMap<MemberId, Member>,
    by_name: HashMap<String, MemberId>,
    by_joining: BTreeMap<(Timestamp, MemberId), MemberId>,
}

impl Directory {
    /// Takes a member's newest record in; an older one that comes late changes nothing.
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

    /// The member of that id.
    pub(super) fn find(&self, id: MemberId) -> Option<&Member> {
        self.members.get(&id)
    }

    /// The member of that username, without regard to case.
    pub(super) fn find_by_username(&self, username: &str) -> Option<&Member> {
        self.members.get(self.by_name.get(&username.to_lowercase())?)
    }

    /// Every member, in the order in which they joined.
    pub(super) fn all(&self) -> impl Iterator<Item = &Member> {
        self.by_joining.values().filter_map(|id| self.members.get(id))
    }
}
