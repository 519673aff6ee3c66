//! What every request shares.

use std::sync::Arc;

use jangbu::{AccountNumber, Bank, BankError, CommandId, Error, Refusal, queries::Snapshot};
use jiff::tz::TimeZone;

use super::acquaintance::Acquaintances;
use super::allowances::Allowances;
use super::audit::Audit;
use super::bodies::Bodies;
use super::config::Config;
use super::facts::KnownAccounts;
use super::finishing::Finishing;
use super::gauges::Gauges;
use super::http::Problem;
use super::local::Backups;
use super::members::{Keys, Members, MembersOpenError};
use super::pace::RunPace;
use super::principal::{Permission, Principal};
use super::rates::Rates;
use super::setup::Setup;
use super::stopping::Stopping;
use super::storage::Storage;
use super::streams::Streams;
use super::time::Time;
use super::turns::Turns;
use super::unproven::Unproven;

/// The bank, its members, and what the operator set.
#[derive(Debug)]
pub(crate) struct Service {
    /// The bank.
    pub(crate) bank: Bank,
    /// What the operator set.
    pub(crate) config: Arc<Config>,
    /// Members, sessions and tokens.
    pub(crate) members: Members,
    /// Who did or read what.
    pub(crate) audit: Audit,
    /// Whose accounts are, as far as that was asked.
    pub(crate) accounts: KnownAccounts,
    /// The clock.
    pub(crate) time: Time,
    /// How often is too often.
    pub(crate) rates: Arc<Rates>,
    /// How fast the runs of standing orders come.
    pub(crate) pace: Arc<RunPace>,
    /// What tokens with a total per day have paid.
    pub(super) allowances: Allowances,
    /// What was moved within a day without a fresh proof.
    pub(super) unproven: Unproven,
    /// Which accounts of others members know.
    pub(crate) acquaintances: Acquaintances,
    /// Bodies that are being received.
    pub(crate) bodies: Bodies,
    /// What is left of the disk.
    pub(crate) storage: Storage,
    /// The link by which the first administrator is made.
    pub(crate) setup: Setup,
    /// Whether the service is stopping.
    pub(crate) stopping: Stopping,
    /// Changes under way, which end by themselves.
    pub(crate) finishing: Finishing,
    /// Events on their way to who follows them.
    pub(crate) streams: Streams,
    /// What the engine is doing.
    pub(crate) gauges: Gauges,
    /// Backups that are asked for at the machine.
    pub(crate) backups: Backups,
    /// Who of those with the same key is answered first.
    pub(super) turns: Turns<CommandId>,
    /// The bank's time zone, which it has kept since it was made: that of the settings is for a new bank.
    time_zone: TimeZone,
}

impl Service {
    /// The service of a bank that is open, with the keys that its members are sealed under.
    ///
    /// # Errors
    /// [`MembersOpenError`]: keys that are missing or damaged, a bank that cannot be read.
    pub(crate) async fn new(bank: Bank, config: Config, keys: Keys, time: Time) -> Result<Service, MembersOpenError> {
        let rates = Arc::new(Rates::new(&config.rates));
        let storage = Storage::of(&config.data, config.storage);
        let (config, keys) = (Arc::new(config), Arc::new(keys));
        let audit = Audit::new(bank.clone(), keys.clone(), time.clone());
        let members = Members::open(bank.clone(), keys.clone(), audit.clone(), config.clone(), time.clone()).await?;
        let (stopping, accounts, setup) = (Stopping::default(), KnownAccounts::default(), Setup::default());
        let finishing = Finishing::new(config.limits.connections);
        let streams = Streams::new(bank.clone(), config.limits.streams);
        let gauges = Gauges::new(bank.clone(), time.clone());
        let backups = Backups::new(bank.clone(), keys.clone());
        let time_zone = jangbu::time::time_zone(&bank.time_zone().await?);
        let time_zone = time_zone.map_err(|error| BankError::Unreadable(error.to_string()))?;
        Ok(Service {
            bank,
            config,
            members,
            audit,
            accounts,
            time,
            pace: Arc::new(RunPace::new(rates.clone())),
            rates,
            allowances: Allowances::default(),
            unproven: Unproven::default(),
            acquaintances: Acquaintances::default(),
            bodies: Bodies::default(),
            storage,
            setup,
            stopping,
            finishing,
            streams,
            gauges,
            backups,
            turns: Turns::default(),
            time_zone,
        })
    }

    /// Starts the runs of standing orders, at the rate at which their owners may make transfers.
    ///
    /// # Errors
    /// [`BankError`] when the bank is closed or has stopped.
    pub(crate) fn run_orders(&self) -> Result<(), BankError> {
        self.bank.run_schedules(self.pace.clone())
    }

    /// The time zone by whose days the bank's business goes.
    pub(crate) const fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// The account of that number when it is the caller's own, or when the caller may read anybody's, which is audited.
    ///
    /// # Errors
    /// 404 when it is unknown or somebody else's.
    pub(crate) async fn readable_account(
        &self,
        caller: &Principal,
        number: AccountNumber,
    ) -> Result<Snapshot, Problem> {
        let found = self.snapshot(number).await?;
        if caller.member.owner() == found.owner {
            caller.keep_to_account(number)?;
            return Ok(found);
        }
        if !caller.may(Permission::ReadAny) {
            return Err(Problem::not_found());
        }
        self.audit.read(caller, "account", &number.to_string()).await?;
        Ok(found)
    }

    /// The account of that number, which must be the caller's own to move money from.
    ///
    /// # Errors
    /// 404 when it is unknown or somebody else's, 403 when the caller may not move money.
    pub(crate) async fn own_account(&self, caller: &Principal, number: AccountNumber) -> Result<Snapshot, Problem> {
        let found = self.snapshot(number).await?;
        if caller.member.owner() != found.owner {
            return Err(Problem::not_found());
        }
        caller.keep_to_account(number)?;
        Ok(found)
    }

    async fn snapshot(&self, number: AccountNumber) -> Result<Snapshot, Problem> {
        self.bank.snapshot(number).await.map_err(|error| match error {
            Error::Refused(Refusal::AccountUnknown { .. }) => Problem::not_found(),
            other => other.into(),
        })
    }
}
