//! Reads records in order, frame by frame.

use std::sync::Arc;

use super::super::JournalError;
use super::super::format::{header, records};
use super::super::segments::frames::FrameReader;
use super::Shared;
use super::segment::Segment;
use jangbu_ledger::Position;
use jangbu_ledger::codec::CodecError;

/// Walks the records from a position on, up to what is durable when it gets there.
pub(super) struct Scan<'a> {
    shared: &'a Shared,
    next: Position,
    place: Option<Place>,
    /// The records of the frame being read, and the offset of the next one in it.
    payload: Vec<u8>,
    at: usize,
    failed: bool,
}

/// A segment that is being read, and the offset of its next frame.
struct Place {
    segment: Arc<Segment>,
    frames: FrameReader,
    offset: u64,
}

impl<'a> Scan<'a> {
    pub(super) fn new(shared: &'a Shared, from: Position) -> Scan<'a> {
        let next = from.max(Position::START.next());
        Scan { shared, next, place: None, payload: Vec::new(), at: 0, failed: false }
    }

    /// Decodes the next record with `decode`. Returns `None` at the durable end, and after an error.
    pub(super) fn next_with<T>(
        &mut self,
        decode: impl Fn(Position, &[u8]) -> Result<T, CodecError>,
    ) -> Option<Result<T, JournalError>> {
        loop {
            if self.failed {
                return None;
            }
            if let Some(stored) = records::stored_at(&self.payload, self.at) {
                let position = self.next;
                self.at = stored.end();
                let decoded = decode(position, stored.bytes);
                self.next = position.next();
                self.failed = decoded.is_err();
                return Some(decoded.map_err(|source| JournalError::Undecodable { position, source }));
            }
            if self.next > self.shared.end() {
                return None;
            }
            if let Err(error) = self.next_frame() {
                self.failed = true;
                return Some(Err(error));
            }
        }
    }

    /// Reads the next frame, up to the next record to return.
    fn next_frame(&mut self) -> Result<(), JournalError> {
        let next = self.next;
        self.shared.check_present(next)?;
        let segment = self.shared.segment_of(next).ok_or(JournalError::OutOfRange(next))?;
        let place = match self.place.take().filter(|place| place.segment.number == segment.number) {
            Some(place) => self.place.insert(place),
            None => {
                let offset = segment.frame_before(next);
                let seed = header::seed(self.shared.journal, segment.number);
                let frames = FrameReader::new(segment.open(&*self.shared.disk)?, &segment.path, seed);
                self.place.insert(Place { segment, frames, offset })
            }
        };
        let limit = place.segment.end_offset();
        let frame = place.frames.frame_at(place.offset, limit)?.filter(|frame| frame.first <= next);
        let Some(frame) = frame else {
            let after = Position::new(next.get().saturating_sub(1));
            let path = &place.segment.path;
            return Err(JournalError::damaged_after(after, path, place.offset, "no sound frame is here"));
        };
        place.offset += frame.bytes as u64;
        self.payload.clear();
        self.payload.extend_from_slice(frame.payload);
        let skipped = usize::try_from(next.get() - frame.first.get()).unwrap_or(usize::MAX);
        self.at = match skipped {
            0 => 0,
            _ => records::walk(&self.payload).nth(skipped - 1).map_or(self.payload.len(), |stored| stored.end()),
        };
        Ok(())
    }
}
