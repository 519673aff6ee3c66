//! The first administrator of a bank that has none: by `JANGBU_ADMIN_PASSWORD`, or by a link that is shown once.
//!
//! There are no credentials that anybody could know beforehand.

use std::time::Duration;

use jangbu::{Timestamp, accounts::FREE_TRANSFERS_PER_DAY};
use parking_lot::Mutex;
use secrecy::SecretString;

use super::audit::Actor;
use super::members::{Member, MemberError, NewMember, PasswordGiven};
use super::principal::Role;
use super::service::Service;
use super::time::Time;

/// How long the link may be used.
const LINK_LASTS: Duration = Duration::from_secs(30 * 60);

/// The link that is open, if one is.
#[derive(Debug, Default)]
pub(crate) struct Setup {
    open: Mutex<Option<Link>>,
}

#[derive(Debug)]
struct Link {
    hash: blake3::Hash,
    until: Timestamp,
}

impl Setup {
    /// Opens a link and tells its secret.
    ///
    /// # Errors
    /// When the machine gives no random bytes.
    pub(crate) fn open(&self, time: &Time) -> Result<String, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let secret = blake3::Hash::from_bytes(bytes).to_hex().to_string();
        let until = time.now().after(LINK_LASTS);
        *self.open.lock() = Some(Link { hash: blake3::hash(secret.as_bytes()), until });
        Ok(secret)
    }

    /// Takes the link, which nobody can take after that, when that is its secret and there is still time.
    fn take(&self, secret: &str, now: Timestamp) -> bool {
        let mut open = self.open.lock();
        // Hashes are compared in constant time.
        let fits = open.as_ref().is_some_and(|link| now < link.until && link.hash == blake3::hash(secret.as_bytes()));
        if fits {
            *open = None;
        }
        fits
    }

    fn put_back(&self, secret: &str, until: Timestamp) {
        *self.open.lock() = Some(Link { hash: blake3::hash(secret.as_bytes()), until });
    }

    fn until(&self) -> Option<Timestamp> {
        self.open.lock().as_ref().map(|link| link.until)
    }
}

/// Why the first administrator was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    /// No link with that secret is open.
    #[error("the link is unknown, used or expired; the next start shows a new one")]
    Closed,
    /// The member cannot be made.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// The operating system returns no random bytes.
    #[error("the machine returns no random bytes")]
    Random,
}

/// Whether the bank has an administrator.
pub(crate) fn has_administrator(service: &Service) -> bool {
    service.members.all().iter().any(|member| member.role == Role::Admin && member.is_active())
}

/// Makes the first administrator, for whoever has the link.
///
/// # Errors
/// [`SetupError::Closed`] without an open link, or when the bank has an administrator already.
pub(crate) async fn first_administrator(service: &Service, secret: &str, new: NewMember) -> Result<Member, SetupError> {
    let until = service.setup.until().ok_or(SetupError::Closed)?;
    if has_administrator(service) || !service.setup.take(secret, service.time.now()) {
        return Err(SetupError::Closed);
    }
    let actor = Actor { via: "setup".into(), ..Actor::console() };
    match service.members.join(&actor, new).await {
        Ok((member, _)) => Ok(member),
        Err(error) => {
            // After a password that was too short, the same link works again.
            service.setup.put_back(secret, until);
            Err(error.into())
        }
    }
}

/// Opens the link by which the first administrator is made, and returns its secret; `None` when there is an administrator.
///
/// # Errors
/// [`SetupError::Member`] for a password that is too short or too common.
pub(crate) async fn begin(service: &Service, password: Option<SecretString>) -> Result<Option<String>, SetupError> {
    if has_administrator(service) {
        return Ok(None);
    }
    if let Some(password) = password.filter(|_| service.members.all().is_empty()) {
        let new = NewMember {
            username: "admin".into(),
            name: "Administrator".into(),
            email: "admin@localhost".into(),
            role: Role::Admin,
            free_transfers_per_day: FREE_TRANSFERS_PER_DAY,
            password: PasswordGiven::Own(password),
        };
        service.members.join(&Actor::console(), new).await?;
        tracing::info!("made the administrator admin, with the password of JANGBU_ADMIN_PASSWORD");
        return Ok(None);
    }
    service.setup.open(&service.time).map(Some).map_err(|error| {
        tracing::error!("no random bytes: {error}");
        SetupError::Random
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_used_once_in_time_and_by_its_secret() {
        let (setup, time) = (Setup::default(), Time::system());
        let now = time.now();
        assert!(!setup.take("", now), "nothing is open");
        let secret = setup.open(&time).unwrap();
        assert!(!setup.take("another", now));
        assert!(!setup.take(&secret, now.after(LINK_LASTS + Duration::from_secs(60))));
        assert!(setup.take(&secret, now));
        assert!(!setup.take(&secret, now));
    }
}
