//! Bugs and panics that tests plant, to prove that the tests detect them. Without the feature `testing` there are none:
//! every query is a constant `false` at compile time.

#[cfg(feature = "testing")]
mod dice;

#[cfg(feature = "testing")]
pub use dice::Dice;

/// A bug that can be planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum Bug {
    /// The journal does not sync what it writes.
    NoSync = 1,
    /// Answers leave before the journal is synced.
    AnswerBeforeSync,
    /// A sender is not refunded when the receiver refuses.
    LostRefund,
    /// A receiver gets its credit twice.
    DoubleCredit,
    /// A hold can be settled after it has expired.
    ExpiredHoldSettles,
    /// A fee is charged but credited to nobody.
    FeeNotCredited,
    /// Ids are forgotten on restart.
    IdForgotten,
    /// Two records are swapped on their way to the journal.
    CausalOrderBroken,
    /// A hold that ends does not return its part of the day's limit.
    LimitNotGivenBack,
    /// A checkpoint stores state that is not yet durable in the journal.
    CheckpointAhead,
    /// Linked steps are recorded without the last one.
    HalfLink,
    /// The business day begins at midnight in London.
    WrongDayBoundary,
    /// The fee of a hold is charged with every capture.
    HoldFeeTwice,
    /// Open holds are forgotten on restart.
    HoldForgotten,
    /// A checkpoint claims a later position than it contains.
    MarkTooHigh,
    /// Closing a bank does not wait for commands that are still being admitted.
    CloseOverlooksAdmitted,
    /// Decisions that follow a panic within the same message are recorded.
    CommitAfterPanic,
    /// A damaged last frame is taken for a torn write.
    LastFrameTakenForTorn,
    /// A hold can be raised while its verifier is deciding about the previous amount.
    VerifiedHoldRaised,
    /// Holds that have ended are still verified.
    EndedHoldsVerified,
    /// A batch is taken in completely before the next one.
    BatchHogsIntake,
    /// The versions of application records are compared with the durable state, although a newer write is queued.
    PutOverlooksQueued,
    /// A debit does not wait for an earlier debit of its account that waits for its receiver.
    DebitOvertakes,
    /// A command that cannot proceed on its turn goes to the end of the queue.
    PlaceLost,
    /// Application records do not count towards the unstored state.
    UnstoredUncounted,
    /// Checkpoints begin after a number of records, whatever the time.
    CheckpointTimeIgnored,
    /// A replay keeps everything in memory until it ends.
    ReplayInOneGo,
    /// The id filters never exclude an id. This is not a wrong answer, but every id has to be looked up.
    FiltersUnsure,
    /// The clock is trusted, however far ahead it is.
    ClockLeadIgnored,
    /// Reversals of several movements of one command do not wait for each other.
    TurnsByStep,
    /// An archive removes a segment without having read its copy.
    RemovesUnread,
    /// A copy is read back from memory instead of from the medium.
    ReadsMemory,
    /// A failure of the environment is taken for damage to the stored state.
    EnvironmentIsDamage,
    /// A backup that repairs a copy trusts every file of the right length.
    RepairsNothing,
    /// A command can exceed the size limit of records.
    CommandsUnbounded,
    /// Adding a currency creates new seats for its accounts beside those that wait for the books' answer.
    TwoSeats,
    /// The accounts of a new currency vanish when the books answer that there were none.
    AnswerTooLate,
}

/// A point at which a test can make the engine panic. Each is on a thread of its own, except for the two on a reading
/// thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum Spot {
    /// The supervisor, while it handles a message.
    Supervisor = 1,
    /// A worker, outside its accounts' handlers.
    Worker,
    /// The journal thread, with a batch to append.
    Journal,
    /// The journal's segment thread, with a segment to prepare or to seal.
    Segment,
    /// The books' thread, with records to apply.
    Books,
    /// The checkpoint thread.
    Save,
    /// A reading thread, with a lookup by the supervisor.
    LookUp,
    /// A reading thread, with a caller's query.
    Read,
    /// The thread that reads events.
    Events,
    /// The verification thread, outside the verifier.
    Verify,
    /// The thread that makes a backup.
    Backup,
    /// The thread that checks the running bank.
    Check,
    /// The thread that closes the bank.
    Close,
}

#[cfg(feature = "testing")]
mod planted {
    use std::sync::atomic::{AtomicU8, Ordering::SeqCst};

    use parking_lot::{Mutex, MutexGuard};

    use super::{Bug, Spot};

    static PLANTED: AtomicU8 = AtomicU8::new(0);
    static PANIC_AT: AtomicU8 = AtomicU8::new(0);
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

    /// A planted bug. It affects the whole process until this value is dropped.
    #[derive(Debug)]
    pub struct Planted {
        _alone: MutexGuard<'static, ()>,
    }

    /// Plants a bug, or makes sure that there is none. Blocks other tests that plant bugs until the value is dropped.
    pub fn plant(bug: Option<Bug>) -> Planted {
        let alone = ONE_AT_A_TIME.lock();
        PLANTED.store(bug.map_or(0, |bug| bug as u8), SeqCst);
        Planted { _alone: alone }
    }

    impl Planted {
        /// Makes the next thread that reaches `spot` panic.
        pub fn panic_at(&self, spot: Spot) {
            PANIC_AT.store(spot as u8, SeqCst);
        }

        /// Returns whether the planted panic has happened.
        pub fn has_panicked(&self) -> bool {
            PANIC_AT.load(SeqCst) == 0
        }
    }

    impl Drop for Planted {
        fn drop(&mut self) {
            PLANTED.store(0, SeqCst);
            PANIC_AT.store(0, SeqCst);
        }
    }

    /// Panics, once, if a panic is planted at `spot`.
    pub fn panic_if_planted(spot: Spot) {
        let here = PANIC_AT.load(std::sync::atomic::Ordering::Relaxed) == spot as u8;
        if here && PANIC_AT.compare_exchange(spot as u8, 0, SeqCst, SeqCst).is_ok() {
            panic!("as planted");
        }
    }

    /// Returns whether `bug` is planted.
    pub fn is_planted(bug: Bug) -> bool {
        PLANTED.load(std::sync::atomic::Ordering::Relaxed) == bug as u8
    }
}

#[cfg(feature = "testing")]
pub use planted::{Planted, is_planted, panic_if_planted, plant};

/// Returns `false`: without the feature `testing`, no bug can be planted.
#[cfg(not(feature = "testing"))]
pub const fn is_planted(_: Bug) -> bool {
    false
}

/// Does nothing: without the feature `testing`, no panic can be planted.
#[cfg(not(feature = "testing"))]
pub const fn panic_if_planted(_: Spot) {}
