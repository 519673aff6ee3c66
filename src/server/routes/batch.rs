//! Transfers in batches: read, authorised, decided by one call of the bank, answered one by one in their order.

use std::collections::{HashMap, HashSet};

use actix_web::web::{self, Bytes, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload, post};
use jangbu::{AccountNumber, Answered, Command, CommandId, InvalidCommand, MAX_BATCH, Outcome, RecordPut, Refusal};
use serde_json::value::RawValue;
use utoipa_actix_web::service_config::ServiceConfig;

use super::transfers::{command, in_other_form};
use crate::server::facts::Facts;
use crate::server::http::{
    IdempotencyKey, MoveProblems, Named, Problem, REQUEST_ID, from_slice, note_replayed, parse, read, unsupported,
    without_mark,
};
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
/// the header `Idempotency-Key` each is made once, however often the batch is sent. The key belongs to the whole list: with
/// another one it is refused, 409 `id_reused`. Lines of `application/x-ndjson` are
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
    key.wanted(service.config.require_idempotency_key)?;
    // What takes milliseconds is done on another thread, so that nobody else waits for it.
    let Listed { items, content } = elsewhere(move || items(format, &body)).await??;
    service.rates.check_batch(caller.id(), items.len(), matches!(caller.via, Via::Token(..)))?;
    let senders: Vec<AccountNumber> = items.iter().filter_map(|item| Some(item.as_ref().ok()?.from)).collect();
    let senders = distinct(senders);
    let facts = service.facts_of(senders).await?;
    let owner = caller.member.owner();
    let own: HashMap<AccountNumber, Facts> = facts.into_iter().filter(|(_, facts)| facts.owner == owner).collect();
    let ids = key.command_ids(&caller.id().to_string(), "transfers/batch", items.len());
    let is_known = match key.is_given() {
        true => {
            let list = key.command_id(&caller.id().to_string(), "transfers/batch list");
            let answered = service.bank.execute(list_of(list, &content)).await?;
            answered.answer?;
            answered.replayed
        }
        false => false,
    };
    let verifies = service.verifies();
    let moved = if verifies && is_known { service.moved_before(&items, &ids).await? } else { HashSet::new() };
    let currencies = own.iter().map(|(number, facts)| (*number, facts.currency)).collect();
    let payer = caller.clone();
    let planned = move || plan(items, &ids, (&payer, &own), |id| verifies && !moved.contains(&id));
    let Planned { places, commands } = elsewhere(planned).await?;
    let counted = service.count_batch(&caller, is_known, &commands, &currencies).await?;
    let answers = service.transfers(commands, is_known).await?;
    counted.settle(&answers).await;
    let answer = elsewhere(move || written(format, places, answers)).await?;
    Ok(HttpResponse::Ok().content_type(format.media_type()).body(answer))
}

impl Service {
    /// Has the bank make transfers. Those that were made before get their first answer, also when transfers were verified
    /// then and are not now, or the other way round; only a list that is known has any of those.
    async fn transfers(
        &self,
        commands: Vec<Command>,
        is_known: bool,
    ) -> Result<Vec<Result<Outcome, Refusal>>, Problem> {
        let others: Vec<Option<Command>> = match is_known {
            true => commands.iter().map(in_other_form).collect(),
            false => Vec::new(),
        };
        let mut answers = self.bank.execute_all(commands).await?;
        let is_taken = |answered: &Answered| answered.answer == Err(Refusal::IdReused);
        let again: Vec<(usize, Command)> = (0..)
            .zip(others)
            .filter_map(|(at, other)| Some((at, other.filter(|_| answers.get(at).is_some_and(is_taken))?)))
            .collect();
        if !again.is_empty() {
            let (places, commands): (Vec<usize>, Vec<Command>) = again.into_iter().unzip();
            for (at, answered) in places.into_iter().zip(self.bank.execute_all(commands).await?) {
                answers.get_mut(at).into_iter().for_each(|place| *place = answered.clone());
            }
        }
        if !answers.is_empty() && answers.iter().all(|answered| answered.replayed) {
            note_replayed();
        }
        Ok(answers.into_iter().map(|answered| answered.answer).collect())
    }
}

impl Service {
    /// Those of a list whose amount is left open and that were made before. Where transfers are verified they cannot be held,
    /// but they have a first answer.
    async fn moved_before(&self, items: &[Item], ids: &[CommandId]) -> Result<HashSet<CommandId>, Problem> {
        let mut moved = HashSet::new();
        for (item, id) in items.iter().zip(ids) {
            let is_open = item.as_ref().is_ok_and(|request| request.at_most);
            if is_open && self.bank.position_of(*id).await?.is_some() {
                moved.insert(*id);
            }
        }
        Ok(moved)
    }
}

/// The kind of application record that stands for a list. None is ever there.
const LIST_KIND: &str = "batch-list";

/// A command of that id that leads to nothing, and is another command for another list: the bank refuses it then.
fn list_of(id: CommandId, content: &blake3::Hash) -> Command {
    let put = RecordPut { kind: LIST_KIND.into(), key: content.to_hex().to_string(), value: None, expected: None };
    Command::PutRecords { id, puts: vec![put] }
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

/// The transfers of a batch.
#[derive(Debug)]
struct Listed {
    items: Vec<Item>,
    /// The hash of what they ask for, however it is written.
    content: blake3::Hash,
}

/// Reads the transfers of a batch. One that does not fit the schema is a problem of its own; the others are made.
///
/// # Errors
/// 400 for what is no batch, or too large a one.
fn items(format: Format, body: &[u8]) -> Result<Listed, Problem> {
    let body = without_mark(body);
    let raw: Vec<&[u8]> = match format {
        Format::Array => {
            let raw: Result<Vec<&RawValue>, _> = serde_json::from_slice(body);
            let raw = raw.map_err(|error| Problem::invalid(error.to_string()))?;
            raw.into_iter().map(|raw| raw.get().as_bytes()).collect()
        }
        Format::Lines => body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect(),
    };
    if raw.len() > MAX_BATCH {
        return Err(InvalidCommand::BatchTooLarge { most: MAX_BATCH }.into());
    }
    let mut hasher = blake3::Hasher::new();
    let mut listed = |raw: &[u8]| {
        let item: Item = from_slice(raw).or_else(|_| parse(raw));
        // What does not fit is itself as it is written.
        let said = item.as_ref().ok().and_then(|request| serde_json::to_vec(request).ok());
        let said = said.as_deref().unwrap_or(raw);
        hasher.update(&u64::try_from(said.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(said);
        item
    };
    let items = raw.into_iter().map(&mut listed).collect();
    Ok(Listed { items, content: hasher.finalize() })
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
fn plan(
    items: Vec<Item>,
    ids: &[CommandId],
    (payer, own): (&Principal, &HashMap<AccountNumber, Facts>),
    is_verified: impl Fn(CommandId) -> bool,
) -> Planned {
    let mut planned = Planned { places: Vec::with_capacity(items.len()), commands: Vec::with_capacity(items.len()) };
    for (item, id) in items.into_iter().zip(ids) {
        let made = item.and_then(|request| {
            if !own.contains_key(&request.from) {
                return Err(Problem::not_found().at_field("from"));
            }
            payer.keep_to_account(request.from).map_err(|problem| problem.at_field("from"))?;
            payer.keep_to_payee(request.to).map_err(|problem| problem.at_field("to"))?;
            Ok((Named::both(request.from, request.to), command(&request, *id, is_verified(*id))?))
        });
        planned.places.push(match made {
            Ok((named, command)) => {
                planned.commands.push(command);
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
        assert_eq!(statuses(&items(Format::Array, array.as_bytes()).unwrap().items), [200, 400, 200]);
        let lines = format!("{good}\n{bad}\n\n{good}\nnonsense");
        assert_eq!(statuses(&items(Format::Lines, lines.as_bytes()).unwrap().items), [200, 400, 200, 400]);
        assert_eq!(items(Format::Array, b"[1").unwrap_err().status(), 400);
        assert_eq!(items(Format::Array, b"{}").unwrap_err().status(), 400);
    }

    #[test]
    fn a_batch_is_bounded() {
        let line = "{\"from\":\"A\",\"to\":\"B\",\"amount\":1}\n";
        assert_eq!(items(Format::Lines, line.repeat(MAX_BATCH).as_bytes()).unwrap().items.len(), MAX_BATCH);
        let refused = items(Format::Lines, line.repeat(MAX_BATCH + 1).as_bytes()).unwrap_err();
        assert_eq!((refused.status().as_u16(), refused.code()), (400, "batch_too_large"));
    }

    #[test]
    fn a_list_is_the_same_however_it_is_written() {
        let array = r#"[{"from":"A","to":"B","amount":1},{"from":"A","to":"B","amount":2}]"#;
        let spaced = r#" [ {"amount":1,"to":"B","from":"A"}, {"from":"A","to":"B","amount":2} ]"#;
        let lines = "\u{feff}{\"from\":\"A\",\"to\":\"B\",\"amount\":1}\n{\"from\":\"A\",\"to\":\"B\",\"amount\":2}\n";
        let content = |format, text: &str| items(format, text.as_bytes()).unwrap().content;
        let first = content(Format::Array, array);
        assert_eq!(content(Format::Array, spaced), first);
        assert_eq!(content(Format::Lines, lines), first);
        for other in [r#"[{"from":"A","to":"B","amount":1}]"#, &array.replace("2", "3"), &array.replace("B", "C")] {
            assert_ne!(content(Format::Array, other), first, "{other}");
        }
    }
}
