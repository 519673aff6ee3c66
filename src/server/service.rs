//! The state shared by all requests.

use std::sync::Arc;

use jangbu::{AccountNumber, Bank, BankError, CommandId, Error, Refusal, Snapshot};
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
use super::members::{Keys, Members, MembersError};
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

/// The bank, its members, and the settings.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) bank: Bank,
    /// The settings.
    pub(crate) config: Arc<Config>,
    /// Members, sessions and tokens.
    pub(crate) members: Members,
    /// The audit log.
    pub(crate) audit: Audit,
    /// A cache of the owners and currencies of accounts.
    pub(crate) accounts: KnownAccounts,
    pub(crate) time: Time,
    /// The rate limits.
    pub(crate) rates: Arc<Rates>,
    /// The pace of standing orders.
    pub(crate) pace: Arc<RunPace>,
    /// Payments by tokens with a daily total.
    pub(super) allowances: Allowances,
    /// Sums moved within a day without a fresh proof.
    pub(super) unproven: Unproven,
    /// The accounts of others that members know.
    pub(crate) acquaintances: Acquaintances,
    /// Request bodies being received.
    pub(crate) bodies: Bodies,
    /// The free space on the disk.
    pub(crate) storage: Storage,
    /// The link for creating the first administrator.
    pub(crate) setup: Setup,
    /// Whether the service is stopping.
    pub(crate) stopping: Stopping,
    /// Changes in progress.
    pub(crate) finishing: Finishing,
    /// Event streams.
    pub(crate) streams: Streams,
    /// The engine's activity.
    pub(crate) gauges: Gauges,
    /// Backups ordered from the machine.
    pub(crate) backups: Backups,
    /// The order of requests with the same key.
    pub(super) turns: Turns<CommandId>,
    /// The bank's time zone, fixed when it was created. The setting is only for a new bank.
    time_zone: TimeZone,
}

impl Service {
    /// Creates the service of an open bank, with the keys that seal its members' data.
    ///
    /// # Errors
    /// [`MembersError`] if keys are missing or damaged, or the bank cannot be read.
    pub(crate) async fn new(bank: Bank, config: Config, keys: Keys, time: Time) -> Result<Service, MembersError> {
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
        let time_zone = jangbu::time_zone(&bank.time_zone().await?);
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

    /// Starts standing orders, at the pace of their owners' limits.
    ///
    /// # Errors
    /// [`BankError`] if the bank is closed or has stopped.
    pub(crate) fn run_orders(&self) -> Result<(), BankError> {
        self.bank.run_schedules(self.pace.clone())
    }

    /// Returns the bank's time zone.
    pub(crate) const fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// Returns an account if it belongs to the caller, or if the caller may read everybody's accounts, which is
    /// audited.
    ///
    /// # Errors
    /// 404 if it is unknown or belongs to somebody else.
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

    /// Returns the caller's own account, to move money from.
    ///
    /// # Errors
    /// 404 if it is unknown or belongs to somebody else, 403 if the caller may not move money.
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
