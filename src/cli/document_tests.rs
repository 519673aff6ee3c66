//! Command lines in documents: those in blocks `sh` parse, and those in a sentence name commands and options that there are.
//!
//! Those in blocks `console` are run (`tests/cli/document_commands.rs`).

use std::path::{Path, PathBuf};

use clap::Command;

/// What stands in a command line for something that its reader knows, and what would do.
const PLACEHOLDERS: &[(&str, &str)] = &[
    ("POSITION", "4711"),
    ("N", "3"),
    ("SCHEDULE", "0192f0c1-2345-7abc-8def-0123456789ab"),
    ("HOLD", "0192f0c1-2345-7abc-8def-0123456789ab"),
    ("ID", "0192f0c1-2345-7abc-8def-0123456789ab"),
];

fn documents() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for directory in ["", "docs", "docs/guides", "docs/decisions"] {
        for entry in std::fs::read_dir(root.join(directory)).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|end| end == "md") {
                let text = std::fs::read_to_string(&path).expect("a document");
                found.push((path, text));
            }
        }
    }
    found
}

/// The words of a command line up to what the shell does with it.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for each in line.chars() {
        match (quote, each) {
            (None, '\'' | '"') => quote = Some(each),
            (Some(open), each) if open == each => quote = None,
            (None, '|' | '>' | '#' | '&' | ';') => break,
            (None, each) if each.is_whitespace() => words.push(String::new()),
            (_, each) => words.last_mut().expect("a word").push(each),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Why a line of a block `sh` is no command line of this program.
fn fault_of_line(line: &str) -> Option<String> {
    let words = words(line)
        .into_iter()
        .map(|word| PLACEHOLDERS.iter().find(|(name, _)| *name == word).map_or(word, |(_, value)| (*value).to_owned()));
    super::command_line()
        .try_get_matches_from(words)
        .err()
        .filter(clap::Error::use_stderr)
        .map(|error| error.to_string())
}

/// Why what a sentence calls a command is none: a command or an option that there is not.
fn fault_of_mention(mention: &str) -> Option<String> {
    let mut root = super::command_line();
    root.build();
    let mut command: &Command = &root;
    for word in words(mention).iter().skip(1) {
        let option = word.split('=').next().unwrap_or_default();
        if let Some(name) = option.strip_prefix("--") {
            let is_there = command.get_arguments().any(|argument| {
                argument.get_long() == Some(name) || argument.get_all_aliases().is_some_and(|all| all.contains(&name))
            });
            if !is_there {
                return Some(format!("{} has no --{name}", command.get_name()));
            }
        } else if let Some(inner) = command.find_subcommand(word) {
            command = inner;
        } else if command.has_subcommands() && word.chars().all(|each| each.is_ascii_lowercase() || each == '-') {
            return Some(format!("there is no {} {word}", command.get_name()));
        }
    }
    None
}

fn faults(text: &str) -> (usize, Vec<String>) {
    let (mut seen, mut faults, mut block) = (0_usize, Vec::new(), None);
    for (line, text) in (1..).zip(text.lines()) {
        match (text.strip_prefix("```"), block) {
            (Some(kind), None) => block = Some(kind),
            (Some(_), Some(_)) => block = None,
            (None, Some("sh")) if text.starts_with("jangbu ") => {
                seen = seen.saturating_add(1);
                faults.extend(fault_of_line(text).map(|fault| format!("{line}: {text}: {fault}")));
            }
            (None, Some(_)) => {}
            (None, None) => {
                // Between backticks is every second part.
                for code in text.split('`').skip(1).step_by(2).filter(|code| code.starts_with("jangbu ")) {
                    seen = seen.saturating_add(1);
                    faults.extend(fault_of_mention(code).map(|fault| format!("{line}: {code}: {fault}")));
                }
            }
        }
    }
    (seen, faults)
}

#[test]
fn every_command_line_in_the_documents_is_one() {
    let (mut all, mut wrong) = (0_usize, Vec::new());
    for (path, text) in documents() {
        let (seen, faults) = faults(&text);
        all = all.saturating_add(seen);
        wrong.extend(faults.iter().map(|fault| format!("{}:{fault}", path.display())));
    }
    assert!(all > 100, "only {all} command lines were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_no_command_line_is_found() {
    for (text, is_wrong) in [
        ("run `jangbu check --deep`", false),
        ("run `jangbu check --shallow`", true),
        ("run `jangbu chek`", true),
        ("run `jangbu hold place`", false),
        ("run `jangbu hold drop`", true),
        ("```sh\njangbu check --deep   # all of it\n```", false),
        ("```sh\njangbu transfer 110-1001 110-1002\n```", true),
        ("```sh\njangbu recover --accept-loss-after POSITION\n```", false),
        ("```text\njangbu nonsense\n```", false),
    ] {
        assert_eq!(!faults(text).1.is_empty(), is_wrong, "{text}: {:?}", faults(text));
    }
}
