//! A server in a process of its own: the service on a new bank, or the bare handler.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::cli::error::CliError;

/// The password of the run's administrator. The bank is removed after the run.
pub(super) const PASSWORD: &str = "a bank for one measurement";

/// Settings without the limits that a real bank would have for a single client.
const SETTINGS: &str = "\
access_log = false
second_factor = \"nobody\"

[rates]
sign_in_per_address = 0
changes_per_member = 0
changes_per_address = 0
transfers_per_member = 0
transfers_per_address = 0
transfers_total = 0
batch_transfers_per_member = 0
batch_transfers_per_address = 0
batch_transfers_total = 0
lookups_per_member = 0
lookups_per_address = 0
lookups_total = 0
batch_lookups_per_member = 0
batch_lookups_per_address = 0
batch_lookups_total = 0
staff_per_member = 0
staff_per_address = 0
staff_total = 0

[limits]
streams_per_member = 100000
streams_per_address = 100000
streams_total = 100000
";

/// A server process, killed on drop.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts the service on a new bank in `data`.
    pub(super) fn service(data: &Path) -> Result<Server, CliError> {
        let failed = |source| CliError::File { operation: "write", path: data.into(), source };
        std::fs::create_dir_all(data).map_err(failed)?;
        std::fs::write(data.join("jangbu.toml"), SETTINGS).map_err(failed)?;
        let mut command = this_program()?;
        command.arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
        command.env("JANGBU_ADMIN_PASSWORD", PASSWORD);
        Server::start(command)
    }

    /// Starts the bare handler.
    pub(super) fn bare() -> Result<Server, CliError> {
        let mut command = this_program()?;
        command.args(["bench", "--http-bare"]);
        Server::start(command)
    }

    /// Returns the address on which it listens.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns its present memory.
    pub(super) fn rss_bytes(&self) -> Result<u64, CliError> {
        let path = Path::new("/proc").join(self.child.id().to_string()).join("status");
        let status = std::fs::read_to_string(&path);
        let status = status.map_err(|source| CliError::File { operation: "read", path: path.clone(), source })?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        let missing = || CliError::Machine(format!("{} has no VmRSS", path.display()));
        Ok(kib.ok_or_else(missing)?.saturating_mul(1_024))
    }

    /// Asks the server to stop, and waits for it.
    pub(super) async fn stop(mut self) -> Result<(), CliError> {
        let id = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(id) = id {
            // The process may have ended already; the wait below reports that.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        }
        let ended =
            self.child.wait().map_err(|error| CliError::Machine(format!("cannot wait for a server: {error}")))?;
        if ended.success() { Ok(()) } else { Err(CliError::Machine(format!("a server ended with {ended}"))) }
    }

    fn start(mut command: Command) -> Result<Server, CliError> {
        let failed = |error| CliError::Machine(format!("cannot start a server: {error}"));
        // A log line for every wrong password would flood the terminal.
        command.env("JANGBU_LOG", "warn,jangbu::server::audit=error");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let output = child.stdout.take();
        let lines = output.map(|output| BufReader::new(output).lines());
        let address = lines
            .into_iter()
            .flatten()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("listening on http://").and_then(|address| address.parse().ok()));
        match address {
            Some(address) => Ok(Server { child, address }),
            None => {
                let ended = child.wait().map_err(failed)?;
                Err(CliError::Machine(format!("a server ended with {ended} before it listened")))
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail if the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn this_program() -> Result<Command, CliError> {
    let path = std::env::current_exe();
    path.map(Command::new).map_err(|error| CliError::Machine(format!("cannot find this program: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::Settings;

    #[test]
    fn a_server_accepts_the_settings() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("jangbu.toml"), SETTINGS).unwrap();
        let settings = Settings::gather(data.path(), None, std::iter::empty(), Vec::new()).unwrap();
        assert_eq!(settings.shown().iter().filter(|(.., source)| source.contains("jangbu.toml")).count(), 23);
    }
}
