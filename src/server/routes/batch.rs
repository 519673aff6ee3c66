//! Transfers in batches: read, authorised, decided by one call of the bank, answered one by one in their order.

use std::collections::HashMap;

use actix_web::web::{self, Bytes, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload, post};
use jangbu::{AccountNumber, Command, CommandId, InvalidCommand, MAX_BATCH, Outcome, PlaceHold, Refusal};
use serde_json::value::RawValue;
use utoipa_actix_web::service_config::ServiceConfig;

use super::transfers::command;
use crate::server::facts::Facts;
use crate::server::http::{IdempotencyKey, MoveProblems, Named, Problem, REQUEST_ID, parse, read, unsupported};
use crate::server::principal::{Permission, Principal, Via};
use crate::server::service::Service;
use crate::server::shapes::{BatchAnswer, TransferRequest};

/// The most bytes of a batch.
const LARGEST_BYTES: usize = 8 * 1024 * 1024;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(create_transfers);
}

/// How a batch is written, and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// One JSON array.
    Array,
    /// One JSON object a line (`application/x-ndjson`).
    Lines,
}

impl Format {
    fn of(request: &HttpRequest) -> Result<Format, Problem> {
        match request.content_type().to_ascii_lowercase().as_str() {
            "application/json" => Ok(Format::Array),
            "application/x-ndjson" | "application/jsonl" => Ok(Format::Lines),
            _ => Err(unsupported("application/json or application/x-ndjson")),
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Format::Array => "application/json",
            Format::Lines => "application/x-ndjson",
        }
    }
}

/// The body of a batch and its format.
#[derive(Debug)]
struct Body(Format, Bytes);

impl FromRequest for Body {
    type Error = Problem;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (format, payload) = (Format::of(request), payload.take());
        Box::pin(async move {
            let format = format?;
            Ok(Body(format, read(payload, LARGEST_BYTES).await?.freeze()))
        })
    }
}

/// Makes up to 8,192 transfers from accounts of one's own.
///
/// They are decided independently of each other, and each is answered in its place as it would have been by itself. With
/// the header `Idempotency-Key` each is made once, however often the batch is sent. Lines of `application/x-ndjson` are
/// answered by lines. Each counts in the limit of the member's transfers; where a token asks, in that of batches.
///
/// Permission: batch
#[utoipa::path(
    tag = "transfers", security(("session" = []), ("token" = [])),
    request_body(content(
        (Vec<TransferRequest> = "application/json"), (TransferRequest = "application/x-ndjson"),
    )),
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses(
        (status = 200, description = "What came of each, in their order.", content(
            (Vec<BatchAnswer> = "application/json"), (BatchAnswer = "application/x-ndjson"),
        )),
        MoveProblems,
    ),
)]
#[post("/transfers/batch")]
async fn create_transfers(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Body(format, body): Body,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Batch)?;
    // What takes milliseconds is done on another thread, so that nobody else waits for it.
    let items = elsewhere(move || items(format, &body)).await??;
    service.rates.check_batch(caller.id(), items.len(), matches!(caller.via, Via::Token(..)))?;
    let senders: Vec<AccountNumber> = items.iter().filter_map(|item| Some(item.as_ref().ok()?.from)).collect();
    let senders = distinct(senders);
    let facts = service.facts_of(senders).await?;
    let owner = caller.member.owner();
    let own: HashMap<AccountNumber, Facts> = facts.into_iter().filter(|(_, facts)| facts.owner == owner).collect();
    let ids = key.command_ids(&caller.id().to_string(), "transfers/batch", items.len());
    let verifies = service.verifies();
    let Planned { places, commands } = elsewhere(move || plan(items, &ids, &own, verifies)).await?;
    let answers = service.bank.submit(commands).await?;
    let answer = elsewhere(move || written(format, places, answers)).await?;
    Ok(HttpResponse::Ok().content_type(format.media_type()).body(answer))
}

async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    // What goes wrong there is told with the id of the request.
    let id = REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
    web::block(move || REQUEST_ID.sync_scope(id, work)).await.map_err(|_| jangbu::BankError::Overloaded.into())
}

fn distinct(mut numbers: Vec<AccountNumber>) -> Vec<AccountNumber> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

type Item = Result<TransferRequest, Problem>;

/// Reads the transfers of a batch. One that does not fit the schema is a problem of its own; the others are made.
///
/// # Errors
/// 400 for what is no batch, or too large a one.
fn items(format: Format, body: &[u8]) -> Result<Vec<Item>, Problem> {
    let items: Vec<Item> = match format {
        Format::Array => match serde_json::from_slice::<Vec<TransferRequest>>(body) {
            Ok(requests) => requests.into_iter().map(Ok).collect(),
            Err(_) => parse::<Vec<&RawValue>>(body)?.into_iter().map(|raw| parse(raw.get().as_bytes())).collect(),
        },
        Format::Lines => body
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty())
            .map(|line| serde_json::from_slice(line).or_else(|_| parse(line)))
            .collect(),
    };
    if items.len() > MAX_BATCH {
        return Err(InvalidCommand::BatchTooLarge { most: MAX_BATCH }.into());
    }
    Ok(items)
}

/// Where the answer to each transfer comes from.
enum Place {
    /// From the bank, about a transfer between these.
    Bank(Named),
    /// It did not come to the bank.
    Problem(Box<Problem>),
}

struct Planned {
    places: Vec<Place>,
    commands: Vec<Command>,
}

/// Makes the commands of those transfers whose sender is the caller's.
fn plan(items: Vec<Item>, ids: &[CommandId], own: &HashMap<AccountNumber, Facts>, verifies: bool) -> Planned {
    let mut planned = Planned { places: Vec::with_capacity(items.len()), commands: Vec::with_capacity(items.len()) };
    for (item, id) in items.into_iter().zip(ids) {
        let made = item.and_then(|request| {
            if !own.contains_key(&request.from) {
                return Err(Problem::not_found().at_field("from"));
            }
            Ok((Named::both(request.from, request.to), command(&request, *id, verifies)?))
        });
        planned.places.push(match made {
            Ok((named, transfer)) => {
                planned.commands.push(match verifies {
                    true => Command::PlaceHold(Box::new(PlaceHold::for_verification(transfer))),
                    false => Command::Transfer(transfer),
                });
                Place::Bank(named)
            }
            Err(problem) => Place::Problem(Box::new(problem)),
        });
    }
    planned
}

/// The body of the answer.
fn written(format: Format, places: Vec<Place>, answers: Vec<Result<Outcome, Refusal>>) -> Vec<u8> {
    let mut answers = answers.into_iter();
    let mut body = Vec::with_capacity(places.len().saturating_mul(240));
    let (begin, between, end): (&[u8], &[u8], &[u8]) = match format {
        Format::Array => (b"[", b",", b"]"),
        Format::Lines => (b"", b"\n", b"\n"),
    };
    body.extend_from_slice(begin);
    for (at, place) in places.into_iter().enumerate() {
        if at > 0 {
            body.extend_from_slice(between);
        }
        let answer = match place {
            Place::Problem(problem) => BatchAnswer::failed(&problem),
            Place::Bank(named) => match answers.next() {
                Some(Ok(Outcome::Posted(receipt))) => BatchAnswer::posted(&receipt),
                Some(Ok(Outcome::Held(receipt))) => BatchAnswer::pending(&receipt),
                Some(Err(refusal)) => BatchAnswer::failed(&named.refused(refusal)),
                // The bank answers every command, and each by its kind.
                Some(Ok(_)) | None => BatchAnswer::failed(&jangbu::BankError::OutcomeUnknown.into()),
            },
        };
        // Writing to memory does not fail.
        let _never_fails = serde_json::to_writer(&mut body, &answer);
    }
    body.extend_from_slice(end);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(items: &[Item]) -> Vec<u16> {
        items.iter().map(|item| item.as_ref().map_or_else(|problem| problem.status().as_u16(), |_| 200)).collect()
    }

    #[test]
    fn one_item_that_does_not_fit_is_a_problem_of_its_own() {
        let good = r#"{"from":"A","to":"B","amount":1}"#;
        let bad = r#"{"from":"A","to":"B","amount":1,"fee":0}"#;
        let array = format!("[{good},{bad},{good}]");
        assert_eq!(statuses(&items(Format::Array, array.as_bytes()).unwrap()), [200, 400, 200]);
        let lines = format!("{good}\n{bad}\n\n{good}\nnonsense");
        assert_eq!(statuses(&items(Format::Lines, lines.as_bytes()).unwrap()), [200, 400, 200, 400]);
        assert_eq!(items(Format::Array, b"[1").unwrap_err().status(), 400);
        assert_eq!(items(Format::Array, b"{}").unwrap_err().status(), 400);
    }

    #[test]
    fn a_batch_is_bounded() {
        let line = "{\"from\":\"A\",\"to\":\"B\",\"amount\":1}\n";
        assert_eq!(items(Format::Lines, line.repeat(MAX_BATCH).as_bytes()).unwrap().len(), MAX_BATCH);
        let refused = items(Format::Lines, line.repeat(MAX_BATCH + 1).as_bytes()).unwrap_err();
        assert_eq!((refused.status().as_u16(), refused.code()), (400, "batch_too_large"));
    }
}
