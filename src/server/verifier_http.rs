//! Verification by an external fraud checker over HTTP. Its verdict settles or rejects the transfer.
//!
//! The request is JSON with `id`, `from`, `to`, `amount`, `fee`, `placed_at`, `sender_label`, `receiver_label`,
//! `reference`, `end_to_end_id` and `metadata`. The header `Jangbu-Timestamp` is the time in seconds since 1970, and
//! `Jangbu-Signature` is `v1=` with the HMAC-SHA256, in hexadecimal digits, of that time, a dot and the body. The
//! checker answers 200 with `{"verdict": "approve"}` or `{"verdict": "reject", "reason": "…", "customer_text": "…"}`.
//! The reason is for the bank's staff, the other text for the sender; both are optional.
//!
//! Any other answer counts as none. The checker is then asked again, at growing intervals, until the deadline, when the
//! transfer is rejected. A transfer past its deadline does not queue: it is checked once more if a request can be sent
//! at once, and otherwise rejected. The checker may be asked twice about the same transfer.

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

/// The largest number of concurrent requests; others wait.
const MAX_CONCURRENT: usize = 256;
/// The longest pause between two requests about a transfer.
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// The shortest pause.
const MIN_PAUSE: Duration = Duration::from_millis(500);
/// The largest size of an answer in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// A client of a fraud checker.
///
/// The bank's verification thread has no network, so requests are sent from a thread of this client, which ends with
/// it.
#[derive(Debug)]
pub(crate) struct HttpVerifier {
    questions: mpsc::UnboundedSender<Question>,
}

/// The checker and its time limits.
#[derive(Clone, Debug)]
pub(crate) struct Checker {
    /// The checker's URL.
    pub(crate) url: Url,
    /// The signing key.
    pub(crate) secret: SecretString,
    /// The timeout of a request.
    pub(crate) timeout: Duration,
    /// How long after acceptance a transfer is rejected if the checker has not answered.
    pub(crate) deadline: Duration,
}

#[derive(Debug)]
struct Question {
    pending: Pending,
    answer: oneshot::Sender<Verdict>,
}

#[derive(Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
enum Answer {
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
    /// Those of the operating system, or if TLS is not available.
    pub(crate) fn start(checker: Checker, time: Time) -> std::io::Result<HttpVerifier> {
        let client = client(&checker).map_err(std::io::Error::other)?;
        let asking = Arc::new(Asking { checker, time, client, turns: Semaphore::new(MAX_CONCURRENT) });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (questions, mut asked) = mpsc::unbounded_channel::<Question>();
        let run = move || {
            runtime.block_on(async move {
                while let Some(Question { pending, mut answer }) = asked.recv().await {
                    let asking = asking.clone();
                    tokio::spawn(async move {
                        // When the hold has ended or the bank is closed, nobody waits for the answer. The request is
                        // dropped, and another one can be sent.
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
            let again = Verdict::AskAgain { after: MAX_PAUSE };
            if asked.is_err() { again } else { answered.await.unwrap_or(again) }
        })
    }
}

fn client(checker: &Checker) -> Result<reqwest::Client, reqwest::Error> {
    // An error means that a provider is installed already.
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
        // With the checker down, each request takes until its timeout. A transfer that waited beyond its deadline would
        // make all later ones wait as long again.
        let left = self.checker.deadline.saturating_sub(self.waited(pending));
        let turn = match left.is_zero() {
            true => self.turns.try_acquire().ok(),
            false => tokio::time::timeout(left, self.turns.acquire()).await.ok().and_then(Result::ok),
        };
        let answered = match turn {
            Some(_turn) => self.ask(pending).await,
            None => Err("the deadline passed while others were being verified".into()),
        };
        match answered {
            Ok(Answer::Approve) => Verdict::Approve,
            Ok(Answer::Reject { reason, customer_text }) => {
                let reason = if reason.is_empty() { "rejected by the verification".into() } else { reason };
                Verdict::Reject { reason, customer_text }
            }
            Err(why) => self.unanswered(pending, &why),
        }
    }

    /// Returns how long ago a transfer was accepted.
    fn waited(&self, pending: &Pending) -> Duration {
        let waited_ns = self.time.now().as_ns().saturating_sub(pending.placed_at.as_ns());
        Duration::from_nanos(u64::try_from(waited_ns).unwrap_or(0))
    }

    /// Handles a missing verdict: asks again before the deadline, and rejects the transfer after it.
    fn unanswered(&self, pending: &Pending, why: &str) -> Verdict {
        let waited = self.waited(pending);
        metrics::counter!("jangbu_verification_failures_total").increment(1);
        tracing::warn!(transfer = %pending.id, "the fraud checker did not answer: {why}");
        if waited >= self.checker.deadline {
            let reason = String::from("the transfer could not be verified in time");
            return Verdict::Reject { customer_text: Some(reason.clone()), reason };
        }
        // Half of the time waited so far: pauses grow with the age of the transfer, also across restarts.
        let left = self.checker.deadline.saturating_sub(waited);
        let pause = (waited / 2).clamp(MIN_PAUSE, MAX_PAUSE).min(left.max(Duration::from_millis(1)));
        Verdict::AskAgain { after: pause }
    }

    async fn ask(&self, pending: &Pending) -> Result<Answer, String> {
        let body = question(pending);
        let seconds = self.time.now().as_ns().div_euclid(1_000_000_000).to_string();
        let signature = sign(&self.checker.secret, &seconds, body.as_bytes())?;
        let request = self.client.post(self.checker.url.clone());
        let request =
            request.header("content-type", "application/json").header("idempotency-key", pending.id.to_string());
        let request = request.header("jangbu-timestamp", seconds).header("jangbu-signature", signature);
        // The URL is left out of errors: it may contain a secret.
        let describe = |error: reqwest::Error| error.without_url().to_string();
        let mut response = request.body(body).send().await.map_err(describe)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(format!("status {}", response.status()));
        }
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(describe)? {
            if answer.len().saturating_add(chunk.len()) > MAX_ANSWER_BYTES {
                return Err("the answer is too large".into());
            }
            answer.extend_from_slice(&chunk);
        }
        from_slice(without_mark(&answer)).map_err(|error| format!("the answer is invalid: {error}"))
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

/// Returns `v1=` and the HMAC-SHA256 of the time, a dot and the body, in hexadecimal digits.
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
