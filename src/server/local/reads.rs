//! Read-only commands, such as `jangbu accounts`, run by the service beside its other work.
//!
//! The command reads the bank as it would alone, page by page on its own thread. Its output goes over the socket as it
//! comes: each part is preceded by its length, and an empty part and a line of JSON with the result mark the end. Such
//! reads are not audited, because whoever may enter the directory can read all of its contents.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

use jangbu::Bank;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{ReadHalf, WriteHalf};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::socket::path_in;
use crate::server::service::Service;

/// The largest number of concurrent read-only commands, so that orders always find a free connection.
const MAX_CONCURRENT: usize = 8;
/// The largest number of parts that wait for a slow reader.
const MAX_WAITING_PARTS: usize = 8;
/// The largest part that a service sends. A command's buffer is smaller.
const MAX_PART_BYTES: u32 = 16 * 1024 * 1024;

/// Runs a read-only command with the given arguments on the bank, and writes its output.
pub(crate) type RunRead = fn(Vec<String>, Bank, Box<dyn Write>) -> Result<(), Failed>;

/// A request to run a read-only command.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadOrder {
    /// The command line.
    pub(super) read: Vec<String>,
}

/// The failure of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failed {
    /// The error line.
    pub(crate) line: String,
    /// The exit status.
    pub(crate) status: u8,
}

/// Runs read-only commands, a few at a time.
#[derive(Clone, Debug)]
pub(super) struct Reads {
    run: RunRead,
    permits: Arc<Semaphore>,
}

impl Reads {
    pub(super) fn new(run: RunRead) -> Reads {
        Reads { run, permits: Arc::new(Semaphore::new(MAX_CONCURRENT)) }
    }

    /// Runs a command and sends its output, until it ends, the service stops or the client disconnects.
    pub(super) async fn answer(
        &self,
        order: ReadOrder,
        service: &Service,
        mut reading: tokio::io::BufReader<tokio::io::Take<ReadHalf<'_>>>,
        mut writing: WriteHalf<'_>,
    ) -> io::Result<()> {
        let Ok(permit) = self.permits.clone().try_acquire_owned() else {
            let line = format!("{MAX_CONCURRENT} commands are reading this bank; try again when one has ended");
            return end(&mut writing, Err(Failed { line, status: 3 })).await;
        };
        let (run, bank) = (self.run, service.bank.clone());
        let (parts, mut printed) = mpsc::channel(MAX_WAITING_PARTS);
        let (ended, result) = oneshot::channel();
        let work = move || {
            // The client may have disconnected.
            drop(ended.send(run(order.read, bank, Box::new(Parts(parts)))));
            drop(permit);
        };
        std::thread::Builder::new().name("jangbu-console".into()).spawn(work)?;
        let mut beyond = [0; 1];
        loop {
            tokio::select! {
                part = printed.recv() => match part {
                    Some(part) => send(&mut writing, &part).await?,
                    None => break,
                },
                () = service.stopping.wait() => {
                    let line = "the service is stopping; the output is incomplete".to_owned();
                    return end(&mut writing, Err(Failed { line, status: 3 })).await;
                }
                // The client sends nothing more, so this is the end of its connection.
                _ = reading.read(&mut beyond) => return Ok(()),
            }
        }
        let panicked = || Failed { line: "the command panicked in the service".into(), status: 3 };
        end(&mut writing, result.await.unwrap_or_else(|_| Err(panicked()))).await
    }
}

async fn send(writing: &mut WriteHalf<'_>, part: &[u8]) -> io::Result<()> {
    writing.write_all(&u32::try_from(part.len()).map_err(io::Error::other)?.to_be_bytes()).await?;
    writing.write_all(part).await
}

async fn end(writing: &mut WriteHalf<'_>, result: Result<(), Failed>) -> io::Result<()> {
    let mut line = serde_json::to_vec(&result)?;
    line.push(b'\n');
    writing.write_all(&0u32.to_be_bytes()).await?;
    writing.write_all(&line).await
}

/// A writer that sends a command's output to the socket.
struct Parts(mpsc::Sender<Vec<u8>>);

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = bytes.len().min(usize::try_from(MAX_PART_BYTES).unwrap_or(usize::MAX));
        let part = bytes.get(..length).unwrap_or_default().to_vec();
        // An empty part would mark the end.
        if !part.is_empty() {
            self.0.blocking_send(part).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A part of a service's answer.
#[derive(Debug)]
pub(crate) enum Part {
    /// Output of the command.
    Output(Vec<u8>),
    /// The command's result.
    End(Result<(), Failed>),
}

/// The answer of a service that runs a command.
#[derive(Debug)]
pub(crate) struct Answer(BufReader<UnixStream>);

impl Answer {
    /// Returns the next part.
    ///
    /// # Errors
    /// Those of the operating system, also if the service ended prematurely.
    pub(crate) fn next(&mut self) -> io::Result<Part> {
        let mut length = [0; 4];
        self.0.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length == 0 {
            let mut line = String::new();
            self.0.read_line(&mut line)?;
            return Ok(Part::End(serde_json::from_str(&line)?));
        }
        if length > MAX_PART_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the service has another version"));
        }
        let mut part = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.0.read_exact(&mut part)?;
        Ok(Part::Output(part))
    }
}

/// Asks the service that has the bank open to run a read-only command; `None` if no service does.
///
/// # Errors
/// Those of the operating system.
pub(crate) fn read(data: &Path, arguments: Vec<String>) -> io::Result<Option<Answer>> {
    let mut stream = match UnixStream::connect(path_in(data)) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let mut line = serde_json::to_vec(&ReadOrder { read: arguments })?;
    line.push(b'\n');
    stream.write_all(&line)?;
    Ok(Some(Answer(BufReader::new(stream))))
}
