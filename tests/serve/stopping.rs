//! Stopping while requests are in progress.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::service::{PATIENCE, Running, Scratch, read_answer};

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
const BODY: &str = r#"{"username":"nobody","password":"not this one"}"#;

/// Sends the head and half of the body of a request.
fn half_sent(service: &Running) -> TcpStream {
    let mut stream = service.connect();
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        service.address(),
        BODY.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The service has read the head and waits for the body, so the request is in progress.
    let mut begun = [0; CONTINUE.len()];
    stream.read_exact(&mut begun).unwrap();
    assert_eq!(begun, *CONTINUE);
    stream.write_all(&BODY.as_bytes()[..20]).unwrap();
    stream
}

/// Waits until no connection is accepted any more.
fn wait_until_closed(service: &Running) {
    let begun = Instant::now();
    while TcpStream::connect(service.address()).is_ok() {
        assert!(begun.elapsed() < PATIENCE, "the service still listens");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn requests_in_progress_are_answered_before_the_stop() {
    let scratch = Scratch::new();
    let mut service = scratch.serve(&["--set", "limits.shutdown_timeout_s=5"]);
    let mut streams = [half_sent(&service), half_sent(&service)];
    service.signal(Signal::TERM);
    wait_until_closed(&service);
    for stream in &mut streams {
        stream.write_all(&BODY.as_bytes()[20..]).unwrap();
        let answer = read_answer(stream);
        assert_eq!(answer.problem(), (401, "wrong_credentials".into()));
    }
    assert!(service.wait().success());
    let (status, output, errors) = scratch.run(&["check"]);
    assert_eq!((status, errors.as_str()), (0, ""), "{output}");
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    let scratch = Scratch::new();
    let mut service = scratch.serve(&["--set", "limits.shutdown_timeout_s=5"]);
    let _never_sent_whole = half_sent(&service);
    service.signal(Signal::TERM);
    wait_until_closed(&service);
    service.signal(Signal::TERM);
    assert_eq!(service.wait().code(), Some(1), "it waited for the request, and ended well");
    let (status, output, errors) = scratch.run(&["check"]);
    assert_eq!((status, errors.as_str()), (0, ""), "{output}");
}
