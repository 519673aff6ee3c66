//! Verification by a fraud checker: it is asked over HTTP, and its word settles or rejects the transfer.
//!
//! What is sent is JSON: `id`, `from`, `to`, `amount`, `fee`, `placed_at`, `sender_label`, `receiver_label`, `reference`,
//! `metadata`. `Jangbu-Timestamp` is the time in seconds since 1970, and `Jangbu-Signature` is `v1=` with the HMAC-SHA256,
//! in hexadecimal digits, of that time, a dot and the body. The checker answers 200 with `{"verdict": "approve"}` or
//! `{"verdict": "reject", "reason": "…", "customer_text": "…"}`: the reason is for the bank's staff, the other text for the
//! sender, and neither is needed. Anything else is no answer, and it is asked again, less and less often, until the deadline:
//! then the transfer is rejected. A transfer whose deadline has passed does not wait for its turn: it is asked about once more
//! where a turn is free, and rejected where none is. It may be asked twice about one transfer.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use jangbu::transfers::END_TO_END_ID;
use jangbu::verification::{Pending, Verdict, Verifier};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;
use tokio::sync::{Semaphore, mpsc, oneshot};
use url::Url;

use super::http::{from_slice, without_mark};
use super::time::Time;

/// Questions at the same time; others wait for their turn.
const AT_ONCE: usize = 256;
/// The longest pause between two questions about a transfer.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The shortest one.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
/// The most bytes of an answer.
const LARGEST_ANSWER_BYTES: usize = 64 * 1024;

/// Asks a fraud checker.
///
/// The bank's thread of verifications has no network: questions are asked on a thread of this, which ends with it.
#[derive(Debug)]
pub(crate) struct HttpVerifier {
    questions: mpsc::UnboundedSender<Question>,
}

/// Whom to ask, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Checker {
    /// Where.
    pub(crate) url: Url,
    /// The key of the signature.
    pub(crate) secret: SecretString,
    /// How long one question may take.
    pub(crate) timeout: Duration,
    /// How long after its acceptance a transfer is rejected when nobody could be asked.
    pub(crate) deadline: Duration,
}

#[derive(Debug)]
struct Question {
    pending: Pending,
    answer: oneshot::Sender<Verdict>,
}

#[derive(Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
enum Word {
    Approve,
    Reject {
        #[serde(default)]
        reason: String,
        #[serde(default)]
        customer_text: Option<String>,
    },
}

impl HttpVerifier {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system's, or that there is no encryption to be had.
    pub(crate) fn start(checker: Checker, time: Time) -> std::io::Result<HttpVerifier> {
        let client = client(&checker).map_err(std::io::Error::other)?;
        let asking = Arc::new(Asking { checker, time, client, turns: Semaphore::new(AT_ONCE) });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (questions, mut asked) = mpsc::unbounded_channel::<Question>();
        let run = move || {
            runtime.block_on(async move {
                while let Some(Question { pending, mut answer }) = asked.recv().await {
                    let asking = asking.clone();
                    tokio::spawn(async move {
                        // When the hold has ended or the bank is closed, nobody waits for the answer: the question is
                        // broken off, and another one has its turn.
                        tokio::select! {
                            () = answer.closed() => {}
                            verdict = asking.verdict(&pending) => drop(answer.send(verdict)),
                        }
                    });
                }
            });
        };
        std::thread::Builder::new().name("jangbu-checker".into()).spawn(run)?;
        Ok(HttpVerifier { questions })
    }
}

impl Verifier for HttpVerifier {
    fn verify(&self, pending: Pending) -> BoxFuture<'static, Verdict> {
        let (answer, answered) = oneshot::channel();
        let asked = self.questions.send(Question { pending, answer });
        Box::pin(async move {
            let again = Verdict::AskAgain { after: LONGEST_PAUSE };
            if asked.is_err() { again } else { answered.await.unwrap_or(again) }
        })
    }
}

fn client(checker: &Checker) -> Result<reqwest::Client, reqwest::Error> {
    // An error says that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(checker.timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("jangbu/", env!("CARGO_PKG_VERSION")))
        .build()
}

struct Asking {
    checker: Checker,
    time: Time,
    client: reqwest::Client,
    turns: Semaphore,
}

impl Asking {
    async fn verdict(&self, pending: &Pending) -> Verdict {
        // With the checker down, each turn takes as long as a question may. Whoever waited for one beyond the deadline would
        // have everybody behind wait as long again.
        let left = self.checker.deadline.saturating_sub(self.waited(pending));
        let turn = match left.is_zero() {
            true => self.turns.try_acquire().ok(),
            false => tokio::time::timeout(left, self.turns.acquire()).await.ok().and_then(Result::ok),
        };
        let answered = match turn {
            Some(_turn) => self.ask(pending).await,
            None => Err("others were asked about until its deadline".into()),
        };
        match answered {
            Ok(Word::Approve) => Verdict::Approve,
            Ok(Word::Reject { reason, customer_text }) => {
                let reason = if reason.is_empty() { "the verification said no".into() } else { reason };
                Verdict::Reject { reason, customer_text }
            }
            Err(why) => self.unanswered(pending, &why),
        }
    }

    /// How long ago a transfer was accepted.
    fn waited(&self, pending: &Pending) -> Duration {
        let waited_ns = self.time.now().as_ns().saturating_sub(pending.placed_at.as_ns());
        Duration::from_nanos(u64::try_from(waited_ns).unwrap_or(0))
    }

    /// Nobody said yes: asked again while there is time, and then no.
    fn unanswered(&self, pending: &Pending, why: &str) -> Verdict {
        let waited = self.waited(pending);
        metrics::counter!("jangbu_verification_failures_total").increment(1);
        tracing::warn!(transfer = %pending.id, "the checker gave no answer: {why}");
        if waited >= self.checker.deadline {
            let reason = String::from("the transfer could not be verified in time");
            return Verdict::Reject { customer_text: Some(reason.clone()), reason };
        }
        // Half of what it has waited already: pauses grow with the age of the transfer, also over a restart.
        let left = self.checker.deadline.saturating_sub(waited);
        let pause = (waited / 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE).min(left.max(Duration::from_millis(1)));
        Verdict::AskAgain { after: pause }
    }

    async fn ask(&self, pending: &Pending) -> Result<Word, String> {
        let body = question(pending);
        let seconds = self.time.now().as_ns().div_euclid(1_000_000_000).to_string();
        let signature = sign(&self.checker.secret, &seconds, body.as_bytes())?;
        let request = self.client.post(self.checker.url.clone());
        let request =
            request.header("content-type", "application/json").header("idempotency-key", pending.id.to_string());
        let request = request.header("jangbu-timestamp", seconds).header("jangbu-signature", signature);
        // The address is left out: it may hold what is nobody's business.
        let told = |error: reqwest::Error| error.without_url().to_string();
        let mut response = request.body(body).send().await.map_err(told)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(format!("status {}", response.status()));
        }
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(told)? {
            if answer.len().saturating_add(chunk.len()) > LARGEST_ANSWER_BYTES {
                return Err("the answer is too large".into());
            }
            answer.extend_from_slice(&chunk);
        }
        from_slice(without_mark(&answer)).map_err(|error| format!("the answer is none: {error}"))
    }
}

fn question(pending: &Pending) -> String {
    let details = &pending.details;
    let metadata: serde_json::Map<_, _> = details
        .metadata
        .iter()
        .filter(|(key, _)| key != END_TO_END_ID)
        .map(|(key, value)| (key.clone(), value.as_str().into()))
        .collect();
    json!({
        "id": pending.id.to_string(),
        "from": pending.from.to_string(),
        "to": pending.to.to_string(),
        "amount": pending.amount,
        "fee": pending.fee,
        "placed_at": pending.placed_at.to_string(),
        "sender_label": details.sender_label,
        "receiver_label": details.receiver_label,
        "reference": details.reference,
        "end_to_end_id": details.end_to_end_id(),
        "metadata": metadata,
    })
    .to_string()
}

/// `v1=` and the HMAC-SHA256 of the time, a dot and the body, in hexadecimal digits.
fn sign(secret: &SecretString, seconds: &str, body: &[u8]) -> Result<String, String> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).map_err(|error| error.to_string())?;
    mac.update(seconds.as_bytes());
    mac.update(b".");
    mac.update(body);
    let mut signature = String::from("v1=");
    for byte in mac.finalize().into_bytes() {
        // Writing to a string cannot fail.
        let _ = write!(signature, "{byte:02x}");
    }
    Ok(signature)
}

#[cfg(test)]
mod tests;
