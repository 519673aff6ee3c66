//! Commands that read, run beside everything else that the service does: `jangbu accounts` and the like.
//!
//! Such a command reads the bank as it would alone, page by page on a thread of its own, and what it prints goes over the
//! socket as it comes: each part with its length in front, an empty one at the end, and a line of JSON that says how it ended.
//! What is read so is not audited, as whoever may enter that directory can read everything in it.

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

/// The most commands that read at a time, so that orders always find a place.
const AT_ONCE: usize = 8;
/// The most parts that wait for a slow reader.
const PARTS_WAITING: usize = 8;
/// The largest part that a service sends: what a command buffers is smaller.
const LARGEST_PART_BYTES: u32 = 16 * 1024 * 1024;

/// Runs a command that reads, by its arguments, on the bank, and writes what it prints.
pub(crate) type RunRead = fn(Vec<String>, Bank, Box<dyn Write>) -> Result<(), Failed>;

/// What somebody at the machine wants read.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadOrder {
    /// The command line.
    pub(super) read: Vec<String>,
}

/// How a command ended that did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failed {
    /// The line that says why.
    pub(crate) line: String,
    /// The exit status.
    pub(crate) status: u8,
}

/// Runs the commands that read, a few at a time.
#[derive(Clone, Debug)]
pub(super) struct Reads {
    run: RunRead,
    places: Arc<Semaphore>,
}

impl Reads {
    pub(super) fn new(run: RunRead) -> Reads {
        Reads { run, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Runs the command and sends what it prints, until it ends, the service is stopping or whoever asked is gone.
    pub(super) async fn answer(
        &self,
        order: ReadOrder,
        service: &Service,
        mut reading: tokio::io::BufReader<tokio::io::Take<ReadHalf<'_>>>,
        mut writing: WriteHalf<'_>,
    ) -> io::Result<()> {
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            let line = format!("{AT_ONCE} commands read this bank already; try again when one has ended");
            return end(&mut writing, Err(Failed { line, status: 3 })).await;
        };
        let (run, bank) = (self.run, service.bank.clone());
        let (parts, mut printed) = mpsc::channel(PARTS_WAITING);
        let (ended, how) = oneshot::channel();
        let work = move || {
            // Whoever asked may be gone.
            drop(ended.send(run(order.read, bank, Box::new(Parts(parts)))));
            drop(place);
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
                    let line = "the service is stopping, and what was printed is not all".to_owned();
                    return end(&mut writing, Err(Failed { line, status: 3 })).await;
                }
                // Nothing more is said to the service: this is the end of whoever asked.
                _ = reading.read(&mut beyond) => return Ok(()),
            }
        }
        let panicked = || Failed { line: "the command panicked in the service".into(), status: 3 };
        end(&mut writing, how.await.unwrap_or_else(|_| Err(panicked()))).await
    }
}

async fn send(writing: &mut WriteHalf<'_>, part: &[u8]) -> io::Result<()> {
    writing.write_all(&u32::try_from(part.len()).map_err(io::Error::other)?.to_be_bytes()).await?;
    writing.write_all(part).await
}

async fn end(writing: &mut WriteHalf<'_>, how: Result<(), Failed>) -> io::Result<()> {
    let mut line = serde_json::to_vec(&how)?;
    line.push(b'\n');
    writing.write_all(&0u32.to_be_bytes()).await?;
    writing.write_all(&line).await
}

/// What a command prints, on its way to the socket.
struct Parts(mpsc::Sender<Vec<u8>>);

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = bytes.len().min(usize::try_from(LARGEST_PART_BYTES).unwrap_or(usize::MAX));
        let part = bytes.get(..length).unwrap_or_default().to_vec();
        // Empty parts are the end.
        if !part.is_empty() {
            self.0.blocking_send(part).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A part of what a service sends.
#[derive(Debug)]
pub(crate) enum Part {
    /// What the command printed.
    Output(Vec<u8>),
    /// How it ended.
    End(Result<(), Failed>),
}

/// What a service sends of a command that it runs.
#[derive(Debug)]
pub(crate) struct Answer(BufReader<UnixStream>);

impl Answer {
    /// The next part.
    ///
    /// # Errors
    /// The operating system's, and when the service ended in the middle.
    pub(crate) fn next(&mut self) -> io::Result<Part> {
        let mut length = [0; 4];
        self.0.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length == 0 {
            let mut line = String::new();
            self.0.read_line(&mut line)?;
            return Ok(Part::End(serde_json::from_str(&line)?));
        }
        if length > LARGEST_PART_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the service is of another version"));
        }
        let mut part = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.0.read_exact(&mut part)?;
        Ok(Part::Output(part))
    }
}

/// Has the service that has the bank open run a command that reads; `None` when no service does.
///
/// # Errors
/// The operating system's.
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
