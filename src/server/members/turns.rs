//! What has to be counted before there is one more of it is counted and made by one request of a member at a time: two that
//! count at the same moment would both find room.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

use super::MemberId;

/// Whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<MemberId, Arc<tokio::sync::Mutex<()>>>>>);

/// A member's turn, until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Mutex<HashMap<MemberId, Arc<tokio::sync::Mutex<()>>>>>,
    member: MemberId,
    held: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for the member's turn. Whoever asked first is first.
    pub(super) async fn of(&self, member: MemberId) -> Turn {
        let turn = Arc::clone(self.0.lock().entry(member).or_default());
        Turn { turns: Arc::clone(&self.0), member, held: Some(turn.lock_owned().await) }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut turns = self.turns.lock();
        self.held = None;
        // Nobody else has it or waits for it: those who do hold it too.
        if turns.get(&self.member).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            turns.remove(&self.member);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[actix_web::test]
    async fn a_member_has_one_turn_at_a_time_and_leaves_nothing_behind() {
        let turns = Turns::default();
        let (mina, joon) = (MemberId::random(), MemberId::random());
        let first = turns.of(mina).await;
        let mut second = Box::pin(turns.of(mina));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(turns.of(joon).now_or_never().is_some(), "others do not wait");
        drop(first);
        drop(second.await);
        assert!(turns.0.lock().is_empty());
    }
}
