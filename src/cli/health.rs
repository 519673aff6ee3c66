//! `jangbu health`: checks a running service, for containers and supervisors without another HTTP client.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use super::error::CliError;
use super::settings::Flags;

/// The timeout of each step of a check. A healthy service answers in milliseconds.
const STEP_TIMEOUT: Duration = Duration::from_secs(3);
/// The largest number of bytes read of an answer.
const MAX_ANSWER_BYTES: u64 = 16 * 1024;

/// Check whether the running service is ready: exit status 0 if it is, 1 if not, 3 if it does not answer
///
/// The address is read from the bank's settings: operator_listen, or else listen.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only check that the process is alive, ready or not
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    flags: Flags,
}

/// Checks the service and prints its answer.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let config = args.flags.settings(data)?.read(data, false)?;
    let address = reachable(config.operator_listen.unwrap_or(config.listen));
    if address.port() == 0 {
        return Err(CliError::Usage("the settings do not fix the port: give --listen or --operator-listen".into()));
    }
    let path = if args.live { "/healthz" } else { "/readyz" };
    let answer = ask(address, path);
    let answer =
        answer.map_err(|error| CliError::Machine(format!("no answer from http://{address}{path}: {error}")))?;
    match status_of(&answer) {
        Some((200, body)) => Ok(std::io::stdout().write_all(body.as_bytes())?),
        Some((status, body)) => Err(CliError::NotReady { status, answer: body.trim().to_owned() }),
        None => Err(CliError::Machine(format!("http://{address} answers, but is not a jangbu service"))),
    }
}

/// Returns the address at which a service that listens at `listen` can be reached from this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn ask(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, STEP_TIMEOUT)?;
    stream.set_read_timeout(Some(STEP_TIMEOUT))?;
    stream.set_write_timeout(Some(STEP_TIMEOUT))?;
    // One write, so that the request is not split into small packets.
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Splits an answer into its status and body.
fn status_of(answer: &str) -> Option<(u16, &str)> {
    let status = answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    Some((status, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_listens_everywhere_is_asked_on_this_machine() {
        for (listen, asked) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:80", "192.0.2.1:80")]
        {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }

    #[test]
    fn an_answer_is_its_status_and_its_body() {
        assert_eq!(status_of("HTTP/1.1 200 OK\r\nx: y\r\n\r\nready\n"), Some((200, "ready\n")));
        assert_eq!(status_of("HTTP/1.1 503 Service Unavailable\r\n\r\n{}"), Some((503, "{}")));
        for wrong in ["", "SSH-2.0-x", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK"] {
            assert_eq!(status_of(wrong), None, "{wrong:?}");
        }
    }
}
