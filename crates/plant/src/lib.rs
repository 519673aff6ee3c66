//! Bugs that tests plant, to see that they would be caught. In a build without the feature `testing` there are none:
//! every question is answered `false` before the program is built.

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
    /// A hold can be settled after its end.
    ExpiredHoldSettles,
    /// A fee is taken and credited to nobody.
    FeeNotCredited,
    /// Ids are forgotten at a restart.
    IdForgotten,
    /// Two records change places on their way to the journal.
    CausalOrderBroken,
    /// A hold that ends does not give its day's limit back.
    LimitNotGivenBack,
    /// A checkpoint stores what the durable journal does not have.
    CheckpointAhead,
    /// Linked steps are recorded without the last of them.
    HalfLink,
    /// The business day turns at midnight in London.
    WrongDayBoundary,
    /// The fee of a hold is taken with every capture.
    HoldFeeTwice,
    /// Open holds are forgotten at a restart.
    HoldForgotten,
    /// A checkpoint says that it has more than it has.
    MarkTooHigh,
    /// A bank that closes does not wait for commands that are still being handed over.
    CloseOverlooksAdmitted,
    /// What is decided in the same message after something panicked is recorded.
    CommitAfterPanic,
    /// A damaged last frame is taken for one that was being written.
    LastFrameTakenForTorn,
    /// A hold can be raised while its verifier is asked about the amount before.
    VerifiedHoldRaised,
    /// Holds that ended are verified all the same.
    EndedHoldsVerified,
    /// A batch is taken in whole before the next one.
    BatchHogsIntake,
    /// Application records are compared with what is durable although something else is written by then.
    PutOverlooksQueued,
    /// A debit does not wait for an earlier one of its account that waits for its receiver.
    DebitOvertakes,
    /// A command that could not go on when its turn came goes to the end of the queue.
    PlaceLost,
    /// Application records do not count towards what is not stored.
    UnstoredUncounted,
    /// Checkpoints begin by the number of records, whatever the time.
    CheckpointTimeIgnored,
    /// A replay keeps everything in memory to its end.
    ReplayInOneGo,
    /// The filters of ids never say no: no bug by itself, but everything has to be looked up.
    FiltersUnsure,
    /// The clock is believed whatever it reads.
    ClockLeadIgnored,
    /// Reversals of several movements of one command do not wait for each other.
    TurnsByStep,
    /// An archive removes a segment whose copy it has not read.
    RemovesUnread,
    /// A copy is read back from memory, not from the medium.
    ReadsMemory,
    /// A failure of the environment is taken for damage of the stored state.
    EnvironmentIsDamage,
    /// A backup trusts a copy whose length is right when it is to be repaired.
    RepairsNothing,
    /// A command can be larger than what any record may become.
    CommandsUnbounded,
    /// A currency that is added takes seats for its accounts beside those that wait for the books' answer about them.
    TwoSeats,
    /// The accounts of a currency that was added vanish when the books answer that there were none.
    AnswerTooLate,
}

/// Where a test can have the engine panic. Each is a thread of its own, but for the two on a reading thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum Spot {
    /// The supervisor, in a message that it handles.
    Supervisor = 1,
    /// A worker, outside of its accounts' handlers.
    Worker,
    /// The journal's thread, with a batch to append.
    Journal,
    /// The journal's second thread, with a segment to prepare or to seal.
    Segment,
    /// The books, with records to apply.
    Books,
    /// The thread that writes checkpoints.
    Save,
    /// A reading thread, with a look-up of the supervisor's.
    LookUp,
    /// A reading thread, with a caller's question.
    Read,
    /// The thread that reads events.
    Events,
    /// The thread of verifications, outside of the verifier.
    Verify,
    /// The thread that makes a backup.
    Backup,
    /// The thread that checks the bank while it goes on.
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

    /// A bug in place, in the whole process, until this is dropped.
    #[derive(Debug)]
    pub struct Planted {
        _alone: MutexGuard<'static, ()>,
    }

    /// Plants a bug, or makes sure that there is none, and keeps other tests of this sort waiting.
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

        /// Whether no panic is planted any more, because it came to pass.
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

    /// Panics if that is planted at `spot`, once.
    pub fn panic_if_planted(spot: Spot) {
        let here = PANIC_AT.load(std::sync::atomic::Ordering::Relaxed) == spot as u8;
        if here && PANIC_AT.compare_exchange(spot as u8, 0, SeqCst, SeqCst).is_ok() {
            panic!("as planted");
        }
    }

    /// Whether `bug` is planted.
    pub fn is_planted(bug: Bug) -> bool {
        PLANTED.load(std::sync::atomic::Ordering::Relaxed) == bug as u8
    }
}

#[cfg(feature = "testing")]
pub use planted::{Planted, is_planted, panic_if_planted, plant};

/// Whether a bug is planted, which it cannot be.
#[cfg(not(feature = "testing"))]
pub const fn is_planted(_: Bug) -> bool {
    false
}

/// Panics if that is planted, which it cannot be.
#[cfg(not(feature = "testing"))]
pub const fn panic_if_planted(_: Spot) {}
