//! The settings with which a bank is opened.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::Bank;
use super::engine::{self, Config};
use crate::books::Habits;
use crate::verification::Verifier;
use jangbu_runtime::OpenError;
use jangbu_runtime::clock::{Clock, SystemClock, USUAL_CLOCK_LEAD};

/// Settings of a bank. Each has a default that fits most uses.
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
    /// Sets the time zone whose midnight begins the business day, by its IANA name. The default is `Asia/Seoul`. It is
    /// fixed when the bank is created.
    #[must_use]
    pub fn time_zone(mut self, iana: &str) -> Builder {
        self.config.time_zone = Some(iana.to_owned());
        self
    }

    /// Sets whether a bank is created if there is none; the default is `true`. A program that expects an existing bank
    /// should set `false`: a mistyped path or a missing mount is then an error instead of an empty bank.
    #[must_use]
    pub fn create(mut self, create: bool) -> Builder {
        self.config.create = create;
        self
    }

    /// Sets whether the bank is opened read-only. Nothing on disk is then created, changed or truncated, nothing falls
    /// due, and every command returns [`BankError::ReadOnly`](crate::BankError::ReadOnly). Any number of processes can
    /// read at the same time, while none writes.
    ///
    /// The stored state is copied to the directory for temporary files, because its database cannot be opened without
    /// writing to it. If there is no usable state, the journal is replayed into an empty one there.
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

    /// Sets the number of threads that account actors run on. With 1, the default, they share the supervisor's thread.
    /// That is fastest on few cores, because no message crosses threads.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Builder {
        self.config.workers = workers.max(1);
        self
    }

    /// Sets how many accounts are active at a time; 1,048,576 by default. Idle accounts beyond that are retired. The
    /// limit is exceeded while more accounts than that have commands in flight.
    #[must_use]
    pub fn max_active_accounts(mut self, accounts: usize) -> Builder {
        self.config.max_active_accounts = accounts.max(1);
        self
    }

    /// Sets how many commands may be in flight; 65,536 by default. Callers beyond that get `Overloaded` at once.
    #[must_use]
    pub fn max_in_flight(mut self, commands: usize) -> Builder {
        self.config.max_in_flight = commands.max(1);
        self
    }

    /// Sets how many holds may be open in the whole bank; 1,000,000 by default. Further holds are refused. Each takes
    /// about 200 bytes of memory.
    #[must_use]
    pub fn max_open_holds(mut self, holds: usize) -> Builder {
        self.config.max_open_holds = holds;
        self
    }

    /// Sets the size of a journal segment in bytes; 64 MiB by default.
    #[must_use]
    pub fn segment_bytes(mut self, bytes: u64) -> Builder {
        self.config.segment_bytes = bytes;
        self
    }

    /// Sets the number of records after which the next checkpoint begins; 2,000,000 by default. It bounds, roughly, the
    /// number of records that are replayed after a crash.
    #[must_use]
    pub fn checkpoint_records(mut self, records: u64) -> Builder {
        self.config.checkpoints.every_records = records.max(1);
        self
    }

    /// Sets how much memory in bytes the state that is not stored yet may take: application records, and the indexes of
    /// new accounts and of holds; 64 MiB by default. A checkpoint begins at half of it. If the limit is reached before
    /// that checkpoint is stored, the bank slows down to the speed of the disk.
    ///
    /// Changed accounts are not counted. At most [`Builder::max_active_accounts`] stay in memory, stored or not, and
    /// 1,000,000 changed accounts begin a checkpoint.
    #[must_use]
    pub fn max_unstored_bytes(mut self, bytes: usize) -> Builder {
        self.config.checkpoints.most_unstored_bytes = bytes.max(1);
        self
    }

    /// Sets the longest time from a record to the start of the checkpoint that includes it, unless another checkpoint
    /// is running; 60 seconds by default. An idle bank writes no checkpoints.
    #[must_use]
    pub fn checkpoint_interval(mut self, interval: Duration) -> Builder {
        self.config.checkpoints.longest_unstored = interval;
        self
    }

    /// Sets how many changed accounts begin a checkpoint, for tests with few accounts.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn checkpoint_accounts(mut self, accounts: usize) -> Builder {
        self.config.checkpoints.most_changed = accounts.max(1);
        self
    }

    /// Sets whether the bank runs due schedules on its own; the default is `true`. A program that opens the bank only
    /// to inspect or change something may set `false`. Schedules then stay due until [`Bank::run_due`], or until a
    /// program that runs them opens the bank.
    #[must_use]
    pub fn run_schedules(mut self, run: bool) -> Builder {
        self.config.run_schedules = run;
        self
    }

    /// Sets the clock by which decisions and records are dated; the machine's by default.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Builder {
        self.config.clock = clock;
        self
    }

    /// Sets how far the clock may be ahead of the trusted time, which is the time of the last record plus the time that
    /// has passed since the bank read it; 24 hours by default. While the clock is further ahead, nothing new is
    /// decided: commands return [`BankError::ClockAhead`](crate::BankError::ClockAhead), and neither schedules nor
    /// expiries run. Otherwise, one record with a false time would date everything after it.
    ///
    /// A bank that was closed for longer than this needs [`Bank::accept_clock`] when it is opened again. A program that
    /// cannot ask an operator may set a longer lead. `Duration::MAX` trusts every reading.
    #[must_use]
    pub fn clock_lead(mut self, lead: Duration) -> Builder {
        self.config.clock_lead = lead;
        self
    }

    /// Sets the verifier of the transfers that [`Bank::accept`] holds. Without one, the default, they stay held until
    /// they are settled or voided by command, or until the directory is opened by a bank with a verifier.
    ///
    /// With a verifier, transfers by schedules are held for it too, always for the full amount, because the amount
    /// available at the time of the approval is not known in advance.
    #[must_use]
    pub fn verifier(mut self, verifier: impl Verifier) -> Builder {
        self.config.verifier = Some(Arc::new(verifier));
        self
    }

    /// Sets how many transfers are verified at the same time; 10,000 by default. The others wait in order.
    #[must_use]
    pub fn max_verifying(mut self, transfers: usize) -> Builder {
        self.config.max_verifying = transfers.max(1);
        self
    }

    /// Sets the disk on which the journal is kept, instead of the machine's, to inject faults.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn disk(mut self, disk: Arc<dyn crate::journal::disk::Disk>) -> Builder {
        self.config.disk = Some(disk);
        self
    }

    /// Returns the settings.
    #[cfg(any(test, feature = "testing"))]
    pub fn into_config(self) -> Config {
        self.config
    }

    /// Opens the bank in the directory `path`, and creates both if they do not exist. Blocks until the state has caught
    /// up with the end of the journal.
    ///
    /// # Errors
    /// Every variant of [`OpenError`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Bank, OpenError> {
        engine::open(self.config, Some(path.as_ref()))
    }

    /// Creates a bank in memory. It is lost when its last handle is dropped.
    ///
    /// # Errors
    /// [`OpenError::TimeZone`] and [`OpenError::Engine`].
    pub fn in_memory(self) -> Result<Bank, OpenError> {
        engine::open(self.config, None)
    }
}
