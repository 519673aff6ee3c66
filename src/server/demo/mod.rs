//! Creates the demo bank: members, staff, and a month of transfers.
//!
//! The month is created before the bank is served, with a clock that is moved through it, so that records have
//! realistic dates. The ledger decides each transfer as usual.
//!
//! This module must never touch a directory that has a bank.

mod month;
mod people;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jangbu::clock::{Clock, SystemClock};
use jangbu::{Bank, Timestamp, accounts::FREE_TRANSFERS_PER_DAY};
use secrecy::SecretString;

use super::audit::Actor;
use super::config::Config;
use super::founding;
use super::members::{Keys, MemberError, MembersOpenError, NewMember, PasswordGiven};
use super::principal::Role;
use super::run::ServeError;
use super::service::Service;
use super::time::Time;
use crate::zone;
use people::PEOPLE;

/// The number of days in the demo's past.
const DAYS: u32 = 31;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Letters and digits that cannot be confused.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A login: username, role, password.
pub(crate) type Login = (&'static str, Role, String);

/// A clock that is set by hand.
struct MovedClock {
    now_ns: AtomicI64,
}

impl MovedClock {
    fn set(&self, moment: Timestamp) {
        self.now_ns.store(moment.as_ns(), Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ns(self.now_ns.load(Ordering::SeqCst))
    }
}

/// Creates the bank if there is none, and returns its logins.
///
/// # Errors
/// Those of opening a bank and its members, and of every command.
pub(crate) async fn make(config: &Config) -> Result<Option<Vec<Login>>, ServeError> {
    if config.data.join("journal").exists() {
        return Ok(None);
    }
    let today = SystemClock.now();
    let begins = ago(today, DAY * DAYS);
    let clock = Arc::new(MovedClock { now_ns: AtomicI64::new(begins.as_ns()) });
    let (bank, _) = zone::open(Bank::builder().clock(clock.clone()), &config.data, config.time_zone.clone())?;
    let keys = Keys::open(&config.data).map_err(MembersOpenError::from)?;
    let service = Service::new(bank.clone(), config.clone(), keys, Time::of(clock.clone())).await?;
    founding::make_types(&bank).await.map_err(refused)?;
    let mut logins = Vec::new();
    for person in PEOPLE {
        let password = password()?;
        let new = NewMember {
            username: person.username.into(),
            name: person.name.into(),
            email: format!("{}@example.com", person.username),
            role: person.role,
            free_transfers_per_day: FREE_TRANSFERS_PER_DAY,
            password: PasswordGiven::Own(SecretString::from(password.clone())),
        };
        service.members.join(&Actor::console(), new).await.map_err(failed)?;
        logins.push((person.username, person.role, password));
    }
    let town = month::open_accounts(&service).await.map_err(refused)?;
    for day in 0..DAYS {
        let morning = begins.after(DAY * day);
        month::play_day(&bank, &town, day, |hour| {
            clock.set(morning.after(Duration::from_secs(hour * 60 * 60)).min(today))
        })
        .await
        .map_err(refused)?;
    }
    drop(service);
    bank.close().await?;
    Ok(Some(logins))
}

fn ago(moment: Timestamp, by: Duration) -> Timestamp {
    Timestamp::from_ns(moment.as_ns().saturating_sub(i64::try_from(by.as_nanos()).unwrap_or(i64::MAX)))
}

/// Returns a password with 80 random bits.
fn password() -> Result<String, ServeError> {
    let mut bytes = [0; 16];
    let random = getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()));
    random.map_err(|source| ServeError::Machine { what: "make passwords", source })?;
    Ok(bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).copied().map(char::from).collect())
}

fn refused(error: jangbu::Error) -> ServeError {
    ServeError::Demo(error.to_string())
}

fn failed(error: MemberError) -> ServeError {
    ServeError::Demo(error.to_string())
}
