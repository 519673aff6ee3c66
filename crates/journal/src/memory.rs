//! A journal in memory, for banks that end with the program.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;

use super::{Durable, Journal, JournalError, JournalReader, UnsealedIds, check_batch};
use jangbu_ledger::{CommandId, Position, Record, Timestamp, decode_record, encode_record};

/// How many records a scan reads at a time.
const SCAN_RECORDS: usize = 256;

/// The size of the buffers in which records are kept, so that no record is ever copied to make room.
const PIECE_BYTES: usize = 1024 * 1024;

/// A journal in memory. Records are encoded as in files, and everything counts as sealed at once.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    stored: Arc<MemoryReader>,
    buffer: Vec<u8>,
    stopped: Option<String>,
}

#[derive(Debug, Default)]
struct MemoryReader(RwLock<Stored>);

#[derive(Debug, Default)]
struct Stored {
    pieces: Vec<Vec<u8>>,
    /// For each record, its buffer, and its start and end in it.
    places: Vec<(u32, u32, u32)>,
    times: Vec<Timestamp>,
    ids: HashMap<CommandId, Position>,
    references: HashMap<CommandId, Position>,
    bytes: u64,
}

impl MemoryJournal {
    /// Creates an empty journal.
    pub fn new() -> MemoryJournal {
        MemoryJournal::default()
    }

    /// Returns the position of the last record.
    pub fn end(&self) -> Position {
        self.stored.0.read().end()
    }

    /// Returns when the last record was recorded; `None` without records. The next record must be later.
    pub fn last_recorded_at(&self) -> Option<Timestamp> {
        self.stored.0.read().times.last().copied()
    }

    fn try_append(&mut self, expected: Position, records: &[Record]) -> Result<(), JournalError> {
        if let Some(why) = &self.stopped {
            return Err(JournalError::Stopped(why.clone()));
        }
        let mut stored = self.stored.0.write();
        check_batch(stored.end(), stored.times.last().copied(), expected, records)?;
        for record in records {
            let position = record.position;
            self.buffer.clear();
            let unencodable = |source| JournalError::Undecodable { position, source };
            encode_record(record, &mut self.buffer).map_err(unencodable)?;
            stored.push(record, &self.buffer);
        }
        Ok(())
    }
}

impl Stored {
    fn end(&self) -> Position {
        Position::new(self.places.len() as u64)
    }

    fn push(&mut self, record: &Record, bytes: &[u8]) {
        if self.pieces.last().is_none_or(|piece| piece.len() + bytes.len() > piece.capacity()) {
            self.pieces.push(Vec::with_capacity(PIECE_BYTES.max(bytes.len())));
        }
        let number = self.pieces.len() - 1;
        let Some(piece) = self.pieces.last_mut() else { return };
        let short = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
        self.places.push((short(number), short(piece.len()), short(piece.len() + bytes.len())));
        piece.extend_from_slice(bytes);
        self.times.push(record.recorded_at);
        self.ids.entry(record.id).or_insert(record.position);
        record.body.for_each_reference(|id| {
            self.references.insert(id, record.position);
        });
        self.bytes += bytes.len() as u64;
    }

    fn read(&self, position: Position) -> Result<Record, JournalError> {
        let out_of_range = || JournalError::OutOfRange(position);
        let index = position.get().checked_sub(1).and_then(|index| usize::try_from(index).ok());
        let (piece, start, end) = *index.and_then(|index| self.places.get(index)).ok_or_else(out_of_range)?;
        let piece = self.pieces.get(piece as usize).ok_or_else(out_of_range)?;
        let bytes = piece.get(start as usize..end as usize).ok_or_else(out_of_range)?;
        decode_record(position, bytes).map_err(|source| JournalError::Undecodable { position, source })
    }
}

impl Journal for MemoryJournal {
    fn append(&mut self, expected: Position, records: Vec<Record>, durable: Durable) {
        match self.try_append(expected, &records) {
            Ok(()) => durable(Ok(records)),
            Err(error) => {
                self.stopped.get_or_insert_with(|| error.to_string());
                durable(Err(error));
            }
        }
    }

    fn reader(&self) -> Arc<dyn JournalReader> {
        Arc::clone(&self.stored) as Arc<dyn JournalReader>
    }

    fn close(&mut self) -> Result<(), JournalError> {
        self.stopped.get_or_insert_with(|| "it is closed".into());
        Ok(())
    }
}

impl JournalReader for MemoryReader {
    fn end(&self) -> Position {
        self.0.read().end()
    }

    fn read(&self, position: Position) -> Result<Record, JournalError> {
        self.0.read().read(position)
    }

    fn scan(&self, from: Position) -> Box<dyn Iterator<Item = Result<Record, JournalError>> + '_> {
        let mut next = from.max(Position::START.next());
        let mut taken = Vec::new().into_iter();
        Box::new(std::iter::from_fn(move || {
            if let Some(record) = taken.next() {
                return Some(record);
            }
            let stored = self.0.read();
            let batch: Vec<_> = (next.get()..=stored.end().get())
                .take(SCAN_RECORDS)
                .map(|position| stored.read(Position::new(position)))
                .collect();
            next = next.plus(batch.len() as u64);
            taken = batch.into_iter();
            taken.next()
        }))
    }

    fn first_at(&self, moment: Timestamp) -> Result<Position, JournalError> {
        let before = self.0.read().times.partition_point(|time| *time < moment);
        Ok(Position::new(before as u64).next())
    }

    fn may_contain(&self, id: CommandId) -> bool {
        self.0.read().ids.contains_key(&id)
    }

    fn find(&self, id: CommandId) -> Result<Option<Position>, JournalError> {
        Ok(self.0.read().ids.get(&id).copied())
    }

    fn may_refer(&self, id: CommandId) -> bool {
        self.0.read().references.contains_key(&id)
    }

    fn find_reference(&self, id: CommandId) -> Result<Option<Position>, JournalError> {
        Ok(self.0.read().references.get(&id).copied())
    }

    fn sealed_through(&self) -> Position {
        self.end()
    }

    fn unsealed_ids(&self) -> Result<UnsealedIds, JournalError> {
        Ok(UnsealedIds::default())
    }

    fn bytes_on_disk(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jangbu_ledger::codec::MAX_RECORD_BYTES;
    use jangbu_ledger::encode_record;
    use jangbu_ledger::{Body, BusinessDate, ContentHash, Links, RecordPut};

    fn of_bytes(bytes: usize) -> Record {
        let put = RecordPut::new("k", "k", vec![7; bytes]);
        let time = Timestamp::from_ns(1);
        Record {
            position: Position::new(1),
            recorded_at: time,
            decided_at: time,
            date: BusinessDate::default(),
            id: CommandId::derived(b"id"),
            content: ContentHash::of(&[]),
            body: Body::RecordsPut(vec![put]),
            links: Links::new(),
        }
    }

    /// A journal in memory accepts and refuses the same records as one in files.
    #[test]
    fn a_journal_in_memory_has_the_same_bound_on_records() {
        let mut bytes = Vec::new();
        encode_record(&of_bytes(100_000), &mut bytes).unwrap();
        let most = MAX_RECORD_BYTES - (bytes.len() - 100_000);
        for (value_bytes, fits) in [(most, true), (most + 1, false)] {
            let mut journal = MemoryJournal::new();
            let wanted = of_bytes(value_bytes);
            let (told, answer) = std::sync::mpsc::channel();
            let done = Box::new(move |done: Result<_, _>| told.send(done.is_ok()).unwrap());
            journal.append(wanted.position, vec![wanted.clone()], done);
            assert_eq!(answer.recv().unwrap(), fits);
            assert_eq!(journal.reader().read(wanted.position).ok(), fits.then_some(wanted));
        }
    }
}
