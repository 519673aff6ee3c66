//! argon2id on a few threads of its own: hashing is slow on purpose and must not slow down anything else.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};

use super::queue::{Queue, QueueLane};
use crate::server::config::Passwords;
use crate::server::members::MemberError;

/// How many strangers, and how many known members, may wait per hashing thread. Beyond that, the answer is an immediate
/// "overloaded".
const QUEUE_PER_PLACE: usize = 32;

/// Hashes and compares passwords.
#[derive(Clone)]
pub(crate) struct Hasher {
    argon2: Argon2<'static>,
    queue: Arc<Queue>,
    computed: Arc<AtomicU64>,
    /// The hash of a random password, for unknown usernames.
    nobodys: Arc<str>,
}

/// How a password relates to a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PasswordMatch {
    /// Another password.
    Different,
    /// The same password.
    Same,
    /// The same password, hashed by an early version without preparation; to be hashed again.
    SameUnprepared,
}

impl PasswordMatch {
    /// Whether it is the same password.
    pub(crate) const fn is_same(self) -> bool {
        !matches!(self, PasswordMatch::Different)
    }
}

fn opaque(password: &SecretString) -> SecretString {
    super::opaque(password.expose_secret()).into_owned().into()
}

impl Hasher {
    /// Makes a hasher with these settings.
    ///
    /// # Errors
    /// A sentence for settings that argon2 does not take.
    pub(crate) fn new(settings: Passwords) -> Result<Hasher, String> {
        let params = Params::new(settings.memory_kib, settings.passes, 1, None)
            .map_err(|error| format!("passwords cannot be hashed with these settings: {error}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| error.to_string())?;
        let nobodys: PasswordHash = argon2.hash_password(&random).map_err(|error| error.to_string())?;
        let places = settings.at_once.max(1);
        Ok(Hasher {
            argon2,
            queue: Queue::new(places, places.saturating_mul(QUEUE_PER_PLACE)),
            computed: Arc::default(),
            nobodys: nobodys.to_string().into(),
        })
    }

    /// Returns the hash of a password, as a PHC string with its own salt.
    ///
    /// # Errors
    /// 503 when too many wait.
    pub(crate) async fn hash(&self, password: SecretString, line: QueueLane) -> Result<String, MemberError> {
        let password = opaque(&password);
        let argon2 = self.argon2.clone();
        let hashed = self.run(line, move || {
            let hash: Result<PasswordHash, _> = argon2.hash_password(password.expose_secret().as_bytes());
            hash.map(|hash| hash.to_string())
        });
        hashed.await?.map_err(|error| {
            tracing::error!("a password cannot be hashed: {error}");
            MemberError::Hashing
        })
    }

    /// Compares a password with a hash. Without a hash it does the same work and does not match.
    ///
    /// # Errors
    /// 503 when too many wait.
    pub(crate) async fn matches(
        &self,
        password: SecretString,
        hash: Option<String>,
        line: QueueLane,
    ) -> Result<PasswordMatch, MemberError> {
        let argon2 = self.argon2.clone();
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| String::from(&*self.nobodys));
        let likeness = self.run(line, move || {
            let Ok(parsed) = PasswordHash::new(&hash) else { return PasswordMatch::Different };
            let is =
                |password: &SecretString| argon2.verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
            let prepared = opaque(&password);
            if is(&prepared) {
                PasswordMatch::Same
            } else if prepared.expose_secret() != password.expose_secret() && is(&password) {
                PasswordMatch::SameUnprepared
            } else {
                PasswordMatch::Different
            }
        });
        Ok(if known { likeness.await? } else { likeness.await.map(|_| PasswordMatch::Different)? })
    }

    /// Whether a hash was made with other settings than the current ones.
    pub(crate) fn is_outdated(&self, hash: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(hash) else { return false };
        let params = Params::try_from(&parsed.params);
        let now = self.argon2.params();
        parsed.algorithm != Algorithm::Argon2id.ident()
            || parsed.version != Some(Version::V0x13.into())
            || params.is_ok_and(|was| {
                (was.m_cost(), was.t_cost(), was.p_cost()) != (now.m_cost(), now.t_cost(), now.p_cost())
            })
    }

    /// Returns how many hashes were computed, to compare the cost of answers.
    #[cfg(test)]
    pub(crate) fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(
        &self,
        line: QueueLane,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, MemberError> {
        let Some(place) = self.queue.place(line).await else {
            return Err(MemberError::Overloaded);
        };
        let computed = self.computed.clone();
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            computed.fetch_add(1, Ordering::Relaxed);
            // Kept until here even if the caller has left, so that the number of concurrent hashes is limited.
            drop(place);
            result
        });
        done.await.map_err(|_| MemberError::Hashing)
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::future::join_all;

    use super::*;

    const OWN: QueueLane = QueueLane::Known(None);

    fn hasher(at_once: usize) -> Hasher {
        Hasher::new(Passwords { memory_kib: 8, passes: 1, at_once }).unwrap()
    }

    #[actix_web::test]
    async fn a_password_matches_its_own_hash_only() {
        let hasher = hasher(1);
        let hash = hasher.hash("kq8!hz2w".into(), OWN).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(hasher.matches("kq8!hz2w".into(), Some(hash.clone()), OWN).await.unwrap().is_same());
        assert!(!hasher.matches("kq8!hz2x".into(), Some(hash), OWN).await.unwrap().is_same());
        assert!(!hasher.matches("kq8!hz2w".into(), None, OWN).await.unwrap().is_same());
    }

    #[actix_web::test]
    async fn a_password_matches_in_every_form_in_which_it_is_typed() {
        let hasher = hasher(1);
        let (composed, decomposed) = ("비밀번호 é", "\u{1107}\u{1175}\u{1106}\u{1175}\u{11af}번호\u{3000}e\u{301}");
        for set in [composed, decomposed] {
            let hash = hasher.hash(set.into(), OWN).await.unwrap();
            for typed in [composed, decomposed] {
                let likeness = hasher.matches(typed.into(), Some(hash.clone()), OWN).await.unwrap();
                assert_eq!(likeness, PasswordMatch::Same, "{set} {typed}");
            }
        }
    }

    /// Hashes of early versions are of the password as it was typed.
    #[actix_web::test]
    async fn an_early_hash_matches_the_form_in_which_it_was_typed() {
        let hasher = hasher(1);
        let typed = "비밀번호\u{3000}e\u{301}";
        let early: PasswordHash = hasher.argon2.hash_password(typed.as_bytes()).unwrap();
        let likeness = hasher.matches(typed.into(), Some(early.to_string()), OWN).await.unwrap();
        assert_eq!(likeness, PasswordMatch::SameUnprepared);
        assert!(!hasher.matches("비밀번호 e".into(), Some(early.to_string()), OWN).await.unwrap().is_same());
    }

    #[actix_web::test]
    async fn a_hash_of_other_settings_is_outdated() {
        let made = |memory_kib, passes| Hasher::new(Passwords { memory_kib, passes, at_once: 1 }).unwrap();
        let now = made(16, 2);
        let hash = now.hash("kq8!hz2w".into(), OWN).await.unwrap();
        assert!(!now.is_outdated(&hash));
        assert!(made(8, 2).is_outdated(&hash) && made(16, 1).is_outdated(&hash));
        assert!(now.is_outdated(&hash.replace("argon2id", "argon2i")));
        assert!(!now.is_outdated("no hash"));
    }

    #[actix_web::test]
    async fn a_name_that_nobody_has_costs_the_same_work() {
        let hasher = hasher(1);
        let hash = hasher.hash("kq8!hz2w".into(), OWN).await.unwrap();
        let before = hasher.computed();
        hasher.matches("wrong password".into(), Some(hash), OWN).await.unwrap();
        let known = hasher.computed() - before;
        hasher.matches("wrong password".into(), None, OWN).await.unwrap();
        assert_eq!((known, hasher.computed() - before), (1, 2));
    }

    #[actix_web::test]
    async fn beyond_the_queue_callers_hear_so_at_once() {
        let hasher = hasher(1);
        let taken = hasher.queue.place(OWN).await;
        let all = join_all((0..QUEUE_PER_PLACE + 8).map(|_| hasher.matches("wrong".into(), None, OWN)));
        let mut all = Box::pin(all);
        assert!((&mut all).now_or_never().is_none(), "the others wait");
        drop(taken);
        let answers = all.await;
        let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.len(), 8);
        assert!(refused.iter().all(|error| matches!(error, MemberError::Overloaded)));
        assert!(!hasher.matches("wrong".into(), None, OWN).await.unwrap().is_same(), "and places are given back");
    }
}
