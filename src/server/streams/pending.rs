//! The queue of one reader: the texts of events, in order.

use actix_web::web::{Buf, Bytes};
use jangbu::Position;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// The largest size of a queue in bytes, unless it holds a single event.
const MAX_BYTES: usize = 64 * 1_024;
/// At this size the reader stops waiting for more.
const CROWDED: usize = MAX_BYTES / 2;

/// The texts that a reader has not taken yet.
#[derive(Default)]
pub(super) struct Pending {
    texts: Mutex<Texts>,
    /// Notified of the first text and of the end.
    arrived: Notify,
    /// Notified when the queue is crowded and of the end.
    crowded: Notify,
}

#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    /// The position of each event, and the end of its text.
    ends: Vec<(Position, usize)>,
    is_closed: bool,
}

impl Pending {
    /// Appends an event's text; `false` if the reader is too slow.
    pub(super) fn put(&self, at: Position, text: &[u8]) -> bool {
        let mut texts = self.texts.lock();
        let before = texts.bytes.len();
        if texts.is_closed || (before > 0 && before.saturating_add(text.len()) > MAX_BYTES) {
            return false;
        }
        texts.bytes.extend_from_slice(text);
        let end = texts.bytes.len();
        texts.ends.push((at, end));
        drop(texts);
        if before == 0 {
            self.arrived.notify_one();
        }
        if before < CROWDED && end >= CROWDED {
            self.crowded.notify_one();
        }
        true
    }

    /// Ends the queue. Waiting texts can still be taken.
    pub(super) fn close(&self) {
        self.texts.lock().is_closed = true;
        self.arrived.notify_one();
        self.crowded.notify_one();
    }

    /// Waits until the queue is crowded or ended.
    pub(super) async fn crowded(&self) {
        self.crowded.notified().await;
    }

    /// Waits for texts, and returns those from `next` on with the position of the last one; `None` after the end.
    /// Dropping the future loses nothing.
    pub(super) async fn take(&self, next: Position) -> Option<(Bytes, Position)> {
        loop {
            {
                let mut texts = self.texts.lock();
                if let Some(taken) = texts.take(next) {
                    return Some(taken);
                }
                if texts.is_closed {
                    return None;
                }
            }
            self.arrived.notified().await;
        }
    }
}

impl Texts {
    /// Takes all texts; `None` if none of them is at or after `next`.
    fn take(&mut self, next: Position) -> Option<(Bytes, Position)> {
        let skipped = self.ends.iter().take_while(|(at, _)| *at < next).last().map_or(0, |(_, end)| *end);
        let last = self.ends.last().map(|(at, _)| *at).filter(|at| *at >= next);
        self.ends = Vec::new();
        // The memory is freed once the piece is sent: retained for each of a thousand readers, it would be a lot.
        let mut bytes = Bytes::from(std::mem::take(&mut self.bytes));
        bytes.advance(skipped);
        Some((bytes, last?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(position: u64) -> Position {
        Position::new(position)
    }

    #[actix_web::test]
    async fn earlier_texts_are_skipped_and_the_rest_is_one_piece() {
        let pending = Pending::default();
        for (position, text) in [(3, "three;"), (4, "four;"), (4, "four again;"), (7, "seven;")] {
            assert!(pending.put(at(position), text.as_bytes()));
        }
        assert_eq!(pending.take(at(4)).await, Some(("four;four again;seven;".into(), at(7))));
        assert!(pending.put(at(8), b"eight;"));
        assert!(pending.put(at(9), b"nine;"));
        assert_eq!(pending.take(at(9)).await, Some(("nine;".into(), at(9))));
        pending.close();
        assert_eq!(pending.take(at(10)).await, None);
        assert!(!pending.put(at(10), b"ten;"));
    }

    #[actix_web::test]
    async fn a_queue_is_bounded_and_can_be_emptied_after_its_end() {
        let pending = Pending::default();
        let text = vec![b'x'; CROWDED];
        assert!(pending.put(at(1), &text));
        pending.crowded().await;
        assert!(pending.put(at(2), &text));
        assert!(!pending.put(at(3), b"x"));
        pending.close();
        let (bytes, last) = pending.take(at(1)).await.unwrap();
        assert_eq!((bytes.len(), last), (MAX_BYTES, at(2)));
        assert_eq!(pending.take(at(3)).await, None);
        // A text of any length fits into an empty queue.
        assert!(Pending::default().put(at(1), &vec![b'x'; 2 * MAX_BYTES]));
    }
}
