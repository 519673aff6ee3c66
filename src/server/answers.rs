//! First answers, kept for callers who repeat a request with its idempotency key.
//!
//! The bank itself returns a command's first answer again. But the service adds to it what it reads afterwards, such as the
//! state of a hold, and that can change; and some requests are not commands of the bank. So the whole answer to a request with
//! a key is stored as an application record before it is sent: an answer that was not stored was not sent. It is sealed under
//! the key of the member it is about, and is lost when that member is erased.
//!
//! Transfers and batches store nothing here: their answers follow from the bank's answers alone.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use jangbu::{Command, CommandId, Error, Outcome, Position, Refusal, records::RecordPut};
use serde::{Deserialize, Serialize};

use super::audit::Entry;
use super::http::{IdempotencyKey, Problem, note_replayed};
use super::members::MemberId;
use super::principal::Principal;
use super::service::Service;
use super::turns::Turn;

/// The kind of the application records that store answers.
const KIND: &str = "answer";
/// The most bytes of an answer in one application record.
const PART_BYTES: usize = jangbu::records::MAX_RECORD_BYTES;
/// The most application records that one command writes: longer answers are not stored.
const MOST_PARTS: usize = jangbu::records::MAX_PUTS;

/// A request that may have been answered before.
pub(crate) enum Attempt<'a> {
    /// It was answered before, with this response.
    Repeated(HttpResponse),
    /// It was not.
    First(FirstAttempt<'a>),
}

/// A request that has not been answered before.
pub(crate) struct FirstAttempt<'a> {
    service: &'a Service,
    /// Where the answer is stored; `None` for a request without a key.
    slot: Option<AnswerSlot>,
}

struct AnswerSlot {
    key: String,
    request_hash: String,
    /// The member whose key seals the answer, unless the answer is about another one.
    member: Option<MemberId>,
    _turn: Turn<CommandId>,
}

/// An answer as it is stored.
#[derive(Serialize, Deserialize)]
struct StoredAnswer {
    #[serde(rename = "asked")]
    request_hash: String,
    status: u16,
    location: Option<String>,
    body: String,
}

impl Service {
    /// Executes a command. A repeated answer is noted, so that the response gets the header that says so.
    ///
    /// # Errors
    /// Those of the bank, refusals included.
    pub(crate) async fn execute(&self, command: Command) -> Result<Outcome, Error> {
        let answered = self.bank.execute(command).await?;
        if answered.replayed {
            note_replayed();
        }
        Ok(answered.answer?)
    }

    /// Returns the first answer to a caller's request, if there is one. `request` is everything that the operation depends on.
    ///
    /// # Errors
    /// 409 when the caller used the key for this operation with another request.
    pub(crate) async fn attempt(
        &self,
        caller: &Principal,
        key: &IdempotencyKey,
        operation: &str,
        request: &impl Serialize,
    ) -> Result<Attempt<'_>, Problem> {
        let attempt = self.attempt_as(&caller.id().to_string(), Some(caller.id()), key, operation, request).await?;
        if matches!(attempt, Attempt::Repeated(_)) && caller.member.role.is_staff() {
            // A repetition by staff is audited, as its first attempt was.
            self.audit.note(
                &caller.actor(),
                &repetition(operation, key.command_id(&caller.id(), operation)),
                None,
                None,
            );
        }
        Ok(attempt)
    }

    /// Does the same for a caller of that name, who may not be a member yet. The answer is sealed for `member`, unless the
    /// answer itself names the member it is about.
    ///
    /// # Errors
    /// As [`Service::attempt`].
    pub(crate) async fn attempt_as(
        &self,
        caller: &str,
        member: Option<MemberId>,
        key: &IdempotencyKey,
        operation: &str,
        request: &impl Serialize,
    ) -> Result<Attempt<'_>, Problem> {
        if !key.is_given() {
            return Ok(Attempt::First(FirstAttempt { service: self, slot: None }));
        }
        let id = key.command_id(caller, operation);
        // Requests with the same key are answered one after the other.
        let turn = self.turns.of(id).await;
        let request = serde_json::to_vec(request).map_err(|error| Problem::invalid(error.to_string()))?;
        let request_hash = blake3::hash(&request).to_hex().to_string();
        let slot = AnswerSlot { key: id.to_string(), request_hash, member, _turn: turn };
        match self.stored_answer(&slot.key).await? {
            Some(stored) if stored.request_hash != slot.request_hash => Err(Refusal::IdReused.into()),
            Some(stored) => {
                note_replayed();
                Ok(Attempt::Repeated(stored.response()))
            }
            None => Ok(Attempt::First(FirstAttempt { service: self, slot: Some(slot) })),
        }
    }

    async fn stored_answer(&self, key: &str) -> Result<Option<StoredAnswer>, Problem> {
        let mut bytes = Vec::new();
        for part in 0..MOST_PARTS {
            let found = self.bank.record(KIND, &part_key(key, part)).await?;
            let Some(found) = found else { break };
            let is_last = found.value.len() < PART_BYTES;
            bytes.extend_from_slice(&found.value);
            if is_last {
                break;
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let plain = self.members.open_answer(key, &bytes).ok_or_else(|| {
            let detail = "the first answer was about a member whose data is erased";
            Problem::new(StatusCode::GONE, "answer_erased", detail)
        })?;
        let stored = serde_json::from_slice(&plain).map_err(|error| {
            tracing::error!("a stored answer cannot be read: {error}");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the first answer cannot be read")
        })?;
        Ok(Some(stored))
    }
}

fn repetition(operation: &str, id: CommandId) -> Entry {
    Entry {
        action: "request.repeated".into(),
        object: operation.into(),
        id: id.to_string(),
        before: None,
        after: None,
        command: Some(id),
    }
}

impl FirstAttempt<'_> {
    /// Stores the answer, then returns it as a response.
    ///
    /// # Errors
    /// Those of writing to the bank.
    pub(crate) async fn answer(
        self,
        status: StatusCode,
        location: Option<String>,
        body: &impl Serialize,
    ) -> Result<HttpResponse, Problem> {
        let member = self.slot.as_ref().and_then(|slot| slot.member);
        self.answer_about(member, status, location, body).await
    }

    /// Does the same for an answer about `member`, whose key seals it.
    ///
    /// # Errors
    /// As [`FirstAttempt::answer`].
    pub(crate) async fn answer_about(
        self,
        member: Option<MemberId>,
        status: StatusCode,
        location: Option<String>,
        body: &impl Serialize,
    ) -> Result<HttpResponse, Problem> {
        let body = serde_json::to_string(body).map_err(|error| {
            tracing::error!("an answer cannot be serialized: {error}");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request failed")
        })?;
        let request_hash = self.slot.as_ref().map(|slot| slot.request_hash.clone()).unwrap_or_default();
        let stored = StoredAnswer { request_hash, status: status.as_u16(), location, body };
        if let Some((slot, member)) = self.slot.zip(member) {
            let plain = serde_json::to_vec(&stored).unwrap_or_default();
            let sealed = self.service.members.seal_answer(member, &slot.key, &plain)?;
            let puts: Vec<RecordPut> = sealed
                .chunks(PART_BYTES)
                .enumerate()
                .map(|(part, value)| RecordPut {
                    kind: KIND.into(),
                    key: part_key(&slot.key, part),
                    value: Some(value.to_vec()),
                    expected: Some(Position::START),
                })
                .collect();
            if puts.len() <= MOST_PARTS {
                self.service.bank.put_records(puts).await?;
            }
        }
        Ok(stored.response())
    }
}

impl StoredAnswer {
    fn response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        response.content_type("application/json").body(self.body)
    }
}

fn part_key(key: &str, part: usize) -> String {
    if part == 0 { key.to_owned() } else { format!("{key}.{part}") }
}

#[cfg(test)]
mod tests {
    use actix_web::FromRequest;
    use actix_web::dev::Payload;
    use actix_web::test::TestRequest;
    use futures::FutureExt;

    use super::*;
    use crate::server::testing::Town;

    async fn key(number: u32) -> IdempotencyKey {
        let request =
            TestRequest::default().insert_header(("idempotency-key", format!("key {number}"))).to_http_request();
        IdempotencyKey::from_request(&request, &mut Payload::None).await.unwrap()
    }

    /// A stranger's sign-up waits for the password to be hashed, and with it whoever has the same key; nobody else.
    #[actix_web::test]
    async fn requests_with_other_keys_do_not_wait() {
        let town = Town::new().await;
        let asked =
            async |number: u32| town.service.attempt_as("a stranger", None, &key(number).await, "member", &1).await;
        let mut under_way = Vec::new();
        for number in 0..300 {
            let asking = tokio::time::timeout(std::time::Duration::from_secs(10), asked(number));
            let Ok(Ok(Attempt::First(first))) = asking.await else { panic!("request {number} waits for another one") };
            under_way.push(first);
        }
        let mut again = Box::pin(asked(7));
        assert!(again.as_mut().now_or_never().is_none(), "the same key waits");
        under_way.clear();
        assert!(matches!(again.await, Ok(Attempt::First(_))));
    }
}
