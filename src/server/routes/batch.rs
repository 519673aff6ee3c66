//! Batches of transfers: reads them, authorises them, lets the bank decide them in one call, and answers each in order.

use std::collections::{HashMap, HashSet};

use actix_web::web::{self, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload, post};
use jangbu::{AccountNumber, Command, CommandId, Currency, Outcome, Refusal, commands::Answered, records::RecordPut};
use utoipa_actix_web::service_config::ServiceConfig;

use super::batch_items::{BatchItems, Format, Item, Reader};
use super::transfers::{command, in_other_form};
use crate::server::bodies::{Share, Size};
use crate::server::facts::Facts;
use crate::server::http::{
    IdempotencyKey, PaymentKey, Problem, REQUEST_ID, Receiving, Refused, TransferAccounts, note_replayed, unsupported,
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

/// The transfers of a batch, its format, and the memory that it occupies until it is answered.
#[derive(Debug)]
struct Batch(Format, BatchItems, Share);

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

/// Makes up to 8,192 transfers from the caller's own accounts.
///
/// The transfers are independent of each other: a batch is not atomic. The answers have the order of the request, and
/// each is what the transfer would have received on its own. With `Idempotency-Key` each transfer is made at most once,
/// however often the batch is sent. The key belongs to the whole list; with another list it is refused, 409
/// `id_reused`. A request in `application/x-ndjson` is answered in the same format. If the sum debited from own
/// accounts in a currency exceeds a limit set by the bank or the member, the batch needs a fresh proof, and therefore a
/// session; see `POST /session/proof`. Each transfer counts towards the rate limit for transfers; with a token, towards
/// the one for batches. Receivers that are new to the member have a limit of their own.
#[utoipa::path(
    tag = "transfers",
    request_body(content(
        (Vec<TransferRequest> = "application/json"), (TransferRequest = "application/x-ndjson"),
    )),
    params(IdempotencyKey),
    responses(
        (status = 200, description = "The results, in the order of the request.", content(
            (Vec<BatchAnswer> = "application/json"), (BatchAnswer = "application/x-ndjson"),
        )),
        Refused,
    ),
)]
#[post("/transfers/batch")]
async fn create_transfers(
    service: Data<Service>,
    caller: Principal,
    PaymentKey(key): PaymentKey,
    Batch(format, listed, _share): Batch,
) -> Result<HttpResponse, Problem> {
    let BatchItems { items, content } = listed;
    let class = if matches!(caller.via, Via::Token(..)) { Class::BatchTransfers } else { Class::Transfers };
    // An empty batch costs one, too.
    service.rates.charge(class, Payer::from(&caller), items.len().max(1))?;
    let senders: Vec<AccountNumber> = items.iter().filter_map(|item| Some(item.as_ref().ok()?.from)).collect();
    let senders = distinct(senders);
    let facts = service.facts_of(senders).await?;
    let owner = caller.member.owner();
    let own: HashMap<AccountNumber, Facts> = facts.into_iter().filter(|(_, facts)| facts.owner == owner).collect();
    let receivers = items.iter().flatten().filter(|item| own.contains_key(&item.from)).map(|item| item.to);
    service.meet(&caller, Class::BatchLookups, receivers).await?;
    let ids = key.command_ids(&caller.id(), "transfers/batch", items.len());
    let list = key.command_id(&caller.id(), "transfers/batch list");
    let was_sent = key.is_given() && service.bank.position_of(list).await?.is_some();
    let mut sums = Vec::with_capacity(items.len());
    for (item, id) in items.iter().zip(&ids) {
        let Ok(item) = item else { continue };
        let Some(facts) = own.get(&item.from) else { continue };
        // Transfers that were made before move nothing again.
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
    let answer = off_thread(move || written(format, places, answers)).await?;
    Ok(HttpResponse::Ok().content_type(format.media_type()).body(answer))
}

/// Executes the transfers of a batch. With an idempotency key, the batch has an id.
async fn made(
    service: &Service,
    caller: &Principal,
    own: &HashMap<AccountNumber, Facts>,
    (list, content): (Option<CommandId>, &blake3::Hash),
    items: Vec<Item>,
    ids: Vec<CommandId>,
    passed: &Passed,
) -> Result<(Vec<AnswerSource>, Vec<Answered>), Problem> {
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
    let Planned { places, commands } = off_thread(planned).await?;
    let counted = service.count_batch(caller, is_known, &commands, &currencies).await?;
    let asked = if passed.is_counted() { payments(&commands, &currencies) } else { Vec::new() };
    let answers = service.transfers(commands, is_known).await?;
    counted.settle(&answers).await;
    passed.settle(&asked, &answers).await;
    Ok((places, answers))
}

/// Returns the amount that each transfer requests.
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
    /// Executes transfers. A transfer that was made before gets its first answer, even if transfers were verified then
    /// and are not now, or vice versa. Only a batch that was sent before can contain such transfers.
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
    /// Returns the transfers with an open amount that were made before. A bank that verifies transfers cannot hold
    /// them, but they have a first answer.
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

/// The kind of the application record that stands for a batch. No such record is ever written.
const LIST_KIND: &str = "batch-list";

/// Returns a command with that id that has no effect. For another batch it is a different command, which the bank
/// refuses.
fn list_of(id: CommandId, content: &blake3::Hash) -> Command {
    let put = RecordPut { kind: LIST_KIND.into(), key: content.to_hex().to_string(), value: None, expected: None };
    Command::PutRecords { id, puts: vec![put] }
}

/// Runs work that takes milliseconds on another thread, so that it delays no other request.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    // Problems on that thread have the id of the request, too.
    let id = REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
    web::block(move || REQUEST_ID.sync_scope(id, work)).await.map_err(|_| jangbu::BankError::Overloaded.into())
}

fn distinct(mut numbers: Vec<AccountNumber>) -> Vec<AccountNumber> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The source of the answer to a transfer.
enum AnswerSource {
    /// The bank, about a transfer between these accounts.
    Bank(TransferAccounts),
    /// A problem found before the bank was asked.
    Problem(Box<Problem>),
}

struct Planned {
    places: Vec<AnswerSource>,
    commands: Vec<Command>,
}

/// Makes the commands for the transfers from the caller's own accounts.
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
            Ok((TransferAccounts::both(request.from, request.to), command(&request, *id, is_verified(*id))?))
        });
        planned.places.push(match made {
            Ok((named, command)) => {
                planned.commands.push(command);
                AnswerSource::Bank(named)
            }
            Err(problem) => AnswerSource::Problem(Box::new(problem)),
        });
    }
    planned
}

/// Serializes the body of the response.
fn written(format: Format, places: Vec<AnswerSource>, answers: Vec<Answered>) -> Vec<u8> {
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
            AnswerSource::Problem(problem) => BatchAnswer::failed(&problem),
            AnswerSource::Bank(named) => match answers.next() {
                Some(Ok(Outcome::Posted(receipt))) => BatchAnswer::posted(&receipt),
                Some(Ok(Outcome::Held(receipt))) => BatchAnswer::pending(&receipt),
                Some(Err(refusal)) => BatchAnswer::failed(&named.refused(refusal)),
                // The bank answers every command with an outcome of its kind.
                Some(Ok(_)) | None => BatchAnswer::failed(&jangbu::BankError::OutcomeUnknown.into()),
            },
        };
        // Writing to memory cannot fail.
        let _never_fails = serde_json::to_writer(&mut body, &answer);
    }
    body.extend_from_slice(end);
    body
}
