//! A running service, and a client that sends exactly the given bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// The timeout of every step of a test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A temporary directory with room for a bank.
pub(crate) struct Scratch {
    dir: TempDir,
}

/// A running service, killed on drop.
pub(crate) struct Running {
    child: Child,
    address: SocketAddr,
    // Locked, so that several threads can use the service.
    output: Mutex<Receiver<String>>,
    log: Mutex<Receiver<String>>,
    patience: Duration,
    /// The lines printed before the service was ready.
    pub(crate) printed: Vec<String>,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The headers, with names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Scratch {
    /// Creates a directory without a bank.
    pub(crate) fn new() -> Scratch {
        Scratch { dir: tempfile::tempdir().expect("a directory for the test") }
    }

    /// Returns the bank's directory, which does not exist at first.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Returns the directory around it.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Returns the program with these arguments and the bank's directory.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jangbu"));
        command.args(arguments).arg("--data").arg(self.data()).current_dir(self.path());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("JANGBU_")) {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts the service on a free port, with further arguments, and waits until it is ready.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Running {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        Running::start(self.command(&all))
    }

    /// Runs the program to its end. Returns its exit status, output and errors.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.command(arguments).output().expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
        (output.status.code().expect("not killed"), text(output.stdout), text(output.stderr))
    }
}

impl Running {
    /// Starts a program that serves, and waits until it prints its address.
    pub(crate) fn start(mut command: Command) -> Running {
        let mut child = command.spawn().expect("the program starts");
        let output = Mutex::new(lines(child.stdout.take().expect("its output")));
        let log = Mutex::new(lines(child.stderr.take().expect("its errors")));
        let (address, patience) = (SocketAddr::from(([127, 0, 0, 1], 0)), PATIENCE);
        let mut running = Running { child, address, output, log, patience, printed: Vec::new() };
        loop {
            let line = running.output.lock().recv_timeout(PATIENCE);
            match line {
                Ok(line) => match line.strip_prefix("listening on http://") {
                    Some(address) => running.address = address.parse().expect("an address"),
                    None => {
                        running.printed.push(line);
                        continue;
                    }
                },
                Err(_) => panic!("the service did not start: {:?}", running.log.lock().try_iter().collect::<Vec<_>>()),
            }
            return running;
        }
    }

    /// Returns the address on which it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a request with these headers and reads the answer.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        request.push_str(body);
        self.raw(request.as_bytes())
    }

    /// Sends bytes as they are and reads the answer.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect();
        // The service may answer and close before it has read everything.
        let _ = stream.write_all(bytes);
        read_answer(&mut stream)
    }

    /// Shortens the timeout for answers from now on.
    pub(crate) fn be_impatient(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Opens a connection with the timeout [`PATIENCE`].
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("the service listens");
        stream.set_read_timeout(Some(self.patience)).expect("a time limit");
        stream
    }

    /// Gets a path.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    /// Posts JSON.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("Content-Type", "application/json")], &body.to_string())
    }

    /// Returns the process id.
    pub(crate) fn pid(&self) -> Pid {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process id")
    }

    /// Sends the process a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the process is there");
    }

    /// Asks the service to stop and waits for it. Returns its exit status and its log.
    pub(crate) fn stop(mut self) -> (ExitStatus, Vec<String>) {
        self.signal(Signal::TERM);
        let status = self.wait();
        (status, self.log.lock().iter().collect())
    }

    /// Waits until the process has ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the process is ours") {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the service does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    /// Returns a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Returns the body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Returns the problem's status and code.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"), "{self:?}");
        (self.status, problem["code"].as_str().expect("a code").to_owned())
    }
}

/// Reads one answer, which ends with the connection.
pub(crate) fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    // A connection that is reset after the answer has still delivered it.
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { unchunked(body) } else { body.to_owned() };
    Answer { status: status.unwrap_or_else(|| panic!("no answer: {text:?}")), headers, body }
}

fn unchunked(body: &str) -> String {
    let (mut rest, mut whole) = (body, String::new());
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        if size == 0 || after.len() < size {
            break;
        }
        whole.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
    }
    whole
}

/// Returns the lines of a stream as they come.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}
