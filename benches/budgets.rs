//! The cost of the budgets per request.
//!
//! One client with one connection; the service runs in its own process. `uncharged` is a member's read, which has no
//! budget. `without_limits` ends a session that does not exist, which is charged but has no limit. `within_limits` does
//! the same with limits so large that nothing is refused: by session, by network in three sizes, and in total. The
//! difference between the last two is the cost of the limiters. The difference between the first two, which are
//! different routes, bounds the cost of finding the budget. Most of the time of all three is spent in the sockets.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;

const PASSWORD: &str = "a bank for one measurement";
/// More than any run needs, and less than a limiter can count.
const LARGE: u32 = 1_000_000_000;

/// A running service. It ends when this is dropped.
struct Service {
    child: Child,
    connection: BufReader<TcpStream>,
    cookie: String,
    _data: tempfile::TempDir,
}

impl Service {
    /// Starts it with a new bank and this limit for ending sessions.
    fn start(limit: u32) -> Service {
        let data = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_jangbu"));
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--set",
            "second_factor=nobody",
            "--set",
            "access_log=false",
        ]);
        for of in ["member", "address"] {
            command.args(["--set", &format!("rates.endings_per_{of}={limit}")]);
        }
        command.args(["--set", &format!("rates.endings_total={limit}"), "--set", "rates.staff_per_member=0"]);
        command.arg("--data").arg(data.path().join("bank")).env("JANGBU_ADMIN_PASSWORD", PASSWORD);
        let mut child = command.env("JANGBU_LOG", "off").stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned)).unwrap();
        let connection = TcpStream::connect(address).unwrap();
        connection.set_nodelay(true).unwrap();
        let (connection, cookie) = (BufReader::new(connection), String::new());
        let mut service = Service { child, connection, cookie, _data: data };
        // A member, whose reads are not charged.
        let new = json!({ "username": "mina", "password": PASSWORD, "name": "M", "email": "m@example.com" });
        assert_eq!(service.ask("POST", "/members", &new.to_string()).0, 201);
        let credentials = json!({ "username": "mina", "password": PASSWORD });
        let (status, cookie) = service.ask("POST", "/session", &credentials.to_string());
        assert_eq!(status, 200);
        service.cookie = cookie.unwrap();
        service
    }

    /// Sends a request. Returns the status and the first cookie of the response.
    fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, Option<String>) {
        let (cookie, length) = (&self.cookie, body.len());
        let request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: h\r\nsec-fetch-site: same-origin\r\ncookie: {cookie}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.connection.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut status, mut length, mut cookie) = (0, 0, None);
        loop {
            let mut line = String::new();
            self.connection.read_line(&mut line).unwrap();
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse().unwrap();
            }
            if let Some((name, value)) = line.split_once(": ") {
                match &*name.to_ascii_lowercase() {
                    "content-length" => length = value.parse().unwrap(),
                    "set-cookie" if cookie.is_none() => cookie = value.split(';').next().map(str::to_owned),
                    _ => {}
                }
            }
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body).unwrap();
        (status, cookie)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail if the process has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn budgets(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("budgets");
    let (mut without, mut within) = (Service::start(0), Service::start(LARGE));
    let ended = "/sessions/01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c";
    group.bench_function("uncharged", |bencher| {
        bencher.iter(|| assert_eq!(without.ask("GET", "/sessions", "").0, 200));
    });
    group.bench_function("without_limits", |bencher| {
        bencher.iter(|| assert_eq!(without.ask("DELETE", ended, "").0, 404));
    });
    group.bench_function("within_limits", |bencher| {
        bencher.iter(|| assert_eq!(within.ask("DELETE", ended, "").0, 404));
    });
    group.finish();
}

criterion_group!(benches, budgets);
criterion_main!(benches);
