//! The limits on the rate of requests.

use super::Settings;
use super::settings::ConfigError;

/// The budget of one kind of operation: a burst that refills evenly over the period of that kind. 0 means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// Per member.
    pub(crate) per_member: u32,
    /// For all members at one address.
    pub(crate) per_address: u32,
    /// In total.
    pub(crate) total: u32,
}

/// The limits on the rate of requests. `rates.rs` describes each budget and its period.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    /// Sign-ins per address and minute: 20.
    pub(crate) sign_in_per_address: u32,
    /// Sign-ups per address and hour: 10.
    pub(crate) sign_up_per_address: u32,
    /// Sign-ups in total per hour: 600.
    pub(crate) sign_up_total: u32,
    /// Changes to one's own data, per hour.
    pub(crate) changes: Budget,
    /// Changes of passwords and second factors, per hour.
    pub(crate) credentials: Budget,
    /// Sign-outs, revocations and cancellations, per minute.
    pub(crate) endings: Budget,
    /// Transfers, per ten seconds.
    pub(crate) transfers: Budget,
    /// Transfers in batches sent with a token, per ten seconds.
    pub(crate) batch_transfers: Budget,
    /// Others' accounts named for the first time, per minute.
    pub(crate) lookups: Budget,
    /// The same in batches, per day.
    pub(crate) batch_lookups: Budget,
    /// Everything that staff do as staff, per ten seconds.
    pub(crate) staff: Budget,
}

impl Rates {
    /// The defaults.
    pub(super) const DEFAULT: Rates = Rates {
        sign_in_per_address: 20,
        sign_up_per_address: 10,
        sign_up_total: 600,
        changes: Budget { per_member: 60, per_address: 600, total: 60_000 },
        credentials: Budget { per_member: 30, per_address: 300, total: 30_000 },
        endings: Budget { per_member: 60, per_address: 600, total: 60_000 },
        transfers: Budget { per_member: 200, per_address: 2_000, total: 500_000 },
        batch_transfers: Budget { per_member: 100_000, per_address: 200_000, total: 1_000_000 },
        lookups: Budget { per_member: 30, per_address: 300, total: 30_000 },
        batch_lookups: Budget { per_member: 10_000, per_address: 20_000, total: 500_000 },
        staff: Budget { per_member: 5_000, per_address: 20_000, total: 100_000 },
    };

    /// No limits.
    #[cfg(test)]
    pub(crate) const UNLIMITED: Rates = {
        const NONE: Budget = Budget { per_member: 0, per_address: 0, total: 0 };
        Rates {
            sign_in_per_address: 0,
            sign_up_per_address: 0,
            sign_up_total: 0,
            changes: NONE,
            credentials: NONE,
            endings: NONE,
            transfers: NONE,
            batch_transfers: NONE,
            lookups: NONE,
            batch_lookups: NONE,
            staff: NONE,
        }
    };
}

impl Settings {
    /// Returns the limits in force.
    ///
    /// # Errors
    /// [`ConfigError::Value`] with the setting and its source.
    pub(super) fn rates(&self) -> Result<Rates, ConfigError> {
        let budget = |[per_member, per_address, total]: [&'static str; 3]| {
            Ok::<_, ConfigError>(Budget {
                per_member: self.parsed(per_member)?,
                per_address: self.parsed(per_address)?,
                total: self.parsed(total)?,
            })
        };
        Ok(Rates {
            sign_in_per_address: self.parsed("rates.sign_in_per_address")?,
            sign_up_per_address: self.parsed("rates.sign_up_per_address")?,
            sign_up_total: self.parsed("rates.sign_up_total")?,
            changes: budget(["rates.changes_per_member", "rates.changes_per_address", "rates.changes_total"])?,
            credentials: budget([
                "rates.credentials_per_member",
                "rates.credentials_per_address",
                "rates.credentials_total",
            ])?,
            endings: budget(["rates.endings_per_member", "rates.endings_per_address", "rates.endings_total"])?,
            transfers: budget(["rates.transfers_per_member", "rates.transfers_per_address", "rates.transfers_total"])?,
            batch_transfers: budget([
                "rates.batch_transfers_per_member",
                "rates.batch_transfers_per_address",
                "rates.batch_transfers_total",
            ])?,
            lookups: budget(["rates.lookups_per_member", "rates.lookups_per_address", "rates.lookups_total"])?,
            batch_lookups: budget([
                "rates.batch_lookups_per_member",
                "rates.batch_lookups_per_address",
                "rates.batch_lookups_total",
            ])?,
            staff: budget(["rates.staff_per_member", "rates.staff_per_address", "rates.staff_total"])?,
        })
    }
}
