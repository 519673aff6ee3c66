//! The socket of a running service: a line of JSON with the order, a line with what came of it.

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

/// The most bytes of an order.
const LARGEST_ORDER_BYTES: u64 = 64 * 1024;
/// How long whoever gives an order may take to say it, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most orders at once.
const AT_ONCE: usize = 16;

/// A socket that is listened on. It is removed when this is dropped.
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

/// `admin/socket` in the bank's directory: nobody else may enter `admin`, whatever the socket's own permissions are at
/// the moment in which it is made.
pub(crate) fn path_in(data: &Path) -> PathBuf {
    data.join("admin").join("socket")
}

/// Takes orders over the socket of the bank in the service's directory, until what is returned is dropped.
///
/// # Errors
/// The operating system's.
pub(crate) fn listen(service: Data<Service>, run: RunRead) -> io::Result<Listening> {
    let reads = Reads::new(run);
    let path = path_in(&service.config.data);
    if let Some(directory) = path.parent() {
        match DirBuilder::new().mode(0o700).create(directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => std::fs::set_permissions(directory, Permissions::from_mode(0o700))?,
        }
    }
    // One that a killed process left: the bank is open in this one, so it is nobody else's.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    let task = tokio::task::spawn_local(async move {
        let mut under_way = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            // Beside each other, for a backup can take hours.
            let (service, reads) = (service.clone(), reads.clone());
            under_way.spawn_local(async move {
                if let Err(error) = answer(stream, service, &reads).await {
                    tracing::warn!("an order over the socket broke off: {error}");
                }
            });
            while under_way.try_join_next().is_some() {}
            if under_way.len() >= AT_ONCE {
                under_way.join_next().await;
            }
        }
    });
    Ok(Listening { path, task })
}

async fn answer(mut stream: tokio::net::UnixStream, service: Data<Service>, reads: &Reads) -> io::Result<()> {
    let mut line = String::new();
    let (reading, mut writing) = stream.split();
    let mut reading = tokio::io::BufReader::new(reading.take(LARGEST_ORDER_BYTES));
    timeout(PATIENCE, reading.read_line(&mut line)).await??;
    if let Ok(order) = serde_json::from_str::<ReadOrder>(&line) {
        return reads.answer(order, &service, reading, writing).await;
    }
    let result = match serde_json::from_str::<Order>(&line) {
        Ok(order) => carry_out(order, service).await?,
        Err(error) => Err(Refused { code: "invalid_request".into(), detail: error.to_string() }),
    };
    let mut answer = serde_json::to_vec(&result)?;
    answer.push(b'\n');
    timeout(PATIENCE, writing.write_all(&answer)).await?
}

/// Carries out an order to its end, however long anybody waits for it.
async fn carry_out(order: Order, service: Data<Service>) -> io::Result<Result<Value, Refused>> {
    let patience = order.patience();
    let work = service.clone();
    let Some(task) = service.finishing.begin(None, async move { order.carry_out(&work).await }) else {
        let detail = "too many changes are in progress; nothing was done".into();
        return Ok(Err(Refused { code: "overloaded".into(), detail }));
    };
    let done = match patience {
        Some(patience) => timeout(patience, task).await?,
        None => task.await,
    };
    done.map_err(io::Error::other)
}

/// Asks the service that has the bank open; `None` when none does.
///
/// # Errors
/// The operating system's, when one does and gives no answer.
pub(crate) fn ask(data: &Path, order: &Order) -> io::Result<Option<Result<Value, Refused>>> {
    let mut stream = match UnixStream::connect(path_in(data)) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.set_read_timeout(order.patience())?;
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    if BufReader::new(stream).read_line(&mut answer)? == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the service ended before it answered"));
    }
    Ok(Some(serde_json::from_str(&answer)?))
}
