//! Everything in flight: commands that were admitted and not decided yet.

use smallvec::SmallVec;

use crate::account::{SeatIndex, Ticket};
use crate::command::Command;
use crate::ledger::{AccountNumber, CommandId, ContentHash, Timestamp};

use super::admission::Purpose;
use super::batches::Slot;
use super::draw::DrawOnHold;
use super::groups::Group;
use super::known::KnownPlace;
use super::running::Running;
use super::transfer::Transfer;

/// How far a command has come, with what only that part of its way needs.
#[derive(Default)]
pub(super) enum Flow {
    /// Not begun yet, or waiting for an account to be activated, changed or retired.
    #[default]
    Admitted,
    /// Waiting for what the sealed part of the journal knows of its id.
    LookingUp,
    /// A repetition, waiting for the record of the first time.
    Repeating,
    /// Waiting for a record that the decision depends on.
    Seeking(Purpose),
    /// Waiting for what the books know: the versions of application records, or a schedule.
    Comparing,
    /// Waiting to have this number to itself, to open an account there.
    Opening(AccountNumber),
    /// Waiting for the account in this seat to decide on a change.
    Changing(SeatIndex),
    /// Moving money from one account to another, or placing a hold.
    Transfer(Transfer),
    /// Drawing on a hold.
    Draw(DrawOnHold),
    /// Waiting for the record of a movement to take back, or for one that says what was taken back before.
    Reversing(Purpose, Box<Group>),
    /// Waiting for the accounts that it needs to itself.
    Locking(Box<Group>),
    /// Its steps are being decided, with the accounts to itself.
    Grouped(Box<Running>),
}

impl Flow {
    /// The steps of a command that does not have its accounts yet.
    pub(super) fn group(&self) -> Option<&Group> {
        match self {
            Flow::Reversing(_, group) | Flow::Locking(group) => Some(group),
            _ => None,
        }
    }

    pub(super) fn group_mut(&mut self) -> Option<&mut Group> {
        match self {
            Flow::Reversing(_, group) | Flow::Locking(group) => Some(group),
            _ => None,
        }
    }

    /// Takes the steps of a command that does not have its accounts yet.
    pub(super) fn take_group(&mut self) -> Option<Box<Group>> {
        match std::mem::take(self) {
            Flow::Reversing(_, group) | Flow::Locking(group) => Some(group),
            other => {
                *self = other;
                None
            }
        }
    }

    /// Waits for a record. What seeks something to take back keeps the steps that it has.
    pub(super) fn seek(&mut self, purpose: Purpose) {
        *self = match self.take_group() {
            Some(group) => Flow::Reversing(purpose, group),
            None => Flow::Seeking(purpose),
        };
    }
}

/// Who is told what became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerTo {
    /// A caller of the bank.
    Caller(Slot),
    /// A schedule, whose attempt it was.
    Schedule(CommandId),
    /// Nobody: the supervisor began it by itself, and looks at what it leads to.
    Nobody,
}

/// Repetitions that wait for the answer of the first command of their id: whom to answer, and the content of each.
#[derive(Default)]
pub(super) struct Repetitions(pub(super) Vec<(AnswerTo, ContentHash)>);

/// What was asked, and by whom.
pub(super) struct Request {
    pub(super) ticket: Ticket,
    pub(super) command: Command,
    pub(super) content: ContentHash,
    /// Whom to answer.
    pub(super) answer_to: AnswerTo,
    /// Repetitions that came while this one was in flight, if there were any.
    pub(super) joined: Option<Box<Repetitions>>,
    /// When it came in, or was decided last.
    pub(super) decided_at: Timestamp,
    /// Where the id is kept; `None` for a repetition, whose id is not its own.
    pub(super) known: Option<KnownPlace>,
}

/// One command in flight.
pub(super) struct Flight {
    pub(super) request: Request,
    /// The accounts in whose queues it waits.
    pub(super) waits_at: SmallVec<[SeatIndex; 2]>,
    pub(super) flow: Flow,
}

/// Every transfer writes and reads one of these, among hundreds of others that must fit into the processor's cache.
const _: () = assert!(size_of::<Flight>() <= 272, "a flight has grown");

impl Request {
    /// Whom to answer, with the content of what was asked: the first, and every repetition of it.
    pub(super) fn asked(self) -> impl Iterator<Item = (AnswerTo, ContentHash)> {
        std::iter::once((self.answer_to, self.content)).chain(self.joined.into_iter().flat_map(|joined| joined.0))
    }
}

#[derive(Default)]
struct Place {
    generation: u32,
    flight: Option<Flight>,
}

/// The table of commands in flight. Places are used again; tickets tell one use from the next.
#[derive(Default)]
pub(super) struct Flights {
    places: Vec<Place>,
    free: Vec<u32>,
}

impl Flights {
    pub(super) fn len(&self) -> usize {
        self.places.len().saturating_sub(self.free.len())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn insert(&mut self, flight: impl FnOnce(Ticket) -> Flight) -> Ticket {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place::default());
            // Admission keeps the number of places far below 2^32.
            u32::try_from(self.places.len().saturating_sub(1)).unwrap_or(u32::MAX)
        });
        let mut generation = 0;
        if let Some(entry) = self.places.get_mut(place as usize) {
            generation = entry.generation;
            entry.flight = Some(flight(Ticket { place, generation }));
        }
        Ticket { place, generation }
    }

    pub(super) fn get_mut(&mut self, ticket: Ticket) -> Option<&mut Flight> {
        let entry = self.places.get_mut(ticket.place as usize)?;
        if entry.generation == ticket.generation { entry.flight.as_mut() } else { None }
    }

    pub(super) fn get(&self, ticket: Ticket) -> Option<&Flight> {
        let entry = self.places.get(ticket.place as usize)?;
        if entry.generation == ticket.generation { entry.flight.as_ref() } else { None }
    }

    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<Flight> {
        let entry = self.places.get_mut(ticket.place as usize)?;
        if entry.generation != ticket.generation {
            return None;
        }
        let flight = entry.flight.take()?;
        entry.generation = entry.generation.wrapping_add(1);
        self.free.push(ticket.place);
        Some(flight)
    }
}
