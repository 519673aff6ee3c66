//! How to open a bank other than as usual.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::Bank;
use super::engine::{self, Config};
use crate::books::Habits;
use crate::verification::Verifier;
use jangbu_runtime::OpenError;
use jangbu_runtime::clock::{Clock, SystemClock, USUAL_CLOCK_LEAD};

/// Settings of a bank, each with a default that fits most.
#[derive(Clone)]
pub struct Builder {
    config: Config,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Config { time_zone, workers, max_active_accounts, max_in_flight, max_open_holds, .. } = &self.config;
        f.debug_struct("Builder")
            .field("time_zone", time_zone)
            .field("workers", workers)
            .field("max_active_accounts", max_active_accounts)
            .field("max_in_flight", max_in_flight)
            .field("max_open_holds", max_open_holds)
            .finish_non_exhaustive()
    }
}

impl Default for Builder {
    fn default() -> Self {
        let config = Config {
            time_zone: None,
            create: true,
            read_only: false,
            workers: 1,
            max_active_accounts: 1_048_576,
            max_in_flight: 65_536,
            max_open_holds: 1_000_000,
            segment_bytes: 64 * 1024 * 1024,
            checkpoints: Habits::default(),
            run_schedules: true,
            clock: Arc::new(SystemClock),
            clock_lead: USUAL_CLOCK_LEAD,
            verifier: None,
            max_verifying: 10_000,
            #[cfg(any(test, feature = "testing"))]
            disk: None,
        };
        Builder { config }
    }
}

impl Builder {
    /// The time zone whose midnight turns the business day, by its IANA name; `Asia/Seoul` when not given. It is fixed
    /// when the bank is made.
    #[must_use]
    pub fn time_zone(mut self, iana: &str) -> Builder {
        self.config.time_zone = Some(iana.to_owned());
        self
    }

    /// Whether a bank is made where there is none (it is). A program that expects one sets `false`: a directory that is
    /// mistyped, or not mounted, is then an error and not an empty bank.
    #[must_use]
    pub fn create(mut self, create: bool) -> Builder {
        self.config.create = create;
        self
    }

    /// Whether the bank is only read. Then nothing on disk is made, changed or cut off, nothing falls due, and every command
    /// is [`BankError::ReadOnly`](crate::BankError::ReadOnly). Any number of processes can read at the same time, while none
    /// writes.
    ///
    /// The stored state is copied to the directory for temporary files, for its database cannot be opened without being
    /// written to. Without one that can be used, the journal is replayed into an empty one there.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let data = tempfile::tempdir()?;
    /// # let bank = Bank::open(data.path())?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # bank.close().await?;
    /// let bank = Bank::builder().read_only(true).open(data.path())?;
    /// assert_eq!(bank.snapshot(mina).await?.posted.minor_units(), 0);
    /// assert!(bank.deposit(CashPosting::new(mina, Amount::new(1)?)).await.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Builder {
        self.config.read_only = read_only;
        self
    }

    /// The number of threads that account actors run on. With 1, the default, they share the supervisor's: on few
    /// cores that is fastest, as no message crosses threads.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Builder {
        self.config.workers = workers.max(1);
        self
    }

    /// How many accounts are active at a time (1,048,576 by default); idle ones beyond that are retired. While more than
    /// so many have commands in flight, the limit is passed.
    #[must_use]
    pub fn max_active_accounts(mut self, accounts: usize) -> Builder {
        self.config.max_active_accounts = accounts.max(1);
        self
    }

    /// How many commands may be in flight (65,536 by default); beyond them callers get `Overloaded` at once.
    #[must_use]
    pub fn max_in_flight(mut self, commands: usize) -> Builder {
        self.config.max_in_flight = commands.max(1);
        self
    }

    /// How many holds may be open in the whole bank (1,000,000 by default); beyond them a hold is refused. Each takes about
    /// 200 bytes of memory.
    #[must_use]
    pub fn max_open_holds(mut self, holds: usize) -> Builder {
        self.config.max_open_holds = holds;
        self
    }

    /// The size of a journal segment (64 MiB by default).
    #[must_use]
    pub fn segment_bytes(mut self, bytes: u64) -> Builder {
        self.config.segment_bytes = bytes;
        self
    }

    /// How many records after a checkpoint the next one begins (2,000,000 by default). After a crash, at most about so
    /// many records are replayed.
    #[must_use]
    pub fn checkpoint_records(mut self, records: u64) -> Builder {
        self.config.checkpoints.every_records = records.max(1);
        self
    }

    /// How much memory, in bytes, may be taken by what is not stored yet: application records, and the indexes of new accounts
    /// and of holds (64 MiB by default). A checkpoint begins at half of it. Should it be reached before that is stored,
    /// the bank is slowed to what the disk can take.
    ///
    /// The changed accounts themselves are not counted: at most [`Builder::max_active_accounts`] stay in memory stored or not,
    /// and 1,000,000 changed ones begin a checkpoint.
    #[must_use]
    pub fn max_unstored_bytes(mut self, bytes: usize) -> Builder {
        self.config.checkpoints.most_unstored_bytes = bytes.max(1);
        self
    }

    /// How long after a record a checkpoint that has it begins, at the latest (60 seconds by default), as long as none
    /// is under way. A bank in which nothing happens writes none.
    #[must_use]
    pub fn checkpoint_interval(mut self, interval: Duration) -> Builder {
        self.config.checkpoints.longest_unstored = interval;
        self
    }

    /// How many changed accounts bring a checkpoint about, for tests with few of them.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn checkpoint_accounts(mut self, accounts: usize) -> Builder {
        self.config.checkpoints.most_changed = accounts.max(1);
        self
    }

    /// Whether schedules are run by themselves when they are due (they are). A program that opens the bank for a moment, to
    /// look at it or to change something, may leave them: they stay due until [`Bank::run_due`] or until the bank is opened
    /// by a program that runs them.
    #[must_use]
    pub fn run_schedules(mut self, run: bool) -> Builder {
        self.config.run_schedules = run;
        self
    }

    /// The clock that decisions and records are dated by; the machine's by default.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Builder {
        self.config.clock = clock;
        self
    }

    /// How far the clock may read past the trusted time, which is that of the last record and what has passed since the
    /// bank saw it (24 hours by default). While it reads later, nothing new is decided: commands get
    /// [`BankError::ClockAhead`](crate::BankError::ClockAhead), and neither schedules nor expiries run. One record under a
    /// false time would otherwise date everything after it.
    ///
    /// A bank that was closed for longer than the lead needs [`Bank::accept_clock`] when it is opened again. A program
    /// that cannot ask anybody may set a longer lead; `Duration::MAX` believes the clock whatever it reads.
    #[must_use]
    pub fn clock_lead(mut self, lead: Duration) -> Builder {
        self.config.clock_lead = lead;
        self
    }

    /// Who verifies the transfers that [`Bank::accept`] holds. Without one, the default, they stay held until a bank with
    /// a verifier is opened on the same directory, or somebody settles or voids them.
    ///
    /// With one, what schedules attempt is held for it too, and always for the whole amount: what is available by the time of
    /// its approval cannot be told.
    #[must_use]
    pub fn verifier(mut self, verifier: impl Verifier) -> Builder {
        self.config.verifier = Some(Arc::new(verifier));
        self
    }

    /// How many transfers are verified at the same time (10,000 by default); the others wait in their order.
    #[must_use]
    pub fn max_verifying(mut self, transfers: usize) -> Builder {
        self.config.max_verifying = transfers.max(1);
        self
    }

    /// The disk that the journal is kept on, in place of the machine's, to inject faults.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn disk(mut self, disk: Arc<dyn crate::journal::disk::Disk>) -> Builder {
        self.config.disk = Some(disk);
        self
    }

    /// What was set.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn into_config(self) -> Config {
        self.config
    }

    /// Opens the bank in the directory `path`, which is made when there is none. Blocks while the state is brought to
    /// the end of the journal.
    ///
    /// # Errors
    /// Every variant of [`OpenError`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Bank, OpenError> {
        engine::open(self.config, Some(path.as_ref()))
    }

    /// Makes a bank in memory, which is gone when its last handle is dropped.
    ///
    /// # Errors
    /// [`OpenError::TimeZone`] and [`OpenError::Engine`].
    pub fn in_memory(self) -> Result<Bank, OpenError> {
        engine::open(self.config, None)
    }
}
