//! Who waits for a member's sessions and tokens to end: the streams of events that they opened.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::MemberId;

/// Streams by whose they are. They hear when something of the member's may have ended.
#[derive(Debug, Default)]
pub(super) struct Endings {
    by_member: Mutex<HashMap<MemberId, watch::Sender<()>>>,
}

impl Endings {
    /// Hears of every ending from now on.
    pub(super) fn follow(&self, member: MemberId) -> watch::Receiver<()> {
        self.by_member.lock().entry(member).or_default().subscribe()
    }

    /// Something of the member's has ended.
    pub(super) fn tell(&self, member: MemberId) {
        let mut by_member = self.by_member.lock();
        // It fails when nobody listens any more: then nobody need be remembered either.
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
        let endings = Endings::default();
        endings.tell(mina);
        let (mut one, mut other) = (endings.follow(mina), endings.follow(joon));
        assert!(!one.has_changed().unwrap());
        endings.tell(mina);
        assert!(one.has_changed().unwrap() && !other.has_changed().unwrap());
        one.mark_unchanged();
        endings.tell(mina);
        assert!(one.has_changed().unwrap());
        other.mark_unchanged();
        drop(one);
        endings.tell(mina);
        assert_eq!(endings.by_member.lock().len(), 1, "who has gone is forgotten");
    }
}
