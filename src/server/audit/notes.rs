//! Events too frequent for an entry each: rejections and repeated reads. Equal events by the same caller are counted,
//! and written as one entry when their window is over.
//!
//! Anybody can cause rejections without limit, and no entry may be missing, so the notes are bounded in memory and in
//! the journal. Events of one caller beyond [`MAX_REFUSALS_PER_CALLER`] entries per window are counted in one more
//! entry. Callers beyond [`MAX_REFUSALS`] are counted together, as `many`, so nobody can hide others in a flood.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use jangbu::Timestamp;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Actor, Entry};
use crate::server::http::REQUEST_ID;
use crate::server::members::MemberId;

/// The time over which equal events are counted into one entry.
pub(super) const WINDOW: Duration = Duration::from_secs(60);
/// The largest number of entries about refusals at a time. At about 1 KB each, the journal grows by at most 0.2 MB per
/// minute.
const MAX_REFUSALS: usize = 200;
/// The largest number of them about one caller: a member, or an unknown caller's network.
const MAX_REFUSALS_PER_CALLER: usize = 40;
/// The largest number of remembered reads. Any other read is written again.
const MAX_READS: usize = 10_000;
/// The largest number of refused objects that one entry names.
const MAX_NAMED: usize = 5;
/// The largest number of entries that wait while the bank cannot write. By then the bank has stopped, and the log has
/// them.
const MAX_DUE: usize = 2_000;

/// What is counted into one entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    action: String,
    object: String,
    id: String,
    code: Option<String>,
    after: Option<String>,
    who: Who,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Who {
    Member(MemberId),
    /// An unknown caller, represented by a network.
    Network(Option<IpAddr>),
    /// All callers beyond the limit.
    Many,
}

/// An event that happened once or more often.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) actor: Actor,
    pub(super) entry: Entry,
    /// The refusal's code.
    pub(super) code: Option<String>,
    /// The id of the last request.
    pub(super) request_id: Option<String>,
    /// How often it happened without an entry so far.
    pub(super) count: u64,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    /// When counting began.
    begun: Duration,
    within: Duration,
    is_refusal: bool,
    /// The objects that it was about.
    named: Vec<String>,
}

/// The events being counted.
#[derive(Debug, Default)]
pub(super) struct Notes {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    counted: HashMap<Key, Note>,
    due: Vec<Note>,
    /// The number of counted refusals, by caller.
    refusals: HashMap<Who, usize>,
}

impl State {
    /// Recounts the refusals after some were taken.
    fn count_refusals(&mut self) {
        self.refusals.clear();
        for key in self.counted.iter().filter(|(_, note)| note.is_refusal).map(|(key, _)| key) {
            let of_one = self.refusals.entry(key.who.clone()).or_default();
            *of_one = of_one.saturating_add(1);
        }
    }
}

/// A moment, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) at: Timestamp,
    pub(super) uptime: Duration,
}

impl Notes {
    /// Counts a read that was written within its window already. Returns `false` for any other read, which must be
    /// written.
    pub(super) fn is_repeated(&self, actor: &Actor, entry: &Entry, now: Now) -> bool {
        let mut state = self.state.lock();
        let Some(note) = state.counted.get_mut(&Key::of(actor, entry, None)) else { return false };
        let is_within = now.uptime < note.begun.saturating_add(note.within);
        if is_within {
            note.again(now);
        }
        is_within
    }

    /// Starts counting repetitions of a read that was written.
    pub(super) fn begin(&self, actor: &Actor, entry: &Entry, within: Duration, now: Now) {
        let mut state = self.state.lock();
        let key = Key::of(actor, entry, None);
        let before = state.counted.remove(&key);
        state.due.extend(before.filter(|before| before.count > 0));
        if state.counted.len() < MAX_READS {
            let note = Note { count: 0, within, ..Note::of(actor, entry, None, now) };
            state.counted.insert(key, note);
        }
    }

    /// Counts a refusal or another event that is not written at once. `about` is its object.
    pub(super) fn add(&self, actor: &Actor, entry: &Entry, code: Option<&str>, about: Option<String>, now: Now) {
        let mut state = self.state.lock();
        let state = &mut *state;
        let mut key = Key::of(actor, entry, code);
        let mut note = Note { is_refusal: true, ..Note::of(actor, entry, code, now) };
        if !state.counted.contains_key(&key) {
            let others = Entry { object: "request".into(), id: "many".into(), after: None, ..entry.clone() };
            let of_one = state.refusals.get(&key.who).copied().unwrap_or_default();
            if state.refusals.values().sum::<usize>() >= MAX_REFUSALS {
                let many = Actor { member: None, role: None, via: "many".into(), address: None };
                key = Key { who: Who::Many, ..Key::of(&many, &others, code) };
                note = Note { actor: many, entry: others, ..note };
            } else if of_one >= MAX_REFUSALS_PER_CALLER {
                key = Key::of(actor, &others, code);
                note = Note { entry: others, ..note };
            }
        }
        let who = key.who.clone();
        let note = match state.counted.entry(key) {
            Slot::Occupied(known) => {
                let known = known.into_mut();
                known.again(now);
                known.actor.address = note.actor.address;
                known
            }
            Slot::Vacant(new) => {
                let of_one = state.refusals.entry(who).or_default();
                *of_one = of_one.saturating_add(1);
                new.insert(note)
            }
        };
        if let Some(about) = about.filter(|about| note.named.len() < MAX_NAMED && !note.named.contains(about)) {
            note.named.push(about);
        }
    }

    /// Takes the notes to be written: those whose window is over, or all of them.
    pub(super) fn take(&self, now: Now, everything: bool) -> Vec<Note> {
        let mut state = self.state.lock();
        let is_over = |note: &Note| everything || now.uptime >= note.begun.saturating_add(note.within);
        let over: Vec<Note> = state.counted.extract_if(|_, note| is_over(note)).map(|(_, note)| note).collect();
        state.count_refusals();
        let mut due = std::mem::take(&mut state.due);
        due.extend(over.into_iter().filter(|note| note.count > 0));
        due
    }

    /// Takes back notes that could not be written.
    pub(super) fn put_back(&self, notes: Vec<Note>) {
        let mut state = self.state.lock();
        state.due.extend(notes);
        if state.due.len() > MAX_DUE {
            let lost = state.due.split_off(MAX_DUE);
            tracing::error!(entries = lost.len(), "cannot write the audit log; entries are dropped");
        }
    }
}

impl Key {
    fn of(actor: &Actor, entry: &Entry, code: Option<&str>) -> Key {
        Key {
            action: entry.action.clone(),
            object: entry.object.clone(),
            id: entry.id.clone(),
            code: code.map(str::to_owned),
            after: entry.after.as_ref().map(Value::to_string),
            who: actor.member.map_or_else(|| Who::Network(actor.address.map(network)), Who::Member),
        }
    }
}

impl Note {
    fn of(actor: &Actor, entry: &Entry, code: Option<&str>, now: Now) -> Note {
        Note {
            actor: actor.clone(),
            entry: entry.clone(),
            code: code.map(str::to_owned),
            request_id: request_id(),
            count: 1,
            first: now.at,
            last: now.at,
            begun: now.uptime,
            within: WINDOW,
            is_refusal: false,
            named: Vec::new(),
        }
    }

    fn again(&mut self, now: Now) {
        if self.count == 0 {
            self.first = now.at;
        }
        self.count = self.count.saturating_add(1);
        self.last = now.at;
        self.request_id = request_id();
    }

    /// Returns the entry to be written, with the objects that it was about.
    pub(super) fn entry(&self) -> Entry {
        let mut entry = self.entry.clone();
        if !self.named.is_empty() {
            let after = entry.after.get_or_insert_with(|| json!({}));
            if let Some(after) = after.as_object_mut() {
                after.insert("of".into(), json!(self.named));
            }
        }
        entry
    }
}

pub(super) fn request_id() -> Option<String> {
    REQUEST_ID.try_with(|id| id.0.clone()).ok()
}

/// Returns the network that stands for a caller: a customer with IPv6 has 64 bits of addresses.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(address: [u8; 4]) -> Actor {
        Actor { member: None, role: None, via: "nobody".into(), address: Some(address.into()) }
    }

    fn entry() -> Entry {
        let (action, object, id) = ("request.refused".into(), "request".into(), "POST /session".into());
        Entry { action, object, id, before: None, after: None, command: None }
    }

    fn at(seconds: u64) -> Now {
        let ns = i64::try_from(seconds).unwrap() * 1_000_000_000;
        Now { at: Timestamp::from_ns(ns), uptime: Duration::from_secs(seconds) }
    }

    #[test]
    fn repeated_events_are_one_note_with_count_and_times() {
        let notes = Notes::default();
        for (second, address) in [(1, [192, 0, 2, 1]), (2, [192, 0, 2, 2]), (5, [192, 0, 2, 1])] {
            notes.add(&actor(address), &entry(), Some("rate_limited"), Some(format!("of {second}")), at(second));
        }
        assert!(notes.take(at(60), false).is_empty(), "their window is not over");
        let mut taken = notes.take(at(62), false);
        taken.sort_by_key(|note| note.first);
        let seen: Vec<_> = taken.iter().map(|note| (note.count, note.first, note.last)).collect();
        assert_eq!(seen, [(2, at(1).at, at(5).at), (1, at(2).at, at(2).at)]);
        assert_eq!(taken[0].entry().after, Some(json!({ "of": ["of 1", "of 5"] })));
        assert!(notes.take(at(1_000), true).is_empty());
    }

    #[test]
    fn one_caller_is_limited_to_a_share() {
        let notes = Notes::default();
        for number in 0..1_000 {
            let one = Entry { id: format!("GET /{number}"), ..entry() };
            notes.add(&actor([192, 0, 2, 1]), &one, Some("token_invalid"), None, at(1));
        }
        notes.add(&actor([192, 0, 2, 2]), &entry(), Some("rate_limited"), None, at(1));
        let taken = notes.take(at(100), false);
        let of = |host: u8| taken.iter().filter(move |note| note.actor.address == actor([192, 0, 2, host]).address);
        assert_eq!((of(1).count(), of(1).map(|note| note.count).sum::<u64>()), (MAX_REFUSALS_PER_CALLER + 1, 1_000));
        assert_eq!(of(1).filter(|note| note.entry.id == "many").map(|note| note.count).sum::<u64>(), 960);
        assert_eq!(of(2).map(|note| note.entry.id.as_str()).collect::<Vec<_>>(), ["POST /session"]);
    }

    #[test]
    fn a_flood_is_bounded_and_counted_in_full() {
        let notes = Notes::default();
        for caller in 0..5_000u16 {
            let [high, low] = caller.to_be_bytes();
            notes.add(&actor([10, 0, high, low]), &entry(), Some("rate_limited"), Some(caller.to_string()), at(1));
        }
        let taken = notes.take(at(100), false);
        assert_eq!(taken.len(), MAX_REFUSALS + 1);
        assert_eq!(taken.iter().map(|note| note.count).sum::<u64>(), 5_000);
        let many = taken.iter().find(|note| note.actor.via == "many").unwrap();
        assert_eq!((many.count, many.named.len()), (5_000 - MAX_REFUSALS as u64, MAX_NAMED));
        // Notes that cannot be written are bounded, too.
        (0..50).for_each(|_| notes.put_back(taken.clone()));
        assert_eq!(notes.take(at(100), false).len(), MAX_DUE);
    }

    #[test]
    fn a_read_is_counted_until_its_window_is_over() {
        let (notes, who) = (Notes::default(), actor([192, 0, 2, 1]));
        assert!(!notes.is_repeated(&who, &entry(), at(1)));
        notes.begin(&who, &entry(), WINDOW, at(1));
        assert!(notes.is_repeated(&who, &entry(), at(2)) && notes.is_repeated(&who, &entry(), at(60)));
        assert!(!notes.is_repeated(&who, &entry(), at(61)));
        notes.begin(&who, &entry(), WINDOW, at(61));
        let taken = notes.take(at(62), false);
        assert_eq!((taken.len(), taken[0].count, taken[0].first, taken[0].last), (1, 2, at(2).at, at(60).at));
        assert!(notes.take(at(200), false).is_empty(), "a read without repetition is in the log already");
    }
}
