//! No circle among the top-level modules of a crate.

use std::path::Path;

use jangbu_tidy::{circles, read_crate};

fn graph(root: &str) -> jangbu_tidy::Graph {
    read_crate(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(root))
}

#[test]
#[ignore = "prints"]
fn print() {
    let graph = graph(&std::env::var("ROOT").unwrap());
    for (module, uses) in &graph {
        println!("{module} -> {}", uses.keys().cloned().collect::<Vec<_>>().join(", "));
    }
    println!("{:?}", circles(&graph));
}
