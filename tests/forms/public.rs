//! The public types of the library, from its source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn is_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase)
}

/// Returns the names in the `pub use` statements of a source, except those behind a feature.
fn exported(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for statement in source.split("\npub use ").skip(1) {
        let statement = statement.split(';').next().unwrap_or_default();
        let list = statement
            .split_once('{')
            .map_or_else(|| statement.rsplit("::").next().unwrap_or_default(), |(_, list)| list);
        names.extend(list.split(',').map(|name| name.trim_matches(|c: char| c.is_whitespace() || c == '}').to_owned()));
    }
    names
}

/// Returns the types that a source defines at its top level.
fn defined(source: &str) -> impl Iterator<Item = String> + '_ {
    source.lines().filter_map(|line| {
        let rest = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "))?;
        Some(rest.split(|c: char| !c.is_alphanumeric()).next()?.to_owned())
    })
}

/// Returns the source of a public module of the engine.
fn module(name: &str) -> Option<String> {
    let below = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path().join("src"));
    let files = [root().join("actors/src")].into_iter().chain(below);
    let mut files = files.flat_map(|source| [source.join(format!("{name}.rs")), source.join(name).join("mod.rs")]);
    files.find_map(|path| fs::read_to_string(path).ok())
}

/// Returns every public type of the library, by the path that programs write.
pub(crate) fn types() -> BTreeSet<String> {
    let source = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mut found = BTreeSet::new();
    // Modules that group re-exports stand in the root itself.
    for module in source.split("\npub mod ").skip(1) {
        let (name, body) = module.split_once(" {\n").unwrap();
        let body = body.split("\n}").next().unwrap_or_default().replace("\n    ", "\n");
        let names = exported(&format!("\n{}", body.trim_start()));
        found.extend(names.into_iter().filter(|kind| is_type(kind)).map(|kind| format!("{name}::{kind}")));
    }
    for name in exported(&source) {
        if is_type(&name) {
            found.insert(name);
        } else if name != "sim"
            && let Some(source) = module(&name)
        {
            let types = exported(&source).into_iter().filter(|name| is_type(name)).chain(defined(&source));
            found.extend(types.map(|kind| format!("{name}::{kind}")));
        }
    }
    found
}

/// Returns the first name in a `Debug` output, which is the variant of an enum.
pub(crate) fn leading_name(debug: &str) -> String {
    debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

fn sources(directory: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(fs::read_to_string(path).unwrap());
        }
    }
}

/// Returns the variants of every enum with that name in the engine; empty for a type that is not an enum.
pub(crate) fn variants(name: &str) -> Vec<BTreeSet<String>> {
    let name = name.rsplit("::").next().unwrap_or_default();
    let mut all = Vec::new();
    sources(&root().join("actors/src"), &mut all);
    sources(&root().join("crates"), &mut all);
    let heading = format!("\npub enum {name} {{\n");
    let bodies = all.iter().filter_map(|source| source.split_once(&heading)?.1.split_once("\n}"));
    let named = |line: &str| {
        let line = line.strip_prefix("    ").filter(|line| line.starts_with(char::is_uppercase))?;
        Some(leading_name(line))
    };
    bodies.map(|(body, _)| body.lines().filter_map(named).collect()).collect()
}
