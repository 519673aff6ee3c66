//! Has the program built again when the dashboard was.

fn main() {
    // What rust-embed includes it names to the compiler, but not what is new.
    println!("cargo::rerun-if-changed=static/dist");
}
