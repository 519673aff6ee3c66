//! One subscription of the bank for everybody who has kept up.
//!
//! A thread reads every event once, finds by its accounts who follows, renders it once for each side of it, and lays it
//! behind what waits for them. It runs while anybody follows. Whoever lets too much wait is dropped from here and goes on by a
//! subscription of its own.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ipnet::IpNet;
use jangbu::{
    AccountNumber, Bank, BankError, Currency, OwnerId, Position,
    events::{Event, EventError, EventKind, Events},
};
use parking_lot::Mutex;

use super::event_json::{self, Money, Side, Viewer, When};
use super::pending::Pending;
use crate::server::config;
use crate::server::members::MemberId;
use crate::server::networks::customer;
use crate::server::principal::Principal;

/// One in so many of all streams is kept for staff.
const KEPT_FOR_STAFF: usize = 20;

/// As many pieces go to all readers together in a second, between the two limits below and unless so much waits that a
/// reader is crowded.
const PIECES_PER_S: u32 = 5_500;
/// The pieces for one reader are this far apart, however few follow.
const LEAST_APART: Duration = Duration::from_millis(50);
/// Nor further apart than this, however many follow.
const MOST_APART: Duration = Duration::from_secs(1);

/// Everybody who follows.
#[derive(Clone)]
pub(crate) struct Streams {
    hub: Arc<Hub>,
    bank: Bank,
    most: config::Streams,
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Hub {
    state: Mutex<State>,
    /// How many hear from it, to be read without waiting for the state.
    heard_by: AtomicU32,
}

#[derive(Default)]
struct State {
    /// Who follows, by number.
    followers: HashMap<u64, Follower>,
    by_account: HashMap<AccountNumber, Followed>,
    by_owner: HashMap<OwnerId, Vec<u64>>,
    next_number: u64,
    /// Streams by member, those that are catching up included.
    open: HashMap<MemberId, usize>,
    /// Members' streams by address; staff's are not counted.
    open_at: HashMap<IpNet, usize>,
    open_in_all: usize,
    /// Everything through here was routed.
    through: Position,
    is_running: bool,
    scales: HashMap<Currency, u8>,
    /// The text of the event under way, for one side of it.
    text: Vec<u8>,
}

/// An account that somebody follows.
struct Followed {
    money: Money,
    by: Vec<Reader>,
}

/// Who hears of an account.
struct Reader {
    number: u64,
    is_staff: bool,
    pending: Arc<Pending>,
}

struct Follower {
    viewer: Viewer,
    own: HashSet<AccountNumber>,
    pending: Arc<Pending>,
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.pending.close();
    }
}

/// A stream that counts as open until this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    streams: Streams,
    follower: Who,
}

/// Who wants to follow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Who {
    /// The member.
    pub(crate) member: MemberId,
    /// From where.
    pub(crate) address: IpAddr,
    /// Whether it is one of the bank's staff.
    pub(crate) is_staff: bool,
}

impl From<&Principal> for Who {
    fn from(caller: &Principal) -> Who {
        Who { member: caller.id(), address: caller.address, is_staff: caller.member.role.is_staff() }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.streams.hub.state.lock();
        state.open_in_all = state.open_in_all.saturating_sub(1);
        let Who { member, address, is_staff } = self.follower;
        leave(&mut state.open, member);
        if !is_staff {
            leave(&mut state.open_at, customer(address));
        }
    }
}

fn leave<K: Eq + Hash>(open: &mut HashMap<K, usize>, key: K) {
    if let Some(count) = open.get_mut(&key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            open.remove(&key);
        }
    }
}

/// Who hears from the hub, until this is dropped.
pub(super) struct Joined {
    hub: Arc<Hub>,
    number: u64,
    pub(super) pending: Arc<Pending>,
    /// What comes behind this position comes through `pending`.
    pub(super) from: Position,
}

impl Drop for Joined {
    fn drop(&mut self) {
        self.hub.state.lock().remove(self.number);
        self.hub.heard_by.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Streams {
    /// Nobody follows yet.
    pub(crate) fn new(bank: Bank, most: config::Streams) -> Streams {
        Streams { hub: Arc::default(), bank, most }
    }

    pub(super) const fn bank(&self) -> &Bank {
        &self.bank
    }

    /// How long a reader waits after a piece, so that what comes meanwhile goes together.
    ///
    /// A piece costs two processes a system call and more, whatever is in it. So the more follow, the more goes into one.
    pub(super) fn apart(&self) -> Duration {
        (Duration::from_secs(1) / PIECES_PER_S)
            .saturating_mul(self.hub.heard_by.load(Ordering::Relaxed))
            .clamp(LEAST_APART, MOST_APART)
    }

    /// Takes a place for a stream; `None` when there are too many of the member's, at the address or in all.
    pub(crate) fn enter(&self, who: impl Into<Who>) -> Option<Place> {
        let follower @ Who { member, address, is_staff } = who.into();
        let mut state = self.hub.state.lock();
        let of_member = state.open.get(&member).copied().unwrap_or_default();
        let at_address = state.open_at.get(&customer(address)).copied().unwrap_or_default();
        let most = self.most.total;
        let most = if is_staff { most } else { most.saturating_sub(most / KEPT_FOR_STAFF) };
        let is_crowded = !is_staff && at_address >= self.most.per_address;
        if of_member >= self.most.per_member || is_crowded || state.open_in_all >= most {
            return None;
        }
        state.open.insert(member, of_member.saturating_add(1));
        if !is_staff {
            state.open_at.insert(customer(address), at_address.saturating_add(1));
        }
        state.open_in_all = state.open_in_all.saturating_add(1);
        drop(state);
        Some(Place { streams: self.clone(), follower })
    }

    /// How many streams are open.
    #[cfg(test)]
    pub(crate) fn open(&self) -> usize {
        self.hub.state.lock().open_in_all
    }

    /// How many hear from the hub.
    #[cfg(test)]
    pub(crate) fn followers(&self) -> usize {
        self.hub.state.lock().followers.len()
    }

    /// Lets somebody follow from now on, with the accounts that are known of a viewer.
    ///
    /// # Errors
    /// As the bank's.
    pub(super) async fn join(&self, viewer: Viewer) -> Result<Joined, BankError> {
        let pending = Arc::new(Pending::default());
        let number = {
            let mut state = self.hub.state.lock();
            self.run(&mut state)?;
            let number = state.next_number;
            state.next_number = number.wrapping_add(1);
            if let Viewer::Owner(owner) = viewer {
                state.by_owner.entry(owner).or_default().push(number);
            }
            let follower = Follower { viewer, own: HashSet::new(), pending: Arc::clone(&pending) };
            state.followers.insert(number, follower);
            self.hub.heard_by.fetch_add(1, Ordering::Relaxed);
            number
        };
        // From here on it is removed when it is dropped. Accounts that are opened from here on are heard of.
        let mut joined = Joined { hub: Arc::clone(&self.hub), number, pending, from: Position::START };
        let own = self.accounts(viewer).await?;
        let mut state = self.hub.state.lock();
        for (account, money) in own {
            state.add(number, account, money);
        }
        joined.from = state.through;
        Ok(joined)
    }

    /// The accounts that a viewer follows, and in what money they are.
    pub(super) async fn accounts(&self, viewer: Viewer) -> Result<Vec<(AccountNumber, Money)>, BankError> {
        let mut own = Vec::new();
        match viewer {
            Viewer::Account(number) | Viewer::Staff(number) => {
                if let Ok(found) = self.bank.snapshot(number).await {
                    own.push((number, Money { currency: found.currency, scale: found.scale }));
                }
            }
            Viewer::Owner(owner) => {
                let mut after = None;
                loop {
                    let page = self.bank.accounts_of(owner, after, 1_000).await?;
                    let money =
                        |found: &jangbu::queries::Snapshot| Money { currency: found.currency, scale: found.scale };
                    own.extend(page.data.iter().map(|found| (found.number, money(found))));
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
            }
        }
        Ok(own)
    }

    /// Sees to it that the thread runs.
    fn run(&self, state: &mut State) -> Result<(), BankError> {
        if state.is_running {
            return Ok(());
        }
        let through = self.bank.stats().durable;
        let events = Events::from(self.bank.subscribe(through.next())?.with_most_behind(u64::MAX));
        let hub = Arc::clone(&self.hub);
        let route = move || hub.route(events);
        let started = std::thread::Builder::new().name("jangbu-streams".into()).spawn(route);
        started.map_err(|error| BankError::Failed(error.to_string()))?;
        (state.through, state.is_running) = (through, true);
        Ok(())
    }
}

impl Hub {
    /// Routes events until nobody follows, or the bank is closed.
    fn route(&self, events: Events) {
        for event in events {
            let mut state = self.state.lock();
            match event {
                Ok(event) => {
                    state.through = event.position;
                    state.tell(&event);
                    if !state.followers.is_empty() {
                        continue;
                    }
                }
                Err(EventError::Lagging { .. }) => continue,
                Err(_) => {}
            }
            state.end();
            return;
        }
        self.state.lock().end();
    }
}

impl State {
    /// Ends the thread's work: everybody who is left hears that no more will come.
    fn end(&mut self) {
        self.is_running = false;
        self.followers.clear();
        self.by_account.clear();
        self.by_owner.clear();
    }

    fn add(&mut self, number: u64, account: AccountNumber, money: Money) {
        let Some(follower) = self.followers.get_mut(&number) else { return };
        self.scales.insert(money.currency, money.scale);
        if follower.own.insert(account) {
            let is_staff = matches!(follower.viewer, Viewer::Staff(_));
            let reader = Reader { number, is_staff, pending: Arc::clone(&follower.pending) };
            self.by_account.entry(account).or_insert_with(|| Followed { money, by: Vec::new() }).by.push(reader);
        }
    }

    fn remove(&mut self, number: u64) {
        let Some(follower) = self.followers.remove(&number) else { return };
        for account in &follower.own {
            if let Some(followed) = self.by_account.get_mut(account) {
                followed.by.retain(|reader| reader.number != number);
                if followed.by.is_empty() {
                    self.by_account.remove(account);
                }
            }
        }
        if let Viewer::Owner(owner) = follower.viewer
            && let Some(numbers) = self.by_owner.get_mut(&owner)
        {
            numbers.retain(|other| *other != number);
            if numbers.is_empty() {
                self.by_owner.remove(&owner);
            }
        }
    }

    /// Lays an event ready for those who may see it.
    fn tell(&mut self, event: &Event) {
        if let EventKind::Opened { account, owner, currency, .. } = &event.what {
            let scale = self.scales.get(currency).copied().or_else(|| currency.iso_scale()).unwrap_or_default();
            for number in self.by_owner.get(owner).cloned().unwrap_or_default() {
                self.add(number, *account, Money { currency: *currency, scale });
            }
        }
        let (mut readers, mut money): (Vec<(&Reader, Side)>, _) = (Vec::new(), Vec::new());
        for account in &event.accounts {
            let Some(followed) = self.by_account.get(account) else { continue };
            money.push((*account, followed.money));
            for reader in &followed.by {
                match readers.iter_mut().find(|(other, _)| other.number == reader.number) {
                    Some((_, side)) => side.own.push(*account),
                    None => readers.push((reader, Side { own: vec![*account], is_staff: reader.is_staff })),
                }
            }
        }
        let money = |number| money.iter().find(|(account, _)| *account == number).map(|(_, money)| *money);
        if readers.is_empty() {
            return;
        }
        let when = When::of(event);
        let mut slow = Vec::new();
        let mut written: Option<(&Side, bool)> = None;
        readers.sort_by(|(_, one), (_, other)| one.cmp(other));
        for (reader, side) in &readers {
            if written.is_none_or(|(before, _)| before != side) {
                self.text.clear();
                written = Some((side, event_json::write(event, &when, side, money, &mut self.text).is_some()));
            }
            if written.is_some_and(|(_, is_told)| is_told) && !reader.pending.put(event.position, &self.text) {
                slow.push(reader.number);
            }
        }
        for number in slow {
            self.remove(number);
        }
    }
}
