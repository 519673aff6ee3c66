//! What waits for one reader: the texts of events, laid behind each other as they come.

use actix_web::web::{Buf, Bytes};
use jangbu::Position;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// As many bytes wait for one reader, a single event's text apart.
const MOST_BYTES: usize = 64 * 1_024;
/// When so many do, the reader is told not to wait any longer.
const CROWDED: usize = MOST_BYTES / 2;

/// The texts that one reader has not yet taken.
#[derive(Default)]
pub(super) struct Pending {
    texts: Mutex<Texts>,
    /// Told of the first text, and of the end.
    arrived: Notify,
    /// Told when many wait, and of the end.
    crowded: Notify,
}

#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    /// Where each event stands, and where its text ends.
    ends: Vec<(Position, usize)>,
    is_closed: bool,
}

impl Pending {
    /// Lays an event's text behind the others; `false` when the reader is too slow for it.
    pub(super) fn put(&self, at: Position, text: &[u8]) -> bool {
        let mut texts = self.texts.lock();
        let before = texts.bytes.len();
        if texts.is_closed || (before > 0 && before.saturating_add(text.len()) > MOST_BYTES) {
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

    /// Ends it: what waits can still be taken.
    pub(super) fn close(&self) {
        self.texts.lock().is_closed = true;
        self.arrived.notify_one();
        self.crowded.notify_one();
    }

    /// Returns when many texts wait, or no more will come.
    pub(super) async fn crowded(&self) {
        self.crowded.notified().await;
    }

    /// What waits from `next` on, as soon as there is any, and where the last of it stands; `None` when no more will come.
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
    /// Takes everything; `None` when nothing of it stands at `next` or behind.
    fn take(&mut self, next: Position) -> Option<(Bytes, Position)> {
        let told_before = self.ends.iter().take_while(|(at, _)| *at < next).last().map_or(0, |(_, end)| *end);
        let last = self.ends.last().map(|(at, _)| *at).filter(|at| *at >= next);
        self.ends = Vec::new();
        // Its memory is given back once the piece is sent: kept for each of a thousand readers, it would be much.
        let mut bytes = Bytes::from(std::mem::take(&mut self.bytes));
        bytes.advance(told_before);
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
    async fn what_was_told_before_is_left_out_and_the_rest_comes_in_one_piece() {
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
    async fn only_so_much_waits_and_what_does_can_be_taken_after_the_end() {
        let pending = Pending::default();
        let text = vec![b'x'; CROWDED];
        assert!(pending.put(at(1), &text));
        pending.crowded().await;
        assert!(pending.put(at(2), &text));
        assert!(!pending.put(at(3), b"x"));
        pending.close();
        let (bytes, last) = pending.take(at(1)).await.unwrap();
        assert_eq!((bytes.len(), last), (MOST_BYTES, at(2)));
        assert_eq!(pending.take(at(3)).await, None);
        // However long one text is, it fits when nothing else waits.
        assert!(Pending::default().put(at(1), &vec![b'x'; 2 * MOST_BYTES]));
    }
}
