//! Tests of the checker's answers and their consequences.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use jangbu::{AccountNumber, Amount, CommandId, Timestamp};

use super::*;

const SECRET: &str = "a secret of the tests";

/// Starts a checker that gives the same answer to every request, or none. Returns its URL and the requests.
fn checker(answer: Option<&'static str>) -> (Url, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/check?token=hidden", listener.local_addr().unwrap()).parse().unwrap();
    let (asked, questions) = channel();
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = Vec::new();
            let mut buffer = [0; 4_096];
            while !is_whole(&bytes) {
                let read = stream.read(&mut buffer).unwrap();
                bytes.extend_from_slice(&buffer[..read]);
            }
            let _ = asked.send(String::from_utf8(bytes).unwrap());
            match answer {
                Some(answer) => stream.write_all(answer.as_bytes()).unwrap(),
                None => silent.push(stream),
            }
        }
    });
    (url, questions)
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    length.is_none_or(|length: usize| body.len() >= length)
}

fn pending(placed_at: Timestamp) -> Pending {
    Pending {
        id: CommandId::random(),
        from: AccountNumber::new("110-1").unwrap(),
        to: AccountNumber::new("110-2").unwrap(),
        amount: Amount::new(7_000).unwrap(),
        fee: Amount::ZERO,
        placed_at,
        details: jangbu::Details { reference: "rent".into(), ..Default::default() },
    }
}

fn ask(url: Url, placed_at: Timestamp) -> Verdict {
    let checker = Checker {
        url,
        secret: SECRET.to_owned().into(),
        timeout: Duration::from_millis(500),
        deadline: Duration::from_secs(60),
    };
    let verifier = HttpVerifier::start(checker, Time::system()).unwrap();
    futures::executor::block_on(verifier.verify(pending(placed_at)))
}

const APPROVED: &str = "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{\"verdict\":\"approve\"}";
const REJECTED: &str = "HTTP/1.1 200 OK\r\nContent-Length: 39\r\n\r\n{\"verdict\":\"reject\",\"reason\":\"a thief\"}";
const LISTED: &str = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n[\"approve\"]";
const TWICE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{\"verdict\":\"reject\",\"verdict\":\"approve\"}";
const MARKED: &str = "HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n\u{feff}{\"verdict\":\"approve\"}";
const BROKEN: &str = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
const GARBAGE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"ok\": 1}";
const ELSEWHERE: &str = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";

#[test]
fn only_a_valid_answer_is_a_verdict() {
    let now = Time::system().now();
    assert_eq!(ask(checker(Some(APPROVED)).0, now), Verdict::Approve);
    assert_eq!(ask(checker(Some(MARKED)).0, now), Verdict::Approve);
    assert_eq!(ask(checker(Some(REJECTED)).0, now), Verdict::Reject { reason: "a thief".into(), customer_text: None });
    for answer in [Some(BROKEN), Some(GARBAGE), Some(LISTED), Some(TWICE), Some(ELSEWHERE), None] {
        let verdict = ask(checker(answer).0, now);
        assert!(matches!(verdict, Verdict::AskAgain { .. }), "{answer:?}: {verdict:?}");
    }
    assert!(matches!(ask("http://127.0.0.1:1/".parse().unwrap(), now), Verdict::AskAgain { .. }));
}

#[test]
fn after_the_deadline_only_an_answer_prevents_rejection() {
    let long_ago = Timestamp::from_ns(Time::system().now().as_ns() - 61_000_000_000);
    for answer in [Some(BROKEN), Some(GARBAGE), None] {
        let verdict = ask(checker(answer).0, long_ago);
        assert!(matches!(verdict, Verdict::Reject { .. }), "{answer:?}: {verdict:?}");
    }
    assert_eq!(ask(checker(Some(APPROVED)).0, long_ago), Verdict::Approve);
}

#[test]
fn requests_are_signed() {
    let (url, questions) = checker(Some(APPROVED));
    ask(url, Time::system().now());
    let question = questions.recv_timeout(Duration::from_secs(30)).unwrap();
    let (head, body) = question.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("{name} is missing: {head}")).to_owned()
    };
    let seconds = header("jangbu-timestamp");
    let expected = sign(&SECRET.to_owned().into(), &seconds, body.as_bytes()).unwrap();
    assert_eq!(header("jangbu-signature"), expected);
    assert_ne!(sign(&"another secret, as long".to_owned().into(), &seconds, body.as_bytes()).unwrap(), expected);
    let sent: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!((&sent["amount"], &sent["reference"]), (&json!(7_000), &json!("rent")));
}

#[test]
fn the_signature_is_that_of_rfc_4231() {
    // Test case 2 of RFC 4231, without the timestamp and dot.
    let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
    mac.update(b"what do ya want for nothing?");
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let found: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_secret_and_an_address_are_not_shown() {
    let (url, _) = checker(Some(APPROVED));
    let checker = Checker {
        url,
        secret: SECRET.to_owned().into(),
        timeout: Duration::from_secs(1),
        deadline: Duration::from_secs(1),
    };
    assert!(!format!("{checker:?}").contains(SECRET));
}

#[test]
fn a_dropped_request_makes_room_for_the_next() {
    let (url, questions) = checker(None);
    let patient = Checker {
        url,
        secret: SECRET.to_owned().into(),
        timeout: Duration::from_secs(600),
        deadline: Duration::from_secs(600),
    };
    let verifier = HttpVerifier::start(patient, Time::system()).unwrap();
    let now = Time::system().now();
    let asked = || questions.recv_timeout(Duration::from_secs(30)).is_ok();
    let first: Vec<_> = (0..MAX_CONCURRENT).map(|_| verifier.verify(pending(now))).collect();
    assert!((0..MAX_CONCURRENT).all(|_| asked()), "as many requests are sent as are allowed");
    let _next = verifier.verify(pending(now));
    drop(first);
    assert!(asked(), "the next request is sent");
}

#[test]
fn a_transfer_past_its_deadline_does_not_queue() {
    let (url, questions) = checker(None);
    let patient = Checker {
        url,
        secret: SECRET.to_owned().into(),
        timeout: Duration::from_secs(600),
        deadline: Duration::from_secs(60),
    };
    let verifier = HttpVerifier::start(patient, Time::system()).unwrap();
    let now = Time::system().now();
    let asked: Vec<_> = (0..MAX_CONCURRENT).map(|_| verifier.verify(pending(now))).collect();
    (0..MAX_CONCURRENT).for_each(|_| drop(questions.recv_timeout(Duration::from_secs(30)).unwrap()));
    let late = pending(Timestamp::from_ns(now.as_ns() - 61_000_000_000));
    let (sender, receiver) = channel();
    std::thread::spawn(move || sender.send(futures::executor::block_on(verifier.verify(late))));
    let verdict = receiver.recv_timeout(Duration::from_secs(30)).expect("a verdict although no request can be sent");
    assert!(matches!(verdict, Verdict::Reject { .. }), "{verdict:?}");
    drop(asked);
}
