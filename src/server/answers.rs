//! First answers, kept for whoever repeats a request with its key.
//!
//! The bank itself gives a command's first answer again. What the service tells beside that, how a hold stands for one, is
//! another thing by then, and some requests are no command of the bank's. So the whole answer to a request with a key is
//! kept as an application record before it is sent: what was never kept was never sent. It is sealed under the key of the
//! member whom it is about, and is gone with that.
//!
//! Transfers and batches keep none: their answers follow from what the bank answers.

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

/// The kind of the application records that keep answers.
const KIND: &str = "answer";
/// As many bytes of an answer as one application record keeps.
const PART_BYTES: usize = jangbu::MAX_RECORD_BYTES;
/// As many application records as one command of the bank's writes: longer answers are not kept.
const MOST_PARTS: usize = jangbu::MAX_PUTS;
/// How a request with a key stands.
pub(crate) enum Asked<'a> {
    /// It was answered before: this is the answer.
    Again(HttpResponse),
    /// It was not.
    First(First<'a>),
}

/// A request that has not been answered before.
pub(crate) struct First<'a> {
    service: &'a Service,
    /// Where the answer is kept; `None` for a request without a key.
    place: Option<Place>,
}

struct Place {
    key: String,
    asked: String,
    /// Whom the answer is sealed for, if it is about nobody else.
    member: Option<MemberId>,
    _turn: Turn<CommandId>,
}

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The hash of the request.
    asked: String,
    status: u16,
    location: Option<String>,
    body: String,
}

impl Service {
    /// Carries out a command. A repeated answer is noted, so that the response gets the header that says so.
    ///
    /// # Errors
    /// The bank's, refusals included.
    pub(crate) async fn execute(&self, command: Command) -> Result<Outcome, Error> {
        let answered = self.bank.execute(command).await?;
        if answered.replayed {
            note_replayed();
        }
        Ok(answered.answer?)
    }

    /// The first answer to the request, if there was one: `request` is all that the operation is asked for.
    ///
    /// # Errors
    /// 409 when the caller used the key for this operation with another request.
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
            // What staff repeats is kept as what it did the first time is.
            self.audit.note(&caller.into(), &repeated(operation, key.command_id(&name, operation)), None, None);
        }
        Ok(asked)
    }

    /// The first answer to the request of whoever `caller` stands for, also somebody who is no member yet. The answer is sealed
    /// for `member`, unless it says whom it is about.
    ///
    /// # Errors
    /// As [`Service::asked`].
    pub(crate) async fn asked_by(
        &self,
        caller: &str,
        member: Option<MemberId>,
        key: &IdempotencyKey,
        operation: &str,
        request: &impl Serialize,
    ) -> Result<Asked<'_>, Problem> {
        if !key.is_given() {
            return Ok(Asked::First(First { service: self, place: None }));
        }
        let id = key.command_id(caller, operation);
        // Of requests with the same key, one is answered after the other.
        let turn = self.turns.of(id).await;
        let request = serde_json::to_vec(request).map_err(|error| Problem::invalid(error.to_string()))?;
        let place =
            Place { key: id.to_string(), asked: blake3::hash(&request).to_hex().to_string(), member, _turn: turn };
        match self.kept(&place.key).await? {
            Some(kept) if kept.asked != place.asked => Err(Refusal::IdReused.into()),
            Some(kept) => {
                note_replayed();
                Ok(Asked::Again(kept.response()))
            }
            None => Ok(Asked::First(First { service: self, place: Some(place) })),
        }
    }

    async fn kept(&self, key: &str) -> Result<Option<Kept>, Problem> {
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
            let detail = "the first answer was about somebody whose data is erased";
            Problem::new(StatusCode::GONE, "answer_erased", detail)
        })?;
        let kept = serde_json::from_slice(&plain).map_err(|error| {
            tracing::error!("a kept answer cannot be read: {error}");
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
    /// Answers with a body, once the answer is kept.
    ///
    /// # Errors
    /// As for every call of the bank.
    pub(crate) async fn answer(
        self,
        status: StatusCode,
        location: Option<String>,
        body: &impl Serialize,
    ) -> Result<HttpResponse, Problem> {
        let member = self.place.as_ref().and_then(|place| place.member);
        self.answer_about(member, status, location, body).await
    }

    /// The same with what is personal about a member, with whose key it is gone.
    ///
    /// # Errors
    /// As [`First::answer`].
    pub(crate) async fn answer_about(
        self,
        member: Option<MemberId>,
        status: StatusCode,
        location: Option<String>,
        body: &impl Serialize,
    ) -> Result<HttpResponse, Problem> {
        let body = serde_json::to_string(body).map_err(|error| {
            tracing::error!("an answer cannot be written: {error}");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request failed")
        })?;
        let asked = self.place.as_ref().map(|place| place.asked.clone()).unwrap_or_default();
        let kept = Kept { asked, status: status.as_u16(), location, body };
        if let Some((place, member)) = self.place.zip(member) {
            let plain = serde_json::to_vec(&kept).unwrap_or_default();
            let sealed = self.service.members.seal_answer(member, &place.key, &plain)?;
            let puts: Vec<RecordPut> = sealed
                .chunks(PART_BYTES)
                .enumerate()
                .map(|(part, value)| RecordPut {
                    kind: KIND.into(),
                    key: part_key(&place.key, part),
                    value: Some(value.to_vec()),
                    expected: Some(Position::START),
                })
                .collect();
            if puts.len() <= MOST_PARTS {
                self.service.bank.put_records(puts).await?;
            }
        }
        Ok(kept.response())
    }
}

impl Kept {
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
