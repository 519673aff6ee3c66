//! The layers of the code: crates that depend downwards only, and no circle among the modules of a crate.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use jangbu_tidy::{circles, read_crate};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The root file of every library and program of the project.
const CRATES: &[&str] = &[
    "crates/ledger/src/lib.rs",
    "crates/journal/src/lib.rs",
    "crates/runtime/src/lib.rs",
    "crates/books/src/lib.rs",
    "crates/maintenance/src/lib.rs",
    "actors/src/lib.rs",
    "crates/sim/src/lib.rs",
    "src/lib.rs",
    "src/main.rs",
];

/// The crates from the lowest to the highest. Each may use those before it.
const LAYERS: &[&str] = &[
    "jangbu-plant",
    "jangbu-ledger",
    "jangbu-journal",
    "jangbu-runtime",
    "jangbu-books",
    "jangbu-maintenance",
    "jangbu-actors",
    "jangbu-sim",
    "jangbu",
];

#[test]
fn no_module_reaches_itself_through_others() {
    for name in CRATES {
        let graph = read_crate(&root().join(name));
        let found = circles(&graph);
        assert!(found.is_empty(), "{name}: modules that use each other in a circle: {found:?}\n{graph:#?}");
    }
}

#[test]
fn the_reader_sees_the_modules() {
    let graph = read_crate(&root().join("crates/ledger/src/lib.rs"));
    let uses: Vec<&str> = graph["record"].keys().map(String::as_str).collect();
    assert!(["account", "command", "schedule"].iter().all(|module| uses.contains(module)), "{uses:?}");
    assert!(!graph.contains_key("money"), "the type of money rests on nothing: {graph:?}");
}

#[test]
fn crates_depend_on_lower_ones_only() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let mut seen = BTreeSet::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let Some(layer) = LAYERS.iter().position(|layer| *layer == name) else { continue };
        seen.insert(name);
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let used = dependency["name"].as_str().expect("a name");
            // Tests may stand on whatever they test with.
            if dependency["kind"] == "dev" || !used.starts_with("jangbu") {
                continue;
            }
            let below = LAYERS.iter().position(|layer| *layer == used);
            assert!(below.is_some_and(|below| below < layer), "{name} depends on {used}, which is not below it");
        }
    }
    assert_eq!(seen.len(), LAYERS.len(), "every layer is a package: {seen:?}");
}
