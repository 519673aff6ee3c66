//! Serializes requests about the same thing. Other requests do not wait.
//!
//! A member's requests that create something limited in number run one at a time: two concurrent ones could both find
//! room for one more. Of two requests with the same key, one is answered first.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

/// The turns in use, by key.
type Taken<K> = Arc<Mutex<HashMap<K, Arc<tokio::sync::Mutex<()>>>>>;

/// Hands out turns.
#[derive(Debug)]
pub(crate) struct Turns<K>(Taken<K>);

impl<K> Default for Turns<K> {
    fn default() -> Turns<K> {
        Turns(Arc::default())
    }
}

/// A turn, ended on drop.
#[derive(Debug)]
pub(crate) struct Turn<K: Copy + Eq + Hash> {
    turns: Taken<K>,
    about: K,
    held: Option<OwnedMutexGuard<()>>,
}

impl<K: Copy + Eq + Hash> Turns<K> {
    /// Waits for a turn, in order of arrival.
    pub(crate) async fn of(&self, about: K) -> Turn<K> {
        let lock = Arc::clone(self.0.lock().entry(about).or_default());
        // Created before it waits, so that an abandoned wait leaves nothing behind, too.
        let mut turn = Turn { turns: Arc::clone(&self.0), about, held: None };
        turn.held = Some(lock.lock_owned().await);
        turn
    }
}

impl<K: Copy + Eq + Hash> Drop for Turn<K> {
    fn drop(&mut self) {
        let mut turns = self.turns.lock();
        self.held = None;
        // Nobody else has the turn or waits for it; anybody who did would hold the lock, too.
        if turns.get(&self.about).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            turns.remove(&self.about);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::server::members::MemberId;

    #[actix_web::test]
    async fn turns_are_exclusive_and_leave_nothing_behind() {
        let turns = Turns::default();
        let (mina, joon) = (MemberId::random(), MemberId::random());
        let first = turns.of(mina).await;
        let mut second = Box::pin(turns.of(mina));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(turns.of(joon).now_or_never().is_some(), "others do not wait");
        drop(first);
        drop(second.await);
        assert!(turns.0.lock().is_empty());
        let first = turns.of(mina).await;
        let mut given_up = Box::pin(turns.of(mina));
        assert!(given_up.as_mut().now_or_never().is_none());
        drop(first);
        drop(given_up);
        assert!(turns.0.lock().is_empty());
    }
}
