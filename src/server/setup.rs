//! Creates the first administrator, with `JANGBU_ADMIN_PASSWORD` or through a link that is shown once.
//!
//! There are no default credentials.

use std::time::Duration;

use jangbu::{FREE_TRANSFERS_PER_DAY, Timestamp};
use parking_lot::Mutex;
use secrecy::SecretString;

use super::audit::Actor;
use super::http::Problem;
use super::members::{Member, NewMember, PasswordGiven};
use super::principal::Role;
use super::service::Service;
use super::time::Time;

/// How long the link is valid.
const LINK_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// The valid link, if any.
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
    /// Creates a link and returns its secret.
    ///
    /// # Errors
    /// When the machine provides no random bytes.
    pub(crate) fn open(&self, time: &Time) -> Result<String, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let secret = blake3::Hash::from_bytes(bytes).to_hex().to_string();
        let until = time.now().after(LINK_LIFETIME);
        *self.open.lock() = Some(Link { hash: blake3::hash(secret.as_bytes()), until });
        Ok(secret)
    }

    /// Uses up the link if the secret matches and the link is still valid.
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

/// Returns whether the bank has an active administrator.
pub(crate) fn has_administrator(service: &Service) -> bool {
    service.members.all().iter().any(|member| member.role == Role::Admin && member.is_active())
}

/// Creates the first administrator, for the holder of the link.
///
/// # Errors
/// 403 `setup_closed` without a valid link, or if the bank has an administrator; those of joining.
pub(crate) async fn first_administrator(service: &Service, secret: &str, new: NewMember) -> Result<Member, Problem> {
    let closed = || {
        let detail = "the link is unknown, used or expired; the next start shows a new one";
        Problem::new(actix_web::http::StatusCode::FORBIDDEN, "setup_closed", detail)
    };
    let until = service.setup.until().ok_or_else(closed)?;
    if has_administrator(service) || !service.setup.take(secret, service.time.now()) {
        return Err(closed());
    }
    let actor = Actor { via: "setup".into(), ..Actor::console() };
    match service.members.join(&actor, new).await {
        Ok((member, _)) => Ok(member),
        Err(problem) => {
            // A short password must not make a restart necessary.
            service.setup.put_back(secret, until);
            Err(problem)
        }
    }
}

/// Prepares the first administrator at the start. Returns the secret of a link, or `None` if none is needed.
///
/// # Errors
/// Those of joining: the password is too short or common.
pub(crate) async fn begin(service: &Service, password: Option<SecretString>) -> Result<Option<String>, Problem> {
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
        tracing::info!("created the administrator admin with the password in JANGBU_ADMIN_PASSWORD");
        return Ok(None);
    }
    let secret = service.setup.open(&service.time).map_err(|error| {
        tracing::error!("the machine provides no random bytes: {error}");
        Problem::new(
            actix_web::http::StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the machine provides no random bytes",
        )
    })?;
    Ok(Some(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_valid_once_in_time_and_with_its_secret() {
        let (setup, time) = (Setup::default(), Time::system());
        let now = time.now();
        assert!(!setup.take("", now), "nothing is open");
        let secret = setup.open(&time).unwrap();
        assert!(!setup.take("another", now));
        assert!(!setup.take(&secret, now.after(LINK_LIFETIME + Duration::from_secs(60))));
        assert!(setup.take(&secret, now));
        assert!(!setup.take(&secret, now));
    }
}
