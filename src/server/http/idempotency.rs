//! The client's idempotency key, and the command ids that are derived from it.

use std::fmt::Display;
use std::future::{Future, Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use jangbu::CommandId;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, Required};

use super::Problem;
use crate::server::service::Service;

/// The header that makes a request safe to repeat.
pub(crate) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// The header `Idempotency-Key`, up to 255 visible characters; absent when the client sent none.
#[derive(Clone, Debug)]
pub(crate) struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    /// Returns the id of the command that a caller requests by this key and operation.
    ///
    /// The id is a hash of the three, so one caller's key never finds another caller's answer. Without a key it is random.
    pub(crate) fn command_id(&self, caller: &(impl Display + ?Sized), operation: &str) -> CommandId {
        let Some(hasher) = self.hasher(caller, operation) else { return CommandId::random() };
        next_id(&mut hasher.finalize_xof())
    }

    /// Returns the ids of `count` commands, which are the same for the same key.
    pub(crate) fn command_ids(
        &self,
        caller: &(impl Display + ?Sized),
        operation: &str,
        count: usize,
    ) -> Vec<CommandId> {
        let Some(hasher) = self.hasher(caller, operation) else {
            return std::iter::repeat_with(CommandId::random).take(count).collect();
        };
        let mut stream = hasher.finalize_xof();
        std::iter::repeat_with(|| next_id(&mut stream)).take(count).collect()
    }

    fn hasher(&self, caller: &(impl Display + ?Sized), operation: &str) -> Option<blake3::Hasher> {
        let (key, caller) = (self.0.as_deref()?, caller.to_string());
        let mut hasher = blake3::Hasher::new_derive_key("jangbu 2026-11 command id of an idempotency key");
        for part in [&caller, operation, key] {
            hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Some(hasher)
    }

    /// Whether the client sent a key.
    pub(crate) const fn is_given(&self) -> bool {
        self.0.is_some()
    }
}

fn next_id(stream: &mut blake3::OutputReader) -> CommandId {
    let mut bytes = [0; 16];
    stream.fill(&mut bytes);
    CommandId::new(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut given = request.headers().get_all("idempotency-key");
        let Some(value) = given.next() else { return ready(Ok(IdempotencyKey(None))) };
        if given.next().is_some() {
            return ready(Err(Problem::invalid_field(IDEMPOTENCY_KEY, "repeated", "send the header once")));
        }
        let key = value.to_str().ok().filter(|key| (1..=255).contains(&key.len()));
        ready(key.map(|key| IdempotencyKey(Some(key.into()))).ok_or_else(|| {
            Problem::invalid_field(IDEMPOTENCY_KEY, "invalid", "a key has 1 to 255 visible ASCII characters")
        }))
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
        let key = ParameterBuilder::new()
            .name(IDEMPOTENCY_KEY)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("Makes the request safe to repeat: the same key and content return the first answer."))
            .schema(Some(text));
        vec![key.build()]
    }
}

/// The idempotency key of a request that moves money, which the operator can require (`require_idempotency_key`).
#[derive(Clone, Debug)]
pub(crate) struct PaymentKey(pub(crate) IdempotencyKey);

impl FromRequest for PaymentKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_required =
            request.app_data::<Data<Service>>().is_some_and(|service| service.config.require_idempotency_key);
        ready(IdempotencyKey::from_request(request, payload).into_inner().and_then(|key| {
            if is_required && !key.is_given() {
                let detail = "a request that moves money needs an idempotency key";
                return Err(Problem::invalid_field(IDEMPOTENCY_KEY, "required", detail));
            }
            Ok(PaymentKey(key))
        }))
    }
}

tokio::task_local! {
    /// Whether the request of this task is answered with a stored first answer.
    static REPLAYED: Arc<AtomicBool>;
}

/// Notes that the answer is a repeated first answer, which a header of the response then says.
pub(crate) fn note_replayed() {
    // Only work that the service does on its own has no request.
    let _ = REPLAYED.try_with(|replayed| replayed.store(true, Ordering::Relaxed));
}

/// Processes a request. Returns its output, and whether that is a repeated first answer.
pub(crate) async fn with_replays<F: Future>(work: F) -> (F::Output, bool) {
    let work = async {
        let answered = work.await;
        (answered, REPLAYED.with(|replayed| replayed.load(Ordering::Relaxed)))
    };
    REPLAYED.scope(Arc::default(), work).await
}

/// Prepares work for a task of its own whose answer is that of this request.
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
