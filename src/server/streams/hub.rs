//! One subscription of the bank for everybody who has kept up.
//!
//! A thread reads every event once, finds by its accounts who follows, renders it once for each side of it, and puts it into
//! their queues. It runs while anybody follows. Whoever does not empty the queue is dropped from here and goes on by a
//! subscription of its own.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use actix_web::web::Bytes;
use jangbu::{AccountNumber, Bank, BankError, Currency, Event, EventError, EventKind, Events, OwnerId, Position};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::told::{self, Money, Side, Viewer};
use crate::server::members::MemberId;

/// As many messages wait for one reader.
const QUEUE: usize = 128;
/// When only so many more can, the reader is told not to wait any longer.
const CROWDED: usize = QUEUE / 2;
/// As many streams one member has open.
pub(crate) const MOST_PER_MEMBER: usize = 1_024;
/// As many streams are open in all.
pub(crate) const MOST_STREAMS: usize = 10_000;

/// An event on its way: where it stands, and its text.
pub(super) type Message = (Position, Bytes);

/// Everybody who follows.
#[derive(Clone)]
pub(crate) struct Streams {
    hub: Arc<Hub>,
    bank: Bank,
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Hub {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Who follows, by number.
    followers: HashMap<u64, Follower>,
    by_account: HashMap<AccountNumber, Vec<u64>>,
    by_owner: HashMap<OwnerId, Vec<u64>>,
    next_number: u64,
    /// Streams by member, those that are catching up included.
    open: HashMap<MemberId, usize>,
    open_in_all: usize,
    /// Everything through here was routed.
    through: Position,
    is_running: bool,
    money: HashMap<AccountNumber, Money>,
    scales: HashMap<Currency, u8>,
}

struct Follower {
    viewer: Viewer,
    own: HashSet<AccountNumber>,
    queue: Sender<Message>,
    crowded: Arc<Notify>,
}

/// A stream that counts as open until this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    streams: Streams,
    member: MemberId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.streams.hub.state.lock();
        state.open_in_all = state.open_in_all.saturating_sub(1);
        if let Some(open) = state.open.get_mut(&self.member) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                state.open.remove(&self.member);
            }
        }
    }
}

/// Who hears from the hub, until this is dropped.
pub(super) struct Joined {
    hub: Arc<Hub>,
    number: u64,
    pub(super) queue: Receiver<Message>,
    /// Told when the queue fills.
    pub(super) crowded: Arc<Notify>,
    /// What comes behind this position comes through the queue.
    pub(super) from: Position,
}

impl Drop for Joined {
    fn drop(&mut self) {
        self.hub.state.lock().remove(self.number);
    }
}

impl Streams {
    /// Nobody follows yet.
    pub(crate) fn new(bank: Bank) -> Streams {
        Streams { hub: Arc::default(), bank }
    }

    pub(super) const fn bank(&self) -> &Bank {
        &self.bank
    }

    /// Takes a place for a stream of the member's; `None` when there are too many.
    pub(crate) fn enter(&self, member: MemberId) -> Option<Place> {
        let mut state = self.hub.state.lock();
        let of_member = state.open.get(&member).copied().unwrap_or_default();
        if of_member >= MOST_PER_MEMBER || state.open_in_all >= MOST_STREAMS {
            return None;
        }
        state.open.insert(member, of_member.saturating_add(1));
        state.open_in_all = state.open_in_all.saturating_add(1);
        drop(state);
        Some(Place { streams: self.clone(), member })
    }

    /// How many streams are open.
    #[cfg(test)]
    pub(crate) fn open(&self) -> usize {
        self.hub.state.lock().open_in_all
    }

    /// Lets somebody follow from now on, with the accounts that are known of a viewer.
    ///
    /// # Errors
    /// As the bank's.
    pub(super) async fn join(&self, viewer: Viewer) -> Result<Joined, BankError> {
        let (sender, queue) = channel(QUEUE);
        let crowded = Arc::new(Notify::new());
        let number = {
            let mut state = self.hub.state.lock();
            self.run(&mut state)?;
            let number = state.next_number;
            state.next_number = number.wrapping_add(1);
            if let Viewer::Owner(owner) = viewer {
                state.by_owner.entry(owner).or_default().push(number);
            }
            let follower = Follower { viewer, own: HashSet::new(), queue: sender, crowded: Arc::clone(&crowded) };
            state.followers.insert(number, follower);
            number
        };
        // From here on it is removed when it is dropped. Accounts that are opened from here on are heard of.
        let mut joined = Joined { hub: Arc::clone(&self.hub), number, queue, crowded, from: Position::START };
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
                    let money = |found: &jangbu::Snapshot| Money { currency: found.currency, scale: found.scale };
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
    /// Ends the thread's work: everybody who is left finds the queue closed.
    fn end(&mut self) {
        self.is_running = false;
        self.followers.clear();
        self.by_account.clear();
        self.by_owner.clear();
        self.money.clear();
    }

    fn add(&mut self, number: u64, account: AccountNumber, money: Money) {
        let Some(follower) = self.followers.get_mut(&number) else { return };
        self.money.insert(account, money);
        self.scales.insert(money.currency, money.scale);
        if follower.own.insert(account) {
            self.by_account.entry(account).or_default().push(number);
        }
    }

    fn remove(&mut self, number: u64) {
        let Some(follower) = self.followers.remove(&number) else { return };
        for account in &follower.own {
            if let Some(numbers) = self.by_account.get_mut(account) {
                numbers.retain(|other| *other != number);
                if numbers.is_empty() {
                    self.by_account.remove(account);
                    self.money.remove(account);
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

    /// Puts an event into the queues of those who may see it.
    fn tell(&mut self, event: &Event) {
        if let EventKind::Opened { account, owner, currency, .. } = &event.what {
            let scale = self.scales.get(currency).copied().or_else(|| currency.iso_scale()).unwrap_or_default();
            for number in self.by_owner.get(owner).cloned().unwrap_or_default() {
                self.add(number, *account, Money { currency: *currency, scale });
            }
        }
        let mut followers: Vec<u64> = Vec::new();
        for account in &event.accounts {
            for number in self.by_account.get(account).into_iter().flatten() {
                if !followers.contains(number) {
                    followers.push(*number);
                }
            }
        }
        let mut rendered: Vec<(Side, Option<Bytes>)> = Vec::new();
        let mut slow = Vec::new();
        for number in followers {
            let Some(follower) = self.followers.get(&number) else { continue };
            let own = event.accounts.iter().filter(|account| follower.own.contains(account)).copied().collect();
            let side = Side { own, is_staff: matches!(follower.viewer, Viewer::Staff(_)) };
            let known = rendered.iter().position(|(other, _)| *other == side);
            let place = known.unwrap_or_else(|| {
                let message = told::message(event, &side, |number| self.money.get(&number).copied());
                rendered.push((side, message));
                rendered.len().saturating_sub(1)
            });
            let Some((_, Some(message))) = rendered.get(place) else { continue };
            if follower.queue.try_send((event.position, message.clone())).is_err() {
                slow.push(number);
            } else if follower.queue.capacity() <= CROWDED {
                follower.crowded.notify_one();
            }
        }
        for number in slow {
            self.remove(number);
        }
    }
}
