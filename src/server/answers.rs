//! Keeps first answers for requests that are repeated with their key.
//!
//! The bank repeats a command's first answer by itself. But other parts of the service's answer, such as the state of a
//! hold, change over time, and some requests are not commands of the bank. Therefore the whole answer to a request with
//! a key is stored as an application record before it is sent. It is sealed under the key of the member it is about,
//! and erased with it.
//!
//! Transfers and batches are not stored, because their answers follow from the bank's.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use jangbu::{Command, CommandId, Error, Outcome, Position, RecordPut, Refusal};
use serde::{Deserialize, Serialize};

use super::audit::Entry;
use super::http::{IdempotencyKey, Problem, note_replayed};
use super::members::MemberId;
use super::principal::Principal;
use super::service::Service;
use super::turns::Turn;

/// The kind of the application records with answers.
const KIND: &str = "answer";
/// The largest part of an answer in one application record, in bytes.
const PART_BYTES: usize = jangbu::MAX_RECORD_BYTES;
/// The largest number of parts that one command of the bank can write. Longer answers are not stored.
const MAX_PARTS: usize = jangbu::MAX_PUTS;
/// Whether a request was answered before.
pub(crate) enum Asked<'a> {
    /// It was; this is its answer.
    Again(HttpResponse),
    /// It was not.
    First(First<'a>),
}

/// A request that has not been answered before.
pub(crate) struct First<'a> {
    service: &'a Service,
    /// Where the answer is stored; `None` for a request without a key.
    slot: Option<Slot>,
}

struct Slot {
    key: String,
    asked: String,
    /// The member for whom the answer is sealed, unless it is about somebody else.
    member: Option<MemberId>,
    _turn: Turn<CommandId>,
}

/// A stored answer.
#[derive(Serialize, Deserialize)]
struct StoredAnswer {
    /// The hash of the request.
    asked: String,
    status: u16,
    location: Option<String>,
    body: String,
}

impl Service {
    /// Carries out a command. A repetition is noted, so that the response gets the header for it.
    ///
    /// # Errors
    /// Those of the bank, including refusals.
    pub(crate) async fn execute(&self, command: Command) -> Result<Outcome, Error> {
        let answered = self.bank.execute(command).await?;
        if answered.replayed {
            note_replayed();
        }
        Ok(answered.answer?)
    }

    /// Returns the first answer to a request, if there was one. `request` is everything that the operation depends on.
    ///
    /// # Errors
    /// 409 if the caller used the key for this operation with a different request.
    pub(crate) async fn asked(
        &self,
        caller: &Principal,
        key: &IdempotencyKey,
        operation: &str,
        request: &impl Serialize,
    ) -> Result<Asked<'_>, Problem> {
        let name = caller.id().to_string();
        let asked = self.asked_by(&name, Some(caller.id()), key, operation, request).await?;
        if matches!(asked, Asked::Again(_)) && caller.member.role.is_staff() {
            // Repetitions by staff are audited, as the first request was.
            self.audit.note(&caller.into(), &repeated(operation, key.command_id(&name, operation)), None, None);
        }
        Ok(asked)
    }

    /// Returns the first answer to a request of `caller`, who need not be a member yet. The answer is sealed for
    /// `member` unless it is about somebody else.
    ///
    /// # Errors
    /// See [`Service::asked`].
    pub(crate) async fn asked_by(
        &self,
        caller: &str,
        member: Option<MemberId>,
        key: &IdempotencyKey,
        operation: &str,
        request: &impl Serialize,
    ) -> Result<Asked<'_>, Problem> {
        if !key.is_given() {
            return Ok(Asked::First(First { service: self, slot: None }));
        }
        let id = key.command_id(caller, operation);
        // Requests with the same key are answered one after the other.
        let turn = self.turns.of(id).await;
        let request = serde_json::to_vec(request).map_err(|error| Problem::invalid(error.to_string()))?;
        let slot =
            Slot { key: id.to_string(), asked: blake3::hash(&request).to_hex().to_string(), member, _turn: turn };
        match self.stored(&slot.key).await? {
            Some(kept) if kept.asked != slot.asked => Err(Refusal::IdReused.into()),
            Some(kept) => {
                note_replayed();
                Ok(Asked::Again(kept.response()))
            }
            None => Ok(Asked::First(First { service: self, slot: Some(slot) })),
        }
    }

    async fn stored(&self, key: &str) -> Result<Option<StoredAnswer>, Problem> {
        let mut bytes = Vec::new();
        for part in 0..MAX_PARTS {
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
        let kept = serde_json::from_slice(&plain).map_err(|error| {
            tracing::error!("cannot read a stored answer: {error}");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the first answer cannot be read")
        })?;
        Ok(Some(kept))
    }
}

fn repeated(operation: &str, id: CommandId) -> Entry {
    Entry {
        action: "request.repeated".into(),
        object: operation.into(),
        id: id.to_string(),
        before: None,
        after: None,
        command: Some(id),
    }
}

impl First<'_> {
    /// Stores an answer and then returns it.
    ///
    /// # Errors
    /// Those of the bank.
    pub(crate) async fn answer(
        self,
        status: StatusCode,
        location: Option<String>,
        body: &impl Serialize,
    ) -> Result<HttpResponse, Problem> {
        let member = self.slot.as_ref().and_then(|slot| slot.member);
        self.answer_about(member, status, location, body).await
    }

    /// Like [`First::answer`], sealed for the member that the answer is about.
    ///
    /// # Errors
    /// See [`First::answer`].
    pub(crate) async fn answer_about(
        self,
        member: Option<MemberId>,
        status: StatusCode,
        location: Option<String>,
        body: &impl Serialize,
    ) -> Result<HttpResponse, Problem> {
        let body = serde_json::to_string(body).map_err(|error| {
            tracing::error!("cannot serialize an answer: {error}");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request failed")
        })?;
        let asked = self.slot.as_ref().map(|slot| slot.asked.clone()).unwrap_or_default();
        let kept = StoredAnswer { asked, status: status.as_u16(), location, body };
        if let Some((slot, member)) = self.slot.zip(member) {
            let plain = serde_json::to_vec(&kept).unwrap_or_default();
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
            if puts.len() <= MAX_PARTS {
                self.service.bank.put_records(puts).await?;
            }
        }
        Ok(kept.response())
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

    /// A sign-up waits for the hashing of its password, and requests with the same key wait for the sign-up. No other
    /// request waits.
    #[actix_web::test]
    async fn requests_with_other_keys_do_not_wait() {
        let town = Town::new().await;
        let asked =
            async |number: u32| town.service.asked_by("a stranger", None, &key(number).await, "member", &1).await;
        let mut under_way = Vec::new();
        for number in 0..300 {
            let asking = tokio::time::timeout(std::time::Duration::from_secs(10), asked(number));
            let Ok(Ok(Asked::First(first))) = asking.await else { panic!("request {number} waits for another one") };
            under_way.push(first);
        }
        let mut again = Box::pin(asked(7));
        assert!(again.as_mut().now_or_never().is_none(), "the same key waits");
        under_way.clear();
        assert!(matches!(again.await, Ok(Asked::First(_))));
    }
}
