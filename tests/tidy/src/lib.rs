//! Reads the source tree as data, so that tests can hold its shape.

mod circles;
mod modules;

pub use circles::circles;
pub use modules::{Graph, read_crate};
