//! Clients may disconnect at any moment. The work that their request began must complete, and must not obstruct
//! anything afterwards.
//!
//! Every operation of the OpenAPI document is requested repeatedly and dropped at each of its awaits. It is polled by
//! hand, each poll being one step, while everything it waits for continues in between. One bank serves one operation,
//! and each attempt has its own member.

mod afterwards;
mod cases;
mod reads;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::http::Method;
use actix_web::test::TestRequest;
use jangbu::verification::RandomDelay;

use super::matrix_tests::{Operation, operations};
use super::members::tests::memory::{differences, lines};
use super::testing::Town;
use afterwards::{everything_else, meddle};
use cases::{Case, Staff, Subject};

/// More polls than any request needs.
const MAX_POLLS: usize = 100;
/// The largest number of turns for other tasks while waiting for a record.
const MAX_WAITS: usize = 100_000;
/// The number of concurrent tests that share the operations.
const PARTS: usize = 4;

/// Returns a verifier that reaches no verdict during a test.
fn slow() -> RandomDelay {
    let hour = Duration::from_secs(3_600);
    RandomDelay::new(hour, hour, 0)
}

/// Remembers that a future wants to be polled again.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// When a request is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    /// After this many polls.
    polls: usize,
    /// Only after the result of the last poll's wait has arrived, unknown to the dropped request.
    once_woken: bool,
}

/// Polls a future until it is to be dropped, and returns its output if it is finished by then. Between polls, all other
/// tasks continue until the future wants to be polled.
async fn given_up<F: Future>(mut future: Pin<&mut F>, moment: Moment) -> Option<F::Output> {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    for poll in 1..=moment.polls {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(done);
        }
        while (poll < moment.polls || moment.once_woken) && !woken.0.swap(false, Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
    }
    None
}

/// Sends a request through the app and drops it, with its answer. Returns the status if it was answered.
async fn asked(town: &Town, request: TestRequest, moment: Moment) -> Option<u16> {
    let mut call = Box::pin(async {
        let answer = town.asked(request.insert_header(("sec-fetch-site", "same-origin"))).await;
        let status = answer.status().as_u16();
        let is_endless = answer.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let mut body = Box::pin(answer.into_body());
        while !is_endless && let Some(Ok(_)) = std::future::poll_fn(|context| body.as_mut().poll_next(context)).await {}
        status
    });
    given_up(call.as_mut(), moment).await
}

fn request_of(case: &Case) -> TestRequest {
    let mut request = TestRequest::with_uri(&format!("/api/v1{}", case.path)).method(case.method.clone());
    if let Some(by) = &case.by {
        request = request.insert_header(by.clone());
    }
    if let Some(key) = &case.key {
        request = request.insert_header(("idempotency-key", key.as_str()));
    }
    if let Some(body) = &case.body {
        request = request.set_json(body);
    }
    request
}

/// Returns the number of records in the journal.
fn records(town: &Town) -> u64 {
    town.service.bank.stats().durable.get()
}

/// Creates a town for one operation, and its staff.
async fn town_for(directory: Option<&std::path::Path>) -> (Town, Staff) {
    let town = Town::verifying(directory, slow()).await;
    super::founding::make_types(&town.service.bank).await.unwrap();
    let staff = Staff::of(&town).await;
    (town, staff)
}

/// The attempts at one operation.
struct Trial<'a> {
    town: &'a Town,
    staff: &'a Staff,
    operation: &'a Operation,
    variant: usize,
    /// The number of records of the whole effect, once it is known.
    whole: Option<u64>,
}

impl Trial<'_> {
    /// Sends the request and drops it at that moment. Returns whether it was answered.
    async fn at(&mut self, moment: Moment) -> bool {
        let town = self.town;
        let subject = Subject::new(town).await;
        assert_eq!(differences(town).await, [""; 0]);
        let case = Case::of(self.operation, self.variant, town, self.staff, &subject).await.unwrap();
        let about = format!("{} {} ({}), given up at {moment:?}", case.method, case.path, self.variant);
        let before = records(town);
        let status = asked(town, request_of(&case), moment).await;
        town.service.finishing.idle().await;
        assert!(status.is_none_or(|status| (200..300).contains(&status)), "{about}: {status:?}");
        let written = records(town) - before;
        let whole = if moment.polls == 0 { 0 } else { *self.whole.get_or_insert(written) };
        assert_eq!(written, whole, "records of {about}");
        assert_eq!(differences(town).await, [""; 0], "{about}");
        if case.key.is_some() {
            let before = records(town);
            let again = town.call(request_of(&case)).await;
            assert!(again.status.is_success(), "{about}, asked again: {}", again.text);
            let is_first = !again.headers.contains_key("idempotent-replayed");
            // A request that was never polled has begun nothing, so the repetition is the first.
            let expected = if moment.polls == 0 { (true, self.whole.unwrap_or_default()) } else { (false, 0) };
            assert_eq!((is_first, records(town) - before), expected, "{about}, asked again");
        }
        if moment.polls > 0 {
            everything_else(town, self.staff, &subject, &about).await;
        }
        status.is_some()
    }

    /// Drops the request once it has begun, and does something else when this many of its records exist.
    async fn overtaken_after(&self, count: u64) {
        let town = self.town;
        let subject = Subject::new(town).await;
        assert_eq!(differences(town).await, [""; 0]);
        let case = Case::of(self.operation, self.variant, town, self.staff, &subject).await.unwrap();
        let about = format!("{} {} ({}), overtaken after {count} records", case.method, case.path, self.variant);
        let before = records(town);
        assert_eq!(asked(town, request_of(&case), Moment { polls: 1, once_woken: false }).await, None, "{about}");
        for _ in 0..MAX_WAITS {
            if records(town) >= before + count {
                break;
            }
            tokio::task::yield_now().await;
        }
        meddle(town, self.staff, &subject, &about).await;
        town.service.finishing.idle().await;
        assert_eq!(differences(town).await, [""; 0], "{about}");
        everything_else(town, self.staff, &subject, &about).await;
    }
}

/// Returns the operations that change something.
async fn writing(town: &Town) -> Vec<Operation> {
    let mut operations = operations(town).await;
    operations.retain(|operation| !operation.method.is_safe());
    operations
}

async fn every_await_of(part: usize) {
    let listed = writing(&Town::new().await).await;
    assert!(listed.len() > 40, "{} operations are too few to be all", listed.len());
    for operation in listed.iter().skip(part).step_by(PARTS) {
        let name = format!("{} {}", operation.method, operation.path);
        if name == "POST /setup" {
            continue;
        }
        let (town, staff) = town_for(None).await;
        let mut variant = 0;
        loop {
            let subject = Subject::new(&town).await;
            if Case::of(operation, variant, &town, &staff, &subject).await.is_none() {
                break;
            }
            let mut trial = Trial { town: &town, staff: &staff, operation, variant, whole: None };
            // A complete run shows the whole effect.
            assert!(trial.at(Moment { polls: MAX_POLLS, once_woken: false }).await, "{name} needs more polls");
            for polls in 0..MAX_POLLS {
                if trial.at(Moment { polls, once_woken: false }).await {
                    break;
                }
                if polls > 0 && trial.at(Moment { polls, once_woken: true }).await {
                    break;
                }
            }
            for count in 0..trial.whole.unwrap_or_default() {
                trial.overtaken_after(count).await;
            }
            variant += 1;
        }
        assert!(variant > 0, "add the request for {name} to `Case::of`");
    }
}

#[actix_web::test]
async fn every_operation_can_be_dropped_at_every_await() {
    every_await_of(0).await;
}

#[actix_web::test]
async fn every_operation_can_be_dropped_at_every_await_2() {
    every_await_of(1).await;
}

#[actix_web::test]
async fn every_operation_can_be_dropped_at_every_await_3() {
    every_await_of(2).await;
}

#[actix_web::test]
async fn every_operation_can_be_dropped_at_every_await_4() {
    every_await_of(3).await;
}

/// The first administrator of an empty bank disconnects.
#[actix_web::test]
async fn a_first_administrator_who_disconnects_exists_or_can_try_again() {
    for polls in 0..MAX_POLLS {
        let town = Town::empty().await;
        let secret = town.service.setup.open(&town.service.time).unwrap();
        let body = serde_json::json!({ "token": secret, "username": "root", "password": "a long enough one", "name": "R",
            "email": "r@example.com" });
        let request = || TestRequest::post().uri("/api/v1/setup").set_json(&body);
        let status = asked(&town, request(), Moment { polls, once_woken: false }).await;
        town.service.finishing.idle().await;
        assert_eq!(differences(&town).await, [""; 0], "after {polls} polls");
        let again = town.call(request()).await;
        let expected = if polls == 0 { (201, "") } else { (403, "setup_closed") };
        let code = again.json["code"].as_str().unwrap_or_default();
        assert_eq!((again.status.as_u16(), code), expected, "after {polls} polls");
        let sign_in = serde_json::json!({ "username": "root", "password": "a long enough one" });
        assert_eq!(town.send(None, Method::POST, "/session", sign_in).await.status, 200, "after {polls} polls");
        if status.is_some() {
            return;
        }
    }
    panic!("it needs more polls");
}

/// Returns the state of the ledger, account by account.
async fn ledger(town: &Town, subjects: &[Subject]) -> Vec<String> {
    let mut found = Vec::new();
    for subject in subjects {
        let accounts = town.service.bank.accounts_of(subject.id.owner(), None, 1_000).await.unwrap().data;
        for account in accounts {
            let orders = town.service.bank.schedules_of(account.number, None, 1_000).await.unwrap().data;
            let holds = town.service.bank.holds_after(account.number, None, 1_000).await.unwrap().data;
            found.push(format!("{account:?} {orders:?} {holds:?}"));
        }
    }
    found
}

/// All operations in one bank on disk, each dropped once it has begun; then the bank is closed and reopened.
#[actix_web::test]
async fn dropped_requests_are_the_same_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let (town, staff) = town_for(Some(directory.path())).await;
    let mut subjects = Vec::new();
    for operation in writing(&town).await {
        for variant in 0.. {
            let subject = Subject::new(&town).await;
            let Some(case) = Case::of(&operation, variant, &town, &staff, &subject).await else { break };
            asked(&town, request_of(&case), Moment { polls: 1, once_woken: false }).await;
            town.service.finishing.idle().await;
            subjects.push(subject);
        }
    }
    assert!(subjects.len() > 50);
    assert_eq!(differences(&town).await, [""; 0]);
    let before = (lines(&town.service.members), ledger(&town, &subjects).await);
    let town = town.reopen(directory.path()).await.unwrap();
    let after = (lines(&town.service.members), ledger(&town, &subjects).await);
    assert_eq!(before.0.symmetric_difference(&after.0).collect::<Vec<_>>(), [""; 0]);
    assert_eq!(before.1, after.1);
    for subject in &subjects {
        everything_else(&town, &staff, subject, "after a restart").await;
    }
}
