//! Rebuilds the program when the dashboard was rebuilt.

fn main() {
    // The compiler tracks the files that rust-embed included, but not new files.
    println!("cargo::rerun-if-changed=static/dist");
}
