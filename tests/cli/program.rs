//! Runs the program under test, with a temporary directory for its bank.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A temporary directory with room for a bank.
pub(crate) struct Scratch {
    dir: TempDir,
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Scratch {
    /// Creates a directory without a bank.
    pub(crate) fn new() -> Scratch {
        Scratch { dir: tempfile::tempdir().expect("a directory for the test") }
    }

    /// Creates a bank with the repository's example accounts, deposits and the orders of month 1.
    pub(crate) fn with_examples() -> Scratch {
        let scratch = Scratch::new();
        scratch.run(&["import", &examples()]).succeeded();
        scratch
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Returns the bank's directory, which does not exist at first.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Writes the three files of an import and returns their folder.
    pub(crate) fn files(&self, accounts: &str, deposits: &str, orders: &str) -> String {
        let folder = self.dir.path().join("files");
        std::fs::create_dir_all(&folder).expect("a folder for the files");
        for (name, text) in [("accounts.csv", accounts), ("deposits.csv", deposits), ("orders.csv", orders)] {
            std::fs::write(folder.join(name), text).expect("a file to import");
        }
        folder.to_string_lossy().into_owned()
    }

    /// Returns the program with these arguments and the bank's directory, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jangbu"));
        command
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .env_remove("JANGBU_LOG")
            .env_remove("JANGBU_DATA")
            .stdin(Stdio::null());
        command.current_dir(self.path());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().expect("the program starts");
        Ran {
            status: output.status.code().expect("the program is not killed"),
            stdout: String::from_utf8(output.stdout).expect("the output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("the errors are UTF-8"),
        }
    }

    /// Returns the posted balances of customers' accounts in minor units, by number.
    pub(crate) fn balances(&self) -> Vec<(String, i64)> {
        let accounts = self.run(&["accounts", "--format", "json"]).json();
        let accounts = accounts.as_array().expect("an array of accounts").iter();
        accounts
            .filter(|account| account["owner"] != "bank")
            .map(|account| {
                let number = account["number"].as_str().expect("a number").to_owned();
                (number, account["posted"].as_i64().expect("a balance"))
            })
            .collect()
    }
}

impl Ran {
    /// Returns the output of a run that succeeded without errors.
    #[track_caller]
    pub(crate) fn succeeded(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""), "{self:?}");
        self.stdout
    }

    /// Returns the output as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.succeeded()).expect("the output is JSON and nothing else")
    }

    /// Returns the error line of a run that failed with this status and printed nothing else.
    #[track_caller]
    pub(crate) fn failed(self, status: i32) -> String {
        assert_eq!((self.status, self.stdout.as_str()), (status, ""), "{self:?}");
        let error = self.stderr.strip_prefix("error: ").and_then(|line| line.strip_suffix('\n'));
        let error = error.unwrap_or_else(|| panic!("not one line of error: {self:?}"));
        assert!(!error.contains('\n'), "more than one line: {error}");
        error.to_owned()
    }
}

/// Returns the folder of the repository's example files.
pub(crate) fn examples() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data").to_owned()
}
