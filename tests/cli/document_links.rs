//! Every relative link of every document leads somewhere, and every anchor to a heading.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::documents::{documents, root};

/// A document without its code, in which a bracket is no link.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            // Between backticks is every second part.
            line.split('`').step_by(2).for_each(|part| prose.push_str(part));
        }
        prose.push('\n');
    }
    prose
}

/// The targets of the links of a document, each with its line.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, text) in (1..).zip(prose(text).lines()) {
        for (at, _) in text.match_indices("](") {
            if let Some((target, _)) = text[at + 2..].split_once(')') {
                found.push((line, target.to_owned()));
            }
        }
    }
    found
}

/// The anchor that a heading gets: in lower case, spaces as hyphens, without punctuation.
fn anchor(heading: &str) -> String {
    let kept = heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(|each| each.is_alphanumeric() || "-_ ".contains(*each))
        .collect::<String>();
    kept.replace(' ', "-")
}

/// The anchors of a document; a heading that comes again gets a number.
fn anchors(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut is_code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        is_code ^= line.trim_start().starts_with("```");
        let heading = line.trim_start_matches('#');
        if is_code || heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let anchor = anchor(&heading.replace('`', ""));
        let times = seen.entry(anchor.clone()).or_default();
        found.push(if *times == 0 { anchor } else { format!("{anchor}-{times}") });
        *times += 1;
    }
    found
}

/// A path without `..` and `.`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// What is wrong with the links of a document.
fn broken(document: &Path, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    for (line, target) in links(text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (path, fragment) = target.split_once('#').unwrap_or((&target, ""));
        let file = match path {
            "" => document.to_owned(),
            path => plain(&document.parent().expect("a directory").join(path)),
        };
        let there = root().join(&file);
        if !there.exists() {
            broken.push(format!("{}:{line}: {target}: there is no {}", document.display(), file.display()));
        } else if !fragment.is_empty() {
            let headings = match path {
                "" => anchors(text),
                _ => std::fs::read_to_string(&there).map(|text| anchors(&text)).unwrap_or_default(),
            };
            if !headings.iter().any(|heading| heading == fragment) {
                broken.push(format!("{}:{line}: {target}: there is no such heading", document.display()));
            }
        }
    }
    broken
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut all = 0_usize;
    let mut wrong = Vec::new();
    for document in documents() {
        let text = std::fs::read_to_string(root().join(&document)).expect("a document");
        all += links(&text).len();
        wrong.extend(broken(&document, &text));
    }
    assert!(all > 100, "only {all} links were found");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_broken_link_is_found() {
    let document = Path::new("docs/decisions/README.md");
    for (text, is_broken) in [
        ("[a](../format.md)", false),
        ("[a](../format.md#files)", false),
        ("[a](../format.md#no-such-heading)", true),
        ("[a](../no-such-file.md)", true),
        ("# One two\n[a](#one-two)", false),
        ("# One\n[a](#one-two)", true),
        ("`[a](nowhere.md)`", false),
        ("```\n[a](nowhere.md)\n```", false),
        ("[a](https://example.com/nowhere)", false),
    ] {
        assert_eq!(!broken(document, text).is_empty(), is_broken, "{text}");
    }
}
