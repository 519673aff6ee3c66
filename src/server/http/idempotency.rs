//! The client's key against repetition, and the command id that it becomes.

use std::future::{Future, Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use jangbu::CommandId;

use super::Problem;

/// The header `Idempotency-Key`, up to 255 visible characters; absent when the client gave none.
#[derive(Clone, Debug)]
pub(crate) struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    /// The id of the command that the request asks for.
    ///
    /// It is a hash of the caller, the operation and the key, so that no caller can meet another's answer. Without a key
    /// it is a new one.
    pub(crate) fn command_id(&self, caller: &str, operation: &str) -> CommandId {
        let Some(hasher) = self.hasher(caller, operation) else { return CommandId::random() };
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        CommandId::new(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// The ids of so many commands that the request asks for; the same ones again for the same key.
    pub(crate) fn command_ids(&self, caller: &str, operation: &str, count: usize) -> Vec<CommandId> {
        let Some(hasher) = self.hasher(caller, operation) else {
            return std::iter::repeat_with(CommandId::random).take(count).collect();
        };
        let mut stream = hasher.finalize_xof();
        let next = || {
            let mut bytes = [0; 16];
            stream.fill(&mut bytes);
            CommandId::new(uuid::Builder::from_custom_bytes(bytes).into_uuid())
        };
        std::iter::repeat_with(next).take(count).collect()
    }

    fn hasher(&self, caller: &str, operation: &str) -> Option<blake3::Hasher> {
        let key = self.0.as_deref()?;
        let mut hasher = blake3::Hasher::new_derive_key("jangbu 2026-11 command id of an idempotency key");
        for part in [caller, operation, key] {
            hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Some(hasher)
    }

    /// Whether the client gave one.
    pub(crate) const fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// The key, where the bank asks for one with everything that moves money.
    ///
    /// # Errors
    /// 400 where it does and there is none.
    pub(crate) fn wanted(&self, is_required: bool) -> Result<(), Problem> {
        match is_required && !self.is_given() {
            true => {
                Err(Problem::invalid_field("Idempotency-Key", "required", "a request that moves money needs a key"))
            }
            false => Ok(()),
        }
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut given = request.headers().get_all("idempotency-key");
        let Some(value) = given.next() else { return ready(Ok(IdempotencyKey(None))) };
        if given.next().is_some() {
            return ready(Err(Problem::invalid_field("Idempotency-Key", "repeated", "a request has one key")));
        }
        let key = value.to_str().ok().filter(|key| (1..=255).contains(&key.len()));
        ready(key.map(|key| IdempotencyKey(Some(key.into()))).ok_or_else(|| {
            Problem::invalid_field("Idempotency-Key", "invalid", "a key has 1 to 255 visible characters")
        }))
    }
}

tokio::task_local! {
    /// Whether the request that this task works on is answered with a first answer again.
    static REPLAYED: Arc<AtomicBool>;
}

/// Notes that the answer is a first answer again, which its header then says.
pub(crate) fn note_replayed() {
    // Only what the service does by itself has no request.
    let _ = REPLAYED.try_with(|replayed| replayed.store(true, Ordering::Relaxed));
}

/// Works on a request; returns what came of it, and whether that is a first answer again.
pub(crate) async fn with_replays<F: Future>(work: F) -> (F::Output, bool) {
    let work = async {
        let answered = work.await;
        (answered, REPLAYED.with(|replayed| replayed.load(Ordering::Relaxed)))
    };
    REPLAYED.scope(Arc::default(), work).await
}

/// The same work in a task of its own, whose answer is that of this request.
pub(crate) fn in_own_task<F: Future>(work: F) -> impl Future<Output = F::Output> {
    REPLAYED.scope(REPLAYED.with(Arc::clone), work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_callers_and_one_operations() {
        let key = IdempotencyKey(Some("k".into()));
        let id = key.command_id("mina", "transfer");
        assert_eq!(id, key.command_id("mina", "transfer"));
        assert_ne!(id, key.command_id("joon", "transfer"));
        assert_ne!(id, key.command_id("mina", "deposit"));
        let other = IdempotencyKey(Some("k2".into()));
        assert_ne!(id, other.command_id("mina", "transfer"));
    }

    #[test]
    fn the_ids_of_a_batch_are_distinct_and_come_back() {
        let key = IdempotencyKey(Some("k".into()));
        let ids = key.command_ids("mina", "batch", 100);
        assert_eq!(ids, key.command_ids("mina", "batch", 100));
        assert_eq!(ids[..50], key.command_ids("mina", "batch", 50));
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), 100);
    }

    #[test]
    fn without_a_key_every_request_is_a_new_one() {
        let none = IdempotencyKey(None);
        assert_ne!(none.command_id("mina", "transfer"), none.command_id("mina", "transfer"));
    }
}
