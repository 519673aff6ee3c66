//! The parts of an engine, for the simulator, which runs them without threads.

pub use crate::account::Place;
#[cfg(any(test, feature = "testing"))]
pub use crate::bank::CloseRequests;
pub use crate::bank::Closed;
pub use crate::bank::{
    Bank, Config, Ending, Engine, Parts, Reading, assemble, journal_writer, open_stored, stop_supervisor_with,
};
pub use crate::events::Hub;
pub use crate::journal_writer::{JournalWriter, ToJournal};
pub use crate::supervisor::{Failed, Start, Supervisor};
