//! An HTTP/1.1 client that keeps its connection and sends one request at a time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use crate::cli::error::CliError;

/// The largest number of headers in a response.
const MAX_HEADERS: usize = 64;

/// A connection, and the bytes read ahead.
#[derive(Debug)]
pub(super) struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

/// A response.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The cookie set by the response, without its attributes.
    pub(super) cookie: Option<String>,
    pub(super) body: Vec<u8>,
}

/// The head of a response.
struct Head {
    status: u16,
    cookie: Option<String>,
    bytes: usize,
    body: Body,
}

enum Body {
    Sized(usize),
    Chunked,
}

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> Result<Client, CliError> {
        let stream = TcpStream::connect(address).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        Ok(Client { stream, read: Vec::new() })
    }

    /// Sends a complete request and waits for the response.
    pub(super) async fn send(&mut self, request: &[u8]) -> Result<Answer, CliError> {
        self.stream.write_all(request).await.map_err(failed)?;
        let head = loop {
            if let Some(head) = head(&self.read)? {
                break head;
            }
            self.more().await?;
        };
        self.read.drain(..head.bytes);
        let body = match head.body {
            Body::Sized(bytes) => {
                while self.read.len() < bytes {
                    self.more().await?;
                }
                self.read.drain(..bytes).collect()
            }
            Body::Chunked => self.chunks().await?,
        };
        Ok(Answer { status: head.status, cookie: head.cookie, body })
    }

    /// Opens an event stream and reads it in the background until the returned value is dropped.
    pub(super) async fn follow(mut self, path: &str, token: &str) -> Result<Stream, CliError> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes()).await.map_err(failed)?;
        let head = loop {
            if let Some(head) = head(&self.read)? {
                break head;
            }
            self.more().await?;
        };
        if head.status != 200 {
            return Err(CliError::Audit(format!("an event stream was answered with {}", head.status)));
        }
        let bytes = Arc::new(AtomicU64::new(0));
        let received = Arc::clone(&bytes);
        let task = tokio::spawn(async move {
            let mut buffer = vec![0; 16_384];
            while let Ok(read @ 1..) = self.stream.read(&mut buffer).await {
                received.fetch_add(u64::try_from(read).unwrap_or(u64::MAX), Ordering::Relaxed);
            }
        });
        Ok(Stream { bytes, task: task.abort_handle() })
    }

    async fn chunks(&mut self) -> Result<Vec<u8>, CliError> {
        let mut body = Vec::new();
        loop {
            let (bytes, size) = loop {
                match httparse::parse_chunk_size(&self.read) {
                    Ok(httparse::Status::Complete(found)) => break found,
                    Ok(httparse::Status::Partial) => self.more().await?,
                    Err(_) => return Err(CliError::Audit("an answer has a malformed chunk".into())),
                }
            };
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            // Each chunk ends with a line break.
            let end = bytes.saturating_add(size).saturating_add(2);
            while self.read.len() < end {
                self.more().await?;
            }
            body.extend(self.read.drain(..end).skip(bytes).take(size));
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn more(&mut self) -> Result<(), CliError> {
        self.read.reserve(16_384);
        match self.stream.read_buf(&mut self.read).await.map_err(failed)? {
            0 => Err(CliError::Audit("the server closed a connection".into())),
            _ => Ok(()),
        }
    }
}

/// An open event stream.
#[derive(Debug)]
pub(super) struct Stream {
    bytes: Arc<AtomicU64>,
    task: AbortHandle,
}

impl Stream {
    /// Returns the number of bytes received so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn head(read: &[u8]) -> Result<Option<Head>, CliError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let malformed = |_| CliError::Audit("an answer is malformed".into());
    let httparse::Status::Complete(bytes) = answer.parse(read).map_err(malformed)? else { return Ok(None) };
    let header = |name: &str| {
        let found = answer.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let body = match header("content-length").and_then(|length| length.parse().ok()) {
        Some(length) => Body::Sized(length),
        None if header("transfer-encoding").is_some() => Body::Chunked,
        None => Body::Sized(0),
    };
    let cookie = header("set-cookie").and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
    Ok(Some(Head { status: answer.code.unwrap_or_default(), cookie, bytes, body }))
}

fn failed(error: std::io::Error) -> CliError {
    CliError::Machine(format!("the connection failed: {error}"))
}
