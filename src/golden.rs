//! Pages of `docs/reference/` that the program generates: a test fails when one is not current.
//!
//! `JANGBU_WRITE_REFERENCE=1 cargo test --bin jangbu reference` writes them anew.

use std::path::Path;

/// The head of a generated page.
pub(crate) fn begin(title: &str, source: &str) -> String {
    format!(
        "# {title}\n\n<!-- Generated from {source}. Do not edit: run\n     `JANGBU_WRITE_REFERENCE=1 cargo test --bin jangbu reference`. -->\n\n"
    )
}

/// Compares a page with its file in `docs/reference/`, or writes the file where the environment says so.
pub(crate) fn is_current(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference").join(name);
    if std::env::var_os("JANGBU_WRITE_REFERENCE").is_some() {
        std::fs::write(&path, page).expect("the page is written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = found.lines().zip(page.lines()).find(|(found, wanted)| found != wanted);
    assert!(
        found == page,
        "docs/reference/{name} is not current; run `JANGBU_WRITE_REFERENCE=1 cargo test --bin jangbu reference`. The first \
         line that differs: {differs:#?}"
    );
}
