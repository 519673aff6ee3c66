//! Every command line that a document shows in a block `console` is run, in order, in one directory for each document.
//!
//! A block has commands after `$ `, each with the output that is expected, where `…` stands for anything. No output means
//! that any will do. A command ends with status 0, or with that of a comment `# exits with 1`. `jangbu serve` runs beside the
//! other commands until the document ends, at an address of its own in the place of `127.0.0.1:8080`. The directory has the
//! repository's `examples/`.
//!
//! Commands that need another machine, a build or a person are in blocks `sh`. Those of `jangbu` must parse
//! (`src/cli/document_tests.rs`).

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use super::documents::{documents, root};

const ADDRESS: &str = "127.0.0.1:8080";

/// A command of a document, and what should come of it.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    line: usize,
    command: String,
    output: String,
    status: i32,
}

/// The commands of all blocks `console`.
fn shown(text: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let (mut is_console, mut goes_on) = (false, false);
    for (line, text) in (1..).zip(text.lines()) {
        if text.starts_with("```") {
            is_console = text == "```console";
            continue;
        }
        match (is_console, text.strip_prefix("$ "), goes_on) {
            (false, ..) => {}
            (true, Some(command), false) => {
                let status = command.split_once("# exits with ").and_then(|(_, status)| status.trim().parse().ok());
                found.push(Shown { line, command: command.into(), output: String::new(), status: status.unwrap_or(0) });
                goes_on = command.ends_with('\\');
            }
            (true, _, true) => {
                let last = found.last_mut().expect("a command that goes on");
                let _ = write!(last.command, "\n{text}");
                goes_on = text.ends_with('\\');
            }
            (true, None, false) => {
                let last = found.last_mut().unwrap_or_else(|| panic!("line {line} is the output of no command"));
                let _ = writeln!(last.output, "{text}");
            }
        }
    }
    found
}

/// Whether an output is as shown, where `…` stands for anything.
fn fits(output: &str, pattern: &str) -> bool {
    let (output, pattern) = (output.trim(), pattern.trim());
    if pattern.is_empty() {
        return true;
    }
    let parts: Vec<&str> = pattern.split('…').collect();
    let [first, .., last] = parts[..] else { return output == pattern };
    let Some(mut rest) = output.strip_prefix(first) else { return false };
    for part in &parts[1..parts.len() - 1] {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A script that runs the commands, and says before and after each which it is.
fn script(commands: &[Shown]) -> String {
    let mut script = "exec 2>&1\nset -o pipefail\ntrap 'kill $SERVER 2>/dev/null; wait' EXIT\n".to_owned();
    for (number, shown) in commands.iter().enumerate() {
        let command = shown.command.replace(ADDRESS, "$ADDRESS");
        let _ = writeln!(script, "printf '\\n@begin {number}\\n'");
        if command.starts_with("jangbu serve") {
            let _ = writeln!(script, "{command} --listen 127.0.0.1:0 >serve.out 2>serve.err &\nSERVER=$!");
            script.push_str("until grep -q '^listening on' serve.out; do kill -0 $SERVER || { cat serve.err; exit 1; }; sleep 0.05; done\n");
            script.push_str("ADDRESS=$(sed -n 's#^listening on http://##p' serve.out)\n");
        } else {
            let _ = writeln!(script, "{command}");
        }
        let _ = writeln!(script, "printf '\\n@end {number} %s\\n' $?");
    }
    script
}

/// Runs the commands of a document, and returns what came otherwise than shown.
fn differences(document: &Path, text: &str) -> Vec<String> {
    let commands = shown(text);
    let directory = tempfile::tempdir().expect("a directory");
    std::os::unix::fs::symlink(root().join("examples"), directory.path().join("examples")).expect("the examples");
    let program = Path::new(env!("CARGO_BIN_EXE_jangbu")).parent().expect("its directory");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    // What hangs is ended, and seen by the commands that are missing.
    let run = Command::new("timeout")
        .args(["120", "bash", "-c", &script(&commands)])
        .current_dir(directory.path())
        .env("PATH", path)
        .env_remove("JANGBU_DATA")
        .env_remove("JANGBU_LOG")
        .output()
        .expect("bash starts");
    let output = String::from_utf8_lossy(&run.stdout);
    let mut wrong = Vec::new();
    for (number, shown) in commands.iter().enumerate() {
        let told = output.split_once(&format!("@begin {number}\n")).map(|(_, rest)| rest);
        let told = told.and_then(|rest| rest.split_once(&format!("\n@end {number} ")));
        let place = format!("{}:{}: {}", document.display(), shown.line, shown.command);
        match told {
            None => wrong.push(format!("{place}\nwas not run to its end:\n{output}")),
            Some((told, status)) if status.lines().next() != Some(&*shown.status.to_string()) => {
                wrong.push(format!("{place}\nended with {}:\n{told}", status.lines().next().unwrap_or_default()));
            }
            Some((told, _)) if !fits(told, &shown.output) => {
                wrong.push(format!("{place}\nprinted\n{told}\nand not\n{}", shown.output));
            }
            Some(_) => {}
        }
    }
    wrong
}

#[test]
fn every_command_of_the_documents_does_what_they_say() {
    let shows = |document: &Path| {
        let text = std::fs::read_to_string(root().join(document)).expect("a document");
        (!shown(&text).is_empty()).then_some(text)
    };
    let with_commands: Vec<_> =
        documents().into_iter().filter_map(|document| Some((shows(&document)?, document))).collect();
    let number: usize = with_commands.iter().map(|(text, _)| shown(text).len()).sum();
    assert!(number > 20, "only {number} commands were found");
    // Each has a directory of its own, so they do not wait for each other.
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> =
            with_commands.iter().map(|(text, document)| scope.spawn(|| differences(document, text))).collect();
        runs.into_iter().flat_map(|run| run.join().expect("a document's commands")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_command_that_does_something_else_is_found() {
    for (text, is_wrong) in [
        ("```console\n$ echo one two\none two\n```", false),
        ("```console\n$ echo one two\none…\n```", false),
        ("```console\n$ echo one two\ntwo\n```", true),
        ("```console\n$ echo one two\n…three\n```", true),
        ("```console\n$ false\n```", true),
        ("```console\n$ false # exits with 1\n```", false),
        ("```console\n$ jangbu account 1 --data nowhere\n```", true),
        ("```console\n$ X=1\n$ echo \\\n    $X\n1\n```", false),
        ("```sh\n$ false\n```", false),
    ] {
        assert_eq!(!differences(Path::new("a.md"), text).is_empty(), is_wrong, "{text}");
    }
}
