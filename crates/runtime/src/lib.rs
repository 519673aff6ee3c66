//! What the threads of a bank share: the clock, the counters, the errors they return, and the fuse that stops them.
//!
//! This crate must never decide anything about money, or know an account, the books or an actor.

pub mod activity;
pub mod clock;
pub mod error;
pub mod fuse;
pub mod lock;
pub mod meters;
pub mod readers;
#[cfg(any(test, feature = "testing"))]
pub mod tasks;

pub use activity::{Activity, Counters, Waits};
pub use error::{BankError, Error, OpenError, unreadable};
pub use fuse::Fuse;
pub use lock::{DirectoryLock, Use};
pub use meters::{Meters, Stats, WorkerMeters};
pub use readers::{Job, Readers};
