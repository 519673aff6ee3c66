//! Every file, function and setting named in the documents must exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Names in documents that are not in this repository.
const ELSEWHERE: &[&str] = &[
    // Names of sled, tokio and the operating system in decision records.
    "posix_fadvise",
    "O_DIRECT",
    "src/pagecache/iobuf.rs",
    "sync_file_range",
    "LocalSet",
    "Node::should_split",
    "CacheInfo",
];

/// The directories and file extensions of code.
const CODE: &[&str] = &["actors", "crates", "src", "tests", "benches", "examples", "fuzz", "deploy", "static", "docs"];
const CODE_ENDS: &[&str] = &["rs", "toml", "yml", "ts", "tsx", "service", "json"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Collects the files below a directory, by their paths from the root.
fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.map(|entry| entry.expect("an entry")) {
        let path = entry.path();
        match entry.file_type().expect("its kind").is_dir() {
            true if ["node_modules", "target", "dist"].iter().any(|made| entry.file_name() == *made) => {}
            true => files_below(&path, found),
            false => found.push(path.strip_prefix(root()).expect("below the root").to_owned()),
        }
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Returns whether a text is a name in code, such as `take_in`, `AccountActor` or `Body::imbalance`.
fn is_name(text: &str) -> bool {
    let starts = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let is_path = text.chars().all(|each| is_word(each) || each == ':');
    let humps = text.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    starts && is_path && (text.contains('_') || text.contains("::") || humps)
}

/// Programs know the engine as `jangbu`, which re-exports its documentation.
#[test]
fn examples_in_the_documentation_use_the_public_crate() {
    let mut files = Vec::new();
    files_below(&root().join("actors/src"), &mut files);
    files_below(&root().join("crates"), &mut files);
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "rs")) {
        let text = std::fs::read_to_string(root().join(file)).expect("a file");
        for (number, line) in text.lines().enumerate() {
            let shown = line.trim_start().strip_prefix("///").or_else(|| line.trim_start().strip_prefix("//!"));
            // Lines that begin with a number sign belong to the test and are not shown.
            let shown = shown.map(str::trim_start).filter(|shown| !shown.starts_with("# "));
            // A name imported only for the documentation is not resolved in the re-exporting crate.
            let is_hidden_import = line.contains("cfg(doc)");
            if is_hidden_import
                || shown.is_some_and(|shown| {
                    ["jangbu_actors", "jangbu_ledger", "jangbu_plant"].iter().any(|name| shown.contains(name))
                })
            {
                wrong.push(format!("{}:{}: {line}", file.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn everything_that_documents_name_exists() {
    let mut files = Vec::new();
    CODE.iter().for_each(|directory| files_below(&root().join(directory), &mut files));
    let ends = |file: &Path, wanted: &[&str]| {
        file.extension().and_then(|end| end.to_str()).is_some_and(|end| wanted.contains(&end))
    };
    let mut words = BTreeSet::new();
    // This file contains names from elsewhere.
    let code = files.iter().filter(|file| ends(file, CODE_ENDS) && !file.ends_with("cli/documents.rs"));
    for file in code.cloned().chain([PathBuf::from("Cargo.toml"), PathBuf::from("clippy.toml")]) {
        let text = std::fs::read_to_string(root().join(&file)).unwrap_or_default();
        words.extend(text.split(|each| !is_word(each)).map(str::to_owned));
    }
    let mut missing = Vec::new();
    let mut named = 0_usize;
    for document in files.iter().filter(|file| ends(file, &["md"])).cloned().chain([PathBuf::from("README.md")]) {
        let text = std::fs::read_to_string(root().join(&document)).expect("a document");
        for (line, text) in (1..).zip(text.lines()) {
            // Every second part is between backticks.
            for name in text.split('`').skip(1).step_by(2).filter(|name| !ELSEWHERE.contains(name)) {
                let is_there = if name.ends_with(".rs") && !name.contains(' ') {
                    files.iter().any(|file| file.ends_with(name))
                } else if is_name(name) {
                    name.split("::").all(|word| words.contains(word))
                } else {
                    continue;
                };
                named += 1;
                if !is_there {
                    missing.push(format!("{}:{line}: `{name}`", document.display()));
                }
            }
        }
    }
    assert!(named > 300, "only {named} names were found");
    assert_eq!(missing, Vec::<String>::new(), "documents name things that do not exist");
}

/// Every requirement that the page about security calls met names an existing test, or how it is met by construction.
#[test]
fn every_claim_about_security_names_its_test() {
    let mut files = Vec::new();
    CODE.iter().for_each(|directory| files_below(&root().join(directory), &mut files));
    let mut tests = BTreeSet::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "rs")) {
        let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        let mut is_test = false;
        for line in text.lines().map(str::trim_start) {
            let name = line.trim_start_matches("async ").strip_prefix("fn ").and_then(|rest| rest.split('(').next());
            if let Some(name) = name.filter(|_| is_test) {
                tests.insert(name.to_owned());
            }
            is_test = matches!(line, "#[test]" | "#[actix_web::test]") || (is_test && name.is_none());
        }
    }
    let text = std::fs::read_to_string(root().join("docs/SECURITY.md")).expect("the page");
    let rows = text.lines().filter(|line| line.starts_with("| V"));
    let (mut claims, mut unproven) = (0_usize, Vec::new());
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let ["", _, claim, met, shown, ""] = cells[..] else { panic!("not four cells: {row}") };
        if met.starts_with("yes") {
            claims += 1;
            let names_a_test = shown.split('`').skip(1).step_by(2).any(|name| tests.contains(name));
            if !names_a_test && !shown.contains("built so") {
                unproven.push(claim.to_owned());
            }
        }
    }
    assert!(claims > 40, "only {claims} claims were found");
    assert_eq!(unproven, Vec::<String>::new(), "name the test");
}
