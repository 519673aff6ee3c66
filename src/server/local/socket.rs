//! The socket of a running service. An order and its result are a line of JSON each.

use std::fs::{DirBuilder, Permissions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_web::web::Data;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::reads::{ReadOrder, Reads};
use super::{Order, Refused, RunRead};
use crate::server::service::Service;

/// The largest size of an order in bytes.
const MAX_ORDER_BYTES: u64 = 64 * 1024;
/// The timeout for receiving an order and for sending the answer.
const IO_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest number of concurrent orders.
const MAX_CONCURRENT: usize = 16;

/// A listening socket, removed on drop.
#[derive(Debug)]
pub(crate) struct Listening {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Returns `admin/socket` in the bank's directory. Nobody else may enter `admin`, so the socket's own permissions do
/// not matter while it is created.
pub(crate) fn path_in(data: &Path) -> PathBuf {
    data.join("admin").join("socket")
}

/// Takes orders over the socket of the service's bank until the returned value is dropped.
///
/// # Errors
/// Those of the operating system.
pub(crate) fn listen(service: Data<Service>, run: RunRead) -> io::Result<Listening> {
    let reads = Reads::new(run);
    let path = path_in(&service.config.data);
    if let Some(directory) = path.parent() {
        match DirBuilder::new().mode(0o700).create(directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => std::fs::set_permissions(directory, Permissions::from_mode(0o700))?,
        }
    }
    // A killed process can leave its socket. This process has the bank open, so no other one can be using it.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    let task = tokio::task::spawn_local(async move {
        let mut in_progress = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            // Orders run concurrently, because a backup can take hours.
            let (service, reads) = (service.clone(), reads.clone());
            in_progress.spawn_local(async move {
                if let Err(error) = answer(stream, service, &reads).await {
                    tracing::warn!("an order over the socket failed: {error}");
                }
            });
            while in_progress.try_join_next().is_some() {}
            if in_progress.len() >= MAX_CONCURRENT {
                in_progress.join_next().await;
            }
        }
    });
    Ok(Listening { path, task })
}

async fn answer(mut stream: tokio::net::UnixStream, service: Data<Service>, reads: &Reads) -> io::Result<()> {
    let mut line = String::new();
    let (reading, mut writing) = stream.split();
    let mut reading = tokio::io::BufReader::new(reading.take(MAX_ORDER_BYTES));
    timeout(IO_TIMEOUT, reading.read_line(&mut line)).await??;
    if let Ok(order) = serde_json::from_str::<ReadOrder>(&line) {
        return reads.answer(order, &service, reading, writing).await;
    }
    let result = match serde_json::from_str::<Order>(&line) {
        Ok(order) => carry_out(order, service).await?,
        Err(error) => Err(Refused { code: "invalid_request".into(), detail: error.to_string() }),
    };
    let mut answer = serde_json::to_vec(&result)?;
    answer.push(b'\n');
    timeout(IO_TIMEOUT, writing.write_all(&answer)).await?
}

/// Carries out an order to its end, even if the client stops waiting.
async fn carry_out(order: Order, service: Data<Service>) -> io::Result<Result<Value, Refused>> {
    let limit = order.timeout();
    let work = service.clone();
    let Some(task) = service.finishing.begin(None, async move { order.carry_out(&work).await }) else {
        let detail = "too many changes are in progress; this one was not started".into();
        return Ok(Err(Refused { code: "overloaded".into(), detail }));
    };
    let done = match limit {
        Some(limit) => timeout(limit, task).await?,
        None => task.await,
    };
    done.map_err(io::Error::other)
}

/// Sends an order to the service that has the bank open; `None` if no service does.
///
/// # Errors
/// Those of the operating system, and if the service does not answer.
pub(crate) fn ask(data: &Path, order: &Order) -> io::Result<Option<Result<Value, Refused>>> {
    let mut stream = match UnixStream::connect(path_in(data)) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.set_read_timeout(order.timeout())?;
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    if BufReader::new(stream).read_line(&mut answer)? == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the service ended before it answered"));
    }
    Ok(Some(serde_json::from_str(&answer)?))
}
