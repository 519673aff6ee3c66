//! Signals to event streams that a member's sessions or tokens may have ended.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::MemberId;

/// Senders by member. Each signals when a session or token of the member may have ended.
#[derive(Debug, Default)]
pub(super) struct EndSignals {
    by_member: Mutex<HashMap<MemberId, watch::Sender<()>>>,
}

impl EndSignals {
    /// Subscribes to all ends from now on.
    pub(super) fn follow(&self, member: MemberId) -> watch::Receiver<()> {
        self.by_member.lock().entry(member).or_default().subscribe()
    }

    /// Signals that a session or token of the member has ended.
    pub(super) fn signal(&self, member: MemberId) {
        let mut by_member = self.by_member.lock();
        // Sending fails without subscribers; then the sender is not needed either.
        if by_member.get(&member).is_some_and(|sender| sender.send(()).is_err()) {
            by_member.remove(&member);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_heard_by_who_follows_that_member() {
        let (mina, joon) = (MemberId::random(), MemberId::random());
        let endings = EndSignals::default();
        endings.signal(mina);
        let (mut one, mut other) = (endings.follow(mina), endings.follow(joon));
        assert!(!one.has_changed().unwrap());
        endings.signal(mina);
        assert!(one.has_changed().unwrap() && !other.has_changed().unwrap());
        one.mark_unchanged();
        endings.signal(mina);
        assert!(one.has_changed().unwrap());
        other.mark_unchanged();
        drop(one);
        endings.signal(mina);
        assert_eq!(endings.by_member.lock().len(), 1, "who has gone is forgotten");
    }
}
