//! What happens too often for an entry each: refusals, repeated reads. The same by the same caller is counted, and written
//! as one entry when its time is over.
//!
//! Anybody can be refused as often as they like, and no entry may be missing. So what is kept is bounded in memory and in the
//! journal: what one caller does beyond [`MOST_OF_ONE`] entries within one time is counted in one more, and callers beyond
//! [`MOST_REFUSED`] are counted together, as `many`. So nobody can hide others among that.

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

/// For so long the same is counted into one entry.
pub(super) const WITHIN: Duration = Duration::from_secs(60);
/// The most entries about refusals at a time; at about 1 KB each the journal grows by at most 0.2 MB a minute for them.
const MOST_REFUSED: usize = 200;
/// The most of them about one caller: a member, or a network of nobody who is known.
const MOST_OF_ONE: usize = 40;
/// The most reads that are remembered. One that is not is written down once more.
const MOST_READS: usize = 10_000;
/// The most things that one entry names of those that were refused.
const MOST_NAMED: usize = 5;
/// The most entries that wait for a bank that cannot write; it has stopped by then, and the log has them.
const MOST_DUE: usize = 2_000;

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
    /// Nobody who is known: a network stands for one.
    Network(Option<IpAddr>),
    /// All beyond the bound.
    Many,
}

/// Something that happened, once or more often.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) actor: Actor,
    pub(super) entry: Entry,
    /// The code of the refusal.
    pub(super) code: Option<String>,
    /// The id of the last request.
    pub(super) request_id: Option<String>,
    /// How often it happened that no entry says yet.
    pub(super) count: u64,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    /// When the counting began.
    begun: Duration,
    within: Duration,
    is_refusal: bool,
    /// What it was about.
    named: Vec<String>,
}

/// What is counted at the moment.
#[derive(Debug, Default)]
pub(super) struct Notes {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    counted: HashMap<Key, Note>,
    due: Vec<Note>,
    /// How many refusals are counted at the moment, by whose they are.
    refusals: HashMap<Who, usize>,
}

impl State {
    /// Notes how many refusals are counted, once some of them have been taken.
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
    /// Counts a read that was written down within its time already; `false` for another one, which is to be written.
    pub(super) fn is_repeated(&self, actor: &Actor, entry: &Entry, now: Now) -> bool {
        let mut state = self.state.lock();
        let Some(note) = state.counted.get_mut(&Key::of(actor, entry, None)) else { return false };
        let is_within = now.uptime < note.begun.saturating_add(note.within);
        if is_within {
            note.again(now);
        }
        is_within
    }

    /// A read was written down: the same is counted from now on.
    pub(super) fn begin(&self, actor: &Actor, entry: &Entry, within: Duration, now: Now) {
        let mut state = self.state.lock();
        let key = Key::of(actor, entry, None);
        let before = state.counted.remove(&key);
        state.due.extend(before.filter(|before| before.count > 0));
        if state.counted.len() < MOST_READS {
            let note = Note { count: 0, within, ..Note::of(actor, entry, None, now) };
            state.counted.insert(key, note);
        }
    }

    /// Counts a refusal, or what else is not written at once; `about` is what it was about.
    pub(super) fn add(&self, actor: &Actor, entry: &Entry, code: Option<&str>, about: Option<String>, now: Now) {
        let mut state = self.state.lock();
        let state = &mut *state;
        let mut key = Key::of(actor, entry, code);
        let mut note = Note { is_refusal: true, ..Note::of(actor, entry, code, now) };
        if !state.counted.contains_key(&key) {
            let others = Entry { object: "request".into(), id: "many".into(), after: None, ..entry.clone() };
            let of_one = state.refusals.get(&key.who).copied().unwrap_or_default();
            if state.refusals.values().sum::<usize>() >= MOST_REFUSED {
                let many = Actor { member: None, role: None, via: "many".into(), address: None };
                key = Key { who: Who::Many, ..Key::of(&many, &others, code) };
                note = Note { actor: many, entry: others, ..note };
            } else if of_one >= MOST_OF_ONE {
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
        if let Some(about) = about.filter(|about| note.named.len() < MOST_NAMED && !note.named.contains(about)) {
            note.named.push(about);
        }
    }

    /// Takes what is to be written: what has been counted for its time, or everything.
    pub(super) fn take(&self, now: Now, everything: bool) -> Vec<Note> {
        let mut state = self.state.lock();
        let is_over = |note: &Note| everything || now.uptime >= note.begun.saturating_add(note.within);
        let over: Vec<Note> = state.counted.extract_if(|_, note| is_over(note)).map(|(_, note)| note).collect();
        state.count_refusals();
        let mut due = std::mem::take(&mut state.due);
        due.extend(over.into_iter().filter(|note| note.count > 0));
        due
    }

    /// Takes back what could not be written.
    pub(super) fn put_back(&self, notes: Vec<Note>) {
        let mut state = self.state.lock();
        state.due.extend(notes);
        if state.due.len() > MOST_DUE {
            let lost = state.due.split_off(MOST_DUE);
            tracing::error!(entries = lost.len(), "the audit log cannot be written, and entries are given up");
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
            within: WITHIN,
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

    /// What is written of it: the entry, with what it was about.
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

/// A customer with IPv6 has a network of 64 bits to call from.
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
    fn what_repeats_is_one_note_with_its_count_and_times() {
        let notes = Notes::default();
        for (second, address) in [(1, [192, 0, 2, 1]), (2, [192, 0, 2, 2]), (5, [192, 0, 2, 1])] {
            notes.add(&actor(address), &entry(), Some("rate_limited"), Some(format!("of {second}")), at(second));
        }
        assert!(notes.take(at(60), false).is_empty(), "their time is not over");
        let mut taken = notes.take(at(62), false);
        taken.sort_by_key(|note| note.first);
        let seen: Vec<_> = taken.iter().map(|note| (note.count, note.first, note.last)).collect();
        assert_eq!(seen, [(2, at(1).at, at(5).at), (1, at(2).at, at(2).at)]);
        assert_eq!(taken[0].entry().after, Some(json!({ "of": ["of 1", "of 5"] })));
        assert!(notes.take(at(1_000), true).is_empty());
    }

    #[test]
    fn one_caller_fills_no_more_than_a_share_and_hides_nobody() {
        let notes = Notes::default();
        for number in 0..1_000 {
            let one = Entry { id: format!("GET /{number}"), ..entry() };
            notes.add(&actor([192, 0, 2, 1]), &one, Some("token_invalid"), None, at(1));
        }
        notes.add(&actor([192, 0, 2, 2]), &entry(), Some("rate_limited"), None, at(1));
        let taken = notes.take(at(100), false);
        let of = |host: u8| taken.iter().filter(move |note| note.actor.address == actor([192, 0, 2, host]).address);
        assert_eq!((of(1).count(), of(1).map(|note| note.count).sum::<u64>()), (MOST_OF_ONE + 1, 1_000));
        assert_eq!(of(1).filter(|note| note.entry.id == "many").map(|note| note.count).sum::<u64>(), 960);
        assert_eq!(of(2).map(|note| note.entry.id.as_str()).collect::<Vec<_>>(), ["POST /session"]);
    }

    #[test]
    fn a_flood_is_bounded_and_none_of_it_is_lost() {
        let notes = Notes::default();
        for caller in 0..5_000u16 {
            let [high, low] = caller.to_be_bytes();
            notes.add(&actor([10, 0, high, low]), &entry(), Some("rate_limited"), Some(caller.to_string()), at(1));
        }
        let taken = notes.take(at(100), false);
        assert_eq!(taken.len(), MOST_REFUSED + 1);
        assert_eq!(taken.iter().map(|note| note.count).sum::<u64>(), 5_000);
        let many = taken.iter().find(|note| note.actor.via == "many").unwrap();
        assert_eq!((many.count, many.named.len()), (5_000 - MOST_REFUSED as u64, MOST_NAMED));
        // What cannot be written is bounded, too.
        (0..50).for_each(|_| notes.put_back(taken.clone()));
        assert_eq!(notes.take(at(100), false).len(), MOST_DUE);
    }

    #[test]
    fn a_read_is_counted_until_its_time_is_over() {
        let (notes, who) = (Notes::default(), actor([192, 0, 2, 1]));
        assert!(!notes.is_repeated(&who, &entry(), at(1)));
        notes.begin(&who, &entry(), WITHIN, at(1));
        assert!(notes.is_repeated(&who, &entry(), at(2)) && notes.is_repeated(&who, &entry(), at(60)));
        assert!(!notes.is_repeated(&who, &entry(), at(61)));
        notes.begin(&who, &entry(), WITHIN, at(61));
        let taken = notes.take(at(62), false);
        assert_eq!((taken.len(), taken[0].count, taken[0].first, taken[0].last), (1, 2, at(2).at, at(60).at));
        assert!(notes.take(at(200), false).is_empty(), "one that was not repeated is in the log already");
    }
}
