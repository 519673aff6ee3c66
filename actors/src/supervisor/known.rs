//! Which ids were used lately: everything that the sealed part of the journal does not tell.
//!
//! Ids are kept in generations. A generation is dropped as a whole once the sealed part of the journal covers it, so
//! that forgetting costs nothing, and is skipped without a look when the id's own time is later than all of its ids.

use std::collections::VecDeque;

use super::id_table::IdTable;
use crate::account::Ticket;
use crate::ledger::{CommandId, Position};

/// What is known of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Its command is under way.
    InFlight(Ticket),
    /// Its command led to the record at this position.
    Recorded(Position),
}

/// A [`Mark`] in eight bytes: there are a million of them and more.
#[derive(Clone, Copy)]
struct Packed(u64);

/// No position has this bit, and no ticket's place comes near it.
const IN_FLIGHT: u64 = 1 << 63;

impl Packed {
    const fn of(mark: Mark) -> Packed {
        match mark {
            Mark::InFlight(Ticket { place, generation }) => {
                debug_assert!(place <= u32::MAX >> 1, "the bit of a place is the flag");
                Packed(IN_FLIGHT | ((place as u64) << 32) | generation as u64)
            }
            Mark::Recorded(position) => Packed(position.get()),
        }
    }

    const fn mark(self) -> Mark {
        let Packed(bits) = self;
        if bits & IN_FLIGHT == 0 {
            return Mark::Recorded(Position::new(bits));
        }
        // Each half fits into its type.
        let (place, generation) = (((bits & !IN_FLIGHT) >> 32) as u32, bits as u32);
        Mark::InFlight(Ticket { place, generation })
    }
}

/// Where an id is kept: the generation's number, which only grows, and the place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KnownPlace {
    generation: u64,
    place: u32,
}

#[derive(Default)]
struct Generation {
    marks: IdTable<Packed>,
    /// The latest time that any of the ids carries, in milliseconds since 1970.
    latest_ms: u64,
    /// The last position of any of the ids.
    through: Position,
    /// How many of the ids are in flight.
    in_flight: usize,
}

/// So many emptied tables are worth keeping: a segment of the journal that is sealed empties several.
pub(super) const MOST_SPARE: usize = 4;

/// The ids that were used lately.
pub(super) struct KnownIds {
    /// Oldest first; never empty.
    generations: VecDeque<Generation>,
    /// The number of the first of them.
    first: u64,
    /// The memory of some that were dropped, for the next ones.
    spare: Vec<IdTable<Packed>>,
}

impl KnownIds {
    pub(super) fn new() -> KnownIds {
        KnownIds { generations: VecDeque::from([Generation::default()]), first: 0, spare: Vec::new() }
    }

    pub(super) fn get(&self, id: CommandId) -> Option<Mark> {
        let time = id.unix_ms();
        let may_have = |generation: &&Generation| time.is_none_or(|time| time <= generation.latest_ms);
        self.generations.iter().rev().filter(may_have).find_map(|generation| generation.marks.get(id)).map(Packed::mark)
    }

    /// Asks for the memory that noting a new `id` needs.
    pub(super) fn prefetch(&self, id: CommandId) {
        if let Some(newest) = self.generations.back() {
            newest.marks.prefetch(id);
        }
    }

    /// Notes that the command of a new `id` is under way.
    pub(super) fn begin(&mut self, id: CommandId, ticket: Ticket) -> KnownPlace {
        self.rotate_when_full();
        let number = self.first.saturating_add(self.generations.len().saturating_sub(1) as u64);
        let mut place = 0;
        if let Some(generation) = self.generations.back_mut() {
            place = generation.marks.insert(id, Packed::of(Mark::InFlight(ticket)));
            generation.latest_ms = generation.latest_ms.max(id.unix_ms().unwrap_or(0));
            generation.in_flight = generation.in_flight.saturating_add(1);
        }
        KnownPlace { generation: number, place }
    }

    /// Notes that the command led to the record at `position`.
    pub(super) fn end(&mut self, began: KnownPlace, position: Position) {
        let generation = usize::try_from(began.generation.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let Some(generation) = self.generations.get_mut(generation) else { return };
        generation.in_flight = generation.in_flight.saturating_sub(1);
        generation.through = generation.through.max(position);
        if let Some(mark) = generation.marks.at_mut(began.place) {
            *mark = Packed::of(Mark::Recorded(position));
        }
    }

    /// Takes in an id of the journal's unsealed part.
    pub(super) fn remember(&mut self, id: CommandId, position: Position) {
        let began = self.begin(id, Ticket { place: 0, generation: 0 });
        self.end(began, position);
    }

    /// Forgets what the sealed part of the journal, up to `sealed`, tells.
    pub(super) fn forget_through(&mut self, sealed: Position) {
        while self.generations.len() > 1
            && self.generations.front().is_some_and(|oldest| oldest.in_flight == 0 && oldest.through <= sealed)
        {
            let oldest = self.generations.pop_front();
            if self.spare.len() < MOST_SPARE {
                self.spare.extend(oldest.map(|oldest| oldest.marks));
            }
            self.first = self.first.saturating_add(1);
        }
    }

    fn rotate_when_full(&mut self) {
        if self.generations.back().is_some_and(|newest| newest.marks.is_full()) {
            let mut marks = self.spare.pop().unwrap_or_else(IdTable::with_room);
            marks.clear();
            self.generations.push_back(Generation { marks, ..Generation::default() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::id_table::MOST_IDS;
    use super::*;

    fn id(number: u128) -> CommandId {
        CommandId::new(uuid::Uuid::from_u128(number))
    }

    fn dated(ms: u128, number: u128) -> CommandId {
        id((ms << 80) | (7 << 76) | number)
    }

    const TICKET: Ticket = Ticket { place: 3, generation: 4 };

    #[test]
    fn an_id_is_in_flight_until_it_is_recorded() {
        let mut known = KnownIds::new();
        assert_eq!(known.get(id(1)), None);
        let began = known.begin(id(1), TICKET);
        assert_eq!(known.get(id(1)), Some(Mark::InFlight(TICKET)));
        known.end(began, Position::new(9));
        assert_eq!(known.get(id(1)), Some(Mark::Recorded(Position::new(9))));
    }

    #[test]
    fn marks_are_packed_without_a_loss() {
        for (place, generation) in [(0, 0), (1, u32::MAX), (u32::MAX >> 1, 0), (511, 7)] {
            let mark = Mark::InFlight(Ticket { place, generation });
            assert_eq!(Packed::of(mark).mark(), mark);
        }
        for position in [0, 1, u64::MAX >> 1] {
            let mark = Mark::Recorded(Position::new(position));
            assert_eq!(Packed::of(mark).mark(), mark);
        }
    }

    #[test]
    fn a_generation_is_kept_until_all_of_it_is_sealed() {
        let mut known = KnownIds::new();
        let late = known.begin(dated(5, 0), TICKET);
        for number in 1..=MOST_IDS as u128 {
            known.remember(dated(5 + number, number), Position::new(number as u64));
        }
        known.forget_through(Position::new(u64::MAX));
        assert_eq!(known.get(dated(6, 1)), Some(Mark::Recorded(Position::new(1))), "one is in flight");
        known.end(late, Position::new(900_000));
        known.forget_through(Position::new(899_999));
        assert_eq!(known.get(dated(5, 0)), Some(Mark::Recorded(Position::new(900_000))));
        known.forget_through(Position::new(900_000));
        assert_eq!(known.get(dated(5, 0)), None, "the sealed part tells it now");
        let last = MOST_IDS as u128;
        assert!(known.get(dated(5 + last, last)).is_some(), "the newest generation stays");
    }

    #[test]
    fn an_id_from_the_future_is_found_when_its_time_has_come() {
        let mut known = KnownIds::new();
        known.remember(dated(1_000_000, 1), Position::new(1));
        for number in 2..=MOST_IDS as u128 + 2 {
            known.remember(dated(number, number), Position::new(number as u64));
        }
        assert_eq!(known.get(dated(1_000_000, 1)), Some(Mark::Recorded(Position::new(1))));
    }
}
