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

pub(crate) fn root() -> &'static Path {
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

/// Every document of the repository, by its path from the root.
pub(crate) fn documents() -> Vec<PathBuf> {
    let mut files = Vec::new();
    ["docs", ".github"].iter().for_each(|directory| files_below(&root().join(directory), &mut files));
    files.extend(
        std::fs::read_dir(root()).expect("the root").map(|entry| PathBuf::from(entry.expect("an entry").file_name())),
    );
    files.retain(|file| file.extension().is_some_and(|end| end == "md"));
    files.sort();
    files
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
            if is_hidden_import || shown.is_some_and(|shown| shown.contains("jangbu_")) {
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
    // The changelog names what there was; what the program generates it knows.
    let is_left_out = |document: &Path| document == Path::new("CHANGELOG.md") || document.starts_with("docs/reference");
    for document in documents().into_iter().filter(|document| !is_left_out(document)) {
        let text = std::fs::read_to_string(root().join(&document)).expect("a document");
        // So does the end of the glossary.
        let text = text.split("\n## What was renamed").next().unwrap_or_default();
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
    let text = std::fs::read_to_string(root().join("docs/security.md")).expect("the page");
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

/// Every decision record has the form that the index describes, and stands in the index in the group of its subject.
#[test]
fn decision_records_have_one_form_and_an_index() {
    let directory = root().join("docs/decisions");
    let index = std::fs::read_to_string(directory.join("README.md")).expect("the index");
    let mut records: Vec<_> =
        std::fs::read_dir(&directory).expect("the records").map(|entry| entry.expect("an entry").path()).collect();
    records.retain(|path| !path.ends_with("README.md"));
    records.sort();
    assert!(records.len() > 40, "only {} records were found", records.len());
    for path in records {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let text = std::fs::read_to_string(&path).expect("a record");
        let lines: Vec<&str> = text.lines().collect();
        let (number, _) = name.split_once('-').expect("a number");
        let title = lines[0].strip_prefix(&format!("# {number}: ")).unwrap_or_else(|| panic!("{name}: {}", lines[0]));
        assert_eq!(lines[2..4], ["| status | date | subject |", "| --- | --- | --- |"], "{name}");
        let cells: Vec<&str> = lines[4].trim_matches('|').split(" | ").map(str::trim).collect();
        let [status, date, subject] = cells[..] else { panic!("{name}: {}", lines[4]) };
        assert!(status.starts_with("accepted") || status.starts_with("superseded"), "{name}: {status}");
        assert!(date.len() == 10 && date.starts_with("20"), "{name}: {date}");
        let headings: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("## ")).collect();
        let order = ["Context", "Decision", "Alternatives", "Consequences"]
            .map(|wanted| headings.iter().position(|heading| *heading == wanted));
        assert!(order[0] < order[1] && order[1] < order[3] && order[0].is_some(), "{name}: {headings:?}");
        let row = format!("| [{number}]({name}) | {title} |");
        let group = index.split("\n## ").find(|group| group.contains(&row)).unwrap_or_else(|| panic!("no row {row}"));
        assert!(group.to_lowercase().starts_with(&format!("{subject}\n")), "{name} is not among {subject}");
    }
}

/// The manual explains errors by their texts, which must be those of the program.
#[test]
fn the_error_messages_in_the_manual_are_those_of_the_program() {
    let mut files = Vec::new();
    ["actors/src", "crates", "src"].iter().for_each(|directory| files_below(&root().join(directory), &mut files));
    let mut code = String::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "rs")) {
        code += &std::fs::read_to_string(root().join(file)).unwrap_or_default();
    }
    // A text may go on in the next line.
    let code =
        code.split('\\').map(str::trim_start).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    let manual = std::fs::read_to_string(root().join("docs/operations.md")).expect("the manual");
    let (_, table) = manual.split_once("## Error messages").expect("the table");
    let (mut all, mut missing) = (0_usize, Vec::new());
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let messages = row.trim_start_matches('|').split(" | ").next().unwrap_or_default();
        for message in messages.split('`').skip(1).step_by(2) {
            // What stands between the values of a message.
            let between = |part: &&str| part.trim_matches([' ', ',', ':', ';']).len() > 8;
            for part in message.split(['…', 'N', 'M', 'P', 'Q', 'B']).filter(between) {
                all += 1;
                let part = part
                    .trim_matches([' ', ',', ':', ';'])
                    .trim_end_matches("in FILE at byte")
                    .trim_end_matches([' ', ',']);
                if !code.contains(part) {
                    missing.push(format!("{message}: {part:?}"));
                }
            }
        }
    }
    assert!(all > 25, "only {all} texts were found");
    assert_eq!(missing, Vec::<String>::new());
}

/// The glossary has each word once, in order, so that it is found.
#[test]
fn the_glossary_has_each_word_once_and_in_order() {
    let text = std::fs::read_to_string(root().join("docs/glossary.md")).expect("the glossary");
    let (words, _) = text.split_once("\n## What was renamed").expect("what was renamed");
    let mut all = BTreeSet::new();
    for section in words.split("\n## ").skip(1) {
        let rows = section.lines().filter_map(|line| line.strip_prefix("| ")).skip(1);
        let rows = rows.filter(|row| !row.starts_with("---"));
        let words: Vec<String> = rows.map(|row| row.split(" | ").next().unwrap_or_default().to_lowercase()).collect();
        assert!(words.len() > 15, "{section}");
        assert!(words.is_sorted(), "not in order: {words:?}");
        for word in words {
            assert!(all.insert(word.clone()), "{word} has two entries");
        }
    }
}
