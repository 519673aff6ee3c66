//! PostgreSQL on the same machine, driven by `pgbench` over a Unix socket.
//!
//! The server is started for the run, with the defaults that make every commit durable, and stopped at its end.

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::figures::Figures;
use crate::load::{DEPOSIT, MAX_AMOUNT};
use crate::{Args, Failed, Outcome, settle};

/// The server refuses to run as root. Debian's package makes this user.
const USER: &str = "postgres";
/// What each program of PostgreSQL may take, in seconds, before the run is given up.
const LIMIT_S: &str = "600";
/// More than enough for the accounts, and for a run between two checkpoints.
const SETTINGS: [&str; 8] = [
    "listen_addresses=''",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=512MB",
    "max_wal_size=8GB",
    "max_connections=300",
    "autovacuum=on",
];

/// More than any run has.
const IDS_PER_CLIENT: u64 = 1_000_000_000;

const SCHEMA: &str = "
    DROP TABLE IF EXISTS accounts, transfers, entries;
    CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0)) WITH (fillfactor = 50);
    CREATE TABLE transfers (
        id bigint PRIMARY KEY, debit bigint NOT NULL, credit bigint NOT NULL, amount bigint NOT NULL CHECK (amount > 0)
    );
    CREATE TABLE entries (transfer bigint NOT NULL, account bigint NOT NULL, amount bigint NOT NULL);
    CREATE OR REPLACE FUNCTION transfer(new_id bigint, from_id bigint, to_id bigint, moved bigint) RETURNS void
    LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO transfers VALUES (new_id, from_id, to_id, moved);
        -- In the order of their ids, so that two transfers cannot wait for each other.
        IF from_id < to_id THEN
            UPDATE accounts SET balance = balance - moved WHERE id = from_id;
            UPDATE accounts SET balance = balance + moved WHERE id = to_id;
        ELSE
            UPDATE accounts SET balance = balance + moved WHERE id = to_id;
            UPDATE accounts SET balance = balance - moved WHERE id = from_id;
        END IF;
        INSERT INTO entries VALUES (new_id, from_id, -moved), (new_id, to_id, moved);
    END $$;
";

/// Lets every user reach what is in `dir`.
pub(crate) fn make_reachable(dir: &Path) -> Outcome<()> {
    Ok(fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?)
}

/// A running server. It stops when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    programs: PathBuf,
    data: TempDir,
    /// Short: the path of a Unix socket has at most 107 bytes.
    socket: TempDir,
}

impl Server {
    /// Starts a server with its data in `dir`, or returns `None` where PostgreSQL is not installed.
    pub(crate) fn start(dir: &Path) -> Outcome<Option<Server>> {
        let Some(programs) = installed() else { return Ok(None) };
        let server = Server { programs, data: tempfile::tempdir_in(dir)?, socket: tempfile::tempdir()? };
        if is_root() {
            let number = |option| -> Outcome<u32> {
                let output = Command::new("id").args([option, USER]).output()?;
                Ok(String::from_utf8(output.stdout)?.trim().parse()?)
            };
            let (user, group) = (number("-u")?, number("-g")?);
            chown(server.data.path(), Some(user), Some(group))?;
            chown(server.socket.path(), Some(user), Some(group))?;
        }
        let data = server.data.path().as_os_str();
        server.run(
            "initdb",
            [OsStr::new("--auth=trust"), OsStr::new("--username"), OsStr::new(USER), OsStr::new("--pgdata"), data],
        )?;
        let mut options = String::new();
        for setting in SETTINGS {
            write!(options, "-c {setting} ")?;
        }
        write!(options, "-k {}", server.socket.path().display())?;
        let log = server.data.path().join("log");
        let arguments = ["--wait", "--silent", "--options", &options, "--log"].map(OsStr::new);
        server.run(
            "pg_ctl",
            arguments.into_iter().chain([log.as_os_str(), OsStr::new("--pgdata"), data, OsStr::new("start")]),
        )?;
        Ok(Some(server))
    }

    pub(crate) fn version(&self) -> Outcome<String> {
        self.query("SELECT 'PostgreSQL ' || current_setting('server_version')")
    }

    /// Measures single transfers of one client.
    pub(crate) fn one_at_a_time(&self, args: &Args) -> Outcome<Figures> {
        self.measure(args, &single(args.accounts), args.single, 1, 1)
    }

    /// Measures single transfers of many clients.
    pub(crate) fn many_at_a_time(&self, args: &Args) -> Outcome<Figures> {
        self.measure(args, &single(args.accounts), args.concurrent(), 1, args.clients)
    }

    /// Measures transactions of many transfers, which are sent without waiting in between.
    pub(crate) fn in_batches(&self, args: &Args) -> Outcome<Figures> {
        let transfers = single(args.accounts).repeat(usize::try_from(args.batch)?);
        let script = format!("\\startpipeline\nBEGIN;\n{transfers}COMMIT;\n\\endpipeline\n");
        self.measure(args, &script, args.batched(), args.batch, 1)
    }

    fn measure(&self, args: &Args, script: &str, count: u32, batch: u32, clients: u32) -> Outcome<Figures> {
        self.set_up(args.accounts)?;
        let place = tempfile::tempdir_in(self.socket.path())?;
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o777))?;
        let (file, log) = (place.path().join("script"), place.path().join("log"));
        fs::write(&file, script)?;
        let transactions = (count / batch / clients).to_string();
        let clients = clients.to_string();
        let plain = [
            "--no-vacuum",
            "--protocol=prepared",
            "--log",
            "--define=n=0",
            "--jobs=2",
            "--client",
            &clients,
            "--transactions",
            &transactions,
            "--username",
            USER,
            "--host",
        ];
        let given = [
            self.socket.path().as_os_str(),
            OsStr::new("--file"),
            file.as_os_str(),
            OsStr::new("--log-prefix"),
            log.as_os_str(),
        ];
        // With one client there is one thread, whatever is asked for.
        let output =
            self.run("pgbench", plain.map(OsStr::new).into_iter().chain(given).chain([OsStr::new("postgres")]))?;
        let latencies = latencies(place.path())?;
        if latencies.len() != usize::try_from(count / batch)? {
            return Err(Failed(format!("pgbench logged {} transactions:\n{output}", latencies.len())).into());
        }
        self.check(args.accounts, count)?;
        let per_s: f64 = output
            .lines()
            .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok())
            .ok_or_else(|| Failed(format!("pgbench prints no rate:\n{output}")))?;
        let elapsed = Duration::from_secs((count / batch).into()).div_f64(per_s);
        Ok(Figures::new(count, elapsed, latencies))
    }

    fn set_up(&self, accounts: u32) -> Outcome<()> {
        let fill = format!("INSERT INTO accounts SELECT id, {DEPOSIT} FROM generate_series(1, {accounts}) AS id");
        self.query(&format!("{SCHEMA} {fill}"))?;
        for command in ["VACUUM ANALYZE accounts", "CHECKPOINT"] {
            self.query(command)?;
        }
        settle()
    }

    fn check(&self, accounts: u32, count: u32) -> Outcome<()> {
        let found = self.query(
            "SELECT (SELECT count(*) FROM transfers) || ' ' || (SELECT count(*) FROM entries) || ' ' ||
                    (SELECT sum(amount) FROM entries) || ' ' || (SELECT sum(balance) FROM accounts)",
        )?;
        let entries = u64::from(count).saturating_mul(2);
        let money = i64::from(accounts).saturating_mul(DEPOSIT);
        let expected = format!("{count} {entries} 0 {money}");
        if found != expected {
            return Err(Failed(format!("PostgreSQL has {found} in the end, not {expected}")).into());
        }
        Ok(())
    }

    /// Runs SQL and returns the only value of its answer.
    fn query(&self, sql: &str) -> Outcome<String> {
        let plain =
            ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--username", USER];
        let given = [OsStr::new("--host"), self.socket.path().as_os_str(), OsStr::new("--command"), OsStr::new(sql)];
        let output =
            self.run("psql", plain.map(OsStr::new).into_iter().chain(given).chain([OsStr::new("postgres")]))?;
        Ok(output.trim().to_owned())
    }

    /// Runs a program of PostgreSQL, as its user, and returns what it prints.
    fn run<'a>(&self, name: &str, arguments: impl IntoIterator<Item = &'a OsStr>) -> Outcome<String> {
        let program = self.programs.join(name);
        let mut command = match is_root() {
            true => {
                let mut command = Command::new("runuser");
                command.args(["-u", USER, "--", "timeout", LIMIT_S]).arg(program);
                command
            }
            false => {
                let mut command = Command::new("timeout");
                command.arg(LIMIT_S).arg(program);
                command
            }
        };
        // The server keeps what it inherits open: `pg_ctl` must not hand it a pipe that is read to its end.
        let (out, error) = (self.socket.path().join("out"), self.socket.path().join("error"));
        let status = command
            .args(arguments)
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(fs::File::create(&out)?)
            .stderr(fs::File::create(&error)?)
            .status()?;
        if status.success() {
            return Ok(fs::read_to_string(out)?);
        }
        // Each client of `pgbench` reports the same.
        let errors = fs::read_to_string(error)?;
        let first: Vec<&str> = errors.lines().take(3).collect();
        Err(Failed(format!("{name} ended with {status}: {}", first.join("; "))).into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let arguments = ["--mode=immediate", "--wait", "--silent", "--pgdata"].map(OsStr::new);
        let stopped =
            self.run("pg_ctl", arguments.into_iter().chain([self.data.path().as_os_str(), OsStr::new("stop")]));
        if let Err(error) = stopped {
            eprintln!("{error}");
        }
    }
}

/// The script of one transfer. Each client counts its own, so that ids grow and are used once.
fn single(accounts: u32) -> String {
    format!(
        "\\set n :n + 1\n\
         \\set id :client_id * {IDS_PER_CLIENT} + :n\n\
         \\set debit random(1, {accounts})\n\
         \\set credit 1 + (:debit - 1 + random(1, {accounts} - 1)) % {accounts}\n\
         \\set amount random(1, {MAX_AMOUNT})\n\
         SELECT transfer(:id, :debit, :credit, :amount);\n"
    )
}

/// Reads the latency of each transaction from the logs of `pgbench`: the third column, in microseconds.
fn latencies(dir: &Path) -> Outcome<Vec<Duration>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(b"log.") {
            for line in fs::read_to_string(entry.path())?.lines() {
                let us = line.split(' ').nth(2).and_then(|us| us.parse().ok());
                found.push(Duration::from_micros(us.ok_or_else(|| Failed(format!("pgbench logged {line:?}")))?));
            }
        }
    }
    Ok(found)
}

/// The directory of the newest PostgreSQL's programs: Debian keeps them out of the path.
fn installed() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    let number = |path: &PathBuf| path.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    found.sort_by_key(number);
    found.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let has_all = |dir: &PathBuf| ["initdb", "pg_ctl", "pgbench", "psql"].iter().all(|name| dir.join(name).exists());
    found.into_iter().rev().find(has_all)
}

/// Whether this is root, whose directory `/proc/self` is.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
