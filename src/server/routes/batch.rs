//! Transfers in batches: read, authorised, decided by one call of the bank, answered one by one in their order.

use std::collections::{HashMap, HashSet};

use actix_web::web::{self, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload, post};
use jangbu::{AccountNumber, Answered, Command, CommandId, Currency, Outcome, RecordPut, Refusal};
use utoipa_actix_web::service_config::ServiceConfig;

use super::batch_items::{Format, Item, Listed, Reader};
use super::transfers::{command, in_other_form};
use crate::server::bodies::{Share, Size};
use crate::server::facts::Facts;
use crate::server::http::{
    IdempotencyKey, MoveProblems, Named, Problem, REQUEST_ID, Receiving, note_replayed, unsupported,
};
use crate::server::principal::{Principal, Via};
use crate::server::rates::{Class, Payer};
use crate::server::service::Service;
use crate::server::shapes::{BatchAnswer, TransferRequest};
use crate::server::unproven::{Limits, Passed};

/// The most bytes of a batch.
const LARGEST_BYTES: usize = 8 * 1024 * 1024;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(create_transfers);
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

/// The transfers of a batch, its format, and the room that it takes until it is answered.
#[derive(Debug)]
struct Batch(Format, Listed, Share);

impl FromRequest for Batch {
    type Error = Problem;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (format, receiving) = (Format::of(request), Receiving::new(request, payload, Size::Large, LARGEST_BYTES));
        Box::pin(async move {
            let format = format?;
            let (mut receiving, share) = receiving?;
            let mut reader = Reader::new(format, share);
            while let Some(piece) = receiving.next().await? {
                reader.push(&piece)?;
            }
            let (listed, share) = reader.end()?;
            Ok(Batch(format, listed, share))
        })
    }
}

/// Makes up to 8,192 transfers from accounts of one's own.
///
/// They are decided independently of each other, and each is answered in its place as it would have been by itself. With
/// the header `Idempotency-Key` each is made once, however often the batch is sent. The key belongs to the whole list: with
/// another one it is refused, 409 `id_reused`. Lines of `application/x-ndjson` are
/// answered by lines. When the sum of what leaves own accounts in a currency is above a limit that the bank or the member has
/// set for that, it needs a fresh proof, see `POST /session/proof`, and so a session. Each counts in the limit of the member's
/// transfers; where a token asks, in that of batches. Receivers that are new to the member have a limit of their own.
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
    Batch(format, listed, _share): Batch,
) -> Result<HttpResponse, Problem> {
    key.wanted(service.config.require_idempotency_key)?;
    let Listed { items, content } = listed;
    let class = if matches!(caller.via, Via::Token(..)) { Class::BatchTransfers } else { Class::Transfers };
    // Also an empty one takes work.
    service.rates.charge(class, Payer::from(&caller), items.len().max(1))?;
    let senders: Vec<AccountNumber> = items.iter().filter_map(|item| Some(item.as_ref().ok()?.from)).collect();
    let senders = distinct(senders);
    let facts = service.facts_of(senders).await?;
    let owner = caller.member.owner();
    let own: HashMap<AccountNumber, Facts> = facts.into_iter().filter(|(_, facts)| facts.owner == owner).collect();
    let receivers = items.iter().flatten().filter(|item| own.contains_key(&item.from)).map(|item| item.to);
    service.meet(&caller, Class::BatchLookups, receivers).await?;
    let ids = key.command_ids(&caller.id().to_string(), "transfers/batch", items.len());
    let list = key.command_id(&caller.id().to_string(), "transfers/batch list");
    let was_sent = key.is_given() && service.bank.position_of(list).await?.is_some();
    let mut sums = Vec::with_capacity(items.len());
    for (item, id) in items.iter().zip(&ids) {
        let Ok(item) = item else { continue };
        let Some(facts) = own.get(&item.from) else { continue };
        // Those that were made before move nothing again.
        if was_sent && service.bank.position_of(*id).await?.is_some() {
            continue;
        }
        sums.push((facts.currency, item.amount.minor_units()));
    }
    let passed = service.pass_sums(&caller, Limits::Own, None, sums).await?;
    let list = key.is_given().then_some(list);
    let made = made(&service, &caller, &own, (list, &content), items, ids, &passed).await;
    if made.is_err() {
        passed.give_back_all().await;
    }
    let (places, answers) = made?;
    let answer = elsewhere(move || written(format, places, answers)).await?;
    Ok(HttpResponse::Ok().content_type(format.media_type()).body(answer))
}

/// Carries out the transfers of a list. With a key, the list has an id.
async fn made(
    service: &Service,
    caller: &Principal,
    own: &HashMap<AccountNumber, Facts>,
    (list, content): (Option<CommandId>, &blake3::Hash),
    items: Vec<Item>,
    ids: Vec<CommandId>,
    passed: &Passed,
) -> Result<(Vec<Place>, Vec<Answered>), Problem> {
    let is_known = match list {
        Some(list) => {
            let answered = service.bank.execute(list_of(list, content)).await?;
            answered.answer?;
            answered.replayed
        }
        None => false,
    };
    let verifies = service.verifies();
    let moved = if verifies && is_known { service.moved_before(&items, &ids).await? } else { HashSet::new() };
    let currencies: HashMap<AccountNumber, Currency> =
        own.iter().map(|(number, facts)| (*number, facts.currency)).collect();
    let (payer, own) = (caller.clone(), own.clone());
    let planned = move || plan(items, &ids, (&payer, &own), |id| verifies && !moved.contains(&id));
    let Planned { places, commands } = elsewhere(planned).await?;
    let counted = service.count_batch(caller, is_known, &commands, &currencies).await?;
    let asked = if passed.is_counted() { payments(&commands, &currencies) } else { Vec::new() };
    let answers = service.transfers(commands, is_known).await?;
    counted.settle(&answers).await;
    passed.settle(&asked, &answers).await;
    Ok((places, answers))
}

/// What each transfer asks for.
fn payments(commands: &[Command], currencies: &HashMap<AccountNumber, Currency>) -> Vec<Option<(Currency, u64)>> {
    let payment = |command: &Command| {
        let (from, amount) = match command {
            Command::Transfer(transfer) => (transfer.from, transfer.amount),
            Command::PlaceHold(hold) => (hold.from, hold.amount),
            _ => return None,
        };
        Some((*currencies.get(&from)?, amount.minor_units()))
    };
    commands.iter().map(payment).collect()
}

impl Service {
    /// Carries out transfers. Those that were made before get their first answer, also when transfers were verified
    /// then and are not now, or the other way round; only a list that is known has any of those.
    async fn transfers(&self, commands: Vec<Command>, is_known: bool) -> Result<Vec<Answered>, Problem> {
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
        Ok(answers)
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

/// Does on another thread what takes milliseconds, so that nobody else waits for it.
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
fn written(format: Format, places: Vec<Place>, answers: Vec<Answered>) -> Vec<u8> {
    let mut answers = answers.into_iter().map(|answered| answered.answer);
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
